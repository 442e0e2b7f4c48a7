//! Copying and saving what is under the cursor.

use super::super::effect::Effect;
use super::super::effect::visit::Visit;
use super::super::model::columns::{self, AccessCells, NamespaceRow, Row, TenantRow};
use super::super::model::list::List;
use super::super::model::overlay::Overlay;
use super::super::model::rows::AccessRow;
use super::super::model::{Level, Model, Pane, document, plan_page};
use super::super::view;
use crate::plan::ObjectRef;
use crate::plan::step::shell;
use crate::world::identity::Place;

/// Copies the value under the cursor of a document, or the names of the marked rows, or that of the row under the cursor.
pub fn value(model: &mut Model) -> Vec<Effect> {
    let found = match model.overlays.last() {
        Some(Overlay::Document(document)) => document.value_under_cursor(model),
        Some(Overlay::Contexts(list)) => list.selected().cloned(),
        Some(Overlay::Namespace { name, .. }) => Some(name.to_string()),
        Some(Overlay::Objects(objects)) => of(&objects.list, |(_, name)| name.to_string()),
        Some(Overlay::Rights(page)) => of(&page.list, |key| page.name_of(key)),
        Some(Overlay::Plan(_)) => view::plan_line(model),
        Some(_) => None,
        None => names(model),
    };
    copy(model, found)
}

/// Copies the way to the value under the cursor of a document.
pub fn path(model: &mut Model) -> Vec<Effect> {
    let found = match model.overlays.last() {
        Some(Overlay::Document(document)) => document.path_under_cursor(model),
        _ => None,
    };
    copy(model, found)
}

/// Copies the command of kubectl that reads what the cursor is on, or as much of one as says where it goes.
pub fn kubectl(model: &mut Model) -> Vec<Effect> {
    if matches!(model.overlays.last(), Some(Overlay::Plan(_))) {
        return commands(model);
    }
    let found = command(model);
    copy(model, found)
}

/// Where a command goes: `kubectl --context … -n …`, and as whom.
fn way(place: &Place, context: &str, namespace: Option<&str>) -> String {
    let mut way = "kubectl".to_owned();
    let mut option = |name: &str, value: &str| way.extend([" ", name, " ", &shell(value)]);
    if let Some(file) = &place.kubeconfig {
        option("--kubeconfig", file);
    }
    option("--context", context);
    if let Some(acting) = place.acting_as.as_ref().filter(|_| context == place.context) {
        option("--as", &acting.user);
        acting.groups.iter().for_each(|group| option("--as-group", group));
    }
    if let Some(namespace) = namespace {
        option("-n", namespace);
    }
    way
}

fn command(model: &Model) -> Option<String> {
    let place = model.here.world.place.as_ref()?;
    let in_force = model.here.namespace.as_deref().unwrap_or(&place.namespace);
    let here = |namespace: Option<&str>| way(place, &place.context, namespace);
    let get = |objects: &[ObjectRef], form: &str| {
        let first = objects.first()?;
        // Of what lies in several places each has a command of its own.
        let alike = |object: &&ObjectRef| {
            (&object.namespace, &object.base, &object.plural) == (&first.namespace, &first.base, &first.plural)
        };
        let names: Vec<String> = objects.iter().filter(alike).map(|object| shell(&object.name)).collect();
        let (kind, names) = (first.kubectl_kind(), names.join(" "));
        Some(format!("{} get {kind} {names}{form}", here(first.namespace.as_deref())))
    };
    match model.overlays.last() {
        Some(Overlay::Contexts(list)) => Some(way(place, list.selected()?, None)),
        Some(Overlay::Document(document)) => get(std::slice::from_ref(&document.object), " -o yaml"),
        Some(Overlay::Namespace { name, .. }) => Some(here(Some(name))),
        Some(Overlay::Objects(_)) | None => match (model.here.focus, model.overlays.is_empty()) {
            (Pane::Identity, true) => Some(format!("{} auth whoami", here(None))),
            _ => get(&document::selected(model).0, "").or_else(|| Some(here(Some(in_force)))),
        },
        Some(_) => Some(here(Some(in_force))),
    }
}

/// Copies the whole page: a document as it reads back, any other page as it is shown.
pub fn whole(model: &mut Model) -> Vec<Effect> {
    let found = page(model);
    copy(model, found)
}

/// Copies the commands that would do what the open plan does.
pub fn commands(model: &mut Model) -> Vec<Effect> {
    let found = match model.overlays.last() {
        Some(Overlay::Plan(dialog)) => Some(plan_page::commands(dialog)),
        _ => None,
    };
    copy(model, found)
}

/// Saves the whole page to a file, or the rows of the focused pane.
pub fn save(model: &mut Model) -> Vec<Effect> {
    if let Some(export) = export(model, false) {
        return vec![export];
    }
    match table(model).or_else(|| named(model)) {
        Some((name, text)) => vec![Effect::Save { name, text }],
        None => {
            model.say(Level::Info, "there is nothing to save here");
            Vec::new()
        }
    }
}

/// Saves what the journal tells as a script.
pub fn script(model: &mut Model) -> Vec<Effect> {
    if let Some(export) = export(model, true) {
        return vec![export];
    }
    model.say(Level::Info, "that is for the journal");
    Vec::new()
}

/// Saves what the journal tells, if that is looked at: all of it, or a plan of it.
fn export(model: &Model, script: bool) -> Option<Effect> {
    let id = match model.overlays.last()? {
        Overlay::Journal(_) => None,
        Overlay::Past { id, .. } => Some(id.clone()),
        _ => return None,
    };
    Some(Effect::ExportJournal { id, script })
}

/// Shows the whole page in another program.
pub fn visit(model: &mut Model, which: Visit) -> Vec<Effect> {
    match named(model) {
        Some((name, text)) => vec![Effect::Visit { which, name, text }],
        None => {
            model.say(Level::Info, "there is nothing to open here");
            Vec::new()
        }
    }
}

/// The page with a name for a file.
fn named(model: &Model) -> Option<(String, String)> {
    let name = match model.overlays.last() {
        Some(Overlay::Document(document)) => document.file_name(),
        Some(Overlay::Plan(dialog)) => dialog.file_name(model.diff_form),
        _ => "page.txt".to_owned(),
    };
    Some((name, page(model)?))
}

/// The rows that are shown, as a file for spreadsheets.
fn table(model: &Model) -> Option<(String, String)> {
    let now = model.seconds();
    let (name, table) = match model.overlays.last() {
        Some(Overlay::Objects(objects)) => {
            (objects.resource.full_name(), csv(&objects.titles(), &objects.list, |key| objects.row(key, now)))
        }
        Some(Overlay::Rights(page)) => {
            (page.file_name().to_owned(), csv(page.titles(), &page.list, |key| page.row(&model.here.world, key)))
        }
        Some(_) => return None,
        None => match model.here.focus {
            Pane::Tenants => {
                let row = |name| Some(TenantRow::new(&model.here.world, name, now));
                ("tenants".to_owned(), csv(columns::TENANTS, &model.here.tenants, row))
            }
            Pane::Namespaces => {
                let row = |name| Some(NamespaceRow::new(&model.here, name, model.seconds()));
                ("namespaces".to_owned(), csv(columns::NAMESPACES, &model.here.namespaces, row))
            }
            Pane::Access => {
                let all =
                    model.here.access_scope().map_or_else(|| model.here.world.namespaces.len(), |names| names.len());
                let row = |key| AccessCells::new(&model.here.world, key, all, now);
                let name = if model.here.raw { "bindings" } else { "access" };
                (name.to_owned(), csv(columns::titles(Pane::Access, model.here.raw), &model.here.access, row))
            }
            Pane::Identity => return None,
        },
    };
    (!table.is_empty()).then(|| (format!("{name}.csv"), table))
}

/// Rows as comma-separated values (RFC 4180, lines ended as elsewhere on this machine); nothing if there are none.
fn csv<'a, K, R: Row>(titles: &[&str], list: &'a List<K>, row: impl Fn(&'a K) -> Option<R>) -> String
where
    K: Clone + Eq + std::hash::Hash,
{
    let quoted = |cell: &str| {
        let is_plain = !cell.contains([',', '"', '\n', '\r']);
        if is_plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    let line = |cells: Vec<String>| cells.join(",") + "\n";
    let rows: Vec<R> = list.rows().iter().filter_map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    // What has no heading is a glyph for the eye; the word for it stands beside it.
    let shown: Vec<usize> =
        (0..titles.len()).filter(|at| titles.get(*at).is_some_and(|title| !title.is_empty())).collect();
    let head = line(shown.iter().filter_map(|at| titles.get(*at)).map(|title| quoted(title)).collect());
    let body = rows.iter().map(|row| line(shown.iter().map(|at| quoted(&row.cell(*at))).collect()));
    std::iter::once(head).chain(body).collect()
}

fn page(model: &Model) -> Option<String> {
    match model.overlays.last()? {
        Overlay::Document(document) => document.text(model),
        Overlay::Contexts(_) => None,
        Overlay::Objects(objects) => Some(objects.text(model.seconds())),
        Overlay::Rights(page) => Some(page.text(&model.here.world)),
        Overlay::Plan(dialog) => Some(plan_page::text(dialog, model.diff_form)),
        _ => Some(view::page_text(model)),
    }
}

fn copy(model: &mut Model, found: Option<String>) -> Vec<Effect> {
    let Some(text) = found.filter(|text| !text.is_empty()) else {
        model.say(Level::Info, "there is nothing to copy here");
        return Vec::new();
    };
    let said = match text.lines().count() {
        0 | 1 => format!("copied {}", crate::text::width::cut_middle(&text, 60)),
        lines => format!("copied {lines} lines"),
    };
    model.say(Level::Done, said);
    vec![Effect::Copy(text)]
}

fn names(model: &Model) -> Option<String> {
    let row = |row: &AccessRow| match row {
        AccessRow::Grant(grant) => grant.subject.name(),
        AccessRow::Binding(_, name) => name.to_string(),
    };
    match model.here.focus {
        Pane::Tenants => of(&model.here.tenants, ToString::to_string),
        Pane::Namespaces => of(&model.here.namespaces, ToString::to_string),
        Pane::Access => of(&model.here.access, row),
        Pane::Identity => model.here.world.identity.as_ref().map(|identity| identity.username.clone()),
    }
}

/// The names of the marked rows in their order, or that of the row under the cursor.
fn of<K: Clone + Eq + std::hash::Hash>(list: &List<K>, name: impl Fn(&K) -> String) -> Option<String> {
    if list.marks.is_empty() {
        return list.selected().map(name);
    }
    let shown = list.rows().iter().filter(|row| list.marks.contains(row));
    let hidden = list.marks.iter().filter(|row| !list.rows().contains(row));
    Some(shown.chain(hidden).map(name).collect::<Vec<_>>().join("\n"))
}
