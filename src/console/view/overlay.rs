//! Pages and dialogs over the panes.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Clear, Widget as _};

use super::table::{self, Column};
use super::theme::Theme;
use super::{form, objects, pane, rights, wrap};
use crate::console::keymap::{Command, Layer};
use crate::console::model::columns::{CONTEXTS, ContextRow, JOURNAL, PastRow};
use crate::console::model::document::Rows;
use crate::console::model::list::List;
use crate::console::model::overlay::Overlay;
use crate::console::model::page::{self, Ink, Line};
use crate::console::model::plan::PlanDialog;
use crate::console::model::plan_page::Shape;
use crate::console::model::{Model, past_page, plan_page, why};
use crate::plan::Digest;
use crate::text::width::{cut, width};

/// Draws the topmost overlay; returns the digest of the plan that could be read there.
pub fn draw(model: &Model, theme: &Theme, body: Rect, buffer: &mut Buffer) -> Option<Digest> {
    let overlay = model.overlays.last()?;
    if let Overlay::Plan(dialog) = overlay
        && let Some(form) = &dialog.form
    {
        form::draw(form, theme, form::split(body).0, buffer);
    }
    let area = area(overlay, body);
    Clear.render(area, buffer);
    let (style, border) = match overlay {
        Overlay::Plan(_) => (theme.frame(true), BorderType::Thick),
        _ => (theme.frame(true), BorderType::Plain),
    };
    Block::bordered().border_type(border).border_style(style).render(area, buffer);
    match overlay {
        Overlay::Objects(page) => {
            pane::heading(&objects::title(page), &objects::remarks(model, page), theme, true, area, buffer);
        }
        Overlay::Rights(page) => {
            pane::heading(&rights::title(page), &rights::remarks(model, page), theme, true, area, buffer);
        }
        _ => heading(area, &title(overlay), &remark(model, overlay), theme, buffer),
    }
    let inner = pane::inner(area);
    if inner.is_empty() {
        return None;
    }
    match overlay {
        Overlay::Contexts(_) => {
            contexts(model, theme, inner, buffer);
            return None;
        }
        Overlay::Journal(list) => {
            journal(model, list, theme, inner, buffer);
            return None;
        }
        Overlay::Objects(page) => {
            objects::draw(model, page, theme, inner, buffer);
            return None;
        }
        Overlay::Rights(page) => {
            rights::draw(model, page, theme, inner, buffer);
            return None;
        }
        _ => {}
    }
    let laid = laid(model, overlay, inner.width);
    let (origins, lines) = &*laid;
    let from = scroll(overlay).min(lines.len().saturating_sub(inner.height as usize));
    wrap::draw(&lines[from..], theme, inner, buffer);
    if let Some((search, cursor)) = reading(overlay) {
        let visible = lines.iter().zip(origins).skip(from).take(inner.height as usize);
        for (row, (line, origin)) in visible.enumerate() {
            let place = Rect { y: inner.y + row as u16, height: 1, ..inner };
            for (start, wide) in places(line, search) {
                let place = Rect { x: inner.x + start, width: wide, ..place };
                buffer.set_style(place.intersection(inner), theme.matched());
            }
            if cursor == Some(*origin) {
                buffer.set_style(place, theme.selected(true));
            }
        }
    }
    match overlay {
        Overlay::Plan(dialog) => {
            let place = pane::place(from, lines.len(), inner).map_or(0, |place| width(&place) + 1);
            let end = question(model, dialog, theme, area, place, buffer);
            // The question matters more.
            if end + place <= area.width as usize {
                pane::more(theme, from, lines.len(), inner, buffer);
            }
            // A dialog too small to be read shows nothing that could be approved.
            dialog.digest.filter(|_| inner.height >= 3 && inner.width >= 24)
        }
        _ => {
            pane::more(theme, from, lines.len(), inner, buffer);
            None
        }
    }
}

/// What is looked for in a text that has a cursor, and the line under that, if it is shown.
fn reading(overlay: &Overlay) -> Option<(&str, Option<usize>)> {
    match overlay {
        Overlay::Document(document) => Some((&document.search, Some(document.cursor))),
        Overlay::Plan(dialog) => Some((&dialog.search, dialog.shows_cursor().then_some(dialog.cursor))),
        _ => None,
    }
}

/// Where a text, given in small letters, stands in a line: columns and widths.
fn places(line: &wrap::Fitted, text: &str) -> Vec<(u16, u16)> {
    let whole: String = line.iter().map(|(_, piece)| piece.as_str()).collect();
    let small = whole.to_lowercase();
    // Where small letters are longer or shorter the places would be others: such lines are found, but not marked.
    if text.is_empty() || small.len() != whole.len() {
        return Vec::new();
    }
    let found = small.match_indices(text).filter_map(|(at, part)| {
        let (before, part) = (whole.get(..at)?, whole.get(at..at + part.len())?);
        Some((width(before) as u16, width(part) as u16))
    });
    found.collect()
}

/// The rows of an overlay as they are drawn, and of each which line it is of.
fn laid(model: &Model, overlay: &Overlay, columns: u16) -> Arc<Rows> {
    match overlay {
        Overlay::Document(document) => document.rows(model, columns, |lines| {
            if document.wrap {
                return wrap::wrap_counted(lines, columns);
            }
            ((0..lines.len()).collect(), lines.iter().map(|line| wrap::cut_line(line, columns)).collect())
        }),
        _ => Arc::new(wrap::wrap_counted(&content(model, overlay, columns), columns)),
    }
}

/// Which line each row of the document or the plan on top is of.
pub fn rows(model: &Model, body: Rect) -> Vec<usize> {
    let Some(overlay @ (Overlay::Document(_) | Overlay::Plan(_))) = model.overlays.last() else { return Vec::new() };
    laid(model, overlay, columns(overlay, body)).0.clone()
}

/// The lines of the text on top that have what is looked for there.
pub fn found_lines(model: &Model, body: Rect) -> Vec<usize> {
    let Some(overlay) = model.overlays.last() else { return Vec::new() };
    let Some((search, _)) = reading(overlay).filter(|(search, _)| !search.is_empty()) else { return Vec::new() };
    let lines = content(model, overlay, columns(overlay, body));
    let has =
        |line: &Line| line.spans.iter().map(|(_, piece)| piece.to_lowercase()).collect::<String>().contains(search);
    lines.iter().enumerate().filter(|(_, line)| has(line)).map(|(at, _)| at).collect()
}

/// How many columns the text of an overlay has.
pub fn columns(overlay: &Overlay, body: Rect) -> u16 {
    pane::inner(area(overlay, body)).width
}

/// The page on top as text.
pub fn text(model: &Model, body: Rect) -> String {
    let lines = match model.overlays.last() {
        // What is not shown of long commands is copied all the same.
        Some(overlay @ Overlay::Plan(dialog)) => {
            let columns = columns(overlay, body) as usize;
            let shape = Shape { form: model.diff_form, columns, shown: usize::MAX };
            Arc::new(plan_page::lines(dialog, shape).into_iter().map(|(_, line)| line).collect())
        }
        Some(overlay) => content(model, overlay, columns(overlay, body)),
        None => Arc::default(),
    };
    let line = |line: &Line| line.spans.iter().map(|(_, text)| text.as_str()).collect::<String>();
    lines.iter().map(|words| line(words).trim_end().to_owned() + "\n").collect()
}

/// How far an overlay can be scrolled.
pub fn scroll_limit(model: &Model, overlay: &Overlay, body: Rect) -> usize {
    let inner = pane::inner(area(overlay, body));
    laid(model, overlay, inner.width).1.len().saturating_sub(inner.height as usize)
}

fn area(overlay: &Overlay, body: Rect) -> Rect {
    match overlay {
        Overlay::Plan(dialog) if dialog.form.is_some() => form::split(body).1,
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
        Overlay::Journal(_) => "Journal".to_owned(),
        Overlay::Objects(page) => objects::title(page),
        Overlay::Rights(page) => rights::title(page),
        Overlay::Past { .. } => "Earlier plan".to_owned(),
        Overlay::Why { told, .. } if told.len() > 1 => format!("Why refused {}", told.len()),
        Overlay::Why { .. } => "Why refused".to_owned(),
        Overlay::Document(document) => document.title(),
        Overlay::Plan(dialog) => dialog.plan.title.clone(),
    }
}

/// On the right of the title: for a plan, where and as whom it is valid.
fn remark(model: &Model, overlay: &Overlay) -> String {
    match overlay {
        Overlay::Plan(dialog) => {
            let target = &dialog.plan.target;
            format!("{} ▸ {} ▸ {}", target.context, target.who(), model.here.namespace.as_deref().unwrap_or("default"))
        }
        Overlay::Contexts(list) | Overlay::Journal(list) => list.rows().len().to_string(),
        Overlay::Document(document) => document.remark(),
        _ => String::new(),
    }
}

fn heading(area: Rect, title: &str, remark: &str, theme: &Theme, buffer: &mut Buffer) {
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

fn content(model: &Model, overlay: &Overlay, columns: u16) -> Arc<Vec<Line>> {
    if let Overlay::Document(document) = overlay {
        return document.lines(model);
    }
    Arc::new(match overlay {
        Overlay::Namespace { name, .. } => page::namespace(model, name),
        Overlay::Help { .. } => page::help(model),
        Overlay::Messages { .. } => page::messages(model),
        Overlay::Plan(dialog) => {
            let shape = Shape { form: model.diff_form, columns: columns as usize, shown: plan_page::SHOWN };
            plan_page::lines(dialog, shape).into_iter().map(|(_, line)| line).collect()
        }
        Overlay::Past { id, .. } => {
            let past = model.pasts.iter().find(|past| past.id == *id);
            past.map(|past| past_page::lines(past, model.seconds())).unwrap_or_default()
        }
        Overlay::Why { told, .. } => why::lines(model, told),
        Overlay::Contexts(_)
        | Overlay::Journal(_)
        | Overlay::Objects(_)
        | Overlay::Rights(_)
        | Overlay::Document(_) => Vec::new(),
    })
}

const fn scroll(overlay: &Overlay) -> usize {
    match overlay {
        Overlay::Namespace { scroll, .. }
        | Overlay::Help { scroll }
        | Overlay::Messages { scroll }
        | Overlay::Past { scroll, .. }
        | Overlay::Why { scroll, .. } => *scroll,
        Overlay::Document(document) => document.scroll,
        Overlay::Plan(dialog) => dialog.scroll,
        Overlay::Contexts(_) | Overlay::Journal(_) | Overlay::Objects(_) | Overlay::Rights(_) => 0,
    }
}

/// The question in the lower border of a plan: what, where, as whom (which the upper border says, too, where there is no room
/// for it), and that no is the default. `besides`: so many columns are wanted for something else. Returns where it ends.
fn question(
    model: &Model,
    dialog: &PlanDialog,
    theme: &Theme,
    area: Rect,
    besides: usize,
    buffer: &mut Buffer,
) -> usize {
    let plan = &dialog.plan;
    let key = |command| {
        let layer = if dialog.form.is_some() { Layer::Form } else { Layer::Plan };
        let keys = model.keymap.keys_of(layer, command);
        keys.first().map(ToString::to_string).unwrap_or_default()
    };
    let (ink, text) = if let Some(progress) = &dialog.applying {
        let gap = if progress.is_empty() { "" } else { " " };
        (Ink::Head, format!(" applying … {progress}{gap} [{}] stop ", key(Command::PlanCancel)))
    } else if let (Some(_), Some(path)) = (&dialog.fault, dialog.files()) {
        let words = format!(" nothing can be applied until this is mended; {path} is read again when it is saved ");
        (Ink::Danger, format!("{words} [{}] close ", key(Command::PlanCancel)))
    } else if dialog.fault.is_some() {
        (Ink::Danger, format!(" nothing can be made until this is mended  [{}] close ", key(Command::PlanCancel)))
    } else if !plan.is_answered() || dialog.form.is_some() && plan.stages.is_empty() {
        (Ink::Dim, " asking the server … ".to_owned())
    } else if model.here.read_only {
        (Ink::Warn, " read-only: this can be looked at, not applied ".to_owned())
    } else if plan.is_ready() {
        let count = plan.changes();
        let changes = if count == 1 { "1 change".to_owned() } else { format!("{count} changes") };
        let changes = match plan.later() {
            0 => changes,
            later => format!("{changes} (and ask about {later} more)"),
        };
        let answers = format!("?  {} apply  [{}] no ", key(Command::PlanApply), key(Command::PlanCancel));
        let short = format!(" Apply {changes} to {}", plan.target.context);
        let whole = format!("{short} as {}{answers}", plan.target.who());
        let fits = width(&whole) + 3 + besides <= area.width as usize;
        (Ink::Head, if fits { whole } else { short + &answers })
    } else if plan.is_idle() && dialog.files().is_some() {
        (Ink::Dim, format!(" all as in the files  [{}] close ", key(Command::PlanCancel)))
    } else if plan.is_idle() {
        (Ink::Dim, format!(" nothing to change  [{}] close ", key(Command::PlanCancel)))
    } else {
        (Ink::Danger, format!(" this plan cannot be applied  [{}] close ", key(Command::PlanCancel)))
    };
    if area.width <= 4 || area.height <= 1 {
        return 0;
    }
    let text = cut(&text, area.width as usize - 3);
    buffer.set_string(area.x + 2, area.y + area.height - 1, &text, theme.ink(ink));
    2 + width(&text)
}

const PASTS: [Column<'_>; 5] = [
    Column::fixed(JOURNAL[0], 8, 0),
    Column::names(JOURNAL[1], 24, 5, 0),
    Column::names(JOURNAL[2], 8, 1, 2),
    Column::names(JOURNAL[3], 8, 2, 3),
    Column::names(JOURNAL[4], 12, 2, 1),
];

fn journal(model: &Model, list: &List<String>, theme: &Theme, inner: Rect, buffer: &mut Buffer) {
    if list.rows().is_empty() {
        let words = if model.journal_read { "nothing was ever applied" } else { "reading the journal …" };
        let lines = wrap::wrap(&[Line::of(Ink::Dim, words)], inner.width);
        wrap::draw(&lines, theme, inner, buffer);
        return;
    }
    let now = model.seconds();
    table::draw(list, &PASTS, true, theme, inner, buffer, |id| {
        model.pasts.iter().find(|past| past.id == *id).map(|past| PastRow(past, now))
    });
}

const COLUMNS: [Column<'_>; 8] = [
    Column::fixed(CONTEXTS[0], 1, 0),
    Column::names(CONTEXTS[1], 12, 3, 0),
    Column::names(CONTEXTS[2], 14, 3, 2),
    Column::fixed(CONTEXTS[3], 16, 1),
    Column::names(CONTEXTS[4], 8, 2, 1),
    Column::names(CONTEXTS[5], 9, 2, 3),
    Column::names(CONTEXTS[6], 8, 2, 2),
    Column::names(CONTEXTS[7], 10, 2, 4),
];

fn contexts(model: &Model, theme: &Theme, inner: Rect, buffer: &mut Buffer) {
    let Some(Overlay::Contexts(list)) = model.overlays.last() else { return };
    if list.rows().is_empty() {
        let lines = wrap::wrap(&[Line::of(Ink::Dim, "no kubeconfig holds a context")], inner.width);
        wrap::draw(&lines, theme, inner, buffer);
        return;
    }
    let here = model.here.world.place.as_ref().map(|place| place.context.as_str());
    table::draw(list, &COLUMNS, true, theme, inner, buffer, |name| {
        let line = model.contexts.iter().find(|context| context.name == *name)?;
        Some(ContextRow(line, here == Some(name.as_str()), model.reach.get(name)))
    });
}
