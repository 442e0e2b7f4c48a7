//! Every object read back from real runs of Capsule 0.14 and 0.4.2 is read as what it is.

mod oldest;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{capsule, namespace, rbac, workload};
use crate::cluster::failure::{self, Asked};
use crate::world::identity::Place;
use crate::world::name::Interner;
use crate::world::tenant::TenantState;
use crate::world::trouble::TroubleKind;
use crate::world::workload::{WorkloadKind, WorkloadState};

fn samples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut files: Vec<PathBuf> = ["v0.14", "v0.4.2"]
        .iter()
        .flat_map(|era| fs::read_dir(root.join(era)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// The objects in a file: one, or the items of a list. Items of typed lists, and objects taken out of one, carry no kind of
/// their own: then the file's name tells it.
fn objects(file: &Path) -> Vec<(String, Value)> {
    let whole: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let named = if name.starts_with("pod-") { "Pod" } else { "" };
    let kind = whole["kind"].as_str().unwrap_or(named).to_owned();
    match whole.get("items").and_then(Value::as_array) {
        Some(items) => {
            let of =
                |item: &Value| item["kind"].as_str().map_or(kind.trim_end_matches("List").to_owned(), str::to_owned);
            items.iter().map(|item| (of(item), item.clone())).collect()
        }
        None => vec![(kind, whole)],
    }
}

#[test]
fn every_sample_is_read() {
    let mut names = Interner::default();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for file in samples() {
        for (kind, object) in objects(&file) {
            let bytes = serde_json::to_vec(&object).unwrap();
            let what = format!("{} in {}", kind, file.display());
            match kind.as_str() {
                "Tenant" => {
                    let tenant = capsule::decode_tenant(&bytes, &mut names).expect(&what);
                    assert_eq!(Some(&*tenant.name), object["metadata"]["name"].as_str(), "{what}");
                    assert!(!tenant.owners.is_empty() && tenant.created > 0, "{what}");
                }
                "Namespace" => {
                    let row = namespace::decode(&bytes, &mut names).expect(&what);
                    assert_eq!(row.is_terminating(), object["status"]["phase"] == "Terminating", "{what}");
                    assert!(row.tenant.is_some(), "{what}");
                }
                "RoleBinding" | "ClusterRoleBinding" => {
                    let row = rbac::decode_binding(&bytes, &mut names).expect(&what);
                    assert!(!row.subjects.is_empty() && row.role.cluster, "{what}");
                }
                "ClusterRole" | "Role" => {
                    assert!(!rbac::decode_role(&bytes, &mut names).expect(&what).rules.is_empty(), "{what}");
                }
                "CapsuleConfiguration" => {
                    let row = capsule::decode_configuration(&bytes, &mut names).expect(&what);
                    assert!(!row.users.is_empty(), "{what}");
                }
                "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => {
                    let validating = kind.starts_with('V');
                    let row = capsule::decode_webhooks(validating, &bytes, &mut names).expect(&what);
                    assert!(row.is_some_and(|row| row.hooks > 0 && row.fail_closed > 0), "{what}");
                }
                "Pod" => {
                    let row = workload::decode(WorkloadKind::Pod, &bytes, &mut names).expect(&what);
                    assert_eq!(row.state, WorkloadState::Ready, "{what}");
                }
                "Deployment" => {
                    let row = workload::decode(WorkloadKind::Deployment, &bytes, &mut names).expect(&what);
                    assert_eq!(row.state, WorkloadState::Failing, "{what}");
                }
                "Status" => status(&object, &bytes, &what),
                // Not shown by any pane yet; they must at least be objects with a name.
                _ => assert!(object["metadata"].is_object() || object.is_array(), "{what}"),
            }
            *seen.entry(kind).or_default() += 1;
        }
    }
    for kind in ["Tenant", "Namespace", "RoleBinding", "CapsuleConfiguration", "Status", "Pod", "Deployment"] {
        assert!(seen.contains_key(kind), "no sample of {kind}: {seen:?}");
    }
}

/// A refusal is told by who refused it, whatever its code: Capsule denies with 400, 403 and 500.
fn status(object: &Value, bytes: &[u8], what: &str) {
    let code = object["code"].as_u64().unwrap() as u16;
    let message = object["message"].as_str().unwrap();
    let place = Place::default();
    let trouble = failure::explain_answer(code, bytes, &Asked::new(&place, "change it"));
    let expected = if message.contains("denied the request:") {
        matches!(&trouble.kind, TroubleKind::Denied { webhook: Some(_) })
    } else if message.contains("failed calling webhook") {
        matches!(&trouble.kind, TroubleKind::WebhookDown { .. })
    } else if message.contains("exceeded quota") {
        matches!(&trouble.kind, TroubleKind::Denied { webhook: None })
    } else {
        matches!(&trouble.kind, TroubleKind::Forbidden(_))
    };
    assert!(expected, "{what}: {message} was taken for {:?}", trouble.kind);
}

#[test]
fn states_of_real_tenants_in_both_eras() {
    let mut names = Interner::default();
    let mut state = |file: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(file);
        let tenant = capsule::decode_tenant(&fs::read(path).unwrap(), &mut names).unwrap();
        tenant.state(&BTreeMap::new())
    };
    assert_eq!(state("v0.14/tenant-oil.json"), TenantState::Active);
    assert_eq!(state("v0.14/tenant-oil-cordoned.json"), TenantState::Cordoned);
    assert_eq!(state("v0.14/tenant-coal-terminating.json"), TenantState::Terminating);
    assert_eq!(state("v0.4.2/tenant-oil.json"), TenantState::Active);
    assert_eq!(state("v0.4.2/tenant-oil-cordoned.json"), TenantState::Cordoned);
}
