//! What admission looks at.

use crate::demo::access::user::User;
use crate::demo::object::Object;
use crate::demo::schema::kind::Kind;

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A new object.
    Create,
    /// Another content; patches are updates too.
    Update,
    /// Removal.
    Delete,
}

impl Operation {
    /// As webhooks are told it, and as Capsule prints it: `CREATE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// A request on its way through admission: what an AdmissionReview tells a webhook.
#[derive(Debug)]
pub struct Review<'a> {
    /// What it does.
    pub operation: Operation,
    /// To which kind of object.
    pub kind: &'a Kind,
    /// Below the object, or empty.
    pub subresource: &'a str,
    /// The namespace; of a Namespace its own name; empty for other cluster-wide kinds.
    pub namespace: &'a str,
    /// The name; empty while `generateName` has not been resolved.
    pub name: &'a str,
    /// Who asks.
    pub user: &'a User,
    /// The object before (update, delete).
    pub old: Option<&'a Object>,
    /// Whether nothing will be written. Events are written all the same, as by the real webhooks.
    pub dry_run: bool,
}
