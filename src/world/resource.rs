//! The kinds that a server has, as its discovery tells them, and which of them a person means.
//!
//! A word is looked up as kubectl does: `deployments`, `deployment`, `deploy`, `Deployment`, with the group behind it
//! (`deployments.apps`) or with version and group (`deployments.v1.apps`). Where several groups have such a kind the core group
//! goes first, then the groups as the server orders them; the others are told ([`Meant::others`]).

use std::fmt;

/// A kind in one version of its group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Resource {
    /// The group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The plural, as in paths: `deployments`.
    pub plural: String,
    /// The singular: `deployment`.
    pub singular: String,
    /// Short names: `deploy`.
    pub short: Vec<String>,
    /// The kind: `Deployment`.
    pub kind: String,
    /// Whether its objects lie in namespaces.
    pub namespaced: bool,
    /// What can be done with it: `list`, `watch`, `patch`, …
    pub verbs: Vec<String>,
    /// What it is grouped under: `all`.
    pub categories: Vec<String>,
}

impl Resource {
    /// `/api/v1` or `/apis/GROUP/VERSION`.
    pub fn base(&self) -> String {
        if self.group.is_empty() { format!("/api/{}", self.version) } else { format!("/apis/{}", self.api_version()) }
    }

    /// As objects name it: `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// The plural with its group, which names it in a cluster: `deployments.apps`; `pods`.
    pub fn full_name(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// Whether this can be done with it.
    pub fn can(&self, verb: &str) -> bool {
        self.verbs.iter().any(|known| known == verb)
    }

    /// The path of its objects: of one namespace, or of all.
    pub fn path(&self, namespace: Option<&str>) -> String {
        match namespace {
            Some(namespace) => format!("{}/namespaces/{namespace}/{}", self.base(), self.plural),
            None => format!("{}/{}", self.base(), self.plural),
        }
    }

    /// Whether a word in small letters is one of its names; short names are the weaker ones.
    fn is_called(&self, word: &str) -> Option<Strength> {
        if self.plural == word || self.singular == word || self.kind.to_lowercase() == word {
            Some(Strength::Name)
        } else if self.short.iter().any(|short| short == word) {
            Some(Strength::Short)
        } else {
            None
        }
    }

    /// Whether what stands behind the first dot of a word is its group, with or without its version.
    fn is_in(&self, behind: &str) -> Option<Strength> {
        let version = behind.strip_prefix(&self.version).map(|rest| rest.strip_prefix('.').unwrap_or(rest));
        if behind == self.group || version == Some(&self.group) {
            Some(Strength::Name)
        } else if !behind.is_empty() && self.group.starts_with(behind) {
            Some(Strength::Short)
        } else {
            None
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full_name())
    }
}

/// How well a word names a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Name,
    Short,
}

/// What a word means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant<'a> {
    /// The kind.
    pub resource: &'a Resource,
    /// Kinds of other groups that are called so, too.
    pub others: Vec<&'a Resource>,
}

/// All kinds of a server: the core group first, then groups in the server's order; of each group the version that it prefers
/// first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    all: Vec<Resource>,
    missing: Vec<String>,
}

impl Resources {
    /// The kinds as they were found, in order. `missing`: groups (`metrics.k8s.io/v1beta1`) of which the server knows that they
    /// are there, but not at present what is in them.
    pub fn new(found: Vec<Resource>, missing: Vec<String>) -> Self {
        let (mut all, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|resource| resource.group.is_empty());
        all.extend(others);
        Self { all, missing }
    }

    /// All of them, one for each version that is served.
    pub fn all(&self) -> &[Resource] {
        &self.all
    }

    /// One of each, in the version that its group prefers among those that have it.
    pub fn preferred(&self) -> impl Iterator<Item = &Resource> {
        let is_first = |at: usize, one: &Resource| {
            !self.all.iter().take(at).any(|other| (&other.group, &other.plural) == (&one.group, &one.plural))
        };
        self.all.iter().enumerate().filter(move |(at, one)| is_first(*at, one)).map(|(_, one)| one)
    }

    /// Groups and versions of which it is not known what is in them.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// Whether nothing is known.
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The resource of an object that says of itself that it is of this `apiVersion` (`v1`, `apps/v1`) and `kind`.
    pub fn find(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        self.all.iter().find(|one| one.kind == kind && one.group == group && one.version == version)
    }

    /// What a word means, as kubectl reads it. Case does not matter.
    pub fn meant(&self, word: &str) -> Option<Meant<'_>> {
        let word = word.to_lowercase();
        let (name, behind) = word.split_once('.').map_or((word.as_str(), None), |(name, rest)| (name, Some(rest)));
        let fitting: Vec<(Strength, Strength, &Resource)> = self
            .all
            .iter()
            .filter_map(|one| {
                let place = behind.map_or(Some(Strength::Name), |behind| one.is_in(behind))?;
                Some((place, one.is_called(name)?, one))
            })
            .collect();
        let best = fitting.iter().map(|(place, called, _)| (*place, *called)).min()?;
        // Names are unique within a group but for versions: the first of each group is the one in its preferred version.
        let mut groups: Vec<&Resource> = Vec::new();
        for (place, called, one) in fitting {
            if (place, called) == best && !groups.iter().any(|known| known.group == one.group) {
                groups.push(one);
            }
        }
        let mut groups = groups.into_iter();
        Some(Meant { resource: groups.next()?, others: groups.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn resource(group: &str, version: &str, plural: &str, kind: &str, short: &[&str]) -> Resource {
        Resource {
            group: group.into(),
            version: version.into(),
            plural: plural.into(),
            singular: kind.to_lowercase(),
            short: short.iter().map(ToString::to_string).collect(),
            kind: kind.into(),
            namespaced: true,
            ..Resource::default()
        }
    }

    fn some() -> Resources {
        let all = vec![
            resource("apps", "v1", "deployments", "Deployment", &["deploy"]),
            resource("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", &["hpa"]),
            resource("autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", &["hpa"]),
            resource("events.k8s.io", "v1", "events", "Event", &["ev"]),
            resource("", "v1", "events", "Event", &["ev"]),
            resource("", "v1", "pods", "Pod", &["po"]),
            resource("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", &[]),
            resource("serving.knative.dev", "v1", "services", "Service", &["ksvc"]),
            resource("", "v1", "services", "Service", &["svc"]),
            resource("odd.example", "v1", "pos", "Po", &[]),
        ];
        Resources::new(all, Vec::new())
    }

    #[test]
    fn words_mean_what_kubectl_takes_them_for() {
        for (word, meant, others) in [
            ("deploy", "apps/v1 deployments", 0),
            ("Deployment", "apps/v1 deployments", 0),
            ("deployments.apps", "apps/v1 deployments", 0),
            ("deployments.v1.apps", "apps/v1 deployments", 0),
            ("deploy.app", "apps/v1 deployments", 0),
            ("hpa", "autoscaling/v2 horizontalpodautoscalers", 0),
            ("hpa.v1.autoscaling", "autoscaling/v1 horizontalpodautoscalers", 0),
            ("pods", "v1 pods", 1),
            ("pods.v1.", "v1 pods", 0),
            ("pods.metrics.k8s.io", "metrics.k8s.io/v1beta1 pods", 0),
            ("events", "v1 events", 1),
            ("event.events.k8s.io", "events.k8s.io/v1 events", 0),
            ("svc", "v1 services", 0),
            ("service", "v1 services", 1),
            // A kind's own name goes before another's short one.
            ("po", "odd.example/v1 pos", 0),
        ] {
            let all = some();
            let found = all.meant(word).unwrap_or_else(|| panic!("{word}"));
            let said = format!("{} {}", found.resource.api_version(), found.resource.plural);
            assert_eq!((said.as_str(), found.others.len()), (meant, others), "{word}");
        }
        for word in ["", "nothing", "deploy.nowhere", "deployments.v2.apps", "."] {
            assert_eq!(some().meant(word), None, "{word}");
        }
    }

    #[test]
    fn an_object_leads_to_its_resource() {
        let all = some();
        assert_eq!(
            all.find("apps/v1", "Deployment").map(|one| one.path(Some("oil"))).unwrap(),
            "/apis/apps/v1/namespaces/oil/deployments"
        );
        assert_eq!(all.find("v1", "Pod").map(|one| one.path(None)).unwrap(), "/api/v1/pods");
        assert_eq!(all.find("apps/v1beta1", "Deployment"), None);
        assert_eq!(all.preferred().filter(|one| one.group == "autoscaling").count(), 1);
    }

    proptest! {
        #[test]
        fn any_word_may_be_asked(word in "\\PC{0,30}|[a-z.]{0,20}") {
            let _ = some().meant(&word);
        }
    }
}
