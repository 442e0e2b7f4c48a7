//! Many objects of many kinds, made and then changed: what the preview says is what happens, what `kubectl diff --server-side`
//! says, and what an undo takes back.
//!
//! `corpus/*.yaml` are manifests as people write them. What becomes of each stands below it, a line a change:
//!
//! ```yaml
//! #~ /spec/replicas = 3                       set (or added)
//! #~ /spec/template/spec/volumes/1 -          removed
//! #~ /spec/ports + {name: b, port: 81}        appended
//! #! only deletion is allowed                 the server does not let it be taken back, in these words
//! ```

mod document;
mod kubectl;
mod line;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tenantry::apply::recover;
use tenantry::apply::work::{self, Asked, Kinds};
use tenantry::cluster::discover::discover;
use tenantry::cluster::gate::Gate;
use tenantry::cluster::write;
use tenantry::plan::answered::Answered;
use tenantry::plan::diff::Change as Difference;
use tenantry::plan::history::{Fate, Past};
use tenantry::plan::manifest::Text;
use tenantry::plan::undo::Wish;
use tenantry::plan::work::Wish as Way;
use tenantry::plan::{Answer, ObjectRef, Plan, Step};
use tenantry_cluster::Cluster;

use self::document::Document;
use self::kubectl::Kubectl;
use self::line::Line;
use crate::stage::{self, Outcome, differing, target};

/// Where what names no namespace goes.
const NAMESPACE: &str = "corpus";

/// On a real server, with kubectl beside it, and with Capsule's own chart.
pub async fn on_a_real_server(cluster: Arc<Cluster>) -> Outcome {
    let mut documents = document::read_all()?;
    let gate = stage::gate(cluster.client(), NAMESPACE);
    let served = discover(&gate).await.map_err(|trouble| trouble.to_string())?;
    documents.extend(document::chart(&cluster, &served).await?);
    let kubectl = Kubectl::new(&cluster, NAMESPACE)?;
    let told = run(&cluster, documents, Some(&kubectl)).await?;
    if told.objects < 150 || told.kinds < 30 {
        return Err(format!("{} objects of {} kinds are too few", told.objects, told.kinds));
    }
    Ok(())
}

/// On the demo, what it serves of it.
pub async fn on_the_demo(cluster: Arc<Cluster>) -> Outcome {
    let gate = stage::gate(cluster.client(), NAMESPACE);
    let served = discover(&gate).await.map_err(|trouble| trouble.to_string())?;
    let mut documents = document::read_all()?;
    // Kinds cannot be defined there.
    documents
        .retain(|one| one.kind != "CustomResourceDefinition" && served.find(&one.api_version, &one.kind).is_some());
    let told = run(&cluster, documents, None).await?;
    if told.objects < 100 || told.kinds < 30 {
        return Err(format!("{} objects of {} kinds are too few", told.objects, told.kinds));
    }
    Ok(())
}

/// How much was held.
struct Told {
    objects: usize,
    kinds: usize,
}

/// A cluster, and what went wrong so far.
struct Run<'c> {
    gate: Gate,
    line: Line,
    kubectl: Option<&'c Kubectl>,
    journal: tempfile::TempDir,
    faults: Vec<String>,
}

async fn run(cluster: &Cluster, documents: Vec<Document>, kubectl: Option<&Kubectl>) -> Result<Told, String> {
    let line = Line::default();
    let gate = stage::gate(line.client(cluster.client()), NAMESPACE);
    let journal = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut run = Run { gate, line, kubectl, journal, faults: Vec::new() };
    let begun = Instant::now();
    let kinds: BTreeSet<(&str, &str)> =
        documents.iter().map(|one| (one.api_version.as_str(), one.kind.as_str())).collect();
    let told = Told { objects: documents.len(), kinds: kinds.len() };
    let (grounds, others): (Vec<_>, Vec<_>) = documents.iter().partition(|one| one.is_ground);
    for part in [grounds, others] {
        run.hold(&part).await?;
    }
    let text = format!(
        "corpus: {} objects of {} kinds, made, changed and taken back in {:.1} s\n",
        told.objects,
        told.kinds,
        begun.elapsed().as_secs_f64()
    );
    let _ = std::io::stdout().write_all(text.as_bytes());
    if run.faults.is_empty() { Ok(told) } else { Err(run.faults.join("\n")) }
}

impl Run<'_> {
    /// Makes these, changes them, asks again, and takes the change back.
    async fn hold(&mut self, documents: &[&Document]) -> Outcome {
        self.phase("make", documents, |one| one.text.clone()).await?;
        let references = self.plan(documents, |one| one.text.clone()).await?;
        let references: Vec<_> = references.steps().map(|step| step.object.clone()).collect();
        let before = stage::read(&self.gate, &references).await?;
        let pasts = self.phase("change", documents, |one| one.changed.to_string()).await?;

        let mut again = self.plan(documents, |one| one.changed.to_string()).await?;
        let bad = stage::preview(&self.gate, &mut again).await;
        self.faults.extend(bad.into_iter().map(|one| format!("again: {one}")));
        for step in again.steps().filter(|step| step.answer != Some(Answer::WouldNotChange)) {
            let more = step.answer.as_ref().and_then(Answer::after).map(|after| differing(step.old(), after));
            self.faults.push(format!("again: {} would change once more: {more:?}", step.object.title()));
        }

        let journal = self.journal.path().join("journal.jsonl");
        let mut summaries = Vec::new();
        for past in pasts.iter().rev() {
            let wish = Wish::Undo { also_theirs: false };
            let (mut back, _) =
                recover::plan(&self.gate, past, target(), wish).await.map_err(|trouble| trouble.to_string())?;
            summaries.append(&mut back.summary);
            write::preview(&self.gate, &mut back).await;
            for stage in &mut back.stages {
                stage.steps.retain(|step| self.is_taken_back(documents, step));
            }
            back.stages.retain(|stage| !stage.steps.is_empty());
            if back.steps().next().is_none() {
                continue;
            }
            let applied = stage::apply(&self.gate, back, &journal).await?;
            if let Some(trouble) = applied.failure {
                return Err(format!("undo: {trouble}"));
            }
        }
        let after = stage::read(&self.gate, &references).await?;
        let one_way = |object: &ObjectRef| documents.iter().any(|one| one.is(object) && one.one_way.is_some());
        for ((object, before), after) in references.iter().zip(&before).zip(&after) {
            if one_way(object) {
                continue;
            }
            let (before, after) = (before.as_ref().unwrap_or(&Value::Null), after.as_ref().unwrap_or(&Value::Null));
            let mut left = differing(before, after);
            // The server counts.
            let counts = ["deprecated.daemonset.template.generation", "deployment.kubernetes.io/revision"];
            left.retain(|path| !counts.iter().any(|count| path.contains(count)));
            // What cannot be is said.
            left.retain(|path| {
                !summaries.iter().any(|told| told.contains(&format!("{}: {path} was null", object.title())))
            });
            if !left.is_empty() {
                self.faults.push(format!("undo: {} is not as it was: {left:?}", object.title()));
            }
        }
        summaries.retain(|sentence| !sentence.contains(" was null, "));
        self.faults.extend(summaries.iter().map(|sentence| format!("undo: {sentence}")));
        Ok(())
    }

    /// Whether the server lets a step of an undo be taken, or refuses it as it is known to.
    fn is_taken_back(&mut self, documents: &[&Document], step: &Step) -> bool {
        let words = documents.iter().find(|one| one.is(&step.object)).and_then(|one| one.one_way.as_deref());
        match (&step.answer, words) {
            (Some(Answer::Refused(trouble)), Some(words)) if trouble.what.contains(words) => false,
            (Some(answer), None) if answer.is_good() => true,
            // The demo has no scheduler whose gates could be opened.
            (Some(answer), Some(_)) if answer.is_good() && self.kubectl.is_none() => true,
            (answer, words) => {
                self.faults.push(format!("undo: {}: {answer:?}, and it should be {words:?}", step.object.title()));
                false
            }
        }
    }

    async fn plan(&self, documents: &[&Document], text: impl Fn(&Document) -> String) -> Result<Plan, String> {
        let texts: Vec<Text> =
            documents.iter().map(|one| Text { name: one.place.clone(), built: false, text: text(one) }).collect();
        let wish = Way { namespace: NAMESPACE.to_owned(), only: false, force: false };
        let asked = Asked { title: "the corpus".to_owned(), wish, prune: None };
        work::plan(&self.gate, &Kinds::default(), &texts, &asked, target())
            .await
            .map_err(|trouble| format!("{trouble}\n{}", trouble.detail))
    }

    /// Applies these, part by part, and holds each part against what was said of it.
    async fn phase(
        &mut self,
        what: &str,
        documents: &[&Document],
        text: impl Fn(&Document) -> String,
    ) -> Result<Vec<Past>, String> {
        let mut plan = self.plan(documents, &text).await?;
        let mut pasts = Vec::new();
        loop {
            let bad = stage::preview(&self.gate, &mut plan).await;
            if !bad.is_empty() {
                return Err(format!("{what}: {}", bad.join("\n")));
            }
            let answered = Answered::of(plan);
            let first = answered.plan.first_part();
            let count: usize = answered.plan.stages.iter().take(first).map(|stage| stage.steps.len()).sum();
            let steps: Vec<Step> = answered.plan.steps().take(count).cloned().collect();
            self.shown(what, &answered, count);
            if let Some(kubectl) = self.kubectl {
                let of = |step: &Step| documents.iter().find(|one| one.is(&step.object)).map(|one| text(one));
                let theirs = kubectl.diff(steps.iter().filter_map(of)).await?;
                self.as_kubectl(what, &steps, &theirs);
            }
            self.line.forget();
            let journal = self.journal.path().join("journal.jsonl");
            let applied = stage::apply(&self.gate, answered.plan, &journal).await?;
            if let Some(trouble) = applied.failure {
                let failed: Vec<_> = applied
                    .past
                    .steps
                    .iter()
                    .filter(|(_, fate)| matches!(fate, Fate::Failed(_) | Fate::Unknown))
                    .collect();
                return Err(format!("{what}: {trouble}\n{}\n{failed:?}", trouble.detail));
            }
            if what == "change" {
                self.faults.extend(
                    applied
                        .warnings
                        .iter()
                        .filter(|warning| !is_allocated(&warning.what))
                        .map(|warning| format!("{what}: {warning}")),
                );
            }
            self.happened(what, &steps);
            pasts.push(applied.past);
            match applied.rest {
                None => return Ok(pasts),
                Some(rest) => plan = work::again(&self.gate, rest).await.map_err(|trouble| trouble.to_string())?,
            }
        }
    }

    /// What is shown of each step is exactly what differs.
    fn shown(&mut self, what: &str, answered: &Answered, count: usize) {
        for (step, diff) in answered.plan.steps().zip(&answered.diffs).take(count) {
            let Some(after) = step.answer.as_ref().and_then(Answer::after) else { continue };
            let mut shown: BTreeSet<String> = BTreeSet::new();
            for one in &diff.shown {
                let path = one.path.split('[').next().unwrap_or_default().to_owned();
                // A field that was renamed is one that went and one that came.
                if let (Difference::Renamed, Some(old)) = (one.change, &one.before)
                    && let Some((around, _)) = one.path.rsplit_once('.')
                    && path == one.path
                {
                    shown.insert(format!("{around}.{}", old.trim_start_matches("named ")));
                }
                shown.insert(path);
            }
            let wanted = differing(step.old(), after);
            if shown != wanted {
                let (more, less) = (shown.difference(&wanted), wanted.difference(&shown));
                self.faults.push(format!(
                    "{what}: {}: shown but the same: {:?}; another but not shown: {:?}",
                    step.object.title(),
                    more.collect::<Vec<_>>(),
                    less.collect::<Vec<_>>()
                ));
            }
        }
    }

    /// What kubectl says would change is what the preview says.
    fn as_kubectl(&mut self, what: &str, steps: &[Step], theirs: &BTreeMap<String, [Value; 2]>) {
        for step in steps {
            let title = step.object.title();
            let ours = step
                .answer
                .as_ref()
                .and_then(Answer::after)
                .map(|after| differing(step.old(), after))
                .unwrap_or_default();
            let theirs = theirs.get(&title).map(|[live, merged]| differing(live, merged)).unwrap_or_default();
            if ours != theirs {
                self.faults.push(format!("{what}: {title}: we say {ours:?}, kubectl {theirs:?}"));
            }
        }
    }

    /// What has changed is what the preview said, to the very values.
    fn happened(&mut self, what: &str, steps: &[Step]) {
        for step in steps {
            let title = step.object.title();
            let Some(said) = step.answer.as_ref().and_then(Answer::after) else { continue };
            let Some(is) = self.line.answer(&step.object.path()) else {
                self.faults.push(format!("{what}: {title} was never sent"));
                continue;
            };
            let (said_paths, is_paths) = (differing(step.old(), said), differing(step.old(), &is));
            if said_paths != is_paths {
                self.faults.push(format!("{what}: {title}: said {said_paths:?}, became {is_paths:?}"));
            }
            let mut other = differing(said, &is);
            other.retain(|path| {
                !(is_allocated(path) || matches!(step.answer, Some(Answer::WouldCreate(_))) && is_made_up(&title, path))
            });
            if !other.is_empty() {
                self.faults.push(format!("{what}: {title}: other values than said: {other:?}"));
            }
        }
    }
}

/// What a dry run can only take an example of: addresses and ports from a pool.
fn is_allocated(path: &str) -> bool {
    ["spec.clusterIP", "spec.ports", "spec.healthCheckNodePort"].iter().any(|part| path.contains(part))
}

/// What is made up for each new object.
fn is_made_up(title: &str, path: &str) -> bool {
    path == "metadata.uid"
        || path == "metadata.creationTimestamp"
        // The names of its token's volume, the uid that a Job's pods are found by.
        || (title.starts_with("Pod ") && ["spec.volumes", "spec.containers"].contains(&path))
        || (title.starts_with("Job ") && (path.contains("controller-uid") || path.starts_with("spec.selector")))
}

/// An object that kubectl printed, by the name that it has here.
fn title(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    match text("/metadata/namespace") {
        "" => format!("{kind} {name}"),
        namespace => format!("{kind} {namespace}/{name}"),
    }
}

/// Nothing, as kubectl has it.
fn nothing() -> Value {
    json!({})
}
