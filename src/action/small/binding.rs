//! Binds somebody to a ClusterRole in every namespace of a tenant, or no longer.

use serde_json::{Value, json};

use super::{Asked, Small, people};
use crate::plan::owner::Owner;

/// `:bind+ view group:devs`
pub const BINDING: Small = Small {
    word: "bind+",
    argument: "ROLE WHO",
    meaning: "give alice or group:devs a ClusterRole in every namespace of the tenant",
    make: add,
};

/// `:bind- view group:devs`
pub const NO_BINDING: Small =
    Small { word: "bind-", argument: "ROLE WHO", meaning: "no longer in every namespace of the tenant", make: remove };

fn add(object: &mut Value, asked: &Asked<'_>) -> Result<(), String> {
    let (role, wanted) = named(asked)?;
    let bindings = bindings(object, asked)?;
    let at = bindings.iter().position(|binding| is_of(binding, &role)).unwrap_or_else(|| {
        bindings.push(json!({"clusterRoleName": role, "subjects": []}));
        bindings.len() - 1
    });
    let subjects = bindings.get_mut(at).and_then(subjects).ok_or("its subjects are no list")?;
    for who in wanted {
        if !people::add(subjects, &who, who.subject()) {
            return Err(format!("{} has {role} already", who.spelt()));
        }
    }
    Ok(())
}

fn remove(object: &mut Value, asked: &Asked<'_>) -> Result<(), String> {
    let (role, wanted) = named(asked)?;
    let bindings = bindings(object, asked)?;
    for who in wanted {
        let of_role = bindings.iter_mut().filter(|binding| is_of(binding, &role)).filter_map(subjects);
        // It may be bound more than once.
        let found = of_role.fold(false, |found, subjects| people::remove(subjects, &who) || found);
        if !found {
            return Err(format!("{} has no {role} from the tenant's spec", who.spelt()));
        }
    }
    // Capsule refuses a binding of nobody.
    bindings.retain(|binding| binding.get("subjects").and_then(Value::as_array).is_some_and(|all| !all.is_empty()));
    Ok(())
}

fn named(asked: &Asked<'_>) -> Result<(String, Vec<Owner>), String> {
    let (role, rest) = asked.arguments.split_first().ok_or("which ClusterRole, and who? view group:devs")?;
    if rest.is_empty() {
        return Err(format!("who? {role} group:devs"));
    }
    Ok((role.clone(), people::named(rest)?))
}

fn bindings<'a>(object: &'a mut Value, asked: &Asked<'_>) -> Result<&'a mut Vec<Value>, String> {
    people::list(object, asked, "additionalRoleBindings", "binds nobody in every namespace")
}

fn subjects(binding: &mut Value) -> Option<&mut Vec<Value>> {
    binding.get_mut("subjects").and_then(Value::as_array_mut)
}

fn is_of(binding: &Value, role: &str) -> bool {
    binding.get("clusterRoleName").and_then(Value::as_str) == Some(role)
}
