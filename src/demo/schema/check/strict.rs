//! Strict decoding: unknown and duplicate fields of a text, in the server's order.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{below, followed, unknown_fields};
use crate::demo::schema::{Kind, Node, Schemas, Shape};

/// All that strict decoding finds in a JSON body: `unknown field "spec.foo"`, `duplicate field "spec.replicas"`.
///
/// Built-in kinds tell both in the order of the text, as decoding into a struct meets them. Custom resources tell the
/// duplicates first, then the unknown fields sorted. A text that is no JSON has none.
pub fn strict(schemas: &Schemas, kind: &Kind, raw: &[u8]) -> Vec<String> {
    let Some(node) = schemas.node(kind) else { return Vec::new() };
    if kind.custom.is_none() {
        return walked(Some(schemas), &node, raw);
    }
    let mut found = duplicate_fields(raw);
    if let Ok(object) = serde_json::from_slice(raw) {
        let mut unknown = unknown_fields(schemas, &node, &object);
        // Metadata is decoded before the rest.
        unknown.sort_by_key(|text| !text.starts_with("unknown field \"metadata."));
        found.extend(unknown);
    }
    found
}

/// Keys that a JSON text has twice in one map, such as `duplicate field "spec.replicas"`.
pub fn duplicate_fields(raw: &[u8]) -> Vec<String> {
    walked(None, &Arc::default(), raw)
}

fn walked(schemas: Option<&Schemas>, node: &Arc<Node>, raw: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let place = Place { schemas, node: Arc::clone(node), path: String::new(), found: &mut found };
    let mut text = serde_json::Deserializer::from_slice(raw);
    // What is no JSON is refused elsewhere, with a better sentence.
    if place.deserialize(&mut text).is_err() {
        return Vec::new();
    }
    found
}

/// A place in the text, with its schema; without schemas anything is known and only duplicates are found.
struct Place<'a> {
    schemas: Option<&'a Schemas>,
    node: Arc<Node>,
    path: String,
    found: &'a mut Vec<String>,
}

impl Place<'_> {
    fn below(&mut self, node: Arc<Node>, path: String) -> Place<'_> {
        Place { schemas: self.schemas, node, path, found: self.found }
    }

    /// The schema of a field, or nothing for a field that is not known.
    fn field(&self, schemas: &Schemas, key: &str) -> Option<Arc<Node>> {
        match &self.node.shape {
            Shape::Struct(object) => match object.fields.get(key) {
                Some(node) => Some(followed(schemas, node)),
                None => object.preserve_unknown.then(Arc::default),
            },
            Shape::Map { value, .. } => Some(followed(schemas, value)),
            _ => Some(Arc::default()),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.schemas.is_some() && matches!(self.node.shape, Shape::Any) {
            // Raw JSON in a Go struct: nobody looks into it.
            return deserializer.deserialize_ignored_any(IgnoredAny).map(|_| ());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let node = match (&self.node.shape, self.schemas) {
            (Shape::List { item, .. }, Some(schemas)) => followed(schemas, item),
            _ => Arc::default(),
        };
        let mut at = 0_usize;
        loop {
            let path = format!("{}[{at}]", self.path);
            if items.next_element_seed(self.below(Arc::clone(&node), path))?.is_none() {
                return Ok(());
            }
            at += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        let mut seen: HashSet<String> = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            let path = below(&self.path, &key);
            let node = self.schemas.map_or_else(|| Some(Arc::default()), |schemas| self.field(schemas, &key));
            let Some(node) = node else {
                self.found.push(format!("unknown field {path:?}"));
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            if !seen.insert(key) {
                self.found.push(format!("duplicate field {path:?}"));
            }
            entries.next_value_seed(self.below(node, path))?;
        }
        Ok(())
    }
}
