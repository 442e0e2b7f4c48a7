//! Volumes of pods.

use serde_json::Value;

use super::super::names;
use super::{Faults, forbidden, invalid_each, items, required, text, value_at};
use crate::demo::status::FieldFault;

/// The names of the sound volumes of a pod spec, those of its claims' templates included.
pub(super) fn check(spec: &Value, field: &str, faults: &mut Faults) -> Vec<String> {
    let mut known = Vec::new();
    for (at, volume) in items(spec, &["volumes"]) {
        let here = format!("{field}.volumes[{at}]");
        let before = faults.len();
        let sources =
            volume.as_object().into_iter().flatten().filter(|(key, value)| *key != "name" && !value.is_null());
        // Upstream looks at the sources in the order of its struct: what is looked at first counts.
        let mut names: Vec<&str> = sources.map(|(key, _)| key.as_str()).collect();
        names.sort_by_key(|name| ORDER.iter().position(|one| one == name).unwrap_or(usize::MAX));
        for extra in names.iter().skip(1) {
            forbidden(faults, format!("{here}.{extra}"), "may not specify more than 1 volume type");
        }
        if let Some(source) = names.first() {
            let (part, name) = match *source {
                "secret" => ("secretName", text(volume, &["secret", "secretName"])),
                "configMap" => ("name", text(volume, &["configMap", "name"])),
                "persistentVolumeClaim" => ("claimName", text(volume, &["persistentVolumeClaim", "claimName"])),
                "hostPath" => ("path", text(volume, &["hostPath", "path"])),
                _ => ("", "any"),
            };
            if name.is_empty() {
                required(faults, format!("{here}.{source}.{part}"), "");
            }
        }
        let name = text(volume, &["name"]);
        if name.is_empty() {
            required(faults, format!("{here}.name"), "");
        } else {
            invalid_each(faults, &format!("{here}.name"), name, names::dns_label(name));
        }
        if known.iter().any(|one| one == name) {
            faults.push(FieldFault::duplicate(format!("{here}.name"), &name.into()));
        }
        if faults.len() == before {
            known.push(name.to_owned());
        }
    }
    known
}

const ORDER: [&str; 10] = [
    "emptyDir",
    "hostPath",
    "gitRepo",
    "secret",
    "nfs",
    "iscsi",
    "persistentVolumeClaim",
    "configMap",
    "downwardAPI",
    "projected",
];

/// As `ValidateVolumeMounts`.
pub(super) fn mounts(container: &Value, field: &str, volumes: &[String], faults: &mut Faults) {
    let mut paths = Vec::new();
    for (at, mount) in items(container, &["volumeMounts"]) {
        let here = format!("{field}.volumeMounts[{at}]");
        let name = text(mount, &["name"]);
        if name.is_empty() {
            required(faults, format!("{here}.name"), "");
        }
        if !volumes.iter().any(|one| one == name) {
            let what = format!("Not found: {}", Value::from(name));
            faults.push(FieldFault { reason: "FieldValueNotFound", field: format!("{here}.name"), what });
        }
        let path = text(mount, &["mountPath"]);
        if path.is_empty() {
            required(faults, format!("{here}.mountPath"), "");
        }
        if paths.contains(&path) {
            super::invalid(faults, format!("{here}.mountPath"), value_at(mount, &["mountPath"]), "must be unique");
        }
        paths.push(path);
    }
}
