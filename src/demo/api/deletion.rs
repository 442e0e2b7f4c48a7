//! Delete, of one object and of many.

use serde_json::{Value, json};

use super::list::Selection;
use super::write::{options, stored_as};
use super::{Answer, Call, decode, render};
use crate::demo::object::Meta as _;
use crate::demo::registry::{Deleted, Deletion, Propagation, Registry};
use crate::demo::schema::kind::Kind;
use crate::demo::status::{FieldFault, Status};
use crate::demo::strategy;

/// Removes one object.
pub fn delete(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    let how = how(call)?;
    let (namespace, name) = (call.namespace(kind).to_owned(), call.info.name.clone());
    let deleted = registry.delete(&mut call.caller, &stored_as(kind), &namespace, &name, &how)?;
    match deleted {
        // Most kinds answer with a Status when the object is gone.
        Deleted::Gone(object) if !strategy::returns_deleted(kind) => {
            let mut details = json!({"name": name, "kind": kind.resource, "uid": object.uid()});
            if !kind.group.is_empty() {
                details.set(&["group"], kind.group.clone());
            }
            let status =
                json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details});
            Ok(render::value(call, 200, &status))
        }
        Deleted::Gone(object) | Deleted::Terminating(object) => render::object(registry, call, kind, 200, object),
    }
}

/// Removes all objects that are selected.
pub fn delete_all(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    let how = Deletion { is_one_of_many: true, ..how(call)? };
    let selection = Selection::of(&call.query, kind)?;
    let scope = call.scope(kind).map(str::to_owned);
    let resource = stored_as(kind);
    let chosen: Vec<_> =
        registry.list(&resource, scope.as_deref()).filter(|object| selection.admits(kind, object)).collect();
    let mut meta = json!({"resourceVersion": registry.store.revision().to_string()});
    if kind.custom.is_some() {
        meta.set(&["continue"], "");
    }
    let mut items = Vec::with_capacity(chosen.len());
    for object in chosen {
        match registry.delete(&mut call.caller, &resource, object.namespace(), object.name(), &how) {
            Ok(_) => {}
            // Somebody else was faster.
            Err(status) if status.code == 404 => {}
            Err(status) => return Err(status),
        }
        let mut item = object;
        if kind.custom.is_none() {
            item.unset(&["apiVersion"]);
            item.unset(&["kind"]);
        }
        items.push(item);
    }
    let list = json!({
        "kind": format!("{}List", kind.kind), "apiVersion": kind.api_version(), "metadata": meta, "items": items,
    });
    Ok(render::value(call, 200, &list))
}

/// `DeleteOptions`, from the body or else from the query.
fn how(call: &mut Call<'_>) -> Result<Deletion, Status> {
    options(call, "DeleteOptions")?;
    let mut how = Deletion { grace: call.query.number("gracePeriodSeconds")?, ..Deletion::default() };
    let mut policy = call.query.some("propagationPolicy").map(str::to_owned);
    let mut orphan = call.query.some("orphanDependents").map(|value| value == "true");
    if !call.body.iter().all(u8::is_ascii_whitespace) {
        let body = decode::value(call, "DeleteOptions")?;
        let kind = body.text(&["kind"]).unwrap_or("DeleteOptions");
        if kind != "DeleteOptions" {
            return Err(Status::bad_request(format!(
                "decoded object cannot be converted to DeleteOptions: it is a {kind}"
            )));
        }
        if let Some(grace) = body.int(&["gracePeriodSeconds"]) {
            how.grace = Some(grace);
        }
        policy = body.text(&["propagationPolicy"]).map(str::to_owned).or(policy);
        orphan = body.at(&["orphanDependents"]).and_then(Value::as_bool).or(orphan);
        let owned = |path: &[&str]| body.text(path).filter(|text| !text.is_empty()).map(str::to_owned);
        how.uid = owned(&["preconditions", "uid"]);
        how.version = owned(&["preconditions", "resourceVersion"]);
        if body.list(&["dryRun"]).iter().any(|value| value == "All") {
            call.caller.dry_run = true;
        }
    }
    how.propagation = match (policy.as_deref(), orphan) {
        (Some(_), Some(_)) => {
            let fault = FieldFault::invalid(
                "propagationPolicy",
                &json!(policy),
                "orphanDependents and deletionPropagation cannot be both set",
            );
            return Err(Status::invalid("meta.k8s.io", "DeleteOptions", "", &[fault]));
        }
        (Some("Orphan"), _) | (None, Some(true)) => Some(Propagation::Orphan),
        (Some("Background"), _) | (None, Some(false)) => Some(Propagation::Background),
        (Some("Foreground"), _) => Some(Propagation::Foreground),
        (None, None) => None,
        (Some(other), _) => {
            let supported = ["Foreground", "Background", "Orphan", "nil"];
            let fault = FieldFault::unsupported("propagationPolicy", &json!(other), &supported);
            return Err(Status::invalid("meta.k8s.io", "DeleteOptions", "", &[fault]));
        }
    };
    Ok(how)
}
