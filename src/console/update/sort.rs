//! The order of the rows of the focused pane, or of the page over it.

use super::super::model::columns;
use super::super::model::list::{List, Sort};
use super::super::model::objects::Objects;
use super::super::model::offer::hint;
use super::super::model::overlay::Overlay;
use super::super::model::{Level, Model, Pane};

/// Sorts by the column with one of these titles; the other way round if that is the order already.
pub fn by(model: &mut Model, titles: &[&str]) {
    let known = known(model);
    // The pane's own name comes before one that it shares with another pane.
    let column = match model.here.focus {
        _ if model.rights().is_some() => match titles {
            // By name is by the subject, or by whatever stands first.
            [title] => known.iter().position(|known| known.starts_with(title)),
            _ => known.iter().position(|title| !title.is_empty()),
        },
        _ if model.objects().is_some() => match titles {
            [title] => {
                known.iter().position(|known| known.starts_with(title) || (*title == "STATE" && known == "STATUS"))
            }
            _ => model.objects().map(Objects::name_column),
        },
        Pane::Access if model.here.raw && titles.len() > 1 => known.iter().position(|title| *title == "BINDING"),
        Pane::Namespaces | Pane::Tenants if titles.len() > 1 => Some(1),
        _ => known.iter().position(|title| titles.contains(&title.as_str())),
    };
    match column {
        Some(column) => sort(model, column),
        None => model.say(Level::Info, format!("there is no column {} here", titles.join(" or ").to_lowercase())),
    }
}

/// The titles of the columns.
fn known(model: &Model) -> Vec<String> {
    if let Some(page) = model.rights() {
        return page.titles().iter().map(ToString::to_string).collect();
    }
    match model.objects() {
        Some(objects) => objects.titles().into_iter().map(str::to_owned).collect(),
        None => columns::titles(model.here.focus, model.here.raw).iter().map(ToString::to_string).collect(),
    }
}

/// The heading that was chosen.
fn heading(model: &mut Model) -> &mut usize {
    match model.overlays.last_mut() {
        Some(Overlay::Objects(objects)) => return &mut objects.list.heading,
        Some(Overlay::Rights(page)) => return &mut page.list.heading,
        _ => {}
    }
    match model.here.focus {
        Pane::Tenants => &mut model.here.tenants.heading,
        Pane::Namespaces => &mut model.here.namespaces.heading,
        Pane::Access | Pane::Identity => &mut model.here.access.heading,
    }
}

/// Moves to the heading of another column.
pub fn choose(model: &mut Model, by: isize) {
    let titles = known(model);
    let first = titles.iter().position(|title| !title.is_empty());
    let (Some(first), Some(last)) = (first, titles.len().checked_sub(1)) else {
        return model.say(Level::Info, "there are no columns here");
    };
    let heading = heading(model);
    let to = if *heading == 0 && first > 0 { first } else { heading.saturating_add_signed(by).clamp(first, last) };
    *heading = to;
    let title = titles.get(to).map(|title| title.to_lowercase()).unwrap_or_default();
    let key = hint(model, super::super::keymap::Command::SortColumn, "sorts by it");
    model.say(Level::Info, format!("column {title}{key}"));
}

/// Sorts by the column whose heading was chosen.
pub fn by_chosen(model: &mut Model) {
    let heading = *heading(model);
    match known(model).get(heading) {
        Some(title) if !title.is_empty() => sort(model, heading),
        Some(_) => sort(model, 1),
        None => model.say(Level::Info, "there are no columns here"),
    }
}

fn sort(model: &mut Model, column: usize) {
    let sort = match model.here.focus {
        _ if model.objects().is_some() => model.objects_mut().and_then(|objects| sorted(&mut objects.list, column)),
        _ if model.rights().is_some() => model.rights_mut().and_then(|page| sorted(&mut page.list, column)),
        Pane::Tenants => sorted(&mut model.here.tenants, column),
        Pane::Namespaces => sorted(&mut model.here.namespaces, column),
        Pane::Access => sorted(&mut model.here.access, column),
        Pane::Identity => return,
    };
    let title = known(model).get(column).map(|title| title.to_lowercase()).unwrap_or_default();
    let way = if sort.is_some_and(|sort| sort.descending) { ", the other way round" } else { "" };
    model.say(Level::Info, format!("sorted by {title}{way}"));
}

fn sorted<K: Clone + Eq + std::hash::Hash>(list: &mut List<K>, column: usize) -> Option<Sort> {
    list.sort_by(column);
    list.sort
}
