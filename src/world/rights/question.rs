//! What is asked: a verb, on what, where.

use crate::world::World;
use crate::world::name::Name;
use crate::world::resource::Resources;

use super::rule::{Attributes, full_name};

/// A question about rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Such as `delete`; for paths the method in small letters.
    pub verb: Name,
    /// On what.
    pub object: Object,
    /// Where.
    pub place: Where,
}

/// What one wants to do something with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// Objects of a kind.
    Resource {
        /// The group; empty for the core group.
        group: Name,
        /// The plural.
        resource: Name,
        /// Such as `log`; empty for the object itself.
        subresource: Name,
        /// The object's name; empty for any.
        name: Name,
        /// Whether they lie in namespaces, as far as the server has said.
        namespaced: bool,
    },
    /// A path that is no resource: `/healthz`.
    Url(Name),
}

/// Where one wants to do it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Where {
    /// In one namespace.
    Namespace(Name),
    /// In the namespaces of a tenant: in how many?
    Tenant(Name),
    /// In all namespaces: in how many?
    Everywhere,
    /// In the whole cluster at once: objects that lie in no namespace, or lists over all namespaces.
    #[default]
    Cluster,
}

impl Where {
    /// The namespaces to look at one by one.
    pub fn namespaces(&self, world: &World) -> Vec<Name> {
        match self {
            Self::Namespace(name) => vec![name.clone()],
            Self::Tenant(tenant) => world.namespaces_of(tenant).map(|namespace| namespace.name.clone()).collect(),
            Self::Everywhere => world.known_namespaces(),
            Self::Cluster => Vec::new(),
        }
    }

    /// As one says it: `in tenant oil`.
    pub fn words(&self) -> String {
        match self {
            Self::Namespace(name) => format!("in namespace {name}"),
            Self::Tenant(name) => format!("in tenant {name}"),
            Self::Everywhere => "in all namespaces".to_owned(),
            Self::Cluster => "in the whole cluster".to_owned(),
        }
    }
}

impl Question {
    /// Reads `VERB RESOURCE[.GROUP][/SUBRESOURCE] [NAME]`, or `VERB /path`, with the kinds that a server has. While those are
    /// not known, or with `*`, what is written is taken as it stands. `place` is asked for unless the kind lies in no
    /// namespace. The words tell what is wrong.
    pub fn read(
        resources: &Resources,
        verb: &str,
        what: &str,
        name: Option<&str>,
        place: Where,
    ) -> Result<Self, String> {
        let verb: Name = verb.to_lowercase().as_str().into();
        if verb.is_empty() || verb.contains('/') {
            return Err(format!("{verb:?} is no verb: get, list, create, delete, …"));
        }
        if what.starts_with('/') {
            return match name {
                None => Ok(Self { verb, object: Object::Url(what.into()), place: Where::Cluster }),
                Some(name) => Err(format!("{what} is a path, and has no object {name}")),
            };
        }
        let (word, mut subresource) = what.split_once('/').unwrap_or((what, ""));
        let mut name = name.unwrap_or_default();
        // As kubectl has it: TYPE/NAME names an object, and subresources have a flag. A subresource is known by its name.
        if name.is_empty() && !subresource.is_empty() && !is_subresource(subresource) {
            (name, subresource) = (subresource, "");
        }
        let (group, resource, namespaced): (Name, Name, bool) = match resources.meant(word) {
            _ if word == "*" => ("*".into(), "*".into(), true),
            Some(meant) => {
                let meant = meant.resource;
                (meant.group.as_str().into(), meant.plural.as_str().into(), meant.namespaced)
            }
            None if resources.is_empty() || !resources.missing().is_empty() => {
                let (plural, group) = word.split_once('.').unwrap_or((word, ""));
                (group.into(), plural.into(), true)
            }
            None => return Err(format!("the server knows no {word}")),
        };
        // A namespace is asked about as if it lay in itself: its own RoleBindings may allow that.
        let is_namespace = group.is_empty() && &*resource == "namespaces";
        let place = match place {
            Where::Namespace(_) | Where::Everywhere | Where::Tenant(_) if is_namespace && &*verb != "create" => {
                if name.is_empty() && matches!(place, Where::Namespace(_)) { Where::Cluster } else { place }
            }
            place if namespaced => place,
            _ => Where::Cluster,
        };
        let place = if is_namespace && !name.is_empty() { Where::Namespace(name.into()) } else { place };
        let object =
            Object::Resource { group, resource, subresource: subresource.into(), name: name.into(), namespaced };
        Ok(Self { verb, object, place })
    }

    /// The request that would be made in a namespace; empty: in the whole cluster.
    pub fn attributes<'a>(&'a self, namespace: &'a str) -> Attributes<'a> {
        match &self.object {
            Object::Url(path) => Attributes::Url { verb: &self.verb, path },
            Object::Resource { group, resource, subresource, name, .. } => Attributes::Resource {
                verb: &self.verb,
                group,
                resource,
                subresource,
                // That namespace is meant, of those of a tenant: requests for one are asked about in it.
                name: if self.is_about_namespaces() && name.is_empty() { namespace } else { name },
                namespace,
            },
        }
    }

    /// Whether the objects are namespaces: each is then asked about as if it lay in itself.
    pub fn is_about_namespaces(&self) -> bool {
        matches!(&self.object, Object::Resource { group, resource, .. } if group.is_empty() && &**resource == "namespaces")
    }

    /// What RBAC does not say, and Capsule does: what it allows is narrowed by its webhooks.
    pub fn narrowed(&self) -> Option<&'static str> {
        let writes = ["create", "update", "patch", "delete", "*"];
        (self.is_about_namespaces() && writes.contains(&&*self.verb))
            .then_some("allowed by RBAC, narrowed by Capsule: its webhooks let Capsule's users change their own tenants' namespaces only")
    }

    /// As one says it: `delete pods in tenant oil`.
    pub fn words(&self) -> String {
        format!("{} {} {}", self.verb, self.object.words(), self.place.words())
    }
}

impl Object {
    /// As one says it: `deployments.apps/scale web`.
    pub fn words(&self) -> String {
        match self {
            Self::Url(path) => path.to_string(),
            Self::Resource { group, resource, subresource, name, .. } => {
                let below = if subresource.is_empty() { String::new() } else { format!("/{subresource}") };
                let name = if name.is_empty() { String::new() } else { format!(" {name}") };
                format!("{}{below}{name}", full_name(group, resource))
            }
        }
    }
}

/// Subresources that servers have; discovery does not tell them here.
const SUBRESOURCES: [&str; 16] = [
    "*",
    "approval",
    "attach",
    "binding",
    "ephemeralcontainers",
    "eviction",
    "exec",
    "finalize",
    "log",
    "portforward",
    "proxy",
    "resize",
    "scale",
    "status",
    "token",
    "finalizers",
];

fn is_subresource(word: &str) -> bool {
    SUBRESOURCES.contains(&word)
}
