//! Pauses of random tenants, cut off anywhere and disturbed by others, against what was there before.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::kinds::kind_of;
use super::status::status;
use super::survey::{Found, Right, Space, Survey};
use super::*;
use crate::plan::Change;
use crate::world::capsule::Era;
use crate::world::pause::record::{PAUSED, Record};

/// A cluster that takes merge patches.
#[derive(Debug, Clone, PartialEq)]
struct Cluster(BTreeMap<String, Found>);

fn namespaced(base: &str, plural: &str, kind: &str, name: &str, value: &Value) -> Found {
    let object = ObjectRef::namespaced(base, plural, kind, "oil-web", name);
    Found { object, value: value.clone() }
}

fn deployment(name: &str, spec: &Value, annotations: &Value) -> Found {
    let value = json!({"metadata": {"name": name, "annotations": annotations}, "spec": spec});
    namespaced("/apis/apps/v1", "deployments", "Deployment", name, &value)
}

impl Cluster {
    fn of(found: Vec<Found>) -> Self {
        let tenant = json!({"metadata": {"name": "oil", "annotations": {}}, "spec": {"owners": []}});
        let space = json!({"metadata": {"name": "oil-web", "annotations": {}, "labels": {}}});
        let whole = [
            Found { object: tenant_ref("oil"), value: tenant },
            Found { object: namespace_ref("oil-web"), value: space },
        ];
        Self(whole.into_iter().chain(found).map(|found| (found.object.path(), found)).collect())
    }

    fn survey(&self) -> Survey {
        let is_whole = |found: &&Found| matches!(found.object.kind.as_str(), "Tenant" | "Namespace");
        let present = |object: ObjectRef| Before::Present(self.0[&object.path()].value.clone());
        Survey {
            era: Era::Dynamic,
            tenants: [("oil".to_owned(), present(tenant_ref("oil")))].into(),
            namespaces: vec![Space {
                name: "oil-web".into(),
                tenant: Some("oil".into()),
                object: present(namespace_ref("oil-web")),
            }],
            found: self.0.values().filter(|found| !is_whole(found)).cloned().collect(),
            ..Survey::default()
        }
    }

    fn made(&self, direction: Direction, options: Options) -> Made {
        let what = vec![What::Tenant { name: "oil".into(), known: Vec::new() }];
        let wish = Wish { what, direction, options, reason: "idle".into(), at: 1_796_023_800, hidden: 0 };
        plan(&wish, &self.survey(), Target { user: "ops".into(), ..Target::default() }).unwrap()
    }

    /// Takes the first steps of a plan, as the server would.
    fn take(&mut self, made: &Made, steps: usize) {
        for step in made.plan.steps().take(steps) {
            let path = step.object.path();
            match &step.change {
                Change::Merge(patch) => merge_into(&mut self.0.get_mut(&path).unwrap().value, patch),
                Change::Create(manifest) => {
                    self.0.insert(path, Found { object: step.object.clone(), value: manifest.clone() });
                }
                Change::Delete(_) => drop(self.0.remove(&path)),
                Change::Apply { .. } => unreachable!("nothing is applied"),
            }
        }
        // Capsule labels the namespaces of a cordoned tenant, and takes the labels away again.
        let cordoned = self.0[&tenant_ref("oil").path()].value.pointer("/spec/cordoned") == Some(&json!(true));
        let labelled = made.plan.steps().take(steps).any(|step| step.object.kind == "Namespace");
        if !labelled {
            let space = &mut self.0.get_mut(&namespace_ref("oil-web").path()).unwrap().value;
            merge_into(space, &cordon_label(cordoned));
        }
    }

    fn go(&mut self, direction: Direction) -> Made {
        let made = self.made(direction, Options::default());
        self.take(&made, usize::MAX);
        made
    }

    fn state(&self) -> PauseState {
        status(&What::Tenant { name: "oil".into(), known: Vec::new() }, &self.survey()).state
    }

    /// What others would miss, were it another: all but empty maps.
    fn kept(&self) -> BTreeMap<String, Value> {
        let mut kept = BTreeMap::new();
        for (path, found) in &self.0 {
            let mut value = found.value.clone();
            if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.retain(|_, value| *value != json!({}) && !value.is_null());
            }
            kept.insert(path.clone(), value);
        }
        kept
    }
}

/// RFC 7386.
fn merge_into(value: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *value = patch.clone();
        return;
    };
    if !value.is_object() {
        *value = json!({});
    }
    let map = value.as_object_mut().unwrap();
    for (key, patch) in patch {
        if patch.is_null() {
            map.remove(key);
        } else {
            merge_into(map.entry(key).or_insert(Value::Null), patch);
        }
    }
}

/// A workload of some kind, in some condition.
fn workload() -> impl Strategy<Value = (u8, Option<u8>, bool, bool)> {
    (0_u8..7, proptest::option::of(0_u8..5), proptest::bool::weighted(0.1), proptest::bool::weighted(0.2))
}

fn cluster() -> impl Strategy<Value = Cluster> {
    proptest::collection::vec(workload(), 0..9).prop_map(|workloads| {
        let mut found = Vec::new();
        for (at, (kind, count, excluded, scaled)) in workloads.into_iter().enumerate() {
            let name = format!("w{at}");
            let annotations = if excluded { json!({"tenantry.dev/pause-exclude": "true"}) } else { json!({}) };
            let replicas = count.map_or_else(|| json!({}), |count| json!({"replicas": count}));
            let value = |spec: Value| json!({"metadata": {"name": name, "annotations": annotations}, "spec": spec});
            let suspended =
                count.map_or_else(|| json!({"schedule": "0 * * * *"}), |count| json!({"suspend": count > 2}));
            found.push(match kind {
                0 | 1 => deployment(&name, &replicas, &annotations),
                2 => namespaced("/apis/apps/v1", "statefulsets", "StatefulSet", &name, &value(replicas)),
                3 => namespaced("/apis/apps/v1", "replicasets", "ReplicaSet", &name, &value(replicas)),
                4 => namespaced("/apis/batch/v1", "cronjobs", "CronJob", &name, &value(suspended)),
                5 => namespaced("/apis/argoproj.io/v1alpha1", "rollouts", "Rollout", &name, &value(replicas)),
                _ => namespaced("/api/v1", "replicationcontrollers", "ReplicationController", &name, &value(replicas)),
            });
            if kind < 2 {
                // Its controller copies annotations: see `Found::is_copy`.
                let owner = json!([{"kind": "Deployment", "name": name, "controller": true}]);
                let record = Record::new("0", "", "", "").about("replicas", json!(9), json!(1)).text();
                let metadata = json!({"name": name, "annotations": {PAUSED: record}, "ownerReferences": owner});
                let below = format!("{name}-7f9c");
                let set = json!({"metadata": metadata, "spec": {"replicas": 1}});
                found.push(namespaced("/apis/apps/v1", "replicasets", "ReplicaSet", &below, &set));
            }
            if scaled && kind < 2 {
                let target = json!({"scaleTargetRef": {"name": name}});
                let scaler = json!({"metadata": {"name": name, "annotations": {}}, "spec": target});
                found.push(namespaced("/apis/keda.sh/v1alpha1", "scaledobjects", "ScaledObject", &name, &scaler));
            }
            if scaled && kind == 2 {
                let target = json!({"scaleTargetRef": {"kind": "StatefulSet", "name": name}});
                let scaler = json!({"metadata": {"name": name}, "spec": target});
                let plural = "horizontalpodautoscalers";
                found.push(namespaced("/apis/autoscaling/v2", plural, "HorizontalPodAutoscaler", &name, &scaler));
            }
        }
        Cluster::of(found)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_resume_gives_back_what_a_pause_took(before in cluster()) {
        let mut cluster = before.clone();
        cluster.go(Direction::Pause);
        prop_assert_eq!(cluster.state(), PauseState::Paused);
        let again = cluster.made(Direction::Pause, Options::default());
        prop_assert_eq!(again.plan.steps().count(), 0, "a second pause does nothing: {:?}", again.plan);
        cluster.go(Direction::Resume);
        prop_assert_eq!(cluster.state(), PauseState::Active);
        prop_assert_eq!(cluster.kept(), before.kept());
        let again = cluster.made(Direction::Resume, Options::default());
        prop_assert_eq!(again.plan.steps().count(), 0, "a second resume does nothing: {:?}", again.plan);
    }

    #[test]
    fn a_pause_that_was_cut_off_can_be_finished_or_taken_back(before in cluster(), cut in 0_usize..14, finish: bool) {
        let mut cluster = before.clone();
        let made = cluster.made(Direction::Pause, Options::default());
        cluster.take(&made, cut);
        if finish {
            cluster.go(Direction::Pause);
            prop_assert_eq!(cluster.state(), PauseState::Paused);
        }
        cluster.go(Direction::Resume);
        prop_assert_eq!(cluster.kept(), before.kept());
    }

    #[test]
    fn a_resume_that_was_cut_off_can_be_finished_or_taken_back(before in cluster(), cut in 0_usize..14, back: bool) {
        let mut cluster = before.clone();
        cluster.go(Direction::Pause);
        let made = cluster.made(Direction::Resume, Options::default());
        cluster.take(&made, cut);
        if back {
            cluster.go(Direction::Pause);
            prop_assert_eq!(cluster.state(), PauseState::Paused);
        }
        cluster.go(Direction::Resume);
        prop_assert_eq!(cluster.kept(), before.kept());
    }

    #[test]
    fn what_others_set_meanwhile_stays(before in cluster(), number in 1_i64..9) {
        let mut cluster = before.clone();
        cluster.go(Direction::Pause);
        let held: Vec<String> = cluster
            .0
            .iter()
            .filter(|(_, found)| Record::of(&found.value).is_some() && found.object.kind == "Deployment")
            .map(|(path, _)| path.clone())
            .collect();
        for path in &held {
            merge_into(&mut cluster.0.get_mut(path).unwrap().value, &json!({"spec": {"replicas": number}}));
        }
        // A pause in between goes by the first record, and never by what it finds then.
        let mut paused = cluster.clone();
        paused.go(Direction::Pause);
        paused.go(Direction::Resume);
        prop_assert_eq!(paused.kept(), before.kept());
        cluster.go(Direction::Resume);
        for (path, found) in &cluster.0 {
            let meant = if held.contains(path) { json!({"replicas": number}) } else { before.0[path].value["spec"].clone() };
            prop_assert_eq!(&found.value["spec"], &meant);
            prop_assert!(found.is_copy() || Record::of(&found.value).is_none());
        }
    }

    #[test]
    fn one_namespace_goes_there_and_back(before in cluster()) {
        let mut cluster = before.clone();
        let what = || vec![What::Namespace("oil-web".into())];
        let wish = |direction| Wish {
            what: what(), direction, options: Options::default(), reason: String::new(), at: 1, hidden: 0,
        };
        let made = plan(&wish(Direction::Pause), &cluster.survey(), Target::default()).unwrap();
        cluster.take(&made, usize::MAX);
        prop_assert_eq!(status(&what()[0], &cluster.survey()).state, PauseState::Paused);
        prop_assert!(cluster.0[&tenant_ref("oil").path()].value.pointer("/spec/cordoned").is_none());
        let made = plan(&wish(Direction::Resume), &cluster.survey(), Target::default()).unwrap();
        cluster.take(&made, usize::MAX);
        prop_assert_eq!(cluster.kept(), before.kept());
    }
}

fn patch_of(made: &Made, title: &str) -> Value {
    let step = made.plan.steps().find(|step| step.object.title() == title);
    match step.map(|step| &step.change) {
        Some(Change::Merge(patch)) => patch.clone(),
        other => panic!("{title}: {other:?}\n{:#?}", made.plan.summary),
    }
}

#[test]
fn the_old_value_rides_in_the_same_patch() {
    let cluster = Cluster::of(vec![deployment("site", &json!({"replicas": 3}), &json!({}))]);
    let made = cluster.made(Direction::Pause, Options::default());
    let patch = patch_of(&made, "Deployment oil-web/site");
    assert_eq!(patch["spec"], json!({"replicas": 0}));
    let record = Record::read(patch["metadata"]["annotations"][PAUSED].as_str().unwrap()).unwrap();
    assert_eq!((record.was["replicas"].clone(), record.by.as_str(), record.reason.as_str()), (json!(3), "ops", "idle"));
    let order: Vec<String> = made.plan.steps().map(|step| step.object.title()).collect();
    let lock = "ResourceQuota oil-web/tenantry-pause";
    assert_eq!(order, ["Tenant oil", "Deployment oil-web/site", lock, "Tenant oil"]);
    assert!(made.plan.summary[0].starts_with("stops 1 Deployment"), "{:?}", made.plan.summary);
}

#[test]
fn what_would_lose_its_volumes_blocks() {
    let spec = json!({"replicas": 1, "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}});
    let value = json!({"metadata": {"name": "pg"}, "spec": spec});
    let cluster = Cluster::of(vec![namespaced("/apis/apps/v1", "statefulsets", "StatefulSet", "pg", &value)]);
    let made = cluster.made(Direction::Pause, Options::default());
    assert!(made.plan.blocks[0].contains("StatefulSet oil-web/pg deletes its volumes"), "{:?}", made.plan.blocks);
    assert!(!made.plan.is_ready());
    let spared = cluster.made(Direction::Pause, Options { spare_volumes: true, ..Options::default() });
    assert!(spared.plan.blocks.is_empty());
    assert!(spared.plan.steps().all(|step| step.object.kind != "StatefulSet" && step.object.kind != "ResourceQuota"));
}

#[test]
fn a_record_that_cannot_be_read_is_never_written_over() {
    let cluster = Cluster::of(vec![deployment("site", &json!({"replicas": 3}), &json!({PAUSED: "{"}))]);
    let made = cluster.made(Direction::Pause, Options::default());
    assert!(made.plan.blocks[0].contains("cannot be read"), "{:?}", made.plan.blocks);
    let made = cluster.made(Direction::Resume, Options::default());
    assert_eq!(made.plan.steps().count(), 0);
    assert!(made.plan.summary.iter().any(|line| line.contains("cannot be read")), "{:?}", made.plan.summary);
}

#[test]
fn keda_is_told_and_its_target_left_to_it() {
    let scaler = json!({"metadata": {"name": "s", "annotations": {}}, "spec": {"scaleTargetRef": {"name": "site"}}});
    let cluster = Cluster::of(vec![
        deployment("site", &json!({"replicas": 3}), &json!({})),
        namespaced("/apis/keda.sh/v1alpha1", "scaledobjects", "ScaledObject", "s", &scaler),
    ]);
    let made = cluster.made(Direction::Pause, Options::default());
    let patch = patch_of(&made, "ScaledObject oil-web/s");
    assert_eq!(patch["metadata"]["annotations"]["autoscaling.keda.sh/paused-replicas"], "0");
    assert!(made.plan.steps().all(|step| step.object.kind != "Deployment"));
    let goal = made.plan.stages.iter().find_map(|stage| stage.goal.as_ref());
    let awaited = format!("{goal:?}");
    assert!(awaited.contains("site"), "its pods are awaited: {awaited}");
}

#[test]
fn who_would_start_it_again_is_held() {
    let app = |automated: &Value| {
        let value = json!({"metadata": {"name": "shop", "annotations": {}}, "spec": {"syncPolicy": automated}});
        let object =
            ObjectRef::namespaced("/apis/argoproj.io/v1alpha1", "applications", "Application", "argocd", "shop");
        Found { object, value }
    };
    let notes = json!({"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:oil-web/site"});
    let site = deployment("site", &json!({"replicas": 3}), &notes);
    let cluster = Cluster::of(vec![site.clone(), app(&json!({"automated": {"selfHeal": true}}))]);
    let made = cluster.made(Direction::Pause, Options::default());
    let patch = patch_of(&made, "Application argocd/shop");
    assert_eq!(patch["metadata"]["annotations"]["argocd.argoproj.io/skip-reconcile"], "true");
    assert!(made.choices.iter().any(|(switch, ..)| *switch == Switch::Hold));
    let free = cluster.made(Direction::Pause, Options { hold: false, ..Options::default() });
    assert!(free.plan.summary.iter().any(|line| line.contains("will start them again")), "{:?}", free.plan.summary);
    let mut there = cluster.clone();
    there.go(Direction::Pause);
    there.go(Direction::Resume);
    assert_eq!(there.kept(), cluster.kept(), "it is let go again");
    // One that waits for a person does nothing by itself; one that cannot be read is told.
    let by_hand = Cluster::of(vec![site.clone(), app(&json!({}))]).made(Direction::Pause, Options::default());
    assert!(by_hand.plan.steps().all(|step| step.object.kind != "Application"));
    let unseen = Cluster::of(vec![site]).made(Direction::Pause, Options::default());
    assert!(
        unseen.plan.summary.iter().any(|line| line.contains("Argo CD app shop may start")),
        "{:?}",
        unseen.plan.summary
    );
}

#[test]
fn an_owner_pauses_without_the_cordon_and_is_told_so() {
    let cluster = Cluster::of(vec![deployment("site", &json!({"replicas": 3}), &json!({}))]);
    let mut survey = cluster.survey();
    let refused = Trouble::new(TroubleKind::Invalid, "alice may not get tenants");
    survey.tenants.insert("oil".into(), Before::Unreadable(refused));
    survey.lacking.insert(Right::Quota("oil-web".into()));
    let what = vec![What::Tenant { name: "oil".into(), known: vec!["oil-web".into()] }];
    let wish = Wish {
        what,
        direction: Direction::Pause,
        options: Options::default(),
        reason: String::new(),
        at: 0,
        hidden: 0,
    };
    let made = plan(&wish, &survey, Target::default()).unwrap();
    let kinds: Vec<&str> = made.plan.steps().map(|step| step.object.kind.as_str()).collect();
    assert_eq!(kinds, ["Deployment"]);
    for words in ["without the cordon", "may make no quota there"] {
        assert!(made.plan.summary.iter().any(|line| line.contains(words)), "{words}: {:?}", made.plan.summary);
    }
}

#[test]
fn a_namespaces_own_cordon_comes_back() {
    let mut cluster = Cluster::of(vec![deployment("site", &json!({"replicas": 3}), &json!({}))]);
    let space = namespace_ref("oil-web").path();
    merge_into(&mut cluster.0.get_mut(&space).unwrap().value, &cordon_label(true));
    let before = cluster.clone();
    // The label is there before and after: Capsule has taken it away in between.
    let made = cluster.made(Direction::Pause, Options::default());
    cluster.take(&made, usize::MAX);
    merge_into(&mut cluster.0.get_mut(&space).unwrap().value, &cordon_label(true));
    let made = cluster.made(Direction::Resume, Options::default());
    let again = made.plan.steps().find(|step| step.object.kind == "Namespace").map(|step| step.change.clone());
    assert_eq!(again, Some(Change::Merge(cordon_label(true))));
    cluster.take(&made, usize::MAX);
    assert_eq!(cluster.kept(), before.kept());
}

#[test]
fn others_pauses_are_resumed_as_far_as_their_records_tell() {
    let cluster = Cluster::of(vec![
        deployment("site", &json!({"replicas": 0}), &json!({"downscaler/original-replicas": "3"})),
        deployment("lost", &json!({"replicas": 0}), &json!({})),
    ]);
    let made = cluster.made(Direction::Resume, Options::default());
    let patch = patch_of(&made, "Deployment oil-web/site");
    assert_eq!(patch["spec"]["replicas"], 3);
    assert_eq!(patch["metadata"]["annotations"]["downscaler/original-replicas"], Value::Null);
    for words in
        ["was stopped by kube-downscaler: 3 replicas", "nothing tells what it was before: Deployment oil-web/lost"]
    {
        assert!(made.plan.summary.iter().any(|line| line.contains(words)), "{words}: {:?}", made.plan.summary);
    }
}

#[test]
fn missed_runs_are_told() {
    let record = Record::new("1", "2026-11-29T19:30:00Z", "ops", "").about("suspend", json!(false), json!(true));
    let value = json!({
        "metadata": {"name": "report", "annotations": {PAUSED: record.text()}},
        "spec": {"schedule": "0 * * * *", "suspend": true},
    });
    let cluster = Cluster::of(vec![namespaced("/apis/batch/v1", "cronjobs", "CronJob", "report", &value)]);
    let made = cluster.made(Direction::Resume, Options::default());
    let words = "CronJob oil-web/report has missed 12 runs; one starts at once";
    assert!(made.plan.summary.iter().any(|line| line == words), "{:?}", made.plan.summary);
}

#[test]
fn every_kind_that_is_read_can_be_named() {
    for (group, kind) in kinds::READ_BESIDES {
        assert!(kind_of(group, kind).is_none(), "{kind} is stopped, so it is read anyway");
    }
}
