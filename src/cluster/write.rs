//! Reads whole objects, asks for dry runs, applies approved steps, and follows the objects of an open plan.

use http::Request;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::Value;

use super::gate::{Approval, Class, Gate};
use super::review::request;
use super::scan::LineCutter;
use crate::plan::drift::{Drift, drift};
use crate::plan::{Answer, ObjectRef, Plan, Step, diff};
use crate::world::trouble::{Trouble, TroubleKind};

/// The name under which our changes stand in `managedFields`.
pub const FIELD_MANAGER: &str = "tenantry";

/// Reads an object whole.
pub async fn read(gate: &Gate, object: &ObjectRef) -> Result<Value, Trouble> {
    let builder = Request::get(object.path());
    gate.ask(Class::Read, request(builder, Vec::new())?, &format!("read {}", object.title())).await
}

/// Asks the server what each step would do, and puts its answers into the plan. Steps whose objects have a newer version in
/// which only status or bookkeeping is new are rebased onto it: see [`apply`].
pub async fn preview(gate: &Gate, plan: &mut Plan) {
    for step in plan.steps_mut() {
        let mut answer = try_step(gate, step).await;
        for _ in 0..REBASES {
            if !matches!(&answer, Answer::Refused(trouble) if trouble.kind == TroubleKind::Conflict) {
                break;
            }
            match rebased(gate, step).await {
                Ok(Some(now)) => step.before = now,
                Ok(None) | Err(_) => break,
            }
            answer = try_step(gate, step).await;
        }
        step.answer = Some(answer);
    }
}

/// The present version of a step's object, if nothing in it has moved; `None` if something has.
async fn rebased(gate: &Gate, step: &Step) -> Result<Option<Value>, Trouble> {
    let now = read(gate, &step.object).await?;
    let holds = matches!(drift(&step.object.kind, &step.before, Some(&now)), Drift::None | Drift::Bookkeeping);
    Ok(holds.then_some(now))
}

/// What one step would do.
async fn try_step(gate: &Gate, step: &Step) -> Answer {
    let uri = format!("{}?dryRun=All&fieldManager={FIELD_MANAGER}&fieldValidation=Strict", step.object.path());
    let builder = Request::patch(uri).header(CONTENT_TYPE, "application/merge-patch+json");
    let doing = format!("try the change of {}", step.object.title());
    let answer = match request(builder, step.guarded_patch().to_string().into_bytes()) {
        Ok(request) => gate.ask::<Value>(Class::Try, request, &doing).await,
        Err(trouble) => Err(trouble),
    };
    match answer {
        Ok(after) if after.pointer("/metadata/uid").is_none() => Answer::Unreadable,
        Ok(after) if diff::without_bookkeeping(&after) == diff::without_bookkeeping(&step.before) => {
            Answer::WouldNotChange
        }
        Ok(after) => Answer::WouldChange(after),
        Err(trouble) => match trouble.kind {
            TroubleKind::Forbidden(_)
            | TroubleKind::Denied { .. }
            | TroubleKind::Invalid
            | TroubleKind::Conflict
            | TroubleKind::NotFound
            | TroubleKind::Unauthorized
            | TroubleKind::ReadOnly => Answer::Refused(trouble),
            _ => Answer::NotAsked(trouble),
        },
    }
}

/// How often a step is rebased in a row: a status that moves faster than that is a fault of its own.
const REBASES: u32 = 8;

/// Takes one approved step; returns the object as it is afterwards.
///
/// The change carries the version that was shown. When the server has a newer one of which only status or bookkeeping is new,
/// the step is sent again with that version: a busy tenant's status never rests. Anything else that is new is a conflict.
pub async fn apply(gate: &Gate, step: &Step, approval: &Approval) -> Result<Value, Trouble> {
    let mut step = step.clone();
    for _ in 0..REBASES {
        let conflict = match send(gate, &step, approval).await {
            Err(trouble) if trouble.kind == TroubleKind::Conflict => trouble,
            answer => return answer,
        };
        match rebased(gate, &step).await? {
            Some(now) => step.before = now,
            None => return Err(conflict),
        }
    }
    send(gate, &step, approval).await
}

async fn send(gate: &Gate, step: &Step, approval: &Approval) -> Result<Value, Trouble> {
    let uri = format!("{}?fieldManager={FIELD_MANAGER}&fieldValidation=Strict", step.object.path());
    let builder = Request::patch(uri).header(CONTENT_TYPE, "application/merge-patch+json");
    let doing = format!("change {}", step.object.title());
    let request = request(builder, step.guarded_patch().to_string().into_bytes())?;
    gate.ask(Class::Write(approval), request, &doing).await
}

/// Follows one object from the version that was read; calls `seen` with each new state (`None`: deleted) until the watch ends.
pub async fn follow(gate: &Gate, step: &Step, mut seen: impl FnMut(Option<Value>)) -> Result<(), Trouble> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(rename = "type")]
        what: String,
        object: Value,
    }
    let object = &step.object;
    let collection = object.path();
    let collection = collection.rsplit_once('/').map_or(collection.as_str(), |(head, _)| head);
    let uri = format!(
        "{collection}?watch=true&allowWatchBookmarks=true&fieldSelector=metadata.name%3D{}&resourceVersion={}",
        object.name,
        step.resource_version(),
    );
    let doing = format!("follow {}", object.title());
    let response = gate.send(Class::Read, request(Request::get(uri), Vec::new())?, &doing).await?;
    let mut body = response.into_body();
    let mut cutter = LineCutter::default();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| Trouble::new(TroubleKind::Interrupted, error.to_string()))?.into_data()
        else {
            continue;
        };
        let mut broken = false;
        let cut = cutter.push(&data, |line| {
            if let Ok(Line { what, object }) = serde_json::from_slice::<Line>(line) {
                match what.as_str() {
                    "ADDED" | "MODIFIED" => seen(Some(object)),
                    "DELETED" => seen(None),
                    "ERROR" => broken = true,
                    _ => {}
                }
            }
        });
        cut.map_err(|error| Trouble::new(TroubleKind::Interrupted, error.to_string()))?;
        if broken {
            return Err(Trouble::new(TroubleKind::Gone, format!("cannot {doing} any further")));
        }
    }
    Ok(())
}
