//! What is stored could have been written: got and put back, it is accepted and the same.

use std::sync::Arc;

use super::answer::send;
use super::dice::Dice;
use super::lists::snapshot;
use super::request::{Request, place};
use crate::demo::cluster::Cluster;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;

/// Puts back some objects of a kind.
pub fn check(cluster: &Arc<Cluster>, kind: &Kind, dice: &mut Dice) -> Result<(), String> {
    for object in snapshot(cluster, kind)?.objects.values().filter(|one| !is_another(kind, one) && dice.once_in(3)) {
        let path = place(kind, object);
        let mut request = Request::of_root("PUT", path.as_str());
        request.headers.push(("content-type", "application/json".to_owned()));
        request.body = object.to_string().into_bytes();
        let answer = send(cluster, &request)?.ok_or("a path cannot be said")?;
        if answer.code != 200 && !is_meant(answer.message()) {
            return Err(format!("{path} cannot be put back: {}\n  {object}", answer.message()));
        }
        if answer.code == 200 && answer.value.version() != object.version() {
            return Err(format!("{path} is another when it is put back:\n  {object}\n  {}", answer.value));
        }
    }
    Ok(())
}

/// Refusals that have nothing to do with what the object is like.
fn is_meant(message: &str) -> bool {
    // Capsule keeps what it manages, and what is cordoned.
    message.starts_with("admission webhook ")
}

/// Objects that a write may make another, whatever it says.
fn is_another(kind: &Kind, object: &Object) -> bool {
    // Capsule puts the name on a tenant as a label, once it has a name: not when it is being generated.
    let is_unnamed = kind.resource == "tenants" && object.label("kubernetes.io/metadata.name").is_none();
    // What was written as one sort of event and is written as the other has managers in both.
    let is_foreign = |one: &Object| one.text(&["apiVersion"]) != Some(&kind.api_version());
    let is_mixed = kind.resource == "events" && object.list(&["metadata", "managedFields"]).iter().any(is_foreign);
    is_unnamed || is_mixed || kind.group == "events.k8s.io"
}
