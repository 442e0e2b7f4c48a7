//! JSONPath as printer columns use it: `client-go/util/jsonpath` without `range`.

mod find;
mod parse;

pub(super) use self::find::printed;

/// A path that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    steps: Vec<Step>,
}

/// One step of a path, from values to values.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// `.name`: the field of each map.
    Field(String),
    /// `.*`: every entry.
    Wildcard,
    /// `..`: the value itself and everything below that has entries.
    Recursive,
    /// `[start:end:step]`; one index is a slice of one.
    Slice(Slice),
    /// `[a,b]`: the results of each in turn.
    Union(Vec<Path>),
    /// `[?(left op right)]`: the entries that pass.
    Filter { left: Path, operator: String, right: Path },
    /// `[?(left)]`: the entries that have it.
    Exists(Path),
    /// `"text"`, a number or a flag: itself, once for each value.
    Literal(serde_json::Value),
    /// A word, such as `range`: not for columns.
    Word,
}

/// Bounds of a slice, counted from the end if negative.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Slice {
    start: Option<i64>,
    end: Option<i64>,
    /// The end was not written but follows from the start: `[-1]` ends at 0, which means the length.
    derived: bool,
    step: Option<i64>,
}
