//! The workbench: manifests against the kinds that a server has, as a plan of server-side applies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::manifest::Manifest;
use super::{Before, Change, Goal, ObjectRef, Plan, Propagation, Stage, Step, Target, owned};
use crate::text::clean::clean;
use crate::world::resource::{Resource, Resources};
use crate::world::trouble::{Trouble, TroubleKind};

/// How files are applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Where objects go that name no namespace.
    pub namespace: String,
    /// That namespace was asked for: objects that name another one are refused.
    pub only: bool,
    /// Fields that others manage are taken over.
    pub force: bool,
}

/// For how long namespaces and kinds may take until they can be used, in seconds.
const DEADLINE: i64 = 60;

/// Whether some kind is not known that could have come to the server since its kinds were asked for.
pub fn lacks(manifests: &[Manifest], known: &Resources) -> bool {
    let defined = defined(manifests);
    manifests.iter().any(|one| find(one, known, &defined).is_none())
}

/// The plan, nothing read yet. `title`: what is applied. What is wrong is told with its place, everything at once.
pub fn plan(
    title: &str,
    manifests: &[Manifest],
    known: &Resources,
    wish: &Wish,
    target: Target,
) -> Result<Plan, Vec<Trouble>> {
    let defined = defined(manifests);
    let mut faults = Vec::new();
    let mut places: BTreeMap<ObjectRef, String> = BTreeMap::new();
    let mut stages: BTreeMap<Rank, Vec<Step>> = BTreeMap::new();
    for manifest in manifests {
        let found = find(manifest, known, &defined).ok_or_else(|| unknown(manifest, known));
        let step = found.and_then(|resource| step(manifest, resource, wish));
        match step {
            Err(fault) => faults.push(fault),
            Ok(step) => {
                let same = identity(&step.object);
                if let Some(first) = places.get(&same) {
                    faults.push(manifest.fault("", &format!("{} is here and in {first}", step.object.title())));
                    continue;
                }
                places.insert(same, manifest.source().to_string());
                stages.entry(rank(&step.object)).or_default().push(step);
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let stages = stages.into_iter().map(|(rank, steps)| Stage { goal: goal(rank, &steps), steps }).collect();
    let files: BTreeSet<&str> = manifests.iter().map(|manifest| manifest.source().name()).collect();
    let count = |count: usize, one: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") };
    let mut summary = vec![format!("{} of {}", count(manifests.len(), "object"), count(files.len(), "file"))];
    if wish.force {
        summary.push("fields that others manage are taken over".to_owned());
    }
    Ok(Plan { title: format!("Apply {}", clean(title)), summary, target, stages, ..Plan::default() })
}

/// Adds the deletion of what is no longer in the files: of these objects, as they were read, those that we have applied and
/// nobody else owns.
pub fn prune(plan: &mut Plan, label: &str, found: Vec<(ObjectRef, Value)>) {
    let applied: BTreeSet<ObjectRef> = plan.steps().map(|step| identity(&step.object)).collect();
    let (mut steps, mut kept) = (Vec::new(), Vec::new());
    for (object, value) in found {
        let is_owned =
            value.pointer("/metadata/ownerReferences").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
        let is_going = value.pointer("/metadata/deletionTimestamp").is_some();
        if applied.contains(&identity(&object)) || is_owned || is_going || owned::applied(&value).is_none() {
            continue;
        }
        // With these goes what is in them, which nobody has looked at.
        if matches!(object.kind.as_str(), "Namespace" | "Tenant" | "CustomResourceDefinition") {
            kept.push(object.title());
            continue;
        }
        let change = Change::Delete(Propagation::Background);
        steps.push(Step { object, change, before: Before::Present(value), answer: None, source: None });
    }
    plan.summary.push(match steps.len() {
        0 => format!("nothing that we applied with {label} has left the files"),
        1 => format!("1 object with {label} has left the files"),
        many => format!("{many} objects with {label} have left the files"),
    });
    if !kept.is_empty() {
        plan.summary
            .push(format!("left the files too, and are not deleted with all that is in them: {}", kept.join(", ")));
    }
    if !steps.is_empty() {
        plan.stages.push(Stage { steps, goal: None });
    }
}

/// The label by which what has left the files is found: one that all objects in them have, the more telling the better.
pub fn shared_label(manifests: &[Manifest]) -> Option<String> {
    const TELLING: &[&str] =
        &["app.kubernetes.io/part-of", "app.kubernetes.io/instance", "app.kubernetes.io/name", "app"];
    let labels = |manifest: &Manifest| -> BTreeMap<String, String> {
        let value = manifest.value();
        let labels = value.pointer("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
        labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
    };
    let (first, rest) = manifests.split_first()?;
    let mut shared = labels(first);
    for manifest in rest {
        let other = labels(manifest);
        shared.retain(|key, value| other.get(key) == Some(value));
    }
    let telling = TELLING.iter().find_map(|key| shared.get_key_value(*key));
    // A label of Kubernetes or Capsule says something else.
    let ours = |(key, _): &(&String, &String)| !key.contains("kubernetes.io/") && !key.contains("capsule");
    let (key, value) = telling.or_else(|| shared.iter().find(ours))?;
    Some(format!("{key}={value}"))
}

/// The same for all versions of an object.
fn identity(object: &ObjectRef) -> ObjectRef {
    ObjectRef { base: object.group().to_owned(), ..object.clone() }
}

/// The kinds that the files themselves define.
fn defined(manifests: &[Manifest]) -> Resources {
    let found = manifests.iter().filter(|one| one.kind == "CustomResourceDefinition").flat_map(|manifest| {
        let value = manifest.value();
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let one = Resource {
            group: text("/spec/group"),
            plural: text("/spec/names/plural"),
            singular: text("/spec/names/singular"),
            kind: text("/spec/names/kind"),
            namespaced: text("/spec/scope") == "Namespaced",
            ..Resource::default()
        };
        let versions = value.pointer("/spec/versions").and_then(Value::as_array).cloned().unwrap_or_default();
        let served = versions.into_iter().filter(|version| version.get("served") == Some(&Value::Bool(true)));
        let names = served.filter_map(|version| Some(version.get("name")?.as_str()?.to_owned()));
        names.map(|version| Resource { version, ..one.clone() }).filter(is_sound).collect::<Vec<_>>()
    });
    Resources::new(found.collect(), Vec::new())
}

/// Only what can stand in a path; the server will say what is wrong with the others.
fn is_sound(resource: &Resource) -> bool {
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-.".contains(&c))
    };
    let is_kind = !resource.kind.is_empty() && resource.kind.bytes().all(|c| c.is_ascii_alphanumeric());
    is_kind && [&resource.group, &resource.plural, &resource.version].into_iter().all(|text| is_name(text))
}

fn find<'a>(manifest: &Manifest, known: &'a Resources, defined: &'a Resources) -> Option<&'a Resource> {
    let find = |from: &'a Resources| from.find(&manifest.api_version, &manifest.kind);
    find(known).or_else(|| find(defined))
}

fn unknown(manifest: &Manifest, known: &Resources) -> Trouble {
    let Manifest { api_version, kind, .. } = manifest;
    let fault = manifest.fault("kind", &format!("the server has no {kind} in {api_version}, and no file defines it"));
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let others: Vec<String> =
        known.all().iter().filter(|one| one.kind == *kind && one.group == group).map(Resource::api_version).collect();
    if known.missing().contains(api_version) {
        return fault.advise("what is in that group is not known at present: the server behind it does not answer");
    }
    match others.as_slice() {
        [] => fault.advise("is the name right? A CustomResourceDefinition may stand in the same files"),
        others => fault.advise(format!("it has it in {}", others.join(", "))),
    }
}

fn step(manifest: &Manifest, resource: &Resource, wish: &Wish) -> Result<Step, Trouble> {
    let Manifest { name, namespace, kind, .. } = manifest;
    let base = resource.base();
    let mut value = manifest.value();
    let object = if resource.namespaced {
        if let Some(other) = namespace.as_ref().filter(|other| wish.only && **other != wish.namespace) {
            let words = format!("its namespace is {other}, and {} was asked for", wish.namespace);
            return Err(manifest.fault("metadata.namespace", &words).advise(format!("ask for {other}, or for none")));
        }
        let namespace = namespace.as_ref().unwrap_or(&wish.namespace);
        if let Some(metadata) = value.pointer_mut("/metadata").and_then(Value::as_object_mut) {
            metadata.insert("namespace".to_owned(), namespace.as_str().into());
        }
        ObjectRef::namespaced(&base, &resource.plural, kind, namespace, name)
    } else {
        if let Some(namespace) = namespace {
            let words = format!("a {kind} lies in no namespace, and this one says {namespace}");
            return Err(manifest.fault("metadata.namespace", &words));
        }
        ObjectRef::cluster(&base, &resource.plural, kind, name)
    };
    if value.pointer("/metadata/managedFields").is_some_and(|fields| !fields.is_null()) {
        let fault = manifest.fault("metadata.managedFields", "what a server printed cannot be applied as it is");
        return Err(fault.advise("take out managedFields, uid, resourceVersion, creationTimestamp and status"));
    }
    let change = Change::Apply { manifest: value, force: wish.force };
    Ok(Step { object, change, before: Before::Absent, answer: None, source: Some(manifest.source().clone()) })
}

/// What goes before what: kinds before their objects, namespaces before what is in them, what others refer to before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Kinds,
    Tenants,
    Namespaces,
    Cluster,
    Grounds,
    Others,
    Webhooks,
}

fn rank(object: &ObjectRef) -> Rank {
    match (object.kind.as_str(), &object.namespace) {
        ("CustomResourceDefinition", _) => Rank::Kinds,
        ("Tenant" | "CapsuleConfiguration" | "TenantOwner", None) if object.group() == "capsule.clastix.io" => {
            Rank::Tenants
        }
        ("Namespace", None) if object.group().is_empty() => Rank::Namespaces,
        // Once they are there they may refuse the rest.
        (
            "ValidatingWebhookConfiguration"
            | "MutatingWebhookConfiguration"
            | "ValidatingAdmissionPolicyBinding"
            | "MutatingAdmissionPolicyBinding"
            | "APIService",
            None,
        ) => Rank::Webhooks,
        (_, None) => Rank::Cluster,
        (
            "ServiceAccount"
            | "Secret"
            | "ConfigMap"
            | "Role"
            | "ResourceQuota"
            | "LimitRange"
            | "NetworkPolicy"
            | "PersistentVolumeClaim",
            _,
        ) => Rank::Grounds,
        _ => Rank::Others,
    }
}

fn goal(rank: Rank, steps: &[Step]) -> Option<Goal> {
    let objects = || steps.iter().map(|step| step.object.clone()).collect();
    match rank {
        Rank::Kinds | Rank::Namespaces => Some(Goal::Usable { objects: objects(), deadline: DEADLINE }),
        Rank::Tenants => {
            let tenants: Vec<ObjectRef> =
                steps.iter().map(|step| &step.object).filter(|one| one.kind == "Tenant").cloned().collect();
            (!tenants.is_empty()).then_some(Goal::Usable { objects: tenants, deadline: DEADLINE })
        }
        _ => None,
    }
}

/// Several faults as one: the first in full, the others as its detail.
pub fn together(faults: Vec<Trouble>) -> Trouble {
    let mut faults = faults.into_iter();
    let Some(mut first) = faults.next() else { return Trouble::new(TroubleKind::Invalid, "the files cannot be used") };
    first.detail = faults.map(|fault| fault.to_string()).collect::<Vec<_>>().join("\n");
    first
}

#[cfg(test)]
mod tests;
