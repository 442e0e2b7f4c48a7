//! What became of earlier plans, as the journal tells it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::object::{self, Target};
use super::record::Record;
use super::step::Change;
use super::undo::{Earlier, Taken};
use super::{FIELD_MANAGER, Plan, Relation};

/// An earlier plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Its name in the journal.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where, and as whom.
    pub target: Target,
    /// When it was begun (Unix seconds).
    pub at: i64,
    /// The process that sent it.
    pub pid: u32,
    /// What it had to do with another.
    pub relation: Option<Relation>,
    /// It was applied as a trial, and nobody has said yet that it is to stay.
    pub trial: Option<Trial>,
    /// The steps, and what became of each.
    pub steps: Vec<(Record, Fate)>,
    /// When the last was answered (Unix seconds); `None`: something ended before that, or it is still under way.
    pub ended: Option<i64>,
    /// This console did it, so all its values are known, secrets too.
    pub ran_here: bool,
    /// It was interrupted, and somebody has said that it can rest.
    pub forgotten: bool,
    /// The file in which there is what it took, if that was kept.
    pub kept: Option<String>,
}

/// A plan that is to be taken back unless somebody says that it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// When it is to be taken back (Unix seconds); `None`: when somebody decides.
    pub until: Option<i64>,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It was not sent.
    NotTried,
    /// There was nothing to change.
    NotNeeded,
    /// It was sent, and what came of it is not known.
    Unknown,
    /// It was taken: the uid of the object afterwards.
    Done(String),
    /// It was refused, in one sentence.
    Failed(String),
}

impl Past {
    /// A plan that this process is about to apply, none of its steps sent.
    pub fn begun(plan: &Plan, id: String, at: i64, pid: u32, trial: Option<Trial>) -> Self {
        let stages = plan.stages.iter().enumerate();
        let record = |step, at| {
            let acting_as = plan.actor(step).cloned();
            (Record { acting_as, ..Record::of(step, at) }, Fate::NotTried)
        };
        let steps = stages.flat_map(|(at, stage)| stage.steps.iter().map(move |step| record(step, at)));
        Self {
            id,
            title: plan.title.clone(),
            target: plan.target.clone(),
            at,
            pid,
            relation: plan.relation.clone(),
            trial,
            steps: steps.collect(),
            ended: None,
            ran_here: true,
            forgotten: false,
            kept: None,
        }
    }

    /// As undoing names it.
    pub fn earlier(&self) -> Earlier {
        Earlier { id: self.id.clone(), title: self.title.clone() }
    }

    /// Whether something ended it before it was through, or what came of a step is not known, and nobody has taken care of
    /// that.
    pub fn is_interrupted(&self) -> bool {
        let is_unknown = |(_, fate): &(Record, Fate)| *fate == Fate::Unknown;
        (self.ended.is_none() || self.steps.iter().any(is_unknown)) && !self.forgotten
    }

    /// How many steps were taken.
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|(_, fate)| matches!(fate, Fate::Done(_))).count()
    }

    /// How many steps were taken, failed, and were not tried: `3 done, 1 failed, 8 not tried`.
    pub fn counts(&self) -> String {
        let count = |is: fn(&Fate) -> bool| self.steps.iter().filter(|(_, fate)| is(fate)).count();
        let told = [
            (count(|fate| matches!(fate, Fate::Done(_) | Fate::NotNeeded)), "done"),
            (count(|fate| matches!(fate, Fate::Failed(_))), "failed"),
            (count(|fate| matches!(fate, Fate::Unknown)), "never answered"),
            (count(|fate| matches!(fate, Fate::NotTried)), "not tried"),
        ];
        let told = told.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
        told.collect::<Vec<_>>().join(", ")
    }

    /// Whether a step was taken, or may have been.
    pub fn may_have_done(&self) -> bool {
        self.steps.iter().any(|(_, fate)| matches!(fate, Fate::Done(_) | Fate::Unknown))
    }

    /// What came of it, in a few words.
    pub fn outcome(&self) -> String {
        let all = self.steps.len();
        let done = self.steps.iter().filter(|(_, fate)| matches!(fate, Fate::Done(_) | Fate::NotNeeded)).count();
        let failed = self.steps.iter().any(|(_, fate)| matches!(fate, Fate::Failed(_)));
        let unknown = self.steps.iter().any(|(_, fate)| *fate == Fate::Unknown);
        match (self.ended.filter(|_| !unknown), failed) {
            (None, _) if self.forgotten => format!("interrupted after {done} of {all}, let be"),
            (None, _) => format!("interrupted after {done} of {all}"),
            (Some(_), true) => format!("failed after {done} of {all}"),
            (Some(_), false) if done < all => format!("stopped after {done} of {all}"),
            (Some(_), false) => "done".to_owned(),
        }
    }

    /// The steps that were taken, and those that were not, by what their objects are now (in the order of the steps).
    pub fn split(&self, now: &[Option<Value>]) -> (Vec<Taken>, Vec<(Record, Option<Value>)>) {
        let (mut taken, mut open) = (Vec::new(), Vec::new());
        for ((record, fate), now) in self.steps.iter().zip(now) {
            let made = match fate {
                Fate::Done(uid) => Some(uid.clone()),
                Fate::Unknown => arrived(record, now.as_ref()),
                Fate::NotNeeded => continue,
                Fate::NotTried | Fate::Failed(_) => None,
            };
            match made {
                Some(made) => taken.push(Taken { record: record.clone(), made, now: now.clone() }),
                None => open.push((record.clone(), now.clone())),
            }
        }
        (taken, open)
    }
}

/// Whether a step that was sent, and never answered, has arrived: the uid of its object then.
fn arrived(record: &Record, now: Option<&Value>) -> Option<String> {
    let uid = now.map(object::uid).unwrap_or_default();
    let has = match &record.change {
        Change::Delete(_) => {
            now.is_none_or(|now| uid != record.uid || now.pointer("/metadata/deletionTimestamp").is_some())
        }
        // What somebody else has made under this name is not ours.
        _ if record.makes() => now.is_some_and(is_ours),
        _ => {
            uid == record.uid
                && now.is_some_and(|now| {
                    record.edits.iter().any(|edit| !edit.secret && edit.is_after(now) && !edit.is_before(now))
                })
        }
    };
    has.then(|| uid.to_owned())
}

fn is_ours(object: &Value) -> bool {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    entries.is_some_and(|entries| {
        entries.iter().any(|entry| entry.get("manager").and_then(Value::as_str) == Some(FIELD_MANAGER))
    })
}
