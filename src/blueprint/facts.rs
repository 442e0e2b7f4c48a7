//! What a cluster has, as far as blueprints ask.

use std::collections::BTreeMap;

use super::hosts::Host;
use crate::world::World;
use crate::world::capsule::{Configuration, Era};
use crate::world::resource::Resources;

/// The lists that choices can be of, with what is in them.
pub const LISTS: &[(&str, &str)] = &[
    ("ingressClasses", "ingressclasses.networking.k8s.io"),
    ("ingressNamespaces", "namespaces"),
    ("gatewayClasses", "gatewayclasses.gateway.networking.k8s.io"),
    ("gateways", "gateways.gateway.networking.k8s.io"),
    ("clusterIssuers", "clusterissuers.cert-manager.io"),
    ("storageClasses", "storageclasses.storage.k8s.io"),
    ("priorityClasses", "priorityclasses.scheduling.k8s.io"),
    ("clusterRoles", "clusterroles.rbac.authorization.k8s.io"),
    ("namespaces", "namespaces"),
    ("meshes", "meshes.kuma.io"),
];

/// Under which name it is told why the hosts that are taken are not known.
pub const HOSTS: &str = "hosts";

/// What a cluster has.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Its kinds.
    pub resources: Resources,
    /// What is in each list that could be read; see [`LISTS`].
    pub lists: BTreeMap<&'static str, Vec<String>>,
    /// Why a list could not be read.
    pub unread: BTreeMap<&'static str, String>,
    /// The hosts that are taken.
    pub hosts: Vec<Host>,
    /// The tenants.
    pub tenants: Vec<String>,
    /// The namespaces, each with its tenant.
    pub namespaces: BTreeMap<String, Option<String>>,
    /// How Capsule is configured, if that can be read.
    pub configuration: Option<Configuration>,
    /// Which Capsule there is.
    pub era: Era,
    /// Who we are, as the server says.
    pub user: String,
    /// Our groups.
    pub groups: Vec<String>,
    /// We are somebody else already: nobody can be somebody else twice.
    pub acting: bool,
}

impl Facts {
    /// What the console knows of a cluster already.
    pub fn of(world: &World) -> Self {
        let namespace = |row: &crate::world::namespace::Namespace| {
            (row.name.to_string(), row.tenant.as_ref().map(ToString::to_string))
        };
        let identity = world.identity.as_ref();
        Self {
            resources: world.resources.clone(),
            tenants: world.tenant_names().iter().map(ToString::to_string).collect(),
            namespaces: world.namespaces.iter().map(namespace).collect(),
            configuration: world.configurations.iter().next().cloned(),
            era: world.era,
            user: identity.map(|identity| identity.username.clone()).unwrap_or_default(),
            groups: identity.map(|identity| identity.groups.clone()).unwrap_or_default(),
            acting: world.place.as_ref().is_some_and(|place| place.acting_as.is_some()),
            ..Self::default()
        }
    }

    /// Who answers for a host already, in words; `is_own`: what is not meant, by namespace and title.
    pub fn taken(&self, name: &str, is_own: impl Fn(&str, &str) -> bool) -> Option<String> {
        let taken = self.hosts.iter().find(|host| !is_own(&host.namespace, &host.object) && host.meets(name))?;
        let whose = match self.namespaces.get(&taken.namespace) {
            Some(Some(tenant)) => format!("of the tenant {tenant}"),
            _ => "of no tenant".to_owned(),
        };
        let as_what =
            if taken.name == name { String::new() } else { format!(", where it is covered by {}", taken.name) };
        Some(format!("{name} is taken by {} {whose}{as_what}", taken.object))
    }

    /// The name of a list, if there is one of that name.
    pub fn list_named(word: &str) -> Option<&'static str> {
        LISTS.iter().map(|(name, _)| *name).find(|name| *name == word)
    }

    /// Whether the cluster has something: a kind (`meshes.kuma.io`), or anything in a list (`ingressClasses`).
    pub fn has(&self, what: &str) -> bool {
        match Self::list_named(what) {
            Some(list) => self.lists.get(list).is_some_and(|all| !all.is_empty()),
            None => self.resources.all().iter().any(|kind| kind.full_name() == what),
        }
    }

    /// What of this the cluster lacks, in words.
    pub fn lacking(&self, needs: &[String]) -> Option<String> {
        let what = needs.iter().find(|what| !self.has(what))?;
        let Some((list, kind)) = LISTS.iter().find(|(list, _)| list == what) else {
            return Some(format!("this cluster has no {what}"));
        };
        Some(match self.unread.get(list) {
            Some(why) => format!("what {kind} there are is not known: {why}"),
            None if !self.has(kind) => format!("this cluster has no {kind}"),
            None => format!("there are no {kind} here"),
        })
    }

    /// What can be chosen of a list.
    pub fn list(&self, name: &str) -> &[String] {
        self.lists.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}
