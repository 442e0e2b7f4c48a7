use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Validation, json as json_patch, merge, strategic};
use crate::demo::fields::samples::{Nothing, object, workload};
use crate::demo::status::Status;

fn operations(document: &Value, patch: &Value) -> Result<Value, Status> {
    json_patch::apply(document, patch, Validation::Warn).map(|patched| patched.object)
}

#[test]
fn json_patch_does_what_the_library_does() {
    let document = json!({"a": {"b": [1, 2, 3], "~/": "x"}, "n": null});
    for (patch, after) in [
        (json!({"op": "add", "path": "/a/b/1", "value": 9}), json!({"a": {"b": [1, 9, 2, 3], "~/": "x"}, "n": null})),
        (json!({"op": "add", "path": "/a/b/-", "value": 9}), json!({"a": {"b": [1, 2, 3, 9], "~/": "x"}, "n": null})),
        (json!({"op": "add", "path": "/a/b/-1", "value": 9}), json!({"a": {"b": [1, 2, 3, 9], "~/": "x"}, "n": null})),
        (json!({"op": "remove", "path": "/a/b/-1"}), json!({"a": {"b": [1, 2], "~/": "x"}, "n": null})),
        (
            json!({"op": "replace", "path": "/a/new", "value": 1}),
            json!({"a": {"b": [1, 2, 3], "~/": "x", "new": 1}, "n": null}),
        ),
        (json!({"op": "move", "from": "/a/~0~1", "path": "/m"}), json!({"a": {"b": [1, 2, 3]}, "m": "x", "n": null})),
        (json!({"op": "copy", "from": "/a/b/0", "path": "/n"}), json!({"a": {"b": [1, 2, 3], "~/": "x"}, "n": 1})),
        (json!({"op": "test", "path": "/missing", "value": null}), document.clone()),
    ] {
        assert_eq!(operations(&document, &json!([patch])).unwrap(), after, "{patch}");
    }
}

#[test]
fn json_patch_fails_as_the_library_does() {
    let document = json!({"a": {"b": [1]}});
    for (operation, text) in [
        (json!({"op": "test", "path": "/a/b/0", "value": 2}), "testing value /a/b/0 failed: test failed"),
        (
            json!({"op": "remove", "path": "/a/x"}),
            "error in remove for path: '/a/x': Unable to remove nonexistent key: x: missing value",
        ),
        (
            json!({"op": "add", "path": "/x/y", "value": 1}),
            "add operation does not apply: doc is missing path: \"/x/y\": missing value",
        ),
        (
            json!({"op": "add", "path": "/a/b/5", "value": 1}),
            "error in add for path: '/a/b/5': Unable to access invalid index: 5: invalid index referenced",
        ),
        (
            json!({"op": "replace", "path": "/a/b/-", "value": 1}),
            "replace operation does not apply: doc is missing key: /a/b/-: missing value",
        ),
        (json!({"op": "bogus"}), "Unexpected kind: bogus"),
    ] {
        let said = json_patch::step(&mut document.clone(), operation.as_object().unwrap());
        assert_eq!(said, Err(json_patch::Failure::Refused(text.to_owned())));
        assert_eq!(operations(&document, &json!([operation])).unwrap_err().code, 422);
    }
    let said = |patch: Value| operations(&document, &patch).unwrap_err().message;
    assert_eq!(
        said(json!({"a": 1})),
        "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
    );
    assert_eq!(
        said(json!([1])),
        "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp"
    );
    assert_eq!(
        said(json!([{"op": 1}])),
        "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string"
    );
    let many = vec![json!({"op": "test", "path": "/x"}); 10_001];
    assert_eq!(operations(&document, &Value::Array(many)).unwrap_err().code, 413);
}

#[test]
fn merge_patch() {
    for (document, patch, after) in [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
        (json!({"a": [1]}), json!({"a": [{"x": null, "y": 1}, null]}), json!({"a": [{"y": 1}, null]})),
        (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
    ] {
        assert_eq!(merge::apply(&document, &patch, Validation::Warn).unwrap(), after);
    }
    let said = |patch: Value| merge::apply(&json!({}), &patch, Validation::Warn).unwrap_err().message;
    assert_eq!(
        said(json!([1])),
        "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
    );
    assert_eq!(said(Value::Null), "Invalid JSON Patch");
}

fn patched(document: &Value, patch: &Value) -> Result<Value, Status> {
    strategic::apply(document, patch, &workload(), &Nothing)
}

/// Each was sent to a real server.
#[test]
fn strategic_merge_patch() {
    let document =
        object(&json!({"containers": [{"name": "app", "image": "a", "env": [{"name": "A", "value": "a"}]}]}));
    let names = |object: &Value| -> Vec<String> {
        object["spec"]["containers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let two = patched(
        &document,
        &json!({"spec": {"containers": [
        {"name": "side", "image": "b"}, {"name": "app", "env": [{"name": "B", "value": "b"}]}]}}),
    )
    .unwrap();
    assert_eq!(names(&two), ["side", "app"]);
    assert_eq!(two["spec"]["containers"][1]["env"], json!([{"name": "B", "value": "b"}, {"name": "A", "value": "a"}]));
    let one = patched(
        &two,
        &json!({"spec": {"$setElementOrder/containers": [{"name": "app"}, {"name": "side"}],
        "containers": [{"name": "side", "$patch": "delete"}]}}),
    )
    .unwrap();
    assert_eq!(names(&one), ["app"]);
    let only = patched(&two, &json!({"spec": {"containers": [{"$patch": "replace"}, {"name": "only", "image": "c"}]}}))
        .unwrap();
    assert_eq!(names(&only), ["only"]);
    let rolling = object(&json!({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "1"}}}));
    let recreate =
        patched(&rolling, &json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}})).unwrap();
    assert_eq!(recreate["spec"]["strategy"], json!({"type": "Recreate"}));
    let finalized = patched(
        &json!({"metadata": {"finalizers": ["b", "a"]}}),
        &json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}),
    );
    assert_eq!(finalized.unwrap()["metadata"]["finalizers"], json!(["b"]));
}

#[test]
fn strategic_refusals() {
    let document = object(&json!({"strategy": {"type": "x"}, "containers": [{"name": "app"}]}));
    for (patch, code, text) in [
        (
            json!({"spec": {"containers": [{"image": "b"}]}}),
            500,
            "map: map[image:b] does not contain declared merge key: name",
        ),
        (json!({"spec": {"strategy": {"$retainKeys": "x"}}}), 400, "invalid patch format of retainKeys"),
        (
            json!({"spec": {"strategy": {"$retainKeys": ["type"], "rollingUpdate": {}}}}),
            400,
            "invalid patch format of retainKeys",
        ),
        (json!({"metadata": {"$patch": "bogus"}}), 500, "unknown patch type: bogus in map: map[$patch:bogus]"),
        (json!({"spec": {"containers": [[1]]}}), 500, "list element types are not identical: [[map[name:app]] [[1]]]"),
        (
            json!({"spec": {"containers": [{"name": "app", "$patch": "merge"}]}}),
            500,
            "merging lists cannot yet be specified in the patch",
        ),
        (
            json!({"metadata": {"$setElementOrder/finalizers": ["a"], "finalizers": ["c"]}}),
            500,
            "The order in patch list:\n[c]\n doesn't match $setElementOrder list:\n[a]\n",
        ),
        (json!([1]), 400, "json: cannot unmarshal array into Go value of type map[string]interface {}"),
    ] {
        let said = patched(&document, &patch).unwrap_err();
        assert_eq!((said.code, said.message.as_str()), (code, text));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..3_i64).prop_map(Value::from),
        prop_oneof![
            "[a-b]",
            Just("delete".to_owned()),
            Just("replace".to_owned()),
            Just("/spec/containers/-1".to_owned())
        ]
        .prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("spec"),
        Just("metadata"),
        Just("containers"),
        Just("finalizers"),
        Just("name"),
        Just("$patch"),
        Just("$retainKeys"),
        Just("$setElementOrder/containers"),
        Just("$setElementOrder/finalizers"),
        Just("$deleteFromPrimitiveList/finalizers"),
        Just("op"),
        Just("path"),
        Just("from"),
        Just("value"),
        Just("strategy"),
        Just("env"),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map(key.clone(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn no_patch_panics(document in any_json(), patch in any_json()) {
        for validation in [Validation::Ignore, Validation::Warn] {
            let _ = merge::apply(&document, &patch, validation);
            let _ = json_patch::apply(&document, &patch, validation);
        }
        let _ = json_patch::apply(&document, &json!([patch]), Validation::Ignore);
        let _ = patched(&document, &patch);
    }

    #[test]
    fn an_empty_patch_changes_nothing(document in any_json().prop_filter("an object", Value::is_object)) {
        prop_assert_eq!(merge::apply(&document, &json!({}), Validation::Warn).unwrap(), document.clone());
        prop_assert_eq!(operations(&document, &json!([])).unwrap(), document.clone());
        prop_assert_eq!(patched(&document, &json!({})).unwrap(), document);
    }
}
