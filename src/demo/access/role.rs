//! Roles and bindings, read from their objects into what the evaluator needs.

use serde_json::Value;

use super::super::object::Meta;
use super::quote::quote;
use super::rule::PolicyRule;
use super::user::User;

/// A Role or ClusterRole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// In the order of the object.
    pub rules: Vec<PolicyRule>,
}

impl Role {
    /// From a Role or ClusterRole.
    pub fn read(object: &Value) -> Self {
        Self { rules: object.list(&["rules"]).iter().map(PolicyRule::read).collect() }
    }
}

/// Which role a binding gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleRef {
    /// `rbac.authorization.k8s.io`.
    pub api_group: String,
    /// `Role` or `ClusterRole`.
    pub kind: String,
    /// The role's name.
    pub name: String,
}

/// To whom a binding gives its role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// Of a service account; empty means the binding's own.
    pub namespace: String,
}

/// A RoleBinding or ClusterRoleBinding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    /// The binding's name.
    pub name: String,
    /// Empty for a ClusterRoleBinding.
    pub namespace: String,
    /// The role.
    pub role: RoleRef,
    /// In the order of the object: the first that applies is named in the reason.
    pub subjects: Vec<Subject>,
}

fn field(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl RoleRef {
    /// From the `roleRef` of a binding.
    pub fn read(value: &Value) -> Self {
        let group = field(value, "apiGroup");
        let api_group = if group.is_empty() { super::GROUP.to_owned() } else { group };
        Self { api_group, kind: field(value, "kind"), name: field(value, "name") }
    }
}

impl Subject {
    /// Whether the subject is this user (upstream: `appliesToUser`).
    pub fn is(&self, user: &User, binding_namespace: &str) -> bool {
        match self.kind.as_str() {
            "User" => user.name == self.name,
            "Group" => user.is_in(&self.name),
            "ServiceAccount" => {
                let namespace = if self.namespace.is_empty() { binding_namespace } else { &self.namespace };
                let rest = || user.name.strip_prefix("system:serviceaccount:")?.strip_prefix(namespace);
                !namespace.is_empty() && rest().and_then(|rest| rest.strip_prefix(':')) == Some(self.name.as_str())
            }
            _ => false,
        }
    }

    /// Such as `User "alice"`; upstream puts a service account's name before its namespace.
    fn describe(&self, binding_namespace: &str) -> String {
        if self.kind != "ServiceAccount" {
            return format!("{} {}", self.kind, quote(&self.name));
        }
        let namespace = if self.namespace.is_empty() { binding_namespace } else { &self.namespace };
        format!("{} {}", self.kind, quote(&format!("{}/{namespace}", self.name)))
    }
}

impl Binding {
    /// From a RoleBinding or ClusterRoleBinding.
    pub fn read(object: &Value) -> Self {
        let subject = |value: &Value| Subject {
            kind: field(value, "kind"),
            name: field(value, "name"),
            namespace: field(value, "namespace"),
        };
        Self {
            name: object.name().to_owned(),
            namespace: object.namespace().to_owned(),
            role: object.get("roleRef").map(RoleRef::read).unwrap_or_default(),
            subjects: object.list(&["subjects"]).iter().map(subject).collect(),
        }
    }

    /// The first subject that is this user.
    pub fn subject_of(&self, user: &User) -> Option<&Subject> {
        self.subjects.iter().find(|subject| subject.is(user, &self.namespace))
    }

    /// Such as `RoleBinding "b/oil-web" of ClusterRole "view" to User "alice"`.
    pub fn describe(&self, subject: &Subject) -> String {
        let (kind, name) = if self.namespace.is_empty() {
            ("ClusterRoleBinding", self.name.clone())
        } else {
            ("RoleBinding", format!("{}/{}", self.name, self.namespace))
        };
        let (role, to) = (quote(&self.role.name), subject.describe(&self.namespace));
        format!("{kind} {} of {} {role} to {to}", quote(&name), self.role.kind)
    }
}
