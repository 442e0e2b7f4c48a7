//! The pages of rights: who may do something, what somebody may do, what somebody is bound by. Each is a table, live, and below it
//! the way from the subject under the cursor to its right.

pub mod complete;
pub mod detail;
pub mod line;
mod make;
pub mod row;
pub mod verdict;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Model;
use super::columns::Row as _;
use super::list::List;
use super::memo::Memo;
use super::overlay::Overlay;
use super::page::Line;
use super::rows::{Made, stamp};
use crate::plan::owner::Owner;
use crate::world::World;
use crate::world::binding::Subject;
use crate::world::name::Name;
use crate::world::rights::matrix::Capability;
use crate::world::rights::person::Person;
use crate::world::rights::question::{Question, Where};
use row::{Row, View};
use verdict::Verdicts;

/// What a page answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Who may do it?
    Who(Question),
    /// What may somebody do in a place?
    Held(Subject, Where),
    /// What may one of two do in a place, and the other not?
    Differ(Subject, Subject, Where),
    /// May somebody do it?
    May(Subject, Question),
    /// By which bindings is somebody bound, and to what? With what is in mind when it is asked: a place.
    Bound(Subject, Where),
    /// Who may do what in a tenant, at a glance?
    Matrix(Where),
}

/// A page.
#[derive(Debug)]
pub struct Rights {
    /// What it answers.
    pub asked: Asked,
    /// The command that opens it.
    line: String,
    /// The rows that are shown.
    pub list: List<Name>,
    /// Most of the page is for the way to the row under the cursor.
    pub tall: bool,
    answer: Arc<Answer>,
    /// What the server said, by row; under no name what it said to the question itself.
    verdicts: BTreeMap<Name, Verdicts>,
    /// Of which world the answer was made.
    made_of: u64,
    /// The way to the row under the cursor.
    detail: Memo<(u64, Option<Name>, usize, usize), Vec<Line>>,
}

/// All that a page says, in the order of its rows.
#[derive(Debug, Default)]
pub struct Answer {
    /// The answer in a few words, where it is one.
    pub words: String,
    /// The rows, each with what tells it from others.
    pub rows: Vec<(Name, Row)>,
    places: HashMap<Name, usize>,
    /// What it lacks, or holds besides.
    pub notes: Vec<Line>,
    /// In how many namespaces it was looked for.
    pub of: usize,
}

impl Answer {
    fn new(words: String, rows: Vec<(Name, Row)>, notes: Vec<Line>, of: usize) -> Self {
        let places = rows.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)).collect();
        Self { words, rows, places, notes, of }
    }
}

impl Rights {
    /// A page that nothing is known for yet. `line`: the command that opens it.
    pub fn new(asked: Asked, line: &str, filter: &str) -> Self {
        let mut list = List::default();
        filter.clone_into(&mut list.filter);
        if matches!(asked, Asked::Matrix(_)) {
            list.heading = row::CELLS;
        }
        Self {
            asked,
            line: line.trim().to_owned(),
            list,
            tall: false,
            answer: Arc::default(),
            verdicts: BTreeMap::new(),
            made_of: u64::MAX,
            detail: Memo::default(),
        }
    }

    /// The command that opens it.
    pub fn line(&self) -> String {
        let line = self.line.split(" /").next().unwrap_or_default();
        if self.list.filter.is_empty() { line.to_owned() } else { format!("{line} /{}", self.list.filter) }
    }

    /// What it says.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// The headings.
    pub const fn titles(&self) -> &'static [&'static str] {
        row::titles(&self.asked)
    }

    /// Whether the cursor stands on a cell and not on a row alone.
    pub const fn has_cells(&self) -> bool {
        matches!(self.asked, Asked::Matrix(_))
    }

    /// What the cell under the cursor is about.
    pub fn capability(&self) -> Option<Capability> {
        let at = self.list.heading.checked_sub(row::CELLS)?;
        Capability::ALL.get(at).copied().filter(|_| self.has_cells())
    }

    /// Moves the cursor to the cell beside; false if there is none.
    pub fn sideways(&mut self, right: bool) -> bool {
        let last = row::CELLS + Capability::ALL.len() - 1;
        let to = self.list.heading.saturating_add_signed(if right { 1 } else { -1 });
        let is_there = (row::CELLS..=last).contains(&to);
        if is_there {
            self.list.heading = to;
        }
        is_there
    }

    /// The row with this key.
    pub fn row<'a>(&'a self, world: &'a World, key: &Name) -> Option<View<'a>> {
        let (key, row) = self.answer.rows.get(*self.answer.places.get(key)?)?;
        Some(View { page: self, world, key, row })
    }

    /// The row under the cursor.
    pub fn under_cursor(&self) -> Option<&Row> {
        let at = self.answer.places.get(self.list.selected()?)?;
        self.answer.rows.get(*at).map(|(_, row)| row)
    }

    /// Puts the cursor on the row of a binding.
    pub fn go_to(&mut self, place: Option<&str>, name: &str) {
        let is_it = |row: &Row| row.binding().is_some_and(|key| key.0.as_deref() == place && &*key.1 == name);
        if let Some((key, _)) = self.answer.rows.iter().find(|(_, row)| is_it(row)) {
            self.list.wish(key.clone());
        }
    }

    /// The binding that the row under the cursor stands for: the first, where it is several.
    pub fn binding_under_cursor(&self) -> Option<(Option<&str>, &str)> {
        let (place, name) = self.under_cursor()?.binding()?;
        Some((place.as_deref(), name))
    }

    /// Whom the row under the cursor is about.
    pub fn subject_under_cursor(&self) -> Option<Subject> {
        match (&self.asked, self.under_cursor()?) {
            (_, Row::Holder(subject, _)) => Some(subject.clone()),
            (_, Row::Person(person, _)) => Some(person.subject.clone()),
            (_, Row::Apart(subject, _)) => Some(subject.clone()),
            (Asked::Held(subject, _) | Asked::May(subject, _) | Asked::Bound(subject, _), _) => Some(subject.clone()),
            (Asked::Who(_) | Asked::Differ(..) | Asked::Matrix(_), _) => None,
        }
    }

    /// What is copied of a row.
    pub fn name_of(&self, key: &Name) -> String {
        let row = self.answer.places.get(key).and_then(|at| self.answer.rows.get(*at));
        row.map(|(_, row)| row.name()).unwrap_or_default()
    }

    /// A name for a file of it.
    pub const fn file_name(&self) -> &'static str {
        match self.asked {
            Asked::Who(_) => "who-can",
            Asked::Held(..) | Asked::May(..) => "can",
            Asked::Differ(..) => "compare",
            Asked::Bound(..) => "bindings",
            Asked::Matrix(_) => "matrix",
        }
    }

    /// Where it looks.
    pub const fn place(&self) -> &Where {
        match &self.asked {
            Asked::Who(question) | Asked::May(_, question) => &question.place,
            Asked::Held(_, place) | Asked::Differ(_, _, place) | Asked::Bound(_, place) | Asked::Matrix(place) => place,
        }
    }

    /// The lines below the table: how the row under the cursor comes to its right.
    pub fn detail(&self, world: &World) -> Arc<Vec<Line>> {
        let said: usize = self.verdicts.values().map(Verdicts::version).sum();
        let key = (self.made_of, self.list.selected().cloned(), said, self.list.heading);
        self.detail.get(key, || detail::lines(self, world))
    }

    /// What the server said of a row, or of the question.
    pub fn verdict(&self, key: Option<&Name>) -> Option<&Verdicts> {
        self.verdicts.get(key.map_or("", AsRef::as_ref))
    }

    /// Whether the server was asked and has not answered.
    pub fn is_asking(&self) -> bool {
        self.verdicts.values().any(Verdicts::is_asking)
    }

    /// Why the server cannot be asked about it.
    pub fn why_not_asked(&self) -> Option<String> {
        match self.asked {
            Asked::Who(_) | Asked::May(..) => None,
            Asked::Held(..) | Asked::Differ(..) | Asked::Bound(..) | Asked::Matrix(_) => {
                Some("the server is asked about one verb and one kind: `:can WHO VERB RESOURCE`".to_owned())
            }
        }
    }

    /// What is to be asked of the server: the rows that are marked, or the one under the cursor, or the question itself; each with
    /// whom it is about.
    pub fn to_ask(&self, world: &World) -> Vec<(Name, Person, Question)> {
        match &self.asked {
            Asked::Who(question) => {
                let marked: Vec<&Name> = self.list.rows().iter().filter(|key| self.list.marks.contains(*key)).collect();
                let keys = if marked.is_empty() { self.list.selected().into_iter().collect() } else { marked };
                let asked =
                    keys.into_iter().filter_map(|key| match self.answer.rows.get(*self.answer.places.get(key)?)? {
                        (key, Row::Holder(subject, _)) => {
                            Some((key.clone(), Person::known(world, subject), question.clone()))
                        }
                        _ => None,
                    });
                asked.collect()
            }
            Asked::May(subject, question) => vec![("".into(), Person::known(world, subject), question.clone())],
            Asked::Held(..) | Asked::Differ(..) | Asked::Bound(..) | Asked::Matrix(_) => Vec::new(),
        }
    }

    /// The server is being asked about a row.
    pub fn asking(&mut self, key: Name, verdicts: Verdicts) {
        self.verdicts.insert(key, verdicts);
        self.list.made_from = u64::MAX;
    }

    /// Whether answers to a request are awaited here.
    pub fn awaits(&self, request: u64) -> bool {
        self.verdicts.values().any(|verdicts| verdicts.request == request)
    }

    /// The server has answered a request.
    pub fn take(&mut self, request: u64, answers: verdict::Answers) {
        if let Some(verdicts) = self.verdicts.values_mut().find(|verdicts| verdicts.request == request) {
            verdicts.take(answers);
            self.list.made_from = u64::MAX;
        }
    }

    /// Makes the rows anew where something has changed.
    fn refresh(&mut self, world: &World, visible: usize) {
        let from = of_world(world);
        if self.made_of != from {
            self.answer = Arc::new(make::answer(world, &self.asked));
            self.made_of = from;
        }
        let list = &self.list;
        let shown = stamp(&(from, &list.filter, list.faults, list.sort));
        if list.made_from != shown {
            let keys: Vec<Name> = self.answer.rows.iter().map(|(key, _)| key.clone()).collect();
            let made = Made::new(&keys, list, self.titles(), false, |key| self.row(world, key));
            made.into(&mut self.list, shown);
            let places = &self.answer.places;
            self.list.keep_marks(|key| places.contains_key(key));
        }
        self.list.scroll_to_cursor(visible);
    }

    /// The whole table as text, in columns, with what it lacks.
    pub fn text(&self, world: &World) -> String {
        let mut lines: Vec<Vec<String>> = vec![self.titles().iter().map(ToString::to_string).collect()];
        let rows = self.list.rows().iter().filter_map(|key| self.row(world, key));
        lines.extend(rows.map(|row| (0..row.columns()).map(|column| row.cell(column).into_owned()).collect()));
        let wide = |column: usize| lines.iter().filter_map(|line| Some(line.get(column)?.chars().count())).max();
        let widths: Vec<usize> = (0..self.titles().len()).filter_map(wide).collect();
        let padded = |line: &Vec<String>| {
            let cells = line.iter().zip(&widths).map(|(cell, wide)| format!("{cell:<wide$}"));
            cells.collect::<Vec<_>>().join("   ").trim_end().to_owned() + "\n"
        };
        let mut text = format!("{}\n", row::heading(&self.asked, &self.answer));
        text.extend(lines.iter().map(padded));
        for note in &self.answer.notes {
            text.extend(note.spans.iter().map(|(_, words)| words.as_str()).chain(["\n"]));
        }
        text
    }
}

/// A number that stands for everything that rights depend on.
fn of_world(world: &World) -> u64 {
    let identity = world.identity.as_ref().map(|identity| (&identity.username, &identity.groups));
    stamp(&(
        world.bindings.revision(),
        world.cluster_bindings.revision(),
        world.roles.revision(),
        world.cluster_roles.revision(),
        world.namespaces.revision(),
        world.tenants.revision(),
        world.configurations.revision(),
        identity,
    ))
}

/// Somebody, as he is typed: `alice`, `group:devs`, `sa:oil-job/ci`, or as k9s has it `u:alice`, `g:devs`, `s:oil-job/ci`. One whom
/// bindings or tenants name so, whatever his kind, goes before what the words would mean by themselves.
pub fn subject_of(world: &World, typed: &str) -> Result<Subject, String> {
    let long = [("u:", "user:"), ("g:", "group:"), ("s:", "sa:")];
    let long = long.iter().find_map(|(short, long)| Some(format!("{long}{}", typed.strip_prefix(short)?)));
    let typed = long.as_deref().unwrap_or(typed);
    let bound = |subject: &Subject| {
        world.bound(subject).next().is_some() || world.tenants.iter().any(|tenant| tenant.is_owned_by(subject))
    };
    let meant = Owner::read(typed)?.as_subject();
    if typed.starts_with("user:") || bound(&meant) {
        return Ok(meant);
    }
    let account = typed
        .split_once('/')
        .map(|(namespace, name)| Subject::ServiceAccount { namespace: namespace.into(), name: name.into() });
    let other = [Some(Subject::Group(typed.into())), account].into_iter().flatten().find(bound);
    Ok(other.unwrap_or(meant))
}

impl Model {
    /// The page of rights, if it is on top.
    pub fn rights(&self) -> Option<&Rights> {
        match self.overlays.last() {
            Some(Overlay::Rights(page)) => Some(page),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn rights_mut(&mut self) -> Option<&mut Rights> {
        match self.overlays.last_mut() {
            Some(Overlay::Rights(page)) => Some(page),
            _ => None,
        }
    }

    /// Makes the rows of the page of rights anew, wherever it lies.
    pub fn refresh_rights(&mut self) {
        if !self.overlays.iter().any(|overlay| matches!(overlay, Overlay::Rights(_))) {
            return;
        }
        let visible = super::super::view::page_table_rows(self);
        let world = &self.here.world;
        for overlay in &mut self.overlays {
            if let Overlay::Rights(page) = overlay {
                page.refresh(world, visible);
            }
        }
    }
}

#[cfg(test)]
mod tests;
