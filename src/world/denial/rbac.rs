//! Rights. Sources: apiserver `pkg/endpoints/handlers/responsewriters/errors.go`, kubernetes `pkg/registry/rbac/{role,rolebinding}/
//! policybased/storage.go` and `pkg/registry/rbac/escalation_check.go`. Any other authorizer is worded the same way.

use super::{Family, Refusal, words};
use crate::world::trouble::Denial;

pub(super) fn read(text: &str) -> Option<Refusal> {
    if let Some((_, held)) = text.split_once("attempting to grant RBAC permissions not currently held") {
        return Some(escalation(held));
    }
    let denial = parse_forbidden(text)?;
    let who = subject(&denial.user);
    let (verb, resource, place) = (&denial.verb, denial.full_resource(), denial.place());
    let acts = verb.starts_with("impersonate");
    let why = match resource.starts_with('/') {
        _ if acts => format!("{who} may not act as another ({verb} on {resource})"),
        true => format!("{who} may not {verb} {resource}"),
        false => format!("{who} may not {verb} {resource} in {place}"),
    };
    let way = if denial.user == "system:anonymous" {
        "the server does not know who you are: log in".to_owned()
    } else if acts {
        format!("leave out --as, or ask for `{verb}` on {resource} (a ClusterRole bound to {who})")
    } else if denial.namespace.is_some() {
        format!("ask for `{verb}` on {resource} in {place} (a Role or ClusterRole bound to {who} there)")
    } else {
        format!("ask for `{verb}` on {resource} in {place} (a ClusterRole bound to {who} by a ClusterRoleBinding)")
    };
    // `... at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "x" not found`
    let way = match text.split_once("RBAC: ") {
        Some((_, missing)) => format!("{way}; a binding is broken: {}", words(missing)),
        None => way,
    };
    Some(Refusal { denial: Some(Box::new(denial)), ..Refusal::new(Family::Rbac, "rights", why).way(way) })
}

/// `:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`, one line a rule; missing roles behind `; resolution errors:`.
fn escalation(held: &str) -> Refusal {
    let list = |rule: &str, key: &str| {
        let inside = rule.split_once(key)?.1.split_once(']')?.0;
        let names: Vec<String> = inside.split('"').skip(1).step_by(2).map(words).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let rule = |rule: &str| {
        let what = list(rule, "Resources:[").or_else(|| list(rule, "NonResourceURLs:["))?;
        Some(format!("{} on {what}", list(rule, "Verbs:[")?))
    };
    const SHOWN: usize = 3;
    let mut lacking: Vec<String> = held.split('{').filter_map(rule).collect();
    lacking.dedup();
    let more = lacking.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let lacking = match lacking.as_slice() {
        [] => String::new(),
        some => format!(" ({}{more})", some.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ")),
    };
    let why = format!("nobody may grant permissions that he does not hold himself{lacking}");
    let way = "somebody who holds them, or who has the verb `escalate` (for roles) or `bind` (for bindings), can";
    Refusal::new(Family::Rbac, "escalation", why).way(way)
}

/// A user name as people say it.
pub fn subject(user: &str) -> String {
    match user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':')) {
        Some((namespace, name)) => format!("ServiceAccount {}/{}", words(namespace), words(name)),
        None => words(user),
    }
}

/// What an RBAC refusal says, for example `tenants.capsule.clastix.io is forbidden: User "alice" cannot list resource "tenants" in
/// API group "capsule.clastix.io" at the cluster scope`. `None` for any other text, refusals by quotas, Pod Security or webhooks
/// among them. A path outside the resources (`cannot get path "/metrics"`) stands in `resource`.
pub fn parse_forbidden(message: &str) -> Option<Denial> {
    let (_, rest) = message.split_once("forbidden: User ")?;
    let (user, rest) = go_quoted(rest)?;
    let rest = rest.strip_prefix(" cannot ")?;
    let (verb, rest) = rest.split_once(' ')?;
    let denial = Denial { user, verb: verb.to_owned(), ..Denial::default() };
    if let Some(rest) = rest.strip_prefix("path ") {
        return Some(Denial { resource: go_quoted(rest)?.0, ..denial });
    }
    let (resource, rest) = go_quoted(rest.strip_prefix("resource ")?)?;
    let (group, rest) = match rest.strip_prefix(" in API group ") {
        Some(rest) => go_quoted(rest)?,
        None => (String::new(), rest),
    };
    let namespace = rest.strip_prefix(" in the namespace ").and_then(go_quoted).map(|(namespace, _)| namespace);
    Some(Denial { resource, group, namespace, ..denial })
}

/// Reads a string as Go's `%q` writes it, and gives what follows.
fn go_quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut unquoted = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((unquoted, &inner[at + 1..])),
            // Quotes and backslashes; escaped control characters stay as they are written.
            '\\' => match chars.next()?.1 {
                c @ ('"' | '\\') => unquoted.push(c),
                c => unquoted.extend(['\\', c]),
            },
            c => unquoted.push(c),
        }
    }
    None
}
