//! How the namespaces of a plan come to belong to their tenant: Capsule lets some make them, and others not. Which way is gone is
//! found out by dry run, once the tenant is there.

use crate::plan::ObjectRef;
use crate::world::identity::ActingAs;

/// How new namespaces join their tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Joining {
    /// The tenant.
    pub tenant: String,
    /// The ways that could be gone, the likeliest first; once it is known which one is, that one alone.
    pub ways: Vec<Way>,
    /// It has been found out.
    pub settled: bool,
}

/// One way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// As ourselves; the label says where it belongs.
    Ourselves,
    /// As ourselves, with the label and a reference to the tenant, as administrators had to before Capsule knew of them.
    Adopted,
    /// As an owner of the tenant.
    Owner(ActingAs),
}

impl Way {
    /// As whom, if not as ourselves.
    pub const fn actor(&self) -> Option<&ActingAs> {
        match self {
            Self::Owner(actor) => Some(actor),
            Self::Ourselves | Self::Adopted => None,
        }
    }

    /// In words: `as ourselves`, `as alice (group projectcapsule.dev)`.
    pub fn words(&self) -> String {
        match self {
            Self::Ourselves => "as ourselves".to_owned(),
            Self::Adopted => "as ourselves, each with a reference to its tenant".to_owned(),
            Self::Owner(ActingAs { user, groups }) if groups.is_empty() => format!("as {user}"),
            Self::Owner(ActingAs { user, groups }) => format!("as {user} ({})", groups.join(", ")),
        }
    }
}

impl Joining {
    /// Whether an object is a namespace.
    pub fn is_about(object: &ObjectRef) -> bool {
        object.kind == "Namespace" && object.group().is_empty()
    }
}
