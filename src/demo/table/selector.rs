//! Selectors and labels as text.

use serde_json::Value;

use super::super::object::Meta as _;

/// A map of labels, sorted: `a=b,c=d`, or `<none>`. As `labels.FormatLabels`.
pub(super) fn labels(map: Option<&Value>) -> String {
    let Some(map) = map.and_then(Value::as_object).filter(|map| !map.is_empty()) else {
        return "<none>".to_owned();
    };
    let mut all: Vec<String> =
        map.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    all.sort();
    all.join(",")
}

/// A label selector, or `<none>` if it is empty, as `metav1.FormatLabelSelector`.
pub(super) fn format(selector: Option<&Value>) -> String {
    match written(selector) {
        None => "<error>".to_owned(),
        Some(text) if text.is_empty() => "<none>".to_owned(),
        Some(text) => text,
    }
}

/// A label selector as `labels.Selector.String()` writes it: requirements sorted by key. Nothing if it is not valid.
pub(super) fn written(selector: Option<&Value>) -> Option<String> {
    let Some(selector) = selector else { return Some(String::new()) };
    let mut all: Vec<(&str, String)> = Vec::new();
    for (key, value) in selector.at(&["matchLabels"]).and_then(Value::as_object).into_iter().flatten() {
        all.push((key, format!("{key}={}", value.as_str().unwrap_or_default())));
    }
    for expression in selector.list(&["matchExpressions"]) {
        let key = expression.text(&["key"])?;
        let mut values: Vec<&str> = expression.list(&["values"]).iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        let text = match (expression.text(&["operator"])?, values.is_empty()) {
            ("In", false) => format!("{key} in ({})", values.join(",")),
            ("NotIn", false) => format!("{key} notin ({})", values.join(",")),
            ("Exists", true) => key.to_owned(),
            ("DoesNotExist", true) => format!("!{key}"),
            _ => return None,
        };
        all.push((key, text));
    }
    all.sort_by_key(|(key, _)| *key);
    Some(all.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(","))
}
