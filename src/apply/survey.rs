//! Reads everything that a pause or a resume is about: see [`crate::action::pause`].

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::Value;

use super::work::Kinds;
use crate::action::pause::keepers::{Pointer, pointers};
use crate::action::pause::kinds::{KINDS, Phase, READ_BESIDES};
use crate::action::pause::survey::{Found, Right, Space, Survey};
use crate::action::pause::{Direction, What, Wish, namespace_ref, tenant_ref};
use crate::cluster::gate::Gate;
use crate::cluster::list::list;
use crate::cluster::{review, write};
use crate::plan::{Before, ObjectRef};
use crate::world::capsule::Era;
use crate::world::resource::{Resource, Resources};
use crate::world::trouble::{Trouble, TroubleKind};

/// How many questions are open at once.
const AT_ONCE: usize = 64;

/// Reads it. What may not be listed is told in the survey; that nothing can be asked fails the whole.
pub async fn survey(gate: &Gate, kinds: &Kinds, wish: &Wish) -> Result<Survey, Trouble> {
    let known = kinds.known(gate, |_| true).await?;
    let mut survey = Survey { era: era(&known), ..Survey::default() };
    tenants(gate, &known, wish, &mut survey).await?;
    alone(gate, wish, &mut survey).await?;
    contents(gate, &known, &mut survey).await?;
    keepers(gate, &known, &mut survey).await?;
    if wish.direction == Direction::Resume {
        kube_green(gate, &mut survey).await;
    }
    rights(gate, wish, &mut survey).await?;
    Ok(survey)
}

/// Which Capsule there is, by the kinds that it serves: see [`review::era`].
pub fn era(known: &Resources) -> Era {
    let serves = |plural: &str| known.all().iter().any(|one| one.group == "capsule.clastix.io" && one.plural == plural);
    match (serves("tenants"), serves("rulestatuses")) {
        (false, _) => Era::Absent,
        (true, false) => Era::Static,
        (true, true) => Era::Dynamic,
    }
}

fn resource<'a>(known: &'a Resources, group: &str, kind: &str) -> Option<&'a Resource> {
    known.preferred().find(|one| one.group == group && one.kind == kind)
}

/// The tenants and their namespaces: those that bear their label, those that their status names, and those that whoever asks
/// knows of.
async fn tenants(gate: &Gate, known: &Resources, wish: &Wish, survey: &mut Survey) -> Result<(), Trouble> {
    for what in &wish.what {
        let What::Tenant { name, known: named } = what else { continue };
        let tenant = write::read_all(gate, &[tenant_ref(name)]).await?.pop().unwrap_or(Before::Absent);
        let mut found: BTreeMap<String, Before> = BTreeMap::new();
        if let Some(namespaces) = resource(known, "", "Namespace") {
            match list(gate, namespaces, None, &format!("capsule.clastix.io/tenant={name}")).await {
                Ok(items) => {
                    found.extend(items.into_iter().map(|(object, item)| (object.name, Before::Present(item))));
                }
                Err(trouble) if matches!(trouble.kind, TroubleKind::Forbidden(_)) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        let status = tenant.object().map(status_names).unwrap_or_default();
        let mut more: BTreeSet<String> = status.iter().chain(named).cloned().collect();
        more.retain(|name| !found.contains_key(name));
        let objects: Vec<ObjectRef> = more.iter().map(|name| namespace_ref(name)).collect();
        let read = write::read_all(gate, &objects).await?;
        found.extend(more.into_iter().zip(read).filter(|(_, before)| *before != Before::Absent));
        for (space, object) in found {
            // One that may not be read is the tenant's only if the tenant says so.
            let is_ours = match object.object() {
                Some(object) => tenant_of(object).as_deref() == Some(name.as_str()),
                None => status.contains(&space),
            };
            if is_ours {
                survey.namespaces.push(Space { name: space, tenant: Some(name.clone()), object });
            }
        }
        survey.tenants.insert(name.clone(), tenant);
    }
    Ok(())
}

/// The namespaces that a Tenant's status names, in either era's form.
fn status_names(tenant: &Value) -> Vec<String> {
    let array = |pointer: &str| tenant.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    let spaces = array("/status/spaces").filter_map(|space| space.get("name")?.as_str());
    array("/status/namespaces").filter_map(Value::as_str).chain(spaces).map(str::to_owned).collect()
}

/// The tenant that a namespace is of: the owner reference decides, the label stands in.
fn tenant_of(namespace: &Value) -> Option<String> {
    let owners = namespace.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    let owner = owners.into_iter().flatten().find(|owner| owner.get("kind").and_then(Value::as_str) == Some("Tenant"));
    let label = namespace.pointer("/metadata/labels/capsule.clastix.io~1tenant");
    owner.and_then(|owner| owner.get("name")).or(label).and_then(Value::as_str).map(str::to_owned)
}

/// Namespaces that are meant alone.
async fn alone(gate: &Gate, wish: &Wish, survey: &mut Survey) -> Result<(), Trouble> {
    let names: Vec<&str> = wish
        .what
        .iter()
        .filter_map(|what| match what {
            What::Namespace(name) if !survey.namespaces.iter().any(|space| space.name == *name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let objects: Vec<ObjectRef> = names.iter().map(|name| namespace_ref(name)).collect();
    for (name, object) in names.into_iter().zip(write::read_all(gate, &objects).await?) {
        let tenant = object.object().and_then(tenant_of);
        survey.namespaces.push(Space { name: name.to_owned(), tenant, object });
    }
    Ok(())
}

/// What runs in the namespaces, and Capsule's replications.
async fn contents(gate: &Gate, known: &Resources, survey: &mut Survey) -> Result<(), Trouble> {
    // Those of GitOps tools lie anywhere, and are read by name.
    let by_name = ["Application", "Kustomization", "HelmRelease"];
    let stopped = KINDS.iter().filter(|kind| !by_name.contains(&kind.kind)).map(|kind| (kind.group, kind.kind));
    let kinds: Vec<&Resource> = stopped
        .chain(READ_BESIDES.iter().copied())
        .filter_map(|(group, kind)| resource(known, group, kind))
        .filter(|one| one.can("list"))
        .collect();
    let mut lists: Vec<(Resource, Option<String>)> = Vec::new();
    for one in kinds {
        if one.namespaced {
            lists.extend(survey.namespaces.iter().map(|space| (one.clone(), Some(space.name.clone()))));
        } else {
            lists.push((one.clone(), None));
        }
    }
    let reads = stream::iter(lists).map(|(one, namespace)| async move {
        let answer = list(gate, &one, namespace.as_deref(), "").await;
        (one, namespace, answer)
    });
    let answers = reads.buffered(AT_ONCE).collect::<Vec<_>>().await;
    for (one, namespace, answer) in answers {
        match answer {
            Ok(items) => survey.found.extend(items.into_iter().map(|(object, value)| Found { object, value })),
            // Most tenants' owners may not list what is above them; that is no news.
            Err(trouble) if matches!(trouble.kind, TroubleKind::Forbidden(_)) => {
                if one.namespaced {
                    survey.unread.entry(one.full_name()).or_default().extend(namespace);
                }
            }
            Err(trouble) if trouble.kind == TroubleKind::NotFound => {}
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(())
}

/// The objects elsewhere that keep what was found.
async fn keepers(gate: &Gate, known: &Resources, survey: &mut Survey) -> Result<(), Trouble> {
    let workloads = survey.found.iter().filter(|found| found.kind().is_some_and(|kind| kind.phase > Phase::Keepers));
    let wanted: BTreeSet<Pointer> = workloads.flat_map(pointers).collect();
    for pointer in wanted {
        let Some(one) = resource(known, pointer.group, pointer.kind) else { continue };
        // Where Argo CD keeps its applications is not said by what they keep: its own namespace, by custom.
        let namespace = if pointer.namespace.is_empty() { "argocd" } else { &pointer.namespace };
        let object = ObjectRef::of(one, Some(namespace), &pointer.name);
        let before = write::read_all(gate, std::slice::from_ref(&object)).await?.pop();
        if let Some(Before::Present(value)) = before {
            survey.found.push(Found { object, value });
        } else if pointer.namespace.is_empty()
            && let Ok(items) = list(gate, one, None, "").await
        {
            let is_it = |(object, _): &(ObjectRef, Value)| object.name == pointer.name;
            survey.found.extend(items.into_iter().find(is_it).map(|(object, value)| Found { object, value }));
        }
    }
    Ok(())
}

/// What kube-green has written into its Secrets, where it is at work.
async fn kube_green(gate: &Gate, survey: &mut Survey) {
    let secrets: Vec<ObjectRef> = survey
        .of("SleepInfo")
        .map(|info| {
            let name = format!("sleepinfo-{}", info.object.name);
            ObjectRef::namespaced("/api/v1", "secrets", "Secret", info.namespace(), &name)
        })
        .collect();
    for secret in secrets {
        let Ok(value) = write::read(gate, &secret).await else { continue };
        let namespace = secret.namespace.unwrap_or_default();
        for (kind, name, patch) in restoring(&value) {
            survey.kube_green.insert((namespace.clone(), kind, name), patch);
        }
    }
}

/// The merge patches in such a Secret: kind, name, patch.
fn restoring(secret: &Value) -> Vec<(String, String, Value)> {
    let decode = || {
        let text = secret.pointer("/data/original-resource-info")?.as_str()?;
        serde_json::from_slice::<BTreeMap<String, BTreeMap<String, String>>>(&STANDARD.decode(text).ok()?).ok()
    };
    let mut patches = Vec::new();
    for (target, named) in decode().unwrap_or_default() {
        // `Deployment.apps`
        let kind = target.split('.').next().unwrap_or_default().to_owned();
        for (name, patch) in named {
            patches.extend(serde_json::from_str(&patch).ok().map(|patch| (kind.clone(), name, patch)));
        }
    }
    patches
}

/// What a pause does where it may: asked beforehand, since a step that is refused stops a plan. Everything else is tried.
async fn rights(gate: &Gate, wish: &Wish, survey: &mut Survey) -> Result<(), Trouble> {
    let mut asked: Vec<Right> = Vec::new();
    for what in &wish.what {
        match what {
            What::Tenant { name, .. } => asked.push(Right::Tenant(name.clone())),
            What::Namespace(name) => asked.push(Right::Namespace(name.clone())),
        }
    }
    asked.extend(survey.namespaces.iter().map(|space| Right::Quota(space.name.clone())));
    let questions = stream::iter(asked).map(|right| async move {
        let may = match &right {
            Right::Tenant(name) => review::may(gate, "patch", "capsule.clastix.io", "tenants", "", name).await,
            Right::Namespace(name) => review::may(gate, "patch", "", "namespaces", name, name).await,
            Right::Quota(name) => review::may(gate, "create", "", "resourcequotas", name, "").await,
        };
        match may {
            // Where a proxy lets nobody ask, nobody is an administrator either: what a plan can do without is left out, and said.
            Err(trouble) if matches!(trouble.kind, TroubleKind::Forbidden(_)) => Ok((right, false)),
            other => other.map(|may| (right, may)),
        }
    });
    for answer in questions.buffered(AT_ONCE).collect::<Vec<_>>().await {
        let (right, may) = answer?;
        if !may {
            survey.lacking.insert(right);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{Request, Response};
    use kube::client::Body;
    use serde_json::json;

    use super::*;
    use crate::action::pause;
    use crate::cluster::gate::Mode;
    use crate::plan::Target;
    use crate::world::identity::Place;

    #[test]
    fn a_secret_of_kube_green_is_read() {
        let info = json!({"Deployment.apps": {"site": "{\"spec\":{\"replicas\":3}}", "bad": "{"}}).to_string();
        let secret = json!({"data": {"original-resource-info": STANDARD.encode(info)}});
        let read = restoring(&secret);
        assert_eq!(read, [("Deployment".to_owned(), "site".to_owned(), json!({"spec": {"replicas": 3}}))]);
        assert_eq!(restoring(&json!({})), []);
    }

    /// A server 30 ms away with a tenant of ten namespaces, a hundred Deployments in each.
    fn far() -> Gate {
        const LATENCY: Duration = Duration::from_millis(30);
        let service = tower::service_fn(|request: Request<Body>| async move {
            tokio::time::sleep(LATENCY).await;
            let path = request.uri().path().to_owned();
            let kind = |plural: &str, kind: &str, namespaced: bool| {
                let scope = if namespaced { "Namespaced" } else { "Cluster" };
                json!({"resource": plural, "responseKind": {"kind": kind}, "scope": scope, "verbs": ["list", "get", "patch"]})
            };
            let group = |name: &str, version: &str, resources: Vec<Value>| json!({"metadata": {"name": name}, "versions": [{"version": version, "resources": resources}]});
            let named = |name: String| json!({"metadata": {"name": name, "uid": "u", "resourceVersion": "1"}});
            let answer = match path.split('/').collect::<Vec<_>>().as_slice() {
                ["", "api"] => json!({"items": [group("", "v1", vec![
                    kind("namespaces", "Namespace", false), kind("pods", "Pod", true), kind("services", "Service", true),
                    kind("persistentvolumeclaims", "PersistentVolumeClaim", true), kind("resourcequotas", "ResourceQuota", true),
                ])]}),
                ["", "apis"] => json!({"items": [
                    group("apps", "v1", vec![
                        kind("deployments", "Deployment", true), kind("statefulsets", "StatefulSet", true),
                        kind("replicasets", "ReplicaSet", true), kind("daemonsets", "DaemonSet", true),
                    ]),
                    group("batch", "v1", vec![kind("cronjobs", "CronJob", true), kind("jobs", "Job", true)]),
                    group("capsule.clastix.io", "v1beta2", vec![kind("tenants", "Tenant", false)]),
                ]}),
                [.., "selfsubjectaccessreviews"] => json!({"status": {"allowed": true}}),
                ["", "api", "v1", "namespaces"] => {
                    let label = json!({"capsule.clastix.io/tenant": "oil"});
                    let space = |at| json!({"metadata": {"name": format!("oil-{at}"), "uid": "u", "labels": label}});
                    json!({"items": (0..10).map(space).collect::<Vec<_>>()})
                }
                [.., namespace, "deployments"] => {
                    let site = |at| {
                        let metadata = json!({"name": format!("w{at}"), "namespace": namespace, "uid": "u", "resourceVersion": "1"});
                        json!({"metadata": metadata, "spec": {"replicas": 2}})
                    };
                    json!({"items": (0..100).map(site).collect::<Vec<_>>()})
                }
                [.., "tenants" | "deployments" | "resourcequotas", name] => named((*name).to_owned()),
                _ => json!({"items": []}),
            };
            let body = http_body_util::Full::new(bytes::Bytes::from(answer.to_string()));
            Ok::<_, std::io::Error>(Response::new(body))
        });
        Gate::new(kube::Client::new(service, "default"), Place::default(), Mode::Tries)
    }

    /// Time stands still but for what is waited for: what passes is round trips, and nothing else.
    #[tokio::test(start_paused = true)]
    async fn a_thousand_workloads_are_looked_at_and_tried_in_a_second() {
        let what = vec![What::Tenant { name: "oil".into(), known: Vec::new() }];
        let (options, reason) = (pause::Options::default(), String::new());
        let wish = Wish { what, direction: Direction::Pause, options, reason, at: 0, hidden: 0 };
        let (gate, kinds) = (far(), Kinds::default());
        let begun = tokio::time::Instant::now();
        let survey = survey(&gate, &kinds, &wish).await.unwrap();
        let mut plan = pause::plan(&wish, &survey, Target::default()).unwrap().plan;
        write::preview(&gate, &mut plan).await;
        // The tenant twice, a thousand Deployments, ten locks.
        assert_eq!(plan.steps().count(), 1012);
        assert!(plan.is_answered());
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_tenants_namespaces_are_named_in_either_form() {
        assert_eq!(status_names(&json!({"status": {"namespaces": ["a"]}})), ["a"]);
        assert_eq!(status_names(&json!({"status": {"spaces": [{"name": "b"}]}})), ["b"]);
    }
}
