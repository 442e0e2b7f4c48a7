//! Whether the rules of a tenant would have to be kept for an object (`spec.rules[].enforce`, new era).

use serde_json::Value;

use super::Case;
use crate::demo::api::selector::Labels;
use crate::demo::object::Meta as _;

/// Whether any rule that holds in the namespace says something about this kind.
pub(super) fn concern(case: &Case<'_>) -> bool {
    let rules = case.tenant.list(&["spec", "rules"]);
    if rules.is_empty() {
        return false;
    }
    let namespace = case.registry.get("namespaces", "", case.review.namespace).unwrap_or(Value::Null);
    rules.iter().any(|rule| {
        let holds = rule.get("namespaceSelector").is_none_or(|selector| Labels::of(selector).admit(&namespace));
        holds && rule.get("enforce").is_some_and(|enforce| speaks(case, enforce))
    })
}

fn speaks(case: &Case<'_>, enforce: &Value) -> bool {
    let part = match case.review.kind.resource.as_str() {
        "pods" => "workloads",
        "services" => "services",
        "ingresses" => "ingress",
        _ => "",
    };
    let says = |value: &Value| value.as_object().is_some_and(|map| map.values().any(|value| !is_nothing(value)));
    enforce.get(part).is_some_and(says)
        || enforce.list(&["metadata"]).iter().any(|rule| names(rule, &case.review.kind.kind))
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Whether a rule about metadata may mean a kind.
fn names(rule: &Value, kind: &str) -> bool {
    let kinds = rule.list(&["kinds"]);
    kinds.is_empty() || kinds.iter().any(|one| matches!(one.as_str(), Some(name) if name == kind || name == "*"))
}
