//! Following a path, as `client-go/util/jsonpath/jsonpath.go` with missing keys allowed.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::{Path, Slice, Step};

/// Values on the way; literals are the path's own.
type Found<'a> = Vec<Cow<'a, Value>>;

/// The path does not fit the object: an index out of bounds, a filter over what is no list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Unfit;

impl Path {
    /// All that is found, in order; fields of maps sorted by key.
    pub(in super::super) fn find<'a>(&'a self, object: &'a Value) -> Result<Found<'a>, Unfit> {
        self.follow(vec![Cow::Borrowed(object)])
    }

    fn follow<'a>(&'a self, from: Found<'a>) -> Result<Found<'a>, Unfit> {
        self.steps.iter().try_fold(from, |found, step| step.walk(found))
    }
}

impl Step {
    fn walk<'a>(&'a self, found: Found<'a>) -> Result<Found<'a>, Unfit> {
        let mut next = Vec::new();
        match self {
            Self::Word => return Err(Unfit),
            Self::Literal(value) => next.extend(found.iter().map(|_| Cow::Borrowed(value))),
            Self::Union(paths) => {
                for path in paths {
                    next.extend(path.follow(found.clone())?);
                }
            }
            Self::Field(name) => next.extend(borrowed(found).filter_map(|one| one.get(name)).map(Cow::Borrowed)),
            Self::Wildcard => next.extend(borrowed(found).flat_map(entries).map(Cow::Borrowed)),
            Self::Recursive => borrowed(found).for_each(|one| descend(one, &mut next)),
            Self::Slice(slice) => {
                for one in borrowed(found).filter(|one| !one.is_null()) {
                    next.extend(slice.of(one.as_array().ok_or(Unfit)?)?.map(Cow::Borrowed));
                }
            }
            Self::Exists(path) => {
                for entry in lists(found)? {
                    // What fails counts by what it had found, which is never nothing for an unfit path.
                    if path.find(entry).map_or(true, |found| !found.is_empty()) {
                        next.push(Cow::Borrowed(entry));
                    }
                }
            }
            Self::Filter { left, operator, right } => {
                for entry in lists(found)? {
                    let (left, right) = (left.find(entry)?, right.find(entry)?);
                    let passes = match (left.as_slice(), right.as_slice()) {
                        ([], _) | (_, []) => false,
                        ([left], [right]) => passes(left, operator, right)?,
                        _ => return Err(Unfit),
                    };
                    if passes {
                        next.push(Cow::Borrowed(entry));
                    }
                }
            }
        }
        Ok(next)
    }
}

impl Slice {
    /// The entries between the bounds, as `evalArray`.
    fn of(self, list: &[Value]) -> Result<impl Iterator<Item = &Value>, Unfit> {
        let len = list.len() as i64;
        let mut start = self.start.unwrap_or(0);
        if start < 0 {
            start = start.saturating_add(len);
        }
        let mut end = self.end.unwrap_or(len);
        if end < 0 || (end == 0 && self.derived) {
            end = end.saturating_add(len);
        }
        let step = self.step.unwrap_or(1);
        let part = if start == end {
            &[]
        } else {
            let bounds = usize::try_from(start).ok().zip(usize::try_from(end).ok()).ok_or(Unfit)?;
            list.get(bounds.0..bounds.1).ok_or(Unfit)?
        };
        if step <= 0 && !part.is_empty() {
            return Err(Unfit);
        }
        Ok(part.iter().step_by(usize::try_from(step).unwrap_or(1).max(1)))
    }
}

/// Values of the object. Literals have nothing below them.
fn borrowed(found: Found<'_>) -> impl Iterator<Item = &Value> {
    found.into_iter().filter_map(|one| match one {
        Cow::Borrowed(value) => Some(value),
        Cow::Owned(_) => None,
    })
}

/// The entries of lists; anything else does not fit.
fn lists(found: Found<'_>) -> Result<Vec<&Value>, Unfit> {
    let lists: Vec<&Vec<Value>> = borrowed(found).map(|one| one.as_array().ok_or(Unfit)).collect::<Result<_, _>>()?;
    Ok(lists.into_iter().flatten().collect())
}

/// What a map or a list holds.
fn entries(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(map) => map.values().collect(),
        Value::Array(list) => list.iter().collect(),
        _ => Vec::new(),
    }
}

/// The value and all below that hold something. JSON is read to a bounded depth.
fn descend<'a>(value: &'a Value, into: &mut Found<'a>) {
    let below = entries(value);
    if !below.is_empty() || value.as_str().is_some_and(|text| !text.is_empty()) {
        into.push(Cow::Borrowed(value));
        for one in below {
            descend(one, into);
        }
    }
}

/// Compares two scalars of one type, as `text/template` does; other pairs do not fit.
fn passes(left: &Value, operator: &str, right: &Value) -> Result<bool, Unfit> {
    let order = match (left, right) {
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left.cmp(&right),
            (None, None) => {
                left.as_f64().zip(right.as_f64()).and_then(|(left, right)| left.partial_cmp(&right)).ok_or(Unfit)?
            }
            _ => return Err(Unfit),
        },
        (Value::Bool(left), Value::Bool(right)) if matches!(operator, "==" | "!=") => left.cmp(right),
        _ => return Err(Unfit),
    };
    Ok(match operator {
        "==" => order == Ordering::Equal,
        "!=" => order != Ordering::Equal,
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        ">=" => order != Ordering::Less,
        _ => return Err(Unfit),
    })
}

/// A value as text, as Go prints it: texts as they are, maps and lists as JSON, numbers in their shortest form.
pub(in super::super) fn printed(value: &Value) -> String {
    match value {
        Value::Null => "<no value>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.to_string(),
            (None, Some(float)) => go_float(float),
            (None, None) => number.to_string(),
        },
        // Go escapes what could end a script in HTML.
        Value::Array(_) | Value::Object(_) => value
            .to_string()
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026")
            .replace('\u{2028}', "\\u2028")
            .replace('\u{2029}', "\\u2029"),
    }
}

/// As `%v`: with an exponent of two digits below 1e-4 and from 1e21 on.
fn go_float(float: f64) -> String {
    let size = float.abs();
    if size == 0.0 || (1e-4..1e21).contains(&size) {
        return float.to_string();
    }
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |small| ('-', small));
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => text,
    }
}
