//! Makes the answers of pages from a world.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::page::{Ink, Line};
use super::row::{Bound, Row};
use super::{Answer, Asked};
use crate::world::World;
use crate::world::binding::{Binding, Subject};
use crate::world::grant::Reach;
use crate::world::name::Name;
use crate::world::rights::can::Answer as Can;
use crate::world::rights::held::{Held, differ};
use crate::world::rights::holders::Ways;
use crate::world::rights::index::one;
use crate::world::rights::matrix::{self, Matrix};
use crate::world::rights::person::{MASTERS, Person};
use crate::world::rights::question::{Question, Where};
use crate::world::rights::who::Who;
use crate::world::rights::{Blind, RoleIs, Unsure};

/// What a page says of a world.
pub fn answer(world: &World, asked: &Asked) -> Answer {
    match asked {
        Asked::Who(question) => who(world, question),
        Asked::Held(subject, place) => held(world, subject, place),
        Asked::Differ(one, other, place) => apart(world, one, other, place),
        Asked::May(subject, question) => may(world, subject, question),
        Asked::Bound(subject, place) => bound(world, subject, place),
        Asked::Matrix(place) => people(world, place),
    }
}

fn key(words: &str) -> Name {
    words.into()
}

fn who(world: &World, question: &Question) -> Answer {
    let rights = world.rights();
    let Who { holders, of, unsure, blind, narrowed } = rights.who(question);
    let mut all: Vec<(Subject, Arc<Ways>)> =
        holders.each().map(|holder| (holder.subject.clone(), holder.ways())).collect();
    // People of the tenants go before programs of the whole cluster, and those before Kubernetes' own parts.
    all.sort_by_key(|(subject, ways)| (subject.is_system(), ways.reach == Reach::Cluster));
    let row = |(subject, ways): (Subject, Arc<Ways>)| (key(&subject.to_string()), Row::Holder(subject, ways));
    let rows = all.into_iter().map(row).collect();
    let mut notes = lacks(&blind, &unsure);
    notes.extend(narrowed.map(|words| Line::of(Ink::Warn, words)));
    notes.push(Line::of(Ink::Dim, Who::bypass()));
    Answer::new(String::new(), rows, notes, of)
}

/// What tells something that is held from all else that its holder has.
fn of_held(held: &Held) -> String {
    let place = match &held.reach {
        Reach::Cluster => "cluster".to_owned(),
        Reach::Namespaces(names) => names.join(","),
    };
    format!("{} {place}", held.on.words())
}

fn apart(world: &World, one: &Subject, other: &Subject, place: &Where) -> Answer {
    let sides = [one, other].map(|subject| {
        let person = Person::known(world, subject);
        let holding = world.rights().held(&person, place);
        (subject, person, holding)
    });
    let [(_, _, first), (_, _, second)] = &sides;
    let (of_one, of_other) = differ(first, second);
    let row = |subject: &Subject, held: Held| {
        (key(&format!("{subject} {}", of_held(&held))), Row::Apart(subject.clone(), held))
    };
    let rows = of_one.into_iter().map(|held| row(one, held)).chain(of_other.into_iter().map(|held| row(other, held)));
    let rows = rows.collect();
    let of = first.of;
    // What cannot be looked at is the same for both; whose roles cannot be read is not.
    let unsure: Vec<Unsure> = sides.iter().flat_map(|(_, _, holding)| holding.unsure.iter().cloned()).collect();
    let mut notes = lacks(&world.rights().blind(place), &unsure);
    for (subject, person, holding) in &sides {
        notes.extend(holding.bypasses.then(|| {
            let words = format!("{} is in {MASTERS}: everything, whatever bindings say", subject.name());
            Line::of(Ink::Warn, words)
        }));
        notes.extend(groups(subject, person));
    }
    Answer::new(String::new(), rows, notes, of)
}

fn held(world: &World, subject: &Subject, place: &Where) -> Answer {
    let person = Person::known(world, subject);
    let holding = world.rights().held(&person, place);
    let rows = holding.held.into_iter().map(|held| (key(&of_held(&held)), Row::Held(held)));
    let rows = rows.collect();
    let mut notes = lacks(&holding.blind, &holding.unsure);
    notes.extend(holding.bypasses.then(bypasses));
    notes.extend(groups(subject, &person));
    Answer::new(String::new(), rows, notes, holding.of)
}

fn may(world: &World, subject: &Subject, question: &Question) -> Answer {
    let person = Person::known(world, subject);
    let can = world.rights().can(&person, question);
    let words = match (can.answer(), &can.reach) {
        (Can::Yes, Some(Reach::Namespaces(_))) if can.of > 1 => format!("yes, in {} of {}", can.of, can.of),
        (Can::Yes, _) => "yes".to_owned(),
        (Can::Somewhere, Some(Reach::Namespaces(names))) => format!("in {} of {}", names.len(), can.of),
        (Can::Somewhere, _) => "in some".to_owned(),
        (Can::No, _) => "no".to_owned(),
        (Can::Unknown, _) => "not as far as can be seen".to_owned(),
    };
    let rows = can.chains.into_iter().map(|chain| {
        let via = chain.via().map(|group| format!(" {group}")).unwrap_or_default();
        let (place, name) = &chain.binding;
        (key(&format!("{}/{name}{via}", place.as_deref().unwrap_or_default())), Row::Way(chain))
    });
    let rows = rows.collect();
    let mut notes = lacks(&can.blind, &can.unsure);
    notes.extend(can.narrowed.map(|words| Line::of(Ink::Warn, words)));
    notes.extend(can.bypasses.then(bypasses));
    notes.extend(groups(subject, &person));
    Answer::new(words, rows, notes, can.of)
}

fn bound(world: &World, subject: &Subject, place: &Where) -> Answer {
    let person = Person::known(world, subject);
    let rights = world.rights();
    let here: BTreeSet<Name> = place.namespaces(world).into_iter().collect();
    let mut rows: Vec<Bound> = Vec::new();
    // A ServiceAccount is the same by its user name.
    let names: BTreeSet<Subject> = person.subjects().map(|named| one(&named).into_owned()).collect();
    for named in &names {
        rows.extend(rights.bindings_of(named).map(|binding| Bound {
            binding: binding.key(),
            named: binding.subjects.iter().find(|bound| *one(bound) == *named).unwrap_or(named).clone(),
            role: binding.role.clone(),
            fault: fault(world, binding),
            maker: binding.maker.clone(),
            here: binding.namespace.as_ref().is_none_or(|namespace| here.contains(namespace)),
        }));
    }
    // What counts in the place in mind goes first, and what is everybody's last.
    let is_implicit = |named: &Subject| matches!(named, Subject::Group(name) if name.starts_with("system:"));
    rows.sort_by_cached_key(|row| {
        (is_implicit(&row.named), !row.here, row.binding.0.is_none(), row.role.clone(), row.binding.clone())
    });
    let row = |bound: Bound| {
        let (place, name) = &bound.binding;
        (key(&format!("{}/{name} {}", place.as_deref().unwrap_or_default(), bound.named)), Row::Bound(bound))
    };
    let rows = rows.into_iter().map(row).collect();
    let mut notes = lacks(&rights.blind(place), &[]);
    notes.extend(person.is_master().then(bypasses));
    notes.extend(groups(subject, &person));
    let of = here.len();
    Answer::new(String::new(), rows, notes, of)
}

fn people(world: &World, place: &Where) -> Answer {
    let Where::Tenant(tenant) = place else { return Answer::default() };
    let Matrix { namespaces, rows, blind, .. } = world.rights().matrix(tenant, false);
    let of = namespaces.len();
    let mut rows: Vec<matrix::Row> =
        rows.into_iter().filter(|row| row.unsure || row.cells.iter().any(|cell| !cell.is_empty())).collect();
    // People of the tenant go before programs of the whole cluster.
    let is_bound_here = |subject: &Subject| {
        let mut bindings = world.bound(subject);
        bindings.any(|binding| binding.namespace.as_ref().is_some_and(|place| namespaces.contains(place)))
    };
    rows.sort_by_cached_key(|row| (!is_bound_here(&row.subject), row.subject.clone()));
    let rows = rows.into_iter().map(|row| (key(&row.subject.to_string()), Row::Person(row, of))).collect();
    let mut notes = lacks(&blind, &[]);
    notes.push(Line::of(Ink::Dim, Who::bypass()));
    Answer::new(String::new(), rows, notes, of)
}

fn fault(world: &World, binding: &Binding) -> Option<&'static str> {
    match world.role_of(binding) {
        RoleIs::Known(_) => None,
        RoleIs::Missing => Some("missing"),
        RoleIs::Unread => Some("not readable"),
    }
}

fn bypasses() -> Line {
    Line::of(Ink::Warn, format!("a member of {MASTERS} may do everything, whatever bindings say"))
}

/// Which groups somebody is taken to be in. Bindings name groups, and who is in them only the one knows who hands them out.
fn groups(subject: &Subject, person: &Person) -> Option<Line> {
    let Subject::User(_) = subject else { return None };
    let mut all: Vec<&str> = person.groups.iter().map(AsRef::as_ref).collect();
    all.sort_unstable();
    let assumed: Vec<&str> = person.assumed.iter().map(AsRef::as_ref).collect();
    let assumed =
        if assumed.is_empty() { String::new() } else { format!(" ({} since he owns a tenant)", assumed.join(", ")) };
    let who = subject.name();
    let words = format!("{who} is counted with the groups {}{assumed}; others are not known here", all.join(", "));
    Some(Line::of(Ink::Dim, words))
}

/// What could not be looked at.
fn lacks(blind: &[Blind], unsure: &[Unsure]) -> Vec<Line> {
    const TOLD: usize = 3;
    let mut lines: Vec<Line> = blind.iter().map(|blind| Line::of(Ink::Warn, blind.words())).collect();
    lines.extend(unsure.iter().take(TOLD).map(|unsure| Line::of(Ink::Warn, unsure.words())));
    if let Some(more) = unsure.len().checked_sub(TOLD).filter(|more| *more > 0) {
        lines.push(Line::of(Ink::Warn, format!("and {more} more whose roles cannot be read")));
    }
    lines
}
