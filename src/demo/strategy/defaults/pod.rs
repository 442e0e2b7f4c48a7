//! Pods, their templates, containers and volumes.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use super::{Fields, fill, fill_zero, is_empty, text};

pub(super) fn visit(name: &str, map: &mut Fields) {
    match name {
        "core.Pod" => pod(map),
        "core.PodSpec" => spec(map),
        "core.PodStatus" => status(map),
        "core.Container" | "core.EphemeralContainer" => {
            fill(map, "imagePullPolicy", pull_policy(text(map, "image")));
            fill(map, "terminationMessagePath", "/dev/termination-log");
            fill(map, "terminationMessagePolicy", "File");
        }
        "core.ContainerPort" => fill(map, "protocol", "TCP"),
        "core.Probe" => {
            fill_zero(map, "timeoutSeconds", 1);
            fill_zero(map, "periodSeconds", 10);
            fill_zero(map, "successThreshold", 1);
            fill_zero(map, "failureThreshold", 3);
        }
        "core.HTTPGetAction" => {
            fill(map, "path", "/");
            fill(map, "scheme", "HTTP");
        }
        "core.GRPCAction" => fill(map, "service", ""),
        "core.ObjectFieldSelector" => fill(map, "apiVersion", "v1"),
        "core.Volume" => volume(map),
        "core.SecretVolumeSource"
        | "core.ConfigMapVolumeSource"
        | "core.DownwardAPIVolumeSource"
        | "core.ProjectedVolumeSource" => fill(map, "defaultMode", 0o644),
        "core.ServiceAccountTokenProjection" => fill(map, "expirationSeconds", 3600),
        "core.HostPathVolumeSource" => fill(map, "type", ""),
        "core.ISCSIVolumeSource" | "core.ISCSIPersistentVolumeSource" => fill(map, "iscsiInterface", "default"),
        "core.RBDVolumeSource" | "core.RBDPersistentVolumeSource" => {
            fill(map, "pool", "rbd");
            fill(map, "user", "admin");
            fill(map, "keyring", "/etc/ceph/keyring");
        }
        "core.ScaleIOVolumeSource" | "core.ScaleIOPersistentVolumeSource" => {
            fill(map, "storageMode", "ThinProvisioned");
            fill(map, "fsType", "xfs");
        }
        "core.AzureDiskVolumeSource" => {
            fill(map, "cachingMode", "ReadWrite");
            fill(map, "fsType", "ext4");
            fill(map, "readOnly", false);
            fill(map, "kind", "Shared");
        }
        _ => {}
    }
}

/// What is for pods alone, and not for templates of pods.
fn pod(map: &mut Fields) {
    let Some(spec) = map.get_mut("spec").and_then(Value::as_object_mut) else { return };
    if spec.get("terminationGracePeriodSeconds").and_then(Value::as_i64).is_some_and(|seconds| seconds < 0) {
        spec.insert("terminationGracePeriodSeconds".into(), 1.into());
    }
    let is_host = spec.get("hostNetwork").and_then(Value::as_bool).unwrap_or_default();
    for list in ["containers", "initContainers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
            request_limits(container);
            let ports = container.get_mut("ports").and_then(Value::as_array_mut).filter(|_| is_host);
            for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
                let own = port.get("containerPort").and_then(Value::as_i64).unwrap_or_default();
                fill_zero(port, "hostPort", own);
            }
        }
    }
    fill(spec, "enableServiceLinks", true);
}

/// What is limited and not asked for is asked for.
fn request_limits(container: &mut Fields) {
    let Some(resources) = container.get_mut("resources").and_then(Value::as_object_mut) else { return };
    let Some(limits) = resources.get("limits").and_then(Value::as_object).filter(|limits| !limits.is_empty()).cloned()
    else {
        return;
    };
    let requests = resources.entry("requests").or_insert_with(|| json!({}));
    if requests.is_null() {
        *requests = json!({});
    }
    if let Some(requests) = requests.as_object_mut() {
        for (name, amount) in limits {
            requests.entry(name).or_insert(amount);
        }
    }
}

fn spec(map: &mut Fields) {
    let alias = text(map, "serviceAccount").to_owned();
    if !alias.is_empty() {
        fill(map, "serviceAccountName", alias);
    }
    let account = text(map, "serviceAccountName").to_owned();
    if !account.is_empty() {
        map.insert("serviceAccount".into(), account.into());
    }
    fill(map, "dnsPolicy", "ClusterFirst");
    fill(map, "restartPolicy", "Always");
    fill(map, "securityContext", json!({}));
    fill(map, "terminationGracePeriodSeconds", 30);
    fill(map, "schedulerName", "default-scheduler");
}

/// `podIP` and the first of `podIPs` say the same.
fn status(map: &mut Fields) {
    let ip = text(map, "podIP").to_owned();
    let first = map.get("podIPs").and_then(Value::as_array).and_then(|list| list.first()).and_then(|one| one.get("ip"));
    let first = first.and_then(Value::as_str).unwrap_or_default().to_owned();
    if ip.is_empty() && !first.is_empty() {
        map.insert("podIP".into(), first.into());
    } else if !ip.is_empty() && ip != first {
        map.insert("podIPs".into(), json!([{"ip": ip}]));
    }
}

fn volume(map: &mut Fields) {
    if !map.iter().any(|(key, value)| key != "name" && !value.is_null()) {
        map.insert("emptyDir".into(), json!({}));
    }
    if let Some(image) = map.get_mut("image").and_then(Value::as_object_mut)
        && is_empty(image, "pullPolicy")
    {
        let policy = pull_policy(text(image, "reference"));
        image.insert("pullPolicy".into(), policy.into());
    }
}

/// `Always` for the tag `latest`, which is also that of an image without tag and digest (`parsers.ParseImageName`).
pub(in crate::demo) fn pull_policy(image: &str) -> &'static str {
    if image.contains('@') || !is_reference(image) {
        return "IfNotPresent";
    }
    let last = image.rsplit('/').next().unwrap_or_default();
    match last.split_once(':') {
        None | Some((_, "latest")) => "Always",
        Some(_) => "IfNotPresent",
    }
}

/// Whether a name is one of an image, as the grammar in `distribution/reference` has it, as far as names without a digest go.
fn is_reference(image: &str) -> bool {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        const PART: &str = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
        const LABEL: &str = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
        Regex::new(&format!(
            r"^(?:(?:{LABEL}(?:\.{LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?/)?{PART}(?:/{PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]*)?$"
        ))
        .ok()
    });
    let is_identifier = image.len() == 64 && image.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    // Counting in the expression would make it a hundred times as large.
    let has_long_tag = image.rsplit_once(':').is_some_and(|(_, tag)| !tag.contains('/') && tag.len() > 128);
    !is_identifier && !has_long_tag && FORM.as_ref().is_some_and(|form| form.is_match(image))
}
