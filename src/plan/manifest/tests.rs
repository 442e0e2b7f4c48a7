use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn text(name: &str, text: &str) -> Text {
    Text { name: name.to_owned(), built: false, text: text.to_owned() }
}

fn one(yaml: &str) -> Value {
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let found = read(&[text("a.yaml", &format!("{head}{yaml}"))]).unwrap();
    assert_eq!(found.len(), 1);
    found[0].value()["data"].clone()
}

fn faults(yaml: &str) -> Vec<String> {
    read(&[text("a.yaml", yaml)]).map(drop).unwrap_err().into_iter().map(|fault| fault.what).collect()
}

#[test]
fn documents_know_their_lines() {
    let yaml = "# head\n---\n\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: a\n\
                - {apiVersion: v1, kind: Secret, metadata: {name: b, namespace: ns}}\n--- # more\n# only words\n---\n\
                apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata:\n    name: c\n  data:\n    list:\n";
    let found = read(&[text("a.yaml", yaml)]).unwrap();
    let told: Vec<String> =
        found.iter().map(|one| format!("{} {} {:?} {}", one.kind, one.name, one.namespace, one.source())).collect();
    assert_eq!(told, ["ConfigMap a None a.yaml:8", "Secret b Some(\"ns\") a.yaml:12", "ConfigMap c None a.yaml:19"]);
    assert_eq!(found[2].value()["apiVersion"], "v1");
    assert_eq!(found[2].source().place_of(".data.list"), "a.yaml:22");
    assert_eq!(found[2].source().place_of("spec.nothing"), "a.yaml:19");
    assert_eq!(found[0].source().place_of("metadata.labels.x"), "a.yaml:10");
}

#[test]
fn items_of_lists_are_found_by_number_and_by_name() {
    let yaml = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: x\n    image: i\n  - name: z\n    image: j\n";
    let pod = &read(&[text("p.yaml", yaml)]).unwrap()[0];
    for (field, line) in [
        (".spec.containers[name=\"z\"].image", 10),
        ("spec.containers[1].image", 10),
        ("spec.containers[x].image", 8),
        ("spec.containers[0].imagge", 7),
    ] {
        assert_eq!(pod.source().place_of(field), format!("p.yaml:{line}"), "{field}");
    }
}

#[test]
fn the_field_that_a_server_names_is_found() {
    let yaml = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  hostt: x\n  containers:\n  - name: web\n    image: i\n    ports: []\n";
    let pod = &read(&[text("p.yaml", yaml)]).unwrap()[0];
    for (words, line) in [
        ("cannot try the change of Pod a: .spec.hostt: field not declared in schema", 6),
        ("Pod \"a\" is invalid: spec.containers[0].image: Required value", 9),
        ("cannot: unknown field \"spec.hostt\"", 6),
        ("kubectl manages \".spec.containers[name=\"web\"].image\"", 9),
        ("spec.containers[web].command[0]: no", 8),
        ("example.com says no to this, see v1.2.", 1),
    ] {
        assert_eq!(pod.source().blame(&[words]), format!("p.yaml:{line}"), "{words}");
    }
}

#[test]
fn json_is_read_with_its_lines() {
    let json = "\n{\"apiVersion\": \"v1\",\n\t\"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"a\\ud83d\"}}\n";
    assert_eq!(faults(json).len(), 1);
    let json = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"\\ud83d\\ude00\\t\"}}\n\
                {\"apiVersion\":\"v1\",\n\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"b\"}}";
    let found = read(&[text("a.json", json)]).unwrap();
    assert_eq!(found.iter().map(|one| one.source().to_string()).collect::<Vec<_>>(), ["a.json:1", "a.json:2"]);
    assert_eq!(found[0].value()["data"]["k"], "\u{1f600}\t");
}

#[test]
fn values_are_kubectls() {
    assert_eq!(
        one("data: {a: yes, b: 'yes', c: 0644, d: 1e3, e: !!str 12, 8080: x, f: }"),
        json!({
            "a": true, "b": "yes", "c": 420, "d": 1000, "e": "12", "8080": "x", "f": null,
        })
    );
    assert_eq!(
        one("data:\n  a: |\n    one\n    two\n  b: >-\n    one\n    two\n"),
        json!({"a": "one\ntwo\n", "b": "one two"})
    );
    assert_eq!(
        one("one: &x {a: 1, b: 2}\ntwo: &y {b: 3, c: 4}\ndata:\n  <<: [*x, *y]\n  a: 5\n"),
        json!({"a": 5, "b": 2, "c": 4})
    );
}

#[test]
fn what_is_wrong_has_its_line() {
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    for (yaml, wanted) in [
        ("data: {a: 1}\ndata: {b: 2}\n", "a.yaml:5: data is set twice: here and on line 4"),
        ("data:\n  a: .inf\n", "a.yaml:5: .inf: infinity is no number that an object can hold"),
        ("data:\n  on: x\n", "a.yaml:5: the name on is read as true: write it in quotes"),
        ("data:\n  0644: x\n", "a.yaml:5: the name 0644 is read as 420: write it in quotes"),
        ("data:\n  [a]: x\n", "a.yaml:5: the name of a field is a text, and this is none"),
        ("data: !Ref x\n", "a.yaml:4: Kubernetes has no use for the tag !Ref"),
        ("data:\n  a: &a [*a]\n", "a.yaml:5: what this alias names contains the alias itself"),
        (
            "x: &x {a: 1}\ndata:\n  a: 1\n  <<: *x\n",
            "a.yaml:7: << would set a anew, which is set on line 6: write << above it",
        ),
    ] {
        assert_eq!(faults(&format!("{head}{yaml}")), [wanted], "{yaml}");
    }
    for (yaml, wanted) in [
        ("a: 1\n", "a.yaml:1: apiVersion must be a text, and is missing or none"),
        ("- a\n", "a.yaml:1: this is no object: apiVersion, kind and metadata are missing"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n", "a.yaml:3: this Pod has no metadata.name"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: 012\n",
            "a.yaml:4: metadata.name is 10, not a text: write it in quotes",
        ),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: ../x\n", "a.yaml:4: metadata.name can be no object's name"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: x-\n",
            "a.yaml:4: an object with generateName cannot be applied: give it a name",
        ),
    ] {
        assert_eq!(faults(yaml), [wanted], "{yaml}");
    }
    let broken = faults("apiVersion: v1\nkind: Pod\nmetadata:\n  name: [a\n");
    assert!(broken.len() == 1 && broken[0].starts_with("a.yaml:"), "{broken:?}");
    let both = read(&[text("a.yaml", "a: [\n"), text("b.yaml", "- x\n")]).unwrap_err();
    assert_eq!(both.len(), 2);
}

#[test]
fn bombs_are_refused_before_they_are_large() {
    let mut yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..30 {
        let all = vec![format!("*a{}", at - 1); 10].join(", ");
        writeln!(yaml, "a{at}: &a{at} [{all}]").unwrap();
    }
    let told = faults(&yaml);
    assert!(told[0].contains("larger than 16 MiB"), "{told:?}");
    let mut yaml = "a0: &a0 x\n".to_owned();
    for at in 1..5000 {
        writeln!(yaml, "a{at}: &a{at} [*a{}]", at - 1).unwrap();
    }
    let told = faults(&yaml);
    assert!(told[0].contains("levels deep"), "{told:?}");
    assert_eq!(faults(&"[".repeat(100_000)).len(), 1);
    assert_eq!(faults(&"{a: ".repeat(100_000)).len(), 1);
}

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-z:# \\-\\n'\"{}]{0,12}", "[0-9.eE+-]{1,5}", "\\PC{0,6}", Just("yes".to_owned())];
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z./]{1,6}|[a-z]{0,3}'?", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(yaml in "\\PC{0,60}|[a-b:\\-&*<>|!\\[\\]{} \\n'\"]{0,60}") {
        let lines = yaml.lines().count() + 1;
        if let Err(faults) = read(&[text("f", &yaml)]) {
            for fault in faults {
                let line: usize = fault.what.split(':').nth(1).unwrap().parse().unwrap();
                prop_assert!((1..=lines).contains(&line), "{}", fault.what);
            }
        }
    }

    #[test]
    fn what_we_print_reads_back_on_its_lines(data in value(), before in 0_usize..5) {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data});
        let printed = crate::text::yaml::render(&object, &|_, _| None);
        let yaml = format!("{}---\n{printed}", "# words\n".repeat(before));
        let found = read(&[text("f", &yaml)]).unwrap();
        prop_assert_eq!(found[0].value(), object.clone(), "{}", printed);
        prop_assert_eq!(found[0].source().to_string(), format!("f:{}", before + 2));
        let line = printed.lines().position(|line| line.starts_with("data:")).unwrap() + before + 2;
        prop_assert_eq!(found[0].source().place_of("data"), format!("f:{line}"), "{}", yaml);
    }
}
