//! Nobody grants what he does not hold: the check of roles and bindings that are written.

use super::{Caller, Registry};
use crate::demo::access::{Attributes, escalation};
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;
use crate::demo::status::Status;

impl Registry {
    /// Refuses a role or binding that grants more than its writer holds, as `registry/rbac/*/policybased`.
    pub(super) fn may_grant(&self, by: &Caller, kind: &Kind, new: &Object, old: Option<&Object>) -> Result<(), Status> {
        if kind.group != "rbac.authorization.k8s.io" {
            return Ok(());
        }
        if kind.resource.ends_with("bindings") {
            return escalation::check_binding(&self.rights, &by.user, new.namespace(), new, old);
        }
        let asked = Attributes {
            verb: if old.is_some() { "update" } else { "create" },
            group: &kind.group,
            resource: &kind.resource,
            name: new.name(),
            namespace: new.namespace(),
            ..Attributes::default()
        };
        escalation::check_role(&self.rights, &by.user, &asked, new, old)
    }
}
