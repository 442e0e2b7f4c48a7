//! Two versions of an object as YAML: the changed places with lines around them, one below the other or side by side.
//! What is secret is masked; the server's bookkeeping is left out.

use serde_json::Value;

use super::sequence::{Op, script};
use super::text::window;
use super::weight::LAST_APPLIED;
use super::without_bookkeeping;
use crate::plan::mask;
use crate::text::yaml;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// `@@ -3,7 +3,7 @@`: where the lines below stand.
    Heading,
    /// On both sides.
    Context,
    /// Only on the old side.
    Removed,
    /// Only on the new side.
    Added,
}

/// A line of the unified form, without its sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// What it is.
    pub kind: LineKind,
    /// The text. It may hold control characters of the object's texts.
    pub text: String,
}

/// A row of two columns: the old side and the new one. `None` where a side has no line. Sides that differ are another line.
pub type Row = (Option<String>, Option<String>);

/// How many lines around a change are shown.
const AROUND: usize = 3;

/// Of how many lines that go, or come, in one place are shown on screens.
const RUN: usize = 40;

/// The changed places, one below the other, as they are shown: of long lines what differs, of many lines the first ones. Empty
/// if nothing but bookkeeping differs.
pub fn unified(kind: &str, before: &Value, after: &Value) -> Vec<DiffLine> {
    let mut out = Vec::new();
    let mut run: [Vec<String>; 2] = Default::default();
    for line in whole(kind, before, after) {
        match line.kind {
            LineKind::Removed => run[0].push(line.text),
            LineKind::Added => run[1].push(line.text),
            LineKind::Heading | LineKind::Context => {
                folded(std::mem::take(&mut run), &mut out);
                out.push(DiffLine { text: window(&line.text, 0), ..line });
            }
        }
    }
    folded(run, &mut out);
    out
}

/// What goes and what comes in one place.
fn folded([gone, come]: [Vec<String>; 2], out: &mut Vec<DiffLine>) {
    let same = |at: usize| match (gone.get(at), come.get(at)) {
        (Some(old), Some(new)) => old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count(),
        _ => 0,
    };
    for (kind, lines) in [(LineKind::Removed, &gone), (LineKind::Added, &come)] {
        let shown = lines.iter().take(RUN).enumerate();
        out.extend(shown.map(|(at, line)| DiffLine { kind, text: window(line, same(at)) }));
        if let Some(more) = lines.len().checked_sub(RUN).filter(|more| *more > 0) {
            out.push(DiffLine { kind, text: format!("… {more} more lines") });
        }
    }
}

/// The changed places, one below the other, whole.
fn whole(kind: &str, before: &Value, after: &Value) -> Vec<DiffLine> {
    let (old, new) = sides(kind, before, after);
    let mut out = Vec::new();
    for hunk in hunks(&script(&old, &new)) {
        out.push(DiffLine { kind: LineKind::Heading, text: heading(hunk) });
        out.extend(hunk.ops.iter().filter_map(|op| {
            let (kind, text) = match op {
                Op::Keep(at, _) => (LineKind::Context, old.get(*at)),
                Op::Remove(at) => (LineKind::Removed, old.get(*at)),
                Op::Insert(at) => (LineKind::Added, new.get(*at)),
            };
            Some(DiffLine { kind, text: text?.clone() })
        }));
    }
    out
}

/// The same side by side; a row without either side stands between places.
pub fn side_by_side(lines: &[DiffLine]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    // Where what comes is to stand: beside what goes, as far as there is any.
    let mut open = 0;
    for DiffLine { kind, text } in lines {
        match kind {
            LineKind::Heading if rows.is_empty() => {}
            LineKind::Heading => {
                rows.push((None, None));
                open = rows.len();
            }
            LineKind::Context => {
                rows.push((Some(text.clone()), Some(text.clone())));
                open = rows.len();
            }
            LineKind::Removed => rows.push((Some(text.clone()), None)),
            LineKind::Added => {
                match rows.get_mut(open) {
                    Some(row) => row.1 = Some(text.clone()),
                    None => rows.push((None, Some(text.clone()))),
                }
                open += 1;
            }
        }
    }
    rows
}

/// The changed places as `diff -u -N` prints them, with these names of the two sides (`a/…`, `b/…`). Empty if nothing but
/// bookkeeping differs.
pub fn patch(kind: &str, before: &Value, after: &Value, [old, new]: [&str; 2]) -> String {
    let lines = whole(kind, before, after);
    if lines.is_empty() {
        return String::new();
    }
    let mut out = format!("--- {old}\n+++ {new}\n");
    for DiffLine { kind, text } in lines {
        let sign = match kind {
            LineKind::Heading => "",
            LineKind::Context => " ",
            LineKind::Removed => "-",
            LineKind::Added => "+",
        };
        out.extend([sign, &text, "\n"]);
    }
    out
}

/// The lines of both sides. An object that is not there has none.
fn sides(kind: &str, before: &Value, after: &Value) -> (Vec<String>, Vec<String>) {
    let [mut before, mut after] = mask::masked_both(kind, before, after);
    let is_nothing = |side: &Value| side.as_object().is_none_or(serde_json::Map::is_empty);
    // What comes, or goes, whole has a uid and an age, and that says nothing.
    let (comes, goes) = (is_nothing(&before), is_nothing(&after));
    for (side, other) in [(&mut before, goes), (&mut after, comes)] {
        if other && let Some(metadata) = side.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|key, _| !matches!(key.as_str(), "uid" | "creationTimestamp"));
        }
    }
    (lines(&before), lines(&after))
}

fn lines(object: &Value) -> Vec<String> {
    let mut object = without_bookkeeping(object);
    if let Some(annotations) = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        annotations.remove(LAST_APPLIED);
    }
    if object.is_null() || object.as_object().is_some_and(serde_json::Map::is_empty) {
        return Vec::new();
    }
    yaml::render(&object, &|_, _| None).lines().map(str::to_owned).collect()
}

/// A changed place: its steps, and how many lines of each side stand before it.
#[derive(Clone, Copy)]
struct Hunk<'o> {
    ops: &'o [Op],
    skipped: [usize; 2],
}

fn hunks(ops: &[Op]) -> Vec<Hunk<'_>> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for at in ops.iter().enumerate().filter(|(_, op)| !matches!(op, Op::Keep(..))).map(|(at, _)| at) {
        let (from, to) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(ops.len()));
        match ranges.last_mut() {
            Some((_, end)) if from <= *end => *end = to,
            _ => ranges.push((from, to)),
        }
    }
    let hunk = |(from, to): (usize, usize)| {
        let skipped = count(ops.get(..from).unwrap_or_default());
        Hunk { ops: ops.get(from..to).unwrap_or_default(), skipped }
    };
    ranges.into_iter().map(hunk).collect()
}

/// How many lines of each side steps cover.
fn count(ops: &[Op]) -> [usize; 2] {
    let old = ops.iter().filter(|op| !matches!(op, Op::Insert(_))).count();
    let new = ops.iter().filter(|op| !matches!(op, Op::Remove(_))).count();
    [old, new]
}

fn heading(hunk: Hunk<'_>) -> String {
    let [old, new] = count(hunk.ops);
    // A side without lines is told by the line before it, as diff does.
    let range = |skipped: usize, count: usize| match count {
        0 => format!("{skipped},0"),
        1 => format!("{}", skipped + 1),
        more => format!("{},{more}", skipped + 1),
    };
    let [skipped_old, skipped_new] = hunk.skipped;
    format!("@@ -{} +{} @@", range(skipped_old, old), range(skipped_new, new))
}
