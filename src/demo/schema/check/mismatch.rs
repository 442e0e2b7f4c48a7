//! Values that Go's decoder cannot put into the structs of built-in kinds.

use std::sync::Arc;

use serde_json::{Number, Value};

use super::followed;
use super::types::{self, Step};
use crate::demo::go::json_kind;
use crate::demo::schema::{Kind, Node, Schemas, Shape};

/// The first value that does not fit, in the words of Go's decoders, such as
/// `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`. The refusal says
/// `Deployment in version "v1" cannot be handled as a Deployment: ` before.
///
/// First by the alphabet: the real server tells the first in the order of the text.
pub fn mismatch(schemas: &Schemas, kind: &Kind, node: &Node, object: &Value, reader: Reader) -> Option<String> {
    let definition = schemas.name_of(kind)?;
    find(schemas, definition, node, object, reader)
}

/// The same for the `metadata` of a custom resource: the rest of it is checked against its schema
/// ([`faults`](super::faults)).
pub fn meta_mismatch(schemas: &Schemas, metadata: &Value) -> Option<String> {
    let node = schemas.object_meta()?;
    find(schemas, crate::demo::schema::data::OBJECT_META, &node, metadata, Reader::Decoder)
}

/// The same for what a deletion is asked for.
pub fn options_mismatch(schemas: &Schemas, options: &Value) -> Option<String> {
    const DEFINITION: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
    find(schemas, DEFINITION, &*schemas.resolve(DEFINITION)?, options, Reader::Decoder)
}

fn find(schemas: &Schemas, definition: &str, node: &Node, object: &Value, reader: Reader) -> Option<String> {
    let mut search = Search { schemas, reader, steps: Vec::new(), saved: None };
    let stopped = search.visit(node, object);
    let steps = search.steps;
    let (fault, steps) = stopped.map(|fault| (fault, steps)).or(search.saved)?;
    Some(match fault {
        Fault::Said(text) | Fault::Bytes(text) => text,
        Fault::Name(text) => format!("{text}{}", types::named(schemas, definition, &steps).of),
        Fault::Type(what) => {
            let at = types::named(schemas, definition, &steps);
            if at.field.is_empty() {
                format!("json: cannot unmarshal {what} into Go value of type {}", at.of)
            } else {
                format!("json: cannot unmarshal {what} into Go struct field {} of type {}", at.field, at.of)
            }
        }
    })
}

/// What makes Go structs of what a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// `encoding/json`, of a text.
    Decoder,
    /// apimachinery's `runtime/converter.go`, of the maps that a strategic merge results in.
    Converter,
}

enum Fault {
    /// The whole sentence: that of a type of its own, such as quantities and times, and most of the converter's.
    Said(String),
    /// The whole sentence, about bytes.
    Bytes(String),
    /// A sentence that ends with the name of the type.
    Name(String),
    /// What was found instead, such as `string`, `number 1.5`.
    Type(String),
}

struct Search<'a> {
    schemas: &'a Schemas,
    reader: Reader,
    /// The way to the fault, once one is found.
    steps: Vec<Step<'a>>,
    /// The first fault with which Go's decoder goes on, and the way to it: it is told if nothing stops the decoder later.
    saved: Option<(Fault, Vec<Step<'a>>)>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, node: &Node, value: &'a Value) -> Option<Fault> {
        let wrong = || match self.reader {
            Reader::Decoder => Some(Fault::Type(json_kind(value).to_owned())),
            Reader::Converter => converted(node, value),
        };
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
            (Shape::String, Value::String(text)) => {
                let of_bytes = self.reader == Reader::Converter && format == "byte";
                let before = if of_bytes { "error decoding from json: " } else { "" };
                let fault = text_fault(format, text).map(|fault| format!("{before}{fault}"));
                fault.map(if format == "byte" { Fault::Bytes } else { Fault::Said })
            }
            (Shape::String, Value::Array(items))
                if format == "byte" && items.iter().all(|item| item.as_u64().is_some_and(|byte| byte < 256)) =>
            {
                None
            }
            (Shape::Boolean, Value::Bool(_)) | (Shape::Number, Value::Number(_)) => None,
            (Shape::Integer, Value::Number(number)) if self.reader == Reader::Decoder => narrow(number, format),
            // Too large a number loses its upper bits in Go, without a word.
            (Shape::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => None,
            (Shape::IntOrString, Value::String(text)) if format == "quantity" => quantity_fault(text).map(Fault::Said),
            (Shape::IntOrString, Value::Number(_)) if format == "quantity" => None,
            (Shape::IntOrString, _) if format == "quantity" => Some(Fault::Said(NO_QUANTITY.to_owned())),
            (Shape::IntOrString, Value::String(_)) => None,
            (Shape::IntOrString, Value::Number(number)) => narrow(number, "int32").map(|fault| match fault {
                Fault::Type(what) if self.reader == Reader::Converter => {
                    Fault::Said(format!("json: cannot unmarshal {what} into Go value of type int32"))
                }
                other => other,
            }),
            _ => wrong(),
        }
    }

    fn below(&mut self, step: Step<'a>, node: &Arc<Node>, value: &'a Value) -> Option<Fault> {
        self.steps.push(step);
        let fault = match self.visit(&followed(self.schemas, node), value) {
            Some(fault @ (Fault::Type(_) | Fault::Bytes(_))) if self.reader == Reader::Decoder => {
                self.saved.get_or_insert_with(|| (fault, self.steps.clone()));
                None
            }
            other => other,
        };
        if fault.is_none() {
            self.steps.pop();
        }
        fault
    }
}

/// As `fromUnstructured` refuses a value; nothing if it takes it.
fn converted(node: &Node, value: &Value) -> Option<Fault> {
    let kind = match value {
        Value::Null => return None,
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "slice",
        Value::Object(_) => "map",
    };
    let format = node.rules.as_ref().and_then(|rules| rules.format.as_deref()).unwrap_or_default();
    let said = match (&node.shape, kind) {
        (Shape::Struct(_), _) => format!("cannot restore struct from: {kind}"),
        (Shape::Map { .. }, _) => format!("cannot restore map from {kind}"),
        (Shape::List { .. }, _) => format!("cannot restore slice from {kind}"),
        (Shape::String, _) if format == "byte" => format!("cannot restore slice from {kind}"),
        // These read JSON themselves.
        (Shape::String, _) if matches!(format, "date-time" | "micro-time") => {
            format!("json: cannot unmarshal {} into Go value of type string", json_kind(value))
        }
        (Shape::IntOrString, _) => format!("json: cannot unmarshal {} into Go value of type int32", json_kind(value)),
        // To Go a whole number can be made a text, and the other way round only numbers can be made of each other.
        (Shape::String, "int64") => return Some(Fault::Name("cannot convert int64 to ".to_owned())),
        (Shape::Integer, "float64") => return Some(Fault::Name("cannot convert float64 to ".to_owned())),
        (Shape::String, _) => "unrecognized type: string".to_owned(),
        (Shape::Boolean, _) => "unrecognized type: bool".to_owned(),
        (Shape::Integer, _) => format!("unrecognized type: {}", if format == "int32" { format } else { "int64" }),
        (Shape::Number, _) => "unrecognized type: float64".to_owned(),
        _ => return None,
    };
    Some(Fault::Said(said))
}

/// A number that is not whole, or too large.
fn narrow(number: &Number, format: &str) -> Option<Fault> {
    let fits = number.as_i64().is_some_and(|whole| format != "int32" || i32::try_from(whole).is_ok());
    (!fits).then(|| Fault::Type(format!("number {number}")))
}

fn text_fault(format: &str, text: &str) -> Option<String> {
    match format {
        "byte" => base64_fault(text).map(|at| format!("illegal base64 data at input byte {at}")),
        "date-time" => time_fault(text, "2006-01-02T15:04:05Z07:00", false),
        "micro-time" => time_fault(text, "2006-01-02T15:04:05.000000Z07:00", true),
        _ => None,
    }
}

/// Where Go's `encoding/base64` stops (`decodeQuantum` of the standard encoding): line ends are passed over, bits that are left
/// over do not matter.
fn base64_fault(text: &str) -> Option<usize> {
    let mut letters = text.bytes().enumerate().filter(|(_, byte)| !matches!(byte, b'\r' | b'\n'));
    loop {
        for place in 0..4 {
            match (letters.next(), place) {
                (None, 0) => return None,
                (None, _) => return Some(text.len() - place),
                (Some((at, b'=')), 0 | 1) => return Some(at),
                (Some((_, b'=')), _) => {
                    if place == 2 {
                        match letters.next() {
                            None => return Some(text.len()),
                            Some((_, b'=')) => {}
                            Some((next, _)) => return Some(next - 1),
                        }
                    }
                    return letters.next().map(|(rest, _)| rest);
                }
                (Some((_, byte)), _) if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/') => {}
                (Some((at, _)), _) => return Some(at),
            }
        }
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

/// What apimachinery's `resource.ParseQuantity` says of a text: a sign, digits, a point and digits (all of which may be absent),
/// letters of suffixes, a sign and digits, and nothing more; what follows the number has to be one of the suffixes.
fn quantity_fault(text: &str) -> Option<String> {
    const SUFFIXES: [&str; 16] = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let digit = |letter: char| letter.is_ascii_digit();
    if text.is_empty() {
        return Some(NO_QUANTITY.to_owned());
    }
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text).trim_start_matches(digit);
    let suffix = rest.strip_prefix('.').map_or(rest, |part| part.trim_start_matches(digit));
    let power = suffix.trim_start_matches(|letter| "eEinumkKMGTP".contains(letter));
    let power = power.strip_prefix(['+', '-']).unwrap_or(power);
    if !power.trim_start_matches(digit).is_empty() {
        return Some(NO_QUANTITY.to_owned());
    }
    let is_power = suffix.strip_prefix(['e', 'E']).is_some_and(|power| power.parse::<i64>().is_ok());
    (!is_power && !SUFFIXES.contains(&suffix)).then(|| "unable to parse quantity's suffix".to_owned())
}
