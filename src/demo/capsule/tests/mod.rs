//! Capsule by hand's clock: what owners may, what a cordon refuses, how a tenant ends; the texts are those of the samples.

mod tenants;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{TENANT_LABEL, TENANTS};
use crate::demo::access::User;
use crate::demo::clock::Clock;
use crate::demo::life::nature::Nature;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Registry};
use crate::demo::schema::Era;
use crate::demo::status::Status;
use crate::demo::{install, life};

const ERAS: [Era; 2] = [Era::V0_14, Era::V0_4];

/// A fresh cluster with a tenant `oil` of alice's and `gas` of bob's.
fn cluster(era: Era) -> Registry {
    let mut registry = Registry::new(era, Clock::Hand(Timestamp::from_second(1_790_000_000).unwrap()), 1);
    registry.nature = Nature::BARE;
    install::install(&mut registry);
    for (name, owner) in [("oil", "alice"), ("gas", "bob")] {
        tenant(&mut registry, name, &json!({"owners": [{"kind": "User", "name": owner}]}));
    }
    wait(&mut registry, 2_000);
    registry
}

fn tenant(registry: &mut Registry, name: &str, spec: &Value) {
    let object = json!({"metadata": {"name": name}, "spec": spec});
    registry.create(&mut admin(), TENANTS, object).unwrap();
}

fn user(name: &str, groups: &[&str]) -> Caller {
    let groups = groups.iter().chain(&["system:authenticated"]).map(ToString::to_string).collect();
    Caller::new(User { name: name.to_owned(), groups, ..User::default() }, "kubectl")
}

pub(in crate::demo::capsule) fn admin() -> Caller {
    user("admin", &["system:masters"])
}

/// Makes an object, which may lack what its kind is called.
pub(in crate::demo::capsule) fn make(registry: &mut Registry, resource: &str, mut object: Value) -> Object {
    let kind = registry.kind(resource).unwrap();
    object.set(&["apiVersion"], kind.api_version());
    object.set(&["kind"], kind.kind.clone());
    Arc::unwrap_or_clone(registry.create(&mut admin(), resource, object).unwrap())
}

/// An owner, in the group of both eras.
fn owner(name: &str) -> Caller {
    user(name, &["projectcapsule.dev", "capsule.clastix.io"])
}

fn wait(registry: &mut Registry, milliseconds: i64) {
    let end = registry.now() + SignedDuration::from_millis(milliseconds);
    while let Some(at) = registry.agenda.next().filter(|at| *at <= end) {
        let now = registry.now();
        registry.clock.advance(at.duration_since(now).max(SignedDuration::ZERO));
        life::run(registry);
    }
    let now = registry.now();
    registry.clock.advance(end.duration_since(now));
}

fn make_namespace(registry: &mut Registry, by: &Caller, name: &str) -> Result<Arc<Object>, Status> {
    registry.create(&mut by.clone(), "namespaces", json!({"metadata": {"name": name}}))
}

fn set_cordon(registry: &mut Registry, name: &str, wish: bool) {
    registry.change(&admin(), TENANTS, "", "", name, |tenant| tenant.set(&["spec", "cordoned"], wish)).unwrap();
}

fn write(registry: &mut Registry, by: &Caller) -> Result<Arc<Object>, Status> {
    let object = json!({"metadata": {"name": "keep", "namespace": "oil-web"}, "data": {"a": "b"}});
    let mut by = by.clone();
    by.dry_run = true;
    registry.create(&mut by, "configmaps", object)
}

/// The text of a sample, by era.
fn sample(era: Era, name: &str) -> (u16, String) {
    let text = match (era, name) {
        (Era::V0_14, "cordon") => include_str!("../../../../tests/samples/v0.14/status-cordon-denied.json"),
        (Era::V0_14, "create") => include_str!("../../../../tests/samples/v0.14/status-ns-create-cordoned.json"),
        (Era::V0_14, "quota") => include_str!("../../../../tests/samples/v0.14/status-nsquota-denied.json"),
        (Era::V0_14, _) => include_str!("../../../../tests/samples/v0.14/status-tenant-protected.json"),
        (Era::V0_4, "cordon") => include_str!("../../../../tests/samples/v0.4.2/status-cordon-denied.json"),
        (Era::V0_4, "create") => include_str!("../../../../tests/samples/v0.4.2/status-ns-create-cordoned.json"),
        (Era::V0_4, "quota") => include_str!("../../../../tests/samples/v0.4.2/status-nsquota-denied.json"),
        (Era::V0_4, _) => include_str!("../../../../tests/samples/v0.4.2/status-tenant-protected.json"),
    };
    let status: Value = serde_json::from_str(text).unwrap();
    (status["code"].as_u64().unwrap() as u16, status["message"].as_str().unwrap().to_owned())
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Status>) -> (u16, String) {
    let status = result.unwrap_err();
    (status.code, status.message)
}

#[test]
fn an_owner_makes_a_namespace_and_gets_rights_in_it() {
    for era in ERAS {
        let mut registry = cluster(era);
        let namespace = make_namespace(&mut registry, &owner("alice"), "oil-web").unwrap();
        let reference = &namespace.owners()[0];
        assert_eq!(reference.text(&["name"]), Some("oil"));
        assert_eq!(reference.flag(&["controller"]), era == Era::V0_4, "{era:?}");
        assert_eq!(registry.list(BINDINGS, Some("oil-web")).count(), 0, "rights come later");
        wait(&mut registry, 2_000);
        let roles: Vec<String> = registry
            .list(BINDINGS, Some("oil-web"))
            .map(|binding| binding.text(&["roleRef", "name"]).unwrap().to_owned())
            .collect();
        assert_eq!(roles.len(), 2);
        assert!(roles.contains(&"admin".to_owned()) && roles.contains(&"capsule-namespace-deleter".to_owned()));
        let namespace = registry.get("namespaces", "", "oil-web").unwrap();
        assert_eq!(namespace.label(TENANT_LABEL), Some("oil"));
        let tenant = registry.get(TENANTS, "", "oil").unwrap();
        assert_eq!(tenant.int(&["status", "size"]), Some(1));
        assert_eq!(tenant.list(&["status", "spaces"]).len(), usize::from(era == Era::V0_14));
    }
}

const BINDINGS: &str = "rolebindings.rbac.authorization.k8s.io";

#[test]
fn binding_names_are_those_of_the_sample() {
    let mut registry = cluster(Era::V0_14);
    make_namespace(&mut registry, &owner("alice"), "oil-web").unwrap();
    wait(&mut registry, 2_000);
    let names: Vec<String> = registry.list(BINDINGS, Some("oil-web")).map(|one| one.name().to_owned()).collect();
    assert_eq!(names, ["capsule:managed:286b623af2586c63", "capsule:managed:f93a4d3523f699fb"]);
}

#[test]
fn who_owns_nothing_makes_no_namespace() {
    for era in ERAS {
        let mut registry = cluster(era);
        let (code, message) = refusal(make_namespace(&mut registry, &owner("carol"), "x"));
        assert_eq!(code, 403);
        assert!(
            message.ends_with("You do not have any Tenant assigned: please, reach out to the system administrators")
        );
        // Whoever is no user of Capsule's is none of its business.
        assert!(make_namespace(&mut registry, &user("dave", &[]), "y").unwrap().owners().is_empty());
    }
}

#[test]
fn a_cordon_refuses_people_and_lets_administrators_through() {
    for era in ERAS {
        let mut registry = cluster(era);
        make_namespace(&mut registry, &owner("alice"), "oil-web").unwrap();
        wait(&mut registry, 2_000);
        assert!(write(&mut registry, &owner("alice")).is_ok());
        set_cordon(&mut registry, "oil", true);
        wait(&mut registry, 1_000);
        let status: Option<String> =
            registry.get(TENANTS, "", "oil").unwrap().text(&["status", "state"]).map(str::to_owned);
        assert_eq!(status.as_deref(), Some("Cordoned"));
        let (code, message) = refusal(write(&mut registry, &owner("alice")));
        let (sample_code, sample_message) = sample(era, "cordon");
        assert_eq!(code, sample_code);
        assert_eq!(message, sample_message.replace("UPDATE", "CREATE"), "{era:?}");
        assert!(write(&mut registry, &admin()).is_ok(), "administrators write");
        assert_eq!(refusal(make_namespace(&mut registry, &owner("alice"), "oil-new")), sample(era, "create"));
        set_cordon(&mut registry, "oil", false);
        wait(&mut registry, 1_000);
        assert!(write(&mut registry, &owner("alice")).is_ok());
    }
}

#[test]
fn a_cordon_that_is_lifted_at_once_leaves_nothing() {
    for era in ERAS {
        for pause in (0..400).step_by(20) {
            let mut registry = cluster(era);
            make_namespace(&mut registry, &owner("alice"), "oil-web").unwrap();
            wait(&mut registry, 2_000);
            set_cordon(&mut registry, "oil", true);
            wait(&mut registry, pause);
            set_cordon(&mut registry, "oil", false);
            wait(&mut registry, 1_000);
            assert!(write(&mut registry, &owner("alice")).is_ok(), "{era:?}, lifted after {pause} ms");
        }
    }
}

#[test]
fn a_namespace_of_its_own_is_cordoned_by_its_label() {
    let mut registry = cluster(Era::V0_14);
    for name in ["oil-web", "oil-db"] {
        make_namespace(&mut registry, &owner("alice"), name).unwrap();
    }
    wait(&mut registry, 2_000);
    let label = |registry: &mut Registry, value: &str| {
        registry
            .change(&owner("alice"), "namespaces", "", "", "oil-web", |namespace| {
                namespace.set(&["metadata", "labels", super::CORDONED_LABEL], value);
            })
            .unwrap();
        wait(registry, 1_000);
    };
    label(&mut registry, "true");
    assert!(write(&mut registry, &owner("alice")).is_err());
    let tenant = registry.get(TENANTS, "", "oil").unwrap();
    assert_eq!(tenant.text(&["status", "state"]), Some("Active"));
    // Cordoning and uncordoning the tenant wipes it.
    set_cordon(&mut registry, "oil", true);
    wait(&mut registry, 1_000);
    set_cordon(&mut registry, "oil", false);
    wait(&mut registry, 1_000);
    assert!(write(&mut registry, &owner("alice")).is_ok());
}

#[test]
fn quotas_and_protection_are_told_in_their_words() {
    for era in ERAS {
        let mut registry = cluster(era);
        let spec = json!({
            "owners": [{"kind": "User", "name": "erin"}], "namespaceOptions": {"quota": 1}, "preventDeletion": true,
        });
        tenant(&mut registry, "sun", &spec);
        make_namespace(&mut registry, &owner("erin"), "sun-a").unwrap();
        assert_eq!(refusal(make_namespace(&mut registry, &owner("erin"), "sun-b")), sample(era, "quota"));
        let mut dry = admin();
        dry.dry_run = true;
        let deleted = registry.delete(&mut dry, TENANTS, "", "sun", &Deletion::default());
        assert_eq!(refusal(deleted), sample(era, "protected"));
    }
}

#[test]
fn a_foreign_namespace_cannot_be_taken() {
    let mut registry = cluster(Era::V0_14);
    make_namespace(&mut registry, &owner("bob"), "gas-web").unwrap();
    wait(&mut registry, 2_000);
    let label = &mut |namespace: &Object| {
        let mut namespace = namespace.clone();
        namespace.set(&["metadata", "labels", "mine"], "yes");
        Ok(namespace)
    };
    let mut update = |by: &Caller, name: &str| registry.update(&mut by.clone(), "namespaces", "", "", name, label);
    let (code, message) = refusal(update(&owner("alice"), "gas-web"));
    assert_eq!(code, 403);
    assert!(message.ends_with("denied patch request for this namespace"), "{message}");
    let (_, message) = refusal(update(&owner("alice"), "default"));
    assert!(message.ends_with("namespace is not owned by any tenant"), "{message}");
    assert!(update(&admin(), "gas-web").is_ok(), "ordinary labels are an administrator's to set");
    let with_label = json!({"metadata": {"name": "stray", "labels": {TENANT_LABEL: "gas"}}});
    let (code, message) = refusal(registry.create(&mut admin(), "namespaces", with_label));
    assert_eq!(code, 500);
    assert!(message.ends_with("namespace has tenant label \"gas\" but no Tenant ownerReference"), "{message}");
}

#[test]
fn what_is_the_controllers_comes_back() {
    let mut registry = cluster(Era::V0_14);
    make_namespace(&mut registry, &owner("alice"), "oil-web").unwrap();
    wait(&mut registry, 2_000);
    let name = registry.list(BINDINGS, Some("oil-web")).next().unwrap().name().to_owned();
    let deleted = registry.delete(&mut admin(), BINDINGS, "oil-web", &name, &Deletion::default());
    let (code, message) = refusal(deleted);
    assert_eq!(code, 403);
    assert!(message.contains("can only be done by the controller or administrators"), "{message}");
    // Administrators of Capsule may; then it is made anew.
    let users = json!([{"kind": "User", "name": "ops"}]);
    registry
        .change(&admin(), "capsuleconfigurations.capsule.clastix.io", "", "", "default", |configuration| {
            configuration.set(&["spec", "administrators"], users);
        })
        .unwrap();
    let mut ops = user("ops", &["system:masters"]);
    registry.delete(&mut ops, BINDINGS, "oil-web", &name, &Deletion::default()).unwrap();
    assert!(!registry.has(BINDINGS, "oil-web", &name));
    wait(&mut registry, 1_000);
    assert!(registry.has(BINDINGS, "oil-web", &name));
}

#[test]
fn a_tenant_ends_with_its_namespaces_and_what_holds_them() {
    for era in ERAS {
        let mut registry = cluster(era);
        make_namespace(&mut registry, &owner("alice"), "oil-web").unwrap();
        wait(&mut registry, 2_000);
        let held = json!({
            "metadata": {"name": "held", "namespace": "oil-web", "finalizers": ["example.net/hold"]},
        });
        if era == Era::V0_14 {
            registry.create(&mut admin(), "configmaps", held).unwrap();
        }
        registry.delete(&mut admin(), TENANTS, "", "oil", &Deletion::default()).unwrap();
        wait(&mut registry, 3_000);
        let is_there = registry.has(TENANTS, "", "oil");
        assert_eq!(is_there, era == Era::V0_14, "the new era waits for its namespaces");
        if era == Era::V0_14 {
            let tenant = registry.get(TENANTS, "", "oil").unwrap();
            assert_eq!(tenant.text(&["status", "state"]), Some("Terminating"));
        }
        wait(&mut registry, 30_000);
        assert!(!registry.has(TENANTS, "", "oil"), "{era:?}");
        assert!(!registry.has("namespaces", "", "oil-web"), "{era:?}: the finalizer was stripped");
    }
}

#[test]
fn a_dry_run_leaves_its_event_and_nothing_else() {
    let mut registry = cluster(Era::V0_14);
    let mut dry = owner("alice");
    dry.dry_run = true;
    registry.create(&mut dry, "namespaces", json!({"metadata": {"name": "oil-web"}})).unwrap();
    assert!(!registry.has("namespaces", "", "oil-web"));
    let event =
        registry.list("events", Some("default")).find(|event| event.text(&["reason"]) == Some("TenantAssigned"));
    let event = event.unwrap();
    assert_eq!(event.annotation("audit.projectcapsule.dev/username"), Some("alice"));
    assert_eq!(event.text(&["involvedObject", "name"]), Some("oil-web"));
}
