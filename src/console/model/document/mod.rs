//! A document about one object: as YAML, or described in words. It is live for as long as it is open.

mod about;
pub(super) mod words;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::memo::Memo;
use super::overlay::Overlay;
use super::page::{Ink, Line, shortened};
use super::rows::AccessRow;
use super::{Model, Pane};
use crate::plan::{ObjectRef, mask};
use crate::text::clean::clean;
use crate::text::yaml::{self, YamlLine};
use crate::world::name::Name;
use crate::world::trouble::Trouble;

/// How an object is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As YAML.
    Yaml,
    /// In words.
    Words,
    /// What is told in its namespaces.
    Events,
    /// What of it was refused, and why.
    Why,
}

/// What the lines of YAML depend on: how often the object was seen, what is folded, whether `managedFields` and secrets show.
type Shape = (u64, BTreeSet<Vec<String>>, bool, bool);

/// Lines broken to a width: of each row which line it is of, and its pieces.
pub type Rows = (Vec<usize>, Vec<Vec<(Ink, String)>>);

/// A document.
#[derive(Debug)]
pub struct Document {
    /// Which object.
    pub object: ObjectRef,
    /// How it is shown.
    pub form: Form,
    /// The request under which it is followed.
    pub request: u64,
    /// The object as it was last seen.
    pub found: Option<Value>,
    /// It was there, and is there no more; or it never was.
    pub gone: bool,
    /// The namespaces whose events are shown; those about the object alone, if there are none.
    pub namespaces: Vec<Name>,
    /// The events, the latest first.
    pub events: Option<Result<Vec<Value>, Trouble>>,
    /// Why it cannot be read.
    pub trouble: Option<Trouble>,
    /// The values of a secret are shown: that was asked for, and is written down.
    pub revealed: bool,
    /// `managedFields` are shown.
    pub managed: bool,
    /// The ways to what is folded.
    pub folds: BTreeSet<Vec<String>>,
    /// Long lines are broken; else they are cut.
    pub wrap: bool,
    /// The line under the cursor.
    pub cursor: usize,
    /// What is looked for, in small letters.
    pub search: String,
    /// The first visible row.
    pub scroll: usize,
    /// How often the object was seen.
    seen: u64,
    /// The lines of YAML, and how they were last broken: an object may have thousands.
    lines: Memo<Shape, Vec<Line>>,
    rows: Memo<(Shape, bool, u16), Rows>,
}

impl Document {
    /// A document that nothing is known for yet.
    pub fn new(object: ObjectRef, namespaces: Vec<Name>, form: Form, request: u64) -> Self {
        Self {
            object,
            namespaces,
            form,
            request,
            found: None,
            gone: false,
            events: None,
            trouble: None,
            revealed: false,
            managed: false,
            // What the server writes interests less than what people wrote.
            folds: [vec!["status".to_owned()]].into(),
            wrap: true,
            cursor: 0,
            search: String::new(),
            scroll: 0,
            seen: 0,
            lines: Memo::default(),
            rows: Memo::default(),
        }
    }

    /// Takes in the object as it is now.
    pub fn saw(&mut self, object: Value) {
        self.found = Some(object);
        self.seen += 1;
    }

    /// The title.
    pub fn title(&self) -> String {
        let form = match self.form {
            Form::Yaml => "YAML",
            Form::Words => "about",
            Form::Events => "events",
            Form::Why => "why refused",
        };
        format!("{} · {form}", self.object.title())
    }

    /// Whether it is about a secret whose values are hidden unless they are asked for.
    pub fn is_secret(&self) -> bool {
        self.object.kind == "Secret" && matches!(self.form, Form::Yaml | Form::Words)
    }

    /// Whether what it shows was asked for, and is not known yet.
    pub const fn is_awaited(&self) -> bool {
        let is_seen = self.found.is_some() || self.gone;
        let is_known = match self.form {
            Form::Yaml => is_seen,
            Form::Words | Form::Why => is_seen && self.events.is_some(),
            Form::Events => self.events.is_some(),
        };
        !is_known && self.trouble.is_none()
    }

    /// What is to be said beside the title.
    pub fn remark(&self) -> String {
        match (&self.trouble, self.gone, &self.found) {
            (Some(trouble), _, Some(_)) => format!("not live: {}", trouble.what),
            (_, true, Some(_)) => "it is gone; this is how it was".to_owned(),
            (_, _, Some(_)) if self.revealed => "its values are shown".to_owned(),
            _ => String::new(),
        }
    }

    /// Of what the lines are made, if they are YAML: those are kept while it stays the same.
    fn shape(&self) -> Option<Shape> {
        let is_kept = self.form == Form::Yaml && self.found.is_some();
        is_kept.then(|| (self.seen, self.folds.clone(), self.managed, self.revealed))
    }

    /// The lines.
    pub fn lines(&self, model: &Model) -> Arc<Vec<Line>> {
        match self.shape() {
            Some(shape) => self.lines.get(shape, || self.made(model)),
            None => Arc::new(self.made(model)),
        }
    }

    /// The lines, broken to so many columns by `broken`.
    pub fn rows(&self, model: &Model, columns: u16, broken: impl FnOnce(&[Line]) -> Rows) -> Arc<Rows> {
        let rows = || broken(&self.lines(model));
        match self.shape() {
            Some(shape) => self.rows.get((shape, self.wrap, columns), rows),
            None => Arc::new(rows()),
        }
    }

    fn made(&self, model: &Model) -> Vec<Line> {
        if self.form == Form::Events {
            return self.told(model);
        }
        if self.form == Form::Why {
            return super::why::of_document(self, model);
        }
        let Some(object) = &self.found else {
            return match (&self.trouble, self.gone) {
                (Some(trouble), _) => super::page::told(trouble),
                (None, true) => vec![Line::of(Ink::Warn, format!("there is no {}", self.object.title()))],
                (None, false) => vec![Line::of(Ink::Dim, "reading …")],
            };
        };
        match self.form {
            Form::Yaml => self.folded(&self.shown(object)).into_iter().map(|(line, fold)| inked(line, fold)).collect(),
            Form::Words | Form::Events | Form::Why => self.words(model, object),
        }
    }

    /// What of the object is shown at all.
    fn shown(&self, object: &Value) -> Value {
        let mut shown = object.clone();
        if !self.managed
            && let Some(metadata) = shown.get_mut("metadata").and_then(Value::as_object_mut)
        {
            metadata.remove("managedFields");
        }
        shown
    }

    /// What stands in place of a value that must not be seen.
    fn masked(&self, path: &[&str], value: &Value) -> Option<String> {
        let is_value = !matches!(path.first(), Some(&"metadata"));
        (self.is_masked(path) && !(self.revealed && is_value)).then(|| mask::mask(value))
    }

    fn is_masked(&self, path: &[&str]) -> bool {
        self.found.as_ref().is_some_and(|object| mask::is_masked_in(&self.object.kind, object, path))
    }

    /// The lines of YAML, those that are folded away left out; with each that folds others, how many they are.
    fn folded(&self, shown: &Value) -> Vec<(YamlLine, usize)> {
        let mut lines: Vec<(YamlLine, usize)> = Vec::new();
        for line in yaml::lines(shown, &|path, value| self.masked(path, value)) {
            let inside = |fold: &Vec<String>| line.path.starts_with(fold);
            match lines.last_mut() {
                Some((last, hidden)) if self.folds.iter().any(|fold| inside(fold) && last.path == *fold) => {
                    *hidden += 1;
                }
                _ => lines.push((line, 0)),
            }
        }
        lines
    }

    fn yaml_under_cursor(&self) -> Option<YamlLine> {
        let shown = self.shown(self.found.as_ref().filter(|_| self.form == Form::Yaml)?);
        Some(self.folded(&shown).into_iter().nth(self.cursor)?.0)
    }

    /// Folds what the line under the cursor begins, or unfolds it; else what the line stands in.
    pub fn toggle_fold(&mut self) -> bool {
        let Some(line) = self.yaml_under_cursor() else { return false };
        let mut path = line.path;
        if self.folds.remove(&path) {
            return true;
        }
        let begins = self.found.as_ref().and_then(|object| value_at(object, &path)).is_some_and(|value| match value {
            Value::Object(fields) => !fields.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => false,
        });
        if !begins {
            path.pop();
        }
        if path.is_empty() {
            return false;
        }
        self.folds.insert(path.clone());
        let lines = self.found.as_ref().map(|object| self.folded(&self.shown(object))).unwrap_or_default();
        self.cursor = lines.iter().position(|(line, _)| line.path == path).unwrap_or(self.cursor);
        true
    }

    /// Folds or unfolds the status.
    pub fn toggle_status(&mut self) -> bool {
        let status = vec!["status".to_owned()];
        let folded = self.folds.remove(&status);
        if !folded {
            self.folds.insert(status);
        }
        folded
    }

    /// The value under the cursor: a text as it is, anything larger as YAML; in words, the line.
    pub fn value_under_cursor(&self, model: &Model) -> Option<String> {
        if self.form != Form::Yaml {
            let line = self.made(model).into_iter().nth(self.cursor)?;
            let text: String =
                line.spans.iter().skip(usize::from(line.spans.len() > 1)).map(|(_, text)| text.as_str()).collect();
            return Some(text.trim().to_owned());
        }
        let path = self.yaml_under_cursor()?.path;
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        let value = value_at(self.found.as_ref()?, &path)?;
        Some(match (self.masked(&steps, value), value) {
            (Some(masked), _) => masked,
            (None, Value::String(text)) => text.clone(),
            (None, other) => yaml::render(other, &|inner, value| {
                let whole: Vec<&str> = steps.iter().chain(inner).copied().collect();
                self.masked(&whole, value)
            }),
        })
    }

    /// The way to the value under the cursor, as `kubectl explain` and jq write it.
    pub fn path_under_cursor(&self, _model: &Model) -> Option<String> {
        let mut text = String::new();
        for step in self.yaml_under_cursor()?.path {
            let plain = step.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let step = match plain {
                _ if step.chars().all(|c| c.is_ascii_digit()) => format!("[{step}]"),
                true => format!(".{step}"),
                false => format!("[{step:?}]"),
            };
            text.push_str(&step);
        }
        Some(text)
    }

    /// The whole of it: YAML that reads back, or the words.
    pub fn text(&self, model: &Model) -> Option<String> {
        let found = self.found.as_ref().filter(|_| matches!(self.form, Form::Yaml | Form::Words));
        Some(match (self.form, found) {
            (Form::Yaml, Some(object)) => yaml::render(&self.shown(object), &|path, value| self.masked(path, value)),
            (Form::Yaml | Form::Words, None) => return None,
            (Form::Words | Form::Events | Form::Why, _) => {
                let line = |line: Line| line.spans.into_iter().map(|(_, text)| text).collect::<String>();
                self.made(model).into_iter().map(|words| line(words).trim_end().to_owned() + "\n").collect()
            }
        })
    }

    /// The name of a file for it.
    pub fn file_name(&self) -> String {
        let place = self.object.namespace.as_ref().map(|place| format!("{place}-")).unwrap_or_default();
        let end = if self.form == Form::Yaml { "yaml" } else { "txt" };
        let name: String = self
            .object
            .name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' })
            .collect();
        format!("{}-{place}{name}.{end}", self.object.kind.to_lowercase())
    }
}

/// A line of YAML, inked; with how many lines are folded away behind it.
fn inked(line: YamlLine, folded: usize) -> Line {
    let hang = line.head.len() + 2;
    let text = if folded > 0 { format!("… {folded} lines") } else { shortened(&line.text, SHOWN).into_owned() };
    let gap = if line.key.is_empty() || text.is_empty() { "" } else { " " };
    let clean = |text: &str| clean(text).into_owned();
    Line::of(Ink::Dim, line.head)
        .and(Ink::Dim, clean(&line.key))
        .and(Ink::Text, gap)
        .and(if folded > 0 { Ink::Dim } else { Ink::Text }, clean(&text))
        .hang(hang)
}

/// How many characters of a value are shown. Annotations hold a MiB of what nobody reads.
const SHOWN: usize = 2_000;

fn value_at<'a>(object: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(object, |value, step| match value {
        Value::Object(fields) => fields.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The object under the cursor of what is on top.
pub fn under_cursor(model: &Model) -> Option<ObjectRef> {
    under_cursor_of(model, model.overlays.last())
}

/// The same as if `top` were on top. A page that is about no object has none: what lies below is not to be seen.
pub fn under_cursor_of(model: &Model, top: Option<&Overlay>) -> Option<ObjectRef> {
    match top {
        Some(Overlay::Namespace { name, .. }) => return Some(namespace(name)),
        Some(Overlay::Document(document)) => return Some(document.object.clone()),
        Some(Overlay::Objects(objects)) => return objects.under_cursor(),
        Some(Overlay::Rights(page)) => return page.binding_under_cursor().map(|(place, name)| of_rbac(place, name)),
        Some(_) => return None,
        None => {}
    }
    match model.here.focus {
        Pane::Tenants => model.here.tenants.selected().map(tenant),
        Pane::Namespaces => model.here.namespaces.selected().map(namespace),
        Pane::Access => binding(model.here.access.selected()?),
        Pane::Identity => None,
    }
}

/// The marked objects of what is on top, or the one under its cursor; and how many of them a filter hides.
pub fn selected(model: &Model) -> (Vec<ObjectRef>, usize) {
    selected_of(model, model.overlays.last())
}

/// The same as if `top` were on top.
pub fn selected_of(model: &Model, top: Option<&Overlay>) -> (Vec<ObjectRef>, usize) {
    if let Some(Overlay::Objects(objects)) = top {
        return objects.selected();
    }
    let marked: (Vec<ObjectRef>, usize) = match model.here.focus {
        _ if top.is_some() => (Vec::new(), 0),
        Pane::Tenants => (model.here.tenants.marks.iter().map(tenant).collect(), model.here.tenants.hidden_marks()),
        Pane::Namespaces => {
            (model.here.namespaces.marks.iter().map(namespace).collect(), model.here.namespaces.hidden_marks())
        }
        Pane::Access => {
            let marks = model.here.access.marks.iter();
            (marks.filter_map(binding).collect(), model.here.access.hidden_marks())
        }
        Pane::Identity => (Vec::new(), 0),
    };
    if marked.0.is_empty() { (under_cursor_of(model, top).into_iter().collect(), 0) } else { marked }
}

/// A tenant.
pub fn tenant(name: &Name) -> ObjectRef {
    ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", name)
}

fn namespace(name: &Name) -> ObjectRef {
    ObjectRef::cluster("/api/v1", "namespaces", "Namespace", name)
}

/// The binding of a row. A grant stands for the first of the bindings that make it.
fn binding(row: &AccessRow) -> Option<ObjectRef> {
    match row {
        AccessRow::Binding(place, name) => Some(of_rbac(place.as_deref(), name)),
        AccessRow::Grant(key) => {
            let (place, name) = key.bindings.first()?;
            Some(of_rbac(place.as_deref(), name))
        }
    }
}

/// A RoleBinding, or, without a namespace, a ClusterRoleBinding.
pub fn of_rbac(place: Option<&str>, name: &str) -> ObjectRef {
    const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
    match place {
        None => ObjectRef::cluster(RBAC, "clusterrolebindings", "ClusterRoleBinding", name),
        Some(place) => ObjectRef::namespaced(RBAC, "rolebindings", "RoleBinding", place, name),
    }
}
