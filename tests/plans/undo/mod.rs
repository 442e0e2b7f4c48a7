//! Random plans over random worlds: applied and taken back, everything is as it was, but for what is said not to be; and
//! nothing that others have done meanwhile is lost.
//!
//! A demo each, its clock moved by hand; `TENANTRY_UNDO_CASES=2000` asks for more.

mod world;

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use tenantry::cluster::gate::Gate;
use tenantry::cluster::write;
use tenantry::demo::Demo;
use tenantry::journal::{self, history::history};
use tenantry::plan::diff::without_bookkeeping;
use tenantry::plan::edit::merge_patch;
use tenantry::plan::record::fit_to_create;
use tenantry::plan::undo::Wish;
use tenantry::plan::{Answer, Before, Change, ObjectRef, Plan, Propagation, Stage, Step};

use self::world::{Slot, content, foreign};
use crate::stage::{self, Outcome, differing};

/// What is done to one object.
#[derive(Debug, Clone)]
struct Deed {
    /// What there is before: the dice of its content.
    before: Option<[u8; 6]>,
    /// What becomes of it.
    act: Act,
    /// In which stage.
    stage: usize,
    /// What somebody else does to it after that.
    theirs: Option<u8>,
}

#[derive(Debug, Clone)]
enum Act {
    Nothing,
    Merge([u8; 6]),
    Apply([u8; 6], bool),
    Create([u8; 6]),
    Delete(u8),
}

fn deed() -> impl Strategy<Value = Deed> {
    let dice = any::<[u8; 6]>;
    let act = prop_oneof![
        1 => Just(Act::Nothing),
        4 => dice().prop_map(Act::Merge),
        4 => (dice(), any::<bool>()).prop_map(|(dice, force)| Act::Apply(dice, force)),
        2 => dice().prop_map(Act::Create),
        2 => any::<u8>().prop_map(Act::Delete),
    ];
    (proptest::option::weighted(0.7, dice()), act, 0..3_usize, proptest::option::weighted(0.3, any::<u8>()))
        .prop_map(|(before, act, stage, theirs)| Deed { before, act, stage, theirs })
}

/// A world, a plan, and what others do.
#[derive(Debug, Clone)]
struct Case {
    deeds: Vec<Deed>,
    /// Others act at all.
    alone: bool,
    /// Another run takes it back, from what is in the journal.
    from_journal: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let deeds = proptest::collection::vec(deed(), Slot::ALL.len());
    (deeds, any::<bool>(), any::<bool>()).prop_map(|(deeds, alone, from_journal)| Case { deeds, alone, from_journal })
}

/// Runs it.
pub async fn property() -> Outcome {
    let run = || {
        let cases = std::env::var("TENANTRY_UNDO_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(48);
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
        let held =
            TestRunner::new(config).run(&case(), |case| runtime.block_on(hold(&case)).map_err(TestCaseError::fail));
        held.map_err(|error| error.to_string())
    };
    tokio::task::spawn_blocking(run).await.map_err(|error| error.to_string())?
}

/// Somebody else changes an object.
async fn send(client: &kube::Client, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let request = http::Request::builder()
        .method(method)
        .uri(format!("{path}?fieldManager=kubectl-elsewhere"))
        .header("content-type", kind)
        .body(body.to_string().into_bytes())
        .map_err(|error| error.to_string())?;
    client.request(request).await.map_err(|error| format!("{method} {path}: {error}"))
}

/// An object without what controllers write into it.
fn own(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(notes) = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        notes.remove("deployment.kubernetes.io/revision");
        if notes.is_empty()
            && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
        {
            metadata.remove("annotations");
        }
    }
    object
}

async fn hold(case: &Case) -> Outcome {
    let demo = world::start();
    let client = world::client(&demo);
    let gate = stage::gate(client.clone(), world::NAMESPACE);
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let journal = folder.path().join("journal.jsonl");

    let namespace = json!({"metadata": {"name": world::NAMESPACE}});
    send(&client, "POST", "/api/v1/namespaces", &namespace).await?;
    for (slot, deed) in Slot::ALL.iter().zip(&case.deeds) {
        if let Some(dice) = deed.before {
            send(&client, "POST", &slot.object().collection(), &content(*slot, dice)).await?;
        }
    }
    rest(&demo);
    let objects: Vec<ObjectRef> = Slot::ALL.iter().map(|slot| slot.object()).collect();
    let before = stage::read(&gate, &objects).await?;

    let Some(plan) = answered(&gate, case, &before).await? else { return Ok(()) };
    let steps: BTreeMap<ObjectRef, Step> = plan.steps().map(|step| (step.object.clone(), step.clone())).collect();
    let applied = stage::apply(&gate, plan, &journal).await?;
    if let Some(trouble) = applied.failure {
        return Err(format!("it was not applied: {trouble}"));
    }
    if let Some(warning) = applied.warnings.first() {
        return Err(format!("it did other things than were shown: {warning}"));
    }
    rest(&demo);

    let mut theirs: BTreeMap<ObjectRef, Vec<(String, Value)>> = BTreeMap::new();
    let mut others: BTreeSet<(ObjectRef, String)> = BTreeSet::new();
    for (slot, deed) in Slot::ALL.iter().zip(&case.deeds) {
        let Some(dice) = deed.theirs.filter(|_| !case.alone) else { continue };
        let object = slot.object();
        if let [Some(ours)] = stage::read(&gate, std::slice::from_ref(&object)).await?.as_slice() {
            let (patch, mut set) = foreign(*slot, dice);
            let made = send(&client, "PATCH", &object.path(), &patch).await?;
            // With it comes what the server fills in.
            for path in differing(ours, &made) {
                others.insert((object.clone(), path));
            }
            // Who sets what is so already has changed nothing.
            set.retain(|(pointer, value)| ours.pointer(pointer) != Some(value));
            theirs.insert(object, set);
        }
    }
    rest(&demo);
    let between = stage::read(&gate, &objects).await?;

    let past = if case.from_journal {
        let entries = journal::read(&journal).map_err(|trouble| trouble.to_string())?;
        history(entries).pop().ok_or("the journal is empty")?
    } else {
        applied.past
    };
    let back = stage::go(&gate, &past, Wish::Undo { also_theirs: false }, &journal).await?;
    rest(&demo);
    rest(&demo);
    let after = stage::read(&gate, &objects).await?;
    for (((object, before), between), after) in objects.iter().zip(&before).zip(&between).zip(&after) {
        let set = theirs.get(object).map(Vec::as_slice).unwrap_or_default();
        judge(
            object,
            before.as_ref(),
            between.as_ref(),
            after.as_ref(),
            steps.get(object),
            set,
            &others,
            &back.summary,
        )
        .map_err(|why| {
            let text = |object: &Option<Value>| {
                object.as_ref().map_or_else(|| "nothing".to_owned(), |object| without_bookkeeping(object).to_string())
            };
            let (before, between, after) = (text(before), text(between), text(after));
            format!(
                "{}: {why}\nbefore: {before}\nbetween: {between}\nafter: {after}\nsaid: {:#?}",
                object.title(),
                back.summary
            )
        })?;
    }
    Ok(())
}

/// Lets the controllers come to rest.
fn rest(demo: &Demo) {
    demo.advance(SignedDuration::from_secs(40));
}

/// The plan, without the steps that the server does not take; nothing if none is left.
async fn answered(gate: &Gate, case: &Case, before: &[Option<Value>]) -> Result<Option<Plan>, String> {
    let mut stages = vec![Stage::default(), Stage::default(), Stage::default()];
    for ((slot, deed), before) in Slot::ALL.iter().zip(&case.deeds).zip(before) {
        let change = match (&deed.act, deed.before, before) {
            (Act::Nothing, ..) => continue,
            (Act::Merge(dice), Some(old), Some(_)) => {
                Change::Merge(merge_patch(&content(*slot, old), &content(*slot, *dice)))
            }
            (Act::Merge(dice) | Act::Create(dice), _, None) => Change::Create(content(*slot, *dice)),
            (Act::Apply(dice, force), ..) => Change::Apply { manifest: content(*slot, *dice), force: *force },
            (Act::Create(dice), ..) => Change::Apply { manifest: content(*slot, *dice), force: true },
            (Act::Delete(how), _, Some(_)) => Change::Delete(match how % 3 {
                0 => Propagation::Foreground,
                1 => Propagation::Orphan,
                _ => Propagation::Background,
            }),
            (Act::Delete(_) | Act::Merge(_), ..) => continue,
        };
        let before = before.clone().map_or(Before::Absent, Before::Present);
        stages[deed.stage].steps.push(Step { object: slot.object(), change, before, answer: None, source: None });
    }
    let mut plan = Plan { title: "Anything".to_owned(), target: stage::target(), stages, ..Plan::default() };
    write::preview(gate, &mut plan).await;
    for stage in &mut plan.stages {
        stage.steps.retain(|step| step.answer.as_ref().is_some_and(Answer::is_good));
    }
    plan.stages.retain(|stage| !stage.steps.is_empty());
    // The answers were given without each other: what a quota or a webhook says may be another now.
    Ok((plan.changes() > 0).then_some(plan))
}

#[expect(clippy::too_many_arguments, reason = "what there was, is, was done and was said")]
fn judge(
    object: &ObjectRef,
    before: Option<&Value>,
    between: Option<&Value>,
    after: Option<&Value>,
    step: Option<&Step>,
    theirs: &[(String, Value)],
    others: &BTreeSet<(ObjectRef, String)>,
    said: &[String],
) -> Outcome {
    let is_told = said.iter().any(|sentence| sentence.starts_with(&object.title()));
    for (pointer, value) in theirs {
        let now = after.and_then(|object| object.pointer(pointer));
        if now != Some(value) {
            return Err(format!("somebody set {pointer} to {value}, and it is {now:?}"));
        }
    }
    let deleted = step.is_some_and(|step| matches!(step.change, Change::Delete(_)));
    match (before, after) {
        (None, None) => Ok(()),
        // It was made, and others have put something into it.
        (None, Some(_)) if !theirs.is_empty() && is_told => Ok(()),
        (None, Some(_)) => Err("it was not there before".to_owned()),
        // What cannot be made again is said.
        (Some(_), None) if deleted && is_told => Ok(()),
        (Some(_), None) => Err("it is gone".to_owned()),
        (Some(before), Some(after)) if deleted => {
            let mut left = differing(&fit_to_create(&own(before)), &fit_to_create(&own(after)));
            // What is secret is not kept, and the plan says of each field that it is made without it.
            left.retain(|path| !(is_told && told(said, path)));
            if left.is_empty() { Ok(()) } else { Err(format!("it was made again, and is another: {left:?}")) }
        }
        (Some(before), Some(after)) => {
            let mut left = differing(&own(before), &own(after));
            // What others have changed differs, and so does what they came in the way of.
            let undone = between.map(|between| differing(between, after)).unwrap_or_default();
            left.retain(|path| {
                // What others have put on a branch that was not there keeps the branch, and the server fills it up.
                let around = path.rsplit_once('.').map_or("", |(around, _)| around);
                let is_new = before.pointer(&format!("/{}", around.replace('.', "/"))).is_none();
                let kept = is_new && theirs.iter().any(|(pointer, _)| touches(pointer, around));
                !(kept
                    || others.contains(&(object.clone(), path.clone()))
                    || theirs.iter().any(|(pointer, _)| touches(pointer, path))
                    || is_told && told(said, path))
            });
            if left.is_empty() {
                Ok(())
            } else {
                Err(format!("it is not as it was: {left:?} (the undo changed {undone:?})"))
            }
        }
    }
}

/// Whether a pointer goes to a path, or through it.
fn touches(pointer: &str, path: &str) -> bool {
    let spelled: Vec<String> = pointer
        .split('/')
        .skip(1)
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .map(|step| if step.contains('.') { format!("\"{step}\"") } else { step })
        .collect();
    let spelled = spelled.join(".");
    spelled == path || spelled.starts_with(&format!("{path}.")) || path.starts_with(&format!("{spelled}."))
}

/// Whether it was said that a path stays as it is.
fn told(said: &[String], path: &str) -> bool {
    said.iter().any(|sentence| sentence.contains(path))
}
