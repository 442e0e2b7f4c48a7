//! What upstream calls a kind's strategy: what decoding, defaults and each kind's registry make of an object before it is
//! stored, and what they refuse. Pure functions over JSON: no store, no clock.
//!
//! The order of a creation is [`normalize()`], [`defaults::apply`], [`prepare_create`], [`allocate`], [`validate::create`];
//! that of a change is the same with [`prepare_update`] and [`validate::update`]. Facts and wording are those of
//! Kubernetes 1.37.1 (`pkg/apis/*/v1/defaults.go`, `pkg/registry/*/*/strategy.go`, `pkg/apis/*/validation`).

pub mod defaults;
pub mod names;
pub mod validate;

mod custom_definition;
mod deletion;
mod go;
mod internal;
mod job;
mod normalize;
mod prepare;
mod qos;
mod select;
mod service;
mod warn;

#[cfg(test)]
mod tests;

pub use deletion::{default_grace, default_propagation, returns_deleted};
pub use normalize::{drop_empties, normalize, normalize_with_empties, through};
pub use prepare::{prepare_create, prepare_update};
pub use select::{selectable, selectable_fields, unknown_field};
pub use service::{allocate, allocate_ports, node_ports};
pub use warn::{warnings, warnings_of_update};

use super::schema::kind::Kind;

/// The kind's resource, if it is built in: `pods`, `deployments`. Custom resources have none, so that a custom kind
/// named like a built-in one gets nothing of it.
fn built_in(kind: &Kind) -> Option<(&str, &str)> {
    kind.custom.is_none().then_some((kind.group.as_str(), kind.resource.as_str()))
}
