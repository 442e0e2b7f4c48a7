//! A message as the JSON object that Go's encoder makes of the struct.

use serde_json::{Map, Value};

use super::table::{Field, Kind, Message, Shape, Table, Written};
use super::wire::{Reader, Wire};
use super::{expect, must_be, text, values};

/// How deep messages may lie in each other. Go has no bound but its stack's; only the schemas of CustomResourceDefinitions
/// nest in themselves at all, and JSON is bounded likewise.
const DEEPEST: usize = 128;

/// Reads a message.
pub fn object(table: &Table, message: &Message, bytes: &[u8], depth: usize) -> Result<Map<String, Value>, String> {
    if depth > DEEPEST {
        return Err("exceeded max depth".to_owned());
    }
    let mut found: Vec<Option<Value>> = vec![None; message.fields.len()];
    let mut reader = Reader::new(bytes);
    let name = message.name.rsplit('.').next().unwrap_or_default();
    while let Some((number, wire)) = reader.field(name)? {
        let at = message.fields.iter().position(|field| field.number == number);
        let slot = at.and_then(|at| Some((message.fields.get(at)?, found.get_mut(at)?)));
        match slot {
            Some((field, slot)) => read(table, field, &mut reader, wire, slot, depth)?,
            None => reader.skip(wire)?,
        }
    }
    let mut object = Map::new();
    for (field, value) in message.fields.iter().zip(found) {
        write(table, field, value, &mut object, depth)?;
    }
    Ok(object)
}

/// Reads one occurrence of a field into its slot.
fn read(
    table: &Table,
    field: &Field,
    reader: &mut Reader<'_>,
    wire: Wire,
    slot: &mut Option<Value>,
    depth: usize,
) -> Result<(), String> {
    match field.shape {
        Shape::One | Shape::Pointer => *slot = Some(value(table, field, reader, wire, depth)?),
        Shape::List => {
            if !slot.as_ref().is_some_and(Value::is_array) {
                *slot = Some(Value::Array(Vec::new()));
            }
            let Some(Value::Array(list)) = slot else { return Ok(()) };
            if on_wire(field.kind) != Wire::BYTES && wire == Wire::BYTES {
                let mut packed = Reader::new(reader.bytes()?);
                while !packed.is_at_end() {
                    list.push(value(table, field, &mut packed, on_wire(field.kind), depth)?);
                }
            } else {
                list.push(value(table, field, reader, wire, depth)?);
            }
        }
        Shape::Map => {
            if !slot.as_ref().is_some_and(Value::is_object) {
                *slot = Some(Value::Object(Map::new()));
            }
            let Some(Value::Object(map)) = slot else { return Ok(()) };
            let mut entry = Reader::new(expect(reader, wire, &field.go)?);
            let (mut key, mut item) = (String::new(), None);
            while let Some((number, wire)) = entry.field(&field.go)? {
                match number {
                    1 => key = text(expect(&mut entry, wire, &field.go)?),
                    2 => item = Some(value(table, field, &mut entry, wire, depth)?),
                    _ => entry.skip(wire)?,
                }
            }
            let item = match (item, field.kind) {
                (Some(item), _) => item,
                (None, Kind::Bytes) => Value::String(String::new()),
                (None, kind) => zero(table, kind, depth)?,
            };
            map.insert(key, item);
        }
    }
    Ok(())
}

fn value(table: &Table, field: &Field, reader: &mut Reader<'_>, wire: Wire, depth: usize) -> Result<Value, String> {
    must_be(on_wire(field.kind), wire, &field.go)?;
    Ok(match field.kind {
        Kind::Bool => Value::Bool(reader.varint()? != 0),
        Kind::Int32 => Value::from(reader.varint()? as i32),
        Kind::Int64 => Value::from(reader.varint()? as i64),
        Kind::Double => values::double(f64::from_bits(reader.fixed64()?))?,
        Kind::Text => Value::String(text(reader.bytes()?)),
        Kind::Message(at) => {
            let message = table.message(at).ok_or("no such message")?;
            Value::Object(object(table, message, reader.bytes()?, depth + 1)?)
        }
        kind => values::special(table, kind, reader.bytes()?, depth + 1)?,
    })
}

/// Puts a field into the object, or leaves it out, as Go's encoder does by the field's tag.
fn write(
    table: &Table,
    field: &Field,
    value: Option<Value>,
    object: &mut Map<String, Value>,
    depth: usize,
) -> Result<(), String> {
    let value = match (value, field.shape) {
        (Some(value), _) => value,
        (None, Shape::One) if field.written != Written::Filled || field.json.is_none() => {
            zero(table, field.kind, depth)?
        }
        (None, _) => Value::Null,
    };
    let Some(json) = field.json else {
        if let Value::Object(mut inner) = value {
            object.append(&mut inner);
        }
        return Ok(());
    };
    let is_left_out = match field.written {
        Written::Always => false,
        Written::Filled if field.shape == Shape::Pointer => value.is_null(),
        Written::Filled => is_empty(&value),
        Written::NonZero => match field.shape {
            Shape::One => value == zero(table, field.kind, depth)?,
            Shape::Pointer | Shape::List | Shape::Map => value.is_null(),
        },
    };
    if !is_left_out {
        object.insert(json.to_owned(), value);
    }
    Ok(())
}

/// What `omitempty` calls empty.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

/// A value that the wire does not have: Go's zero of its type.
fn zero(table: &Table, kind: Kind, depth: usize) -> Result<Value, String> {
    Ok(match kind {
        Kind::Text => Value::String(String::new()),
        Kind::Bool | Kind::SchemaOrBool => Value::Bool(false),
        Kind::Int32 | Kind::Int64 | Kind::Double | Kind::IntOrString => Value::from(0),
        Kind::Quantity => Value::from("0"),
        Kind::Duration => Value::from("0s"),
        Kind::Bytes | Kind::Strings | Kind::Time | Kind::MicroTime | Kind::Raw => Value::Null,
        Kind::SchemaOrArray | Kind::SchemaOrStrings => Value::Null,
        Kind::Message(at) => {
            let message = table.message(at).ok_or("no such message")?;
            Value::Object(object(table, message, &[], depth + 1)?)
        }
    })
}

fn on_wire(kind: Kind) -> Wire {
    match kind {
        Kind::Bool | Kind::Int32 | Kind::Int64 => Wire::VARINT,
        Kind::Double => Wire::FIXED64,
        _ => Wire::BYTES,
    }
}
