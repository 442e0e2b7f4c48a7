//! One place in a schema: what may stand there, and how lists and maps are merged.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use regex::Regex;
use serde_json::{Map, Value};

/// What may stand at one place of an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    /// The shape.
    pub shape: Shape,
    /// What the published schema says stands here when nothing is given.
    pub default: Option<Value>,
    /// Whether `null` is a value here (custom resources only; for built-in kinds `null` means absent).
    pub nullable: bool,
    /// `x-kubernetes-patch-merge-key`: strategic merge patch joins list items that agree in this key.
    pub patch_merge_key: Option<String>,
    /// Whether `x-kubernetes-patch-strategy` contains `merge`.
    pub patch_merge: bool,
    /// Whether `x-kubernetes-patch-strategy` contains `replace`: a strategic patch replaces the whole map.
    pub patch_replace: bool,
    /// What custom resources' schemas check beyond the shape.
    pub rules: Option<Box<Rules>>,
}

/// The shape of a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Shape {
    /// Anything: `x-kubernetes-preserve-unknown-fields` without properties, `RawExtension`, JSON. Merged by what is found.
    #[default]
    Any,
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `x-kubernetes-int-or-string`, and quantities.
    IntOrString,
    /// Named fields.
    Struct(Struct),
    /// Any keys, one shape of value.
    Map {
        /// The shape of each value.
        value: Arc<Node>,
        /// `x-kubernetes-map-type: atomic`: owned and replaced whole.
        atomic: bool,
    },
    /// Items.
    List {
        /// The shape of each item.
        item: Arc<Node>,
        /// How server-side apply merges it.
        kind: ListKind,
    },
    /// A definition by its name, for recursion: see `Document::definition`.
    Ref(Arc<str>),
}

/// Named fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Struct {
    /// Each field's node.
    pub fields: BTreeMap<String, Arc<Node>>,
    /// Fields that must be there.
    pub required: Vec<String>,
    /// `x-kubernetes-map-type: atomic`: owned and replaced whole.
    pub atomic: bool,
    /// Whether unknown fields are kept.
    pub preserve_unknown: bool,
    /// The fields that are structs which Go may always write: those with an empty default, and those of which only their
    /// definition tells.
    pub structs: Box<[String]>,
}

impl Struct {
    /// Of these fields, without any word about them.
    pub fn new(fields: BTreeMap<String, Arc<Node>>) -> Self {
        let may_be_written = |node: &Node| match &node.shape {
            Shape::Ref(_) => true,
            Shape::Struct(_) => node.default.as_ref().and_then(Value::as_object).is_some_and(Map::is_empty),
            _ => false,
        };
        let structs = fields.iter().filter(|(_, node)| may_be_written(node)).map(|(name, _)| name.clone()).collect();
        Self { fields, structs, ..Self::default() }
    }
}

/// `x-kubernetes-list-type`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ListKind {
    /// Owned and replaced whole; the default.
    #[default]
    Atomic,
    /// Scalars, each once.
    Set,
    /// Objects that are told apart by these keys.
    Map(Arc<[String]>),
}

/// A regular expression, compiled when it is first asked for: most never are.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The expression of a text.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), compiled: OnceLock::new() }
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is found in a text. One that only Go understands is found in all.
    pub fn is_match(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(&self.text).ok());
        compiled.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// What a custom resource's schema checks beyond the shape.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// Allowed values.
    pub one_of_values: Vec<Value>,
    /// A regular expression that text matches.
    pub pattern: Option<Pattern>,
    /// Least number.
    pub minimum: Option<f64>,
    /// Greatest number.
    pub maximum: Option<f64>,
    /// Least length of text.
    pub min_length: Option<u64>,
    /// Greatest length of text.
    pub max_length: Option<u64>,
    /// Least number of items.
    pub min_items: Option<u64>,
    /// Greatest number of items.
    pub max_items: Option<u64>,
    /// `format`, such as `date-time`, `int32`.
    pub format: Option<String>,
}
