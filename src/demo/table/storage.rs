//! Volumes, claims and their classes.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::cells::{Row, age, creation, len, text, texts};

/// By resource.
pub(super) fn printer(resource: &str) -> Option<Row> {
    Some(match resource {
        "persistentvolumes" => volume,
        "persistentvolumeclaims" => claim,
        "storageclasses.storage.k8s.io" => class,
        "csidrivers.storage.k8s.io" => driver,
        "csinodes.storage.k8s.io" => {
            |object, now| vec![json!(object.name()), json!(len(object, &["spec", "drivers"])), age(object, now)]
        }
        "volumeattributesclasses.storage.k8s.io" => {
            |object, now| vec![json!(object.name()), json!(text(object, &["driverName"], "")), age(object, now)]
        }
        "volumeattachments.storage.k8s.io" => |object, now| {
            vec![
                json!(object.name()),
                json!(text(object, &["spec", "attacher"], "")),
                json!(text(object, &["spec", "source", "persistentVolumeName"], "")),
                json!(text(object, &["spec", "nodeName"], "")),
                json!(object.flag(&["status", "attached"])),
                age(object, now),
            ]
        },
        _ => return None,
    })
}

/// Which class of a list is the default: the youngest that is marked, or the first by name of equally old ones.
pub(super) fn effective_default(classes: &[&Value]) -> Option<usize> {
    const MARKS: [&str; 2] =
        ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
    let marked = |object: &Value| MARKS.iter().any(|mark| object.annotation(mark) == Some("true"));
    let all = classes.iter().enumerate().filter(|(_, object)| marked(object));
    all.max_by_key(|(at, object)| (creation(object), Reverse(object.name()), Reverse(*at))).map(|(at, _)| at)
}

/// `RWO,ROX,RWX,RWOP`: those that are there, in this order.
fn modes(object: &Value, path: &[&str]) -> String {
    const MODES: [(&str, &str); 4] =
        [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];
    let all = texts(object, path);
    MODES.iter().filter(|(mode, _)| all.contains(mode)).map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}

/// The storage class: the annotation of old goes before the field.
fn class_of(object: &Value) -> &str {
    object
        .annotation("volume.beta.kubernetes.io/storage-class")
        .unwrap_or_else(|| text(object, &["spec", "storageClassName"], ""))
}

/// The phase, unless it is being deleted.
fn phase(object: &Value) -> &str {
    if object.is_terminating() { "Terminating" } else { text(object, &["status", "phase"], "") }
}

fn volume(object: &Value, now: Timestamp) -> Vec<Value> {
    let claim = object.at(&["spec", "claimRef"]).filter(|one| one.is_object());
    let claim = claim.map(|one| format!("{}/{}", text(one, &["namespace"], ""), text(one, &["name"], "")));
    vec![
        json!(object.name()),
        json!(text(object, &["spec", "capacity", "storage"], "0")),
        json!(modes(object, &["spec", "accessModes"])),
        json!(text(object, &["spec", "persistentVolumeReclaimPolicy"], "")),
        json!(phase(object)),
        json!(claim.unwrap_or_default()),
        json!(class_of(object)),
        json!(text(object, &["spec", "volumeAttributesClassName"], "<unset>")),
        json!(text(object, &["status", "reason"], "")),
        age(object, now),
        json!(text(object, &["spec", "volumeMode"], "<unset>")),
    ]
}

fn claim(object: &Value, now: Timestamp) -> Vec<Value> {
    let volume = text(object, &["spec", "volumeName"], "");
    // Capacity and modes are those of the volume: nothing before there is one.
    let (capacity, modes) = if volume.is_empty() {
        ("", String::new())
    } else {
        (text(object, &["status", "capacity", "storage"], "0"), modes(object, &["status", "accessModes"]))
    };
    vec![
        json!(object.name()),
        json!(phase(object)),
        json!(volume),
        json!(capacity),
        json!(modes),
        json!(class_of(object)),
        json!(text(object, &["spec", "volumeAttributesClassName"], "<unset>")),
        age(object, now),
        json!(text(object, &["spec", "volumeMode"], "<unset>")),
    ]
}

fn class(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        json!(object.name()),
        json!(text(object, &["provisioner"], "")),
        json!(text(object, &["reclaimPolicy"], "Delete")),
        json!(text(object, &["volumeBindingMode"], "Immediate")),
        json!(object.flag(&["allowVolumeExpansion"])),
        age(object, now),
    ]
}

fn driver(object: &Value, now: Timestamp) -> Vec<Value> {
    let attach = object.at(&["spec", "attachRequired"]).and_then(Value::as_bool).unwrap_or(true);
    let requests = object
        .at(&["spec", "tokenRequests"])
        .and_then(Value::as_array)
        .map(|all| all.iter().map(|one| text(one, &["audience"], "")).collect::<Vec<_>>().join(","));
    let modes = texts(object, &["spec", "volumeLifecycleModes"]).join(",");
    vec![
        json!(object.name()),
        json!(attach),
        json!(object.flag(&["spec", "podInfoOnMount"])),
        json!(object.flag(&["spec", "storageCapacity"])),
        json!(requests.unwrap_or_else(|| "<unset>".to_owned())),
        json!(object.flag(&["spec", "requiresRepublish"])),
        json!(if modes.is_empty() { "<none>" } else { &modes }),
        age(object, now),
    ]
}
