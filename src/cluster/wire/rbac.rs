//! Roles, bindings and their subjects on the wire.

use serde::Deserialize;

use super::meta::Meta;
use super::{Text, nullable};
use crate::world::binding::{Binding, RoleRef, Subject};
use crate::world::name::Interner;
use crate::world::role::Role;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireBinding<'a> {
    #[serde(borrow)]
    metadata: Meta<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    subjects: Vec<WireSubject<'a>>,
    #[serde(borrow, default)]
    role_ref: WireRoleRef<'a>,
}

/// A subject as bindings and Capsule write it. (Capsule leaves out `apiGroup` and `namespace`.)
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireSubject<'a> {
    /// `User`, `Group` or `ServiceAccount`.
    #[serde(borrow)]
    pub kind: Text<'a>,
    /// The name.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// For ServiceAccounts.
    #[serde(borrow)]
    pub namespace: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireRoleRef<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
}

impl WireSubject<'_> {
    /// The subject, with `home` for a ServiceAccount's missing namespace. Capsule writes ServiceAccounts as
    /// `system:serviceaccount:NAMESPACE:NAME`.
    pub fn read(&self, home: Option<&str>, names: &mut Interner) -> Subject {
        match &*self.kind {
            "User" => Subject::User(names.name(&self.name)),
            "Group" => Subject::Group(names.name(&self.name)),
            "ServiceAccount" => {
                let full = self.name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
                let (namespace, name) =
                    full.unwrap_or((self.namespace.as_deref().or(home).unwrap_or_default(), &self.name));
                Subject::ServiceAccount { namespace: names.name(namespace), name: names.name(name) }
            }
            other => Subject::Other { kind: names.name(other), name: names.name(&self.name) },
        }
    }
}

/// Reads a RoleBinding or a ClusterRoleBinding.
pub fn decode_binding(item: &[u8], names: &mut Interner) -> serde_json::Result<Binding> {
    let wire: WireBinding<'_> = serde_json::from_slice(item)?;
    let home = wire.metadata.namespace.as_deref();
    let subjects: Vec<Subject> = wire.subjects.iter().map(|subject| subject.read(home, names)).collect();
    let labels = &wire.metadata.labels;
    let tenant = labels.content_tenant.as_deref().or(labels.tenant.as_deref()).or(wire.metadata.owning_tenant());
    // A binding made by people in a tenant's namespace carries the tenant's label too; Capsule's own ones are numbered.
    let kept_for = tenant.filter(|_| labels.role_binding.is_some());
    Ok(Binding {
        namespace: home.map(|name| names.name(name)),
        name: names.name(&wire.metadata.name),
        role: RoleRef { cluster: &*wire.role_ref.kind == "ClusterRole", name: names.name(&wire.role_ref.name) },
        subjects: names.subjects(&subjects),
        kept_for: kept_for.map(|name| names.name(name)),
        created: wire.metadata.created(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRole<'a> {
    #[serde(borrow)]
    metadata: Meta<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    rules: Vec<WireRule<'a>>,
    #[serde(default)]
    aggregation_rule: Option<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireRule<'a> {
    #[serde(borrow, deserialize_with = "nullable")]
    verbs: Vec<Text<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    api_groups: Vec<Text<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    resources: Vec<Text<'a>>,
}

/// Reads a Role or a ClusterRole.
pub fn decode_role(item: &[u8], names: &mut Interner) -> serde_json::Result<Role> {
    let wire: WireRole<'_> = serde_json::from_slice(item)?;
    let all = |list: &[Text<'_>]| list.iter().any(|word| &**word == "*");
    Ok(Role {
        namespace: wire.metadata.namespace.as_deref().map(|name| names.name(name)),
        name: names.name(&wire.metadata.name),
        rules: wire.rules.len() as u32,
        everything: wire.rules.iter().any(|r| all(&r.verbs) && all(&r.api_groups) && all(&r.resources)),
        aggregated: wire.aggregation_rule.is_some(),
    })
}
