//! What is lost with a tenant or a namespace, counted: claims, addresses, hosts, certificates, secrets, Helm releases; and what
//! of it stays somewhere else. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ObjectRef;
use super::along::{Along, Seen};
use crate::text::quantity;

/// What is known of what goes with a tenant or a namespace.
#[derive(Debug, Default)]
pub struct Losses<'a> {
    /// What goes along.
    pub going: Vec<&'a Seen>,
    /// Of these the claims and the Services, whole.
    pub whole: Vec<(ObjectRef, Value)>,
    /// The hosts that are answered from there.
    pub hosts: BTreeSet<String>,
    /// What is labelled for the tenant, lies in none of its namespaces, and stays.
    pub labelled: Vec<ObjectRef>,
    /// Capsule removes what holds objects after a grace, whoever put it there.
    pub strips: bool,
}

/// The gravest first, what stays last.
pub fn sentences(losses: &Losses<'_>) -> Vec<Along> {
    let steps: [fn(&Losses<'_>) -> Option<Along>; 7] =
        [claims, addresses, hosts, certificates, secrets, releases, finalizers];
    steps.iter().filter_map(|step| step(losses)).chain(stays(losses)).collect()
}

/// `1 claim`, `2 claims`.
fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// The first of them by name, and how many more there are.
fn shown(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let first = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

fn said(sentence: String, names: Vec<String>) -> Along {
    Along { sentence, names, going: Vec::new() }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

fn claims(losses: &Losses<'_>) -> Option<Along> {
    let claims = losses.whole.iter().filter(|(object, _)| object.kind == "PersistentVolumeClaim");
    let size = |value: &Value| {
        let told = ["/status/capacity/storage", "/spec/resources/requests/storage"];
        told.iter().find_map(|pointer| text(value, pointer)).and_then(quantity::bytes).unwrap_or_default()
    };
    let (mut bytes, mut names) = (0, Vec::new());
    for (object, value) in claims {
        bytes += size(value);
        names.push(format!("{} ({})", object.title(), quantity::words(size(value))));
    }
    let words = format!("loses {} of {} together", count(names.len(), "claim"), quantity::words(bytes));
    (!names.is_empty()).then(|| said(words, names))
}

/// The addresses that a Service has been given, or its title as long as it has none.
fn given(object: &ObjectRef, value: &Value) -> Vec<String> {
    let points = value.pointer("/status/loadBalancer/ingress").and_then(Value::as_array).into_iter().flatten();
    let given: Vec<String> =
        points.filter_map(|point| text(point, "/ip").or_else(|| text(point, "/hostname"))).map(str::to_owned).collect();
    if given.is_empty() { vec![format!("{} (no address yet)", object.title())] } else { given }
}

fn addresses(losses: &Losses<'_>) -> Option<Along> {
    let is_one = |value: &Value| text(value, "/spec/type") == Some("LoadBalancer");
    let balancers: Vec<_> = losses.whole.iter().filter(|(_, value)| is_one(value)).collect();
    let names: Vec<String> = balancers.iter().flat_map(|(object, value)| given(object, value)).collect();
    let words = format!("gives up {}: {}", count(balancers.len(), "load balancer"), shown(&names));
    (!names.is_empty()).then(|| said(words, names))
}

fn hosts(losses: &Losses<'_>) -> Option<Along> {
    let names: Vec<String> = losses.hosts.iter().cloned().collect();
    let words = format!("answers {} no more: {}", count(names.len(), "host"), shown(&names));
    (!names.is_empty()).then(|| said(words, names))
}

fn of_kind(losses: &Losses<'_>, kind: &str) -> Vec<String> {
    losses.going.iter().filter(|one| one.object.kind == kind).map(|one| one.object.title()).collect()
}

fn certificates(losses: &Losses<'_>) -> Option<Along> {
    let names = of_kind(losses, "Certificate");
    let words =
        format!("loses {}; issued anew they count towards their issuer's limits", count(names.len(), "certificate"));
    (!names.is_empty()).then(|| said(words, names))
}

fn secrets(losses: &Losses<'_>) -> Option<Along> {
    let names: Vec<String> = of_kind(losses, "Secret").into_iter().filter(|title| release(title).is_none()).collect();
    let words = format!("loses {}; what is in them may be nowhere else", count(names.len(), "Secret"));
    (!names.is_empty()).then(|| said(words, names))
}

/// The release that Helm keeps under this name: `sh.helm.release.v1.NAME.v3`.
fn release(name: &str) -> Option<&str> {
    let (_, rest) = name.split_once("sh.helm.release.v1.")?;
    let (release, revision) = rest.rsplit_once(".v")?;
    revision.parse::<u32>().ok().map(|_| release)
}

fn releases(losses: &Losses<'_>) -> Option<Along> {
    let secrets = losses.going.iter().filter(|one| one.object.kind == "Secret");
    let names: BTreeSet<String> = secrets
        .filter_map(|one| Some(format!("{}/{}", one.object.namespace.as_ref()?, release(&one.object.name)?)))
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    let words = format!("Helm forgets {}: {}", count(names.len(), "release"), shown(&names));
    (!names.is_empty()).then(|| said(words, names))
}

/// Whether it is neither Kubernetes' nor Capsule's.
fn is_foreign(finalizer: &str) -> bool {
    let domain = finalizer.split_once('/').map_or("", |(domain, _)| domain);
    let ours = |end: &str| domain == end || domain.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    !domain.is_empty() && !["kubernetes.io", "k8s.io", "clastix.io", "projectcapsule.dev"].into_iter().any(ours)
}

fn finalizers(losses: &Losses<'_>) -> Option<Along> {
    let held = losses.going.iter().flat_map(|one| one.finalizers.iter().map(move |finalizer| (one, finalizer)));
    let held: Vec<_> = held.filter(|(_, finalizer)| is_foreign(finalizer)).collect();
    let who: BTreeSet<String> = held.iter().map(|(_, finalizer)| (*finalizer).clone()).collect();
    let who: Vec<String> = who.into_iter().collect();
    let names = held.iter().map(|(one, finalizer)| format!("{}: {finalizer}", one.object.title())).collect();
    let words = format!(
        "Capsule waits 10 s and then removes what holds them, so what this was to clean up elsewhere stays: {}",
        shown(&who)
    );
    (losses.strips && !who.is_empty()).then(|| said(words, names))
}

fn stays(losses: &Losses<'_>) -> Vec<Along> {
    let names: Vec<String> = losses.labelled.iter().map(ObjectRef::title).collect();
    let words =
        format!("stays, though it is labelled for the tenant (`:leftovers` deletes it afterwards): {}", shown(&names));
    let labelled = (!names.is_empty()).then(|| said(words, names));
    let has_names = !losses.hosts.is_empty() || addresses(losses).is_some();
    let words = "stays, where it was made: DNS records that point to what goes".to_owned();
    labelled.into_iter().chain(has_names.then(|| said(words, Vec::new()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn seen(kind: &str, name: &str, finalizers: &[&str]) -> Seen {
        Seen {
            object: ObjectRef::namespaced("/api/v1", "things", kind, "oil-web", name),
            uid: name.to_owned(),
            owners: Vec::new(),
            finalizers: finalizers.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    fn whole(kind: &str, name: &str, value: Value) -> (ObjectRef, Value) {
        (ObjectRef::namespaced("/api/v1", "things", kind, "oil-web", name), value)
    }

    #[test]
    fn what_is_lost_is_counted() {
        let all = [
            seen("Secret", "key", &[]),
            seen("Secret", "sh.helm.release.v1.site.v1", &[]),
            seen("Secret", "sh.helm.release.v1.site.v2", &[]),
            seen("Certificate", "site", &[]),
            seen("ConfigMap", "held", &["example.com/drain"]),
            seen("PersistentVolumeClaim", "data", &["kubernetes.io/pvc-protection"]),
        ];
        let claim = |size: &str| json!({"spec": {"resources": {"requests": {"storage": size}}}});
        let balancer =
            json!({"spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}});
        let losses = Losses {
            going: all.iter().collect(),
            whole: vec![
                whole("PersistentVolumeClaim", "data", claim("10Gi")),
                whole("PersistentVolumeClaim", "more", claim("2Gi")),
                whole("Service", "site", balancer),
                whole("Service", "inside", json!({"spec": {"type": "ClusterIP"}})),
            ],
            hosts: ["a.de".to_owned(), "b.de".to_owned()].into(),
            labelled: vec![ObjectRef::cluster("/api/v1", "persistentvolumes", "PersistentVolume", "pv-1")],
            strips: true,
        };
        let told: Vec<String> = sentences(&losses).into_iter().map(|along| along.sentence).collect();
        assert_eq!(
            told,
            [
                "loses 2 claims of 12 GiB together",
                "gives up 1 load balancer: 203.0.113.1",
                "answers 2 hosts no more: a.de, b.de",
                "loses 1 certificate; issued anew they count towards their issuer's limits",
                "loses 1 Secret; what is in them may be nowhere else",
                "Helm forgets 1 release: oil-web/site",
                "Capsule waits 10 s and then removes what holds them, so what this was to clean up elsewhere stays: example.com/drain",
                "stays, though it is labelled for the tenant (`:leftovers` deletes it afterwards): PersistentVolume pv-1",
                "stays, where it was made: DNS records that point to what goes",
            ]
        );
        assert_eq!(sentences(&Losses { strips: false, hosts: BTreeSet::new(), ..losses }).len(), 7);
    }

    #[test]
    fn what_is_not_there_is_not_told() {
        assert_eq!(sentences(&Losses::default()), []);
    }
}
