//! The access pane: grants, or raw bindings.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Cell, Column};
use super::theme::Theme;
use super::{pane, wrap};
use crate::console::model::page::{self, Ink};
use crate::console::model::rows::{AccessRow, GrantKey};
use crate::console::model::{Breadth, Model, Pane};
use crate::world::binding::{Binding, Subject};
use crate::world::grant::Reach;

const GRANTS: [Column; 5] = [
    Column::names("SUBJECT", 10, 3, 0),
    Column::fixed("KIND", 5, 3),
    Column::names("ROLE", 8, 3, 0),
    Column::names("WHERE", 9, 3, 1),
    Column::fixed("ORIGIN", 7, 2),
];

const BINDINGS: [Column; 4] = [
    Column::names("NAMESPACE", 8, 2, 1),
    Column::names("BINDING", 10, 3, 0),
    Column::names("ROLE", 8, 2, 0),
    Column::names("SUBJECTS", 10, 3, 2),
];

/// Draws the pane.
pub fn draw(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let world = &model.world;
    let list = &model.access;
    let cluster = world.cluster_bindings.sources();
    let mut remarks: Vec<_> = pane::freshness(model, &world.bindings.sources().overall()).into_iter().collect();
    if remarks.is_empty() {
        remarks.extend(match cluster.refused() {
            Some(_) => Some((Ink::Warn, "cluster-wide ones refused".to_owned())),
            None => pane::freshness(model, &cluster.overall()),
        });
    }
    if !list.filter.is_empty() {
        remarks.insert(0, (Ink::Warn, format!("/{}", list.filter)));
    }
    let what = if model.raw { "Bindings" } else { "Access" };
    let about = match (model.narrow, model.breadth) {
        (true, _) => model.namespaces.selected(),
        (false, Breadth::Tenant) => model.tenants.selected(),
        (false, Breadth::All) => None,
    };
    let about = about.map_or("all", |name| name);
    let title = format!("{what} · {about} {}", pane::count(list.rows().len(), list.total));
    let inner = pane::frame(model, theme, Pane::Access, &title, &remarks, area, buffer);
    if list.rows().is_empty() {
        wrap::draw(&wrap::wrap(&page::empty(model, Pane::Access), inner.width), theme, inner, buffer);
        return;
    }
    let focused = model.focus == Pane::Access;
    let columns: &[Column] = if model.raw { &BINDINGS } else { &GRANTS };
    let all = model.access_scope().map_or_else(|| world.namespaces.len(), |names| names.len());
    table::draw(list, columns, focused, theme, inner, buffer, |row| match row {
        AccessRow::Grant(grant) => grant_cells(grant, all),
        AccessRow::Binding(namespace, name) => {
            let store = if namespace.is_some() { &world.bindings } else { &world.cluster_bindings };
            store
                .get(&(namespace.clone(), name.clone()))
                .map(|b| binding_cells(b, world.lacks_role(b)))
                .unwrap_or_default()
        }
    });
    pane::more(theme, list.offset(), list.rows().len(), super::tenants::shrunk(inner), buffer);
}

fn grant_cells(grant: &GrantKey, all: usize) -> Vec<Cell> {
    let reach = match &grant.reach {
        Reach::Cluster => "cluster".to_owned(),
        Reach::Namespaces(names) if names.len() <= 2 => {
            names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(",")
        }
        Reach::Namespaces(names) => format!("{} of {all} ns", names.len()),
    };
    let role = if grant.missing_role { format!("{} (missing)", grant.role.name) } else { grant.role.name.to_string() };
    vec![
        (Ink::Text, grant.subject.name()),
        (Ink::Dim, grant.subject.kind().to_owned()),
        (if grant.missing_role { Ink::Warn } else { Ink::Head }, role),
        (Ink::Text, reach),
        (Ink::Dim, grant.origin.word().to_owned()),
    ]
}

fn binding_cells(binding: &Binding, lacks_role: bool) -> Vec<Cell> {
    let subjects: Vec<String> = binding.subjects.iter().map(Subject::to_string).collect();
    let role = format!("{}/{}", binding.role.kind(), binding.role.name);
    let role = if lacks_role { format!("{role} (missing)") } else { role };
    vec![
        (Ink::Dim, binding.namespace.as_deref().unwrap_or("(cluster)").to_owned()),
        (Ink::Text, binding.name.to_string()),
        (if lacks_role { Ink::Warn } else { Ink::Head }, role),
        (Ink::Text, subjects.join(", ")),
    ]
}
