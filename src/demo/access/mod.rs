//! Who asks and what they may do: authentication, impersonation, RBAC, and the reviews that tell of them.
//!
//! Everything here is pure: roles and bindings are read through [`Rules`], which [`Index`] implements.

pub mod aggregate;
pub mod authorize;
pub mod bootstrap;
pub mod escalation;
pub mod forbidden;
pub mod impersonate;
pub mod index;
pub mod review;
pub mod role;
pub mod rule;
mod sarspec;
#[cfg(test)]
mod tests;
pub mod token;
pub mod user;

pub use authorize::{Attributes, Decision, GROUP, MASTERS, Rules, authorize, rules_for};
pub use forbidden::forbidden;
pub use index::Index;
pub use role::{Binding, Role, RoleRef, Subject};
pub use rule::PolicyRule;
pub use user::User;
