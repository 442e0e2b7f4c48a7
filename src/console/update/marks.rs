//! Marking rows, for what is done to several of them at once.

use std::hash::Hash;

use super::super::model::list::List;
use super::super::model::overlay::Overlay;
use super::super::model::{Level, Model, Pane};

/// What is to be marked.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    /// The row under the cursor, or not; the cursor moves on.
    This,
    /// All from the last marked row to the cursor.
    Range,
    /// All that the filter keeps.
    All,
    /// None.
    None,
}

/// Marks rows of the focused pane.
pub fn mark(model: &mut Model, which: Which) {
    if let Some(objects) = model.objects_mut() {
        let said = apply(&mut objects.list, which);
        return model.say(Level::Info, said);
    }
    if let Some(page) = model.rights_mut() {
        let said = apply(&mut page.list, which);
        return model.say(Level::Info, said);
    }
    if !model.overlays.is_empty() {
        return model.say(Level::Info, "rows are marked on the panes");
    }
    let said = match model.here.focus {
        Pane::Tenants => apply(&mut model.here.tenants, which),
        Pane::Namespaces => apply(&mut model.here.namespaces, which),
        Pane::Access => apply(&mut model.here.access, which),
        Pane::Identity => return model.say(Level::Info, "there are no rows to mark here"),
    };
    model.say(Level::Info, said);
}

/// Shows only the rows of the focused pane that need a look, or all again.
pub fn faults(model: &mut Model) {
    if !set_faults(model, None) {
        model.say(Level::Info, "there are no rows here");
    }
}

/// Whether only such rows were shown: all are now.
pub fn forget_faults(model: &mut Model) -> bool {
    let shown = match model.overlays.last() {
        Some(Overlay::Objects(objects)) => objects.list.faults,
        Some(Overlay::Rights(page)) => page.list.faults,
        _ if !model.overlays.is_empty() => false,
        _ => match model.here.focus {
            Pane::Tenants => model.here.tenants.faults,
            Pane::Namespaces => model.here.namespaces.faults,
            Pane::Access => model.here.access.faults,
            Pane::Identity => false,
        },
    };
    shown && set_faults(model, Some(false))
}

/// Shows only such rows or all of them, the other than now if nothing is said; false where there are no rows.
fn set_faults(model: &mut Model, only: Option<bool>) -> bool {
    let faults = match model.overlays.last_mut() {
        Some(Overlay::Objects(objects)) => &mut objects.list.faults,
        Some(Overlay::Rights(page)) => &mut page.list.faults,
        Some(_) => return false,
        None => match model.here.focus {
            Pane::Tenants => &mut model.here.tenants.faults,
            Pane::Namespaces => &mut model.here.namespaces.faults,
            Pane::Access => &mut model.here.access.faults,
            Pane::Identity => return false,
        },
    };
    *faults = only.unwrap_or(!*faults);
    let said = if *faults { "only rows that need a look are shown" } else { "all rows are shown again" };
    model.say(Level::Info, said);
    true
}

fn apply<K: Clone + Eq + Hash>(list: &mut List<K>, which: Which) -> String {
    if list.rows().is_empty() {
        return "there is no row to mark".to_owned();
    }
    match which {
        Which::This => list.toggle_mark(),
        Which::Range => list.mark_range(),
        Which::All => list.mark_all(),
        Which::None => list.marks.clear(),
    }
    count(list)
}

/// `3 marked, 1 of them hidden by the filter`.
fn count<K: Clone + Eq + Hash>(list: &List<K>) -> String {
    match (list.marks.len(), list.hidden_marks()) {
        (0, _) => "nothing is marked".to_owned(),
        (all, 0) => format!("{all} marked"),
        (all, hidden) => format!("{all} marked, {hidden} of them hidden by the filter"),
    }
}
