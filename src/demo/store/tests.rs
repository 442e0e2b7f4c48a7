//! The store: pages of one moment, changes in their order.

use serde_json::json;

use super::*;

fn object(name: &str, value: u64) -> Object {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "a"}, "data": {"v": value}})
}

#[test]
fn a_page_shows_the_moment_the_list_was_begun() {
    let mut store = Store::new(1);
    for name in ["one", "two"] {
        store.put(0, object(name, 1));
    }
    let then = store.revision();
    store.put(0, object("two", 2));
    store.put(0, object("three", 1));
    store.remove(0, &Key::new("a", "one"));
    let page = store.page(0, None, None, then, None, &mut |_| true).unwrap();
    let names: Vec<_> =
        page.items.iter().map(|(key, stored)| (key.name().to_owned(), stored.parse()["data"]["v"].clone())).collect();
    assert_eq!(names, [("one".to_owned(), json!(1)), ("two".to_owned(), json!(1))]);
    store.compact();
    assert_eq!(store.page(0, None, None, then, None, &mut |_| true).unwrap_err(), TooOld);
}

#[test]
fn stored_bytes_have_neither_version_nor_kind() {
    let mut store = Store::new(1);
    store.put(0, object("one", 1));
    let stored = store.get(0, &Key::new("a", "one")).unwrap();
    assert!(stored.parse().get("kind").is_none());
    let mut whole = Vec::new();
    typed("v1", "ConfigMap", &stored.body, &mut whole);
    assert_eq!(parse(&whole)["kind"], "ConfigMap");
}
