//! New pods in place of the present ones, by an annotation of their template, as `kubectl rollout restart` does.

use serde_json::{Map, Value};

use super::Small;

/// The annotation that kubectl sets.
const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";

/// `:restart`
pub const RESTART: Small = Small {
    word: "restart",
    argument: "",
    meaning: "new pods in place of those that what is selected has",
    make: |object, asked| {
        if !matches!(asked.kind, "Deployment" | "StatefulSet" | "DaemonSet") {
            return Err("it makes no pods that would be made anew".to_owned());
        }
        let template = object.pointer_mut("/spec/template").and_then(Value::as_object_mut);
        let template = template.ok_or("it has no template of pods")?;
        let mut at: &mut Map<String, Value> = template;
        for step in ["metadata", "annotations"] {
            let next = at.entry(step).or_insert_with(|| Value::Object(Map::new()));
            at = next.as_object_mut().ok_or_else(|| format!("its template's {step} are no map"))?;
        }
        let now = jiff::Timestamp::from_second(asked.now).map_err(|error| error.to_string())?;
        at.insert(RESTARTED.to_owned(), now.to_string().into());
        Ok(())
    },
};
