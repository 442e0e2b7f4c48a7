//! A blueprint as a plan: what the cluster has is asked, then the templates are filled, then each object is read; and as whom
//! namespaces are made is found out.

use http::Request;
use serde_json::Value;

use super::work::{self, Kinds};
use crate::blueprint::create::{self, Asked};
use crate::blueprint::facts::{Facts, HOSTS, LISTS};
use crate::blueprint::hosts::Host;
use crate::blueprint::sheet::{Sheet, sheet};
use crate::blueprint::{Blueprint, render};
use crate::cluster::gate::{Class, Gate};
use crate::cluster::wire::capsule::decode_configuration;
use crate::cluster::{review, write};
use crate::plan::joining::{Joining, Way};
use crate::plan::owner::Owner;
use crate::plan::work::{Wish, together};
use crate::plan::{Answer, Before, Change, ObjectRef, Plan, Step, Target, object, owned};
use crate::world::name::Interner;
use crate::world::resource::Resource;
use crate::world::trouble::{Trouble, TroubleKind};

/// The kinds whose objects answer for hosts.
const HOSTED: [(&str, &str); 3] = [
    ("networking.k8s.io", "Ingress"),
    ("gateway.networking.k8s.io", "HTTPRoute"),
    ("gateway.networking.k8s.io", "Gateway"),
];

/// What namespaces of programs that pass requests on are called.
const CONTROLLERS: [&str; 9] =
    ["ingress", "traefik", "gateway", "contour", "haproxy", "kong", "nginx", "envoy", "istio-system"];

/// Asks what a cluster has, as far as blueprints ask. What may not be listed is told where it matters.
pub async fn facts(gate: &Gate, kinds: &Kinds) -> Result<Facts, Trouble> {
    let (resources, identity, era) =
        tokio::join!(kinds.known(gate, |_| true), review::identity(gate), review::era(gate));
    let (resources, identity) = (resources?, identity?);
    let mut facts = Facts {
        era: era.unwrap_or_default(),
        user: identity.username,
        groups: identity.groups,
        acting: gate.place().acting_as.is_some(),
        ..Facts::default()
    };
    let named = |group: &str, kind: &str| {
        resources.preferred().find(|known| known.group == group && known.kind == kind && known.can("list")).cloned()
    };
    let lists = LISTS.iter().filter(|(name, _)| !matches!(*name, "ingressNamespaces" | "namespaces"));
    let lists = lists.filter_map(|(name, kind)| {
        Some((*name, resources.preferred().find(|known| known.full_name() == *kind && known.can("list"))?.clone()))
    });
    let lists = futures_util::future::join_all(lists.map(async |(name, kind)| (name, list(gate, &kind).await)));
    let hosted = HOSTED.iter().filter_map(|(group, kind)| Some((*kind, named(group, kind)?)));
    let hosted = futures_util::future::join_all(hosted.map(async |(kind, of)| (kind, list(gate, &of).await)));
    let capsule = |kind: &str| named("capsule.clastix.io", kind);
    let (tenants, configurations, namespaces) =
        (capsule("Tenant"), capsule("CapsuleConfiguration"), named("", "Namespace"));
    let (lists, hosted, tenants, configurations, namespaces) =
        tokio::join!(lists, hosted, some(gate, tenants), some(gate, configurations), some(gate, namespaces));
    for (name, found) in lists {
        match found {
            Ok(items) => drop(facts.lists.insert(name, items.iter().map(called).collect())),
            Err(trouble) => drop(facts.unread.insert(name, trouble.what)),
        }
    }
    for (kind, found) in hosted {
        match found {
            Ok(items) => facts.hosts.extend(items.iter().flat_map(|item| Host::of(kind, item))),
            Err(trouble) => drop(facts.unread.insert(HOSTS, trouble.what)),
        }
    }
    facts.tenants = tenants.unwrap_or_default().iter().map(called).collect();
    let namespaces = namespaces.unwrap_or_else(|trouble| {
        facts.unread.insert("namespaces", trouble.what);
        Vec::new()
    });
    for item in namespaces {
        let tenant = item.pointer("/metadata/labels/capsule.clastix.io~1tenant").and_then(Value::as_str);
        facts.namespaces.insert(called(&item), tenant.map(str::to_owned));
    }
    let free = facts.namespaces.iter().filter(|(_, tenant)| tenant.is_none()).map(|(name, _)| name.clone());
    let free: Vec<String> = free.collect();
    let passing = free.iter().filter(|name| CONTROLLERS.iter().any(|part| name.contains(part))).cloned().collect();
    facts.lists.insert("ingressNamespaces", passing);
    facts.lists.insert("namespaces", facts.namespaces.keys().cloned().collect());
    facts.configuration = configurations.ok().and_then(|items| {
        let is_usual = |item: &&Value| item.pointer("/metadata/name").and_then(Value::as_str) == Some("default");
        let item = items.iter().find(is_usual).or_else(|| items.first())?;
        decode_configuration(item.to_string().as_bytes(), &mut Interner::default()).ok()
    });
    facts.resources = (*resources).clone();
    Ok(facts)
}

async fn some(gate: &Gate, kind: Option<Resource>) -> Result<Vec<Value>, Trouble> {
    match kind {
        Some(kind) => list(gate, &kind).await,
        None => Ok(Vec::new()),
    }
}

async fn list(gate: &Gate, kind: &Resource) -> Result<Vec<Value>, Trouble> {
    let request = Request::get(kind.path(None))
        .body(Vec::new())
        .map_err(|error| Trouble::new(TroubleKind::Other, error.to_string()))?;
    let mut list: Value = gate.ask(Class::Read, request, &format!("list {}", kind.plural)).await?;
    Ok(match list.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    })
}

/// `NAME`, or `NAMESPACE/NAME`.
fn called(item: &Value) -> String {
    let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str);
    let name = text("/metadata/name").unwrap_or_default();
    text("/metadata/namespace").map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}

/// The plan, its objects read and nothing tried yet; with the sheet that it was made of. What is wrong with what was typed, or
/// with the templates, is told as one, see [`together`].
pub async fn plan(
    gate: &Gate,
    kinds: &Kinds,
    facts: &Facts,
    blueprint: &Blueprint,
    asked: &Asked,
    target: Target,
) -> (Sheet, Result<Plan, Trouble>) {
    let sheet = sheet(blueprint, &asked.tenant, &asked.given, facts);
    let troubles = sheet.troubles();
    let plan = if troubles.is_empty() {
        made(gate, kinds, facts, blueprint, asked, &sheet, target).await
    } else {
        Err(together(troubles))
    };
    (sheet, plan)
}

async fn made(
    gate: &Gate,
    kinds: &Kinds,
    facts: &Facts,
    blueprint: &Blueprint,
    asked: &Asked,
    sheet: &Sheet,
    target: Target,
) -> Result<Plan, Trouble> {
    let manifests = render::render(blueprint, &sheet.values(), facts).map_err(|faults| {
        together(faults.into_iter().map(|fault| Trouble::new(TroubleKind::Invalid, fault.to_string())).collect())
    })?;
    let known = kinds.known(gate, |known| !crate::plan::work::lacks(&manifests, known)).await?;
    let first = sheet.field("namespaces").and_then(|field| field.value.pointer("/0")).and_then(Value::as_str);
    let wish = Wish { namespace: first.unwrap_or("default").to_owned(), ..Wish::default() };
    let mut plan = crate::plan::work::plan(&blueprint.name, &manifests, &known, &wish, target).map_err(together)?;
    let tenant = plan.steps().find(|step| step.object.kind == "Tenant").map(|step| step.object.clone());
    let present = match tenant {
        Some(tenant) => write::read_all(gate, &[tenant]).await?.remove(0),
        None => Before::Absent,
    };
    create::shape(&mut plan, sheet, facts, &asked.identity, &present);
    work::again(gate, plan).await
}

/// How the namespaces of a plan join the tenant that it makes itself, if all of them are that one's: a snapshot made again, say.
pub async fn joins(gate: &Gate, kinds: &Kinds, plan: &Plan) -> Result<Option<Joining>, Trouble> {
    let manifest = |step: &Step| step.change.body().cloned().unwrap_or_default();
    let tenants: Vec<Value> = plan.steps().filter(|step| step.object.kind == "Tenant").map(manifest).collect();
    let namespaces: Vec<Value> = plan.steps().filter(|step| Joining::is_about(&step.object)).map(manifest).collect();
    let ([tenant], false) = (tenants.as_slice(), namespaces.is_empty()) else { return Ok(None) };
    let name = tenant.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    let is_its = |namespace: &Value| {
        namespace.pointer("/metadata/labels/capsule.clastix.io~1tenant").and_then(Value::as_str) == Some(name)
            && namespace.pointer("/metadata/ownerReferences").is_none()
    };
    if !namespaces.iter().all(is_its) {
        return Ok(None);
    }
    let owners = tenant.pointer("/spec/owners").and_then(Value::as_array).into_iter().flatten();
    let owners: Vec<Owner> = owners.filter_map(Owner::among).collect();
    let facts = facts(gate, kinds).await?;
    Ok(Some(create::joining(name, &owners, &facts, &create::Identity::Auto)))
}

/// Finds out as whom the new namespaces of a plan can be made, if their tenant is there: the first way that the server accepts.
/// What it says to the others is told.
pub async fn settle(gate: &Gate, plan: &mut Plan) -> Result<(), Trouble> {
    if plan.joining.is_some() {
        keep_references(plan);
    }
    let Some(joining) = plan.joining.clone().filter(|joining| !joining.settled) else { return Ok(()) };
    let is_new = |step: &&Step| Joining::is_about(&step.object) && matches!(step.before, Before::Absent);
    let Some(probe) = plan.steps().find(is_new).cloned() else { return Ok(()) };
    let tenant = ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", &joining.tenant);
    let tenant = match write::read(gate, &tenant).await {
        Ok(tenant) => tenant,
        Err(trouble) if trouble.kind == TroubleKind::NotFound => return Ok(()),
        // Who may not read it may own it nevertheless.
        Err(trouble) if matches!(trouble.kind, TroubleKind::Forbidden(_)) => Value::Null,
        Err(trouble) => return Err(trouble),
    };
    let mut refused = Vec::new();
    for way in &joining.ways {
        if *way == Way::Adopted && tenant.is_null() {
            continue;
        }
        let mut step = gone(&probe, way, &tenant);
        write::preview_step(gate, &mut step, way.actor()).await;
        match &step.answer {
            Some(answer) if answer.is_good() || *answer == Answer::Unreadable => {
                choose(plan, way, &tenant);
                plan.summary.retain(|words| !words.starts_with(BEGIN));
                if *way != Way::Ourselves {
                    plan.summary.push(format!("{BEGIN} {}{}", way.words(), reason(&refused)));
                }
                plan.joining = Some(Joining { ways: vec![way.clone()], settled: true, ..joining });
                return Ok(());
            }
            Some(Answer::Refused(trouble) | Answer::NotAsked(trouble)) => {
                refused.push(format!("{}: {}", way.words(), trouble.what));
            }
            _ => {}
        }
    }
    if let Some(way) = joining.ways.first() {
        choose(plan, way, &tenant);
    }
    if refused.len() > 1 {
        plan.summary.retain(|words| !words.starts_with(BEGIN));
        plan.summary.push(format!("{BEGIN} by nobody that was tried; {}", refused.join("; ")));
    }
    Ok(())
}

/// What we have once applied and leave out now would be taken away: without its reference a namespace has lost its tenant.
fn keep_references(plan: &mut Plan) {
    for step in plan.steps_mut().filter(|step| Joining::is_about(&step.object)) {
        let Before::Present(before) = &step.before else { continue };
        let is_ours =
            owned::applied(before).is_some_and(|fields| fields.pointer("/f:metadata/f:ownerReferences").is_some());
        let references = before.pointer("/metadata/ownerReferences").cloned();
        if let (Change::Apply { manifest, .. }, Some(references), true) = (&mut step.change, references, is_ours) {
            manifest["metadata"]["ownerReferences"] = references;
        }
    }
}

/// How the sentence about the chosen way begins.
const BEGIN: &str = "namespaces are made";

fn reason(refused: &[String]) -> String {
    if refused.is_empty() { String::new() } else { format!(", since the server refuses it {}", refused.join("; ")) }
}

fn choose(plan: &mut Plan, way: &Way, tenant: &Value) {
    let mut as_others = Vec::new();
    for step in plan.steps_mut() {
        if Joining::is_about(&step.object) && matches!(step.before, Before::Absent) {
            *step = gone(step, way, tenant);
            as_others.extend(way.actor().map(|actor| (step.object.clone(), actor.clone())));
        }
    }
    plan.impersonated.extend(as_others);
}

/// A step as it is taken this way.
fn gone(step: &Step, way: &Way, tenant: &Value) -> Step {
    let mut step = step.clone();
    if let (Change::Apply { manifest, .. }, Way::Adopted) = (&mut step.change, way) {
        manifest["metadata"]["ownerReferences"] = serde_json::json!([{
            "apiVersion": "capsule.clastix.io/v1beta2",
            "kind": "Tenant",
            "name": tenant.pointer("/metadata/name"),
            "uid": object::uid(tenant),
            "controller": true,
            "blockOwnerDeletion": true,
        }]);
    }
    step
}

/// The same plan, so that the server can be asked about each object by itself: what lies in namespaces that are not there lies
/// in this one, and nothing waits for anything. Never to be applied.
pub fn apart(mut plan: Plan, namespace: &str) -> Plan {
    plan.joining = None;
    plan.impersonated.clear();
    for step in plan.steps_mut() {
        let is_new = matches!(step.before, Before::Absent);
        let Change::Apply { manifest, .. } = &mut step.change else { continue };
        if let Some(own) = step.object.namespace.as_mut().filter(|_| is_new) {
            namespace.clone_into(own);
            manifest["metadata"]["namespace"] = namespace.into();
        }
        if Joining::is_about(&step.object) && is_new {
            // As the namespace of nobody: Capsule would ask for the tenant.
            if let Some(labels) = manifest.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
                labels.remove("capsule.clastix.io/tenant");
            }
        }
    }
    for stage in &mut plan.stages {
        stage.steps.retain(|step| matches!(step.change, Change::Apply { .. }));
        // Several namespaces hold the same.
        let mut seen = std::collections::BTreeSet::new();
        stage.steps.retain(|step| seen.insert(step.object.clone()));
    }
    plan
}
