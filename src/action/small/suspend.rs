//! What runs by a schedule or by a controller's loop, held back or let go. The state is set, never toggled.

use serde_json::Value;

use super::{Asked, Small};

/// `:suspend`
pub const SUSPEND: Small = Small {
    word: "suspend",
    argument: "",
    meaning: "hold back what is selected: a CronJob, a Job, a Flux Kustomization or HelmRelease",
    make: |object, asked| set(object, asked, true),
};

/// `:unsuspend`
pub const UNSUSPEND: Small = Small {
    word: "unsuspend",
    argument: "",
    meaning: "let what is selected go on",
    make: |object, asked| set(object, asked, false),
};

fn set(object: &mut Value, asked: &Asked<'_>, suspend: bool) -> Result<(), String> {
    if !matches!(asked.kind, "CronJob" | "Job" | "Kustomization" | "HelmRelease") {
        return Err("it cannot be suspended".to_owned());
    }
    let spec = object.get_mut("spec").and_then(Value::as_object_mut).ok_or("it has no spec")?;
    spec.insert("suspend".to_owned(), suspend.into());
    Ok(())
}
