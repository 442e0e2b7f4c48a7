//! A kind of object that the demo stores, as discovery tells of it.

use serde_json::Value;

/// A kind that is stored and served.
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    /// The group; empty for the core one.
    pub group: String,
    /// The version that is stored and served.
    pub version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// The resource: plural, in lower case.
    pub resource: String,
    /// Such as `deployment`.
    pub singular: String,
    /// Such as `deploy`.
    pub short: Vec<String>,
    /// Such as `all`.
    pub categories: Vec<String>,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Such as `get`, in discovery's order.
    pub verbs: Vec<String>,
    /// Below the object.
    pub subresources: Vec<Subresource>,
    /// Defined by a CustomResourceDefinition: structural schema rules, its own columns, no strategic merge.
    pub custom: Option<Custom>,
}

/// What a CustomResourceDefinition says beyond the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Custom {
    /// `additionalPrinterColumns` of the version: `name, type, jsonPath, priority, description, format`.
    pub columns: Vec<Value>,
    /// The whole CustomResourceDefinition's name, `<resource>.<group>`.
    pub name: String,
}

/// Below an object, such as `status` or `scale`.
#[derive(Debug, Clone, PartialEq)]
pub struct Subresource {
    /// Such as `status`.
    pub name: String,
    /// The kind of the body, such as `Scale`.
    pub kind: String,
    /// The group of the body's kind; empty when discovery names none (same as the parent's).
    pub group: String,
    /// The version of the body's kind.
    pub version: String,
    /// Such as `get`, `patch`, `update`.
    pub verbs: Vec<String>,
}

impl Kind {
    /// `apps/v1`, or `v1` for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `deployments.apps`, or `pods` for the core group: as error messages and the store name it.
    pub fn qualified(&self) -> String {
        if self.group.is_empty() { self.resource.clone() } else { format!("{}.{}", self.resource, self.group) }
    }

    /// The subresource of this name.
    pub fn subresource(&self, name: &str) -> Option<&Subresource> {
        self.subresources.iter().find(|one| one.name == name)
    }

    /// Whether it has a status that only its subresource writes.
    pub fn has_status(&self) -> bool {
        self.subresource("status").is_some()
    }
}
