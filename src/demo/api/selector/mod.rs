//! Label and field selectors, as apimachinery's `pkg/labels` and `pkg/fields`.

mod parse;
#[cfg(test)]
mod tests;

use serde_json::Value;

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
        parse::labels(text).map(Self).map_err(Status::bad_request)
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

/// Conditions on fields, all of which must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String, bool)>);

impl Fields {
    /// Reads `metadata.name=x,status.phase!=Running`, for a kind that knows those fields.
    pub fn parse(kind: &Kind, text: &str) -> Result<Self, Status> {
        let all = parse::fields(text).map_err(Status::bad_request)?;
        match all.iter().find_map(|(name, ..)| strategy::unknown_field(kind, name)) {
            Some(what) => Err(Status::bad_request(what)),
            None => Ok(Self(all)),
        }
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
