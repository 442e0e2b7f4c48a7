//! Templates with values, as manifests.
//!
//! The engine writes no value into the text: it writes a mark, and the value takes its place when the text has been read as YAML
//! (see [`crate::plan::manifest::filling`]). Another mark, before the first thing on each line of a template, tells afterwards
//! which line of it a line of the text is of.

use std::sync::{Arc, Mutex, PoisonError};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value as Item};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value};

use super::facts::Facts;
use super::lines::at_line;
use super::{Blueprint, File};
use crate::plan::manifest::filling::Filling;
use crate::plan::manifest::{self, Manifest};
use crate::plan::owner::Owner;
use crate::text::fault::Fault;

/// Around the number of a line of the template.
const BEGIN: char = '\u{e002}';
const END: char = '\u{e003}';
/// How much a template may do: loops over loops come to an end.
const FUEL: u64 = 2_000_000;
/// How large a text may become; the API server takes 3 MiB for an object.
const LARGEST: usize = 16 << 20;

/// The manifests that a blueprint makes of these values; what is wrong is told with its place, everything at once.
pub fn render(blueprint: &Blueprint, values: &Map<String, Value>, facts: &Facts) -> Result<Vec<Manifest>, Vec<Fault>> {
    let (mut manifests, mut faults) = (Vec::new(), Vec::new());
    for template in &blueprint.templates {
        match one(template, values, facts) {
            Ok(made) => manifests.extend(made),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(manifests) } else { Err(faults) }
}

fn one(template: &File, values: &Map<String, Value>, facts: &Facts) -> Result<Vec<Manifest>, Vec<Fault>> {
    let filled: Arc<Mutex<Vec<Value>>> = Arc::default();
    let mut env = engine(facts);
    let sink = Arc::clone(&filled);
    env.set_formatter(move |out, _, value| {
        if value.is_safe() {
            // What a macro made is text of the template, its values marked already.
            return out.write_str(&value.to_string()).map_err(Error::from);
        }
        let value =
            serde_json::to_value(value).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
        let mut filled = sink.lock().unwrap_or_else(PoisonError::into_inner);
        filled.push(value);
        out.write_str(&Filling::mark(filled.len() - 1)).map_err(Error::from)
    });
    let context = Item::from(Serde(values));
    let source = marked(&template.text);
    let text = env
        .template_from_named_str(&template.name, &source)
        .and_then(|ready| ready.render(context))
        .map_err(|error| vec![fault(template, &source, &error)])?;
    if text.len() > LARGEST {
        return Err(vec![at_line(template, 1, None, format!("what it makes is larger than {} MiB", LARGEST >> 20))]);
    }
    let (text, lines) = unmarked(&text);
    let values = std::mem::take(&mut *filled.lock().unwrap_or_else(PoisonError::into_inner));
    manifest::rendered(&template.name, &text, &Filling { values, lines })
        .map_err(|faults| faults.into_iter().map(|wrong| at_line(template, wrong.line, None, wrong.what)).collect())
}

/// Whether an expression holds.
pub fn holds(expression: &str, values: &Map<String, Value>, facts: &Facts) -> Result<bool, String> {
    let env = engine(facts);
    let ready = env.compile_expression(expression).map_err(|error| words(&error))?;
    Ok(ready.eval(Item::from(Serde(values))).map_err(|error| words(&error))?.is_true())
}

/// A text with what stands above it filled in.
pub fn text(template: &str, values: &Map<String, Value>, facts: &Facts) -> Result<String, String> {
    if !template.contains("{{") && !template.contains("{%") {
        return Ok(template.to_owned());
    }
    let mut env = engine(facts);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.render_str(template, Item::from(Serde(values))).map_err(|error| words(&error))
}

/// What is wrong with the templates and expressions, whatever the values.
pub fn check(blueprint: &Blueprint, about: &File) -> Vec<Fault> {
    let facts = Facts::default();
    let env = engine(&facts);
    let mut faults = Vec::new();
    for parameter in &blueprint.parameters {
        if let Some(when) = &parameter.when
            && let Err(error) = env.compile_expression(when)
        {
            let line = about.text.lines().position(|line| line.contains(when.as_str())).map_or(1, |at| at + 1);
            faults.push(at_line(about, line, Some(when), words(&error)));
        }
    }
    for template in &blueprint.templates {
        if let Some(at) = template.text.find(['\u{e000}', '\u{e001}', BEGIN, END]) {
            let line = crate::text::fault::line_of(&template.text, at);
            faults.push(at_line(template, line, None, "it holds characters that stand for nothing".to_owned()));
            continue;
        }
        let source = marked(&template.text);
        if let Err(error) = env.template_from_named_str(&template.name, &source) {
            faults.push(fault(template, &source, &error));
        }
    }
    faults
}

fn engine(facts: &Facts) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    // So that what a macro makes is told apart from values, and is text of the template.
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_fuel(Some(FUEL));
    env.set_debug(true);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap_or_default());
    // With these a value could pass for text of the template.
    for name in ["safe", "escape", "e"] {
        env.remove_filter(name);
    }
    let known = facts.clone();
    env.add_function("has", move |what: String| known.has(&what));
    env.add_filter("owner", |text: String| of_owner(&text, Owner::of_tenant));
    env.add_filter("subject", |text: String| of_owner(&text, Owner::subject));
    env.add_filter("json", |value: Item| {
        serde_json::to_string(&value).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
    });
    env
}

fn of_owner(text: &str, make: fn(&Owner) -> Value) -> Result<Item, Error> {
    let owner = Owner::read(text).map_err(|why| Error::new(ErrorKind::InvalidOperation, why))?;
    Ok(Item::from(Serde(make(&owner))))
}

/// The engine's words, as a sentence.
fn words(error: &Error) -> String {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::UndefinedError if detail.is_empty() => "this is defined nowhere".to_owned(),
        ErrorKind::UndefinedError => format!("this is defined nowhere: {detail}"),
        ErrorKind::OutOfFuel => "it goes on and on: there are too many rounds in it".to_owned(),
        kind if detail.is_empty() => kind.to_string(),
        ErrorKind::SyntaxError | ErrorKind::InvalidOperation => detail.to_owned(),
        kind => format!("{kind}: {detail}"),
    }
}

/// An engine's error at its place in the template as it was written.
fn fault(template: &File, marked: &str, error: &Error) -> Fault {
    let mut message = words(error);
    let Some(range) = error.range().filter(|range| range.end <= marked.len()) else {
        return at_line(template, error.line().unwrap_or(1), None, message);
    };
    let plain = |at: usize| strip(marked.get(..at).unwrap_or_default()).len();
    let span = plain(range.start)..plain(range.end);
    if error.kind() == ErrorKind::UndefinedError
        && let Some(name) = template.text.get(span.clone()).filter(|name| !name.trim().is_empty())
    {
        message = format!("{} is defined nowhere: it is no parameter", name.trim());
    }
    Fault::at(&template.name, &template.text, &span, message)
}

/// The template with its lines marked: before the first thing on each that is text, so that what the engine does to blanks
/// around blocks stays the same. Within `set` blocks, which are compared, nothing is marked.
fn marked(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    let (mut line, mut is_begun, mut held) = (1_usize, false, 0_usize);
    while let Some(c) = rest.chars().next() {
        let tag = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")].into_iter().find(|(open, _)| rest.starts_with(open));
        let taken = if let Some((open, close)) = tag {
            let length = tag_length(rest, open, close);
            let words: Vec<&str> =
                rest[..length].trim_matches(|c: char| "{}%#-+".contains(c)).split_whitespace().collect();
            match words.as_slice() {
                ["set", rest @ ..] if open == "{%" && !rest.contains(&"=") => held += 1,
                ["endset", ..] if open == "{%" => held = held.saturating_sub(1),
                _ => {}
            }
            length
        } else {
            if !is_begun && !c.is_whitespace() {
                is_begun = true;
                if held == 0 {
                    out.extend([BEGIN.to_string(), line.to_string(), END.to_string()]);
                }
            }
            c.len_utf8()
        };
        let (piece, after) = rest.split_at(taken);
        out.push_str(piece);
        let breaks = piece.matches('\n').count();
        line += breaks;
        is_begun &= breaks == 0;
        rest = after;
    }
    out
}

/// How long a tag is, its end included. Ends within its texts are none.
fn tag_length(text: &str, open: &str, close: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(2) {
        match quote {
            Some(end) => {
                if c == end && !escaped {
                    quote = None;
                }
                escaped = c == '\\' && !escaped;
            }
            None if open != "{#" && (c == '"' || c == '\'') => (quote, escaped) = (Some(c), false),
            None if text[at..].starts_with(close) => return at + close.len(),
            None => {}
        }
    }
    text.len()
}

/// A text without its marks of lines.
fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        match c {
            BEGIN => inside = true,
            END => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// A text without its marks, and of each of its lines which line of the template it is of.
fn unmarked(text: &str) -> (String, Vec<usize>) {
    let mut lines = Vec::new();
    let mut last = 1;
    for line in text.split('\n') {
        let number = line.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END));
        last = number.and_then(|(number, _)| number.parse().ok()).unwrap_or(last);
        lines.push(last);
    }
    (strip(text), lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn marks_come_and_go(text in "([a-z:{}%# \n\"'\\\\-]|\\{\\{|\\}\\}|\\{%|%\\}){0,60}") {
            prop_assert_eq!(strip(&marked(&text)), text);
        }
    }
}
