//! A plan with all that is shown of it, made where it may take its time.

use serde_json::{Value, json};

use super::diff::yaml::DiffLine;
use super::diff::{self, Diff, yaml};
use super::{Answer, Before, Digest, Plan, Step, impact, keeper};

/// A plan that the server has answered, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The plan.
    pub plan: Plan,
    /// What stands for it when it is approved; `None` if a step is not answered.
    pub digest: Option<Digest>,
    /// Of each step what would be another.
    pub diffs: Vec<Diff>,
    /// The same as YAML.
    pub yaml: Vec<Vec<DiffLine>>,
    /// Of each step who else keeps its object as it is, in sentences.
    pub kept: Vec<Vec<String>>,
    /// What it does beyond the fields that it changes, in sentences.
    pub impact: Vec<String>,
    /// Of each step the command that does the same.
    pub commands: Vec<String>,
}

impl Answered {
    /// Compares what is with what would be.
    pub fn of(plan: Plan) -> Self {
        // What is deleted is gone with all its fields: by path that says nothing.
        let differs = |step: &Step| step.answer.as_ref().is_some_and(|answer| answer.after().is_some());
        let diff = |step: &Step| if differs(step) { compare(step, diff::diff) } else { None };
        let diffs = plan.steps().map(|step| diff(step).unwrap_or_default()).collect();
        let yaml = plan.steps().map(|step| compare(step, yaml::unified).unwrap_or_default()).collect();
        let kept = plan.steps().map(keeper::words).collect();
        let commands = plan.steps().map(|step| plan.kubectl(step)).collect();
        Self { digest: plan.digest(), impact: impact::sentences(&plan), diffs, yaml, kept, commands, plan }
    }
}

/// What an answered step would change, as `diff -u -N` prints it; empty if it would change nothing that can be shown.
pub fn patch(step: &Step) -> String {
    let path = step.object.title().replace(' ', "/");
    let names = [format!("a/{path}"), format!("b/{path}")];
    let [old, new] = names.each_ref().map(String::as_str);
    compare(step, |kind, before, after| yaml::patch(kind, before, after, [old, new])).unwrap_or_default()
}

/// Compares what is with what would be, if both are known.
fn compare<T>(step: &Step, compare: impl FnOnce(&str, &Value, &Value) -> T) -> Option<T> {
    let kind = &step.object.kind;
    match (&step.before, &step.answer) {
        (Before::Present(before), Some(Answer::WouldChange(after))) => Some(compare(kind, before, after)),
        (_, Some(Answer::WouldCreate(after))) => Some(compare(kind, &json!({}), after)),
        (Before::Present(before), Some(Answer::WouldDelete)) => Some(compare(kind, before, &json!({}))),
        _ => None,
    }
}
