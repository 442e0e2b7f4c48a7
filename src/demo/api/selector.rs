//! Label and field selectors, as apimachinery's `pkg/labels` and `pkg/fields`.

use serde_json::Value;

use crate::demo::access::quote;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;
use crate::demo::status::Status;
use crate::demo::strategy;

/// One condition on labels.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Missing(String),
    Greater(String, i64),
    Less(String, i64),
}

impl Requirement {
    fn admits(&self, label: impl Fn(&str) -> Option<String>) -> bool {
        match self {
            Self::In(key, values) => label(key).is_some_and(|value| values.contains(&value)),
            Self::NotIn(key, values) => label(key).is_none_or(|value| !values.contains(&value)),
            Self::Exists(key) => label(key).is_some(),
            Self::Missing(key) => label(key).is_none(),
            Self::Greater(key, than) => number(label(key)).is_some_and(|value| value > *than),
            Self::Less(key, than) => number(label(key)).is_some_and(|value| value < *than),
        }
    }
}

fn number(text: Option<String>) -> Option<i64> {
    text?.parse().ok()
}

/// Conditions on labels, all of which must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(Vec<Requirement>);

impl Labels {
    /// Reads `a=b,c!=d,e in (f,g),!h`.
    pub fn parse(text: &str) -> Result<Self, Status> {
        let mut parser = Parser { tokens: tokens(text), at: 0 };
        let mut all = Vec::new();
        if parser.peek().is_empty() {
            return Ok(Self(all));
        }
        loop {
            all.push(parser.requirement().map_err(|what| refuse(&what))?);
            match parser.take().as_str() {
                "," => {}
                "" => return Ok(Self(all)),
                other => return Err(refuse(&format!("found '{other}', expected: ',' or 'end of string'"))),
            }
        }
    }

    /// Of `{matchLabels, matchExpressions}`; an empty one selects everything.
    pub fn of(selector: &Value) -> Self {
        let mut all: Vec<_> = selector
            .at(&["matchLabels"])
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some(Requirement::In(key.clone(), vec![value.as_str()?.to_owned()])))
            .collect();
        for expression in selector.list(&["matchExpressions"]) {
            let key = expression.text(&["key"]).unwrap_or_default().to_owned();
            let values =
                expression.list(&["values"]).iter().filter_map(|value| Some(value.as_str()?.to_owned())).collect();
            all.push(match expression.text(&["operator"]) {
                Some("In") => Requirement::In(key, values),
                Some("NotIn") => Requirement::NotIn(key, values),
                Some("Exists") => Requirement::Exists(key),
                Some("DoesNotExist") => Requirement::Missing(key),
                _ => Requirement::In(key, Vec::new()),
            });
        }
        Self(all)
    }

    /// Whether everything is selected.
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an object's labels satisfy all conditions.
    pub fn admit(&self, object: &Object) -> bool {
        self.admit_labels(object.at(&["metadata", "labels"]).unwrap_or(&Value::Null))
    }

    /// Whether a map of labels satisfies all conditions.
    pub fn admit_labels(&self, labels: &Value) -> bool {
        self.0.iter().all(|one| one.admits(|key| Some(labels.get(key)?.as_str()?.to_owned())))
    }
}

fn refuse(what: &str) -> Status {
    Status::bad_request(format!("unable to parse requirement: {what}"))
}

/// Words and signs of a selector.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let sign = match letter {
            '(' | ')' | ',' | '>' | '<' => Some(letter.to_string()),
            '!' | '=' => {
                let twin = letters.next_if_eq(&'=').is_some();
                Some(if twin { format!("{letter}=") } else { letter.to_string() })
            }
            _ if letter.is_whitespace() => Some(String::new()),
            _ => None,
        };
        match sign {
            None => word.push(letter),
            Some(sign) => {
                if !word.is_empty() {
                    tokens.push(std::mem::take(&mut word));
                }
                if !sign.is_empty() {
                    tokens.push(sign);
                }
            }
        }
    }
    if !word.is_empty() {
        tokens.push(word);
    }
    tokens
}

struct Parser {
    tokens: Vec<String>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> String {
        self.tokens.get(self.at).cloned().unwrap_or_default()
    }

    fn take(&mut self) -> String {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let is_missing = self.peek() == "!";
        if is_missing {
            self.take();
        }
        let key = self.take();
        if key.is_empty() || !is_word(&key) {
            return Err(format!("found '{key}', expected: !, identifier, or 'end of string'"));
        }
        check_key(&key)?;
        if is_missing {
            return Ok(Requirement::Missing(key));
        }
        match self.peek().as_str() {
            "" | "," => Ok(Requirement::Exists(key)),
            sign @ ("=" | "==" | "!=" | ">" | "<") => {
                let sign = sign.to_owned();
                self.take();
                let value = if self.peek() == "," { String::new() } else { self.take() };
                match sign.as_str() {
                    ">" | "<" => {
                        let bound = value.parse().map_err(|_| {
                            format!(
                                "values[0]: Invalid value: {}: for 'Gt', 'Lt' operators, the value must be an integer",
                                quote(&value)
                            )
                        })?;
                        Ok(if sign == ">" { Requirement::Greater(key, bound) } else { Requirement::Less(key, bound) })
                    }
                    "!=" => check_value(&key, 0, &value).map(|()| Requirement::NotIn(key, vec![value])),
                    _ => check_value(&key, 0, &value).map(|()| Requirement::In(key, vec![value])),
                }
            }
            word @ ("in" | "notin") => {
                let is_in = word == "in";
                self.take();
                let values = self.values()?;
                for (at, value) in values.iter().enumerate() {
                    check_value(&key, at, value)?;
                }
                Ok(if is_in { Requirement::In(key, values) } else { Requirement::NotIn(key, values) })
            }
            other => Err(format!("found '{other}', expected: in, notin, =, ==, !=, gt, lt")),
        }
    }

    fn values(&mut self) -> Result<Vec<String>, String> {
        let open = self.take();
        if open != "(" {
            return Err(format!("found '{open}' expected: '('"));
        }
        let mut values = Vec::new();
        loop {
            match self.take().as_str() {
                ")" => {
                    if values.is_empty() {
                        values.push(String::new());
                    }
                    values.sort();
                    values.dedup();
                    return Ok(values);
                }
                "," => {}
                word if !word.is_empty() && is_word(word) => values.push(word.to_owned()),
                other => return Err(format!("found '{other}', expected: ',', ')' or identifier")),
            }
        }
    }
}

fn is_word(token: &str) -> bool {
    !matches!(token, "(" | ")" | "," | "=" | "==" | "!=" | "!" | ">" | "<")
}

fn check_key(key: &str) -> Result<(), String> {
    match strategy::names::qualified_name(key).first() {
        None => Ok(()),
        Some(fault) => Err(format!("key: Invalid value: {}: {fault}", quote(key))),
    }
}

fn check_value(key: &str, at: usize, value: &str) -> Result<(), String> {
    match strategy::names::label_value(value).first() {
        None => Ok(()),
        Some(fault) => Err(format!("values[{at}][{key}]: Invalid value: {}: {fault}", quote(value))),
    }
}

/// Conditions on fields, all of which must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String, bool)>);

impl Fields {
    /// Reads `metadata.name=x,status.phase!=Running`, for a kind that knows those fields.
    pub fn parse(kind: &Kind, text: &str) -> Result<Self, Status> {
        let mut all = Vec::new();
        for term in text.split(',').map(str::trim).filter(|term| !term.is_empty()) {
            let (name, value, equal) = match (term.split_once("!="), term.split_once("=="), term.split_once('=')) {
                (Some((name, value)), ..) => (name, value, false),
                (_, Some((name, value)), _) | (_, _, Some((name, value))) => (name, value, true),
                _ => {
                    return Err(Status::bad_request(format!("invalid selector: '{text}'; can't understand '{term}'")));
                }
            };
            if let Some(what) = strategy::unknown_field(kind, name) {
                return Err(Status::bad_request(what));
            }
            all.push((name.to_owned(), value.to_owned(), equal));
        }
        Ok(Self(all))
    }

    /// Asks for one name besides.
    pub fn only(&mut self, name: &str) {
        self.0.push(("metadata.name".to_owned(), name.to_owned(), true));
    }

    /// Whether everything is selected.
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an object's fields satisfy all conditions.
    pub fn admit(&self, kind: &Kind, object: &Object) -> bool {
        self.0.iter().all(|(name, value, equal)| (strategy::selectable(kind, object, name) == *value) == *equal)
    }
}
