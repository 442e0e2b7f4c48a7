//! The kinds the demo serves, their schemas as data, and what follows from schemas: discovery, OpenAPI, and the checks
//! of what clients send.
//!
//! The data (see `data/README.md`) was read from a real API server. At start only the list of kinds is parsed; the
//! definitions of a group and version are looked at when a kind of theirs is first asked for.

pub mod check;
pub mod definitions;
pub mod discovery;
pub mod kind;
pub mod node;
pub mod openapi;

mod build;
mod data;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

pub use kind::{Custom, Kind, Subresource};
pub use node::{ListKind, Node, Rules, Shape, Struct};

use data::{File, Row};

/// Which Capsule's definitions are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Era {
    /// Capsule 0.14.0.
    #[default]
    V0_14,
    /// Capsule 0.4.2.
    V0_4,
}

/// The kinds served, and their schemas.
#[derive(Debug)]
pub struct Schemas {
    kinds: Vec<Kind>,
    /// The definition of each kind, in the same order.
    definitions: Vec<String>,
    /// Where each kind stands, by group and resource.
    places: HashMap<String, usize>,
    files: Vec<File>,
    built: Mutex<build::Built>,
    trees: check::Trees,
}

impl Schemas {
    /// The kinds of an era. Parses the list of kinds and nothing else.
    pub fn new(era: Era) -> Self {
        let rows = data::rows(era);
        let (kinds, definitions): (Vec<_>, Vec<_>) = rows.into_iter().map(Row::into_kind).unzip();
        let places = kinds.iter().enumerate().map(|(at, kind): (usize, &Kind)| (kind.qualified(), at)).collect();
        Self { kinds, definitions, places, files: data::files(era), built: Mutex::default(), trees: Mutex::default() }
    }

    /// All kinds, in discovery's order: the core group first.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind behind a path, such as `("apps", "v1", "deployments")`.
    pub fn find(&self, group: &str, version: &str, resource: &str) -> Option<&Kind> {
        let at = *self.places.get(&super::status::qualified(group, resource))?;
        self.kinds.get(at).filter(|kind| kind.version == version && kind.group == group && kind.resource == resource)
    }

    /// The kind of a group by its name, such as `("apps", "Deployment")`.
    pub fn of_kind(&self, group: &str, kind: &str) -> Option<&Kind> {
        self.kinds.iter().find(|one| one.group == group && one.kind == kind)
    }

    /// The schema of a kind's objects. Made when first asked for, and shared from then on.
    pub fn node(&self, kind: &Kind) -> Option<Arc<Node>> {
        self.build(self.name_of(kind)?)
    }

    /// The definition that a [`Shape::Ref`] names. The kind is that of the object the reference was met in.
    pub fn definition(&self, _kind: &Kind, reference: &str) -> Option<Arc<Node>> {
        self.build(reference)
    }

    /// The schema of a kind's `subresource` body, such as `Scale` or `Eviction`; that of the kind for `status`.
    pub fn subresource_node(&self, kind: &Kind, below: &Subresource) -> Option<Arc<Node>> {
        if below.kind == kind.kind && (below.group.is_empty() || below.group == kind.group) {
            return self.node(kind);
        }
        let name = data::body_definition(&below.group, &below.version, &below.kind)?;
        self.build(name)
    }

    /// The definition that a [`Shape::Ref`] names, whatever object it was met in.
    pub fn resolve(&self, reference: &str) -> Option<Arc<Node>> {
        self.build(reference)
    }

    /// Fills in the defaults of a custom resource's schema; built-in kinds are defaulted by code.
    pub fn default(&self, kind: &Kind, object: &mut serde_json::Value) {
        if let (Some(_), Some(node)) = (&kind.custom, self.node(kind)) {
            check::prune_nulls(self, &node, object);
            check::apply_defaults(self, &node, object);
        }
    }

    /// The schema of `metadata`.
    pub fn object_meta(&self) -> Option<Arc<Node>> {
        self.build(data::OBJECT_META)
    }

    /// The name of a kind's definition, such as `io.k8s.api.apps.v1.Deployment`.
    fn name_of(&self, kind: &Kind) -> Option<&str> {
        let at = *self.places.get(&kind.qualified())?;
        self.definitions.get(at).map(String::as_str)
    }

    fn build(&self, name: &str) -> Option<Arc<Node>> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        build::definition(&self.files, &mut built, name)
    }

    /// The published text of a definition.
    fn raw(&self, name: &str) -> Option<&'static str> {
        data::raw(&self.files, name).map(|(text, _)| text)
    }
}
