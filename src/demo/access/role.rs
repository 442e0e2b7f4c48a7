//! Roles and bindings, read from their objects into what the evaluator needs.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::super::object::Meta;
use super::rule::PolicyRule;
use super::user::User;
use crate::demo::go::quote;

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

/// A word that is nearly always one of a few: those are not held again with every binding of a cluster.
type Word = Cow<'static, str>;

/// Which role a binding gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleRef {
    /// `rbac.authorization.k8s.io`.
    pub api_group: Word,
    /// `Role` or `ClusterRole`.
    pub kind: Word,
    /// The role's name.
    pub name: Box<str>,
}

/// To whom a binding gives its role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: Word,
    /// The name.
    pub name: Box<str>,
    /// Of a service account; empty means the binding's own.
    pub namespace: Box<str>,
}

/// A RoleBinding or ClusterRoleBinding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The binding's name.
    pub name: Box<str>,
    /// Empty for a ClusterRoleBinding. All of a namespace share it.
    pub namespace: Arc<str>,
    /// The role.
    pub role: RoleRef,
    /// In the order of the object: the first that applies is named in the reason.
    pub subjects: Box<[Subject]>,
}

fn field<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn word(text: &str) -> Word {
    let usual = ["User", "Group", "ServiceAccount", "ClusterRole", "Role", super::GROUP];
    usual.into_iter().find(|one| *one == text).map_or_else(|| Word::Owned(text.to_owned()), Word::Borrowed)
}

impl RoleRef {
    /// From the `roleRef` of a binding.
    pub fn read(value: &Value) -> Self {
        let group = field(value, "apiGroup");
        let group = if group.is_empty() { super::GROUP } else { group };
        Self { api_group: word(group), kind: word(field(value, "kind")), name: field(value, "name").into() }
    }
}

impl Subject {
    /// Whether the subject is this user (upstream: `appliesToUser`).
    pub fn is(&self, user: &User, binding_namespace: &str) -> bool {
        match &*self.kind {
            "User" => *user.name == *self.name,
            "Group" => user.is_in(&self.name),
            "ServiceAccount" => {
                let namespace = if self.namespace.is_empty() { binding_namespace } else { &self.namespace };
                let rest = || user.name.strip_prefix("system:serviceaccount:")?.strip_prefix(namespace);
                !namespace.is_empty() && rest().and_then(|rest| rest.strip_prefix(':')) == Some(&*self.name)
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
    /// From a RoleBinding of that namespace, or from a ClusterRoleBinding.
    pub fn read(object: &Value, namespace: Arc<str>) -> Self {
        let subject = |value: &Value| Subject {
            kind: word(field(value, "kind")),
            name: field(value, "name").into(),
            namespace: field(value, "namespace").into(),
        };
        Self {
            name: object.name().into(),
            namespace,
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
            ("ClusterRoleBinding", self.name.to_string())
        } else {
            ("RoleBinding", format!("{}/{}", self.name, self.namespace))
        };
        let (role, to) = (quote(&self.role.name), subject.describe(&self.namespace));
        format!("{kind} {} of {} {role} to {to}", quote(&name), self.role.kind)
    }
}
