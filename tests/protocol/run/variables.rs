//! `${step/pointer}`: what an earlier answer says, in a later request.

use std::collections::HashMap;

use serde_json::Value;
use tenantry_cluster::Failure;

/// The bodies of earlier answers, as they came.
#[derive(Debug, Default)]
pub struct Variables {
    bodies: HashMap<String, Value>,
}

impl Variables {
    /// Keeps the body of an answer.
    pub fn learn(&mut self, label: &str, body: Value) {
        self.bodies.insert(label.to_owned(), body);
    }

    /// The body of an earlier answer.
    pub fn body(&self, label: &str) -> Result<&Value, Failure> {
        self.bodies.get(label).ok_or_else(|| Failure::new(format!("there is no earlier step {label}")))
    }

    /// The text with what it refers to.
    pub fn text(&self, text: &str) -> Result<String, Failure> {
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            let (reference, behind) =
                behind.split_once('}').ok_or_else(|| Failure::new(format!("{text} has a ${{ without its }}")))?;
            whole.push_str(before);
            match self.refer(reference)? {
                Value::String(text) => whole.push_str(&text),
                other => whole.push_str(&other.to_string()),
            }
            rest = behind;
        }
        Ok(whole + rest)
    }

    /// The value with what its texts refer to. A text that is a reference and no more becomes what it refers to.
    pub fn value(&self, value: &Value) -> Result<Value, Failure> {
        match value {
            Value::String(text) => {
                let alone = text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
                match alone.filter(|reference| !reference.contains('}')) {
                    Some(reference) => self.refer(reference),
                    None => self.text(text).map(Value::String),
                }
            }
            Value::Array(list) => list.iter().map(|one| self.value(one)).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, one)| Ok((self.text(key)?, self.value(one)?)))
                .collect::<Result<_, _>>()
                .map(Value::Object),
            other => Ok(other.clone()),
        }
    }

    /// Where the other side says nothing an answer may lack what is referred to: then a text that says so is sent, and the
    /// difference shows in what is answered.
    fn refer(&self, reference: &str) -> Result<Value, Failure> {
        let (label, pointer) = reference.split_at(reference.find('/').unwrap_or(reference.len()));
        Ok(self.body(label)?.pointer(pointer).cloned().unwrap_or_else(|| "missing".into()))
    }
}
