//! Unified differences of two texts, with three lines around each change.

use std::fmt::Write as _;

/// Lines around a change.
const AROUND: usize = 3;

/// Beyond so many pairs of lines that may differ they count as replaced as a whole.
const MOST: usize = 4_000_000;

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    Goes,
    Comes,
}

/// The hunks, without a header; each line ends.
pub(super) fn unified(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let script = script(&old, &new);
    let mut out = String::new();
    let changes: Vec<usize> = (0..script.len()).filter(|at| script[*at].0 != Fate::Stays).collect();
    let mut rest = changes.as_slice();
    while let Some(first) = rest.first() {
        // Changes with at most twice the lines around them in between are one hunk.
        let many = rest.windows(2).take_while(|pair| pair[1] - pair[0] <= 2 * AROUND + 1).count() + 1;
        let (these, others) = rest.split_at(many);
        rest = others;
        let begin = first.saturating_sub(AROUND);
        let end = these.last().map_or(begin, |last| (last + AROUND + 1).min(script.len()));
        let before = |fate: Fate| script[..begin].iter().filter(|(one, _)| *one != fate).count();
        let within = |fate: Fate| script[begin..end].iter().filter(|(one, _)| *one != fate).count();
        let (from, to) = [Fate::Comes, Fate::Goes].map(|fate| range(before(fate), within(fate))).into();
        let _ = writeln!(out, "@@ -{from} +{to} @@");
        for (fate, line) in &script[begin..end] {
            out.push(match fate {
                Fate::Stays => ' ',
                Fate::Goes => '-',
                Fate::Comes => '+',
            });
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn range(before: usize, many: usize) -> String {
    match many {
        0 => format!("{before},0"),
        1 => format!("{}", before + 1),
        _ => format!("{},{many}", before + 1),
    }
}

/// All lines of both texts in order, what goes before what comes.
fn script<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Fate, &'a str)> {
    let head = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(one, other)| one == other).count();
    let (gone, come) = (&old_rest[..old_rest.len() - tail], &new_rest[..new_rest.len() - tail]);
    let stays = |line: &&'a str| (Fate::Stays, *line);
    let mut script: Vec<_> = old[..head].iter().map(stays).collect();
    script.extend(middle(gone, come));
    script.extend(old[old.len() - tail..].iter().map(stays));
    script
}

/// The lines between what both texts begin and end with, by their longest common subsequence.
fn middle<'a>(gone: &[&'a str], come: &[&'a str]) -> Vec<(Fate, &'a str)> {
    let width = come.len() + 1;
    let mut longest = vec![0_u32; if gone.len() * come.len() > MOST { 0 } else { (gone.len() + 1) * width }];
    if !longest.is_empty() {
        for at in (0..gone.len()).rev() {
            for to in (0..come.len()).rev() {
                longest[at * width + to] = if gone[at] == come[to] {
                    longest[(at + 1) * width + to + 1] + 1
                } else {
                    longest[(at + 1) * width + to].max(longest[at * width + to + 1])
                };
            }
        }
    }
    let (mut at, mut to) = (0, 0);
    let mut script: Vec<(Fate, &str)> = Vec::new();
    let mut pending: Vec<(Fate, &str)> = Vec::new();
    while at < gone.len() || to < come.len() {
        let both = at < gone.len() && to < come.len() && !longest.is_empty();
        if both && gone[at] == come[to] {
            script.append(&mut pending);
            script.push((Fate::Stays, gone[at]));
            (at, to) = (at + 1, to + 1);
        } else if at < gone.len() && (!both || longest[(at + 1) * width + to] >= longest[at * width + to + 1]) {
            script.push((Fate::Goes, gone[at]));
            at += 1;
        } else {
            pending.push((Fate::Comes, come[to]));
            to += 1;
        }
    }
    script.append(&mut pending);
    script
}
