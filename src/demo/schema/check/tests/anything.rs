//! Real objects pass, and random ones make nothing panic.

use proptest::prelude::*;
use serde_json::Value;

use super::super::*;
use super::schemas;
use crate::demo::schema::Era;

/// Real objects as a server gave them: single ones, and the items of lists. Some were written without what they are; their
/// list or file says it.
fn samples(era: &str) -> Vec<(String, Value)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(era);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let document: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let by_file = [("event", "Event"), ("pod", "Pod"), ("resourcequota", "ResourceQuota")];
        let of_file = by_file.into_iter().find(|(start, _)| name.starts_with(start)).map_or("", |(_, kind)| kind);
        let of_list = document["kind"].as_str().and_then(|kind| kind.strip_suffix("List"));
        let kind = of_list.unwrap_or(of_file).to_owned();
        let version = document["apiVersion"].as_str().unwrap_or("v1").to_owned();
        let objects = match (document.as_array(), document["items"].as_array()) {
            (Some(items), _) | (_, Some(items)) => items.clone(),
            _ => vec![document],
        };
        for mut object in objects {
            let map = object.as_object_mut().unwrap();
            map.entry("kind").or_insert_with(|| kind.clone().into());
            map.entry("apiVersion").or_insert_with(|| version.clone().into());
            found.push((name.clone(), object));
        }
    }
    found
}

#[test]
fn real_objects_pass() {
    let mut seen = 0;
    for (era, folder) in [(Era::V0_14, "v0.14"), (Era::V0_4, "v0.4.2")] {
        let schemas = Schemas::new(era);
        for (name, object) in samples(folder) {
            let (version, said) = (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap());
            let group = version.split_once('/').map_or("", |(group, _)| group);
            let Some(kind) = schemas.of_kind(group, said).filter(|kind| kind.api_version() == version) else {
                assert_eq!(said, "Status", "{name} is of a kind that is not served");
                continue;
            };
            let node = schemas.node(kind).unwrap();
            assert_eq!(unknown_fields(&schemas, &node, &object), [""; 0], "{name}");
            assert_eq!(faults(&schemas, kind, &object), [], "{name}");
            assert_eq!(mismatch(&schemas, kind, &node, &object, Reader::Decoder), None, "{name}");
            let mut dropped = object.clone();
            drop_unknown(&schemas, &node, &mut dropped);
            assert_eq!(dropped, object, "{name}");
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen} objects");
}

/// JSON that often has the names that schemas know.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let names =
        ["metadata", "spec", "status", "owners", "kind", "template", "containers", "data", "rules", "schema", "é"];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        let key = proptest::sample::select(names.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(key, inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_that_is_sent_makes_the_checks_panic(object in json(), at in any::<prop::sample::Index>(), raw in ".{0,40}") {
        let schemas = schemas();
        let kind = at.get(schemas.kinds());
        let node = schemas.node(kind).unwrap();
        let text = object.to_string();
        let _ = strict(&schemas, kind, text.as_bytes());
        let _ = strict(&schemas, kind, raw.as_bytes());
        for reader in [Reader::Decoder, Reader::Converter] {
            let _ = mismatch(&schemas, kind, &node, &object, reader);
        }
        let _ = meta_mismatch(&schemas, &object);
        let found = faults(&schemas, kind, &object);
        let _ = unchecked_rules(&schemas, kind, &found);
        prop_assert!(kind.custom.is_some() || found.is_empty());
        let _ = rules::broken_rules(&schemas, kind, &object, &[]);
        let mut kept = object.clone();
        drop_unknown(&schemas, &node, &mut kept);
        prop_assert_eq!(unknown_fields(&schemas, &node, &kept), Vec::<String>::new());
        schemas.default(kind, &mut kept);
        let once = kept.clone();
        schemas.default(kind, &mut kept);
        prop_assert_eq!(kept, once);
    }
}
