//! Held to answers of a real kube-apiserver 1.37.1: the files in `tests/` hold, for each resource, the moment it was
//! asked, its discovery data, and the Table with whole objects that it answered.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::object::Meta as _;
use super::super::schema::kind::{Custom, Kind};
use super::duration::human;
use super::path::{Path, printed};
use super::{Include, columns, row, table, table_of_one};

/// Each file with answers.
const FILES: [&str; 5] = [
    include_str!("tests/pods.json"),
    include_str!("tests/workload.json"),
    include_str!("tests/network.json"),
    include_str!("tests/cluster.json"),
    include_str!("tests/custom.json"),
];

fn kind(group: &str, version: &str, name: &str, resource: &str, columns: Option<Vec<Value>>) -> Kind {
    Kind {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: name.to_owned(),
        resource: resource.to_owned(),
        singular: String::new(),
        short: Vec::new(),
        categories: Vec::new(),
        namespaced: true,
        verbs: Vec::new(),
        subresources: Vec::new(),
        custom: columns.map(|columns| Custom { columns, name: format!("{resource}.{group}") }),
    }
}

/// The kind and the moment of an answer.
fn asked(answer: &Value) -> (Kind, Timestamp) {
    let text = |key| answer.text(&[key]).unwrap();
    let columns = answer["custom"].as_array().cloned();
    (kind(text("group"), text("version"), text("kind"), text("resource"), columns), text("now").parse().unwrap())
}

fn answers() -> Vec<(String, Value)> {
    let all = FILES.iter().flat_map(|file| serde_json::from_str::<Map<String, Value>>(file).unwrap());
    all.collect()
}

#[test]
fn every_table_is_the_real_one() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (name, answer) in answers() {
        let (kind, now) = asked(&answer);
        let real = &answer["table"];
        let rows = real["rows"].as_array().cloned().unwrap_or_default();
        let ours = table(&kind, rows.iter().map(|row| &row["object"]), now, real["metadata"].clone(), Include::Object);
        for key in ["apiVersion", "kind", "metadata", "columnDefinitions"] {
            if ours[key] != real[key] {
                wrong.push(format!("{name}: {key}: ours {} real {}", ours[key], real[key]));
            }
        }
        if real["rows"].is_null() && !ours["rows"].is_null() {
            wrong.push(format!("{name}: no rows at all are null"));
        }
        for (at, row) in rows.iter().enumerate() {
            seen += 1;
            if ours["rows"][at] != *row {
                let cells = [&ours["rows"][at]["cells"], &row["cells"], &row["conditions"]];
                wrong.push(format!(
                    "{name}: {}: ours {} real {} {}",
                    row["object"].name(),
                    cells[0],
                    cells[1],
                    cells[2]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(seen > 150, "only {seen} rows were compared");
}

#[test]
fn rows_carry_what_is_asked_for() {
    let config_map = kind("", "v1", "ConfigMap", "configmaps", None);
    let object = json!({"metadata": {"name": "a", "resourceVersion": "7"}, "data": {"k": "v"}});
    let ask = |include| table(&config_map, [&object].into_iter(), Timestamp::UNIX_EPOCH, json!({}), include);
    let metadata =
        json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": object["metadata"]});
    assert_eq!(ask(Include::Metadata)["rows"][0]["object"], metadata);
    assert_eq!(ask(Include::Object)["rows"][0]["object"], object);
    assert_eq!(ask(Include::None)["rows"][0]["object"], Value::Null);
    let one = table_of_one(&config_map, &object, Timestamp::UNIX_EPOCH, Include::None);
    assert_eq!(one["metadata"], json!({"resourceVersion": "7"}));
}

#[test]
fn only_a_list_knows_its_default_storage_class() {
    let class = kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", None);
    let marked = |name: &str, at: &str| {
        json!({"metadata": {"name": name, "creationTimestamp": at,
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}})
    };
    let all =
        [marked("b", "2026-01-02T00:00:00Z"), marked("a", "2026-01-02T00:00:00Z"), marked("c", "2026-01-01T00:00:00Z")];
    let listed = table(&class, all.iter(), Timestamp::UNIX_EPOCH, json!({}), Include::None);
    let names: Vec<&Value> = (0..3).map(|at| &listed["rows"][at]["cells"][0]).collect();
    assert_eq!(names, ["b", "a (default)", "c"]);
    let one = table_of_one(&class, &all[1], Timestamp::UNIX_EPOCH, Include::None);
    assert_eq!(one["rows"][0]["cells"][0], "a");
}

#[test]
fn durations_are_written_as_upstream() {
    let day = 86_400;
    let cases = [
        (-2, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (600, "10m"),
        (3 * 3600 - 1, "179m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 60, "3h1m"),
        (8 * 3600, "8h"),
        (2 * day - 1, "47h"),
        (2 * day, "2d"),
        (2 * day + 3600, "2d1h"),
        (8 * day, "8d"),
        (2 * 365 * day - 1, "729d"),
        (2 * 365 * day, "2y"),
        (2 * 365 * day + day, "2y1d"),
        (8 * 365 * day, "8y"),
        (i64::MAX, "292y"),
    ];
    for (seconds, text) in cases {
        assert_eq!(human(jiff::SignedDuration::from_secs(seconds)), text, "{seconds} seconds");
    }
}

#[test]
fn paths_that_cannot_be_read_are_told() {
    for path in [".a[", ".a[x]", ".a[?(@.b==1)", ".a....b", ".a[\"b\"]", ".a[1:2:3:4]", "%", "'a"] {
        assert_eq!(Path::parse(path), None, "{path}");
    }
    assert!(Path::parse(&"[?(".repeat(1000)).is_none());
}

/// Any JSON, with keys and values that printers look for.
fn arbitrary() -> impl Strategy<Value = Value> {
    const KEYS: [&str; 24] = [
        "metadata",
        "spec",
        "status",
        "name",
        "conditions",
        "type",
        "reason",
        "containerStatuses",
        "state",
        "terminated",
        "waiting",
        "exitCode",
        "restartCount",
        "creationTimestamp",
        "deletionTimestamp",
        "hard",
        "selector",
        "matchLabels",
        "matchExpressions",
        "ports",
        "rules",
        "subsets",
        "metrics",
        "labels",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        prop::sample::select(vec!["Ready", "True", "Resource", "LoadBalancer", "2026-01-01T00:00:00Z"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 96, 8, |inner| {
        let key = prop_oneof![4 => prop::sample::select(KEYS.to_vec()).prop_map(str::to_owned), 1 => "[a-z./]{0,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..8).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is stored, there is a row of it.
    #[test]
    fn nothing_panics(object in arbitrary(), seconds in -377_705_023_201_i64..=253_402_207_200) {
        let now = Timestamp::from_second(seconds).unwrap();
        for (_, answer) in answers() {
            let (kind, _) = asked(&answer);
            let cells = row(&kind, &object, now).len();
            prop_assert!(cells >= columns(&kind).len());
            table(&kind, [&object].into_iter(), now, Value::Null, Include::Metadata);
        }
    }

    /// Nor does any path.
    #[test]
    fn no_path_panics(path in r#"([.\[\]'"?@()*:,=<>!$ -]|\.\.|\[\?\(|a|b|\\|é|[0-9]){0,24}"#, object in arbitrary()) {
        if let Some(path) = Path::parse(&path) {
            for found in path.find(&object).unwrap_or_default() {
                printed(&found);
            }
        }
    }
}
