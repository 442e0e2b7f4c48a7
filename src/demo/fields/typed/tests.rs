use serde_json::{Value, json};

use super::Schema;
use crate::demo::fields::atom::Type;
use crate::demo::fields::samples::{Nothing, workload};

fn deduced() -> Schema<'static> {
    Schema::new(Type::Deduced, &Nothing)
}

fn names(value: &Value) -> Vec<String> {
    let set = deduced().to_field_set(value).unwrap();
    set.paths().iter().map(|path| crate::demo::fields::element::display(path)).collect()
}

/// From structured-merge-diff `typed/deduced_test.go`.
#[test]
fn fields_of_what_has_no_schema() {
    assert_eq!(names(&json!({"color": {"R": 255}})), [".color", ".color.R"]);
    assert_eq!(names(&json!({"list": [{"a": 1}], "n": null})), [".list", ".n"]);
}

#[test]
fn merging_what_has_no_schema() {
    for (live, config, merged) in [
        (json!({"value": {}}), json!({"value": 1}), json!({"value": 1})),
        (json!({"value": 1}), json!({"value": {}}), json!({"value": {}})),
        (json!({"inner": {}}), json!({"inner": null}), json!({"inner": null})),
        (json!({"a": [1, 2]}), json!({"a": []}), json!({"a": []})),
        (
            json!({"c": {"id": 2, "l": ["v"]}}),
            json!({"c": {"name": "n"}}),
            json!({"c": {"id": 2, "l": ["v"], "name": "n"}}),
        ),
    ] {
        assert_eq!(deduced().merge(&live, &config).unwrap(), merged);
    }
}

#[test]
fn comparing_what_has_no_schema() {
    let changes =
        deduced().compare(&json!({"key": "foo", "value": 1}), &json!({"key": "foo", "value": {"deep": {"n": 1}}}));
    let changes = changes.unwrap();
    assert_eq!(changes.modified.encode(), json!({"f:value": {}}));
    assert_eq!(changes.added.encode(), json!({"f:value": {"f:deep": {".": {}, "f:n": {}}}}));
    assert!(changes.removed.is_empty());
    let changes = deduced().compare(&json!({"n": 1}), &json!({"n": 1.0})).unwrap();
    assert!(changes.modified.is_empty());
}

#[test]
fn merged_lists_keep_an_order() {
    let root = workload();
    let schema = Schema::new(Type::root(&root), &Nothing);
    let list = |names: &str| {
        let items: Vec<_> = names.chars().map(|name| json!({"name": name.to_string()})).collect();
        json!({"spec": {"containers": items}})
    };
    for (live, config, merged) in
        [("abc", "cb", "acb"), ("abc", "x", "abcx"), ("abc", "bx", "abcx"), ("ab", "ba", "ba"), ("", "ab", "ab")]
    {
        assert_eq!(schema.merge(&list(live), &list(config)).unwrap(), list(merged), "{live} {config}");
    }
}

#[test]
fn what_has_become_atomic_is_owned_whole() {
    let root = workload();
    let schema = Schema::new(Type::root(&root), &Nothing);
    let old = json!({"f:spec": {"f:replicas": {}, "f:selector": {".": {}, "f:a": {}}}});
    let set = crate::demo::fields::FieldSet::decode(&old).unwrap();
    assert_eq!(schema.reconcile(set).encode(), json!({"f:spec": {"f:replicas": {}, "f:selector": {}}}));
}

#[test]
fn extracting_is_the_rest_of_removing() {
    let root = workload();
    let schema = Schema::new(Type::root(&root), &Nothing);
    let value = json!({"spec": {"replicas": 1, "containers": [{"name": "a", "image": "x"}, {"name": "b"}]}});
    let set = crate::demo::fields::FieldSet::decode(
        &json!({"f:spec": {"f:containers": {"k:{\"name\":\"a\"}": {"f:image": {}}}}}),
    )
    .unwrap();
    assert_eq!(schema.extract(&value, &set), json!({"spec": {"containers": [{"image": "x"}]}}));
    assert_eq!(
        schema.remove(&value, &set),
        json!({"spec": {"replicas": 1, "containers": [{"name": "a"}, {"name": "b"}]}})
    );
}
