//! Blueprints: what a tenant is made of, as parameters and templates. Pure: texts and facts in, manifests and faults out.
//!
//! ```text
//! folder/blueprint.yaml      name, description, parameters
//! folder/templates/*.yaml ─▶ render(values) ─▶ manifests ─▶ plan (see plan::work)
//!                                 ▲
//! typed texts ─▶ sheet(facts) ────┘   defaults, choices that this cluster has, and what is wrong with each
//! ```
//!
//! What a template puts into a text is filled in after the text has been read as YAML (see [`crate::plan::manifest::filling`]):
//! no value can be anything but a value, and none has to be quoted.

pub mod create;
pub mod facts;
pub mod format;
pub mod hosts;
pub mod lines;
pub mod namespace;
pub mod parameter;
pub mod read;
pub mod render;
pub mod sheet;
pub mod shipped;

#[cfg(test)]
mod tests;

use parameter::Parameter;

/// A file of a blueprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// As a person would name it: `web/templates/app.yaml`.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// What a tenant can be made from.
#[derive(Debug, Clone)]
pub struct Blueprint {
    /// What it is called.
    pub name: String,
    /// What it makes, in a sentence.
    pub description: String,
    /// What the cluster must have for it: kinds (`meshes.kuma.io`) or lists that must not be empty (`ingressClasses`).
    pub needs: Vec<String>,
    /// What can be decided about it, in the order in which it is asked.
    pub parameters: Vec<Parameter>,
    /// The templates, by their names.
    pub templates: Vec<File>,
}
