//! The namespaces pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Column};
use super::theme::Theme;
use super::{pane, wrap};
use crate::console::model::page::{self, Ink, Line, state_ink};
use crate::console::model::{Breadth, Model, Pane};
use crate::world::feed::Scope;
use crate::world::freshness::Freshness;
use crate::world::name::Name;
use crate::world::workload::{WorkloadKind, WorkloadState, Workloads};

const COLUMNS: [Column; 6] = [
    Column::fixed("", 1, 0),
    Column::names("NAMESPACE", 8, 3, 0),
    Column::fixed("STATE", 11, 1),
    Column::fixed("PODS", 5, 2).right(),
    Column::names("TENANT", 8, 2, 3),
    Column::fixed("WORKLOADS", 17, 4),
];

/// Draws the pane.
pub fn draw(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let world = &model.world;
    let list = &model.namespaces;
    let sources = world.namespaces.sources();
    let mut remarks: Vec<_> = pane::freshness(model, &sources.overall()).into_iter().collect();
    if !list.filter.is_empty() {
        remarks.insert(0, (Ink::Warn, format!("/{}", list.filter)));
    }
    let count = pane::count(list.rows().len(), list.total);
    let title = match (model.breadth, model.tenants.selected()) {
        (Breadth::Tenant, Some(tenant)) => format!("Namespaces · {tenant} {count}"),
        (Breadth::All, _) => format!("Namespaces · all {count}"),
        (Breadth::Tenant, None) => format!("Namespaces {count}"),
    };
    let mut inner = pane::frame(model, theme, Pane::Namespaces, &title, &remarks, area, buffer);
    if let Some(trouble) = sources.refused()
        && !list.rows().is_empty()
    {
        // What is shown is not all there is: that must stand where the rows stand.
        let words = format!("others may exist: {}", trouble.what);
        inner = pane::below(&[Line::of(Ink::Dim, words)], theme, inner, buffer);
    }
    if list.rows().is_empty() {
        wrap::draw(&wrap::wrap(&page::empty(model, Pane::Namespaces), inner.width), theme, inner, buffer);
        return;
    }
    let focused = model.focus == Pane::Namespaces;
    table::draw(list, &COLUMNS, focused, theme, inner, buffer, |name| {
        let workloads = world.workloads_in(name);
        let Some(row) = world.namespaces.get(name) else { return unread(model, name) };
        let state = row.state(workloads.as_ref());
        let ink = state_ink(state.glyph());
        let in_force = model.namespace.as_ref() == Some(name);
        vec![
            (ink, state.glyph().to_string()),
            (if in_force { Ink::Head } else { Ink::Text }, name.to_string()),
            (ink, state.word().to_owned()),
            (Ink::Text, workloads.as_ref().map_or_else(|| "?".to_owned(), pods)),
            (Ink::Dim, row.tenant.as_deref().unwrap_or("-").to_owned()),
            (Ink::Dim, workloads.as_ref().map(controllers).unwrap_or_default()),
        ]
    });
    pane::more(theme, list.offset(), list.rows().len(), super::tenants::shrunk(inner), buffer);
}

/// A namespace that was named but cannot be (or is not) followed.
fn unread(model: &Model, name: &Name) -> Vec<table::Cell> {
    let word = match model.world.namespaces.sources().of(&Scope::Namespace(name.clone())) {
        Some(Freshness::Refused { .. }) => "refused",
        Some(Freshness::Absent) => "not there",
        Some(Freshness::Failing { .. }) => "failing",
        Some(_) => "loading",
        None => "not followed",
    };
    vec![(Ink::Dim, "?".to_owned()), (Ink::Dim, name.to_string()), (Ink::Dim, word.to_owned())]
}

/// `12`, or `9/12` while not all are ready.
fn pods(workloads: &Workloads) -> String {
    let count = |state| workloads.count(WorkloadKind::Pod, state);
    let all = workloads.of(WorkloadKind::Pod) - count(WorkloadState::Done);
    let ready = count(WorkloadState::Ready);
    if ready == all { all.to_string() } else { format!("{ready}/{all}") }
}

/// `3 dep 1 sts 2 cj`.
fn controllers(workloads: &Workloads) -> String {
    let words = [(WorkloadKind::Deployment, "dep"), (WorkloadKind::StatefulSet, "sts"), (WorkloadKind::CronJob, "cj")];
    let parts: Vec<String> = words
        .into_iter()
        .map(|(kind, word)| (workloads.of(kind), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    parts.join(" ")
}
