//! Roles, bindings and their subjects on the wire.

use std::sync::Arc;

use serde::Deserialize;

use super::meta::{AllLabels, Manager, Meta};
use super::{Text, nullable};
use crate::world::binding::{Binding, RoleRef, Subject};
use crate::world::labels::{Demand, Labels, Selector};
use crate::world::maker::Maker;
use crate::world::name::{Interner, Name};
use crate::world::rights::rule::Rule;
use crate::world::role::Role;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireBinding<'a> {
    #[serde(borrow)]
    metadata: Meta<'a, AllLabels<'a>, Vec<Manager<'a>>>,
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
                let given = self.namespace.as_deref().filter(|namespace| !namespace.is_empty());
                let full = self.name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
                let (namespace, name) = full.unwrap_or((given.or(home).unwrap_or_default(), &self.name));
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
    let labels = |key: &str| wire.metadata.labels.get(key);
    let owning = wire.metadata.owning_tenant();
    let tenant = labels("projectcapsule.dev/tenant").or_else(|| labels("capsule.clastix.io/tenant")).or(owning);
    // A binding made by people in a tenant's namespace carries the tenant's label too; Capsule's own ones are numbered.
    let kept_for = tenant.filter(|_| labels("capsule.clastix.io/role-binding").is_some());
    let maker = maker(&wire.metadata, names);
    Ok(Binding {
        namespace: home.map(|name| names.name(name)),
        name: names.name(&wire.metadata.name),
        role: RoleRef { cluster: &*wire.role_ref.kind == "ClusterRole", name: names.name(&wire.role_ref.name) },
        subjects: names.subjects(&subjects),
        kept_for: kept_for.map(|name| names.name(name)),
        maker,
        created: wire.metadata.created(),
    })
}

/// Who made a binding: by the marks of those who keep it, else by the one who has managed its fields first.
fn maker(meta: &Meta<'_, AllLabels<'_>, Vec<Manager<'_>>>, names: &mut Interner) -> Option<Maker> {
    let label = |key: &str| meta.labels.get(key);
    let marks = Maker::marks(label, |key| meta.annotations.mark(key), meta.owning_tenant().is_some());
    if let Some(mark) = marks.into_iter().next() {
        return Some(mark.map(|name| names.name(&name)));
    }
    // What Capsule binds in the whole cluster is no tenant's.
    if label("projectcapsule.dev/created-by") == Some("rbac-controller") {
        return Some(Maker::Capsule);
    }
    // Times are all written in one form. The one who applies has made it if another came at the same second.
    let first = meta.managed_fields.iter().min_by_key(|manager| manager.time.as_deref().unwrap_or_default());
    first.filter(|first| !first.manager.is_empty()).map(|first| Maker::manager(&names.name(&first.manager)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRole<'a> {
    #[serde(borrow)]
    metadata: Meta<'a, AllLabels<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    rules: Vec<WireRule<'a>>,
    #[serde(borrow, default)]
    aggregation_rule: Option<WireAggregation<'a>>,
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
    #[serde(borrow, deserialize_with = "nullable")]
    resource_names: Vec<Text<'a>>,
    #[serde(borrow, rename = "nonResourceURLs", deserialize_with = "nullable")]
    urls: Vec<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireAggregation<'a> {
    #[serde(borrow, deserialize_with = "nullable")]
    cluster_role_selectors: Vec<WireSelector<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireSelector<'a> {
    #[serde(borrow, deserialize_with = "nullable")]
    match_labels: AllLabels<'a>,
    #[serde(borrow, deserialize_with = "nullable")]
    match_expressions: Vec<WireDemand<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireDemand<'a> {
    #[serde(borrow)]
    key: Text<'a>,
    #[serde(borrow)]
    operator: Text<'a>,
    #[serde(borrow, deserialize_with = "nullable")]
    values: Vec<Text<'a>>,
}

impl WireRule<'_> {
    fn read(&self, names: &mut Interner) -> Rule {
        Rule {
            verbs: keep(&self.verbs, names),
            groups: keep(&self.api_groups, names),
            resources: keep(&self.resources, names),
            names: keep(&self.resource_names, names),
            urls: keep(&self.urls, names),
        }
    }
}

impl WireSelector<'_> {
    fn read(&self, names: &mut Interner) -> Selector {
        let mut demands: Vec<Demand> = Vec::new();
        for (key, value) in &self.match_labels.0 {
            demands.push(Demand::In(names.name(key), vec![names.name(value)]));
        }
        for WireDemand { key, operator, values } in &self.match_expressions {
            let (key, values) = (names.name(key), keep::<Vec<Name>>(values, names));
            demands.push(match &**operator {
                "In" => Demand::In(key, values),
                "NotIn" => Demand::NotIn(key, values),
                "Exists" => Demand::Exists(key),
                "DoesNotExist" => Demand::Absent(key),
                _ => Demand::Never,
            });
        }
        Selector(demands)
    }
}

fn keep<T: FromIterator<Name>>(texts: &[Text<'_>], names: &mut Interner) -> T {
    texts.iter().map(|text| names.name(text)).collect()
}

/// Reads a Role or a ClusterRole.
pub fn decode_role(item: &[u8], names: &mut Interner) -> serde_json::Result<Role> {
    let wire: WireRole<'_> = serde_json::from_slice(item)?;
    let rules: Vec<Rule> = wire.rules.iter().map(|rule| rule.read(names)).collect();
    let selectors = wire.aggregation_rule.map(|rule| {
        rule.cluster_role_selectors.iter().map(|selector| selector.read(names)).collect::<Arc<[Selector]>>()
    });
    let namespace = wire.metadata.namespace.as_deref().map(|name| names.name(name));
    Ok(Role {
        name: names.name(&wire.metadata.name),
        rules: names.rules(&rules),
        aggregates: selectors,
        // Nobody takes up the rules of Roles.
        labels: if namespace.is_none() { wire.metadata.labels.keep(names) } else { Labels::default() },
        namespace,
    })
}
