//! Namespaces and their tenants: who may make one, where it belongs, what stays as it is.

mod assign;
mod check;
mod keep;
mod metadata;

pub use assign::assign;
pub use check::check;
pub use keep::keep;

use serde_json::{Value, json};

use super::TENANT_LABEL;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Registry;
use crate::demo::schema::Era;

/// The webhook that assigns, by era.
fn assigning(era: Era) -> &'static str {
    match era {
        Era::V0_14 => "namespaces.mutating.projectcapsule.dev",
        Era::V0_4 => "owner.namespace.capsule.clastix.io",
    }
}

/// The webhook that refuses, by era.
fn refusing(era: Era) -> &'static str {
    match era {
        Era::V0_14 => "namespaces.validating.projectcapsule.dev",
        Era::V0_4 => "namespaces.capsule.clastix.io",
    }
}

/// The owner reference of a tenant's namespace: a plain one since 0.12.
fn reference(tenant: &Object, era: Era) -> Value {
    let mut reference = json!({
        "apiVersion": "capsule.clastix.io/v1beta2", "kind": "Tenant", "name": tenant.name(), "uid": tenant.uid(),
    });
    if era == Era::V0_4 {
        reference.set(&["controller"], true);
        reference.set(&["blockOwnerDeletion"], true);
    }
    reference
}

/// What a namespace says of its tenant: by label, and by owner reference (name and uid).
struct Said<'a> {
    label: Option<&'a str>,
    owner: Option<(&'a str, &'a str)>,
}

impl<'a> Said<'a> {
    fn by(namespace: &'a Object) -> Self {
        let owner = namespace.owners().iter().find(|owner| owner.text(&["kind"]) == Some("Tenant"));
        Self {
            label: namespace.label(TENANT_LABEL).filter(|label| !label.is_empty()),
            owner: owner
                .map(|owner| (owner.text(&["name"]).unwrap_or_default(), owner.text(&["uid"]).unwrap_or_default())),
        }
    }

    fn is_nothing(&self) -> bool {
        self.label.is_none() && self.owner.is_none()
    }

    fn names(&self, tenant: &str) -> bool {
        self.label == Some(tenant) || self.owner.is_some_and(|(name, _)| name == tenant)
    }
}

/// The tenant that label and owner reference agree on, as `tenant.ResolveNamespaceTenant`; the fault if they do not.
fn resolve(registry: &Registry, namespace: &Object) -> Result<Option<Object>, String> {
    match (Said::by(namespace).label, Said::by(namespace).owner) {
        (None, None) => Ok(None),
        (Some(label), None) => Err(format!("namespace has tenant label {label:?} but no Tenant ownerReference")),
        (None, Some((name, _))) => Err(format!("namespace has Tenant ownerReference {name:?} but no tenant label")),
        (Some(label), Some((name, _))) if label != name => {
            Err(format!("namespace label {label:?} does not match owner reference {name:?}"))
        }
        (Some(label), Some(_)) => registry
            .get(super::TENANTS, "", label)
            .map(Some)
            .ok_or_else(|| format!("tenants.capsule.clastix.io {label:?} not found")),
    }
}
