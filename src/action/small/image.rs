//! The image of a container.

use serde_json::Value;

use super::{Small, pod_spec};

/// `:image web=registry.example.net/web:2`
pub const IMAGE: Small = Small {
    word: "image",
    argument: "[CONTAINER=]IMAGE...",
    meaning: "the image of a container of what is selected",
    make: |object, asked| {
        if asked.arguments.is_empty() {
            return Err("which image? container=image".to_owned());
        }
        for argument in asked.arguments {
            set(object, asked.kind, argument)?;
        }
        Ok(())
    },
};

fn set(object: &mut Value, kind: &str, argument: &str) -> Result<(), String> {
    let spec = pod_spec(object, kind).ok_or("it has no containers")?;
    let names = |list: &Value| -> Vec<String> {
        let items = list.as_array().into_iter().flatten();
        items.filter_map(|item| item.get("name")?.as_str().map(str::to_owned)).collect()
    };
    let known: Vec<String> =
        ["containers", "initContainers"].iter().filter_map(|list| spec.get(list).map(names)).flatten().collect();
    // A digest holds an `=` never, a name no `/`: what stands before the first is a name.
    let (name, image) = match (argument.split_once('='), known.as_slice()) {
        (Some((name, image)), _) => (name.to_owned(), image),
        (None, [only]) => (only.clone(), argument),
        (None, _) => return Err(format!("of which container? It has {}", known.join(", "))),
    };
    for list in ["containers", "initContainers"] {
        let mut items = spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        if let Some(item) = items.find(|item| item.get("name").and_then(Value::as_str) == Some(&name)) {
            item["image"] = image.into();
            return Ok(());
        }
    }
    Err(format!("it has no container {name}: it has {}", known.join(", ")))
}
