//! People in the lists of a tenant's spec: its owners, and those whom it binds. Pure.

use serde_json::{Value, json};

use super::Asked;
use crate::plan::owner::Owner;

/// Who is named.
pub fn named(arguments: &[String]) -> Result<Vec<Owner>, String> {
    if arguments.is_empty() {
        return Err("who? alice, group:devs or sa:NAMESPACE/NAME".to_owned());
    }
    arguments.iter().map(|text| Owner::read(text)).collect()
}

/// The list of this name in a tenant's spec, made if it is not there. `lacks`: what other kinds have not.
pub fn list<'a>(
    object: &'a mut Value,
    asked: &Asked<'_>,
    name: &str,
    lacks: &str,
) -> Result<&'a mut Vec<Value>, String> {
    if asked.kind != "Tenant" {
        return Err(format!("a {} {lacks}: put the cursor on a tenant", asked.kind));
    }
    let pointer = format!("/spec/{name}");
    if object.pointer(&pointer).is_none_or(Value::is_null) {
        object["spec"][name] = json!([]);
    }
    let found = object.pointer_mut(&pointer).and_then(Value::as_array_mut);
    found.ok_or_else(|| format!("its {name} are no list"))
}

/// Puts somebody into a list, written so; false if they are in it already.
pub fn add(list: &mut Vec<Value>, who: &Owner, written: Value) -> bool {
    let is_new = !list.iter().any(|entry| is(entry, who));
    if is_new {
        list.push(written);
    }
    is_new
}

/// Takes somebody out of a list; false if they are not in it.
pub fn remove(list: &mut Vec<Value>, who: &Owner) -> bool {
    let before = list.len();
    list.retain(|entry| !is(entry, who));
    list.len() < before
}

/// Whether an entry, of Capsule's or of RBAC's making, names this very person or program.
pub fn is(entry: &Value, who: &Owner) -> bool {
    Owner::among(entry).as_ref() == Some(who)
}
