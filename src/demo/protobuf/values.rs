//! Types that write their own JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;

use super::table::{Kind, Table};
use super::wire::{Reader, Wire};
use super::{expect, message, must_be, text};

/// `resource.ErrFormatWrong`.
const NO_QUANTITY: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// 0001-01-01T00:00:00Z, Go's zero time, in seconds since 1970.
const ZERO_TIME: i64 = -62_135_596_800;

/// A number as Go writes it: without a fraction if it has none.
pub fn double(number: f64) -> Result<Value, String> {
    if number.fract() == 0.0 && number.abs() < 9.0e15 {
        return Ok(Value::from(number as i64));
    }
    let value = serde_json::Number::from_f64(number).map(Value::Number);
    value.ok_or_else(|| "json: unsupported value: NaN or Inf".to_owned())
}

/// A value of a type of its own from its message.
pub fn special(table: &Table, kind: Kind, bytes: &[u8], depth: usize) -> Result<Value, String> {
    match kind {
        Kind::Bytes => Ok(Value::String(STANDARD.encode(bytes))),
        Kind::Strings => strings(bytes),
        Kind::Time | Kind::MicroTime => time(bytes, kind == Kind::MicroTime),
        Kind::Duration => Ok(Value::String(duration(numbers(bytes, "Duration", ["Duration", ""])?[0] as i64))),
        Kind::Raw => raw(bytes),
        Kind::Quantity => quantity(bytes),
        Kind::IntOrString => int_or_string(bytes),
        Kind::SchemaOrBool | Kind::SchemaOrArray | Kind::SchemaOrStrings => schema_or(table, kind, bytes, depth),
        Kind::Text | Kind::Bool | Kind::Int32 | Kind::Int64 | Kind::Double | Kind::Message(_) => Ok(Value::Null),
    }
}

fn strings(bytes: &[u8]) -> Result<Value, String> {
    let (mut reader, mut list) = (Reader::new(bytes), Vec::new());
    while let Some((number, wire)) = reader.field("ExtraValue")? {
        match number {
            1 => list.push(Value::String(text(expect(&mut reader, wire, "Items")?))),
            _ => reader.skip(wire)?,
        }
    }
    Ok(Value::Array(list))
}

/// The fields 1 and 2 of a message that has only numbers.
fn numbers(bytes: &[u8], name: &str, fields: [&str; 2]) -> Result<[u64; 2], String> {
    let (mut reader, mut found) = (Reader::new(bytes), [0; 2]);
    while let Some((number, wire)) = reader.field(name)? {
        let at = number as usize - 1;
        match (found.get_mut(at), fields.get(at)) {
            (Some(slot), Some(field)) if !field.is_empty() => {
                must_be(Wire::VARINT, wire, field)?;
                *slot = reader.varint()?;
            }
            _ => reader.skip(wire)?,
        }
    }
    Ok(found)
}

/// `Time` has whole seconds only; `MicroTime` drops what is finer than a microsecond.
fn time(bytes: &[u8], is_micro: bool) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let [seconds, nanos] = numbers(bytes, "Timestamp", ["Seconds", "Nanos"])?;
    let (seconds, nanos) = (seconds as i64, if is_micro { nanos as i32 / 1000 * 1000 } else { 0 });
    if seconds == ZERO_TIME && nanos == 0 {
        return Ok(Value::Null);
    }
    let time = Timestamp::from_second(seconds)
        .and_then(|time| time.checked_add(jiff::SignedDuration::from_nanos(i64::from(nanos))))
        .map_err(|error| format!("Time.MarshalJSON: {error}"))?;
    Ok(Value::String(if is_micro { format!("{time:.6}") } else { format!("{time:.0}") }))
}

/// `time.Duration.String`: 1h2m3.5s, 1.5ms, 0s.
pub fn duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    let fraction = |unit: u64| {
        let digits = unit.ilog10() as usize;
        let rest = format!("{:0digits$}", size % unit);
        let rest = rest.trim_end_matches('0');
        if size.is_multiple_of(unit) { String::new() } else { format!(".{rest}") }
    };
    match size {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{size}ns"),
        1_000..1_000_000 => format!("{sign}{}{}µs", size / 1_000, fraction(1_000)),
        1_000_000..1_000_000_000 => format!("{sign}{}{}ms", size / 1_000_000, fraction(1_000_000)),
        _ => {
            let seconds = size / 1_000_000_000;
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            let end = format!("{}{}s", seconds % 60, fraction(1_000_000_000));
            match (hours, minutes) {
                (0, 0) => format!("{sign}{end}"),
                (0, _) => format!("{sign}{minutes}m{end}"),
                _ => format!("{sign}{hours}h{minutes}m{end}"),
            }
        }
    }
}

/// A message whose field 1 is JSON.
fn raw(bytes: &[u8]) -> Result<Value, String> {
    let (mut reader, mut json) = (Reader::new(bytes), &[][..]);
    while let Some((number, wire)) = reader.field("RawExtension")? {
        match number {
            1 => json = expect(&mut reader, wire, "Raw")?,
            _ => reader.skip(wire)?,
        }
    }
    if json.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(json).map_err(|error| format!("error decoding the JSON in a protobuf message: {error}"))
}

/// Go clients send the canonical form, which stays as it is; the schema's checks refuse what is no quantity.
fn quantity(bytes: &[u8]) -> Result<Value, String> {
    let (mut reader, mut found) = (Reader::new(bytes), None);
    while let Some((number, wire)) = reader.field("Quantity")? {
        match number {
            1 => found = Some(text(expect(&mut reader, wire, "String_")?)),
            _ => reader.skip(wire)?,
        }
    }
    match found {
        None => Ok(Value::from("0")),
        Some(text) if text.is_empty() => Err(NO_QUANTITY.to_owned()),
        Some(text) => Ok(Value::String(text)),
    }
}

fn int_or_string(bytes: &[u8]) -> Result<Value, String> {
    let (mut reader, mut sort, mut number, mut words) = (Reader::new(bytes), 0_i64, 0_i32, String::new());
    while let Some((at, wire)) = reader.field("IntOrString")? {
        match at {
            1 => {
                must_be(Wire::VARINT, wire, "Type")?;
                sort = reader.varint()? as i64;
            }
            2 => {
                must_be(Wire::VARINT, wire, "IntVal")?;
                number = reader.varint()? as i32;
            }
            3 => words = text(expect(&mut reader, wire, "StrVal")?),
            _ => reader.skip(wire)?,
        }
    }
    match sort {
        0 => Ok(Value::from(number)),
        1 => Ok(Value::String(words)),
        _ => Err("impossible IntOrString.Type".to_owned()),
    }
}

/// The schemas in CustomResourceDefinitions that may be something else, as `apiextensions/v1/marshal.go`.
fn schema_or(table: &Table, kind: Kind, bytes: &[u8], depth: usize) -> Result<Value, String> {
    let message = table.named("apiextensions.v1.JSONSchemaProps").ok_or("no such message")?;
    let (mut reader, mut allows, mut schema, mut list) = (Reader::new(bytes), false, None, Vec::new());
    let name = "JSONSchemaProps";
    while let Some((number, wire)) = reader.field(name)? {
        match (kind, number) {
            (Kind::SchemaOrBool, 1) => {
                must_be(Wire::VARINT, wire, "Allows")?;
                allows = reader.varint()? != 0;
            }
            (Kind::SchemaOrBool, 2) | (Kind::SchemaOrArray | Kind::SchemaOrStrings, 1) => {
                let inner = expect(&mut reader, wire, "Schema")?;
                schema = Some(Value::Object(message::object(table, message, inner, depth)?));
            }
            (Kind::SchemaOrArray, 2) => {
                let inner = expect(&mut reader, wire, "JSONSchemas")?;
                list.push(Value::Object(message::object(table, message, inner, depth)?));
            }
            (Kind::SchemaOrStrings, 2) => {
                list.push(Value::String(text(expect(&mut reader, wire, "Property")?)));
            }
            _ => reader.skip(wire)?,
        }
    }
    Ok(match (kind, schema) {
        (Kind::SchemaOrBool, None) => Value::Bool(allows),
        (_, Some(schema)) if list.is_empty() => schema,
        (_, None) if list.is_empty() => Value::Null,
        _ => Value::Array(list),
    })
}
