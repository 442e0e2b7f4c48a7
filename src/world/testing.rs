//! Rows for tests.

use super::binding::{Binding, RoleRef, Subject};
use super::labels::Labels;
use super::namespace::Namespace;
use super::rights::rule::Rule;
use super::role::Role;
use super::tenant::Tenant;

/// A tenant with nothing but a name.
pub fn tenant(name: &str) -> Tenant {
    Tenant { name: name.into(), uid: format!("uid-{name}").as_str().into(), generation: 1, ..Tenant::default() }
}

/// A namespace, of a tenant or of none.
pub fn namespace(name: &str, tenant: Option<&str>) -> Namespace {
    Namespace {
        name: name.into(),
        uid: format!("uid-{name}").as_str().into(),
        tenant: tenant.map(Into::into),
        ..Namespace::default()
    }
}

/// A binding to a ClusterRole.
pub fn binding(namespace: Option<&str>, name: &str, role: &str, subjects: &[Subject]) -> Binding {
    Binding {
        namespace: namespace.map(Into::into),
        name: name.into(),
        role: RoleRef { cluster: true, name: role.into() },
        subjects: subjects.into(),
        kept_for: None,
        maker: None,
        created: 0,
    }
}

/// A Role, or a ClusterRole.
pub fn role(namespace: Option<&str>, name: &str, rules: &[Rule]) -> Role {
    Role {
        namespace: namespace.map(Into::into),
        name: name.into(),
        rules: rules.into(),
        aggregates: None,
        labels: Labels::default(),
    }
}

/// A rule for verbs on resources of a group.
pub fn rule(verbs: &[&str], group: &str, resources: &[&str]) -> Rule {
    let set = |texts: &[&str]| texts.iter().map(|text| (*text).into()).collect();
    Rule { verbs: set(verbs), groups: set(&[group]), resources: set(resources), ..Rule::default() }
}

/// A user.
pub fn user(name: &str) -> Subject {
    Subject::User(name.into())
}

/// A group.
pub fn group(name: &str) -> Subject {
    Subject::Group(name.into())
}

/// A ServiceAccount.
pub fn account(namespace: &str, name: &str) -> Subject {
    Subject::ServiceAccount { namespace: namespace.into(), name: name.into() }
}
