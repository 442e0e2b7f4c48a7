//! Manifests with a history: YAML documents whose first line says who applies them, when, and how.
//!
//! ```yaml
//! --- # alice 118d
//! {apiVersion: v1, kind: Namespace, metadata: {name: oil-web}}
//! --- # alice 12m denied
//! {apiVersion: v1, kind: Pod, ...}
//! ```

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::helm;
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};

/// What is done with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// It is applied, server-side.
    Apply,
    /// It is applied, and must be refused: somebody tries what is not allowed.
    Denied,
    /// It is merged into the object that is there.
    Patch,
    /// The object is deleted.
    Delete,
}

/// One document.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Who, such as `alice`.
    pub(super) actor: String,
    /// How long ago.
    pub(super) age: SignedDuration,
    /// What is done.
    pub(super) verb: Verb,
    /// The object.
    pub(super) object: Object,
}

/// Reads a file. Times such as `@-3h` and `@+6d` in it are counted from `now`. The error names the document.
pub(super) fn read(text: &str, now: Timestamp) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    for document in text.split("\n---").skip(1) {
        let (head, body) = document.split_once('\n').unwrap_or((document, ""));
        let (actor, age, verb) = match head.trim().strip_prefix('#') {
            Some(words) => heading(words).ok_or_else(|| format!("not a heading: {head}"))?,
            None => match steps.last() {
                Some(step) => (step.actor.clone(), step.age, step.verb),
                None => return Err("the first document says nothing of who applies it".to_owned()),
            },
        };
        let mut object: Object = serde_yaml::from_str(body).map_err(|error| format!("{head}: {error}"))?;
        date(&mut object, now);
        if object.text(&["apiVersion"]) == Some(helm::API_VERSION) {
            object = helm::secret(&object);
        }
        steps.push(Step { actor, age, verb, object });
    }
    Ok(steps)
}

/// `alice 12m denied`
fn heading(words: &str) -> Option<(String, SignedDuration, Verb)> {
    let mut words = words.split_whitespace();
    let actor = words.next()?.to_owned();
    let age = span(words.next()?)?;
    let verb = match words.next() {
        None => Verb::Apply,
        Some("denied") => Verb::Denied,
        Some("patch") => Verb::Patch,
        Some("delete") => Verb::Delete,
        Some(_) => return None,
    };
    Some((actor, age, verb))
}

/// `3d`, `2h`, `5m` or `10s`.
fn span(text: &str) -> Option<SignedDuration> {
    let number = |unit: char| text.strip_suffix(unit)?.parse::<i64>().ok();
    number('d')
        .map(|days| days.saturating_mul(86_400))
        .or_else(|| number('h').map(|hours| hours.saturating_mul(3_600)))
        .or_else(|| number('m').map(|minutes| minutes.saturating_mul(60)))
        .or_else(|| number('s'))
        .map(SignedDuration::from_secs)
}

/// Writes times for `@-3h` and `@+6d`, also in annotations that hold JSON.
fn date(value: &mut Value, now: Timestamp) {
    match value {
        Value::String(text) => {
            let shift = match text.split_at_checked(2) {
                Some(("@-", ago)) => span(ago).map(|span| -span),
                Some(("@+", ahead)) => span(ahead),
                _ => None,
            };
            if let Some(at) = shift.and_then(|shift| now.checked_add(shift).ok()) {
                *text = rfc3339(at);
            } else if text.starts_with('{')
                && text.contains("\"@")
                && let Ok(mut inside) = serde_json::from_str(text)
            {
                // An annotation that holds JSON.
                date(&mut inside, now);
                *text = inside.to_string();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| date(value, now)),
        Value::Object(map) => map.values_mut().for_each(|value| date(value, now)),
        _ => {}
    }
}
