//! What clients send, held against a schema: fields nobody knows, values of the wrong type, defaults.
//!
//! For built-in kinds this is what decoding into Go structs does; for custom resources what apiextensions-apiserver
//! does with structural schemas (pruning, defaulting, validation).

mod defaults;
mod mismatch;
mod rules;
mod strict;
mod structural;
mod types;
mod unknown;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::{Node, Schemas, Shape};

pub use defaults::{apply_defaults, prune_nulls};
pub use mismatch::{Reader, meta_mismatch, mismatch, options_mismatch};
pub(super) use rules::Trees;
pub use rules::unchecked_rules;
pub use strict::{duplicate_fields, strict};
pub use structural::faults;
pub use unknown::{drop_unknown, unknown_fields};

/// The node itself, or the definition it refers to.
fn followed(schemas: &Schemas, node: &Arc<Node>) -> Arc<Node> {
    match &node.shape {
        Shape::Ref(name) => schemas.resolve(name).unwrap_or_default(),
        _ => Arc::clone(node),
    }
}

/// A field's path: `spec` and `replicas` make `spec.replicas`.
fn below(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}
