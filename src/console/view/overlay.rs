//! Pages and dialogs over the panes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Clear, Widget as _};

use super::table::{self, Column};
use super::theme::Theme;
use super::{pane, wrap};
use crate::console::keymap::{Command, Layer};
use crate::console::model::Model;
use crate::console::model::overlay::{Overlay, PlanDialog};
use crate::console::model::page::{self, Ink, Line};
use crate::plan::Digest;
use crate::text::width::{cut, width};

/// Draws the topmost overlay; returns the digest of the plan that could be read there.
pub fn draw(model: &Model, theme: Theme, body: Rect, buffer: &mut Buffer) -> Option<Digest> {
    let overlay = model.overlays.last()?;
    let area = area(overlay, body);
    Clear.render(area, buffer);
    let (style, border) = match overlay {
        Overlay::Plan(_) => (theme.frame(true), BorderType::Thick),
        _ => (theme.frame(true), BorderType::Plain),
    };
    Block::bordered().border_type(border).border_style(style).render(area, buffer);
    heading(area, &title(overlay), &remark(model, overlay), theme, buffer);
    let inner = pane::inner(area);
    if let Overlay::Contexts(_) = overlay {
        contexts(model, theme, inner, buffer);
        return None;
    }
    let lines = wrap::wrap(&content(model, overlay), inner.width);
    let from = scroll(overlay).min(lines.len().saturating_sub(inner.height as usize));
    wrap::draw(&lines[from..], theme, inner, buffer);
    match overlay {
        Overlay::Plan(dialog) => {
            question(model, dialog, theme, area, buffer);
            // A dialog too small to be read shows nothing that could be approved.
            dialog.plan.digest().filter(|_| inner.height >= 3 && inner.width >= 24)
        }
        _ => {
            pane::more(theme, from, lines.len(), inner, buffer);
            None
        }
    }
}

/// How far an overlay can be scrolled.
pub fn scroll_limit(model: &Model, overlay: &Overlay, body: Rect) -> usize {
    let inner = pane::inner(area(overlay, body));
    wrap::wrap(&content(model, overlay), inner.width).len().saturating_sub(inner.height as usize)
}

fn area(overlay: &Overlay, body: Rect) -> Rect {
    match overlay {
        // The panes around a plan stay in sight: they show what it is about.
        Overlay::Plan(_) if body.width >= 100 && body.height >= 20 => {
            Rect { x: body.x + 4, y: body.y + 1, width: body.width - 8, height: body.height - 2 }
        }
        _ => body,
    }
}

fn title(overlay: &Overlay) -> String {
    match overlay {
        Overlay::Namespace { name, .. } => format!("Namespace {name}"),
        Overlay::Help { .. } => "Help".to_owned(),
        Overlay::Messages { .. } => "Messages".to_owned(),
        Overlay::Contexts(_) => "Contexts".to_owned(),
        Overlay::Plan(dialog) => dialog.plan.title.clone(),
    }
}

/// On the right of the title: for a plan, where and as whom it is valid.
fn remark(model: &Model, overlay: &Overlay) -> String {
    match overlay {
        Overlay::Plan(dialog) => {
            let target = &dialog.plan.target;
            format!("{} ▸ {} ▸ {}", target.context, target.user, model.namespace.as_deref().unwrap_or("default"))
        }
        Overlay::Contexts(list) => list.rows().len().to_string(),
        _ => String::new(),
    }
}

fn heading(area: Rect, title: &str, remark: &str, theme: Theme, buffer: &mut Buffer) {
    if area.width < 8 || area.height < 2 {
        return;
    }
    let room = area.width as usize - 4;
    let title = cut(&format!(" {title} "), room);
    buffer.set_string(area.x + 1, area.y, &title, theme.frame(true));
    let remark = format!(" {remark} ");
    if remark.len() > 2 && width(&title) + width(&remark) < room {
        let x = area.x + area.width - 2 - width(&remark) as u16;
        buffer.set_string(x, area.y, &remark, theme.ink(Ink::Text));
    }
}

fn content(model: &Model, overlay: &Overlay) -> Vec<Line> {
    match overlay {
        Overlay::Namespace { name, .. } => page::namespace(model, name),
        Overlay::Help { .. } => page::help(model),
        Overlay::Messages { .. } => page::messages(model),
        Overlay::Plan(dialog) => page::plan(dialog),
        Overlay::Contexts(_) => Vec::new(),
    }
}

const fn scroll(overlay: &Overlay) -> usize {
    match overlay {
        Overlay::Namespace { scroll, .. } | Overlay::Help { scroll } | Overlay::Messages { scroll } => *scroll,
        Overlay::Plan(dialog) => dialog.scroll,
        Overlay::Contexts(_) => 0,
    }
}

/// The question in the lower border of a plan: what, where, as whom, and that no is the default.
fn question(model: &Model, dialog: &PlanDialog, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let plan = &dialog.plan;
    let key = |command| {
        let keys = model.keymap.keys_of(Layer::Plan, command);
        keys.first().map(ToString::to_string).unwrap_or_default()
    };
    let (ink, text) = if dialog.applying {
        (Ink::Head, " applying … ".to_owned())
    } else if !plan.is_answered() {
        (Ink::Dim, " asking the server … ".to_owned())
    } else if model.read_only {
        (Ink::Warn, " read-only: this can be looked at, not applied ".to_owned())
    } else if plan.is_ready() {
        let count = plan.changes();
        let changes = if count == 1 { "1 change".to_owned() } else { format!("{count} changes") };
        let question = format!(" Apply {changes} to {} as {}?  ", plan.target.context, plan.target.user);
        (Ink::Head, format!("{question}{} apply  [{}] no ", key(Command::PlanApply), key(Command::PlanCancel)))
    } else if plan.changes() == 0
        && plan.steps().all(|step| step.answer.as_ref().is_some_and(crate::plan::Answer::is_good))
    {
        (Ink::Dim, format!(" nothing to change  [{}] close ", key(Command::PlanCancel)))
    } else {
        (Ink::Danger, format!(" this plan cannot be applied  [{}] close ", key(Command::PlanCancel)))
    };
    if area.width > 4 && area.height > 1 {
        let text = cut(&text, area.width as usize - 3);
        buffer.set_string(area.x + 2, area.y + area.height - 1, text, theme.ink(ink));
    }
}

const CONTEXTS: [Column; 5] = [
    Column::fixed("", 1, 0),
    Column::names("CONTEXT", 12, 3, 0),
    Column::names("CLUSTER", 14, 3, 1),
    Column::names("USER", 8, 2, 2),
    Column::names("FILE", 10, 2, 3),
];

fn contexts(model: &Model, theme: Theme, inner: Rect, buffer: &mut Buffer) {
    let Some(Overlay::Contexts(list)) = model.overlays.last() else { return };
    if list.rows().is_empty() {
        let lines = wrap::wrap(&[Line::of(Ink::Dim, "no kubeconfig holds a context")], inner.width);
        wrap::draw(&lines, theme, inner, buffer);
        return;
    }
    let here = model.world.place.as_ref().map(|place| place.context.as_str());
    table::draw(list, &CONTEXTS, true, theme, inner, buffer, |name| {
        let Some(line) = model.contexts.iter().find(|context| context.name == *name) else { return Vec::new() };
        let ink = if here == Some(name.as_str()) { Ink::Head } else { Ink::Text };
        vec![
            (ink, if line.current { "*" } else { " " }.to_owned()),
            (ink, line.name.clone()),
            (Ink::Dim, line.server.clone()),
            (Ink::Dim, line.user.clone()),
            (Ink::Dim, line.file.clone()),
        ]
    });
}
