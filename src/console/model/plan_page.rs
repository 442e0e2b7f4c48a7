//! The text of a plan on the screen.

use super::page::{Ink, Line, shortened};
use super::plan::PlanDialog;
use crate::plan::diff::Diff;
use crate::plan::{Answer, Step, keeper};
use crate::world::trouble::Trouble;

/// How many characters of a command the page shows: a manifest may have a MiB.
pub const SHOWN: usize = 8_000;

/// What it means, what moved, what can be chosen, and each step with the server's answer and the difference it would make;
/// each line with the number of its step. `shown`: how many characters of a command.
pub fn lines(dialog: &PlanDialog, shown: usize) -> Vec<(Option<usize>, Line)> {
    let plan = &dialog.plan;
    if let Some(fault) = &dialog.fault {
        return faults(fault).into_iter().map(|line| (None, line)).collect();
    }
    let mut lines: Vec<Line> = plan.summary.iter().map(|sentence| Line::of(Ink::Text, sentence)).collect();
    lines.extend(dialog.impact.iter().map(|sentence| Line::of(Ink::Warn, sentence).hang(2)));
    for moved in &dialog.drift {
        lines.push(Line::of(Ink::Warn, format!("moved: {moved}")));
    }
    for choice in &dialog.choices {
        let mark = if choice.on { 'x' } else { ' ' };
        lines.push(Line::of(Ink::Text, format!("[{mark}] {}", choice.title)).hang(4));
    }
    if plan.steps().next().is_none() {
        lines.push(Line::of(Ink::Dim, "there is nothing to do"));
    }
    lines.push(Line::default());
    let mut lines: Vec<(Option<usize>, Line)> = lines.into_iter().map(|line| (None, line)).collect();
    let first = plan.first_part();
    let mut number = 0;
    for (at, stage) in plan.stages.iter().enumerate() {
        if at == first && at > 0 {
            let words = "asked once more when what stands above has been applied:";
            lines.push((None, Line::of(Ink::Dim, words)));
        }
        for step in &stage.steps {
            lines.extend(of_step(dialog, number, step, shown).into_iter().map(|line| (Some(number), line)));
            number += 1;
        }
    }
    lines
}

/// What keeps a plan from being made.
fn faults(fault: &Trouble) -> Vec<Line> {
    let mut lines = vec![Line::of(Ink::Danger, &fault.what).hang(2)];
    if !fault.advice.is_empty() {
        lines.push(Line::of(Ink::Dim, format!("  {}", fault.advice)).hang(2));
    }
    lines.extend(fault.detail.lines().map(|line| Line::of(Ink::Danger, line).hang(2)));
    lines
}

fn of_step(dialog: &PlanDialog, number: usize, step: &Step, shown: usize) -> Vec<Line> {
    let title = step.object.title();
    let source = step.place().map(|place| format!("  {place}")).unwrap_or_default();
    let mut lines = Vec::new();
    match &step.answer {
        None => lines.push(Line::of(Ink::Dim, format!("…  {title}  asking the server")).hang(3)),
        Some(answer) => {
            let diff = dialog.diffs.get(number);
            let open = dialog.is_open(number);
            let count = diff.filter(|_| !open).map(|diff| diff.shown.len()).filter(|count| *count > 0);
            let count = match count {
                None => String::new(),
                Some(1) => ", 1 field".to_owned(),
                Some(count) => format!(", {count} fields"),
            };
            let line = Line::of(ink(answer), format!("{}  {title}  {}{count}", answer.glyph(), answer.words()));
            lines.push(line.and(Ink::Dim, source).hang(3));
            if let Some(before) = step.before.object().filter(|_| answer.is_change()) {
                let keepers = keeper::keepers(before);
                lines
                    .extend(keepers.iter().map(|keeper| Line::of(Ink::Warn, format!("   {}", keeper.words())).hang(3)));
            }
            if open || !answer.is_good() {
                lines.extend(answered(dialog, answer, diff));
            }
        }
    }
    if let Some(command) = dialog.commands.get(number).filter(|_| dialog.details) {
        for (at, command) in shortened(command, shown).lines().enumerate() {
            let prompt = if at == 0 { "$ " } else { "" };
            lines.push(Line::of(Ink::Dim, format!("   {prompt}{command}")).hang(5));
        }
    }
    lines
}

const fn ink(answer: &Answer) -> Ink {
    match answer {
        Answer::WouldCreate(_) | Answer::WouldChange(_) => Ink::Head,
        Answer::WouldDelete => Ink::Removed,
        Answer::WouldNotChange => Ink::Dim,
        Answer::Unreadable | Answer::NotAsked(_) | Answer::Simulated(_) => Ink::Warn,
        Answer::Refused(_) => Ink::Danger,
    }
}

fn answered(dialog: &PlanDialog, answer: &Answer, diff: Option<&Diff>) -> Vec<Line> {
    match answer {
        Answer::WouldCreate(_) | Answer::WouldChange(_) => diff.map(differences).unwrap_or_default(),
        Answer::Refused(trouble) | Answer::NotAsked(trouble) => {
            let mut lines = vec![Line::of(Ink::Text, format!("   {}", trouble.what)).hang(3)];
            let detail = dialog.details.then_some(&trouble.detail);
            for more in [Some(&trouble.advice), detail].into_iter().flatten().filter(|words| !words.is_empty()) {
                lines.push(Line::of(Ink::Dim, format!("   {more}")).hang(3));
            }
            lines
        }
        Answer::Simulated(parent) => {
            vec![Line::of(Ink::Dim, format!("   {parent} does not exist yet: the server cannot say")).hang(3)]
        }
        Answer::Unreadable => {
            vec![Line::of(Ink::Dim, "   what is there may not be read, so what would change is not known").hang(3)]
        }
        Answer::WouldNotChange | Answer::WouldDelete => Vec::new(),
    }
}

fn differences(diff: &Diff) -> Vec<Line> {
    let mut lines = Vec::new();
    for difference in &diff.shown {
        lines.push(Line::of(Ink::Text, format!("   {}", difference.path)).hang(3));
        if let Some(before) = &difference.before {
            lines.push(Line::of(Ink::Removed, format!("   - {before}")).hang(5));
        }
        if let Some(after) = &difference.after {
            lines.push(Line::of(Ink::Added, format!("   + {after}")).hang(5));
        }
    }
    if diff.folded > 0 {
        let fields = if diff.folded == 1 { "field" } else { "fields" };
        lines.push(Line::of(Ink::Dim, format!("   and {} {fields} of status and bookkeeping", diff.folded)));
    }
    lines
}
