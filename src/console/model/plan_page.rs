//! The text of a plan on the screen.

use super::page::{Ink, Line, shortened};
use super::plan::{DiffForm, PlanDialog};
use crate::action::whatif::Consequence;
use crate::plan::along::Along;
use crate::plan::answered;
use crate::plan::diff::yaml::{DiffLine, LineKind, side_by_side};
use crate::plan::diff::{Change, Diff, Difference};
use crate::plan::{Answer, Step, keeper};
use crate::text::clean::{clean, clean_lines};
use crate::text::width::{width, wrap};
use crate::world::trouble::Trouble;

/// How many characters of a command the page shows: a manifest may have a MiB.
pub const SHOWN: usize = 8_000;

/// How it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The form of differences.
    pub form: DiffForm,
    /// On how many columns.
    pub columns: usize,
    /// How many characters of a command.
    pub shown: usize,
}

/// What it means, what moved, what can be chosen, and each step with the server's answer and the difference it would make;
/// each line with the number of its step.
pub fn lines(dialog: &PlanDialog, shape: Shape) -> Vec<(Option<usize>, Line)> {
    let shape = Shape { form: shape.form.on(shape.columns), ..shape };
    let plan = &dialog.plan;
    if let Some(fault) = &dialog.fault {
        return faults(fault).into_iter().map(|line| (None, line)).collect();
    }
    let mut lines: Vec<Line> = plan.summary.iter().map(|sentence| Line::of(Ink::Text, sentence)).collect();
    lines.splice(0..0, plan.blocks.iter().map(|block| Line::of(Ink::Danger, format!("! {block}")).hang(2)));
    lines.extend(dialog.impact.iter().map(|sentence| Line::of(Ink::Warn, sentence).hang(2)));
    lines.extend(dialog.consequence.cells.iter().map(|cell| Line::of(Ink::Head, cell).hang(2)));
    lines.extend(dialog.consequence.warnings.iter().map(|words| Line::of(Ink::Warn, format!("! {words}")).hang(2)));
    for along in &plan.along {
        lines.push(Line::of(Ink::Warn, clean(&along.sentence)).hang(2));
        if dialog.details {
            lines.extend(names(along));
        }
    }
    for moved in &dialog.drift {
        lines.push(Line::of(Ink::Warn, format!("moved: {moved}")));
    }
    lines.extend(dialog.blind.iter().map(|words| Line::of(Ink::Warn, words).hang(2)));
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
            lines.extend(of_step(dialog, number, step, shape).into_iter().map(|line| (Some(number), line)));
            number += 1;
        }
    }
    lines
}

/// What goes along by name, as far as anybody reads that.
fn names(along: &Along) -> Vec<Line> {
    const SHOWN: usize = 200;
    let line = |name: &String| Line::of(Ink::Dim, format!("   {}", clean(name))).hang(5);
    let mut lines: Vec<Line> = along.names.iter().take(SHOWN).map(line).collect();
    if let Some(more) = along.names.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(Line::of(Ink::Dim, format!("   and {more} more")));
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

/// The same as text, and what differs as `diff -u -N` prints it if it is shown as YAML.
pub fn text(dialog: &PlanDialog, form: DiffForm) -> String {
    let target = &dialog.plan.target;
    let mut out = format!("{}\n{} as {}\n\n", dialog.plan.title, target.context, target.who());
    if form == DiffForm::Paths {
        let shape = Shape { form, columns: usize::MAX, shown: usize::MAX };
        let line = |line: Line| line.spans.into_iter().map(|(_, text)| text).collect::<String>();
        for (_, words) in lines(dialog, shape) {
            out.extend([line(words).trim_end(), "\n"]);
        }
        return out;
    }
    let Consequence { cells, warnings } = &dialog.consequence;
    for sentence in dialog.plan.summary.iter().chain(&dialog.impact).chain(cells).chain(warnings) {
        out.extend([sentence, "\n"]);
    }
    for step in dialog.plan.steps() {
        let words = step.answer.as_ref().map_or("not asked yet", Answer::words);
        out.extend([&*step.object.title(), "  ", words, "\n", &*answered::patch(step)]);
    }
    out
}

/// The commands that would do the same, one after the other.
pub fn commands(dialog: &PlanDialog) -> String {
    let needed = dialog.plan.steps().filter(|step| !matches!(step.answer, Some(Answer::WouldNotChange)));
    needed.map(|step| dialog.plan.kubectl(step) + "\n").collect()
}

fn of_step(dialog: &PlanDialog, number: usize, step: &Step, shape: Shape) -> Vec<Line> {
    let title = step.object.title();
    let source = step.place().map(|place| format!("  {place}")).unwrap_or_default();
    let mut lines = Vec::new();
    match &step.answer {
        None => lines.push(Line::of(Ink::Dim, format!("…  {title}  asking the server")).hang(3)),
        Some(answer) => {
            let open = dialog.is_open(number);
            let count = dialog.diffs.get(number).filter(|_| !open).map(|diff| diff.shown.len());
            let count = match count {
                None | Some(0) => String::new(),
                Some(1) => ", 1 field".to_owned(),
                Some(count) => format!(", {count} fields"),
            };
            let line = Line::of(ink(answer), format!("{}  {title}  {}{count}", answer.glyph(), answer.words()));
            lines.push(line.and(Ink::Dim, source).hang(3));
        }
    }
    // Whose it is is known before the server has answered.
    let kept = dialog.kept.get(number).cloned().unwrap_or_else(|| keeper::words(step));
    lines.extend(kept.into_iter().map(|words| Line::of(Ink::Warn, format!("   {words}")).hang(3)));
    if let Some(answer) = step.answer.as_ref().filter(|answer| dialog.is_open(number) || !answer.is_good()) {
        lines.extend(answered(dialog, number, answer, shape));
    }
    if let Some(command) = dialog.commands.get(number).filter(|_| dialog.details) {
        for (at, command) in shortened(command, shape.shown).lines().enumerate() {
            let prompt = if at == 0 { "$ " } else { "" };
            lines.push(Line::of(Ink::Dim, format!("   {prompt}{}", clean(command))).hang(5));
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

fn answered(dialog: &PlanDialog, number: usize, answer: &Answer, shape: Shape) -> Vec<Line> {
    match answer {
        Answer::WouldCreate(_) | Answer::WouldChange(_) => {
            let diff = dialog.diffs.get(number);
            let yaml = dialog.yaml.get(number).map(Vec::as_slice).unwrap_or_default();
            let mut lines = match shape.form {
                DiffForm::Paths => diff.map(|diff| paths(&diff.shown)).unwrap_or_default(),
                DiffForm::Unified => unified(yaml),
                DiffForm::SideBySide => beside(yaml, shape.columns),
            };
            lines.extend(diff.map(|diff| noise(dialog, diff)).unwrap_or_default());
            lines
        }
        // What goes is named; its text is there for whoever wants it.
        Answer::WouldDelete if shape.form != DiffForm::Paths => {
            unified(dialog.yaml.get(number).map(Vec::as_slice).unwrap_or_default())
        }
        Answer::Refused(trouble) | Answer::NotAsked(trouble) => {
            let mut lines = vec![Line::of(Ink::Text, format!("   {}", trouble.what)).hang(3)];
            let detail = dialog.details.then_some(&trouble.detail);
            for more in [Some(&trouble.advice), detail].into_iter().flatten().filter(|words| !words.is_empty()) {
                lines.push(Line::of(Ink::Dim, format!("   {more}")).hang(3));
            }
            lines
        }
        Answer::Simulated(why) => {
            vec![Line::of(Ink::Dim, format!("   {why}: the server cannot say")).hang(3)]
        }
        Answer::Unreadable => {
            vec![Line::of(Ink::Dim, "   what is there may not be read, so what would change is not known").hang(3)]
        }
        Answer::WouldNotChange | Answer::WouldDelete => Vec::new(),
    }
}

/// Path by path.
fn paths(differences: &[Difference]) -> Vec<Line> {
    let mut lines = Vec::new();
    for Difference { path, before, after, change, is_weighty } in differences {
        let ink = if *is_weighty { Ink::Head } else { Ink::Text };
        let path = clean(path);
        if let (Change::Moved | Change::Renamed, Some(before), Some(after)) = (change, before, after) {
            let word = if *change == Change::Moved { "moved" } else { "renamed" };
            let words = format!("  {word}: {} -> {}", clean(before), clean(after));
            lines.push(Line::of(ink, format!("   {path}")).and(Ink::Text, words).hang(5));
            continue;
        }
        lines.push(Line::of(ink, format!("   {path}")).hang(3));
        for (ink, sign, value) in [(Ink::Removed, '-', before), (Ink::Added, '+', after)] {
            let Some(value) = value else { continue };
            // An empty text is a value, too.
            let all = if value.is_empty() { vec![String::new()] } else { clean_lines(value) };
            lines.extend(all.into_iter().map(|line| Line::of(ink, format!("   {sign} {line}")).hang(5)));
        }
    }
    lines
}

/// What the server changes in its own fields: how much, or what.
fn noise(dialog: &PlanDialog, diff: &Diff) -> Vec<Line> {
    let count = diff.folded.len();
    if count == 0 {
        return Vec::new();
    }
    let fields = if count == 1 { "field" } else { "fields" };
    let mut lines = vec![Line::of(Ink::Dim, format!("   and {count} {fields} of status and bookkeeping"))];
    if dialog.noise {
        lines.extend(paths(&diff.folded));
    }
    lines
}

const fn sign(kind: LineKind) -> (Ink, &'static str) {
    match kind {
        LineKind::Heading => (Ink::Dim, ""),
        LineKind::Context => (Ink::Text, "  "),
        LineKind::Removed => (Ink::Removed, "- "),
        LineKind::Added => (Ink::Added, "+ "),
    }
}

/// As YAML, one below the other.
fn unified(lines: &[DiffLine]) -> Vec<Line> {
    let line = |DiffLine { kind, text }: &DiffLine| {
        let (ink, sign) = sign(*kind);
        Line::of(ink, format!("   {sign}{}", clean(text))).hang(7)
    };
    lines.iter().map(line).collect()
}

/// A line in pieces that have room on a side, each indented as the line is.
fn broken(text: &str, side: usize) -> Vec<String> {
    let text = clean(text);
    let indent = text.len() - text.trim_start_matches(' ').len();
    let pieces = wrap(text.get(indent..).unwrap_or_default(), side.saturating_sub(2 + indent).max(8));
    pieces.into_iter().map(|piece| " ".repeat(indent) + &piece).collect()
}

/// As YAML, side by side. Long lines are broken on their side.
fn beside(lines: &[DiffLine], columns: usize) -> Vec<Line> {
    const INDENT: usize = 3;
    const BETWEEN: &str = " │ ";
    let side = columns.saturating_sub(INDENT + BETWEEN.chars().count()) / 2;
    let mut out = Vec::new();
    for (old, new) in side_by_side(lines) {
        let same = old == new;
        let pieces = |text: &Option<String>| text.as_ref().map(|text| broken(text, side)).unwrap_or_default();
        let (left, right) = (pieces(&old), pieces(&new));
        for row in 0..left.len().max(right.len()).max(1) {
            let cell = |pieces: &[String], sign: &str| match pieces.get(row) {
                Some(piece) if row == 0 => format!("{sign}{piece}"),
                Some(piece) => format!("  {piece}"),
                None => String::new(),
            };
            let (left, right) =
                if same { (cell(&left, "  "), cell(&right, "  ")) } else { (cell(&left, "- "), cell(&right, "+ ")) };
            let gap = " ".repeat(side.saturating_sub(width(&left)));
            let (old, new) = if same { (Ink::Text, Ink::Text) } else { (Ink::Removed, Ink::Added) };
            out.push(
                Line::of(old, format!("{}{left}", " ".repeat(INDENT)))
                    .and(Ink::Dim, format!("{gap}{BETWEEN}"))
                    .and(new, right),
            );
        }
    }
    out
}
