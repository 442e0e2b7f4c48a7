//! The lines below a table of rights: how the row under the cursor comes to its right.

use super::super::page::{Ink, Line};
use super::row::{Bound, Row, maker};
use super::{Asked, Rights};
use crate::world::World;
use crate::world::binding::Key;
use crate::world::name::Name;
use crate::world::rights::chain::{Chain, binding_words};
use crate::world::rights::index::one;
use crate::world::rights::matrix;
use crate::world::rights::question::Where;
use crate::world::rights::risk::{Risk, Severity};
use crate::world::rights::rule::Rule;

/// How many namespaces are named one by one.
const NAMED: usize = 6;

/// The lines.
pub fn lines(page: &Rights, world: &World) -> Vec<Line> {
    let mut lines = match (&page.asked, page.list.selected()) {
        (Asked::May(..), _) => said(page, None),
        (_, Some(key)) => said(page, Some(key)),
        (_, None) => Vec::new(),
    };
    let who = page.subject_under_cursor().map(|subject| subject.name()).unwrap_or_default();
    match page.under_cursor() {
        None => {}
        Some(Row::Bound(bound)) => lines.extend(of_binding(bound, &who, world)),
        Some(Row::Person(person, of)) => lines.extend(of_cell(page, person, *of, world)),
        Some(row) => lines.extend(ways(row.chains(), &who, world)),
    }
    lines
}

/// What the server said.
fn said(page: &Rights, key: Option<&Name>) -> Vec<Line> {
    let Some(verdicts) = page.verdict(key) else { return Vec::new() };
    if let Some(trouble) = verdicts.refused() {
        let advice = if trouble.advice.is_empty() { String::new() } else { format!("; {}", trouble.advice) };
        return vec![Line::of(Ink::Warn, format!("the server was asked: {}{advice}", trouble.what)).hang(2)];
    }
    let mut lines = vec![Line::of(Ink::Text, format!("the server says {}", verdicts.word()))];
    for (allowed, words) in [(true, "yes"), (false, "no")] {
        let told = verdicts.told().filter(|(_, verdict)| verdict.allowed == allowed);
        let told: Vec<(&Name, &str)> = told.map(|(place, verdict)| (place, verdict.reason.as_str())).collect();
        let Some((_, reason)) = told.first().filter(|(place, reason)| !place.is_empty() || !reason.is_empty()) else {
            continue;
        };
        let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        let places = listed(told.iter().map(|(place, _)| place.as_ref()).filter(|place| !place.is_empty()));
        let places = if places.is_empty() { String::new() } else { format!(" in {places}") };
        lines.push(Line::of(Ink::Dim, format!("  {words}{places}{reason}")).hang(4));
    }
    lines
}

/// Names, as many as one reads.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.len().checked_sub(NAMED) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..NAMED].join(", ")),
    }
}

/// The ways to a right: those that differ in nothing but the namespace stand in one.
fn ways(chains: &[Chain], who: &str, world: &World) -> Vec<Line> {
    let mut groups: Vec<Vec<&Chain>> = Vec::new();
    for chain in chains {
        let alike = |group: &&mut Vec<&Chain>| {
            group.first().is_some_and(|first| {
                (first.via(), &first.role, &first.maker, first.rule())
                    == (chain.via(), &chain.role, &chain.maker, chain.rule())
                    && first.binding.0.is_some() == chain.binding.0.is_some()
            })
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(chain),
            None => groups.push(vec![chain]),
        }
    }
    let mut lines = Vec::new();
    for group in groups {
        let Some(first) = group.first() else { continue };
        let by = maker(first.maker.as_ref());
        if group.len() == 1 {
            lines.push(Line::of(Ink::Text, first.words(who, world)).and(Ink::Dim, format!("  · {by}")).hang(2));
            continue;
        }
        let keys: Vec<&Key> = group.iter().map(|chain| &chain.binding).collect();
        let mut links = first.links(world);
        let binding = binding_words(&first.binding);
        links.retain(|link| link.strip_prefix("group ") != Some(who) && *link != binding);
        links.insert(0, who.to_owned());
        lines.push(Line::of(Ink::Text, links.join(" > ")).hang(2));
        let places = listed(keys.iter().filter_map(|key| key.0.as_deref()));
        let words = format!("  by {} RoleBindings in {places}  · {by}", keys.len());
        lines.push(Line::of(Ink::Dim, words).hang(4));
    }
    lines
}

/// What should be looked at about a binding, the worst first.
fn risks(bound: &Bound, world: &World) -> Vec<Line> {
    let place = bound.binding.0.clone().map_or(Where::Cluster, Where::Namespace);
    let named = one(&bound.named);
    let found = world.rights().risks(&place).into_iter();
    let of_it = found.filter(|risk| !risk.expected && risk.subject == *named && risk.bindings.contains(&bound.binding));
    let line = |risk: Risk| {
        let ink = if risk.severity == Severity::Critical { Ink::Danger } else { Ink::Warn };
        Line::of(ink, format!("{} {}: {}", risk.severity.glyph(), risk.severity.word(), risk.words())).hang(2)
    };
    of_it.map(line).collect()
}

/// A cell of the matrix: what it means, where, and by which bindings.
fn of_cell(page: &Rights, person: &matrix::Row, of: usize, world: &World) -> Vec<Line> {
    let (Some(capability), Where::Tenant(tenant)) = (page.capability(), page.place()) else { return Vec::new() };
    let names = person.cell(capability);
    let place = match names.len() {
        0 => "nowhere in it".to_owned(),
        all if all == of => format!("in all {of} namespaces"),
        _ => format!("in {}", listed(names.iter().map(AsRef::as_ref))),
    };
    let who = person.subject.name();
    let words = format!("{who}: {}: {place}", capability.word());
    let mut lines = vec![Line::of(Ink::Head, words).and(Ink::Dim, format!("  ({})", capability.words())).hang(2)];
    let mut chains: Vec<Chain> = Vec::new();
    for (_, can) in world.rights().why(&person.subject, capability, tenant) {
        for chain in can.chains {
            // One binding allows many requests: the first stands for them.
            if !chains.iter().any(|known| known.binding == chain.binding && known.via() == chain.via()) {
                chains.push(chain);
            }
        }
    }
    lines.extend(ways(&chains, &who, world));
    if person.unsure {
        lines.push(Line::of(Ink::Warn, "roles of some of its bindings cannot be read: there may be more"));
    }
    lines
}

/// The first binding behind a cell.
pub fn behind(page: &Rights, world: &World) -> Option<Key> {
    let (Some(Row::Person(person, _)), Some(capability)) = (page.under_cursor(), page.capability()) else {
        return None;
    };
    let Where::Tenant(tenant) = page.place() else { return None };
    let why = world.rights().why(&person.subject, capability, tenant);
    why.into_iter().flat_map(|(_, can)| can.chains).map(|chain| chain.binding.clone()).next()
}

/// A binding, and all that its role allows.
fn of_binding(bound: &Bound, who: &str, world: &World) -> Vec<Line> {
    let via = match &bound.named {
        crate::world::binding::Subject::Group(name) if **name != *who => format!("{who} > group {name}"),
        _ => who.to_owned(),
    };
    let role = format!("{} {}", bound.role.kind(), bound.role.name);
    let words = format!("{via} > {} > {role}", binding_words(&bound.binding));
    let mut lines =
        vec![Line::of(Ink::Text, words).and(Ink::Dim, format!("  · {}", maker(bound.maker.as_ref()))).hang(2)];
    match bound.fault {
        Some("missing") => {
            let words = format!("{role} does not exist: this allows nothing until somebody makes it");
            lines.push(Line::of(Ink::Warn, words).hang(2));
        }
        Some(_) => lines.push(Line::of(Ink::Warn, format!("{role} cannot be read: what it allows is not known"))),
        None => {}
    }
    lines.extend(risks(bound, world));
    let (store, key) = if bound.role.cluster {
        (&world.cluster_roles, (None, bound.role.name.clone()))
    } else {
        (&world.roles, (bound.binding.0.clone(), bound.role.name.clone()))
    };
    if let Some(role) = store.get(&key) {
        let line = |rule: &Rule| {
            let from = world.origin_of(role, rule);
            let from: Vec<&str> = from.iter().map(AsRef::as_ref).collect();
            let from = if from.is_empty() { String::new() } else { format!("  (from {})", from.join(" < ")) };
            Line::of(Ink::Text, format!("  {}", rule.words())).and(Ink::Dim, from).hang(4)
        };
        lines.extend(role.rules.iter().map(line));
    }
    lines
}
