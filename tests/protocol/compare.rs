//! Where two transcripts differ.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::transcript::{Answer, Transcript};

/// One place at which the sides do not agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The exchange.
    pub label: String,
    /// Its request.
    pub request: String,
    /// The place, as a JSON pointer.
    pub pointer: String,
    /// What the real control plane says; nothing if it says nothing there.
    pub real: Option<Value>,
    /// What the other says.
    pub other: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |value: &Option<Value>| value.as_ref().map_or_else(|| "(nothing)".to_owned(), shortened);
        writeln!(f, "{}: {}", self.label, self.request)?;
        writeln!(f, "    at {}", self.pointer)?;
        writeln!(f, "    real  {}", said(&self.real))?;
        write!(f, "    other {}", said(&self.other))
    }
}

fn shortened(value: &Value) -> String {
    const LONGEST: usize = 600;
    let text = value.to_string();
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

/// All places at which two transcripts differ, in order.
pub fn differences(real: &Transcript, other: &Transcript) -> Vec<Difference> {
    let mut found = Vec::new();
    for index in 0..real.len().max(other.len()) {
        let (one, two) = (real.get(index), other.get(index));
        let Some(answer) = one.or(two) else { continue };
        let mut real = one.map(|answer| answer.said.clone());
        let mut other = two.map(|answer| answer.said.clone());
        if answer.served
            && let (Some(real), Some(other)) = (&mut real, &mut other)
        {
            without_beyond(other);
            narrow(real, other);
        }
        let mut here = Places { answer, found: &mut found };
        here.compare(real.as_ref(), other.as_ref(), String::new());
    }
    found
}

struct Places<'a> {
    answer: &'a Answer,
    found: &'a mut Vec<Difference>,
}

impl Places<'_> {
    fn compare(&mut self, real: Option<&Value>, other: Option<&Value>, pointer: String) {
        if real == other || self.answer.ignored.keys().any(|pattern| matches(pattern, &pointer)) {
            return;
        }
        match (real, other) {
            (Some(Value::Object(one)), Some(Value::Object(two))) => {
                let keys: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
                for key in keys {
                    let escaped = key.replace('~', "~0").replace('/', "~1");
                    self.compare(one.get(key), two.get(key), format!("{pointer}/{escaped}"));
                }
            }
            (Some(Value::Array(one)), Some(Value::Array(two))) if one.len() == two.len() => {
                for (index, (one, two)) in one.iter().zip(two).enumerate() {
                    self.compare(Some(one), Some(two), format!("{pointer}/{index}"));
                }
            }
            _ => self.found.push(Difference {
                label: self.answer.label.clone(),
                request: self.answer.request.clone(),
                pointer,
                real: real.cloned(),
                other: other.cloned(),
            }),
        }
    }
}

/// Whether a pointer is a place that a pattern means: `*` stands for any one part, and `**` at the end for all below.
pub fn matches(pattern: &str, pointer: &str) -> bool {
    let (mut wanted, mut parts) = (pattern.split('/'), pointer.split('/'));
    loop {
        match (wanted.next(), parts.next()) {
            (Some("**"), _) | (None, None) => return true,
            (Some(want), Some(part)) if want == "*" || want == part => {}
            _ => return false,
        }
    }
}

/// By what the entries of a discovery document are told apart.
const NAMES: [&str; 6] = ["/metadata/name", "/name", "/groupVersion", "/version", "/resource", "/subresource"];

/// Groups of custom resources that the demo has, and the control plane of the tests has not.
const BEYOND: [&str; 7] = [
    "argoproj.io",
    "cert-manager.io",
    "gateway.networking.k8s.io",
    "helm.toolkit.fluxcd.io",
    "keda.sh",
    "kuma.io",
    "kustomize.toolkit.fluxcd.io",
];

/// By what an entry is called.
fn name(entry: &Value) -> Option<&str> {
    NAMES.iter().find_map(|name| entry.pointer(name)?.as_str())
}

/// Takes the groups out that only the demo has.
fn without_beyond(other: &mut Value) {
    for list in ["/body/groups", "/body/items"] {
        if let Some(Value::Array(groups)) = other.pointer_mut(list) {
            groups.retain(|group| !name(group).is_some_and(|name| BEYOND.contains(&name)));
        }
    }
}

/// Leaves of the lists in `real` only what is in `other` too, by name; what has no name, as the core group, by its place.
fn narrow(real: &mut Value, other: &Value) {
    match (real, other) {
        (Value::Object(real), Value::Object(other)) => {
            for (key, value) in real.iter_mut() {
                if let Some(other) = other.get(key) {
                    narrow(value, other);
                }
            }
        }
        (Value::Array(real), Value::Array(other)) => {
            let twin =
                |one: &Value| name(one).and_then(|wanted| other.iter().find(|other| name(other) == Some(wanted)));
            real.retain(|one| name(one).is_none() || twin(one).is_some());
            for (at, one) in real.iter_mut().enumerate() {
                let nameless = other.get(at).filter(|_| name(one).is_none());
                if let Some(other) = twin(one).or(nameless) {
                    narrow(one, other);
                }
            }
        }
        _ => {}
    }
}
