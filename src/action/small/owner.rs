//! Adds an owner to a tenant, or takes one away.

use serde_json::Value;

use super::{Asked, Small, people};

/// `:owner+ alice`
pub const OWNER: Small = Small {
    word: "owner+",
    argument: "WHO",
    meaning: "make alice, group:devs or sa:NAMESPACE/NAME an owner of the tenant",
    make: add,
};

/// `:owner- alice`
pub const NO_OWNER: Small =
    Small { word: "owner-", argument: "WHO", meaning: "owner of the tenant no longer", make: remove };

fn add(object: &mut Value, asked: &Asked<'_>) -> Result<(), String> {
    let wanted = people::named(asked.arguments)?;
    let owners = owners(object, asked)?;
    for who in wanted {
        if !people::add(owners, &who, who.of_tenant()) {
            return Err(format!("{} is an owner already", who.spelt()));
        }
    }
    Ok(())
}

fn remove(object: &mut Value, asked: &Asked<'_>) -> Result<(), String> {
    let wanted = people::named(asked.arguments)?;
    let owners = owners(object, asked)?;
    for who in wanted {
        if !people::remove(owners, &who) {
            return Err(format!("{} is no owner in its spec", who.spelt()));
        }
        if owners.is_empty() {
            return Err(format!("{} is its only owner: name another first", who.spelt()));
        }
    }
    Ok(())
}

fn owners<'a>(object: &'a mut Value, asked: &Asked<'_>) -> Result<&'a mut Vec<Value>, String> {
    people::list(object, asked, "owners", "has no owners in Capsule's sense")
}
