//! Selectors of labels.

use serde_json::Value;

use super::super::names;
use super::{Faults, forbidden, invalid, invalid_each, items, meta, required, text, value_at};
use crate::demo::object::Meta as _;

/// As `ValidateLabelSelector`.
pub(super) fn check(selector: &Value, field: &str, faults: &mut Faults) {
    meta::labels(value_at(selector, &["matchLabels"]), &format!("{field}.matchLabels"), faults);
    for (at, term) in items(selector, &["matchExpressions"]) {
        let here = format!("{field}.matchExpressions[{at}]");
        let values = term.list(&["values"]);
        match text(term, &["operator"]) {
            "In" | "NotIn" if values.is_empty() => {
                required(faults, format!("{here}.values"), "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "In" | "NotIn" => {}
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let says = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                forbidden(faults, format!("{here}.values"), says);
            }
            "Exists" | "DoesNotExist" => {}
            other => invalid(faults, format!("{here}.operator"), &other.into(), "not a valid selector operator"),
        }
        let key = text(term, &["key"]);
        invalid_each(faults, &format!("{here}.key"), key, names::qualified_name(key));
        for (at, value) in values.iter().filter_map(Value::as_str).enumerate() {
            invalid_each(faults, &format!("{here}.values[{at}]"), value, names::label_value(value));
        }
    }
}

/// Whether the selector can be used at all (`LabelSelectorAsSelector`).
pub(super) fn is_sound(selector: &Value) -> bool {
    let mut faults = Faults::new();
    check(selector, "", &mut faults);
    faults.is_empty()
}

/// Without any condition.
pub(super) fn is_empty(selector: &Value) -> bool {
    let labels = selector.at(&["matchLabels"]).and_then(Value::as_object).is_none_or(serde_json::Map::is_empty);
    labels && selector.list(&["matchExpressions"]).is_empty()
}

/// Whether labels satisfy all conditions.
pub(super) fn matches(selector: &Value, labels: &Value) -> bool {
    let has = |key: &str| labels.get(key).and_then(Value::as_str);
    let pairs = selector.at(&["matchLabels"]).and_then(Value::as_object);
    let equal = pairs.into_iter().flatten().all(|(key, value)| has(key) == value.as_str());
    equal
        && selector.list(&["matchExpressions"]).iter().all(|term| {
            let value = has(text(term, &["key"]));
            let is_in = value.is_some_and(|value| term.list(&["values"]).iter().any(|one| one == value));
            match text(term, &["operator"]) {
                "In" => is_in,
                "NotIn" => !is_in,
                "Exists" => value.is_some(),
                _ => value.is_none(),
            }
        })
}
