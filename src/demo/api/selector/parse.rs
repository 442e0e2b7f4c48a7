//! Selectors as text. Labels as the lexer and parser of apimachinery's `pkg/labels/selector.go`, fields as `pkg/fields/selector.go`.

use std::collections::BTreeSet;

use super::Requirement;
use crate::demo::go::quote;
use crate::demo::strategy;

/// A word or sign of a label selector.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Sign(&'static str),
    /// `in` and `notin` are words where values are expected.
    Word(String),
    End,
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Self::Sign(sign) => sign,
            Self::Word(word) => word,
            Self::End => "",
        }
    }
}

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// Longer signs first.
const SIGNS: [&str; 9] = ["==", "!=", "=", "!", "(", ")", ",", ">", "<"];

fn tokens(text: &str) -> Vec<Token> {
    let mut rest = text;
    let mut tokens = Vec::new();
    loop {
        rest = rest.trim_start_matches(BLANKS);
        // Go's lexer reads a zero byte as the end.
        if rest.is_empty() || rest.starts_with('\0') {
            tokens.push(Token::End);
            return tokens;
        }
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..).unwrap_or_default();
            continue;
        }
        let ends = |letter: char| BLANKS.contains(&letter) || letter == '\0' || "=!(),><".contains(letter);
        let (word, behind) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        tokens.push(Token::Word(word.to_owned()));
        // The zero byte that ends a word is read with it.
        rest = behind.strip_prefix('\0').unwrap_or(behind);
    }
}

/// Reads a label selector. The error is the server's sentence.
pub(super) fn labels(text: &str) -> Result<Vec<Requirement>, String> {
    let mut parser = Parser { tokens: tokens(text), at: 0 };
    let mut all = Vec::new();
    loop {
        match parser.peek() {
            Token::Word(_) | Token::Sign("!") => {}
            Token::End => return Ok(all),
            Token::Sign(sign) => return Err(format!("found '{sign}', expected: !, identifier, or 'end of string'")),
        }
        all.push(parser.requirement().map_err(|what| format!("unable to parse requirement: {what}"))?);
        match parser.take() {
            Token::End => return Ok(all),
            Token::Sign(",") => match parser.peek() {
                Token::Word(_) | Token::Sign("!") => {}
                other => return Err(format!("found '{}', expected: identifier after ','", other.text())),
            },
            other => return Err(format!("found '{}', expected: ',' or 'end of string'", other.text())),
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Token {
        self.tokens.get(self.at).cloned().unwrap_or(Token::End)
    }

    fn take(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let is_missing = self.peek() == Token::Sign("!");
        if is_missing {
            self.take();
        }
        let key = match self.take() {
            Token::Word(key) => key,
            other => return Err(format!("found '{}', expected: identifier", other.text())),
        };
        // Upstream has no path to tell here.
        check_key(&key).map_err(|fault| format!("<nil>: {fault}"))?;
        if is_missing {
            return Ok(Requirement::Missing(key));
        }
        if matches!(self.peek(), Token::End | Token::Sign(",")) {
            return Ok(Requirement::Exists(key));
        }
        let operator = self.take();
        match operator.text() {
            sign @ (">" | "<") => {
                let value = self.value()?;
                let bound = value.parse::<i64>();
                let is_number = |_| "values[0]: Invalid value: ".to_owned() + &quote(&value) + NO_NUMBER;
                let faults: Vec<String> =
                    bound.clone().map_err(is_number).err().into_iter().chain(check_value(&key, 0, &value)).collect();
                aggregate(&faults)?;
                let bound = bound.unwrap_or_default();
                Ok(if sign == ">" { Requirement::Greater(key, bound) } else { Requirement::Less(key, bound) })
            }
            sign @ ("=" | "==" | "!=" | "in" | "notin") => {
                let is_set = matches!(sign, "in" | "notin");
                let values = if is_set { self.values()? } else { BTreeSet::from([self.value()?]) };
                let faults: Vec<String> =
                    values.iter().enumerate().filter_map(|(at, value)| check_value(&key, at, value)).collect();
                aggregate(&faults)?;
                let values = values.into_iter().collect();
                let is_in = matches!(sign, "=" | "==" | "in");
                Ok(if is_in { Requirement::In(key, values) } else { Requirement::NotIn(key, values) })
            }
            other => Err(format!("found '{other}', expected: in, notin, =, ==, !=, gt, lt")),
        }
    }

    /// The value behind `=`: nothing is the empty one.
    fn value(&mut self) -> Result<String, String> {
        if matches!(self.peek(), Token::End | Token::Sign(",")) {
            return Ok(String::new());
        }
        match self.take() {
            Token::Word(word) => Ok(word),
            other => Err(format!("found '{}', expected: identifier", other.text())),
        }
    }

    /// The values behind `in`: `(a,b)`, where what is left out is the empty one.
    fn values(&mut self) -> Result<BTreeSet<String>, String> {
        let open = self.take();
        if open != Token::Sign("(") {
            return Err(format!("found '{}' expected: '('", open.text()));
        }
        match self.peek() {
            Token::Word(_) | Token::Sign(",") => {}
            Token::Sign(")") => {
                self.take();
                return Ok(BTreeSet::from([String::new()]));
            }
            other => return Err(format!("found '{}', expected: ',', ')' or identifier", other.text())),
        }
        let mut values = BTreeSet::new();
        loop {
            match self.take() {
                Token::Word(word) => {
                    values.insert(word);
                    match self.peek() {
                        Token::Sign(",") => {}
                        Token::Sign(")") => break,
                        other => return Err(format!("found '{}', expected: ',' or ')'", other.text())),
                    }
                }
                Token::Sign(",") => {
                    let next = self.peek();
                    if values.is_empty() || matches!(next, Token::Sign("," | ")")) {
                        values.insert(String::new());
                    }
                    if next == Token::Sign(")") {
                        break;
                    }
                }
                other => return Err(format!("found '{}', expected: ',', or identifier", other.text())),
            }
        }
        // The closing bracket.
        self.take();
        Ok(values)
    }
}

const NO_NUMBER: &str = ": for 'Gt', 'Lt' operators, the value must be an integer";

/// Several faults as one sentence, as `field.ErrorList.ToAggregate`.
fn aggregate(faults: &[String]) -> Result<(), String> {
    match faults {
        [] => Ok(()),
        [one] => Err(one.clone()),
        many => Err(format!("[{}]", many.join(", "))),
    }
}

fn check_key(key: &str) -> Result<(), String> {
    let faults = strategy::names::qualified_name(key);
    if faults.is_empty() { Ok(()) } else { Err(format!("Invalid value: {}: {}", quote(key), faults.join("; "))) }
}

fn check_value(key: &str, at: usize, value: &str) -> Option<String> {
    let faults = strategy::names::label_value(value);
    let what = || format!("values[{at}][{key}]: Invalid value: {}: {}", quote(value), faults.join("; "));
    (!faults.is_empty()).then(what)
}

/// Reads a field selector: names, values, and whether they are to be the same. The error is the server's sentence.
pub(super) fn fields(text: &str) -> Result<Vec<(String, String, bool)>, String> {
    let mut terms = terms(text);
    terms.sort_unstable();
    let term = |term: &str| {
        let (name, value, equal) =
            split(term).ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{term}'"))?;
        Ok((name.to_owned(), unescape(value)?, equal))
    };
    terms.into_iter().filter(|term| !term.is_empty()).map(term).collect()
}

/// Cuts at commas, except those behind a backslash.
fn terms(text: &str) -> Vec<&str> {
    let (mut terms, mut start, mut is_escaped) = (Vec::new(), 0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            ',' => {
                terms.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(text.get(start..).unwrap_or_default());
    terms
}

/// Cuts a term at its first operator.
fn split(term: &str) -> Option<(&str, &str, bool)> {
    term.char_indices().find_map(|(at, _)| {
        let (name, rest) = term.split_at_checked(at)?;
        let behind = |operator: &str| rest.strip_prefix(operator);
        if let Some(value) = behind("!=") {
            return Some((name, value, false));
        }
        behind("==").or_else(|| behind("=")).map(|value| (name, value, true))
    })
}

fn unescape(value: &str) -> Result<String, String> {
    let mut out = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some(escaped @ ('\\' | ',' | '=')) => out.push(escaped),
                other => {
                    let sequence: String = ['\\'].into_iter().chain(other).collect();
                    return Err(format!("invalid field selector: invalid escape sequence: {sequence}"));
                }
            },
            ',' | '=' => {
                let number = u32::from(letter);
                return Err(format!("invalid field selector: unescaped character in value: {number}"));
            }
            _ => out.push(letter),
        }
    }
    Ok(out)
}
