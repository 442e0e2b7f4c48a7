//! One rule of a role and what it matches (upstream: `pkg/apis/rbac/v1/evaluation_helpers.go`).

use serde_json::{Map, Value};

use super::Attributes;
use crate::demo::go::quote_all;

/// What a role grants: verbs on resources of API groups, or on paths that are no resources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct PolicyRule {
    /// Such as `get`, or `*` for all.
    pub verbs: Vec<String>,
    /// Such as `apps`, empty text for the core group, or `*` for all.
    pub api_groups: Vec<String>,
    /// Such as `pods`, `pods/log`, `*/scale`, or `*` for all.
    pub resources: Vec<String>,
    /// Only objects with these names; empty means all.
    pub resource_names: Vec<String>,
    /// Such as `/healthz`, `/apis/*`, or `*` for all.
    pub non_resource_urls: Vec<String>,
}

/// The texts of a list; what is no text is passed over.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn holds(set: &[String], one: &str) -> bool {
    set.iter().any(|each| each == one)
}

fn holds_or_all(set: &[String], one: &str) -> bool {
    set.iter().any(|each| each == "*" || each == one)
}

fn holds_all(set: &[String], all: &[String]) -> bool {
    all.iter().all(|one| holds(set, one))
}

/// Whether a rule's path (perhaps with a trailing `*`) covers a path.
fn url_covers(pattern: &str, path: &str) -> bool {
    pattern == path || (pattern.ends_with('*') && path.starts_with(pattern.trim_end_matches('*')))
}

impl PolicyRule {
    /// From the JSON of a `PolicyRule`.
    pub fn read(value: &Value) -> Self {
        Self {
            verbs: texts(value.get("verbs")),
            api_groups: texts(value.get("apiGroups")),
            resources: texts(value.get("resources")),
            resource_names: texts(value.get("resourceNames")),
            non_resource_urls: texts(value.get("nonResourceURLs")),
        }
    }

    /// As the JSON of a `PolicyRule`: `verbs` always, the others where they are not empty.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("verbs".into(), self.verbs.clone().into());
        for (key, list) in [
            ("apiGroups", &self.api_groups),
            ("resources", &self.resources),
            ("resourceNames", &self.resource_names),
            ("nonResourceURLs", &self.non_resource_urls),
        ] {
            if !list.is_empty() {
                map.insert(key.into(), list.clone().into());
            }
        }
        Value::Object(map)
    }

    /// Whether the rule allows what is asked (upstream: `rbac.RuleAllows`).
    pub fn allows(&self, asked: &Attributes<'_>) -> bool {
        if !holds_or_all(&self.verbs, asked.verb) {
            return false;
        }
        if let Some(path) = asked.path {
            return self.non_resource_urls.iter().any(|pattern| url_covers(pattern, path));
        }
        holds_or_all(&self.api_groups, asked.group)
            && self.matches_resource(asked.resource, asked.subresource)
            && (self.resource_names.is_empty() || holds(&self.resource_names, asked.name))
    }

    fn matches_resource(&self, resource: &str, subresource: &str) -> bool {
        self.resources.iter().any(|one| {
            if one == "*" {
                return true;
            }
            if subresource.is_empty() {
                return one == resource;
            }
            one.strip_prefix("*/") == Some(subresource)
                || one.strip_prefix(resource).and_then(|rest| rest.strip_prefix('/')) == Some(subresource)
        })
    }

    /// The compact form of the refusals, such as `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`
    /// (upstream: `CompactString`).
    pub fn compact(&self) -> String {
        let parts: Vec<String> = [
            ("APIGroups", &self.api_groups),
            ("Resources", &self.resources),
            ("NonResourceURLs", &self.non_resource_urls),
            ("ResourceNames", &self.resource_names),
            ("Verbs", &self.verbs),
        ]
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(name, list)| format!("{name}:{}", quote_all(list)))
        .collect();
        format!("{{{}}}", parts.join(", "))
    }

    /// Equivalent rules with at most one verb, group, resource, name or path each (upstream: `BreakdownRule`).
    pub fn breakdown(&self) -> Vec<Self> {
        let one = |text: &String| vec![text.clone()];
        let mut parts = Vec::new();
        for group in &self.api_groups {
            for resource in &self.resources {
                for verb in &self.verbs {
                    let part =
                        Self { verbs: one(verb), api_groups: one(group), resources: one(resource), ..Self::default() };
                    if self.resource_names.is_empty() {
                        parts.push(part);
                        continue;
                    }
                    let named = |name| Self { resource_names: one(name), ..part.clone() };
                    parts.extend(self.resource_names.iter().map(named));
                }
            }
        }
        for url in &self.non_resource_urls {
            let part = |verb| Self { verbs: one(verb), non_resource_urls: one(url), ..Self::default() };
            parts.extend(self.verbs.iter().map(part));
        }
        parts
    }

    /// Whether the rule covers another one that was broken down (upstream: `ruleCovers`).
    pub fn covers(&self, part: &Self) -> bool {
        let named = self.resource_names.is_empty()
            || (!part.resource_names.is_empty() && holds_all(&self.resource_names, &part.resource_names));
        named
            && (holds(&self.verbs, "*") || holds_all(&self.verbs, &part.verbs))
            && (holds(&self.api_groups, "*") || holds_all(&self.api_groups, &part.api_groups))
            && self.covers_resources(&part.resources)
            && part
                .non_resource_urls
                .iter()
                .all(|path| self.non_resource_urls.iter().any(|pattern| url_covers(pattern, path)))
    }

    fn covers_resources(&self, resources: &[String]) -> bool {
        holds(&self.resources, "*")
            || resources.iter().all(|one| {
                let by_subresource =
                    || one.split_once('/').is_some_and(|(_, below)| holds(&self.resources, &format!("*/{below}")));
                holds(&self.resources, one) || by_subresource()
            })
    }
}
