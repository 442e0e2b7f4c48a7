//! The rules of an aggregated ClusterRole (upstream: `pkg/controller/clusterroleaggregation`).

use serde_json::Value;

use super::super::object::{Meta, Object};
use super::rule::{PolicyRule, texts};

/// The union of the rules of all ClusterRoles that a ClusterRole selects: selector by selector, within one by name,
/// equal rules once. Nothing for a ClusterRole that does not aggregate or whose selectors are invalid (the controller
/// then leaves the rules as they are).
pub fn aggregate<'a>(role: &Object, all: impl IntoIterator<Item = &'a Object>) -> Option<Vec<PolicyRule>> {
    role.at(&["aggregationRule"]).filter(|rule| !rule.is_null())?;
    let mut others: Vec<&Object> = all.into_iter().filter(|other| other.name() != role.name()).collect();
    others.sort_by(|a, b| a.name().cmp(b.name()));
    let mut union: Vec<PolicyRule> = Vec::new();
    for selector in role.list(&["aggregationRule", "clusterRoleSelectors"]) {
        for other in &others {
            if !selects(selector, other)? {
                continue;
            }
            for rule in other.list(&["rules"]).iter().map(PolicyRule::read) {
                if !union.contains(&rule) {
                    union.push(rule);
                }
            }
        }
    }
    Some(union)
}

/// Whether a label selector selects an object; nothing for an operator that does not exist. An empty one selects all.
fn selects(selector: &Value, object: &Object) -> Option<bool> {
    let labels = selector.get("matchLabels").and_then(Value::as_object);
    let mut all = labels.is_none_or(|labels| labels.iter().all(|(key, value)| object.label(key) == value.as_str()));
    for requirement in selector.list(&["matchExpressions"]) {
        let label = object.label(requirement.text(&["key"])?);
        let values = texts(requirement.get("values"));
        let among = || label.is_some_and(|label| values.iter().any(|value| value == label));
        all &= match requirement.text(&["operator"])? {
            "In" => among(),
            "NotIn" => !among(),
            "Exists" => label.is_some(),
            "DoesNotExist" => label.is_none(),
            _ => return None,
        };
    }
    Some(all)
}
