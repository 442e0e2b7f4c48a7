//! Delete, of one object and of many.

use serde_json::{Value, json};

use super::list::Selection;
use super::write::stored_as;
use super::{Answer, Call, decode, render};
use crate::demo::object::Meta as _;
use crate::demo::registry::{Deleted, Deletion, Propagation, Registry};
use crate::demo::schema::Schemas;
use crate::demo::schema::kind::Kind;
use crate::demo::status::{FieldFault, Status};
use crate::demo::strategy;

/// Removes one object.
pub fn delete(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    let how = how(&registry.schemas, call)?;
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
    let how = Deletion { is_one_of_many: true, ..how(&registry.schemas, call)? };
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

/// `DeleteOptions`: of the body, or, where there is none, of the query. As `endpoints/handlers/delete.go`.
fn how(schemas: &Schemas, call: &mut Call<'_>) -> Result<Deletion, Status> {
    let mut how = Deletion::default();
    let (policy, orphan, dry): (Option<String>, Option<bool>, Vec<String>);
    if call.body.is_empty() {
        let query = &call.query;
        how.grace = query.number("gracePeriodSeconds")?;
        policy = query.some("propagationPolicy").map(str::to_owned);
        orphan = query.some("orphanDependents").map(|_| query.is_true("orphanDependents"));
        dry = query.all("dryRun").filter(|value| !value.is_empty()).map(str::to_owned).collect();
    } else {
        let body = decode::options(schemas, call)?;
        how.grace = body.int(&["gracePeriodSeconds"]);
        policy = body.text(&["propagationPolicy"]).map(str::to_owned);
        orphan = body.at(&["orphanDependents"]).and_then(Value::as_bool);
        dry = body.list(&["dryRun"]).iter().filter_map(|value| Some(value.as_str()?.to_owned())).collect();
        let owned = |path: &[&str]| body.text(path).filter(|text| !text.is_empty()).map(str::to_owned);
        how.uid = owned(&["preconditions", "uid"]);
        how.version = owned(&["preconditions", "resourceVersion"]);
    }
    let mut faults = Vec::new();
    if policy.is_some() && orphan.is_some() {
        let why = "orphanDependents and deletionPropagation cannot be both set";
        faults.push(FieldFault::invalid("propagationPolicy", &json!(policy), why));
    }
    how.propagation = match (policy.as_deref(), orphan) {
        (Some("Orphan"), _) | (None, Some(true)) => Some(Propagation::Orphan),
        (Some("Background"), _) | (None, Some(false)) => Some(Propagation::Background),
        (Some("Foreground"), _) => Some(Propagation::Foreground),
        (None, None) => None,
        (Some(other), _) => {
            let supported = ["Foreground", "Background", "Orphan", "nil"];
            faults.push(FieldFault::unsupported("propagationPolicy", &json!(other), &supported));
            None
        }
    };
    if dry.iter().any(|value| value != "All") {
        faults.push(FieldFault::unsupported("dryRun", &json!(dry), &["All"]));
    }
    if !faults.is_empty() {
        return Err(Status::invalid("meta.k8s.io", "DeleteOptions", "", &faults));
    }
    call.caller.dry_run = !dry.is_empty();
    Ok(how)
}
