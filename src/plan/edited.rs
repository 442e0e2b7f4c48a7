//! A plan of an object's text as somebody has edited it.

use serde_json::Value;

use super::edit::{edits, merge_patch};
use super::object::{self, ObjectRef, Target};
use super::{Plan, Stage, Step, diff};
use crate::world::trouble::{Trouble, TroubleKind};

/// The change from `read` to the object that `text` (YAML) is, made to the object as it is `now`: what others have changed since
/// stays. The object's status and what the server keeps for itself are left as they are, whatever the text says.
pub fn plan(reference: &ObjectRef, read: &Value, now: &Value, text: &str, target: Target) -> Result<Plan, Trouble> {
    let wrong = |words: String| Trouble::new(TroubleKind::Invalid, format!("{}: {words}", reference.title()));
    let wanted: Value = serde_yaml::from_str(text).map_err(|error| wrong(format!("the text is no YAML: {error}")))?;
    if !wanted.is_object() {
        return Err(wrong("the text is no object any more".to_owned()));
    }
    let pointers = [
        ("apiVersion", "/apiVersion"),
        ("kind", "/kind"),
        ("name", "/metadata/name"),
        ("namespace", "/metadata/namespace"),
    ];
    for (field, pointer) in pointers {
        let (was, is) = (read.pointer(pointer), wanted.pointer(pointer));
        if was != is {
            let say = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            return Err(wrong(format!("its {field} cannot be changed from {} to {}", say(was), say(is)))
                .advise("that would be another object: save it to a file and apply that"));
        }
    }
    let uid = object::uid(&wanted);
    if !uid.is_empty() && uid != object::uid(read) {
        return Err(wrong("its uid cannot be changed".to_owned()));
    }
    let (old, mut new) = (diff::without_bookkeeping(read), diff::without_bookkeeping(&wanted));
    // What the text leaves out of these is not meant to go.
    for key in ["uid", "creationTimestamp"] {
        if let (Some(value), Some(metadata)) =
            (old.pointer(&format!("/metadata/{key}")), new.get_mut("metadata").and_then(Value::as_object_mut))
        {
            metadata.entry(key).or_insert_with(|| value.clone());
        }
    }
    let present = diff::without_bookkeeping(now);
    let mut wanted = present.clone();
    for edit in edits(&old, &new) {
        edit.make(&mut wanted);
    }
    let step = Step::merge(reference.clone(), merge_patch(&present, &wanted), now.clone());
    let stage = Stage { steps: vec![step], goal: None };
    Ok(Plan { title: format!("Edit {}", reference.title()), target, stages: vec![stage], ..Plan::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Change;
    use serde_json::json;

    fn reference() -> ObjectRef {
        ObjectRef::namespaced("/api/v1", "configmaps", "ConfigMap", "oil-web", "site")
    }

    fn read() -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "site", "namespace": "oil-web", "uid": "u", "resourceVersion": "3"},
            "data": {"a": "1", "b": "2"},
        })
    }

    #[test]
    fn the_change_is_what_was_changed() {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: site, namespace: oil-web}\ndata: {a: '3'}\nstatus: {x: 1}\n";
        let made = plan(&reference(), &read(), &read(), text, Target::default()).unwrap();
        assert_eq!(made.steps().next().unwrap().change, Change::Merge(json!({"data": {"a": "3", "b": null}})));
        let mut now = read();
        now["data"] = json!({"a": "1", "b": "2", "theirs": "4"});
        let made = plan(&reference(), &read(), &now, text, Target::default()).unwrap();
        assert_eq!(made.steps().next().unwrap().change, Change::Merge(json!({"data": {"a": "3", "b": null}})));
        assert_eq!(made.steps().next().unwrap().old(), &now);
    }

    #[test]
    fn another_object_is_refused_and_so_is_no_yaml() {
        for (text, words) in [
            (
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: oil-web}\n",
                "its name cannot be changed",
            ),
            ("a: [1", "the text is no YAML"),
            ("just words", "no object any more"),
        ] {
            let trouble = plan(&reference(), &read(), &read(), text, Target::default()).unwrap_err();
            assert!(trouble.what.contains(words), "{trouble}");
        }
    }
}
