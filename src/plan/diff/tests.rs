use super::*;
use proptest::prelude::*;
use serde_json::json;

fn told(kind: &str, before: &Value, after: &Value) -> Vec<String> {
    let show = |side: Option<String>| side.unwrap_or_else(|| "nothing".into());
    let diff = diff(kind, before, after);
    diff.shown.into_iter().map(|d| format!("{}: {} -> {}", d.path, show(d.before), show(d.after))).collect()
}

#[test]
fn the_record_of_a_pause_is_told_in_words() {
    use crate::world::pause::record::{PAUSED, Record};
    let record = Record::new("1", "2026-11-30T07:12:00Z", "ops", "idle").about("replicas", json!(3), json!(0));
    let site =
        |notes: Value, replicas: i64| json!({"metadata": {"annotations": notes}, "spec": {"replicas": replicas}});
    let (before, after) = (site(json!({"a": "b"}), 3), site(json!({"a": "b", PAUSED: record.text()}), 0));
    let told = diff("Deployment", &before, &after).shown;
    let note = told.iter().find(|difference| difference.path.contains(PAUSED)).unwrap();
    assert_eq!(note.after.as_deref(), Some("paused by ops at 2026-11-30 07:12Z, was 3 replicas: idle"));
    let back = diff("Deployment", &after, &before).shown;
    assert!(back.iter().any(|difference| difference.before == note.after), "{back:?}");
    let text: String = yaml::patch("Deployment", &before, &after, ["a", "b"]);
    assert!(text.contains(r#"\"was\":{\"replicas\":3}"#), "the exact text: {text}");
    let other = diff("Deployment", &before, &site(json!({"a": "b", PAUSED: "{"}), 3)).shown;
    assert_eq!(other[0].after.as_deref(), Some("{"));
}

#[test]
fn differences_stand_beside_their_paths() {
    let before = json!({
        "metadata": {"resourceVersion": "1", "labels": {"a.b/c": "x"}},
        "spec": {"replicas": 3, "containers": [{"name": "web", "image": "a"}, {"name": "side", "image": "b"}], "l": [1, 2]},
        "status": {"ready": 3},
    });
    let after = json!({
        "metadata": {"resourceVersion": "2", "labels": {}, "annotations": {"k": "v"}},
        "spec": {"replicas": 0, "containers": [{"name": "side", "image": "b"}, {"name": "web", "image": "c"}], "l": [1]},
        "status": {"ready": 0},
    });
    // What weighs most comes first.
    assert_eq!(
        told("Deployment", &before, &after),
        [
            "spec.containers[web].image: a -> c",
            "spec.replicas: 3 -> 0",
            "metadata.annotations.k: nothing -> v",
            "metadata.labels.\"a.b/c\": x -> nothing",
            "spec.containers: order: web, side -> order: side, web",
            "spec.l[1]: 2 -> nothing",
        ]
    );
    assert_eq!(diff("Deployment", &before, &after).folded.len(), 2);
}

#[test]
fn what_is_renamed_into_the_servers_own_is_shown_both_ways() {
    let (before, after) = (json!({"metadata": "of some length"}), json!({"status": "of some length"}));
    for (before, after) in [(&before, &after), (&after, &before)] {
        let diff = diff("Service", before, after);
        assert_eq!((diff.shown.len(), diff.folded.len()), (1, 0), "{diff:?}");
    }
}

#[test]
fn items_are_told_apart_as_kubernetes_does() {
    let before = json!({"spec": {
        "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}],
        "volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/b"}],
        "owners": [{"kind": "User", "name": "joe"}, {"kind": "Group", "name": "joe"}],
        "tolerations": [{"key": "x"}, {"key": "x"}],
    }});
    let mut after = before.clone();
    after["spec"]["ports"][1]["name"] = json!("dns");
    after["spec"]["volumeMounts"][1]["readOnly"] = json!(true);
    after["spec"]["owners"][1]["clusterRoles"] = json!(["admin"]);
    after["spec"]["tolerations"] = json!([{"key": "x"}]);
    assert_eq!(
        told("Pod", &before, &after),
        [
            "spec.owners[Group/joe].clusterRoles: nothing -> [\"admin\"]",
            "spec.ports[53/UDP].name: nothing -> dns",
            "spec.tolerations[1].key: x -> nothing",
            "spec.volumeMounts[/b].readOnly: nothing -> true",
        ]
    );
}

#[test]
fn what_was_moved_or_renamed_is_told_as_such() {
    let before = json!({"spec": {"args": ["-a", "-b", "-c", "-d"], "containers": [{"name": "web", "image": "x"}]}});
    let after = json!({"spec": {"args": ["-d", "-a", "-b", "-c"], "containers": [{"name": "site", "image": "x"}]}});
    let lines = ["spec.args[0]: item 3 -> item 0", "spec.containers[site]: named web -> named site"];
    assert_eq!(told("Deployment", &before, &after), lines);
    let changes: Vec<Change> = diff("Deployment", &before, &after).shown.iter().map(|one| one.change).collect();
    assert_eq!(changes, [Change::Moved, Change::Renamed]);
}

#[test]
fn an_inserted_item_leaves_the_later_ones_alone() {
    let of = |args: &[&str]| json!({"spec": {"args": args}});
    assert_eq!(told("Deployment", &of(&["a", "b", "c"]), &of(&["a", "x", "b", "c"])), ["spec.args[1]: nothing -> x"]);
}

#[test]
fn what_the_server_adds_to_a_new_object_is_folded() {
    let after = json!({"metadata": {"name": "a", "uid": "u", "creationTimestamp": "t", "generation": 1}, "spec": {"suspend": true}});
    let diff = diff("CronJob", &json!({}), &after);
    assert_eq!(diff.folded.len(), 3);
    let shown: Vec<(&str, bool)> = diff.shown.iter().map(|one| (one.path.as_str(), one.is_weighty)).collect();
    assert_eq!(shown, [("spec.suspend", true), ("metadata.name", false)]);
}

#[test]
fn secrets_say_that_they_changed_and_not_how() {
    let secret = |value: &str| json!({"data": {"key": value}});
    assert_eq!(told("Secret", &secret("aaaa"), &secret("bb")), ["data.key: (masked) 4 bytes -> (masked) 2 bytes"]);
    assert_eq!(
        told("Secret", &secret("aaaa"), &secret("bbbb")),
        ["data.key: (masked) 4 bytes -> (masked) 4 bytes, other value 1"]
    );
}

#[test]
fn the_unified_form_looks_like_diff() {
    let object = |image: &str, replicas: u8| {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "resourceVersion": image},
            "spec": {"a": 1, "b": 2, "c": 3, "d": 4, "image": image, "replicas": replicas},
        })
    };
    let text = yaml::patch("Deployment", &object("x", 3), &object("z", 0), ["a/web", "b/web"]);
    let wanted = "--- a/web\n+++ b/web\n@@ -7,5 +7,5 @@\n   b: 2\n   c: 3\n   d: 4\n-  image: x\n-  replicas: 3\n+  image: z\n+  replicas: 0\n";
    assert_eq!(text, wanted);
    let new = yaml::patch("Deployment", &json!({}), &json!({"kind": "X"}), ["a/x", "b/x"]);
    assert_eq!(new, "--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+kind: X\n");
    assert_eq!(yaml::patch("Deployment", &object("x", 3), &object("x", 3), ["a", "b"]), "");
    let rows = yaml::side_by_side(&yaml::unified("Deployment", &object("x", 3), &object("z", 3)));
    assert!(rows.contains(&(Some("  image: x".into()), Some("  image: z".into()))), "{rows:?}");
}

#[test]
fn long_lines_and_many_lines_are_folded_on_screens_and_whole_in_files() {
    let object = |end: &str| json!({"kind": "ConfigMap", "data": {"a": format!("{}{end}", "x".repeat(1 << 20))}});
    let lines = yaml::unified("ConfigMap", &object("one"), &object("two"));
    let longest = lines.iter().map(|line| line.text.len()).max().unwrap_or_default();
    assert!(longest < 600, "{longest}");
    let changed: Vec<&str> =
        lines.iter().filter(|line| line.kind != yaml::LineKind::Context).map(|line| line.text.as_str()).collect();
    assert!(changed.iter().any(|line| line.contains("xone")) && changed.iter().any(|line| line.contains("xtwo")));
    assert!(yaml::patch("ConfigMap", &object("one"), &object("two"), ["a", "b"]).len() > 2 << 20);
    let many = |word: &str| json!({"data": {"a": format!("{word}\n").repeat(500)}});
    let lines = yaml::unified("ConfigMap", &many("old"), &many("new"));
    assert_eq!(lines.iter().filter(|line| line.text == "… 460 more lines").count(), 2, "{lines:?}");
    let new = yaml::unified("Pod", &json!({}), &json!({"kind": "Pod", "metadata": {"name": "a", "uid": "u"}}));
    assert!(!new.iter().any(|line| line.text.contains("uid")), "what comes has a uid, and that says nothing");
}

fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-c]{0,2}", "\\PC{0,8}", "(a\n|b\n){0,20}", Just("(masked) 4 bytes".to_owned())]
        .prop_map(Value::from);
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), (0..3i64).prop_map(Value::from), text];
    let key = prop::sample::select(vec![
        "metadata",
        "annotations",
        "spec",
        "status",
        "name",
        "key",
        "env",
        "ports",
        "port",
        "rules",
        "host",
        "data",
        "kind",
        "args",
        "value",
        "a.b",
        "[x]",
        "",
    ]);
    leaf.prop_recursive(5, 48, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..5)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

/// Everything that can be shown of two versions.
fn shown(kind: &str, before: &Value, after: &Value) -> String {
    let diff = format!("{:?}", diff(kind, before, after));
    let rows = format!("{:?}", yaml::side_by_side(&yaml::unified(kind, before, after)));
    diff + &rows + &yaml::patch(kind, before, after, ["a", "b"])
}

/// An object with a secret at each of the places where one may stand.
fn with_secrets(marks: [&str; 5], other: &Value) -> Value {
    let variable = json!([{"name": "A", "value": "x"}, {"name": "DB_PASSWORD", "value": marks[0]}]);
    let template = json!({"metadata": {"annotations": {"vault-token": marks[1]}}, "spec": {"initContainers": [{"name": "c", "env": variable}]}});
    json!({
        "metadata": {"annotations": {LAST_APPLIED: format!("{{\"x\": {:?}}}", marks[2])}},
        "data": {"k": marks[3], "other": other},
        "spec": {"template": template, "list": [other, {"kind": "Secret", "stringData": {"k": marks[4]}}], "copies": [[template]]},
    })
}

proptest! {
    #[test]
    fn an_object_does_not_differ_from_itself(object in any_json()) {
        prop_assert_eq!(diff("Tenant", &object, &object), Diff::default());
        prop_assert_eq!(yaml::patch("Secret", &object, &object, ["a", "b"]), "");
    }

    #[test]
    fn objects_that_differ_have_differences_and_swapped_ones_swapped(before in any_json(), after in any_json()) {
        let (there, back) = (diff("Service", &before, &after), diff("Service", &after, &before));
        prop_assert_eq!(before != after, there.shown.len() + there.folded.len() > 0);
        // What is new has a number of its own in its list, and a creation folds more: compared is what both tell.
        prop_assert_eq!(there.shown.len() + there.folded.len(), back.shown.len() + back.folded.len());
        if before.is_object() == after.is_object() && before != json!({}) && after != json!({}) {
            let sides = |diff: &Diff, swap: bool| {
                let side = |one: &Difference| if swap { (one.after.clone(), one.before.clone()) } else { (one.before.clone(), one.after.clone()) };
                let mut all: Vec<_> = diff.shown.iter().map(side).collect();
                all.sort();
                all
            };
            // The numbers of masks follow the order of the sides.
            if !format!("{there:?}").contains("(masked)") {
                prop_assert_eq!(sides(&there, false), sides(&back, true));
            }
        }
    }

    #[test]
    fn nothing_secret_comes_out(other in any_json(), more in any_json(), places in 0usize..3) {
        let old = with_secrets(["MARK-1", "MARK-2", "MARK-3", "MARK-4", "MARK-5"], &other);
        let new = with_secrets(["MARK-6", "MARK-7", "MARK-8", "MARK-9", "MARK-0"], &more);
        let (before, after) = match places { 0 => (old, new), 1 => (json!({}), new), _ => (old, json!({})) };
        let text = shown("Secret", &before, &after);
        prop_assert!(!text.contains("MARK"), "{}", text);
    }
}
