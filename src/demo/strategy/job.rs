//! Jobs: the selector and labels by which their pods are theirs.

use serde_json::{Map, Value};

use crate::demo::object::{Meta as _, Object};

const NAME: [&str; 2] = ["job-name", "batch.kubernetes.io/job-name"];
const UID: [&str; 2] = ["controller-uid", "batch.kubernetes.io/controller-uid"];

/// A job without labels has those of its template, also the ones that the server puts there (`SetDefaults_Job`, which gives
/// the job the very map of its template).
pub(super) fn share_labels(job: &mut Object) {
    let labels = job.at(&["spec", "template", "metadata", "labels"]).filter(|labels| labels.is_object()).cloned();
    let has_own = job.at(&["metadata", "labels"]).and_then(Value::as_object).is_some_and(|own| !own.is_empty());
    if let (Some(labels), false) = (labels, has_own) {
        job.set(&["metadata", "labels"], labels);
    }
}

/// As `generateSelectorIfNeeded`; the job's uid stands in its metadata already.
pub(super) fn generate_selector(job: &mut Object) {
    if job.flag(&["spec", "manualSelector"]) {
        return;
    }
    let (name, uid) = (job.name().to_owned(), job.uid().to_owned());
    let labels = job.map_mut(&["spec", "template", "metadata", "labels"]);
    fill(labels, &NAME, &name);
    fill(labels, &UID, &uid);
    let [_, key] = UID;
    fill(job.map_mut(&["spec", "selector", "matchLabels"]), &[key], &uid);
}

fn fill(labels: &mut Map<String, Value>, keys: &[&str], value: &str) {
    for key in keys {
        labels.entry(*key).or_insert_with(|| value.into());
    }
}
