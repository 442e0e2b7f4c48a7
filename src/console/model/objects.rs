//! The page of objects of any kind: what it lists, and its rows as the server shows them.

use std::borrow::Cow;
use std::sync::Arc;

use super::Model;
use super::columns::{Rank, Row};
use super::list::List;
use super::overlay::Overlay;
use super::page::Ink;
use super::rows::{Made, stamp};
use crate::action::{Selected, Selection};
use crate::plan::ObjectRef;
use crate::text::age::age;
use crate::world::feed::Scope;
use crate::world::freshness::Freshness;
use crate::world::name::Name;
use crate::world::resource::Resource;
use crate::world::store::Store;
use crate::world::table::{Column, Key, Listed, Says, TableRow};

/// The page.
#[derive(Debug)]
pub struct Objects {
    /// The kind.
    pub resource: Resource,
    /// The namespace, if it is about one; else it is about all, or the kind lies in none.
    pub namespace: Option<Name>,
    /// The request under which the rows come.
    pub request: u64,
    /// The rows as they were told.
    pub rows: Store<TableRow>,
    /// Those that are shown.
    pub list: List<Key>,
    columns: Arc<[Column]>,
}

/// The first column where objects of several namespaces are listed.
pub const NAMESPACE: &str = "NAMESPACE";

impl Objects {
    /// A page of which nothing is known yet.
    pub fn new(resource: Resource, namespace: Option<Name>, request: u64, filter: &str) -> Self {
        let mut list = List::default();
        filter.clone_into(&mut list.filter);
        Self { resource, namespace, request, rows: Store::default(), list, columns: Arc::default() }
    }

    /// Whether it is about several namespaces.
    pub const fn is_broad(&self) -> bool {
        self.resource.namespaced && self.namespace.is_none()
    }

    /// Takes in news at `now` (Unix seconds).
    pub fn take(&mut self, listed: Listed, now: i64) {
        match listed {
            Listed::Columns(columns) if columns == self.columns => {}
            Listed::Columns(columns) => {
                self.columns = columns;
                self.list.made_from = u64::MAX;
            }
            Listed::Rows(change) => self.rows.apply(change, now, |_, _| {}),
        }
    }

    /// The columns that stand on the screen: each with the column of the server, if it is one.
    pub fn columns(&self) -> impl Iterator<Item = Option<&Column>> {
        self.is_broad().then_some(None).into_iter().chain(self.columns.iter().map(Some))
    }

    /// The headings.
    pub fn titles(&self) -> Vec<&str> {
        self.columns().map(|column| column.map_or(NAMESPACE, |column| &column.title)).collect()
    }

    /// The column of names.
    pub fn name_column(&self) -> usize {
        let said = self.columns().position(|column| column.is_some_and(|column| column.says == Says::Name));
        said.unwrap_or_else(|| usize::from(self.is_broad()))
    }

    /// The row with this key.
    pub fn row(&self, key: &Key, now: i64) -> Option<ObjectRow<'_>> {
        Some(ObjectRow { objects: self, row: self.rows.get(key)?, now })
    }

    /// An object, as it is named on the wire.
    pub fn object(&self, key: &Key) -> ObjectRef {
        ObjectRef::of(&self.resource, key.0.as_deref(), &key.1)
    }

    /// The object under the cursor.
    pub fn under_cursor(&self) -> Option<ObjectRef> {
        self.list.selected().map(|key| self.object(key))
    }

    /// What actions act on: what is marked, or what is under the cursor.
    pub fn selection(&self) -> Selection {
        if self.list.marks.is_empty() {
            return self.under_cursor().map_or(Selection::Nothing, Selection::Object);
        }
        let (objects, hidden) = self.selected();
        Selection::Objects(Selected { objects, hidden })
    }

    /// What is marked, or what is under the cursor; and how many of them the filter hides.
    pub fn selected(&self) -> (Vec<ObjectRef>, usize) {
        if self.list.marks.is_empty() {
            return (self.under_cursor().into_iter().collect(), 0);
        }
        let mut marked: Vec<&Key> = self.list.marks.iter().collect();
        marked.sort();
        (marked.into_iter().map(|key| self.object(key)).collect(), self.list.hidden_marks())
    }

    /// How fresh the rows are.
    pub fn freshness(&self) -> Freshness {
        match &self.namespace {
            Some(name) => self.rows.sources().of(&Scope::Namespace(name.clone())).cloned().unwrap_or_default(),
            None => self.rows.sources().overall(),
        }
    }

    /// A few words for what it lists: `deployments.apps in oil-web`.
    pub fn words(&self) -> String {
        let place = match &self.namespace {
            Some(name) => format!(" in {name}"),
            None if self.resource.namespaced => " in all namespaces".to_owned(),
            None => String::new(),
        };
        format!("{}{place}", self.resource)
    }

    /// Makes the rows that are shown anew, where something has changed; returns the row under the cursor if it is gone.
    fn refresh(&mut self, visible: usize, now: i64) -> Option<Key> {
        let list = &self.list;
        let from = stamp(&(self.rows.revision(), &list.filter, list.faults, list.sort, self.columns.len()));
        let mut lost = None;
        if list.made_from != from {
            let keys: Vec<Key> = self.rows.iter().map(|row| row.key.clone()).collect();
            let made = Made::new(&keys, list, &self.titles(), true, |key| self.row(key, now));
            lost = made.into(&mut self.list, from).filter(|key| self.rows.get(key).is_none());
            let rows = &self.rows;
            self.list.keep_marks(|key| rows.get(key).is_some());
        }
        self.list.scroll_to_cursor(visible);
        lost.filter(|_| self.freshness() == Freshness::Live)
    }

    /// The whole table as text, in columns.
    pub fn text(&self, now: i64) -> String {
        let mut lines: Vec<Vec<String>> = vec![self.titles().into_iter().map(str::to_owned).collect()];
        let rows = self.list.rows().iter().filter_map(|key| self.row(key, now));
        lines.extend(rows.map(|row| (0..row.columns()).map(|column| row.cell(column).into_owned()).collect()));
        let wide = |column: usize| lines.iter().filter_map(|line| Some(line.get(column)?.chars().count())).max();
        let widths: Vec<usize> = (0..lines.first().map_or(0, Vec::len)).filter_map(wide).collect();
        let padded = |line: &Vec<String>| {
            let cells = line.iter().zip(&widths).map(|(cell, wide)| format!("{cell:<wide$}"));
            cells.collect::<Vec<_>>().join("   ").trim_end().to_owned() + "\n"
        };
        lines.iter().map(padded).collect()
    }
}

/// A row of the page.
pub struct ObjectRow<'a> {
    objects: &'a Objects,
    row: &'a TableRow,
    now: i64,
}

impl ObjectRow<'_> {
    /// The server's column that stands at this place, and which of them it is.
    fn said(&self, column: usize) -> Option<(usize, &Column)> {
        let at = column.checked_sub(usize::from(self.objects.is_broad()))?;
        Some((at, self.objects.columns.get(at)?))
    }

    /// The age, if that is what stands there and it is known.
    fn age(&self, column: usize) -> Option<i64> {
        let is_age = self.said(column).is_some_and(|(_, column)| column.says == Says::Age);
        (is_age && self.row.created > 0).then(|| self.now - self.row.created)
    }
}

impl Row for ObjectRow<'_> {
    fn columns(&self) -> usize {
        self.objects.columns.len() + usize::from(self.objects.is_broad())
    }

    fn name_column(&self) -> usize {
        self.objects.name_column()
    }

    fn cell(&self, column: usize) -> Cow<'_, str> {
        if let Some(seconds) = self.age(column) {
            return age(seconds).into();
        }
        match self.said(column) {
            Some((at, _)) => self.row.cells.get(at).map_or("", AsRef::as_ref).into(),
            None => self.row.key.0.as_deref().unwrap_or_default().into(),
        }
    }

    fn ink(&self, column: usize) -> Ink {
        match self.said(column) {
            _ if self.row.deleting => Ink::Dim,
            Some((_, said)) if said.says == Says::Name => Ink::Text,
            Some((_, said)) if matches!(&*said.title, "STATUS" | "READY" | "REASON" | "TYPE") => {
                state(&self.cell(column))
            }
            Some((_, said)) if said.says == Says::Age => Ink::Dim,
            Some(_) => Ink::Text,
            None => Ink::Dim,
        }
    }

    fn rank(&self, column: usize) -> Rank {
        if let Some(seconds) = self.age(column) {
            return Rank::Number(seconds);
        }
        let text = self.cell(column);
        let number = self.said(column).filter(|(_, said)| said.number).and_then(|_| text.parse().ok());
        number.map_or_else(|| Rank::Text(text.to_lowercase()), Rank::Number)
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.row.labels.get(key)
    }
}

/// How the word for a state is inked: only what needs the eye.
fn state(text: &str) -> Ink {
    if let Some((ready, all)) = text.split_once('/')
        && let (Ok(ready), Ok(all)) = (ready.parse::<u32>(), all.parse::<u32>())
    {
        return if ready < all { Ink::Warn } else { Ink::Text };
    }
    match text {
        "Failed"
        | "Error"
        | "CrashLoopBackOff"
        | "ImagePullBackOff"
        | "ErrImagePull"
        | "OOMKilled"
        | "Evicted"
        | "Lost"
        | "NotReady"
        | "CreateContainerConfigError"
        | "Degraded" => Ink::Danger,
        "Pending" | "Terminating" | "ContainerCreating" | "Unknown" | "Warning" | "False" | "Suspended" => Ink::Warn,
        _ => Ink::Text,
    }
}

impl Model {
    /// The page of objects, if it is on top.
    pub fn objects(&self) -> Option<&Objects> {
        match self.overlays.last() {
            Some(Overlay::Objects(objects)) => Some(objects),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn objects_mut(&mut self) -> Option<&mut Objects> {
        match self.overlays.last_mut() {
            Some(Overlay::Objects(objects)) => Some(objects),
            _ => None,
        }
    }

    /// Makes the rows of the page of objects anew, wherever it lies.
    pub fn refresh_objects(&mut self) {
        let (now, visible) = (self.seconds(), super::super::view::page_table_rows(self));
        let mut lost = None;
        for overlay in &mut self.overlays {
            if let Overlay::Objects(objects) = overlay
                && let Some(key) = objects.refresh(visible, now)
            {
                lost = Some(objects.object(&key).title());
            }
        }
        if let Some(title) = lost {
            self.say(super::Level::Info, format!("the {title} is gone"));
        }
    }
}
