//! Which object, of which cluster, as whom.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::world::identity::{ActingAs, Place, Proof};
use crate::world::resource::Resource;

/// The one place and identity that a plan is valid for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The context.
    pub context: String,
    /// `host:port` of the API server.
    pub server: String,
    /// Who the server says we are.
    pub user: String,
    /// Who we are behind that, where we act as somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impersonation: Option<Impersonation>,
}

/// Somebody acts as somebody else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impersonation {
    /// Who does.
    pub by: String,
    /// As whom: what requests say.
    #[serde(rename = "as")]
    pub acting_as: ActingAs,
}

impl Target {
    /// What is valid in this place for whom the server says we are. `by`: who that is without impersonation, if the server has said
    /// so; else it is told by what the kubeconfig proves it with.
    pub fn of(place: &Place, user: String, by: Option<&str>) -> Self {
        let impersonation = place.acting_as.clone().map(|acting_as| {
            let proven = || match &place.proof {
                Proof::Certificate { common_name, .. } => common_name.clone(),
                _ => format!("the user entry {}", place.user_entry),
            };
            Impersonation { by: by.map_or_else(proven, str::to_owned), acting_as }
        });
        Self { context: place.context.clone(), server: place.server.clone(), user, impersonation }
    }

    /// Who it is, and where somebody acts as somebody else, both: `alice by ops@example.net`.
    pub fn who(&self) -> String {
        match &self.impersonation {
            Some(Impersonation { by, .. }) => format!("{} by {by}", self.user),
            None => self.user.clone(),
        }
    }

    /// As whom requests are sent, if not as ourselves.
    pub fn acting_as(&self) -> Option<&ActingAs> {
        self.impersonation.as_ref().map(|impersonation| &impersonation.acting_as)
    }
}

/// Names an object on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectRef {
    /// `/api/v1` or `/apis/GROUP/VERSION`.
    pub base: String,
    /// The plural, as in paths.
    pub plural: String,
    /// The kind, as people say it.
    pub kind: String,
    /// The namespace, if the kind has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl ObjectRef {
    /// A cluster-scoped object.
    pub fn cluster(base: &str, plural: &str, kind: &str, name: &str) -> Self {
        Self { base: base.into(), plural: plural.into(), kind: kind.into(), namespace: None, name: name.into() }
    }

    /// An object of a namespace.
    pub fn namespaced(base: &str, plural: &str, kind: &str, namespace: &str, name: &str) -> Self {
        Self { namespace: Some(namespace.into()), ..Self::cluster(base, plural, kind, name) }
    }

    /// An object of a kind that discovery told; its namespace counts if the kind has one.
    pub fn of(resource: &Resource, namespace: Option<&str>, name: &str) -> Self {
        let namespace = namespace.filter(|_| resource.namespaced).map(str::to_owned);
        Self { namespace, ..Self::cluster(&resource.base(), &resource.plural, &resource.kind, name) }
    }

    /// The path of the list that the object is in.
    pub fn collection(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{}/namespaces/{namespace}/{}", self.base, self.plural),
            None => format!("{}/{}", self.base, self.plural),
        }
    }

    /// The object's path. Names need no encoding: where Kubernetes allows more than DNS names (`capsule:managed:…`) it still
    /// refuses `/` and `%`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.collection(), self.name)
    }

    /// `GROUP/VERSION`, or `v1`: as in manifests.
    pub fn api_version(&self) -> &str {
        self.base.strip_prefix("/apis/").or_else(|| self.base.strip_prefix("/api/")).unwrap_or(&self.base)
    }

    /// The API group; empty for the core.
    pub fn group(&self) -> &str {
        self.api_version().split_once('/').map_or("", |(group, _)| group)
    }

    /// As people say it: `Tenant oil`, `Deployment oil-web/site`.
    pub fn title(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {namespace}/{}", self.kind, self.name),
            None => format!("{} {}", self.kind, self.name),
        }
    }

    /// As kubectl wants it: `deployments.apps`, `namespaces`.
    pub fn kubectl_kind(&self) -> String {
        match self.group() {
            "" => self.plural.clone(),
            group => format!("{}.{group}", self.plural),
        }
    }

    /// Whether the namespace or the custom kind that this object makes is the one that `other` needs.
    pub fn is_parent_of(&self, other: &Self) -> bool {
        match self.kind.as_str() {
            "Namespace" if self.group().is_empty() => other.namespace.as_deref() == Some(&self.name),
            "CustomResourceDefinition" => {
                // Its name is made of the plural and the group.
                self.name
                    .split_once('.')
                    .is_some_and(|(plural, group)| plural == other.plural && group == other.group())
            }
            _ => false,
        }
    }
}

/// The uid of an object; empty if it has none.
pub fn uid(object: &Value) -> &str {
    object.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default()
}

/// The version of an object; empty if it has none.
pub fn resource_version(object: &Value) -> &str {
    object.pointer("/metadata/resourceVersion").and_then(Value::as_str).unwrap_or_default()
}
