//! Reading and writing the parts that every object has. Objects are JSON values.

use serde_json::{Map, Value};

/// An object: a JSON map with `apiVersion`, `kind` and `metadata`.
pub type Object = Value;

/// What is asked of any object.
pub trait Meta {
    /// The value below a path of map keys.
    fn at(&self, path: &[&str]) -> Option<&Value>;
    /// The text below a path of map keys.
    fn text(&self, path: &[&str]) -> Option<&str>;
    /// `metadata.name`, or empty.
    fn name(&self) -> &str;
    /// `metadata.namespace`, or empty.
    fn namespace(&self) -> &str;
    /// `metadata.uid`, or empty.
    fn uid(&self) -> &str;
    /// `metadata.resourceVersion`, or empty.
    fn version(&self) -> &str;
    /// A label's value.
    fn label(&self, key: &str) -> Option<&str>;
    /// An annotation's value.
    fn annotation(&self, key: &str) -> Option<&str>;
    /// Whether `metadata.deletionTimestamp` is set.
    fn is_terminating(&self) -> bool;
    /// `metadata.finalizers`.
    fn finalizers(&self) -> Vec<&str>;
    /// `metadata.ownerReferences`.
    fn owners(&self) -> &[Value];
    /// The owner reference with `controller: true`.
    fn controller(&self) -> Option<&Value>;
    /// The list below a path, or nothing.
    fn list(&self, path: &[&str]) -> &[Value];
    /// The whole number below a path.
    fn int(&self, path: &[&str]) -> Option<i64>;
    /// The flag below a path; `false` if absent.
    fn flag(&self, path: &[&str]) -> bool;
    /// The map at a path, made where it is missing.
    fn map_mut(&mut self, path: &[&str]) -> &mut Map<String, Value>;
    /// Sets what is below a path, making maps on the way.
    fn set(&mut self, path: &[&str], value: impl Into<Value>)
    where
        Self: Sized;
    /// Removes what is below a path.
    fn unset(&mut self, path: &[&str]) -> Option<Value>;
}

impl Meta for Value {
    fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, key| value.as_object()?.get(*key))
    }

    fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    fn name(&self) -> &str {
        self.text(&["metadata", "name"]).unwrap_or_default()
    }

    fn namespace(&self) -> &str {
        self.text(&["metadata", "namespace"]).unwrap_or_default()
    }

    fn uid(&self) -> &str {
        self.text(&["metadata", "uid"]).unwrap_or_default()
    }

    fn version(&self) -> &str {
        self.text(&["metadata", "resourceVersion"]).unwrap_or_default()
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.text(&["metadata", "labels", key])
    }

    fn annotation(&self, key: &str) -> Option<&str> {
        self.text(&["metadata", "annotations", key])
    }

    fn is_terminating(&self) -> bool {
        self.at(&["metadata", "deletionTimestamp"]).is_some_and(|at| !at.is_null())
    }

    fn finalizers(&self) -> Vec<&str> {
        self.list(&["metadata", "finalizers"]).iter().filter_map(Value::as_str).collect()
    }

    fn owners(&self) -> &[Value] {
        self.list(&["metadata", "ownerReferences"])
    }

    fn controller(&self) -> Option<&Value> {
        self.owners().iter().find(|owner| owner.flag(&["controller"]))
    }

    fn list(&self, path: &[&str]) -> &[Value] {
        self.at(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn int(&self, path: &[&str]) -> Option<i64> {
        self.at(path)?.as_i64()
    }

    fn flag(&self, path: &[&str]) -> bool {
        self.at(path).and_then(Value::as_bool).unwrap_or_default()
    }

    fn map_mut(&mut self, path: &[&str]) -> &mut Map<String, Value> {
        let mut here = map_of(self);
        for key in path {
            // Most of what is asked for is there: no key needs to be made for it.
            let is_there = here.contains_key(*key);
            here = map_of(if is_there { &mut here[*key] } else { here.entry(*key).or_insert(Value::Null) });
        }
        here
    }

    fn set(&mut self, path: &[&str], value: impl Into<Value>) {
        if let Some((last, above)) = path.split_last() {
            let map = self.map_mut(above);
            match map.get_mut(*last) {
                Some(place) => *place = value.into(),
                None => drop(map.insert((*last).to_owned(), value.into())),
            }
        }
    }

    fn unset(&mut self, path: &[&str]) -> Option<Value> {
        let (last, above) = path.split_last()?;
        let mut here = self;
        for key in above {
            here = here.as_object_mut()?.get_mut(*key)?;
        }
        here.as_object_mut()?.remove(*last)
    }
}

/// The value as a map; what is none becomes an empty one.
fn map_of(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        // Just made one.
        _ => unreachable!("a value that was made a map is a map"),
    }
}
