//! One rule of a role, and what it allows (kubernetes: `pkg/apis/rbac/v1/evaluation_helpers.go`).

use crate::world::name::Name;

/// What a role allows: verbs on resources of API groups, or on paths that are no resources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Such as `get`, or `*` for all.
    pub verbs: Box<[Name]>,
    /// Such as `apps`, empty for the core group, or `*` for all.
    pub groups: Box<[Name]>,
    /// Such as `pods`, `pods/log`, `*/scale`, or `*` for all.
    pub resources: Box<[Name]>,
    /// Only objects of these names; empty means all.
    pub names: Box<[Name]>,
    /// Such as `/healthz`, `/apis/*`, or `*` for all.
    pub urls: Box<[Name]>,
}

/// A request, as it is put to an authorizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attributes<'a> {
    /// About objects.
    Resource {
        /// Such as `list`.
        verb: &'a str,
        /// The group; empty for the core group.
        group: &'a str,
        /// The plural.
        resource: &'a str,
        /// Such as `log`; empty for the object itself.
        subresource: &'a str,
        /// The object's name; empty for lists and for what is to be created.
        name: &'a str,
        /// The namespace; empty in the whole cluster.
        namespace: &'a str,
    },
    /// About a path that is no resource.
    Url {
        /// The method, in small letters.
        verb: &'a str,
        /// Such as `/healthz`.
        path: &'a str,
    },
}

impl<'a> Attributes<'a> {
    /// Where it is asked: RoleBindings of this namespace count, too. Empty: only ClusterRoleBindings do.
    pub const fn namespace(&self) -> &'a str {
        match self {
            Self::Resource { namespace, .. } => namespace,
            Self::Url { .. } => "",
        }
    }
}

fn holds(set: &[Name], one: &str) -> bool {
    set.iter().any(|each| **each == *one)
}

fn holds_or_all(set: &[Name], one: &str) -> bool {
    set.iter().any(|each| &**each == "*" || **each == *one)
}

/// Whether a rule's resource covers a resource, perhaps with a subresource: `*` covers both, `*/scale` the subresource of all.
fn covers_resource(pattern: &str, resource: &str, subresource: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    if subresource.is_empty() {
        return pattern == resource;
    }
    pattern.strip_prefix("*/") == Some(subresource)
        || pattern.strip_prefix(resource).and_then(|rest| rest.strip_prefix('/')) == Some(subresource)
}

/// Whether a rule's path, perhaps with `*` at its end, covers a path.
fn covers_path(pattern: &str, path: &str) -> bool {
    pattern == path || pattern.ends_with('*') && path.starts_with(pattern.trim_end_matches('*'))
}

impl Rule {
    /// Whether it allows a request.
    pub fn allows(&self, asked: &Attributes<'_>) -> bool {
        match *asked {
            Attributes::Resource { verb, group, resource, subresource, name, .. } => {
                self.is_for(verb) && self.is_about(group, resource, subresource) && self.covers(name)
            }
            Attributes::Url { verb, path } => {
                self.is_for(verb) && self.urls.iter().any(|pattern| covers_path(pattern, path))
            }
        }
    }

    /// Whether it allows this verb on what it is about.
    pub(super) fn is_for(&self, verb: &str) -> bool {
        holds_or_all(&self.verbs, verb)
    }

    /// Whether it is about objects of this kind.
    pub(super) fn is_about(&self, group: &str, resource: &str, subresource: &str) -> bool {
        holds_or_all(&self.groups, group)
            && self.resources.iter().any(|pattern| covers_resource(pattern, resource, subresource))
    }

    /// Whether it is about an object of this name, or (empty) about any.
    pub(super) fn covers(&self, name: &str) -> bool {
        self.names.is_empty() || holds(&self.names, name)
    }

    /// Whether it allows every verb on every resource of every group.
    pub fn is_everything(&self) -> bool {
        [&self.verbs, &self.groups, &self.resources].into_iter().all(|set| holds(set, "*")) && self.names.is_empty()
    }

    /// As one says it: `get, list pods, deployments.apps named a, b`; `get /healthz`.
    pub fn words(&self) -> String {
        let join = |set: &[Name]| set.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ");
        let verbs = if holds(&self.verbs, "*") { "*".to_owned() } else { join(&self.verbs) };
        let mut what = Vec::new();
        for resource in &self.resources {
            for group in &self.groups {
                what.push(full_name(group, resource));
            }
        }
        let urls = self.urls.iter().map(ToString::to_string);
        let what = what.into_iter().chain(urls).collect::<Vec<_>>().join(", ");
        let named = if self.names.is_empty() { String::new() } else { format!(" named {}", join(&self.names)) };
        format!("{verbs} {what}{named}")
    }
}

/// A resource with its group, as kubectl has it: `pods`, `deployments.apps`, `deployments.apps/scale`; `*.*` for all.
pub fn full_name(group: &str, resource: &str) -> String {
    let (resource, below) = resource.split_once('/').map_or((resource, None), |(name, below)| (name, Some(below)));
    let below = below.map(|below| format!("/{below}")).unwrap_or_default();
    if group.is_empty() { format!("{resource}{below}") } else { format!("{resource}.{group}{below}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> Box<[Name]> {
        texts.iter().map(|text| Name::from(*text)).collect()
    }

    fn asks(verb: &'static str, group: &'static str, what: &'static str, name: &'static str) -> Attributes<'static> {
        let (resource, subresource) = what.split_once('/').unwrap_or((what, ""));
        Attributes::Resource { verb, group, resource, subresource, name, namespace: "" }
    }

    #[test]
    fn rules_match_as_upstream_has_it() {
        let rule = |verbs: &[&str], groups: &[&str], resources: &[&str], names: &[&str]| Rule {
            verbs: set(verbs),
            groups: set(groups),
            resources: set(resources),
            names: set(names),
            urls: set(&[]),
        };
        let scale = rule(&["get"], &["*"], &["*/scale", "pods/log"], &[]);
        assert!(scale.allows(&asks("get", "apps", "deployments/scale", "x")));
        assert!(scale.allows(&asks("get", "", "pods/log", "x")));
        assert!(!scale.allows(&asks("get", "", "pods", "x")), "a subresource is not the object");
        assert!(!scale.allows(&asks("get", "", "pods/exec", "x")));
        let named = rule(&["*"], &[""], &["secrets"], &["a"]);
        assert!(named.allows(&asks("get", "", "secrets", "a")));
        assert!(!named.allows(&asks("create", "", "secrets", "")), "what is to be created has no name yet");
        assert!(!named.allows(&asks("get", "", "secrets/x", "a")), "the object is not its subresources");
        let all = rule(&["*"], &["*"], &["*"], &[]);
        assert!(all.allows(&asks("get", "apps", "deployments/scale", "x")) && all.is_everything());
        assert!(!all.allows(&Attributes::Url { verb: "get", path: "/" }), "paths are no resources");
        let paths = Rule { verbs: set(&["get"]), urls: set(&["/healthz/*", "/version"]), ..Rule::default() };
        assert!(paths.allows(&Attributes::Url { verb: "get", path: "/healthz/etcd" }));
        assert!(!paths.allows(&Attributes::Url { verb: "get", path: "/healthz" }));
        assert!(!paths.allows(&asks("get", "", "pods", "")));
    }

    #[test]
    fn rules_are_said_in_words() {
        let rule = Rule {
            verbs: set(&["get", "list"]),
            groups: set(&["apps"]),
            resources: set(&["deployments/scale"]),
            names: set(&["web"]),
            urls: set(&[]),
        };
        assert_eq!(rule.words(), "get, list deployments.apps/scale named web");
    }
}
