//! The rows of the pages of rights, cell by cell.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::columns::{self, Rank};
use super::super::page::Ink;
use super::{Answer, Asked, Rights};
use crate::world::World;
use crate::world::binding::{Key, RoleRef, Subject};
use crate::world::grant::Reach;
use crate::world::maker::Maker;
use crate::world::name::Name;
use crate::world::rights::chain::Chain;
use crate::world::rights::held::Held;
use crate::world::rights::holders::Ways;
use crate::world::rights::matrix;

/// Of who may do something.
pub const WHO: &[&str] = &["SUBJECT", "KIND", "WHERE", "ROLE", "BY", "SERVER"];
/// Of what somebody may do.
pub const HELD: &[&str] = &["WHAT", "VERBS", "WHERE", "ROLE", "BY"];
/// Of what one may do and another may not.
pub const APART: &[&str] = &["ONLY", "WHAT", "VERBS", "WHERE", "ROLE", "BY"];
/// Of the ways by which somebody may do something.
pub const WAYS: &[&str] = &["WHERE", "ROLE", "VIA", "BINDING", "BY"];
/// Of the bindings that name somebody.
pub const BOUND: &[&str] = &["", "WHERE", "ROLE", "VIA", "BINDING", "BY"];

/// Of the people of a tenant.
pub const MATRIX: &[&str] =
    &["SUBJECT", "KIND", "READ", "WRITE", "SECRETS", "EXEC", "RBAC", "QUOTA+POLICY", "DELETE NS"];
/// Where its cells begin.
pub const CELLS: usize = 2;

/// A row.
#[derive(Debug, Clone)]
pub enum Row {
    /// Somebody who may do it.
    Holder(Subject, Arc<Ways>),
    /// Something that somebody may do.
    Held(Held),
    /// Something that this one of two may do, and the other may not.
    Apart(Subject, Held),
    /// A way by which somebody may do something.
    Way(Chain),
    /// A binding that names somebody.
    Bound(Bound),
    /// Somebody in a tenant of so many namespaces.
    Person(matrix::Row, usize),
}

/// A binding that names somebody.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The binding.
    pub binding: Key,
    /// Whom it names: somebody himself, or a group that he is in.
    pub named: Subject,
    /// The role.
    pub role: RoleRef,
    /// What is wrong with the role: it is missing, or cannot be read.
    pub fault: Option<&'static str>,
    /// Who made the binding.
    pub maker: Option<Maker>,
    /// It counts in the place that is in mind.
    pub here: bool,
}

impl Row {
    /// The ways to the right.
    pub fn chains(&self) -> &[Chain] {
        match self {
            Self::Holder(_, ways) => &ways.chains,
            Self::Held(held) | Self::Apart(_, held) => &held.chains,
            Self::Way(chain) => std::slice::from_ref(chain),
            Self::Bound(_) | Self::Person(..) => &[],
        }
    }

    /// The first binding behind it.
    pub fn binding(&self) -> Option<&Key> {
        match self {
            Self::Bound(bound) => Some(&bound.binding),
            _ => self.chains().first().map(|chain| &chain.binding),
        }
    }

    /// What is copied of it.
    pub fn name(&self) -> String {
        match self {
            Self::Holder(subject, _) => subject.name(),
            Self::Held(held) | Self::Apart(_, held) => held.on.words(),
            Self::Person(person, _) => person.subject.name(),
            Self::Way(_) | Self::Bound(_) => self.binding().map(|(_, name)| name.to_string()).unwrap_or_default(),
        }
    }
}

/// The headings of a page.
pub const fn titles(asked: &Asked) -> &'static [&'static str] {
    match asked {
        Asked::Who(_) => WHO,
        Asked::Held(..) => HELD,
        Asked::Differ(..) => APART,
        Asked::May(..) => WAYS,
        Asked::Bound(..) => BOUND,
        Asked::Matrix(_) => MATRIX,
    }
}

/// What a page is about, and its answer where that is a word.
pub fn heading(asked: &Asked, answer: &Answer) -> String {
    match asked {
        Asked::Who(question) => format!("who may {}", question.words()),
        Asked::Held(subject, place) => format!("what {} may do {}", subject.name(), place.words()),
        Asked::Differ(one, other, place) => {
            format!("what only one of {} and {} may do {}", one.name(), other.name(), place.words())
        }
        Asked::May(subject, question) => format!("may {} {}? {}", subject.name(), question.words(), answer.words),
        Asked::Bound(subject, _) => format!("what binds {} {}", subject.kind(), subject.name()),
        Asked::Matrix(place) => format!("who may do what {}", place.words()),
    }
}

/// Where something holds, of so many namespaces that were looked at.
pub fn reach(reach: &Reach, of: usize) -> String {
    match reach {
        Reach::Cluster => "cluster".to_owned(),
        Reach::Namespaces(names) if names.len() <= 2 && names.len() < of.max(2) => {
            names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(",")
        }
        Reach::Namespaces(names) if of > 0 => format!("{} of {of} ns", names.len()),
        Reach::Namespaces(names) => names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(","),
    }
}

fn reach_rank(reach: &Reach) -> Rank {
    Rank::Number(match reach {
        Reach::Cluster => i64::MAX,
        Reach::Namespaces(names) => i64::try_from(names.len()).unwrap_or(i64::MAX),
    })
}

/// A row of a page, looked at.
pub struct View<'a> {
    pub(super) page: &'a Rights,
    pub(super) world: &'a World,
    pub(super) key: &'a Name,
    pub(super) row: &'a Row,
}

/// The first of what ways have in common, and how many others there are: `admin +1`.
fn first_of(all: impl Iterator<Item = String>) -> String {
    let mut seen: Vec<String> = Vec::new();
    for one in all {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    match seen.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    }
}

fn roles(chains: &[Chain]) -> String {
    first_of(chains.iter().map(|chain| chain.role.name.to_string()))
}

/// Who made a binding, in a few letters.
pub fn maker(maker: Option<&Maker>) -> String {
    maker.map_or_else(|| "?".to_owned(), Maker::words)
}

fn makers(chains: &[Chain]) -> String {
    first_of(chains.iter().map(|chain| maker(chain.maker.as_ref())))
}

/// `all`, `2 of 3`, `-`; with a question mark where there may be more.
fn cell_of(person: &matrix::Row, of: usize, column: usize) -> String {
    let count = person.cells.get(column.saturating_sub(CELLS)).map_or(0, Vec::len);
    let more = if person.unsure && count < of { "?" } else { "" };
    match count {
        0 if person.unsure => "?".to_owned(),
        0 => "-".to_owned(),
        all if all == of => "all".to_owned(),
        some => format!("{some} of {of}{more}"),
    }
}

fn place(key: &Key) -> &str {
    key.0.as_deref().unwrap_or("cluster")
}

impl columns::Row for View<'_> {
    fn columns(&self) -> usize {
        self.page.titles().len()
    }

    fn name_column(&self) -> usize {
        match self.row {
            Row::Holder(..) | Row::Held(_) | Row::Person(..) => 0,
            Row::Apart(..) => 1,
            Row::Way(_) => 3,
            Row::Bound(_) => 4,
        }
    }

    fn cell(&self, column: usize) -> Cow<'_, str> {
        let of = self.page.answer().of;
        match (self.row, column) {
            (Row::Holder(subject, _), 0) => subject.name().into(),
            (Row::Holder(subject, _), 1) => subject.kind().into(),
            (Row::Holder(_, ways), 2) => reach(&ways.reach, of).into(),
            (Row::Holder(_, ways), 3) => roles(&ways.chains).into(),
            (Row::Holder(_, ways), 4) => makers(&ways.chains).into(),
            (Row::Holder(..), 5) => {
                self.page.verdict(Some(self.key)).map(super::verdict::Verdicts::word).unwrap_or_default().into()
            }
            (Row::Apart(subject, _), 0) => subject.name().into(),
            (Row::Held(held), 0) | (Row::Apart(_, held), 1) => held.on.words().into(),
            (Row::Held(held), 1) | (Row::Apart(_, held), 2) => {
                held.verbs.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(" ").into()
            }
            (Row::Held(held), 2) | (Row::Apart(_, held), 3) => reach(&held.reach, of).into(),
            (Row::Held(held), 3) | (Row::Apart(_, held), 4) => roles(&held.chains).into(),
            (Row::Held(held), 4) | (Row::Apart(_, held), 5) => makers(&held.chains).into(),
            (Row::Way(chain), 0) => place(&chain.binding).into(),
            (Row::Way(chain), 1) => Cow::Borrowed(&chain.role.name),
            (Row::Way(chain), 2) => chain.via().map_or("-", AsRef::as_ref).into(),
            (Row::Way(chain), 3) => Cow::Borrowed(&chain.binding.1),
            (Row::Way(chain), 4) => maker(chain.maker.as_ref()).into(),
            (Row::Bound(bound), 0) => if bound.fault.is_some() { "!" } else { "" }.into(),
            (Row::Bound(bound), 1) => place(&bound.binding).into(),
            (Row::Bound(bound), 2) => match bound.fault {
                None => Cow::Borrowed(&bound.role.name),
                Some(fault) => format!("{} ({fault})", bound.role.name).into(),
            },
            (Row::Bound(bound), 3) => match &bound.named {
                Subject::Group(name) => Cow::Borrowed(name),
                _ => "-".into(),
            },
            (Row::Bound(bound), 4) => Cow::Borrowed(&bound.binding.1),
            (Row::Bound(bound), 5) => maker(bound.maker.as_ref()).into(),
            (Row::Person(person, _), 0) => person.subject.name().into(),
            (Row::Person(person, _), 1) => person.subject.kind().into(),
            (Row::Person(person, of), at) => cell_of(person, *of, at).into(),
            _ => "".into(),
        }
    }

    fn ink(&self, column: usize) -> Ink {
        match (self.row, column) {
            (Row::Holder(_, ways), 5) => match self.page.verdict(Some(self.key)) {
                Some(said) if said.is_asking() => Ink::Dim,
                Some(said) if said.refused().is_some() || !said.agrees(&ways.reach) => Ink::Warn,
                _ => Ink::Ok,
            },
            (Row::Holder(..) | Row::Held(_), 3) | (Row::Apart(..), 0 | 4) | (Row::Way(_), 1) => Ink::Head,
            (Row::Bound(bound), 0 | 2) if bound.fault.is_some() => Ink::Warn,
            (Row::Bound(bound), _) if !bound.here => Ink::Dim,
            (Row::Bound(_), 2) => Ink::Head,
            (Row::Person(..), 1) => Ink::Dim,
            (Row::Person(person, of), at) if at >= CELLS => match person.cells.get(at - CELLS).map_or(0, Vec::len) {
                0 => Ink::Dim,
                all if all == *of => Ink::Head,
                _ => Ink::Text,
            },
            (Row::Holder(..), 1 | 4) | (Row::Held(_) | Row::Way(_), 4) | (Row::Apart(..) | Row::Bound(_), 5) => {
                Ink::Dim
            }
            _ => Ink::Text,
        }
    }

    fn rank(&self, column: usize) -> Rank {
        match (self.row, column) {
            (Row::Holder(_, ways), 2) => reach_rank(&ways.reach),
            (Row::Held(held), 2) | (Row::Apart(_, held), 3) => reach_rank(&held.reach),
            (Row::Person(person, _), at) if at >= CELLS => {
                let count = person.cells.get(at - CELLS).map_or(0, Vec::len);
                Rank::Number(i64::try_from(count).unwrap_or(i64::MAX))
            }
            _ => Rank::Text(self.cell(column).to_lowercase()),
        }
    }
}

impl View<'_> {
    /// The world that it is a row of.
    pub const fn world(&self) -> &World {
        self.world
    }
}
