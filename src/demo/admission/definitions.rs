//! CustomResourceDefinitions: the kinds of the demo are those it was made with.

use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Operation, Registry, Review};
use crate::demo::status::Status;

/// Refuses a definition that would have to be followed by another kind, another schema, or the end of both. A server
/// that took it and went on as before would be lying.
pub fn check(registry: &Registry, review: &Review<'_>, object: Option<&Object>) -> Result<(), Status> {
    if review.kind.resource != "customresourcedefinitions" || !review.subresource.is_empty() {
        return Ok(());
    }
    let refused = |what: &str| Err(Status::not_in_the_demo(what));
    match (review.operation, object) {
        (Operation::Create, Some(object)) => {
            let text = |path: &[&str]| object.text(path).unwrap_or_default();
            match registry.schemas.of_kind(text(&["spec", "group"]), text(&["spec", "names", "kind"])) {
                Some(kind) if kind.custom.as_ref().is_some_and(|custom| custom.name == object.name()) => Ok(()),
                _ => refused("another custom kind"),
            }
        }
        (Operation::Update, Some(object)) if review.old.is_some_and(|old| old.get("spec") != object.get("spec")) => {
            refused("another definition of a custom kind")
        }
        (Operation::Delete, _) => refused("the end of a custom kind"),
        _ => Ok(()),
    }
}
