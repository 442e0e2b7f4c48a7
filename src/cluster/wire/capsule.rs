//! Capsule's own kinds on the wire, charts 0.4.6 to 0.14 with one lenient reader.

use serde::Deserialize;

use super::meta::{AllLabels, Meta};
use super::rbac::WireSubject;
use super::{Text, nullable};
use crate::world::binding::Subject;
use crate::world::capsule::{Configuration, WebhookConfiguration};
use crate::world::name::{Interner, Name};
use crate::world::tenant::{Condition, Owner, Space, Tenant};

#[derive(Deserialize)]
struct WireTenant<'a> {
    #[serde(borrow)]
    metadata: Meta<'a, AllLabels<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    spec: Spec<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    status: Status<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec<'a> {
    cordoned: Option<bool>,
    prevent_deletion: Option<bool>,
    #[serde(deserialize_with = "nullable")]
    namespace_options: NamespaceOptions,
    #[serde(borrow, deserialize_with = "nullable")]
    owners: Vec<WireOwner<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NamespaceOptions {
    quota: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireOwner<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, deserialize_with = "nullable")]
    cluster_roles: Vec<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status<'a> {
    #[serde(borrow)]
    state: Option<Text<'a>>,
    size: Option<u32>,
    observed_generation: Option<i64>,
    #[serde(borrow, deserialize_with = "nullable")]
    conditions: Vec<WireCondition<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    namespaces: Vec<Text<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    spaces: Vec<WireSpace<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    owners: Vec<WireOwner<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    promotions: Vec<WireOwner<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSpace<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, deserialize_with = "nullable")]
    conditions: Vec<WireCondition<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireCondition<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    reason: Text<'a>,
    #[serde(borrow)]
    message: Text<'a>,
}

fn condition(conditions: &[WireCondition<'_>], kind: &str, names: &mut Interner) -> Option<Condition> {
    let found = conditions.iter().find(|condition| &*condition.kind == kind)?;
    Some(Condition {
        met: &*found.status == "True",
        reason: names.name(&found.reason),
        message: names.name(&found.message),
    })
}

/// Reads a Tenant (v1beta2).
pub fn decode_tenant(item: &[u8], names: &mut Interner) -> serde_json::Result<Tenant> {
    let WireTenant { metadata, spec, status } = serde_json::from_slice(item)?;
    let owners = if status.owners.is_empty() { &spec.owners } else { &status.owners };
    let spaces = if status.spaces.is_empty() {
        status.namespaces.iter().map(|name| Space { name: names.name(name), cordoned: None }).collect()
    } else {
        status
            .spaces
            .iter()
            .map(|space| Space {
                name: names.name(&space.name),
                cordoned: space.conditions.iter().find(|c| &*c.kind == "Cordoned").map(|c| &*c.status == "True"),
            })
            .collect()
    };
    Ok(Tenant {
        name: names.name(&metadata.name),
        uid: names.name(&metadata.uid),
        created: metadata.created(),
        deleting: metadata.deleting(),
        finalizers: metadata.finalizers.iter().map(|name| names.name(name)).collect(),
        labels: metadata.labels.keep(names),
        generation: metadata.generation,
        pause: metadata.annotations.pause().map(Box::new),
        observed_generation: status.observed_generation,
        cordoned: spec.cordoned.unwrap_or(false),
        protected: spec.prevent_deletion.unwrap_or(false),
        quota: spec.namespace_options.quota,
        size: status.size.unwrap_or(0),
        state: status.state.as_deref().map(|state| names.name(state)),
        ready: condition(&status.conditions, "Ready", names),
        cordon: condition(&status.conditions, "Cordoned", names),
        promoted: promoted(&spec, &status, names),
        owners: owners.iter().map(|owner| read_owner(owner, names)).collect(),
        spaces,
    })
}

/// The ServiceAccounts that were promoted, to owners or by rules.
fn promoted(spec: &Spec<'_>, status: &Status<'_>, names: &mut Interner) -> Vec<Subject> {
    let is_named = |owner: &WireOwner<'_>| spec.owners.iter().any(|named| named.name == owner.name);
    let owners = status.owners.iter().filter(|owner| &*owner.kind == "ServiceAccount" && !is_named(owner));
    let mut promoted: Vec<Subject> =
        owners.chain(&status.promotions).map(|owner| read_owner(owner, names).subject).collect();
    promoted.sort();
    promoted.dedup();
    promoted
}

fn read_owner(owner: &WireOwner<'_>, names: &mut Interner) -> Owner {
    let wire = WireSubject { kind: owner.kind.clone(), name: owner.name.clone(), namespace: None };
    Owner {
        subject: wire.read(None, names),
        cluster_roles: owner.cluster_roles.iter().map(|role| names.name(role)).collect(),
    }
}

#[derive(Deserialize)]
struct WireConfiguration<'a> {
    #[serde(borrow)]
    metadata: Meta<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    spec: ConfigurationSpec<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    status: ConfigurationStatus<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ConfigurationSpec<'a> {
    #[serde(borrow, deserialize_with = "nullable")]
    users: Vec<WireSubject<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    user_names: Vec<Text<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    user_groups: Vec<Text<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    administrators: Vec<WireSubject<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    ignore_user_with_groups: Vec<Text<'a>>,
    #[serde(borrow)]
    protected_namespace_regex: Option<Text<'a>>,
    force_tenant_prefix: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ConfigurationStatus<'a> {
    #[serde(borrow, deserialize_with = "nullable")]
    users: Vec<WireSubject<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    conditions: Vec<WireCondition<'a>>,
}

/// Reads a CapsuleConfiguration (v1beta2).
pub fn decode_configuration(item: &[u8], names: &mut Interner) -> serde_json::Result<Configuration> {
    let WireConfiguration { metadata, spec, status } = serde_json::from_slice(item)?;
    let resolved = if status.users.is_empty() { &spec.users } else { &status.users };
    let mut users: Vec<_> = resolved.iter().map(|subject| subject.read(None, names)).collect();
    let named = spec.user_names.iter().map(|name| (name, "User"));
    let grouped = spec.user_groups.iter().map(|name| (name, "Group"));
    for (name, kind) in named.chain(grouped) {
        let wire = WireSubject { kind: Text(kind.into()), name: name.clone(), namespace: None };
        users.push(wire.read(None, names));
    }
    users.sort();
    users.dedup();
    let ready = condition(&status.conditions, "Ready", names);
    Ok(Configuration {
        name: names.name(&metadata.name),
        users,
        administrators: spec.administrators.iter().map(|subject| subject.read(None, names)).collect(),
        ignored_groups: spec.ignore_user_with_groups.iter().map(|name| names.name(name)).collect(),
        protected_namespaces: some_text(spec.protected_namespace_regex.as_deref(), names),
        force_prefix: spec.force_tenant_prefix.unwrap_or(false),
        ready: ready.map(|condition| (condition.met, condition.message)),
    })
}

fn some_text(text: Option<&str>, names: &mut Interner) -> Option<Name> {
    text.filter(|text| !text.is_empty()).map(|text| names.name(text))
}

#[derive(Deserialize)]
struct WireWebhooks<'a> {
    #[serde(borrow)]
    metadata: Meta<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    webhooks: Vec<WireWebhook<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireWebhook<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    failure_policy: Option<Text<'a>>,
}

/// Reads a webhook configuration; `None` if it is not one of Capsule's.
pub fn decode_webhooks(
    validating: bool,
    item: &[u8],
    names: &mut Interner,
) -> serde_json::Result<Option<WebhookConfiguration>> {
    let WireWebhooks { metadata, webhooks } = serde_json::from_slice(item)?;
    let ours = webhooks.iter().any(|hook| is_capsule_webhook(&hook.name));
    Ok(ours.then(|| WebhookConfiguration {
        validating,
        name: names.name(&metadata.name),
        hooks: webhooks.len() as u32,
        fail_closed: webhooks.iter().filter(|hook| hook.failure_policy.as_deref() != Some("Ignore")).count() as u32,
    }))
}

/// Whether a webhook of this name is one of Capsule's: both label families name their webhooks.
pub fn is_capsule_webhook(name: &str) -> bool {
    name.ends_with(".capsule.clastix.io") || name.ends_with(".projectcapsule.dev")
}
