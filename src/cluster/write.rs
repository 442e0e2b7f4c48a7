//! Reads whole objects, asks for dry runs, and takes approved steps.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::failure::{self, Asked};
use super::gate::{Approval, Class, Gate};
use super::review::request;
use crate::plan::drift::holds;
use crate::plan::{Answer, Before, Change, FIELD_MANAGER, Goal, ObjectRef, Plan, Step, diff};
use crate::world::identity::ActingAs;
use crate::world::trouble::{Trouble, TroubleKind};

/// How many questions are open at once. HTTP/1.1 takes a connection for each; a folder of 200 objects is read and tried in
/// seven round trips.
const AT_ONCE: usize = 64;

/// How long an answer may take. The server itself gives up after a minute, and webhooks may take half of that.
const PATIENCE: Duration = Duration::from_secs(65);

/// An answer, or that there was none in time.
async fn in_time<T>(gate: &Gate, doing: &str, answer: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let late = |_| Err(failure::timed_out(&Asked::new(gate.place(), doing), PATIENCE));
    timeout(PATIENCE, answer).await.unwrap_or_else(late)
}

/// Reads an object whole.
pub async fn read(gate: &Gate, object: &ObjectRef) -> Result<Value, Trouble> {
    let doing = format!("read {}", object.title());
    in_time(gate, &doing, gate.ask(Class::Read, request(Request::get(object.path()), Vec::new())?, &doing)).await
}

/// Reads what is there of each; what cannot be known now (no connection, say) fails the whole.
pub async fn read_all(gate: &Gate, objects: &[ObjectRef]) -> Result<Vec<Before>, Trouble> {
    let reads = stream::iter(objects.to_vec()).map(|object| {
        let gate = gate.clone();
        async move { look(&gate, &object).await }
    });
    reads.buffered(AT_ONCE).collect::<Vec<_>>().await.into_iter().collect()
}

async fn look(gate: &Gate, object: &ObjectRef) -> Result<Before, Trouble> {
    match read(gate, object).await {
        Ok(object) => Ok(Before::Present(object)),
        Err(trouble) if trouble.kind == TroubleKind::NotFound => Ok(Before::Absent),
        Err(trouble) if matches!(trouble.kind, TroubleKind::Forbidden(_)) => Ok(Before::Unreadable(trouble)),
        Err(trouble) => Err(trouble),
    }
}

/// Asks the server what each step would do, and puts its answers into the plan. Steps whose objects have a newer version in
/// which only status or bookkeeping is new are rebased onto it: see [`apply`]. Steps that need what the plan itself makes are
/// not asked about.
pub async fn preview(gate: &Gate, plan: &mut Plan) {
    let makes = |step: &&Step| {
        matches!(step.before, Before::Absent) && !matches!(step.change, Change::Delete(_) | Change::Merge(_))
    };
    let parents: Vec<ObjectRef> = plan.steps().filter(makes).map(|step| step.object.clone()).collect();
    let actors = plan.impersonated.clone();
    let mut seen: BTreeSet<ObjectRef> = BTreeSet::new();
    let mut steps: Vec<(&mut Step, Option<ActingAs>)> = Vec::new();
    let mut repeated = Vec::new();
    for (at, step) in plan.steps_mut().enumerate() {
        let is_first = seen.insert(step.object.clone());
        if step.answer.is_some() {
            continue;
        }
        match parents.iter().find(|parent| step.needs(parent)) {
            Some(parent) => step.answer = Some(Answer::Simulated(format!("{} does not exist yet", parent.title()))),
            None if !is_first => repeated.push(at),
            None => {
                let actor = actors.get(&step.object).cloned();
                steps.push((step, actor));
            }
        }
    }
    let asking = stream::iter(steps)
        .for_each_concurrent(AT_ONCE, async |(step, actor)| preview_step(gate, step, actor.as_ref()).await);
    asking.await;
    // What is changed twice can be asked about a second time only if the first makes no difference, or if it is a patch that
    // changes something of what is there by itself.
    for at in repeated {
        let Some(object) = plan.steps().nth(at).map(|step| step.object.clone()) else { continue };
        let before = plan.steps().take(at).filter(|step| step.object == object);
        let is_same = before.map(|step| &step.answer).all(|answer| *answer == Some(Answer::WouldNotChange));
        let Some(step) = plan.steps_mut().nth(at) else { continue };
        let is_patch = matches!((&step.change, &step.before), (Change::Merge(_), Before::Present(_)));
        if is_same || is_patch {
            preview_step(gate, step, actors.get(&object)).await;
        }
        if !is_same && (!is_patch || step.answer == Some(Answer::WouldNotChange)) {
            let words = format!("{} is to be changed in another way first", object.title());
            step.answer = Some(Answer::Simulated(words));
        }
    }
    let mut lifts = false;
    for stage in &mut plan.stages {
        for step in stage.steps.iter_mut().filter(|_| lifts) {
            // The plan itself lifts what refuses this.
            if matches!(&step.answer, Some(Answer::Refused(trouble)) if is_of_a_cordon(trouble)) {
                step.answer = Some(Answer::Simulated("it is refused while the tenant is cordoned".to_owned()));
            }
            // It is as wished only until then: Capsule takes these away with the tenant's.
            if step.answer == Some(Answer::WouldNotChange) && is_own_cordon(step) {
                step.answer = Some(Answer::Simulated("a cordon of its own ends with that of the tenant".to_owned()));
            }
        }
        lifts |= matches!(stage.goal, Some(Goal::Cordoned { cordoned: false, .. }));
    }
}

/// Whether a step cordons a namespace by itself.
fn is_own_cordon(step: &Step) -> bool {
    let label = "/metadata/labels/projectcapsule.dev~1cordoned";
    step.object.kind == "Namespace"
        && step.change.body().is_some_and(|body| body.pointer(label) == Some(&json!("true")))
}

/// Whether Capsule refuses for a cordon, in the words of either era (0.3 to 0.12: "is freezed").
fn is_of_a_cordon(trouble: &Trouble) -> bool {
    matches!(trouble.kind, TroubleKind::Denied { .. })
        && [&trouble.what, &trouble.detail].iter().any(|words| words.contains("cordon") || words.contains("freezed"))
}

/// What the server says to one step, taken as somebody.
pub async fn preview_step(gate: &Gate, step: &mut Step, actor: Option<&ActingAs>) {
    let mut answer = try_step(gate, step, actor).await;
    // What we have set in another way, by an edit or an undo, is ours to set again; whose else it is, the answer tells.
    if let (Change::Apply { force, .. }, Answer::Refused(trouble)) = (&mut step.change, &answer)
        && trouble.kind == TroubleKind::ManagedByUs
    {
        *force = true;
        answer = try_step(gate, step, actor).await;
    }
    for _ in 0..REBASES {
        if !matches!(&answer, Answer::Refused(trouble) if trouble.kind == TroubleKind::Conflict) {
            break;
        }
        match rebased(gate, step).await {
            Ok(Some(now)) => step.before = Before::Present(now),
            Ok(None) | Err(_) => break,
        }
        answer = try_step(gate, step, actor).await;
    }
    step.answer = Some(answer);
}

/// The present version of a step's object, if nothing in it has moved; `None` if something has.
async fn rebased(gate: &Gate, step: &Step) -> Result<Option<Value>, Trouble> {
    if step.before.object().is_none() {
        return Ok(None);
    }
    let now = read(gate, &step.object).await?;
    Ok(holds(step, &now).then_some(now))
}

/// What one step would do.
async fn try_step(gate: &Gate, step: &Step, actor: Option<&ActingAs>) -> Answer {
    let doing = format!("try the {} {}", noun(&step.change), step.object.title());
    let answer = match wire(step, actor, true) {
        Ok(request) => {
            let secrets = step.secrets();
            in_time(gate, &doing, gate.ask_about::<Value>(Class::Try, request, &doing, &secrets)).await
        }
        Err(trouble) => Err(trouble),
    };
    let after = match answer {
        Ok(after) => after,
        Err(trouble) => return unanswered(trouble),
    };
    let is_object = after.pointer("/metadata/uid").is_some() || matches!(step.change, Change::Create(_));
    match (&step.change, &step.before) {
        (_, Before::Unreadable(_)) => Answer::Unreadable,
        (Change::Delete(_), _) => Answer::WouldDelete,
        _ if !is_object && after.pointer("/metadata/name").is_none() => Answer::Unreadable,
        (_, Before::Absent) => Answer::WouldCreate(after),
        (_, Before::Present(before)) if diff::without_bookkeeping(&after) == diff::without_bookkeeping(before) => {
            Answer::WouldNotChange
        }
        (_, Before::Present(_)) => Answer::WouldChange(after),
    }
}

fn unanswered(trouble: Trouble) -> Answer {
    if trouble.lacks_kind() {
        return Answer::NotAsked(trouble);
    }
    match trouble.kind {
        TroubleKind::Forbidden(_)
        | TroubleKind::Denied { .. }
        | TroubleKind::Invalid
        | TroubleKind::Conflict
        | TroubleKind::Managed
        | TroubleKind::ManagedByUs
        | TroubleKind::NotFound
        | TroubleKind::Unauthorized => Answer::Refused(trouble),
        _ => Answer::NotAsked(trouble),
    }
}

const fn noun(change: &Change) -> &'static str {
    match change {
        Change::Merge(_) | Change::Apply { .. } => "change of",
        Change::Create(_) => "creation of",
        Change::Delete(_) => "deletion of",
    }
}

/// The request that a step is, or its dry run.
fn wire(step: &Step, actor: Option<&ActingAs>, dry: bool) -> Result<Request<Vec<u8>>, Trouble> {
    let dry_run = if dry { "&dryRun=All" } else { "" };
    let options = format!("fieldManager={FIELD_MANAGER}&fieldValidation=Strict{dry_run}");
    let mut body = step.body();
    let (method, uri, kind) = match &step.change {
        Change::Merge(_) => {
            (Method::PATCH, format!("{}?{options}", step.object.path()), "application/merge-patch+json")
        }
        Change::Apply { force, .. } => {
            let uri = format!("{}?{options}&force={force}", step.object.path());
            // JSON is YAML.
            (Method::PATCH, uri, "application/apply-patch+yaml")
        }
        Change::Create(_) => (Method::POST, format!("{}?{options}", step.object.collection()), "application/json"),
        Change::Delete(_) => {
            // A body overrides the query, so the body says it.
            if dry {
                body["dryRun"] = json!(["All"]);
            }
            (Method::DELETE, step.object.path(), "application/json")
        }
    };
    let mut builder = Request::builder().method(method).uri(uri).header(CONTENT_TYPE, kind);
    if let Some(ActingAs { user, groups }) = actor {
        builder = builder.header("Impersonate-User", user);
        for group in groups {
            builder = builder.header("Impersonate-Group", group);
        }
    }
    request(builder, body.to_string().into_bytes())
}

/// How often a step is rebased in a row: a status that moves faster than that is a fault of its own.
const REBASES: u32 = 8;

/// Takes one approved step; returns the object as it is afterwards (for a deletion, what the server says of it).
///
/// The change carries the version that was shown. When the server has a newer one of which only status or bookkeeping is new,
/// the step is sent again with that version: a busy tenant's status never rests. Anything else that is new is a conflict.
/// Whether the object that a server-side apply is to make has been made by somebody else is looked up just before, since that
/// request has no precondition for it.
pub async fn apply(gate: &Gate, step: &Step, actor: Option<&ActingAs>, approval: &Approval) -> Result<Value, Trouble> {
    let mut step = step.clone();
    if matches!((&step.change, &step.before), (Change::Apply { .. }, Before::Absent)) {
        match read(gate, &step.object).await {
            Ok(_) => {
                let words = format!("cannot make {}: it has been made by somebody else meanwhile", step.object.title());
                return Err(Trouble::new(TroubleKind::Conflict, words).advise("look at it, then decide"));
            }
            Err(trouble) if trouble.kind == TroubleKind::NotFound => {}
            Err(trouble) => return Err(trouble),
        }
    }
    for _ in 0..REBASES {
        let conflict = match send(gate, &step, actor, approval).await {
            Err(trouble) if trouble.kind == TroubleKind::Conflict => trouble,
            answer => return answer,
        };
        match rebased(gate, &step).await? {
            Some(now) => step.before = Before::Present(now),
            None => return Err(conflict),
        }
    }
    send(gate, &step, actor, approval).await
}

async fn send(gate: &Gate, step: &Step, actor: Option<&ActingAs>, approval: &Approval) -> Result<Value, Trouble> {
    let doing = match step.change {
        Change::Merge(_) | Change::Apply { .. } => "change",
        Change::Create(_) => "make",
        Change::Delete(_) => "delete",
    };
    let doing = format!("{doing} {}", step.object.title());
    let secrets = step.secrets();
    in_time(gate, &doing, gate.ask_about(Class::Write(approval), wire(step, actor, false)?, &doing, &secrets)).await
}

#[cfg(test)]
mod tests {
    use http::Response;
    use kube::client::Body;

    use super::*;
    use crate::cluster::gate::Mode;
    use crate::plan::Stage;
    use crate::world::identity::Place;

    #[tokio::test(start_paused = true)]
    async fn a_server_that_never_answers_could_not_be_asked() {
        let silent =
            tower::service_fn(|_: Request<Body>| std::future::pending::<Result<Response<Body>, std::io::Error>>());
        let gate = Gate::new(kube::Client::new(silent, "default"), Place::default(), Mode::Writes);
        let object = ObjectRef::namespaced("/api/v1", "configmaps", "ConfigMap", "oil-web", "site");
        let step = Step::merge(object.clone(), json!({}), json!({"metadata": {"name": "site"}}));
        let mut plan = Plan { stages: vec![Stage { steps: vec![step], goal: None }], ..Plan::default() };
        preview(&gate, &mut plan).await;
        let answer = plan.steps().next().and_then(|step| step.answer.clone());
        assert!(matches!(answer, Some(Answer::NotAsked(trouble)) if trouble.kind == TroubleKind::TimedOut));
        assert_eq!(read(&gate, &object).await.unwrap_err().kind, TroubleKind::TimedOut);
    }
}
