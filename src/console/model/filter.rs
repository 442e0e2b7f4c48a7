//! What is typed after `/`: which rows of a table stay.
//!
//! ```text
//! oil web        rows with both words, in whatever cells
//! !cordoned      rows without the word
//! state:paused   the word in one column (its title, or how that begins)
//! team=blue      a label; `team!=blue`, `team=` for one that is there at all
//! /^oil-(a|b)/   a regular expression, in any cell
//! "two words"    with the space
//! ```
//!
//! Every part may begin with `!`. Case does not matter. Reading is total: what cannot be meant is told ([`Filter::fault`]), and
//! the rest holds. Where plain words keep nothing, rows that have the letters in this order stay, as the last resort
//! ([`Filter::keeps_loosely`]).

use std::ops::Range;

use regex::{Regex, RegexBuilder};

use super::columns::Row;

/// A filter, read.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    parts: Vec<Part>,
    fault: Option<String>,
}

#[derive(Debug, Clone)]
struct Part {
    /// It must not be so.
    not: bool,
    /// The only column that is looked at.
    column: Option<usize>,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    /// In small letters.
    Word(String),
    Expression(Regex),
    /// A label; its value, unless any will do.
    Label(String, Option<String>),
}

impl Filter {
    /// Reads what was typed, for a table with these columns. `labels`: whether its rows are kept with their labels.
    pub fn new(text: &str, titles: &[&str], labels: bool) -> Self {
        let mut filter = Self::default();
        for word in words(text) {
            match part(word, titles, labels) {
                Ok(part) => filter.parts.extend(part),
                Err(fault) => drop(filter.fault.get_or_insert(fault)),
            }
        }
        filter
    }

    /// Whether it keeps everything.
    pub const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The first thing that is wrong with it.
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Whether it keeps a row.
    pub fn keeps(&self, row: &impl Row) -> bool {
        self.parts.iter().all(|part| part.has(row) != part.not)
    }

    /// Whether letters in their order would do: it is made of words alone.
    pub fn is_plain(&self) -> bool {
        !self.is_empty()
            && self.parts.iter().all(|part| !part.not && part.column.is_none() && matches!(part.what, What::Word(_)))
    }

    /// Whether a row's name has all letters of each word, in their order.
    pub fn keeps_loosely(&self, row: &impl Row) -> bool {
        let first = row.name_column();
        self.parts.iter().all(|part| match &part.what {
            What::Word(word) => {
                let cell = row.cell(first);
                let mut letters = cell.chars().flat_map(char::to_lowercase);
                word.chars().all(|wanted| letters.any(|letter| letter == wanted))
            }
            _ => false,
        })
    }

    /// The letters of a name's text that made the row stay loosely: byte ranges, in order, none touching another.
    pub fn letters(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for part in &self.parts {
            let What::Word(word) = &part.what else { continue };
            let mut wanted = word.chars().peekable();
            for (at, letter) in text.char_indices() {
                if letter.to_lowercase().any(|letter| wanted.next_if_eq(&letter).is_some()) {
                    found.push(at..at + letter.len_utf8());
                }
            }
        }
        joined(found)
    }

    /// What of a cell's text made the row stay: byte ranges, in order, none touching another.
    pub fn matches(&self, column: usize, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let here = self.parts.iter().filter(|part| !part.not && part.column.is_none_or(|only| only == column));
        for part in here {
            match &part.what {
                What::Word(word) => found.extend(places(text, word)),
                What::Expression(regex) => {
                    found.extend(regex.find_iter(text).map(|found| found.range()).filter(|range| !range.is_empty()));
                }
                What::Label(..) => {}
            }
        }
        joined(found)
    }
}

/// The same ranges in their order, those that touch made one.
fn joined(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in found {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

impl Part {
    fn has(&self, row: &impl Row) -> bool {
        let in_cell = |column: usize| match &self.what {
            What::Word(word) => contains(&row.cell(column), word),
            What::Expression(regex) => regex.is_match(&row.cell(column)),
            What::Label(..) => false,
        };
        match (&self.what, self.column) {
            (What::Label(key, value), _) => {
                row.label(key).is_some_and(|there| value.as_ref().is_none_or(|value| value == there))
            }
            (_, Some(column)) => in_cell(column),
            (_, None) => (0..row.columns()).any(in_cell),
        }
    }
}

/// The words of a text: apart from each other by spaces that stand neither in quotes nor in an expression.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = end_of_word(rest);
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after.trim_start();
    }
    words
}

fn end_of_word(text: &str) -> usize {
    let bare = text.strip_prefix('!').unwrap_or(text);
    let head = text.len() - bare.len();
    let closing = match bare.as_bytes().first() {
        Some(b'"') => '"',
        Some(b'/') => '/',
        _ => return text.find(char::is_whitespace).unwrap_or(text.len()),
    };
    let mut escaped = false;
    for (at, letter) in bare.char_indices().skip(1) {
        let ends = letter == closing && !escaped;
        escaped = letter == '\\' && !escaped;
        if ends {
            return head + at + letter.len_utf8();
        }
    }
    text.len()
}

/// One word as a part; nothing for one that is still being typed and says nothing yet.
fn part(word: &str, titles: &[&str], labels: bool) -> Result<Option<Part>, String> {
    let (not, word) = word.strip_prefix('!').map_or((false, word), |word| (true, word));
    let part = |column, what| Ok(Some(Part { not, column, what }));
    if word.is_empty() {
        return Ok(None);
    }
    if let Some(inner) = word.strip_prefix('"') {
        let inner = inner.strip_suffix('"').unwrap_or(inner);
        return if inner.is_empty() { Ok(None) } else { part(None, What::Word(inner.to_lowercase())) };
    }
    if let Some(inner) = word.strip_prefix('/') {
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        return match expression(inner) {
            _ if inner.is_empty() => Ok(None),
            Ok(regex) => part(None, What::Expression(regex)),
            Err(fault) => Err(format!("/{inner}/ is no regular expression: {fault}")),
        };
    }
    if let Some((key, value)) = word.split_once('=') {
        let (not_equal, key) = key.strip_suffix('!').map_or((false, key), |key| (true, key));
        if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte)) {
            if !labels {
                return Err(format!("{word}: these rows are kept without their labels"));
            }
            let value = value.trim_start_matches('=');
            let value = Some(value).filter(|value| !value.is_empty()).map(str::to_owned);
            return Ok(Some(Part { not: not != not_equal, column: None, what: What::Label(key.to_owned(), value) }));
        }
    }
    if let Some((title, rest)) = word.split_once(':')
        && !title.is_empty()
    {
        let begins = |known: &&str| known.to_lowercase().starts_with(&title.to_lowercase());
        if let Some(column) = titles.iter().position(begins) {
            return if rest.is_empty() { Ok(None) } else { part(Some(column), What::Word(rest.to_lowercase())) };
        }
        // Names of users have colons too.
        if !title.eq_ignore_ascii_case("system") && !rest.contains(':') {
            let known: Vec<String> =
                titles.iter().filter(|title| !title.is_empty()).map(|title| title.to_lowercase()).collect();
            return Err(format!("there is no column {title}; there are {}", known.join(", ")));
        }
    }
    part(None, What::Word(word.to_lowercase()))
}

/// An expression, or what is wrong with it in one line.
fn expression(text: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(text).case_insensitive(true).size_limit(1 << 20).build();
    built.map_err(|error| {
        let said = error.to_string();
        let last = said.lines().last().unwrap_or_default().trim();
        last.trim_start_matches("error: ").to_owned()
    })
}

/// Whether a text has a word, given in small letters.
fn contains(text: &str, word: &str) -> bool {
    if text.is_ascii() {
        let (text, word) = (text.as_bytes(), word.as_bytes());
        return word.is_empty() || text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    }
    text.to_lowercase().contains(word)
}

/// Where a word, given in small letters, stands in a text.
fn places(text: &str, word: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| place(rest, word)) {
        found.push(from + at.start..from + at.end);
        from += at.end;
    }
    found
}

fn place(text: &str, word: &str) -> Option<Range<usize>> {
    text.char_indices().find_map(|(at, _)| {
        let mut wanted = word.chars();
        let mut next = wanted.next()?;
        for (inside, letter) in text.get(at..)?.char_indices() {
            for small in letter.to_lowercase() {
                if small != next {
                    return None;
                }
                match wanted.next() {
                    Some(letter) => next = letter,
                    None => return Some(at..at + inside + letter.len_utf8()),
                }
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::page::Ink;
    use super::*;
    use proptest::prelude::*;

    const TITLES: &[&str] = &["", "NAMESPACE", "STATE", "TENANT"];

    struct Fixed(&'static [&'static str]);

    impl Row for Fixed {
        fn columns(&self) -> usize {
            TITLES.len()
        }

        fn name_column(&self) -> usize {
            1
        }

        fn cell(&self, column: usize) -> Cow<'_, str> {
            Cow::Borrowed(self.0.get(column).copied().unwrap_or_default())
        }

        fn ink(&self, _column: usize) -> Ink {
            Ink::Text
        }

        fn label(&self, key: &str) -> Option<&str> {
            (key == "team").then_some("blue")
        }
    }

    const OIL: Fixed = Fixed(&[">", "oil-web", "cordoned", "Oil"]);

    fn filter(text: &str) -> Filter {
        Filter::new(text, TITLES, true)
    }

    #[test]
    fn filters_narrow_down() {
        for (text, keeps) in [
            ("", true),
            ("OIL cord", true),
            ("gas", false),
            ("oil !cordoned", false),
            ("oil !active", true),
            ("oil !", true),
            ("state:cord", true),
            ("tenant:web", false),
            ("nam:web", true),
            ("!tenant:web", true),
            ("tenant:", true),
            ("team=blue", true),
            ("team=red", false),
            ("team!=red", true),
            ("!team=blue", false),
            ("team=", true),
            ("other=", false),
            ("/^oil-(web|db)$/", true),
            ("/^web/", false),
            ("!/^web/", true),
            ("/a b/ oil", false),
            ("\"oil web\"", false),
            ("\"oil-web", true),
            ("system:masters", false),
        ] {
            let read = filter(text);
            assert_eq!(read.fault(), None, "{text}");
            assert_eq!(read.keeps(&OIL), keeps, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_and_the_rest_holds() {
        for (text, fault) in [
            ("oil /(/", "/(/ is no regular expression: unclosed group"),
            ("oil ag:1", "there is no column ag; there are namespace, state, tenant"),
        ] {
            assert_eq!(filter(text).fault(), Some(fault));
            assert!(filter(text).keeps(&OIL) && !filter(text).keeps(&Fixed(&["", "gas"])));
        }
        let without = Filter::new("team=blue", TITLES, false);
        assert_eq!(without.fault(), Some("team=blue: these rows are kept without their labels"));
    }

    #[test]
    fn letters_in_their_order_are_the_last_resort() {
        assert!(filter("owb").is_plain() && filter("owb").keeps_loosely(&OIL));
        assert!(!filter("bwo").keeps_loosely(&OIL));
        assert!(
            !filter("state:owb").is_plain()
                && !filter("!owb").is_plain()
                && !filter("/o/").is_plain()
                && !filter("").is_plain()
        );
    }

    #[test]
    fn what_made_a_row_stay_is_found_in_its_cells() {
        let found = |text: &str, cell: &str| {
            let ranges = filter(text).matches(1, cell);
            ranges.into_iter().map(|range| (range.start, range.end)).collect::<Vec<_>>()
        };
        assert_eq!(found("oil", "oil-OIL"), [(0, 3), (4, 7)]);
        assert_eq!(found("oil il-w", "oil-web"), [(0, 5)]);
        assert!(filter("tenant:oil").matches(1, "oil-web").is_empty());
        assert!(filter("!oil").matches(1, "oil-web").is_empty());
        assert_eq!(found("/o.l/", "a oil"), [(2, 5)]);
        assert_eq!(found("ä", "xÄÄ"), [(1, 5)]);
        assert_eq!(filter("owb").letters("oil-web"), [0..1, 4..5, 6..7]);
        assert_eq!(filter("OI W").letters("oil-web"), [0..2, 4..5]);
    }

    proptest! {
        #[test]
        fn any_text_is_a_filter(text in "\\PC{0,40}", cell in "\\PC{0,20}") {
            let read = filter(&text);
            let _ = (read.keeps(&OIL), read.keeps_loosely(&OIL));
            for range in read.matches(1, &cell).into_iter().chain(read.letters(&cell)) {
                prop_assert!(cell.get(range).is_some_and(|part| !part.is_empty()));
            }
        }

        #[test]
        fn what_is_found_is_what_keeps(word in "[a-cA-C]{1,3}", cell in "[a-cA-C-]{0,12}") {
            let read = filter(&word);
            let row = Box::leak(Box::new([&*Box::leak(cell.clone().into_boxed_str())]));
            prop_assert_eq!(read.keeps(&Fixed(row)), !read.matches(0, &cell).is_empty());
        }
    }
}
