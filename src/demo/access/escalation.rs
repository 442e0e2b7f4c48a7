//! Nobody grants more than they hold (upstream: `pkg/registry/rbac/*/policybased`, `escalation_check.go`,
//! `validation/rule.go` and `policy_compact.go`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::object::{Meta, Object};
use super::super::status::Status;
use super::authorize::{GROUP, MASTERS, Unresolved, resolve};
use super::forbidden::because;
use super::role::{Role, RoleRef};
use super::rule::PolicyRule;
use super::user::User;
use super::{Attributes, Rules, authorize, rules_for};
use crate::demo::go::{quote, quote_all};

/// What of the wanted rules is not covered by the held ones, broken down (upstream: `validation.Covers`).
pub fn uncovered(held: &[PolicyRule], wanted: &[PolicyRule]) -> Vec<PolicyRule> {
    let parts = wanted.iter().flat_map(PolicyRule::breakdown);
    parts.filter(|part| !held.iter().any(|rule| rule.covers(part))).collect()
}

/// Joins the verbs of rules that are otherwise the same: one group, one resource, at most one name (upstream:
/// `CompactRules`).
pub fn compact(rules: Vec<PolicyRule>) -> Vec<PolicyRule> {
    let (mut out, mut joined) = (Vec::new(), BTreeMap::<_, PolicyRule>::new());
    for rule in rules {
        match (rule.api_groups.as_slice(), rule.resources.as_slice(), rule.resource_names.as_slice()) {
            ([group], [resource], names) if names.len() < 2 && rule.non_resource_urls.is_empty() => {
                let key = (group.clone(), resource.clone(), names.first().cloned());
                match joined.get_mut(&key) {
                    Some(known) => known.verbs.extend(rule.verbs),
                    None => drop(joined.insert(key, rule)),
                }
            }
            _ => out.push(rule),
        }
    }
    out.extend(joined.into_values());
    out
}

/// Whether the user holds all the rules in the namespace (empty: at the cluster scope); if not, the sentence. `writing` is
/// the plural of what is being written.
pub fn confirm_held<R: Rules + ?Sized>(
    rules: &R,
    user: &User,
    namespace: &str,
    writing: &str,
    wanted: &[PolicyRule],
) -> Result<(), String> {
    let (held, fault) = rules_for(rules, user, namespace, Some(writing));
    let missing = uncovered(&held, wanted);
    if missing.is_empty() {
        return Ok(());
    }
    let lines: BTreeSet<String> = compact(missing).iter().map(PolicyRule::compact).collect();
    let lines = lines.into_iter().collect::<Vec<_>>().join("\n");
    let (who, groups) = (quote(&user.name), quote_all(&user.groups));
    let fault = fault.map(|fault| format!("; resolution errors: [{fault}]")).unwrap_or_default();
    Err(format!(
        "user {who} (groups={groups}) is attempting to grant RBAC permissions not currently held:\n{lines}{fault}"
    ))
}

/// Checks the writing of a Role or ClusterRole. `old` is the object before an update; `asked` is the request itself,
/// whose name is empty for a create by POST.
pub fn check_role<R: Rules + ?Sized>(
    rules: &R,
    user: &User,
    asked: &Attributes<'_>,
    new: &Object,
    old: Option<&Object>,
) -> Result<(), Status> {
    let escalate = Attributes { verb: "escalate", subresource: "", ..*asked };
    if user.is_in(MASTERS) || authorize(rules, user, &escalate).allowed || old.is_some_and(|old| only_for_gc(new, old))
    {
        return Ok(());
    }
    let refuse = |why: &str| because(GROUP, asked.resource, new.name(), why);
    confirm_held(rules, user, asked.namespace, asked.resource, &Role::read(new).rules).map_err(|why| refuse(&why))?;
    let aggregates = |object: &Object| !object.list(&["aggregationRule", "clusterRoleSelectors"]).is_empty();
    if asked.resource != "clusterroles" || !(aggregates(new) || old.is_some_and(aggregates)) {
        return Ok(());
    }
    let all = || vec!["*".to_owned()];
    let everything = [
        PolicyRule { verbs: all(), api_groups: all(), resources: all(), ..PolicyRule::default() },
        PolicyRule { verbs: all(), non_resource_urls: all(), ..PolicyRule::default() },
    ];
    confirm_held(rules, user, asked.namespace, asked.resource, &everything)
        .map_err(|_| refuse("must have cluster-admin privileges to use the aggregationRule"))
}

/// Checks the writing of a RoleBinding (with its namespace) or ClusterRoleBinding (with an empty one).
pub fn check_binding<R: Rules + ?Sized>(
    rules: &R,
    user: &User,
    namespace: &str,
    new: &Object,
    old: Option<&Object>,
) -> Result<(), Status> {
    if user.is_in(MASTERS) || old.is_some_and(|old| only_for_gc(new, old)) {
        return Ok(());
    }
    let role = new.get("roleRef").map(RoleRef::read).unwrap_or_default();
    let resource = match &*role.kind {
        "ClusterRole" => "clusterroles",
        "Role" => "roles",
        _ => "",
    };
    let (group, name) = (&*role.api_group, &*role.name);
    let bind = Attributes { verb: "bind", group, resource, name, namespace, ..Attributes::default() };
    if !resource.is_empty() && authorize(rules, user, &bind).allowed {
        return Ok(());
    }
    let written = if namespace.is_empty() { "clusterrolebindings" } else { "rolebindings" };
    let granted = resolve(rules, &role, namespace).map_err(|fault| match fault {
        Unresolved::Absent { .. } => Status::not_found(GROUP, written, name),
        Unresolved::UnknownKind(_) => Status::new(500, "", fault.sentence(None)),
    })?;
    confirm_held(rules, user, namespace, written, &granted.rules)
        .map_err(|why| because(GROUP, written, new.name(), &why))
}

/// Whether an update changes only what the garbage collector needs (upstream: `IsOnlyMutatingGCFields`).
fn only_for_gc(new: &Object, old: &Object) -> bool {
    let bare = |object: &Object| {
        let mut object = object.clone();
        for field in ["ownerReferences", "finalizers", "selfLink", "managedFields"] {
            object.unset(&["metadata", field]);
        }
        prune(&mut object);
        object
    };
    bare(new) == bare(old)
}

/// Semantic equality takes an empty list or map for none.
fn prune(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(prune);
            map.retain(|_, below| match below {
                Value::Null => false,
                Value::Array(list) => !list.is_empty(),
                Value::Object(map) => !map.is_empty(),
                _ => true,
            });
        }
        Value::Array(list) => list.iter_mut().for_each(prune),
        _ => {}
    }
}
