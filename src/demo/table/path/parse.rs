//! Reading a path, as `client-go/util/jsonpath/parser.go`.

use serde_json::json;

use super::{Path, Slice, Step};

/// How deep filters and unions may be nested in a path.
const DEEPEST: usize = 16;

impl Path {
    /// Reads a path such as `.status.conditions[?(@.type=="Ready")].status`. Nothing if it cannot be read.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        parse(text, DEEPEST)
    }
}

fn parse(text: &str, depth: usize) -> Option<Path> {
    let depth = depth.checked_sub(1)?;
    let mut rest = text;
    let mut steps = Vec::new();
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("[?(") {
            let (inside, after) = filter_end(after)?;
            steps.push(filter(inside, depth)?);
            rest = after;
            continue;
        }
        if let Some(after) = rest.strip_prefix("..") {
            if steps.last() == Some(&Step::Recursive) {
                return None;
            }
            steps.push(Step::Recursive);
            rest = after;
            if after.chars().next().is_some_and(is_word) {
                rest = field(after, &mut steps);
            }
            continue;
        }
        let after = rest.get(first.len_utf8()..)?;
        rest = match first {
            ' ' | '@' | '$' => after,
            '[' => {
                let (inside, after) = after.split_once(']')?;
                brackets(inside, depth, &mut steps)?;
                after
            }
            '"' | '\'' => {
                let (text, after) = quoted(after, first)?;
                steps.push(Step::Literal(json!(text)));
                after
            }
            '.' => field(after, &mut steps),
            '+' | '-' | '0'..='9' => {
                let digits = after.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(after.len());
                let (number, after) = rest.split_at_checked(digits + 1)?;
                steps.push(Step::Literal(match number.parse::<i64>() {
                    Ok(whole) => json!(whole),
                    Err(_) => json!(number.parse::<f64>().ok()?),
                }));
                after
            }
            _ if is_word(first) => {
                let (word, after) = rest.split_at_checked(rest.find(ends_word).unwrap_or(rest.len()))?;
                steps.push(match word {
                    "true" => Step::Literal(json!(true)),
                    "false" => Step::Literal(json!(false)),
                    _ => Step::Word,
                });
                after
            }
            _ => return None,
        };
    }
    Some(Path { steps })
}

/// A field up to the next character that ends it and has no backslash before it. Gives what follows.
fn field<'a>(text: &'a str, steps: &mut Vec<Step>) -> &'a str {
    let mut escaped = false;
    let end = text.find(|c: char| {
        let ends = !escaped && ends_word(c);
        escaped = !escaped && c == '\\';
        ends
    });
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    steps.push(if name == "*" { Step::Wildcard } else { Step::Field(name.replace('\\', "")) });
    rest
}

/// What is between `[` and `]`: a union, a quoted key, an index or a slice.
fn brackets(inside: &str, depth: usize, steps: &mut Vec<Step>) -> Option<()> {
    if inside.contains(',') {
        let parts = inside.split(',').map(|part| parse(&format!("[{}]", part.trim_matches(' ')), depth));
        steps.push(Step::Union(parts.collect::<Option<_>>()?));
    } else if let Some(key) = inside.strip_prefix('\'').and_then(|key| key.strip_suffix('\'')) {
        if key.contains('\'') {
            return None;
        }
        steps.extend(parse(&format!(".{key}"), depth)?.steps);
    } else {
        steps.push(Step::Slice(slice(if inside == "*" { ":" } else { inside })?));
    }
    Some(())
}

/// `start:end:step`, each of which may be missing.
fn slice(text: &str) -> Option<Slice> {
    let number = |part: &str| match part {
        "" => Some(None),
        part if part.starts_with('+') => None,
        part => part.parse::<i64>().ok().map(Some),
    };
    let mut parts = text.split(':');
    let start = number(parts.next()?)?;
    let end = parts.next().map(number);
    let step = parts.next().map_or(Some(None), number)?;
    if parts.next().is_some() {
        return None;
    }
    Some(match end {
        Some(end) => Slice { start, end: end?, derived: false, step },
        None => Slice { start, end: Some(start.unwrap_or(0).saturating_add(1)), derived: true, step },
    })
}

/// Splits at `)]`, which may also stand inside one pair of quotes.
fn filter_end(text: &str) -> Option<(&str, &str)> {
    let (mut begun, mut ended) = (None, false);
    let mut before = '(';
    for (at, c) in text.char_indices() {
        match (c, begun) {
            ('\n', _) => return None,
            ('"' | '\'', None) => begun = Some(c),
            ('"' | '\'', Some(pair)) if before != '\\' && c == pair => ended = true,
            (')', _) if begun.is_some() == ended => {
                return Some((text.get(..at)?, text.get(at + 1..)?.strip_prefix(']')?));
            }
            _ => {}
        }
        before = c;
    }
    None
}

/// `left`, or `left operator right`.
fn filter(inside: &str, depth: usize) -> Option<Step> {
    let is_operator = |c: char| matches!(c, '!' | '<' | '>' | '=');
    let written = inside.find(is_operator).filter(|at| *at > 0).and_then(|at| {
        let (left, rest) = inside.split_at_checked(at)?;
        let (operator, right) = rest.split_at_checked(rest.find(|c| !is_operator(c))?)?;
        Some((left, operator, right))
    });
    Some(match written {
        None => Step::Exists(parse(inside, depth)?),
        Some((left, operator, right)) => {
            Step::Filter { left: parse(left, depth)?, operator: operator.to_owned(), right: parse(right, depth)? }
        }
    })
}

/// A quoted text and what follows. A backslash keeps the character behind it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut found = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' => return None,
            '\\' => found.push(chars.next()?.1),
            c if c == quote => return Some((found, text.get(at + c.len_utf8()..)?)),
            c => found.push(c),
        }
    }
    None
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn ends_word(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}
