//! What a step changes, field by field: enough to take it back later, from another run or another machine.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::edit::{self, Edit, Path, Segment};
use super::object::{self, ObjectRef};
use super::step::{Change, Step};
use super::{diff, mask};
use crate::world::identity::ActingAs;

/// A step as it is remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Which object.
    pub object: ObjectRef,
    /// The stage of the plan, from 0.
    pub stage: usize,
    /// The uid of the object; empty if it is made by this step.
    #[serde(default)]
    pub uid: String,
    /// What is sent.
    pub change: Change,
    /// What that changes, without status and the server's bookkeeping. Empty for what is created or deleted whole.
    #[serde(default)]
    pub edits: Vec<Edit>,
    /// The object that a deletion removes, fit to be created again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<Value>,
    /// As whom it is sent, if not as ourselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_as: Option<ActingAs>,
    /// Values are left out since they are secret: what is sent cannot be sent again as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
    /// Where values are left out of the object that a deletion removes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

impl Record {
    /// Records a step, with all its values.
    pub fn of(step: &Step, stage: usize) -> Self {
        let after = step.answer.as_ref().and_then(|answer| answer.after());
        let edits = after.map(|after| edits_of(step, after)).unwrap_or_default();
        let whole = matches!(step.change, Change::Delete(_)).then(|| step.before.object().map(fit_to_create)).flatten();
        Self {
            object: step.object.clone(),
            stage,
            uid: step.uid().to_owned(),
            change: step.change.clone(),
            edits,
            whole,
            acting_as: None,
            withheld: false,
            left_out: Vec::new(),
        }
    }

    /// The same without anything secret, as it may be written down.
    #[must_use]
    pub fn masked(mut self, before: &Value, after: &Value) -> Self {
        let kind = &self.object.kind;
        let (plain, hidden) = ([before, after], [mask::masked(kind, before), mask::masked(kind, after)]);
        let is_secret = |path: &Path| {
            plain.iter().zip(&hidden).any(|(plain, hidden)| edit::get(plain, path) != edit::get(hidden, path))
        };
        for edit in &mut self.edits {
            // An order is told by names.
            if !edit.order && is_secret(&edit.path) {
                self.withheld = true;
                (edit.before, edit.after, edit.secret) = (None, None, true);
            }
        }
        if let Change::Merge(body) | Change::Apply { manifest: body, .. } | Change::Create(body) = &mut self.change {
            let masked = mask::masked(kind, body);
            self.withheld |= masked != *body;
            *body = masked;
        }
        if let Some(whole) = &mut self.whole {
            // A mask in place of a value would come back as one.
            let out = mask::take_out(kind, whole);
            self.left_out = out.iter().filter(|path| !is_copy(path)).map(|path| edit::spell(path)).collect();
            self.withheld |= !self.left_out.is_empty();
        }
        self
    }

    /// What of this step is known to this run alone, since it is secret: where it stands, in words.
    pub fn secrets(step: &Step) -> Vec<String> {
        let after = step.answer.as_ref().and_then(|answer| answer.after()).unwrap_or(&Value::Null);
        let masked = Self::of(step, 0).masked(step.old(), after);
        let is_known =
            |edit: &&Edit| edit.secret && edit::get(step.old(), &edit.path).is_some() && !is_copy(&edit.path);
        let edits = masked.edits.iter().filter(is_known);
        edits.map(|edit| edit::spell(&edit.path)).chain(masked.left_out).collect()
    }

    /// What is done to the object, in a word.
    pub const fn verb(&self) -> &'static str {
        match self.change {
            Change::Merge(_) => "patch",
            Change::Apply { .. } => "apply",
            Change::Create(_) => "create",
            Change::Delete(_) => "delete",
        }
    }

    /// Whether the step makes the object.
    pub fn makes(&self) -> bool {
        self.uid.is_empty() && !matches!(self.change, Change::Delete(_))
    }
}

/// Whether kubectl's copy of what it applied stands here: nobody misses that.
fn is_copy(path: &[Segment]) -> bool {
    matches!(path.last(), Some(Segment::Field(name)) if name == diff::LAST_APPLIED)
}

/// What a step has changed, now that its object is `after`.
pub fn edits_of(step: &Step, after: &Value) -> Vec<Edit> {
    match (&step.change, step.before.object()) {
        (Change::Merge(_) | Change::Apply { .. }, Some(before)) => {
            edit::edits(&diff::without_bookkeeping(before), &diff::without_bookkeeping(after))
        }
        _ => Vec::new(),
    }
}

/// An object as it can be created again: without what the server gave it.
pub fn fit_to_create(object: &Value) -> Value {
    let mut object = diff::without_bookkeeping(object);
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for key in ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] {
            metadata.remove(key);
        }
    }
    // A claim that says it is bound, and to no volume, is a lost one.
    if let Some(notes) = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        notes.retain(|key, _| !key.starts_with("pv.kubernetes.io/") && key != "volume.kubernetes.io/selected-node");
        if notes.is_empty()
            && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
        {
            metadata.remove("annotations");
        }
    }
    // Addresses and node ports may be somebody else's by then; a claim would wait for a volume that is gone.
    if let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) {
        for key in ["clusterIP", "clusterIPs", "volumeName", "nodeName"] {
            // `None` is a wish, not an address.
            if spec.get(key).is_some_and(|value| value != "None" && value != &serde_json::json!(["None"])) {
                spec.remove(key);
            }
        }
    }
    object
}

/// The uid that a step's answer tells.
pub fn uid_of(answer: Option<&Value>) -> String {
    answer.map(object::uid).unwrap_or_default().to_owned()
}
