//! A plan, and what came of it, as text for people and JSON for programs.

use serde_json::{Value, json};

use crate::journal::export;
use crate::plan::answered::Answered;
use crate::plan::history::{Fate, Past};
use crate::plan::{Answer, Plan, Step};
use crate::text::clean::clean;
use crate::world::trouble::Trouble;

/// What is shown of a plan before it is agreed to. Steps that would change nothing are counted.
pub fn plan(answered: &Answered) -> String {
    let Answered { plan, diffs, kept, impact, .. } = answered;
    let mut out = String::new();
    let mut line = |text: &str| out.extend([&*clean(text), "\n"]);
    for block in &plan.blocks {
        line(&format!("! {block}"));
    }
    for sentence in plan.summary.iter().chain(impact) {
        line(sentence);
    }
    for along in &plan.along {
        line(&along.sentence);
        for name in along.names.iter().filter(|_| along.going.is_empty()) {
            line(&format!("    {name}"));
        }
    }
    let first: usize = plan.stages.iter().take(plan.first_part()).map(|stage| stage.steps.len()).sum();
    for (at, (step, diff)) in plan.steps().zip(diffs).enumerate() {
        if at == first && at > 0 {
            line("asked once more when what stands above has been applied:");
        }
        let Some(answer) = step.answer.as_ref().filter(|answer| **answer != Answer::WouldNotChange) else { continue };
        let source = step.place().map(|place| format!("  {place}")).unwrap_or_default();
        line(&format!("{} {}  {}{source}", answer.glyph(), step.object.title(), answer.words()));
        for words in kept.get(at).into_iter().flatten() {
            line(&format!("    {words}"));
        }
        if let Answer::Refused(trouble) | Answer::NotAsked(trouble) = answer {
            line(&format!("    {}", trouble.what));
            if !trouble.advice.is_empty() {
                line(&format!("    {}", trouble.advice));
            }
        }
        if let Answer::Simulated(why) = answer {
            line(&format!("    {why}: the server cannot say"));
        }
        for difference in &diff.shown {
            line(&format!("    {}", difference.path));
            for (sign, value) in [("-", &difference.before), ("+", &difference.after)] {
                for value in value.iter().flat_map(|value| value.lines()) {
                    line(&format!("    {sign} {value}"));
                }
            }
        }
    }
    line(&counts(plan));
    out
}

fn counts(plan: &Plan) -> String {
    let words = [
        ("would create", "to create"),
        ("would change", "to change"),
        ("would delete", "to delete"),
        ("would not change", "as wished"),
        ("refused", "refused"),
        ("could not be asked", "that could not be asked about"),
        ("accepted but unreadable", "that cannot be read"),
        ("simulated", "to be asked about later"),
    ];
    let count =
        |answer: &str| plan.steps().filter(|step| step.answer.as_ref().is_some_and(|is| is.words() == answer)).count();
    let told = words.iter().map(|(answer, words)| (count(answer), words)).filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, words)| format!("{count} {words}")).collect();
    if told.is_empty() { "there is nothing to do".to_owned() } else { told.join(", ") }
}

/// The same for programs.
pub fn plan_json(answered: &Answered) -> Value {
    let Answered { plan, diffs, impact, .. } = answered;
    let steps = plan.steps().zip(diffs).map(|(step, diff)| {
        let differences =
            diff.shown.iter().map(|one| json!({"path": one.path, "before": one.before, "after": one.after}));
        let trouble = match &step.answer {
            Some(Answer::Refused(trouble) | Answer::NotAsked(trouble)) => trouble_json(trouble),
            _ => Value::Null,
        };
        json!({
            "object": export::object(&step.object),
            "source": step.place(),
            "answer": step.answer.as_ref().map(|answer| answer.words().replace(' ', "-")),
            "differences": differences.collect::<Vec<_>>(),
            "folded": diff.folded.len(),
            "trouble": trouble,
            "kubectl": plan.kubectl(step),
        })
    });
    json!({
        "title": plan.title,
        "target": plan.target,
        "blocks": plan.blocks,
        "summary": plan.summary,
        "impact": impact,
        "along": plan.along.iter().map(|along| json!({"words": along.sentence, "names": along.names})).collect::<Vec<_>>(),
        "changes": plan.steps().filter(|step| is_change(step)).count(),
        "steps": steps.collect::<Vec<_>>(),
    })
}

/// Whether a step would change something, or may.
pub fn is_change(step: &Step) -> bool {
    !matches!(step.answer, Some(Answer::WouldNotChange))
}

/// A failure for programs.
pub fn trouble_json(trouble: &Trouble) -> Value {
    json!({"what": trouble.what, "advice": trouble.advice, "detail": trouble.detail})
}

/// What became of a step, in words.
pub fn fate(fate: &Fate) -> String {
    match fate {
        Fate::NotTried => "not tried".to_owned(),
        Fate::NotNeeded => "as wished".to_owned(),
        Fate::Unknown => "sent, and never answered".to_owned(),
        Fate::Done(_) => "done".to_owned(),
        Fate::Failed(words) => format!("failed: {words}"),
    }
}

/// The steps of a plan of earlier, with what became of them.
pub fn past(past: &Past) -> String {
    let kept = past.kept.iter().map(|file| clean(&format!("what it took is kept in {file}")).into_owned() + "\n");
    let steps = past.steps.iter().filter(|(_, fate)| *fate != Fate::NotNeeded);
    kept.chain(steps.map(|(record, is)| {
        clean(&format!("{} {}: {}", record.verb(), record.object.title(), fate(is))).into_owned() + "\n"
    }))
    .collect()
}
