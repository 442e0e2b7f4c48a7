//! A plan with all that is shown of it, made where it may take its time.

use super::diff::{self, Diff};
use super::{Answer, Before, Digest, Plan, Step, impact};

/// A plan that the server has answered, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The plan.
    pub plan: Plan,
    /// What stands for it when it is approved; `None` if a step is not answered.
    pub digest: Option<Digest>,
    /// Of each step what would be another.
    pub diffs: Vec<Diff>,
    /// What it does beyond the fields that it changes, in sentences.
    pub impact: Vec<String>,
    /// Of each step the command that does the same.
    pub commands: Vec<String>,
}

impl Answered {
    /// Compares what is with what would be.
    pub fn of(plan: Plan) -> Self {
        let diffs = plan.steps().map(compare).collect();
        let commands = plan.steps().map(|step| step.kubectl(&plan.target)).collect();
        Self { digest: plan.digest(), impact: impact::sentences(&plan), diffs, commands, plan }
    }
}

fn compare(step: &Step) -> Diff {
    let kind = &step.object.kind;
    let nothing = serde_json::json!({});
    match (&step.before, &step.answer) {
        (Before::Present(before), Some(Answer::WouldChange(after))) => diff::diff(kind, before, after),
        (_, Some(Answer::WouldCreate(after))) => diff::diff(kind, &nothing, after),
        _ => Diff::default(),
    }
}
