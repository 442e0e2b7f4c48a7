//! What a pause writes on the objects that it stops: who, when, why, and what was there before.
//!
//! The annotation [`PAUSED`] holds one JSON object. On a workload it rides in the same patch as the change itself, so that no
//! instant exists at which an object is stopped and its old value is lost; on a Tenant (or on a Namespace that was paused alone)
//! it says that the whole was meant. Nothing else is needed to resume: no journal, not this machine.
//!
//! ```json
//! {"v":1,"op":"1764486720-3f9a0c21","at":"2026-11-30T07:12:00Z","by":"ops@example.net","reason":"idle until spring",
//!  "was":{"replicas":3},"set":{"replicas":0}}
//! ```
//!
//! `was` and `set` name one field each (see `action::pause::kinds`); a field that was not there before is `null`. A Tenant's record
//! may hold `"namespaces"` in `was`: those that were cordoned by themselves before, since lifting a tenant's cordon lifts theirs.
//! While it is resumed, `resumed` says who does that, since when.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The annotation.
pub const PAUSED: &str = "tenantry.dev/paused";

/// Annotations that keep a workload out of every pause, when they are `true`: ours, and kube-downscaler's.
pub const EXCLUDE: [&str; 2] = ["tenantry.dev/pause-exclude", "downscaler/exclude"];

/// The form of record that this program writes and reads.
const VERSION: u8 = 1;

/// What a pause has written on an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    v: u8,
    /// The pause that it belongs to: the same on all objects that were paused together.
    pub op: String,
    /// When, RFC 3339.
    pub at: String,
    /// By whom, as the server called him.
    pub by: String,
    /// Why, in his own words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What was there before, by field.
    #[serde(default)]
    pub was: Map<String, Value>,
    /// What the pause has put there, by field.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// It is being resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed: Option<Resumed>,
}

/// Who resumes, since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// RFC 3339.
    pub at: String,
    /// As the server called him.
    pub by: String,
}

impl Record {
    /// A record without fields.
    pub fn new(op: &str, at: &str, by: &str, reason: &str) -> Self {
        Self {
            v: VERSION,
            op: op.to_owned(),
            at: at.to_owned(),
            by: by.to_owned(),
            reason: reason.to_owned(),
            was: Map::new(),
            set: Map::new(),
            resumed: None,
        }
    }

    /// The same, about one field.
    #[must_use]
    pub fn about(mut self, field: &str, was: Value, set: Value) -> Self {
        self.was.insert(field.to_owned(), was);
        self.set.insert(field.to_owned(), set);
        self
    }

    /// As the annotation holds it.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads an annotation; or says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let record: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if record.v == VERSION {
            Ok(record)
        } else {
            Err(format!("it is of form {}, and this program knows form {VERSION}", record.v))
        }
    }

    /// The record that an object carries, if it carries one.
    pub fn of(object: &Value) -> Option<Result<Self, String>> {
        Some(Self::read(object.get("metadata")?.get("annotations")?.get(PAUSED)?.as_str()?))
    }

    /// Unix seconds of the pause; 0 if that is no time.
    pub fn seconds(&self) -> i64 {
        self.at.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second)
    }

    /// `paused by ops at 2026-11-30 07:12Z, was 3 replicas: idle until spring`.
    pub fn told(&self) -> String {
        let was: Vec<String> = self.was.iter().map(|(field, was)| remembered(field, was)).collect();
        let was = if was.is_empty() { String::new() } else { format!(", {}", was.join(", ")) };
        let reason = if self.reason.is_empty() { String::new() } else { format!(": {}", self.reason) };
        let resumed =
            self.resumed.as_ref().map(|resumed| format!("; resumed by {} at {}", resumed.by, minute(&resumed.at)));
        format!("paused by {} at {}{was}{reason}{}", self.by, minute(&self.at), resumed.unwrap_or_default())
    }

    /// `since 2026-11-30 07:12Z by ops: idle until spring`.
    pub fn words(&self) -> String {
        let at = minute(&self.at);
        let reason = if self.reason.is_empty() { String::new() } else { format!(": {}", self.reason) };
        format!("since {at} by {}{reason}", self.by)
    }
}

/// A time as people say it, if it is one.
fn minute(at: &str) -> String {
    at.parse::<jiff::Timestamp>().map_or_else(|_| at.to_owned(), |at| at.strftime("%Y-%m-%d %H:%MZ").to_string())
}

/// What a field was before, in words.
fn remembered(field: &str, was: &Value) -> String {
    match (field, was) {
        ("replicas", Value::Null) => "was 1 replica by default".to_owned(),
        ("replicas", was) if was.as_i64() == Some(1) => "was 1 replica".to_owned(),
        ("replicas", was) => format!("was {was} replicas"),
        ("suspend", Value::Bool(true)) => "was suspended".to_owned(),
        ("suspend", _) => "was not suspended".to_owned(),
        ("cordoned", Value::Bool(true)) => "was cordoned".to_owned(),
        ("cordoned", _) => "was not cordoned".to_owned(),
        ("namespaces", Value::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            format!("with {} cordoned by themselves", names.join(", "))
        }
        (field, Value::Null) => format!("was without {field}"),
        (field, was) => format!("{field} was {}", was.as_str().map_or_else(|| was.to_string(), str::to_owned)),
    }
}

/// Whether an object asks to be left alone by every pause.
pub fn is_excluded(object: &Value) -> bool {
    let notes = object.get("metadata").and_then(|metadata| metadata.get("annotations"));
    EXCLUDE.iter().any(|key| notes.and_then(|notes| notes.get(key)).and_then(Value::as_str) == Some("true"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_record_is_read_back() {
        let record = Record::new("1", "2026-11-30T07:12:00Z", "ops", "idle").about("replicas", json!(3), json!(0));
        assert_eq!(Record::read(&record.text()), Ok(record.clone()));
        assert_eq!(record.words(), "since 2026-11-30 07:12Z by ops: idle");
        assert_eq!(record.told(), "paused by ops at 2026-11-30 07:12Z, was 3 replicas: idle");
        let object = json!({"metadata": {"annotations": {PAUSED: record.text()}}});
        assert_eq!(Record::of(&object), Some(Ok(record)));
        assert_eq!(Record::of(&json!({"metadata": {}})), None);
    }

    #[test]
    fn what_was_there_is_told_in_words() {
        let mut record =
            Record::new("1", "2026-11-30T07:12:00Z", "ops", "").about("cordoned", Value::Null, json!(true));
        record.was.insert("namespaces".to_owned(), json!(["oil-db"]));
        record.resumed = Some(Resumed { at: "2026-12-01T07:12:00Z".to_owned(), by: "bob".to_owned() });
        assert_eq!(
            record.told(),
            "paused by ops at 2026-11-30 07:12Z, was not cordoned, with oil-db cordoned by themselves; resumed by bob at 2026-12-01 07:12Z"
        );
        for (field, was, words) in [
            ("replicas", json!(1), "was 1 replica"),
            ("replicas", Value::Null, "was 1 replica by default"),
            ("suspend", json!(true), "was suspended"),
            ("suspend", Value::Null, "was not suspended"),
            ("example.com/x", json!("2"), "example.com/x was 2"),
            ("example.com/x", Value::Null, "was without example.com/x"),
        ] {
            assert_eq!(remembered(field, &was), words);
        }
    }

    #[test]
    fn a_record_that_is_none_says_why() {
        let object = json!({"metadata": {"annotations": {PAUSED: "{"}}});
        assert!(Record::of(&object).is_some_and(|record| record.is_err_and(|why| why.contains("EOF"))));
        let newer = r#"{"v":2,"op":"","at":"","by":""}"#;
        assert!(Record::read(newer).is_err_and(|why| why.contains("form 2")));
    }

    proptest! {
        #[test]
        fn reading_is_total(text in ".*") {
            let _ = Record::read(&text);
        }

        #[test]
        fn what_is_written_is_read(op in ".*", by in ".*", reason in ".*", was: i64) {
            let record = Record::new(&op, "2026-11-30T07:12:00Z", &by, &reason).about("replicas", json!(was), json!(0));
            prop_assert_eq!(Record::read(&record.text()), Ok(record));
        }
    }
}
