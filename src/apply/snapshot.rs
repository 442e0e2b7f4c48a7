//! Keeps objects as they are in a text that makes them again: what a deletion takes, what a change of secrets overwrites.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::Value;

use crate::cluster::discover::discover;
use crate::cluster::gate::Gate;
use crate::cluster::list::list;
use crate::cluster::write;
use crate::journal::saved;
use crate::plan::record::fit_to_create;
use crate::plan::{Before, Keep, ObjectRef, Plan, keeper};
use crate::text::clean::clean;
use crate::text::yaml;
use crate::world::resource::Resource;
use crate::world::trouble::{Trouble, TroubleKind};

/// Objects as YAML, and what of them could not be kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The text.
    pub text: String,
    /// How many objects are in it.
    pub count: usize,
    /// What may not be read.
    pub refused: Vec<String>,
    /// The Secrets that are left out.
    pub withheld: Vec<String>,
}

/// A snapshot in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The file.
    pub path: PathBuf,
    /// What is in it.
    pub snapshot: Snapshot,
}

/// How many objects are kept at most.
const MOST: usize = 5_000;

/// How many lists are read at once.
const AT_ONCE: usize = 32;

/// Writes down what a plan takes. Without a file of its own it goes to those beside the journal.
pub async fn keep(gate: &Gate, plan: &Plan, keep: &Keep, journal: &Path, now: i64) -> Result<Kept, Trouble> {
    let snapshot = of(gate, plan, keep.secrets).await?;
    let (file, folder, name) = (keep.file.clone(), journal.with_file_name("saved"), name(plan));
    let written = tokio::task::spawn_blocking(move || {
        let path = match file {
            Some(file) => {
                let path = PathBuf::from(file);
                saved::write(&path, &snapshot.text)?;
                path
            }
            None => saved::save(&folder, &name, &snapshot.text, now)?,
        };
        Ok(Kept { path, snapshot })
    });
    let nothing = |error| Err(Trouble::new(TroubleKind::Other, format!("nothing was kept: {error}")));
    written.await.unwrap_or_else(nothing)
}

/// The name of a file for what a plan takes.
fn name(plan: &Plan) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c.to_ascii_lowercase() } else { '-' };
    let title: String = plan.title.chars().take(60).map(plain).collect();
    format!("{title}-snapshot.yaml")
}

/// What a plan changes or takes, and what goes along, as it is now. Of tenants and namespaces everything in them.
pub async fn of(gate: &Gate, plan: &Plan, secrets: bool) -> Result<Snapshot, Trouble> {
    let there = plan.steps().filter(|step| step.before.object().is_some()).map(|step| step.object.clone());
    let objects: Vec<ObjectRef> = there.chain(plan.along.iter().flat_map(|along| along.going.clone())).collect();
    let is_namespace = |object: &&ObjectRef| object.kind == "Namespace" && object.group().is_empty();
    let spaces: BTreeSet<String> = objects.iter().filter(is_namespace).map(|object| object.name.clone()).collect();
    let is_apart = |object: &ObjectRef| object.namespace.as_ref().is_none_or(|space| !spaces.contains(space));
    let mut taking = Taking { secrets, ..Taking::default() };
    taking.each(gate, objects.into_iter().filter(is_apart).collect()).await?;
    taking.everything(gate, &spaces).await?;
    Ok(taking.done(plan))
}

/// How the text of a snapshot begins.
const KEPT: &str = "Kept by tenantry before:";

/// What the head of a snapshot says to whoever makes it again, in sentences; nothing of other texts.
pub fn told(text: &str) -> Vec<String> {
    let mut lines = text.lines().map_while(|line| line.strip_prefix("# "));
    let Some(first) = lines.next().filter(|line| line.starts_with(KEPT)) else { return Vec::new() };
    let small = |line: &str| {
        let mut letters = line.chars();
        letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
    };
    let mut told: Vec<String> = vec![small(first)];
    let mut listed = 0;
    for line in lines.filter(|line| !line.starts_with('`')) {
        match (line.strip_prefix("  "), told.last_mut()) {
            (Some(what), Some(sentence)) => {
                let join = if listed == 0 { " " } else { ", " };
                sentence.extend([join, what]);
                listed += 1;
            }
            _ => {
                told.push(small(line));
                listed = 0;
            }
        }
    }
    told
}

#[derive(Default)]
struct Taking {
    secrets: bool,
    texts: Vec<String>,
    refused: Vec<String>,
    withheld: Vec<String>,
}

impl Taking {
    /// Reads objects one by one.
    async fn each(&mut self, gate: &Gate, objects: Vec<ObjectRef>) -> Result<(), Trouble> {
        if objects.len() > MOST {
            return Err(too_many());
        }
        for (object, before) in objects.iter().zip(write::read_all(gate, &objects).await?) {
            match before {
                Before::Present(value) => self.add(object, &value)?,
                Before::Unreadable(_) => self.refused.push(object.title()),
                Before::Absent => {}
            }
        }
        Ok(())
    }

    /// Reads everything in these namespaces that can be made again.
    async fn everything(&mut self, gate: &Gate, spaces: &BTreeSet<String>) -> Result<(), Trouble> {
        if spaces.is_empty() {
            return Ok(());
        }
        let known = discover(gate).await?;
        let kinds = known.preferred().filter(|one| one.namespaced && one.can("list") && one.can("create"));
        let lists: Vec<(Resource, String)> =
            kinds.flat_map(|kind| spaces.iter().map(move |space| (kind.clone(), space.clone()))).collect();
        let reads = stream::iter(lists).map(|(kind, space)| async move {
            let read = list(gate, &kind, Some(&space), "").await;
            (format!("{kind} in {space}"), read)
        });
        // What is read is gone through as it comes: a tenant may hold a great deal.
        let mut reads = std::pin::pin!(reads.buffered(AT_ONCE));
        while let Some((what, read)) = reads.next().await {
            match read {
                Ok(items) => items.iter().try_for_each(|(object, value)| self.add(object, value))?,
                Err(trouble) if matches!(trouble.kind, TroubleKind::Forbidden(_)) => {
                    self.refused.push(format!("{what} ({})", trouble.what));
                }
                Err(trouble) if trouble.kind == TroubleKind::NotFound => {}
                Err(trouble) => return Err(trouble),
            }
        }
        self.refused.extend(known.missing().iter().map(|group| format!("{group} (it does not answer)")));
        Ok(())
    }

    fn add(&mut self, object: &ObjectRef, value: &Value) -> Result<(), Trouble> {
        let Some(text) = kept(value) else { return Ok(()) };
        if object.kind == "Secret" && object.group().is_empty() && !self.secrets {
            self.withheld.push(object.title());
            return Ok(());
        }
        if self.texts.len() >= MOST {
            return Err(too_many());
        }
        self.texts.push(text);
        Ok(())
    }

    fn done(self, plan: &Plan) -> Snapshot {
        let Self { texts, refused, withheld, .. } = self;
        let mut head = vec![
            format!("{KEPT} {}, in {} as {}.", plan.title, plan.target.context, plan.target.who()),
            "`tenantry apply` makes it again, or the undo of what took it.".to_owned(),
            "Other than before will be: uids and ages; addresses and node ports, which are given anew; volumes, which begin empty \
             (one that was retained still has what was on it, and is bound by hand); certificates and tokens, which are issued \
             anew; status and events."
                .to_owned(),
        ];
        let mut tell = |words: &str, what: &[String]| {
            if !what.is_empty() {
                head.push(words.to_owned());
                head.extend(what.iter().map(|what| format!("  {}", clean(what))));
            }
        };
        tell("Not in it, since it could not be read:", &refused);
        tell("Not in it, since nobody asked for what is secret:", &withheld);
        let mut text = String::new();
        for line in head {
            text.extend(["# ", &*clean(&line), "\n"]);
        }
        Snapshot { count: texts.len(), text: text + &texts.join("---\n"), refused, withheld }
    }
}

fn too_many() -> Trouble {
    Trouble::new(TroubleKind::Other, format!("that is too much for a snapshot: at most {MOST} objects are kept"))
}

/// What comes again by itself, or is only about what is there.
const PASSING: &[&str] = &[
    "Event",
    "Lease",
    "Endpoints",
    "EndpointSlice",
    "ControllerRevision",
    "PodMetrics",
    "RuleStatus",
    "QuantityLedger",
];

/// Whether somebody else makes it when what it belongs to is there again.
fn comes_again(value: &Value) -> bool {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let owners = value.pointer("/metadata/ownerReferences").and_then(Value::as_array).into_iter().flatten();
    let of_a_tenant = owners.clone().any(|owner| owner.get("kind").and_then(Value::as_str) == Some("Tenant"));
    let name = text("/metadata/name");
    match text("/kind") {
        "Namespace" => false,
        "ConfigMap" if name == "kube-root-ca.crt" => true,
        "ServiceAccount" if name == "default" => value.get("imagePullSecrets").is_none(),
        "Secret" if text("/type") == "kubernetes.io/service-account-token" => true,
        kind => of_a_tenant || PASSING.contains(&kind) || keeper::is_made(value),
    }
}

/// What makes an object again, unless somebody else does.
fn kept(value: &Value) -> Option<String> {
    if comes_again(value) {
        return None;
    }
    let mut value = fit_to_create(value);
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        // Its owners have other uids when they are made again, and what has an owner that is not there is swept away. Who
        // holds it puts his mark there again.
        for key in ["ownerReferences", "finalizers"] {
            metadata.remove(key);
        }
    }
    match value.get("kind").and_then(Value::as_str) {
        Some("Namespace") => drop(value.as_object_mut().and_then(|fields| fields.remove("spec"))),
        Some("Job") => unnumbered(&mut value),
        _ => {}
    }
    Some(yaml::render(&value, &|_, _| None))
}

/// A Job is told from others by its uid, which it gets anew.
fn unnumbered(job: &mut Value) {
    if job.pointer("/spec/manualSelector").and_then(Value::as_bool) != Some(true)
        && let Some(spec) = job.get_mut("spec").and_then(Value::as_object_mut)
    {
        spec.remove("selector");
    }
    for pointer in ["/metadata/labels", "/spec/template/metadata/labels"] {
        if let Some(labels) = job.pointer_mut(pointer).and_then(Value::as_object_mut) {
            labels.retain(|key, _| !key.ends_with("controller-uid"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_kept_can_be_made_again() {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "data": {"a": "aHVudGVyMg=="},
            "metadata": {"name": "key", "namespace": "oil-web", "uid": "u", "resourceVersion": "1", "ownerReferences": [{"kind": "X", "uid": "v"}]},
        });
        let text = kept(&secret).unwrap();
        assert_eq!(
            text,
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: key\n  namespace: oil-web\ndata:\n  a: aHVudGVyMg==\n"
        );
        let pod = json!({"kind": "Pod", "metadata": {"ownerReferences": [{"kind": "ReplicaSet", "name": "r", "controller": true}]}});
        assert_eq!(kept(&pod), None);
    }

    #[test]
    fn what_others_make_again_is_left_to_them() {
        let of_capsule = json!({"ownerReferences": [{"kind": "Tenant", "name": "oil", "controller": true}]});
        let named = |name: &str| json!({"name": name});
        assert_eq!(kept(&json!({"kind": "NetworkPolicy", "metadata": of_capsule})), None);
        assert!(kept(&json!({"kind": "Namespace", "metadata": of_capsule})).is_some());
        assert_eq!(kept(&json!({"kind": "ConfigMap", "metadata": named("kube-root-ca.crt")})), None);
        assert_eq!(kept(&json!({"kind": "ServiceAccount", "metadata": named("default")})), None);
        assert_eq!(kept(&json!({"kind": "Event", "metadata": named("x")})), None);
    }

    #[test]
    fn a_job_gets_another_number() {
        let labels = json!({"controller-uid": "u", "batch.kubernetes.io/controller-uid": "u", "app": "a"});
        let job = json!({"kind": "Job", "metadata": {"name": "j"}, "spec": {
            "selector": {"matchLabels": {"controller-uid": "u"}}, "template": {"metadata": {"labels": labels}},
        }});
        assert_eq!(
            kept(&job).unwrap(),
            "kind: Job\nmetadata:\n  name: j\nspec:\n  template:\n    metadata:\n      labels:\n        app: a\n"
        );
    }

    #[test]
    fn secrets_are_kept_only_by_an_explicit_yes() {
        let object = ObjectRef::namespaced("/api/v1", "secrets", "Secret", "oil-web", "key");
        let value =
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key"}, "data": {"a": "aHVudGVyMg=="}});
        for (secrets, count) in [(false, 0), (true, 1)] {
            let mut taking = Taking { secrets, refused: vec!["leases in oil-web".to_owned()], ..Taking::default() };
            taking.add(&object, &value).unwrap();
            let Snapshot { text, count: had, .. } = taking.done(&Plan::default());
            assert_eq!((had, text.contains("aHVudGVyMg==")), (count, secrets));
            assert_eq!(text.contains("#   Secret oil-web/key\n"), !secrets);
            assert!(text.contains("#   leases in oil-web\n"), "{text}");
            let head = told(&text);
            assert_eq!(head[1].split(';').next(), Some("other than before will be: uids and ages"));
            assert_eq!(head[2], "not in it, since it could not be read: leases in oil-web");
            assert_eq!(head.len(), if secrets { 3 } else { 4 });
            assert_eq!(told("# Kept by somebody else\n"), Vec::<String>::new());
        }
    }
}
