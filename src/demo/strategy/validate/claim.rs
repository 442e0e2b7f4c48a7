//! Claims, volumes and storage classes.

use serde_json::Value;

use super::super::names;
use super::{Faults, invalid, invalid_each, one_of, required, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::quantity::Quantity;
use crate::demo::status::FieldFault;

const MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

pub(super) fn claim(object: &Object, faults: &mut Faults) {
    let spec = value_at(object, &["spec"]);
    if spec.list(&["accessModes"]).is_empty() {
        required(faults, "spec.accessModes", "at least 1 access mode is required");
    }
    modes(spec, faults);
    match spec.text(&["resources", "requests", "storage"]) {
        None => required(faults, "spec.resources[storage]", ""),
        Some(given) => {
            if Quantity::parse(given).is_some_and(|amount| amount.is_zero() || amount.is_negative()) {
                invalid(faults, "spec.resources[storage]", &given.into(), "must be greater than zero");
            }
        }
    }
    let class = text(spec, &["storageClassName"]);
    if !class.is_empty() {
        invalid_each(faults, "spec.storageClassName", class, names::dns_subdomain(class));
    }
    volume_mode(spec, faults);
}

fn modes(spec: &Value, faults: &mut Faults) {
    for mode in spec.list(&["accessModes"]).iter().filter_map(Value::as_str) {
        one_of(faults, "spec.accessModes", mode, &MODES);
    }
}

fn volume_mode(spec: &Value, faults: &mut Faults) {
    if let Some(mode) = spec.text(&["volumeMode"]) {
        one_of(faults, "spec.volumeMode", mode, &["Block", "Filesystem"]);
    }
}

pub(super) fn volume(object: &Object, faults: &mut Faults) {
    let spec = value_at(object, &["spec"]);
    if spec.list(&["accessModes"]).is_empty() {
        required(faults, "spec.accessModes", "");
    }
    modes(spec, faults);
    let capacity = spec.at(&["capacity"]).and_then(Value::as_object);
    if capacity.is_none_or(serde_json::Map::is_empty) {
        required(faults, "spec.capacity", "");
    }
    if capacity.is_none_or(|map| map.len() != 1 || !map.contains_key("storage")) {
        faults.push(FieldFault::unsupported(
            "spec.capacity",
            capacity.map_or(&Value::Null, |_| value_at(spec, &["capacity"])),
            &["storage"],
        ));
    }
    let known = [
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    ];
    if !spec.as_object().into_iter().flatten().any(|(key, value)| !known.contains(&key.as_str()) && !value.is_null()) {
        required(faults, "spec", "must specify a volume type");
    }
    volume_mode(spec, faults);
}

pub(super) fn class(object: &Object, faults: &mut Faults) {
    one_of(faults, "reclaimPolicy", text(object, &["reclaimPolicy"]), &["Delete", "Retain"]);
    let mode = text(object, &["volumeBindingMode"]);
    one_of(faults, "volumeBindingMode", mode, &["Immediate", "WaitForFirstConsumer"]);
    let provisioner = text(object, &["provisioner"]);
    if provisioner.is_empty() {
        required(faults, "provisioner", "");
    } else {
        invalid_each(
            faults,
            "provisioner",
            &provisioner.to_lowercase(),
            names::qualified_name(&provisioner.to_lowercase()),
        );
    }
}
