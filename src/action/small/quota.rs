//! Sets how many namespaces a tenant may have, or the limits of a ResourceQuota.

use serde_json::{Value, json};

use super::{Asked, Small};

/// `:quota 5`
pub const QUOTA: Small = Small {
    word: "quota",
    argument: "N | cpu=2 ...",
    meaning: "how many namespaces the tenant may have (none: no limit), or the limits of a ResourceQuota",
    make: set,
};

fn set(object: &mut Value, asked: &Asked<'_>) -> Result<(), String> {
    match asked.kind {
        "Tenant" => {
            let [word] = asked.arguments else {
                return Err("how many namespaces may it have? A number, or none".to_owned());
            };
            if word == "none" {
                if let Some(options) = object.pointer_mut("/spec/namespaceOptions").and_then(Value::as_object_mut) {
                    options.remove("quota");
                }
                return Ok(());
            }
            let quota = word.parse::<u32>().ok().filter(|quota| *quota > 0);
            let quota = quota.ok_or_else(|| format!("{word} is no number of namespaces: at least 1, or none"))?;
            object["spec"]["namespaceOptions"]["quota"] = json!(quota);
            Ok(())
        }
        "ResourceQuota" => {
            if asked.arguments.is_empty() {
                return Err("which limits? limits.cpu=2 sets one, pods- takes one away".to_owned());
            }
            if object.pointer("/spec/hard").is_none_or(Value::is_null) {
                object["spec"]["hard"] = json!({});
            }
            let hard =
                object.pointer_mut("/spec/hard").and_then(Value::as_object_mut).ok_or("its limits are no map")?;
            for argument in asked.arguments {
                match (argument.split_once('='), argument.strip_suffix('-')) {
                    (Some((key, value)), _) if !key.is_empty() && !value.is_empty() => {
                        hard.insert(key.to_owned(), value.into());
                    }
                    (None, Some(key)) if hard.remove(key).is_some() => {}
                    (None, Some(key)) => return Err(format!("it does not limit {key}")),
                    _ => return Err(format!("{argument} is neither limits.cpu=2 nor pods-")),
                }
            }
            Ok(())
        }
        kind => Err(format!("a {kind} has no quota: put the cursor on a tenant or a ResourceQuota")),
    }
}
