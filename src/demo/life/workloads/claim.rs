//! Claims and their volumes: made on demand, kept while a pod uses them, removed with their claim.

use serde_json::{Value, json};

use crate::demo::life::NOTICE;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::event::reference;
use crate::demo::registry::{Caller, Deletion, Event, Registry};
use crate::demo::store::Key;

/// The persistentvolume-binder and the pvc-protection-controller in one.
pub const NAME: &str = "persistentvolume-binder";

const PROTECTION: &str = "kubernetes.io/pvc-protection";

/// The claims that a pod used may be free now.
pub fn pod_changed(registry: &mut Registry, pod: &Object, is_gone: bool) {
    if !registry.nature.volumes || !is_gone {
        return;
    }
    let names: Vec<Key> = pod
        .list(&["spec", "volumes"])
        .iter()
        .filter_map(|volume| volume.text(&["persistentVolumeClaim", "claimName"]))
        .map(|name| Key::new(pod.namespace(), name))
        .collect();
    for key in names {
        registry.queue(NAME, key, NOTICE);
    }
}

/// Binds a claim, or lets it go.
pub fn reconcile(registry: &mut Registry, key: &Key) {
    if !registry.nature.volumes {
        return;
    }
    let Some(claim) = registry.get("persistentvolumeclaims", key.namespace(), key.name()) else { return };
    if claim.is_terminating() {
        release(registry, &claim);
    } else if claim.text(&["status", "phase"]) != Some("Bound") {
        bind(registry, &claim);
    }
}

fn bind(registry: &mut Registry, claim: &Object) {
    let class_name = claim.text(&["spec", "storageClassName"]).unwrap_or_default().to_owned();
    let Some(class) = registry.look("storageclasses.storage.k8s.io", "", &class_name) else {
        let message = format!("storageclass.storage.k8s.io {class_name:?} not found");
        let event = Event {
            warning: true,
            reason: "ProvisioningFailed",
            message: &message,
            component: "persistentvolume-controller",
            ..Event::default()
        };
        registry.event(claim, &event);
        return;
    };
    let name = format!("pvc-{}", claim.uid());
    let size = claim.at(&["spec", "resources", "requests", "storage"]).cloned().unwrap_or_else(|| json!("1Gi"));
    let modes = claim.at(&["spec", "accessModes"]).cloned().unwrap_or_else(|| json!(["ReadWriteOnce"]));
    let driver = class.text(&["provisioner"]).unwrap_or_default().to_owned();
    let volume = json!({
        "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": driver}},
        "spec": {
            "capacity": {"storage": size}, "accessModes": modes, "storageClassName": class_name,
            "persistentVolumeReclaimPolicy": class.text(&["reclaimPolicy"]).unwrap_or("Delete"), "volumeMode": "Filesystem",
            "claimRef": reference(claim), "csi": {"driver": driver, "volumeHandle": name, "fsType": "ext4"},
        },
    });
    let by = Caller::controller(NAME);
    if registry.create(&mut by.clone(), "persistentvolumes", volume).is_err() {
        return;
    }
    registry.change(&by, "persistentvolumes", "status", "", &name, |volume| volume.set(&["status", "phase"], "Bound"));
    registry.change(&by, "persistentvolumeclaims", "", claim.namespace(), claim.name(), |claim| {
        claim.set(&["spec", "volumeName"], name.clone());
        claim.set(&["metadata", "annotations", "pv.kubernetes.io/bind-completed"], "yes");
        claim.set(&["metadata", "annotations", "pv.kubernetes.io/bound-by-controller"], "yes");
    });
    registry.change(&by, "persistentvolumeclaims", "status", claim.namespace(), claim.name(), |claim| {
        claim.set(&["status"], json!({"phase": "Bound", "accessModes": modes, "capacity": {"storage": size}}));
    });
}

fn release(registry: &mut Registry, claim: &Object) {
    let uses = |pod: &Object| {
        pod.list(&["spec", "volumes"])
            .iter()
            .any(|volume| volume.text(&["persistentVolumeClaim", "claimName"]) == Some(claim.name()))
    };
    if registry.views("pods", Some(claim.namespace())).any(|pod| uses(&pod)) {
        return;
    }
    let by = Caller::controller(NAME);
    registry.change(&by, "persistentvolumeclaims", "", claim.namespace(), claim.name(), |claim| {
        let left: Vec<Value> =
            claim.finalizers().into_iter().filter(|one| *one != PROTECTION).map(|one| json!(one)).collect();
        claim.set(&["metadata", "finalizers"], left);
    });
    let Some(name) = claim.text(&["spec", "volumeName"]) else { return };
    let Some(volume) = registry.get("persistentvolumes", "", name) else { return };
    if volume.text(&["spec", "persistentVolumeReclaimPolicy"]) == Some("Delete") {
        registry
            .change(&by, "persistentvolumes", "", "", name, |volume| drop(volume.unset(&["metadata", "finalizers"])));
        let _ = registry.delete(&mut by.clone(), "persistentvolumes", "", name, &Deletion::default());
    } else {
        registry.change(&by, "persistentvolumes", "status", "", name, |volume| {
            volume.set(&["status", "phase"], "Released");
        });
    }
}
