//! Lists of what is allowed and of what is forbidden, as in `pkg/api/{allowed_list,forbidden_list}.go`.

use regex::Regex;
use serde_json::Value;

use crate::demo::api::selector::Labels;
use crate::demo::object::{Meta as _, Object};

/// `{allowed, allowedRegex, matchLabels, matchExpressions, default}`.
#[derive(Clone, Copy)]
pub(super) struct Allowed<'a>(&'a Value);

impl<'a> Allowed<'a> {
    /// The list at a path of a tenant; none if the tenant demands nothing there.
    pub(super) fn of(tenant: &'a Object, path: &[&str]) -> Option<Self> {
        tenant.at(path).filter(|list| list.is_object()).map(Self)
    }

    /// The class of those who name none; may be empty.
    pub(super) fn default(self) -> &'a str {
        self.0.text(&["default"]).unwrap_or_default()
    }

    /// The names, in the order of the tenant.
    pub(super) fn exact(self) -> Vec<&'a str> {
        self.0.list(&["allowed"]).iter().filter_map(Value::as_str).collect()
    }

    /// The names as they stand after a search: sorted without regard to case.
    pub(super) fn sorted(self) -> Vec<&'a str> {
        let mut exact = self.exact();
        exact.sort_by_key(|name| name.to_lowercase());
        exact
    }

    /// The expression; may be empty.
    pub(super) fn regex(self) -> &'a str {
        self.0.text(&["allowedRegex"]).unwrap_or_default()
    }

    /// Whether there is a selector of labels.
    pub(super) fn selects(self) -> bool {
        !self.0.list(&["matchExpressions"]).is_empty()
            || self.0.at(&["matchLabels"]).and_then(Value::as_object).is_some_and(|labels| !labels.is_empty())
    }

    /// Whether the selector takes a class. An empty selector takes everything.
    pub(super) fn selects_object(self, class: &Object) -> bool {
        Labels::of(self.0).admit(class)
    }

    /// Whether a name is listed or matches. The list is searched as upstream does: sorted by lower case, but halved by case, so
    /// names in capitals may be missed.
    pub(super) fn names(self, value: &str) -> bool {
        let exact = self.sorted();
        let at = exact.partition_point(|name| *name < value);
        exact.get(at) == Some(&value) || (!self.regex().is_empty() && matches(self.regex(), value))
    }

    /// What may be used instead, for refusals.
    pub(super) fn advice(self, names: &[&str]) -> String {
        let mut ways = Vec::new();
        if !names.is_empty() {
            ways.push(format!("use one from the following list ({})", names.join(", ")));
        }
        if !self.regex().is_empty() {
            ways.push(format!("use one matching the following regex ({})", self.regex()));
        }
        if self.selects() {
            ways.push("matching the label selector defined in the Tenant".to_owned());
        }
        ways.join(" or ")
    }
}

/// Whether an expression is found anywhere in a text. A broken one is found nowhere.
pub(super) fn matches(expression: &str, text: &str) -> bool {
    Regex::new(expression).is_ok_and(|regex| regex.is_match(text))
}

/// The first key that `{denied, deniedRegex}` forbids, as the sentence about it.
pub(super) fn forbidden_key(keys: Option<&Value>, list: Option<&Value>) -> Option<String> {
    let (keys, list) = (keys?.as_object()?, list?);
    let denied: Vec<&str> = list.list(&["denied"]).iter().filter_map(Value::as_str).collect();
    let expression = list.text(&["deniedRegex"]).unwrap_or_default();
    let is_forbidden = |key: &str| denied.contains(&key) || (!expression.is_empty() && matches(expression, key));
    let key = keys.keys().find(|key| is_forbidden(key))?;
    let mut ways = Vec::new();
    if !denied.is_empty() {
        ways.push(format!("one of the following ({})", denied.join(", ")));
    }
    if !expression.is_empty() {
        ways.push(format!("matching the regex {expression}"));
    }
    Some(format!("{key} is forbidden for the current Tenant. Forbidden are {}", ways.join(" or ")))
}
