//! What a line behind `:who` or `:can` could become: verbs, kinds and their subresources, subjects, places.

use super::super::Model;
use super::super::command_line::Verb;
use crate::plan::owner::Owner;

/// Verbs that people ask about.
const VERBS: [(&str, &str); 13] = [
    ("get", "read one"),
    ("list", "read all of them, with what is in them"),
    ("watch", "follow them"),
    ("create", "make new ones"),
    ("update", "replace what is there"),
    ("patch", "change what is there"),
    ("delete", "delete one"),
    ("deletecollection", "delete all of them"),
    ("impersonate", "act as users, groups, serviceaccounts"),
    ("bind", "bind a role that one does not have"),
    ("escalate", "write rights into a role that one does not have"),
    ("approve", "approve signers"),
    ("*", "everything"),
];

/// Subresources that discovery does not tell, and what they open.
const BELOW: [(&str, &str); 8] = [
    ("pods/exec", "a shell in a container"),
    ("pods/attach", "the terminal of a container"),
    ("pods/portforward", "the ports of a pod"),
    ("pods/log", "what containers print"),
    ("pods/ephemeralcontainers", "a container beside those of a pod"),
    ("serviceaccounts/token", "a token of a ServiceAccount"),
    ("deployments/scale", "how many pods"),
    ("nodes/proxy", "the kubelet: every pod of the node"),
];

/// The part of the text that stays, what is being typed behind it, and what that could be, each with its meaning.
pub fn candidates<'a>(model: &Model, verb: Verb, text: &'a str) -> (&'a str, &'a str, Vec<(String, String)>) {
    let at = text.rfind(' ').map_or(text.len(), |space| space + 1);
    let (before, typed) = text.split_at(at);
    let said: Vec<&str> = before.split_whitespace().skip(1).collect();
    let own =
        |all: &[(&str, &str)]| all.iter().map(|(name, words)| ((*name).to_owned(), (*words).to_owned())).collect();
    let found: Vec<(String, String)> = match (said.last().copied(), said.as_slice()) {
        (Some("in"), _) => places(model),
        (Some("tenant"), [.., "in", _]) => tenants(model),
        _ if said.contains(&"in") || typed.starts_with('/') => Vec::new(),
        _ => match said.len() + usize::from(verb == Verb::Who) {
            0 => subjects(model),
            at if verb == Verb::Compare => {
                if at == 1 {
                    subjects(model)
                } else {
                    Vec::new()
                }
            }
            1 => own(&VERBS),
            2 => kinds(model).chain(own(&BELOW)).collect(),
            _ => Vec::new(),
        },
    };
    (before, typed, found)
}

fn kinds(model: &Model) -> impl Iterator<Item = (String, String)> {
    let resources = &model.here.world.resources;
    resources.preferred().map(|kind| {
        // Two kinds that are called alike are told apart by their groups.
        let is_first = resources.meant(&kind.plural).is_some_and(|meant| meant.resource == kind);
        let group = if kind.group.is_empty() { "core" } else { &kind.group };
        (if is_first { kind.plural.clone() } else { kind.full_name() }, format!("{group} · {}", kind.kind))
    })
}

fn subjects(model: &Model) -> Vec<(String, String)> {
    let world = &model.here.world;
    let named = world.subjects().filter_map(|subject| Some((Owner::of(subject)?, subject)));
    named.map(|(who, subject)| (quoted(&who.spelt()), subject.kind().to_owned())).collect()
}

/// A name as one word.
pub fn quoted(name: &str) -> String {
    if name.contains(char::is_whitespace) || name.starts_with('/') { format!("\"{name}\"") } else { name.to_owned() }
}

fn tenants(model: &Model) -> Vec<(String, String)> {
    model.here.world.tenant_names().iter().map(|name| (name.to_string(), "tenant".to_owned())).collect()
}

fn places(model: &Model) -> Vec<(String, String)> {
    let own = [
        ("tenant", "the namespaces of a tenant"),
        ("cluster", "everywhere at once"),
        ("all", "namespace by namespace"),
    ];
    let own = own.into_iter().map(|(name, words)| (name.to_owned(), words.to_owned()));
    let namespaces = model.here.world.namespaces.iter().map(|row| {
        let words =
            row.tenant.as_ref().map_or_else(|| "namespace".to_owned(), |tenant| format!("namespace of {tenant}"));
        (row.name.to_string(), words)
    });
    own.chain(namespaces).collect()
}
