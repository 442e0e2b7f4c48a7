use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::decode;
use super::table::Table;

/// What Go wrote: the protobuf of an object, and its JSON.
fn samples() -> Vec<(Vec<u8>, Value)> {
    let samples: Vec<Value> = serde_json::from_str(include_str!("data/samples.json")).unwrap();
    let body = |sample: &Value| STANDARD.decode(sample["body"].as_str().unwrap()).unwrap();
    samples.iter().map(|sample| (body(sample), sample["object"].clone())).collect()
}

#[test]
fn reads_what_go_wrote_into_the_json_that_go_writes() {
    assert!(samples().len() >= 40);
    for (body, object) in samples() {
        assert_eq!(decode(&body), Ok(object));
    }
}

#[test]
fn no_line_of_the_data_is_lost() {
    let lines = include_str!("data/messages.txt").lines();
    let fields = lines.filter(|line| !line.starts_with(['@', '='])).count();
    let table = Table::get();
    let known: usize = (0..).map_while(|at| table.message(at)).map(|message| message.fields.len()).sum();
    assert_eq!(known, fields);
    for (version, name) in table.kinds() {
        let kind = name.rsplit('.').next().unwrap();
        assert_eq!(table.kind(version, kind).map(|message| message.name), Some(name), "{version}");
    }
}

#[test]
fn every_kind_can_be_empty() {
    for (version, name) in Table::get().kinds() {
        let kind = name.rsplit('.').next().unwrap();
        let decoded = decode(&body(version, kind, &[])).unwrap();
        assert_eq!((&decoded["apiVersion"], &decoded["kind"]), (&json!(version), &json!(kind)));
    }
}

#[test]
fn refuses_in_the_servers_words() {
    let refusal = |body: &[u8]| decode(body).unwrap_err();
    assert_eq!(refusal(b""), "empty data");
    assert_eq!(refusal(b"k8s\0"), "empty body");
    let no_magic = "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]";
    assert_eq!(refusal(b"{}"), no_magic);
    assert_eq!(refusal(b"k8s\0\x0a\x05"), "unexpected EOF");
    assert_eq!(refusal(b"k8s\0\x08\x05"), "proto: wrong wireType = 0 for field TypeMeta");
    let cases: [(&[u8], &str); 7] = [
        (&[0x0c], "proto: Namespace: wiretype end group for non-group"),
        (&[0x02], "proto: Namespace: illegal tag 0 (wire type 2)"),
        (&[0x08, 0x01], "proto: wrong wireType = 0 for field ObjectMeta"),
        (&[0x0a, 0x02, 0x0a], "unexpected EOF"),
        (&[0xff; 11], "proto: integer overflow"),
        (&[0x7b, 0x7e], "proto: illegal wireType 6"),
        (
            &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            "proto: negative length found during unmarshaling",
        ),
    ];
    for (raw, said) in cases {
        assert_eq!(refusal(&body("v1", "Namespace", raw)), said);
    }
    assert_eq!(
        refusal(&body("v1", "Nothing", &[])),
        "no kind \"Nothing\" is registered for version \"v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\""
    );
    assert!(refusal(&body("v1", "", &[])).starts_with("Object 'Kind' is missing in "));
    assert!(refusal(&body("", "Pod", &[])).starts_with("Object 'apiVersion' is missing in "));
}

#[test]
fn passes_over_fields_that_it_does_not_know() {
    let decoded = decode(&body("v1", "Namespace", &[0x7b, 0x08, 0x01, 0x7c, 0x0a, 0x03, 0x0a, 0x01, b'a'])).unwrap();
    assert_eq!(decoded["metadata"]["name"], "a");
}

#[test]
fn durations_are_written_as_go_writes_them() {
    let said = [0, 1, 1_500, -1_500_000, 1_000_000_000, 61_050_000_000, 3_600_000_000_000, i64::MIN];
    let said = said.map(super::values::duration);
    assert_eq!(said, ["0s", "1ns", "1.5µs", "-1.5ms", "1s", "1m1.05s", "1h0m0s", "-2562047h47m16.854775808s"]);
}

#[test]
fn schemas_in_each_other_are_bounded() {
    // items (24) → schema (1) → items → ...
    let mut schema = Vec::new();
    for _ in 0..2000 {
        schema = field(24, &field(1, &schema));
    }
    let raw = field(2, &field(7, &field(4, &field(1, &schema))));
    let refusal = decode(&body("apiextensions.k8s.io/v1", "CustomResourceDefinition", &raw));
    assert_eq!(refusal.unwrap_err(), "exceeded max depth");
}

fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for mut value in [number << 3 | 2, bytes.len() as u64] {
        while value >= 0x80 {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }
    out.extend_from_slice(bytes);
    out
}

fn body(version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
    let meta = [field(1, version.as_bytes()), field(2, kind.as_bytes())].concat();
    [b"k8s\0".to_vec(), field(1, &meta), field(2, raw)].concat()
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(raw in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..1000) {
        let kinds: Vec<_> = Table::get().kinds().collect();
        let (version, name) = kinds[at % kinds.len()];
        drop(decode(&raw));
        drop(decode(&body(version, name.rsplit('.').next().unwrap(), &raw)));
    }

    #[test]
    fn no_damage_makes_it_panic(
        which in 0_usize..1000,
        hits in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6),
        cut in any::<u16>(),
    ) {
        let samples = samples();
        let mut bytes = samples[which % samples.len()].0.clone();
        for (at, byte) in hits {
            let at = usize::from(at) % bytes.len();
            bytes[at] = byte;
        }
        drop(decode(&bytes));
        drop(decode(&bytes[..usize::from(cut) % bytes.len()]));
    }
}
