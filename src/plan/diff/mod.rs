//! What differs between two versions of an object: path by path ([`diff`]), as YAML one below the other ([`yaml::unified`]),
//! side by side ([`yaml::side_by_side`], for wide screens), and as `diff -u -N` prints it ([`yaml::patch`]). Pure.
//!
//! All of them compare masked copies in which equal secrets have equal masks and other secrets other ones
//! ([`mask::masked_both`]), so that nothing secret can come out, whatever is shown.
//!
//! ```text
//! before, after ─ masked_both ─▶ walk ── keys (items that have names) ──▶ Diff { shown: weighty first, folded }
//!                                     └─ sequence (items that have none)
//!                             └▶ yaml ── sequence (lines) ──▶ DiffLine, Row, text
//! ```

mod keys;
mod sequence;
mod text;
mod walk;
mod weight;
pub mod yaml;

use serde_json::Value;

use super::mask;
use crate::world::pause::record::{PAUSED, Record};

pub use weight::LAST_APPLIED;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: `spec.replicas`, `spec.template.spec.containers[web].image`.
    pub path: String,
    /// The old value, as shown: of several lines if the value has several; `None` if there was none.
    pub before: Option<String>,
    /// The new value, as shown; `None` if there is none.
    pub after: Option<String>,
    /// What became of it.
    pub change: Change,
    /// It stops, moves, opens or deletes something: to be stressed.
    pub is_weighty: bool,
}

/// What became of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It came, went, or has another value.
    Value,
    /// The same stands under another name.
    Renamed,
    /// The same item stands elsewhere in its list.
    Moved,
    /// The items that stayed stand in another order.
    Reordered,
}

/// The differences of two versions of an object, and those that the server made in its own bookkeeping or status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// What a person asked for or must know, the weighty ones first.
    pub shown: Vec<Difference>,
    /// Differences in status, bookkeeping and copies: counted, and shown to whoever asks.
    pub folded: Vec<Difference>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A field.
    Field(String),
    /// An item of a list, by its key or number.
    Item(String),
}

impl Step {
    fn field(&self) -> Option<&str> {
        match self {
            Self::Field(name) => Some(name),
            Self::Item(_) => None,
        }
    }
}

/// Compares two versions of an object of `kind`. An empty `before` is an object that is created.
pub fn diff(kind: &str, before: &Value, after: &Value) -> Diff {
    let creates = before.as_object().is_none_or(serde_json::Map::is_empty);
    let [before, after] = mask::masked_both(kind, before, after);
    let found = walk::differences(&before, &after);
    let is_noise = |found: &walk::Found| found.places().all(|path| weight::is_noise(path, creates));
    let (folded, shown): (Vec<_>, Vec<_>) = found.into_iter().partition(is_noise);
    let told = |found: walk::Found| {
        let is_record = spell(&found.path) == format!("metadata.annotations.\"{PAUSED}\"");
        // The exact text stands in the other forms.
        let words = |shown: Option<String>, object: &Value| match Record::of(object) {
            Some(Ok(record)) if is_record && shown.is_some() => Some(record.told()),
            _ => shown,
        };
        let is_weighty = found.places().any(|path| weight::is_weighty(kind, path));
        Difference {
            path: spell(&found.path),
            is_weighty,
            before: words(found.before, &before),
            after: words(found.after, &after),
            change: found.change,
        }
    };
    let [mut shown, folded] = [shown, folded].map(|found| found.into_iter().map(told).collect::<Vec<_>>());
    shown.sort_by_key(|difference| !difference.is_weighty);
    Diff { shown, folded }
}

/// An object without status and the server's bookkeeping: what two versions must share for neither to have *moved*.
pub fn without_bookkeeping(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(top) = object.as_object_mut() {
        top.remove("status");
        if let Some(metadata) = top.get_mut("metadata").and_then(Value::as_object_mut) {
            for key in weight::BOOKKEEPING {
                metadata.remove(*key);
            }
        }
    }
    object
}

/// A path as people write it; keys that hold dots are quoted.
fn spell(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Item(key) => text.extend(["[", key, "]"]),
            Step::Field(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                let quote = if name.contains('.') { "\"" } else { "" };
                text.extend([quote, name, quote]);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests;
