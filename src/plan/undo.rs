//! Taking back what a plan did, and finishing what it could not: plans themselves.
//!
//! Only the fields that were changed are set back, value for value, and only where they still have the values that were given
//! to them; what somebody else has changed since is told, and set back only if that is asked for. What cannot honestly be
//! taken back is refused with the reason.

use serde_json::Value;

use super::edit::{self, Edit, Path, Segment};
use super::object::{self, ObjectRef, Target};
use super::record::Record;
use super::step::{Before, Change, Propagation, Step};
use super::{FIELD_MANAGER, Plan, Relation, Stage, mask, owned};

/// A step of an earlier plan that was taken, and its object as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// What was done.
    pub record: Record,
    /// The uid that the object got, if the step made it.
    pub made: String,
    /// The object now; `None`: it is not there.
    pub now: Option<Value>,
}

/// What is to be done about an earlier plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Take back what was done of it.
    Undo {
        /// Also where others have changed it since.
        also_theirs: bool,
    },
    /// Do what was not.
    Finish,
}

/// An earlier plan, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// Its name in the journal.
    pub id: String,
    /// Its title.
    pub title: String,
}

/// A plan that takes back the steps that were taken, the last first. `also_theirs`: fields that others have changed since are
/// set back, too.
pub fn undo(earlier: &Earlier, target: Target, taken: &[Taken], also_theirs: bool) -> Plan {
    let mut summary = Vec::new();
    let last = taken.iter().map(|taken| taken.record.stage).max().unwrap_or_default();
    let stages = (0..=last).rev().map(|stage| {
        let steps = taken.iter().filter(|taken| taken.record.stage == stage);
        Stage { steps: steps.filter_map(|taken| take_back(taken, also_theirs, &mut summary)).collect(), goal: None }
    });
    let stages: Vec<Stage> = stages.filter(|stage| !stage.steps.is_empty()).collect();
    let title = undone(&earlier.title);
    Plan { title, summary, target, stages, relation: Some(Relation::Undoes(earlier.id.clone())), ..Plan::default() }
}

/// What a plan is called that takes back another. Undo of undo is redo.
pub fn undone(title: &str) -> String {
    title.strip_prefix("Undo: ").map_or_else(
        || format!("Undo: {title}"),
        |title| title.strip_prefix("Redo: ").map_or_else(|| format!("Redo: {title}"), |title| format!("Undo: {title}")),
    )
}

fn take_back(taken: &Taken, also_theirs: bool, summary: &mut Vec<String>) -> Option<Step> {
    let record = &taken.record;
    let title = record.object.title();
    let step =
        |change, before| Some(Step { object: record.object.clone(), change, before, answer: None, source: None });
    if matches!(record.change, Change::Delete(_)) {
        return match (&taken.now, &record.whole) {
            (Some(now), _) if object::uid(now) == record.uid => {
                summary.push(format!("{title}: it is still being deleted, and nothing can call that back"));
                None
            }
            (Some(_), _) => {
                summary.push(format!("{title}: there is one again; it stays as it is"));
                None
            }
            _ if is_vessel(&record.object) => {
                summary.push(format!(
                    "{title}: what was in it is lost; it is not made again empty. If a snapshot was kept, `tenantry apply` makes it again"
                ));
                None
            }
            _ if record.withheld && (record.left_out.is_empty() || record.object.kind == "Secret") => {
                summary.push(format!("{title}: it held secrets, which are not kept; it cannot be made again"));
                None
            }
            (None, Some(whole)) => {
                if !record.left_out.is_empty() {
                    let what = record.left_out.join(", ");
                    summary.push(format!("{title}: {what} was secret and is not kept: it is made without that"));
                }
                summary.push(format!("{title} is made anew: with another uid, without its status and what it owned"));
                step(Change::Create(whole.clone()), Before::Absent)
            }
            (None, None) => {
                summary.push(format!("{title}: it is not known how it was; it cannot be made again"));
                None
            }
        };
    }
    let Some(now) = &taken.now else {
        let words =
            if record.makes() { "it is gone already" } else { "it has been deleted; there is nothing to set back" };
        summary.push(format!("{title}: {words}"));
        return None;
    };
    let known = if record.makes() { &taken.made } else { &record.uid };
    if known.as_str() != object::uid(now) {
        summary.push(format!("{title}: it was deleted and made anew since; it stays as it is"));
        return None;
    }
    if record.makes() {
        let others = others(record, now);
        if !others.is_empty() && !also_theirs {
            let (fields, by) = (fields(others.iter().map(|other| other.fields).sum()), owned::names(&others));
            summary.push(format!("{title}: {by} has set {fields} in it since it was made; it stays"));
            return None;
        }
        if is_vessel(&record.object) {
            summary.push(format!("{title} is deleted with everything in it"));
        }
        return step(Change::Delete(Propagation::Background), Before::Present(now.clone()));
    }
    let wanted = set_back(record, now, also_theirs, summary);
    let patch = edit::merge_patch(now, &wanted);
    let is_nothing = patch.as_object().is_some_and(serde_json::Map::is_empty);
    if is_nothing { None } else { step(Change::Merge(patch), Before::Present(now.clone())) }
}

/// The object with the fields of the record as they were before.
fn set_back(record: &Record, now: &Value, also_theirs: bool, summary: &mut Vec<String>) -> Value {
    let title = record.object.title();
    let mut wanted = now.clone();
    for edit @ Edit { path, before, after, secret, order, .. } in &record.edits {
        if *secret {
            summary.push(format!("{title}: {} was secret and is not kept; it stays as it is", edit::spell(path)));
        } else if edit.is_before(now) && !order {
            // Somebody did it already.
        } else if edit.is_after(now) || also_theirs || (*order && edit.is_before(now)) {
            if *before == Some(Value::Null) && path.iter().all(|segment| matches!(segment, Segment::Field(_))) {
                // In a merge patch null removes.
                summary.push(format!("{title}: {} was null, which cannot be sent; it is left out", edit::spell(path)));
            }
            edit.take_back(&mut wanted);
        } else if *order {
            if edit::get(now, path).is_some() {
                summary
                    .push(format!("{title}: {} stands in an order of somebody else's; it stays so", edit::spell(path)));
            }
        } else {
            let words = |value: Option<&Value>| words(&record.object.kind, now, path, value);
            let (live, after, before) = (words(edit::get(now, path)), words(after.as_ref()), words(before.as_ref()));
            let by = owned::last_writer(now, path).filter(|by| by != FIELD_MANAGER);
            let by = by.map(|by| format!(" (set by {by})")).unwrap_or_default();
            let path = edit::spell(path);
            summary.push(format!(
                "{title}: {path} is {live} now{by}, not {after} as it was set; it stays so (it was {before})"
            ));
        }
    }
    wanted
}

/// A value at a path of an object of `kind`, as it may be shown.
fn words(kind: &str, now: &Value, path: &Path, value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(value) if mask::hides(kind, now, path, value) => mask::mask(value),
        Some(value) => value.to_string(),
    }
}

/// Who else has written in an object that a step has made. Servers keep no record of an object that was made with nothing but a
/// name (kubernetes `managedfields/internal/skipnonapplied.go`): of such a one, what is in it now and was not sent is others'.
fn others(record: &Record, now: &Value) -> Vec<owned::Other> {
    let is_recorded =
        now.pointer("/metadata/managedFields").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    let Some(sent) = record.change.body().filter(|_| !is_recorded) else { return owned::others(now) };
    let given = ["uid", "creationTimestamp", "name", "namespace"];
    let is_theirs = |edit: &&Edit| {
        let is = |at: usize, name: &str| matches!(edit.path.get(at), Some(Segment::Field(field)) if field == name);
        let is_filled_in = ["apiVersion", "kind", "type"].iter().any(|name| is(0, name));
        let is_empty = edit.after.as_ref().is_some_and(|value| *value == serde_json::json!({}));
        !(is_filled_in || is_empty || is(0, "metadata") && given.iter().any(|name| is(1, name)))
    };
    let edits = edit::edits(&super::diff::without_bookkeeping(sent), &super::diff::without_bookkeeping(now));
    match edits.iter().filter(is_theirs).count() {
        0 => Vec::new(),
        fields => vec![owned::Other { manager: "somebody".to_owned(), fields }],
    }
}

fn fields(count: usize) -> String {
    if count == 1 { "1 field".to_owned() } else { format!("{count} fields") }
}

/// What others are in: to make it again would not bring those back.
fn is_vessel(object: &ObjectRef) -> bool {
    matches!(object.kind.as_str(), "Namespace" | "Tenant" | "CustomResourceDefinition")
}

/// How many fields others have changed since: whether it makes sense to ask for them, too.
pub fn theirs(taken: &[Taken]) -> usize {
    let of = |taken: &Taken| {
        let Some(now) = &taken.now else { return 0 };
        if taken.record.makes() {
            return others(&taken.record, now).iter().map(|other| other.fields).sum();
        }
        let is_theirs = |edit: &&Edit| !edit.secret && !edit.order && !edit.is_before(now) && !edit.is_after(now);
        taken.record.edits.iter().filter(is_theirs).count()
    };
    taken.iter().map(of).sum()
}

/// A plan of the steps that were not taken, against their objects as they are now.
pub fn finish(earlier: &Earlier, target: Target, open: &[(Record, Option<Value>)]) -> Plan {
    let mut summary = Vec::new();
    let last = open.iter().map(|(record, _)| record.stage).max().unwrap_or_default();
    let mut remaining = |(record, now): &(Record, Option<Value>)| {
        let title = record.object.title();
        let why_not = match (&record.change, now) {
            (Change::Apply { manifest: body, .. } | Change::Create(body), None)
                if record.withheld && mask::is_left_out(body) =>
            {
                Some("it holds secrets, which are not kept")
            }
            (Change::Merge(_), None) => Some("it is not there any more"),
            (Change::Delete(_), None) => Some("it is gone already"),
            (Change::Create(_), Some(_)) => Some("it is there already"),
            (Change::Delete(_) | Change::Merge(_), Some(now)) if object::uid(now) != record.uid => {
                Some("it was deleted and made anew since")
            }
            _ => None,
        };
        if let Some(why) = why_not {
            summary.push(format!("{title}: {why}; nothing is done"));
            return None;
        }
        let change = match now {
            Some(now) if record.withheld && record.change.body().is_some_and(mask::is_left_out) => {
                Change::Merge(rest(record, now, &mut summary)?)
            }
            _ => record.change.clone(),
        };
        let before = now.clone().map_or(Before::Absent, Before::Present);
        Some(Step { object: record.object.clone(), change, before, answer: None, source: None })
    };
    let stages: Vec<Stage> = (0..=last)
        .map(|stage| {
            let steps = open.iter().filter(|(record, _)| record.stage == stage);
            Stage { steps: steps.filter_map(&mut remaining).collect(), goal: None }
        })
        .filter(|stage| !stage.steps.is_empty())
        .collect();
    let impersonated =
        open.iter().filter_map(|(record, _)| Some((record.object.clone(), record.acting_as.clone()?))).collect();
    let relation = Some(Relation::Finishes(earlier.id.clone()));
    Plan {
        title: format!("Finish: {}", earlier.title),
        summary,
        target,
        stages,
        relation,
        impersonated,
        ..Plan::default()
    }
}

/// What of a change that is only known without its secrets can still be made: the fields that are not secret.
fn rest(record: &Record, now: &Value, summary: &mut Vec<String>) -> Option<Value> {
    let mut wanted = now.clone();
    for Edit { path, after, secret, .. } in &record.edits {
        if *secret {
            let path = edit::spell(path);
            summary.push(format!("{}: {path} was secret and is not kept; it stays as it is", record.object.title()));
        } else {
            edit::set(&mut wanted, path, after.as_ref());
        }
    }
    let patch = edit::merge_patch(now, &wanted);
    patch.as_object().is_some_and(|fields| !fields.is_empty()).then_some(patch)
}

#[cfg(test)]
mod tests {
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
        recorded["metadata"]["managedFields"] =
            json!([{"manager": "tenantry", "fieldsV1": {"f:spec": {"f:type": {}}}}]);
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
            let entry =
                json!({"manager": manager, "operation": "Update", "fieldsV1": {"f:data": {".": {}, "f:a": {}}}});
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
}
