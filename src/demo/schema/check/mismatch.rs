//! Values that Go's decoder cannot put into the structs of built-in kinds.

use std::sync::Arc;

use base64::Engine as _;
use serde_json::{Number, Value};

use super::followed;
use super::types::{self, Step};
use crate::demo::schema::{Kind, Node, Schemas, Shape};

/// The first value that does not fit, in the words of Go's decoders, such as
/// `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`. The refusal says
/// `Deployment in version "v1" cannot be handled as a Deployment: ` before.
///
/// First by the alphabet: the real server tells the first in the order of the text.
pub fn mismatch(schemas: &Schemas, kind: &Kind, node: &Node, object: &Value) -> Option<String> {
    let definition = schemas.name_of(kind)?;
    find(schemas, definition, node, object)
}

/// The same for the `metadata` of a custom resource: the rest of it is checked against its schema
/// ([`faults`](super::faults)).
pub fn meta_mismatch(schemas: &Schemas, metadata: &Value) -> Option<String> {
    let node = schemas.object_meta()?;
    find(schemas, crate::demo::schema::data::OBJECT_META, &node, metadata)
}

/// The same for what a deletion is asked for.
pub fn options_mismatch(schemas: &Schemas, options: &Value) -> Option<String> {
    const DEFINITION: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
    find(schemas, DEFINITION, &*schemas.resolve(DEFINITION)?, options)
}

fn find(schemas: &Schemas, definition: &str, node: &Node, object: &Value) -> Option<String> {
    let mut search = Search { schemas, steps: Vec::new() };
    let fault = search.visit(node, object)?;
    Some(match fault {
        Fault::Said(text) => text,
        Fault::Type(what) => {
            let at = types::named(schemas, definition, &search.steps);
            if at.field.is_empty() {
                format!("json: cannot unmarshal {what} into Go value of type {}", at.of)
            } else {
                format!("json: cannot unmarshal {what} into Go struct field {} of type {}", at.field, at.of)
            }
        }
    })
}

enum Fault {
    /// The decoder's sentence of a type of its own: quantities, times.
    Said(String),
    /// What was found instead, such as `string`, `number 1.5`.
    Type(String),
}

/// What Go's decoder calls a value.
fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

struct Search<'a> {
    schemas: &'a Schemas,
    /// The way to the fault, once one is found.
    steps: Vec<Step<'a>>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, node: &Node, value: &'a Value) -> Option<Fault> {
        let wrong = || Some(Fault::Type(found(value).to_owned()));
        let format = node.rules.as_ref().and_then(|rules| rules.format.as_deref()).unwrap_or_default();
        match (&node.shape, value) {
            // Null is the same as nothing.
            (_, Value::Null) | (Shape::Any | Shape::Ref(_), _) => None,
            (Shape::Struct(shape), Value::Object(map)) => {
                map.iter().find_map(|(key, value)| self.below(Step::Key(key), shape.fields.get(key)?, value))
            }
            (Shape::Map { value: node, .. }, Value::Object(map)) => {
                map.iter().find_map(|(key, value)| self.below(Step::Key(key), node, value))
            }
            (Shape::List { item, .. }, Value::Array(items)) => {
                items.iter().find_map(|value| self.below(Step::Item, item, value))
            }
            (Shape::String, Value::String(text)) => text_fault(format, text).map(Fault::Said),
            (Shape::Boolean, Value::Bool(_)) | (Shape::Number, Value::Number(_)) => None,
            (Shape::Integer, Value::Number(number)) => narrow(number, format),
            (Shape::IntOrString, Value::String(text)) if format == "quantity" => quantity_fault(text).map(Fault::Said),
            (Shape::IntOrString, Value::Number(_)) if format == "quantity" => None,
            (Shape::IntOrString, _) if format == "quantity" => Some(Fault::Said(NO_QUANTITY.to_owned())),
            (Shape::IntOrString, Value::String(_)) => None,
            (Shape::IntOrString, Value::Number(number)) => narrow(number, "int32"),
            _ => wrong(),
        }
    }

    fn below(&mut self, step: Step<'a>, node: &Arc<Node>, value: &'a Value) -> Option<Fault> {
        self.steps.push(step);
        let fault = self.visit(&followed(self.schemas, node), value);
        if fault.is_none() {
            self.steps.pop();
        }
        fault
    }
}

/// A number that is not whole, or too large.
fn narrow(number: &Number, format: &str) -> Option<Fault> {
    let fits = number.as_i64().is_some_and(|whole| format != "int32" || i32::try_from(whole).is_ok());
    (!fits).then(|| Fault::Type(format!("number {number}")))
}

fn text_fault(format: &str, text: &str) -> Option<String> {
    match format {
        "byte" => {
            let whole: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
            let error = base64::engine::general_purpose::STANDARD.decode(&whole).err()?;
            let at = match error {
                base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => at,
                base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => whole.len() / 4 * 4,
            };
            Some(format!("illegal base64 data at input byte {at}"))
        }
        "date-time" => time_fault(text, "2006-01-02T15:04:05Z07:00", false),
        "micro-time" => time_fault(text, "2006-01-02T15:04:05.000000Z07:00", true),
        _ => None,
    }
}

/// Go's `time.Parse` of RFC 3339, as far as its errors go.
fn time_fault(text: &str, layout: &str, micro: bool) -> Option<String> {
    // Elements of the layout, and how many digits of a text they take; none for a letter that must be there.
    const ELEMENTS: [(&str, usize); 11] = [
        ("2006", 4),
        ("-", 0),
        ("01", 2),
        ("-", 0),
        ("02", 2),
        ("T", 0),
        ("15", 2),
        (":", 0),
        ("04", 2),
        (":", 0),
        ("05", 2),
    ];
    let fault = |rest: &str, element: &str| {
        Some(format!("parsing time {text:?} as {layout:?}: cannot parse {rest:?} as {element:?}"))
    };
    let mut rest = text;
    for (element, digits) in ELEMENTS {
        let next = if digits == 0 {
            rest.strip_prefix(element)
        } else {
            rest.get(..digits).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())).and(rest.get(digits..))
        };
        match next {
            Some(next) => rest = next,
            None => return fault(rest, element),
        }
    }
    if let Some(after) = rest.strip_prefix('.') {
        let tail = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
        if micro && after.len() - tail.len() != 6 {
            return fault(rest, ".000000");
        }
        rest = tail;
    } else if micro {
        return fault(rest, ".000000");
    }
    let is_offset = |rest: &str| {
        let bytes = rest.as_bytes();
        bytes.len() == 6 && matches!(bytes.first(), Some(b'+' | b'-')) && bytes.get(3) == Some(&b':')
    };
    if rest != "Z" && !is_offset(rest) {
        return fault(rest, "Z07:00");
    }
    text.parse::<jiff::Timestamp>().is_err().then(|| format!("parsing time {text:?}: day out of range"))
}

const NO_QUANTITY: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// As apimachinery's `resource.ParseQuantity`.
fn quantity_fault(text: &str) -> Option<String> {
    const SUFFIXES: [&str; 16] = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let suffix = unsigned.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let number = unsigned.get(..unsigned.len() - suffix.len()).unwrap_or_default();
    if !number.bytes().any(|byte| byte.is_ascii_digit()) || number.matches('.').count() > 1 {
        return Some(NO_QUANTITY.to_owned());
    }
    let exponent = suffix.strip_prefix(['e', 'E']).is_some_and(|power| power.parse::<i32>().is_ok());
    (!exponent && !SUFFIXES.contains(&suffix)).then(|| "unable to parse quantity's suffix".to_owned())
}
