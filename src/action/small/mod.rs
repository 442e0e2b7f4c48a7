//! Small changes of what is selected, as the command line names them: `:scale 3`, `:label team=red`. One file each. Pure.
//!
//! A change says what an object is to become; the plan sends what is another. A new one is one file here and one line in
//! [`ALL`]: command line, completion and help follow.

mod annotate;
mod binding;
mod host;
mod image;
mod label;
mod owner;
pub(super) mod people;
mod quota;
mod restart;
mod scale;
mod suspend;

use serde_json::Value;

use crate::plan::edit::merge_patch;
use crate::plan::{Before, ObjectRef, Plan, Stage, Step, Target, mask};
use crate::world::trouble::{Trouble, TroubleKind};

/// A small change.
#[derive(Debug)]
pub struct Small {
    /// The word on the command line.
    pub word: &'static str,
    /// What stands behind it.
    pub argument: &'static str,
    /// What it does, in words.
    pub meaning: &'static str,
    /// Makes an object of a kind what it is to become; or says why that makes no sense.
    pub make: fn(&mut Value, &Asked<'_>) -> Result<(), String>,
}

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The object's kind.
    pub kind: &'a str,
    /// The words behind the word.
    pub arguments: &'a [String],
    /// Now (Unix seconds).
    pub now: i64,
}

/// All small changes.
pub const ALL: &[Small] = &[
    scale::SCALE,
    image::IMAGE,
    restart::RESTART,
    suspend::SUSPEND,
    suspend::UNSUSPEND,
    label::LABEL,
    annotate::ANNOTATE,
    owner::OWNER,
    owner::NO_OWNER,
    binding::BINDING,
    binding::NO_BINDING,
    quota::QUOTA,
    host::HOST,
    host::NO_HOST,
];

/// The change of this word.
pub fn named(word: &str) -> Option<&'static Small> {
    ALL.iter().find(|small| small.word == word)
}

/// The plan that makes the change to all of these. `hidden`: how many of them a filter hides.
pub fn plan(
    small: &Small,
    arguments: &[String],
    found: Vec<(ObjectRef, Before)>,
    hidden: usize,
    now: i64,
    target: Target,
) -> Result<Plan, Trouble> {
    let wrong = |words: String| Trouble::new(TroubleKind::Invalid, words);
    let mut steps = Vec::new();
    for (object, before) in found {
        let old = match before {
            Before::Present(old) => old,
            Before::Absent => return Err(wrong(format!("{} is gone", object.title()))),
            Before::Unreadable(trouble) => return Err(trouble),
        };
        let mut new = old.clone();
        let asked = Asked { kind: &object.kind, arguments, now };
        (small.make)(&mut new, &asked).map_err(|why| {
            wrong(format!("{}: {why}", object.title())).advise(format!(":{} {}", small.word, small.argument))
        })?;
        steps.push(Step::merge(object, merge_patch(&old, &new), old));
    }
    // The title is shown, and written down.
    let shown: Vec<String> = arguments.iter().map(|argument| mask::annotation(argument)).collect();
    let words = if shown.is_empty() { String::new() } else { format!(": {}", shown.join(" ")) };
    let title = match steps.as_slice() {
        [step] => format!("{} {}{words}", capital(small.word), step.object.title()),
        steps => format!("{} {} objects{words}", capital(small.word), steps.len()),
    };
    let summary =
        if hidden > 0 { vec![format!("{hidden} of what is marked is hidden by a filter")] } else { Vec::new() };
    Ok(Plan { title, summary, target, stages: vec![Stage { steps, goal: None }], ..Plan::default() })
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// The template of the pods that an object makes, or is.
fn pod_spec<'a>(object: &'a mut Value, kind: &str) -> Option<&'a mut Value> {
    let pointer = match kind {
        "Pod" => "/spec",
        "CronJob" => "/spec/jobTemplate/spec/template/spec",
        _ => "/spec/template/spec",
    };
    object.pointer_mut(pointer)
}

/// Sets or removes entries of a map in an object's metadata: `key=value`, and `key-` to remove.
fn set_entries(object: &mut Value, map: &str, arguments: &[String]) -> Result<(), String> {
    if arguments.is_empty() {
        return Err("what is to be set? key=value sets, key- removes".to_owned());
    }
    let metadata = object.get_mut("metadata").and_then(Value::as_object_mut).ok_or("it has no metadata")?;
    let entries = metadata.entry(map).or_insert_with(|| Value::Object(serde_json::Map::new()));
    let entries = entries.as_object_mut().ok_or_else(|| format!("its {map} are no map"))?;
    for argument in arguments {
        match (argument.split_once('='), argument.strip_suffix('-')) {
            (Some((key, value)), _) if !key.is_empty() => drop(entries.insert(key.to_owned(), value.into())),
            (None, Some(key)) if !key.is_empty() => drop(entries.remove(key)),
            _ => return Err(format!("{argument} is neither key=value nor key-")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Change;
    use serde_json::json;

    fn patch(word: &str, arguments: &[&str], kind: &str, old: Value) -> Result<Value, String> {
        let object = ObjectRef::namespaced("/apis/apps/v1", "things", kind, "oil-web", "site");
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let found = vec![(object, Before::Present(old))];
        let plan = plan(named(word).unwrap(), &arguments, found, 0, 1_764_000_000, Target::default());
        let plan = plan.map_err(|trouble| trouble.what)?;
        match &plan.steps().next().unwrap().change {
            Change::Merge(patch) => Ok(patch.clone()),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn each_changes_what_it_says() {
        let site = json!({
            "metadata": {"name": "site", "labels": {"a": "1", "b": "2"}},
            "spec": {"replicas": 3, "template": {"metadata": {}, "spec": {"containers": [
                {"name": "web", "image": "web:1"}, {"name": "log", "image": "log:1"},
            ]}}},
        });
        let made = |word: &str, arguments: &[&str]| patch(word, arguments, "Deployment", site.clone());
        assert_eq!(made("scale", &["0"]).unwrap(), json!({"spec": {"replicas": 0}}));
        assert_eq!(made("label", &["a-", "c=3"]).unwrap(), json!({"metadata": {"labels": {"a": null, "c": "3"}}}));
        assert_eq!(made("annotate", &["n=x=y"]).unwrap(), json!({"metadata": {"annotations": {"n": "x=y"}}}));
        assert_eq!(
            made("image", &["web=web:2"]).unwrap()["spec"]["template"]["spec"]["containers"],
            json!([{"name": "web", "image": "web:2"}, {"name": "log", "image": "log:1"}])
        );
        assert_eq!(
            made("restart", &[]).unwrap(),
            json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2025-11-24T16:00:00Z"}}}}})
        );
        let cron = json!({"metadata": {}, "spec": {"suspend": false}});
        assert_eq!(patch("suspend", &[], "CronJob", cron).unwrap(), json!({"spec": {"suspend": true}}));
    }

    #[test]
    fn a_title_tells_nothing_secret() {
        let object = ObjectRef::namespaced("/api/v1", "configmaps", "ConfigMap", "oil-web", "site");
        let arguments = ["example.com/api-token=hunter2".to_owned(), "note=x".to_owned()];
        let found = vec![(object, Before::Present(json!({"metadata": {"name": "site"}})))];
        let made = plan(&annotate::ANNOTATE, &arguments, found, 0, 0, Target::default()).unwrap();
        assert_eq!(made.title, "Annotate ConfigMap oil-web/site: example.com/api-token=(masked) 7 bytes note=x");
    }

    #[test]
    fn a_tenants_owners_bindings_quota_and_hosts() {
        let subject = |name: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": name});
        let alice = json!({"kind": "User", "name": "alice"});
        let devs = json!({"kind": "Group", "name": "devs", "clusterRoles": ["admin"]});
        let oil = json!({"metadata": {"name": "oil"}, "spec": {
            "owners": [alice, devs],
            "additionalRoleBindings": [{"clusterRoleName": "view", "subjects": [subject("a")]}],
        }});
        let made = |word: &str, arguments: &[&str]| patch(word, arguments, "Tenant", oil.clone());
        let ci = json!({"kind": "ServiceAccount", "name": "system:serviceaccount:oil-job:ci"});
        assert_eq!(made("owner+", &["sa:oil-job/ci"]).unwrap(), json!({"spec": {"owners": [alice, devs, ci]}}));
        assert_eq!(made("owner-", &["group:devs"]).unwrap(), json!({"spec": {"owners": [alice]}}));
        assert!(made("owner-", &["alice", "group:devs"]).unwrap_err().contains("its only owner"));
        assert!(made("owner+", &["alice"]).unwrap_err().contains("already"));
        assert!(made("owner-", &["bob"]).unwrap_err().contains("no owner"));
        let bound = |bindings: Value| json!({"spec": {"additionalRoleBindings": bindings}});
        assert_eq!(
            made("bind+", &["view", "group:b"]).unwrap(),
            bound(json!([{"clusterRoleName": "view", "subjects": [subject("a"), subject("b")]}]))
        );
        assert_eq!(made("bind-", &["view", "group:a"]).unwrap(), bound(json!([])));
        assert!(made("bind-", &["edit", "group:a"]).unwrap_err().contains("no edit"));
        assert!(made("bind+", &["view"]).unwrap_err().contains("who?"));
        assert_eq!(made("quota", &["4"]).unwrap(), json!({"spec": {"namespaceOptions": {"quota": 4}}}));
        assert!(made("quota", &["0"]).unwrap_err().contains("at least 1"));
        assert_eq!(
            made("host+", &["a.de"]).unwrap(),
            json!({"spec": {"ingressOptions": {"allowedHostnames": {"allowed": ["a.de"]}}}})
        );
        let quota = json!({"metadata": {}, "spec": {"hard": {"pods": "5", "limits.cpu": "2"}}});
        assert_eq!(
            patch("quota", &["pods-", "limits.cpu=4"], "ResourceQuota", quota).unwrap(),
            json!({"spec": {"hard": {"pods": null, "limits.cpu": "4"}}})
        );
    }

    #[test]
    fn a_host_is_answered_as_the_first_one_is() {
        let rule = |host: &str| json!({"host": host, "http": {"paths": ["p"]}});
        let site = json!({"metadata": {}, "spec": {
            "rules": [rule("a.de"), rule("b.de")],
            "tls": [{"hosts": ["b.de"], "secretName": "b"}, {"hosts": ["a.de"], "secretName": "a"}],
        }});
        let made = |word: &str, host: &str| patch(word, &[host], "Ingress", site.clone());
        let more = made("host+", "c.de").unwrap();
        assert_eq!(more["spec"]["rules"], json!([rule("a.de"), rule("b.de"), rule("c.de")]));
        assert_eq!(more["spec"]["tls"][1]["hosts"], json!(["a.de", "c.de"]));
        let less = made("host-", "b.de").unwrap();
        assert_eq!(less["spec"]["tls"], json!([{"hosts": ["a.de"], "secretName": "a"}]));
        assert!(made("host-", "x.de").unwrap_err().contains("does not have x.de"));
        assert!(made("host+", "a.de").unwrap_err().contains("already"));
        let route = json!({"metadata": {}, "spec": {"hostnames": ["a.de"]}});
        assert_eq!(
            patch("host+", &["b.de"], "HTTPRoute", route).unwrap(),
            json!({"spec": {"hostnames": ["a.de", "b.de"]}})
        );
    }

    #[test]
    fn each_says_why_not() {
        let map = json!({"metadata": {"name": "site"}, "data": {}});
        for (word, arguments, words) in [
            ("scale", &["3"][..], "has no replicas"),
            ("scale", &["many"], "a number"),
            ("image", &["web=x"], "has no containers"),
            ("restart", &[], "makes no pods"),
            ("suspend", &[], "cannot be suspended"),
            ("label", &["word"], "neither key=value nor key-"),
            ("annotate", &[], "what is to be set?"),
            ("owner+", &["alice"], "put the cursor on a tenant"),
            ("bind+", &["view", "alice"], "put the cursor on a tenant"),
            ("quota", &["3"], "a tenant or a ResourceQuota"),
            ("host+", &["a.de"], "a tenant, an Ingress or an HTTPRoute"),
        ] {
            let why = patch(word, arguments, "ConfigMap", map.clone()).unwrap_err();
            assert!(why.contains(words), "{word}: {why}");
        }
    }
}
