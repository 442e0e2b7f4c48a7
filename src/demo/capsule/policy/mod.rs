//! Policies of tenants (being written).

use crate::demo::object::Object;
use crate::demo::registry::{Registry, Review};
use crate::demo::status::Status;

/// Defaults.
pub fn mutate(_registry: &Registry, _tenant: &Object, _review: &Review<'_>, _object: &mut Object) {}

/// Denials.
pub fn validate(_: &mut Registry, _: &Object, _: &Review<'_>, _: &Object) -> Result<(), Status> {
    Ok(())
}
