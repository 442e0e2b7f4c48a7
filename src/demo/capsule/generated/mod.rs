//! Objects that a tenant asks for in its namespaces (being written).

use std::collections::BTreeMap;

use crate::demo::object::Object;
use crate::demo::registry::{Caller, Registry};
use crate::demo::schema::Era;

/// Brings them about.
pub fn reconcile(_registry: &mut Registry, _by: &Caller, _tenant: &Object, _namespaces: &[String]) {}

/// Labels and annotations of namespaces.
pub fn namespace_metadata(_tenant: &Object, _era: Era) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    Default::default()
}
