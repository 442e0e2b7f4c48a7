//! What can be decided about a blueprint.

use regex::Regex;
use serde_json::Value;

use super::format::Format;

/// One thing that can be decided.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// What it is called, in templates and behind `--set`.
    pub name: String,
    /// What it means, in a sentence.
    pub description: String,
    /// What it is.
    pub kind: Kind,
    /// What its text is.
    pub format: Option<Format>,
    /// What it is unless somebody says otherwise; texts may name what stands above it (`{{ tenant }}-web`).
    pub default: Option<Value>,
    /// Nothing can be made without it.
    pub required: bool,
    /// What its text must look like: as it was written, and ready.
    pub pattern: Option<Regex>,
    /// The least: of a number, or how many of a list, or how many characters of a text.
    pub min: Option<i64>,
    /// The most of the same.
    pub max: Option<i64>,
    /// What can be chosen.
    pub choices: Choices,
    /// What the cluster must have for it to be asked.
    pub needs: Vec<String>,
    /// When it is asked, as an expression over what stands above it.
    pub when: Option<String>,
}

/// What a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    String,
    /// A whole number.
    Int,
    /// Yes or no.
    Bool,
    /// Texts, in their order.
    List,
    /// One of its choices.
    Choice,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::String, Self::Int, Self::Bool, Self::List, Self::Choice];

    /// As it is written down.
    pub const fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::List => "list",
            Self::Choice => "choice",
        }
    }
}

/// What can be chosen. For a `choice` it is all there is, for others it is what is offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Choices {
    /// Nothing is offered.
    #[default]
    None,
    /// These, as far as the cluster has what they need.
    These(Vec<Choice>),
    /// What the cluster has of this: `ingressClasses`; see [`super::facts::LISTS`].
    Of(&'static str),
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is chosen.
    pub value: String,
    /// What that means.
    pub description: String,
    /// What the cluster must have for it.
    pub needs: Vec<String>,
}
