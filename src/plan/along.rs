//! What goes along when objects are deleted: what they own, and what is in them. Pure.
//!
//! As the garbage collector has it: an object goes when all its owners are gone; one that still has another owner stays. With a
//! namespace goes everything in it, with a custom kind all objects of that kind.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::object::{self, ObjectRef};
use super::{Propagation, finalizer};

/// Something that a plan does beyond its own steps: a sentence, and what that is about, for whoever asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Along {
    /// `goes along: 3 Pods, 1 ReplicaSet`.
    pub sentence: String,
    /// What it is about, by name.
    pub names: Vec<String>,
    /// The objects that go.
    pub going: Vec<ObjectRef>,
}

/// An object that may go along: no more of it than that takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub object: ObjectRef,
    /// Its uid.
    pub uid: String,
    /// The uids of its owners.
    pub owners: Vec<String>,
    /// What has to happen before it is gone.
    pub finalizers: Vec<String>,
}

/// What becomes of the objects that were looked at, when `roots` are deleted.
#[derive(Debug, Default)]
pub struct Fates<'a> {
    /// They go, too.
    pub going: Vec<&'a Seen>,
    /// They stay, since somebody else owns them as well.
    pub shared: Vec<&'a Seen>,
    /// They stay, without an owner.
    pub orphaned: Vec<&'a Seen>,
}

/// What becomes of what was looked at.
pub fn fates<'a>(roots: &[(ObjectRef, Value)], seen: &'a [Seen], propagation: Propagation) -> Fates<'a> {
    let root_uids: BTreeSet<&str> = roots.iter().map(|(_, value)| object::uid(value)).collect();
    let mut going = root_uids.clone();
    let mut vessels: Vec<&ObjectRef> = roots.iter().map(|(object, _)| object).filter(|one| is_vessel(one)).collect();
    let others: Vec<&Seen> = seen.iter().filter(|one| !root_uids.contains(one.uid.as_str())).collect();
    let is_orphan = |one: &Seen| {
        propagation == Propagation::Orphan && one.owners.iter().any(|owner| root_uids.contains(owner.as_str()))
    };
    loop {
        let goes = |one: &&&Seen| {
            let is_inside = vessels.iter().any(|vessel| holds(vessel, &one.object));
            let owned = !one.owners.is_empty() && one.owners.iter().all(|owner| going.contains(owner.as_str()));
            !going.contains(one.uid.as_str()) && (is_inside || owned && !is_orphan(one))
        };
        let more: Vec<&Seen> = others.iter().filter(goes).copied().collect();
        if more.is_empty() {
            break;
        }
        vessels.extend(more.iter().map(|one| &one.object).filter(|object| is_vessel(object)));
        going.extend(more.iter().map(|one| one.uid.as_str()));
    }
    let mut fates = Fates::default();
    for one in others {
        let owned = one.owners.iter().any(|owner| going.contains(owner.as_str()));
        if going.contains(one.uid.as_str()) {
            fates.going.push(one);
        } else if owned && is_orphan(one) {
            fates.orphaned.push(one);
        } else if owned {
            fates.shared.push(one);
        }
    }
    fates
}

fn is_vessel(object: &ObjectRef) -> bool {
    matches!(object.kind.as_str(), "Namespace" | "CustomResourceDefinition")
}

fn holds(vessel: &ObjectRef, object: &ObjectRef) -> bool {
    vessel.is_parent_of(object)
}

/// The same in sentences. `more`: how many objects of these kinds there are that were not looked at.
pub fn sentences(fates: &Fates<'_>, more: u64) -> Vec<Along> {
    let mut said = Vec::new();
    let mut say = |begin: &str, which: &[&Seen], end: &str| {
        if !which.is_empty() {
            let names = which.iter().map(|one| one.object.title()).collect();
            said.push(Along { sentence: format!("{begin}{}{end}", counted(which)), names, going: Vec::new() });
        }
    };
    let least = if more > 0 { format!(", and some of {more} more that were not looked at") } else { String::new() };
    say("goes along: ", &fates.going, &least);
    say("stays, without an owner: ", &fates.orphaned, "");
    say("stays, since others own it as well: ", &fates.shared, "");
    if let Some(first) = said.first_mut().filter(|_| !fates.going.is_empty()) {
        first.going = fates.going.iter().map(|one| one.object.clone()).collect();
    }
    let held: Vec<&&Seen> = fates.going.iter().filter(|one| !one.finalizers.is_empty()).collect();
    if !held.is_empty() {
        let who: BTreeSet<String> =
            held.iter().flat_map(|one| &one.finalizers).map(|name| finalizer::words(name, None)).collect();
        let who: Vec<String> = who.into_iter().collect();
        let verb = if held.len() == 1 { "waits" } else { "wait" };
        said.push(Along {
            sentence: format!("{} of these {verb} until let go: {}", held.len(), who.join(", ")),
            names: held.iter().map(|one| format!("{}: {}", one.object.title(), one.finalizers.join(", "))).collect(),
            going: Vec::new(),
        });
    }
    said
}

/// `3 Pods, 1 ReplicaSet`: the most frequent kinds first.
fn counted(which: &[&Seen]) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for one in which {
        *kinds.entry(one.object.kind.as_str()).or_default() += 1;
    }
    let mut kinds: Vec<(&str, usize)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let words = kinds
        .into_iter()
        .map(|(kind, count)| format!("{count} {}", if count == 1 { kind.into() } else { plural(kind) }));
    words.collect::<Vec<String>>().join(", ")
}

/// As people say it of several: `Pods`, `Ingresses`, `NetworkPolicies`.
fn plural(kind: &str) -> String {
    let vowel = |c: char| "aeiou".contains(c);
    match kind.strip_suffix('y') {
        _ if kind == "Endpoints" => kind.to_owned(),
        Some(stem) if !stem.ends_with(vowel) => format!("{stem}ies"),
        _ if kind.ends_with(['s', 'x']) || kind.ends_with("ch") => format!("{kind}es"),
        _ => format!("{kind}s"),
    }
}

/// What becomes of the volumes of claims that go, by what the volumes say.
pub fn volumes(claims: &[&ObjectRef], volumes: &[Value]) -> Vec<Along> {
    let text =
        |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut by: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for volume in volumes {
        let claim = (text(volume, "/spec/claimRef/namespace"), text(volume, "/spec/claimRef/name"));
        let is_its = |object: &&&ObjectRef| object.namespace.as_deref() == Some(&*claim.0) && object.name == claim.1;
        if let Some(claim) = claims.iter().find(is_its) {
            let (name, size) = (text(volume, "/metadata/name"), text(volume, "/spec/capacity/storage"));
            let policy = text(volume, "/spec/persistentVolumeReclaimPolicy");
            by.entry(policy).or_default().push(format!("PersistentVolume {name} ({size}) of {}", claim.title()));
        }
    }
    let sentence = |(policy, names): (String, Vec<String>)| {
        let count = if names.len() == 1 { "1 volume".to_owned() } else { format!("{} volumes", names.len()) };
        let does = match policy.as_str() {
            "Retain" => "is kept with what is on it (reclaim policy Retain)",
            "Delete" => "is deleted with all that is on it (reclaim policy Delete)",
            "Recycle" => "is emptied (reclaim policy Recycle)",
            _ => "is treated as its reclaim policy says, which is not known",
        };
        let does = if names.len() == 1 { does.to_owned() } else { does.replacen("is ", "are ", 1) };
        Along { sentence: format!("{count} {does}"), names, going: Vec::new() }
    };
    by.into_iter().map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn seen(kind: &str, name: &str, owners: &[&str]) -> Seen {
        Seen {
            object: ObjectRef::namespaced("/api/v1", "things", kind, "oil-web", name),
            uid: name.to_owned(),
            owners: owners.iter().map(|owner| (*owner).to_owned()).collect(),
            finalizers: Vec::new(),
        }
    }

    fn said(roots: &[(ObjectRef, Value)], seen: &[Seen], propagation: Propagation) -> Vec<String> {
        sentences(&fates(roots, seen, propagation), 0).into_iter().map(|along| along.sentence).collect()
    }

    #[test]
    fn what_is_owned_goes_and_what_others_own_too_stays() {
        let site = (
            ObjectRef::namespaced("/apis/apps/v1", "deployments", "Deployment", "oil-web", "site"),
            json!({"metadata": {"uid": "site"}}),
        );
        let mut all = vec![
            seen("Pod", "p1", &["rs"]),
            seen("Pod", "p2", &["rs"]),
            seen("ReplicaSet", "rs", &["site"]),
            seen("ConfigMap", "both", &["site", "another"]),
            seen("Pod", "theirs", &["elsewhere"]),
        ];
        assert_eq!(
            said(std::slice::from_ref(&site), &all, Propagation::Background),
            ["goes along: 2 Pods, 1 ReplicaSet", "stays, since others own it as well: 1 ConfigMap"]
        );
        assert_eq!(
            said(std::slice::from_ref(&site), &all, Propagation::Orphan),
            ["stays, without an owner: 1 ConfigMap, 1 ReplicaSet"]
        );
        all[0].finalizers.push("example.com/drain".to_owned());
        assert_eq!(said(&[site], &all, Propagation::Foreground)[2], "1 of these waits until let go: example.com/drain");
    }

    #[test]
    fn with_a_tenants_namespaces_goes_what_is_in_them() {
        let tenant = (
            ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", "oil"),
            json!({"metadata": {"uid": "oil"}}),
        );
        let namespace = Seen {
            object: ObjectRef::cluster("/api/v1", "namespaces", "Namespace", "oil-web"),
            ..seen("Namespace", "oil-web", &["oil"])
        };
        let all = [seen("NetworkPolicy", "a", &[]), seen("NetworkPolicy", "b", &[]), namespace];
        assert_eq!(said(&[tenant], &all, Propagation::Background), ["goes along: 2 NetworkPolicies, 1 Namespace"]);
    }

    #[test]
    fn what_becomes_of_volumes_is_said() {
        let claim =
            ObjectRef::namespaced("/api/v1", "persistentvolumeclaims", "PersistentVolumeClaim", "oil-db", "data");
        let volume = |policy: &str, name: &str| {
            json!({"metadata": {"name": "pv"}, "spec": {
                "capacity": {"storage": "10Gi"}, "persistentVolumeReclaimPolicy": policy,
                "claimRef": {"namespace": "oil-db", "name": name},
            }})
        };
        let told = volumes(&[&claim], &[volume("Retain", "data"), volume("Delete", "other")]);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].sentence, "1 volume is kept with what is on it (reclaim policy Retain)");
        assert_eq!(told[0].names, ["PersistentVolume pv (10Gi) of PersistentVolumeClaim oil-db/data"]);
    }
}
