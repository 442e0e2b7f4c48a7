//! What stands between a valid request and the store: the API server's own plugins, then Capsule's webhooks.

mod definitions;
mod lifecycle;
mod pods;
pub mod quota;
mod storage;

use super::capsule;
use super::object::Object;
use super::registry::{Registry, Review};
use super::status::Status;

/// What changes an object on its way in.
pub fn mutate(registry: &mut Registry, review: &Review<'_>, object: &mut Object) -> Result<(), Status> {
    lifecycle::check(registry, review)?;
    if review.subresource.is_empty() {
        pods::complete(registry, review, object)?;
        storage::complete(registry, review, object);
    }
    if registry.has_capsule { capsule::mutate(registry, review, object) } else { Ok(()) }
}

/// What refuses a request. Without an object it is a deletion.
pub fn validate(registry: &mut Registry, review: &Review<'_>, object: Option<&Object>) -> Result<(), Status> {
    if object.is_none() {
        lifecycle::check(registry, review)?;
    }
    definitions::check(registry, review, object)?;
    if registry.has_capsule {
        capsule::validate(registry, review, object)?;
    }
    if let Some(object) = object {
        pods::limits(registry, review, object)?;
        quota::admit(registry, review, object)?;
    }
    Ok(())
}
