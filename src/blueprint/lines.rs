//! Faults in a blueprint's files, at their places.

use crate::text::fault::Fault;

use super::File;

/// What is wrong on a line (from 1): at `word`, if that stands there, else at the first thing on it.
pub fn at_line(file: &File, line: usize, word: Option<&str>, message: String) -> Fault {
    let text = &file.text;
    let begin = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let all = text.get(begin..).unwrap_or_default().lines().next().unwrap_or_default();
    let (start, length) = match word.and_then(|word| Some((all.find(word)?, word.len()))) {
        Some(found) => found,
        None => (all.len() - all.trim_start().len(), all.trim().len()),
    };
    Fault::at(&file.name, text, &(begin + start..begin + start + length), message)
}
