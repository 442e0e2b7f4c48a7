//! The shapes of the Go structs behind the built-in kinds: which fields there are, in which order, and which of them are
//! always written. `types.txt` was printed by reflection over `k8s.io/api` 0.37.1; see `README.md`.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::built_in;
use crate::demo::schema::kind::Kind;

/// The type of a Go field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum GoType {
    String,
    Int,
    Float,
    Bool,
    /// `[]byte`: base64.
    Bytes,
    /// `metav1.Time`: whole seconds, UTC.
    Time,
    /// `metav1.MicroTime`.
    Micro,
    Quantity,
    IntOrString,
    /// `RawExtension`, `FieldsV1`: as it came.
    Any,
    /// `ResourceList`: quantities by name.
    Resources,
    Pointer(Box<GoType>),
    List(Box<GoType>),
    Map(Box<GoType>),
    /// Another struct of the table.
    Struct(&'static str),
}

/// When Go's encoder leaves a field out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Omit {
    /// Never: a nil is written as `null`, or as the zero value.
    Never,
    /// `omitempty`: zero numbers, empty text, lists and maps, nil pointers; never a struct.
    Empty,
    /// `omitzero`: also a struct without anything in it.
    Zero,
}

/// A field of a struct.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GoField {
    pub(super) name: &'static str,
    pub(super) omit: Omit,
    pub(super) of: GoType,
}

type Table = HashMap<&'static str, Vec<GoField>>;

/// The fields of a struct such as `core.PodSpec`; none for a name that is not in the table.
pub(super) fn fields(name: &str) -> &'static [GoField] {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| parse(include_str!("types.txt"))).get(name).map_or(&[], Vec::as_slice)
}

/// The struct of a built-in kind, such as `apps.Deployment`, if it is in the table.
pub(super) fn root(kind: &Kind) -> Option<&'static str> {
    let (group, _) = built_in(kind)?;
    let package = if group.is_empty() { "core" } else { group.split('.').next().unwrap_or_default() };
    static ROOTS: OnceLock<HashMap<(&str, &str), &'static str>> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| {
        let structs = include_str!("types.txt").lines().filter(|line| !line.starts_with(' '));
        structs.filter_map(|name| Some((name.split_once('.')?, name))).collect()
    });
    roots.get(&(package, kind.kind.as_str())).copied()
}

fn parse(text: &'static str) -> Table {
    let mut table = Table::new();
    let mut here = "";
    for line in text.lines() {
        match line.strip_prefix(' ').and_then(|field| field.split_once(' ')) {
            None => {
                here = line;
                table.entry(here).or_default();
            }
            Some((name, of)) => {
                let (omit, of) = match (of.strip_prefix('?'), of.strip_prefix('~')) {
                    (Some(of), _) => (Omit::Empty, of),
                    (_, Some(of)) => (Omit::Zero, of),
                    _ => (Omit::Never, of),
                };
                table.entry(here).or_default().push(GoField { name, omit, of: go_type(of) });
            }
        }
    }
    table
}

fn go_type(text: &'static str) -> GoType {
    if let Some(of) = text.strip_prefix('*') {
        return GoType::Pointer(Box::new(go_type(of)));
    }
    if let Some(of) = text.strip_prefix('[') {
        return GoType::List(Box::new(go_type(of)));
    }
    if let Some(of) = text.strip_prefix('{') {
        return GoType::Map(Box::new(go_type(of)));
    }
    match text {
        "string" => GoType::String,
        "int" => GoType::Int,
        "float" => GoType::Float,
        "bool" => GoType::Bool,
        "bytes" => GoType::Bytes,
        "time" => GoType::Time,
        "micro" => GoType::Micro,
        "quantity" => GoType::Quantity,
        "intstr" => GoType::IntOrString,
        "any" => GoType::Any,
        "resources" => GoType::Resources,
        name => GoType::Struct(name),
    }
}

impl GoType {
    /// What Go writes for a field that was never set.
    pub(super) fn zero(&self) -> Value {
        match self {
            Self::String => json!(""),
            Self::Int | Self::Float | Self::IntOrString => json!(0),
            Self::Bool => json!(false),
            Self::Quantity => json!("0"),
            Self::Struct(_) => json!({}),
            Self::Bytes | Self::Time | Self::Micro | Self::Any | Self::Resources => Value::Null,
            Self::Pointer(_) | Self::List(_) | Self::Map(_) => Value::Null,
        }
    }

    /// Whether `omitempty` never leaves it out, because Go knows no empty struct.
    pub(super) fn is_struct(&self) -> bool {
        matches!(self, Self::Struct(_) | Self::Time | Self::Micro | Self::Quantity | Self::IntOrString | Self::Any)
    }
}
