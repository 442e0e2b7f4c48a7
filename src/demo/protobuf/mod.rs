//! Bodies in `application/vnd.kubernetes.protobuf`, which kubectl and other Go clients send for the built-in kinds.
//!
//! A body is the magic `k8s\0` and a `runtime.Unknown`, which names the kind and holds the object. It becomes the JSON that Go
//! writes for the same object, so that what follows need not know of it. As apimachinery
//! `pkg/runtime/serializer/protobuf/protobuf.go`; the layout of the kinds is data (`table`).

mod message;
mod table;
#[cfg(test)]
mod tests;
mod values;
mod wire;

use serde_json::Value;

use table::Table;
use wire::{Reader, Wire};

const MAGIC: &[u8] = b"k8s\0";

/// The object in a body, as the JSON that Go writes for it. An error is what the server's decoder says; the server puts
/// before it what it expected (`Pod in version "v1" cannot be handled as a Pod: `) and answers 400.
pub fn decode(body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Err("empty data".to_owned());
    }
    let Some(data) = body.strip_prefix(MAGIC) else {
        return Err("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]".to_owned());
    };
    if data.is_empty() {
        return Err("empty body".to_owned());
    }
    let unknown = Unknown::read(data)?;
    let (api_version, kind) = (unknown.api_version, unknown.kind);
    let said = || format!("runtime.TypeMeta{{APIVersion:{api_version:?}, Kind:{kind:?}}}");
    if kind.is_empty() {
        return Err(format!("Object 'Kind' is missing in '{}'", said()));
    }
    if api_version.is_empty() {
        return Err(format!("Object 'apiVersion' is missing in '{}'", said()));
    }
    let table = Table::get();
    let Some(message) = table.kind(&api_version, &kind) else {
        return Err(format!(
            "no kind {kind:?} is registered for version {api_version:?} in scheme \"pkg/api/legacyscheme/scheme.go:30\""
        ));
    };
    let mut object = message::object(table, message, unknown.raw, 0)?;
    object.insert("apiVersion".to_owned(), api_version.into());
    object.insert("kind".to_owned(), kind.into());
    Ok(Value::Object(object))
}

/// `runtime.Unknown`. The server's decoder looks at neither its contentEncoding nor its contentType.
#[derive(Default)]
struct Unknown<'a> {
    api_version: String,
    kind: String,
    raw: &'a [u8],
}

impl<'a> Unknown<'a> {
    fn read(data: &'a [u8]) -> Result<Self, String> {
        let mut unknown = Self::default();
        let mut reader = Reader::new(data);
        while let Some((number, wire)) = reader.field("Unknown")? {
            match number {
                1 => unknown.read_type(expect(&mut reader, wire, "TypeMeta")?)?,
                2 => unknown.raw = expect(&mut reader, wire, "Raw")?,
                3 => drop(expect(&mut reader, wire, "ContentEncoding")?),
                4 => drop(expect(&mut reader, wire, "ContentType")?),
                _ => reader.skip(wire)?,
            }
        }
        Ok(unknown)
    }

    fn read_type(&mut self, data: &[u8]) -> Result<(), String> {
        let mut reader = Reader::new(data);
        while let Some((number, wire)) = reader.field("TypeMeta")? {
            match number {
                1 => self.api_version = text(expect(&mut reader, wire, "APIVersion")?),
                2 => self.kind = text(expect(&mut reader, wire, "Kind")?),
                _ => reader.skip(wire)?,
            }
        }
        Ok(())
    }
}

/// A value that must be a length and bytes.
fn expect<'a>(reader: &mut Reader<'a>, wire: Wire, field: &str) -> Result<&'a [u8], String> {
    must_be(Wire::BYTES, wire, field)?;
    reader.bytes()
}

fn must_be(expected: Wire, found: Wire, field: &str) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("proto: wrong wireType = {} for field {field}", found.0)) }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
