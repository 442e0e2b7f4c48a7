use super::*;
use crate::plan::Answer;
use serde_json::json;

fn object(spec: &Value) -> Value {
    json!({"metadata": {"name": "site", "uid": "u", "resourceVersion": "1"}, "spec": spec})
}

fn taken(before: &Value, after: &Value, now: Option<Value>) -> Taken {
    let reference = ObjectRef::namespaced("/apis/apps/v1", "deployments", "Deployment", "oil-web", "site");
    let mut step = Step::merge(reference, edit::merge_patch(before, after), before.clone());
    step.answer = Some(Answer::WouldChange(after.clone()));
    Taken { record: Record::of(&step, 0), made: String::new(), now }
}

fn plan(taken: &[Taken], also_theirs: bool) -> Plan {
    let earlier = Earlier { id: "1".into(), title: "Scale".into() };
    undo(&earlier, Target::default(), taken, also_theirs)
}

#[test]
fn only_what_was_changed_and_is_still_so_is_set_back() {
    let (before, after) = (object(&json!({"replicas": 3, "a": 1})), object(&json!({"replicas": 0, "a": 2})));
    let now = object(&json!({"replicas": 5, "a": 2, "b": "theirs"}));
    let taken = [taken(&before, &after, Some(now))];
    let careful = plan(&taken, false);
    let changes: Vec<&Change> = careful.steps().map(|step| &step.change).collect();
    assert_eq!(changes, [&Change::Merge(json!({"spec": {"a": 1}}))]);
    assert_eq!(
        careful.summary,
        ["Deployment oil-web/site: spec.replicas is 5 now, not 0 as it was set; it stays so (it was 3)"]
    );
    assert_eq!(theirs(&taken), 1);
    let all = plan(&taken, true);
    assert_eq!(all.steps().next().unwrap().change, Change::Merge(json!({"spec": {"a": 1, "replicas": 3}})));
    assert_eq!(all.title, "Undo: Scale");
}

#[test]
fn what_is_another_object_by_now_stays() {
    let (before, after) = (object(&json!({"replicas": 3})), object(&json!({"replicas": 0})));
    let mut other = after.clone();
    other["metadata"]["uid"] = json!("another");
    for (now, words) in [(Some(other), "made anew since"), (None, "has been deleted")] {
        let plan = plan(&[taken(&before, &after, now)], true);
        assert_eq!(plan.steps().count(), 0);
        assert!(plan.summary[0].contains(words), "{:?}", plan.summary);
    }
}

#[test]
fn what_was_made_is_deleted_and_what_was_deleted_is_made() {
    let reference = ObjectRef::namespaced("/api/v1", "services", "Service", "oil-web", "site");
    let live = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "site", "uid": "u", "resourceVersion": "9"}, "spec": {"clusterIP": "10.0.0.1", "type": "ClusterIP"}});
    let step = |change, before| Step { object: reference.clone(), change, before, answer: None, source: None };
    let mut recorded = live.clone();
    recorded["metadata"]["managedFields"] = json!([{"manager": "tenantry", "fieldsV1": {"f:spec": {"f:type": {}}}}]);
    let made = Taken {
        record: Record::of(&step(Change::Create(json!({})), Before::Absent), 0),
        made: "u".into(),
        now: Some(recorded),
    };
    let back = plan(&[made], false);
    let step_back = back.steps().next().unwrap();
    assert_eq!(step_back.change, Change::Delete(Propagation::Background));
    assert_eq!(step_back.body()["preconditions"], json!({"uid": "u", "resourceVersion": "9"}));
    let deleted = Taken {
        record: Record::of(&step(Change::Delete(Propagation::Background), Before::Present(live)), 0),
        made: String::new(),
        now: None,
    };
    let back = plan(&[deleted], false);
    let manifest =
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "site"}, "spec": {"type": "ClusterIP"}});
    assert_eq!(back.steps().next().unwrap().change, Change::Create(manifest));
}

/// A Deployment with a literal secret in its environment.
fn site(image: &str, password: &str) -> Value {
    object(&json!({"template": {"spec": {"containers": [{
        "name": "web", "image": image, "env": [{"name": "DB_PASSWORD", "value": password}],
    }]}}}))
}

/// A step as another run reads it from the journal.
fn from_journal(before: &Value, after: &Value) -> Record {
    let reference = ObjectRef::namespaced("/apis/apps/v1", "deployments", "Deployment", "oil-web", "site");
    let mut step = Step::merge(reference, edit::merge_patch(before, after), before.clone());
    step.answer = Some(Answer::WouldChange(after.clone()));
    let text = serde_json::to_string(&Record::of(&step, 0).masked(before, after)).unwrap();
    assert!(!text.contains("hunter"), "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn what_is_not_secret_is_taken_back_by_another_run_too() {
    let (before, after) = (site("web:1", "hunter2"), site("web:2", "hunter2"));
    let record = from_journal(&before, &after);
    let taken = Taken { record: record.clone(), made: String::new(), now: Some(after.clone()) };
    let back = plan(&[taken], false);
    let image = |change: &Change| match change {
        Change::Merge(patch) => patch.pointer("/spec/template/spec/containers/0").cloned(),
        _ => None,
    };
    let container = image(&back.steps().next().unwrap().change).unwrap();
    assert_eq!(
        container,
        json!({"name": "web", "image": "web:1", "env": [{"name": "DB_PASSWORD", "value": "hunter2"}]})
    );
    assert_eq!(back.summary, Vec::<String>::new());
    let earlier = Earlier { id: "1".into(), title: "Image".into() };
    let on = finish(&earlier, Target::default(), &[(record, Some(before.clone()))]);
    assert_eq!(image(&on.steps().next().unwrap().change).unwrap()["image"], "web:2");
    // What is secret is said not to be kept, and the rest is taken back.
    let after = site("web:2", "hunter3");
    let taken = Taken { record: from_journal(&before, &after), made: String::new(), now: Some(after) };
    let back = plan(&[taken], false);
    let container = image(&back.steps().next().unwrap().change).unwrap();
    assert_eq!((&container["image"], &container["env"][0]["value"]), (&json!("web:1"), &json!("hunter3")));
    assert!(back.summary[0].ends_with("env[DB_PASSWORD].value was secret and is not kept; it stays as it is"));
}

#[test]
fn what_was_deleted_is_made_again_without_its_secrets_and_says_so() {
    let before = site("web:1", "hunter2");
    let reference = ObjectRef::namespaced("/apis/apps/v1", "deployments", "Deployment", "oil-web", "site");
    let step = Step {
        object: reference,
        change: Change::Delete(Propagation::Background),
        before: Before::Present(before.clone()),
        answer: None,
        source: None,
    };
    let record = Record::of(&step, 0).masked(&before, &Value::Null);
    let back = plan(&[Taken { record, made: String::new(), now: None }], false);
    let Change::Create(made) = &back.steps().next().unwrap().change else { panic!("{back:?}") };
    assert_eq!(made.pointer("/spec/template/spec/containers/0/env"), Some(&json!([{"name": "DB_PASSWORD"}])));
    assert!(back.summary[0].ends_with("is not kept: it is made without that"), "{:?}", back.summary);
}

#[test]
fn secrets_that_others_have_changed_are_not_told() {
    let (before, after) = (site("web:1", "hunter2"), site("web:1", "hunter3"));
    let mut record = from_journal(&before, &after);
    // This run knows it all.
    record.edits = edit::edits(&before, &after);
    let taken = Taken { record, made: String::new(), now: Some(site("web:1", "hunter4")) };
    let back = plan(&[taken], false);
    assert!(back.summary[0].contains("(masked) 7 bytes now"), "{:?}", back.summary);
    assert!(!back.summary[0].contains("hunter"), "{:?}", back.summary);
}

#[test]
fn what_others_have_put_into_what_was_made_is_not_deleted_with_it() {
    let reference = ObjectRef::namespaced("/api/v1", "configmaps", "ConfigMap", "oil-web", "site");
    let step = Step {
        object: reference,
        change: Change::Create(json!({})),
        before: Before::Absent,
        answer: None,
        source: None,
    };
    let now = |manager: &str| {
        let entry = json!({"manager": manager, "operation": "Update", "fieldsV1": {"f:data": {".": {}, "f:a": {}}}});
        json!({"metadata": {"uid": "u", "resourceVersion": "2", "managedFields": [entry]}})
    };
    let made = |manager: &str| Taken { record: Record::of(&step, 0), made: "u".into(), now: Some(now(manager)) };
    for (manager, deletes) in [("kube-controller-manager", 1), ("capsule", 1), ("kubectl-edit", 0)] {
        assert_eq!(plan(&[made(manager)], false).steps().count(), deletes, "{manager}");
    }
    let edited = made("kubectl-edit");
    assert_eq!(
        plan(std::slice::from_ref(&edited), false).summary,
        ["ConfigMap oil-web/site: kubectl-edit has set 1 field in it since it was made; it stays"]
    );
    assert_eq!(theirs(std::slice::from_ref(&edited)), 1);
    assert_eq!(plan(&[edited], true).steps().count(), 1);
}

/// The server records nobody as the writer of an object without anything in it.
#[test]
fn what_was_made_empty_is_deleted_unless_others_have_put_something_in() {
    let reference = ObjectRef::namespaced("/api/v1", "serviceaccounts", "ServiceAccount", "oil-web", "site");
    let step = Step {
        object: reference,
        change: Change::Create(json!({"metadata": {"name": "site"}, "imagePullSecrets": [], "spec": {"hard": {}}})),
        before: Before::Absent,
        answer: None,
        source: None,
    };
    for (more, deletes) in [
        (json!({}), 1),
        (json!({"spec": {}}), 1),
        (json!({"spec": {"hard": {}}, "imagePullSecrets": []}), 1),
        (json!({"spec": {"hard": {"pods": "1"}}}), 0),
        (json!({"imagePullSecrets": [{"name": "a"}]}), 0),
    ] {
        let mut now = json!({"metadata": {"name": "site", "uid": "u", "resourceVersion": "2"}});
        for (field, value) in more.as_object().unwrap() {
            now[field] = value.clone();
        }
        let made = Taken { record: Record::of(&step, 0), made: "u".into(), now: Some(now) };
        assert_eq!(plan(&[made], false).steps().count(), deletes, "{more}");
    }
}

#[test]
fn a_deletion_can_be_finished_without_knowing_what_was_secret_in_it() {
    let reference = ObjectRef::namespaced("/api/v1", "secrets", "Secret", "oil-web", "key");
    let now = json!({"metadata": {"uid": "u", "resourceVersion": "2"}, "data": {"a": "b25l"}});
    let step = |change| Step {
        object: reference.clone(),
        change,
        before: Before::Present(now.clone()),
        answer: None,
        source: None,
    };
    let earlier = Earlier { id: "1".into(), title: "Anything".into() };
    let open = |change| (Record::of(&step(change), 0).masked(&now, &Value::Null), Some(now.clone()));
    let finished = |change| finish(&earlier, Target::default(), &[open(change)]).steps().count();
    assert_eq!(finished(Change::Delete(Propagation::Background)), 1);
    assert_eq!(finished(Change::Merge(json!({"data": {"a": "dHdv"}}))), 0);
    assert_eq!(finished(Change::Merge(json!({"metadata": {"labels": {"a": "b"}}}))), 1);
}

#[test]
fn what_is_secret_and_was_changed_by_others_is_told_without_it() {
    let of = |value: &str| json!({"metadata": {"uid": "u"}, "data": {"a": value}});
    let reference = ObjectRef::namespaced("/api/v1", "secrets", "Secret", "oil-web", "key");
    let mut step = Step::merge(reference, json!({}), of("b25l"));
    step.answer = Some(Answer::WouldChange(of("dHdv")));
    let taken = Taken { record: Record::of(&step, 0), made: String::new(), now: Some(of("dGhlaXJz")) };
    let told = plan(&[taken], false).summary.join("\n");
    assert!(told.contains("data.a is (masked) 8 bytes now"), "{told}");
    assert!(!["b25l", "dHdv", "dGhlaXJz"].iter().any(|secret| told.contains(secret)), "{told}");
}

#[test]
fn a_namespace_is_not_made_again_empty() {
    let reference = ObjectRef::cluster("/api/v1", "namespaces", "Namespace", "oil-web");
    let step = Step {
        object: reference,
        change: Change::Delete(Propagation::Background),
        before: Before::Present(object(&json!({}))),
        answer: None,
        source: None,
    };
    let deleted = Taken { record: Record::of(&step, 0), made: String::new(), now: None };
    let back = plan(&[deleted], false);
    assert_eq!(back.steps().count(), 0);
    assert!(back.summary[0].contains("what was in it is lost"));
}
