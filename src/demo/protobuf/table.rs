//! The layout of the messages: which field has which number, which name in JSON, and when it is left out there.
//!
//! `data/messages.txt` is read when the first protobuf arrives; its format is told in `data/README.md`.

use std::collections::HashMap;
use std::sync::LazyLock;

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("data/messages.txt")));

/// All messages.
pub struct Table {
    messages: Vec<Message>,
    by_name: HashMap<&'static str, usize>,
    versions: HashMap<&'static str, Vec<&'static str>>,
}

/// A Go struct.
pub struct Message {
    /// Its name with its package, such as `core.v1.Pod`.
    pub name: &'static str,
    /// Its fields in Go's order.
    pub fields: Vec<Field>,
}

/// A field of a Go struct.
pub struct Field {
    /// Its number on the wire.
    pub number: u32,
    /// Its name in JSON; none if its fields stand among its parent's there.
    pub json: Option<&'static str>,
    /// Its name in Go, which errors tell.
    pub go: String,
    /// When JSON has it.
    pub written: Written,
    /// How many values it has.
    pub shape: Shape,
    /// What its values are.
    pub kind: Kind,
}

/// When a field appears in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Always.
    Always,
    /// `omitempty`: unless it is empty.
    Filled,
    /// `omitzero`: unless it is its type's zero.
    NonZero,
}

/// How many values a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One.
    One,
    /// One or none: a pointer in Go.
    Pointer,
    /// Any number.
    List,
    /// Any number, by name.
    Map,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A bool.
    Bool,
    /// An int32.
    Int32,
    /// An int64.
    Int64,
    /// A float64.
    Double,
    /// Bytes; base64 in JSON.
    Bytes,
    /// A named list of strings that is a message of its own, such as `ExtraValue`.
    Strings,
    /// `metav1.Time`.
    Time,
    /// `metav1.MicroTime`.
    MicroTime,
    /// `metav1.Duration`.
    Duration,
    /// JSON within: `RawExtension`, `FieldsV1`, and `JSON` of CustomResourceDefinitions.
    Raw,
    /// `resource.Quantity`.
    Quantity,
    /// `intstr.IntOrString`.
    IntOrString,
    /// `JSONSchemaPropsOrBool`.
    SchemaOrBool,
    /// `JSONSchemaPropsOrArray`.
    SchemaOrArray,
    /// `JSONSchemaPropsOrStringArray`.
    SchemaOrStrings,
    /// Another message, by its place in the table.
    Message(usize),
}

impl Table {
    /// The table of what the demo serves.
    pub fn get() -> &'static Self {
        &TABLE
    }

    /// A message by its place.
    pub fn message(&self, at: usize) -> Option<&Message> {
        self.messages.get(at)
    }

    /// A message by its name with its package.
    pub fn named(&self, name: &str) -> Option<&Message> {
        self.message(*self.by_name.get(name)?)
    }

    /// The message of a kind that clients may send.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&Message> {
        let names = self.versions.get(api_version)?;
        names.iter().find(|name| name.rsplit('.').next() == Some(kind)).and_then(|name| self.named(name))
    }

    /// Every kind that is known: its apiVersion and its message.
    #[cfg(test)]
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.versions.iter().flat_map(|(version, names)| names.iter().map(|name| (*version, *name)))
    }

    fn parse(text: &'static str) -> Self {
        let names = text.lines().filter_map(|line| line.strip_prefix('='));
        let by_name = names.enumerate().map(|(at, name)| (name, at)).collect();
        let mut table = Self { messages: Vec::new(), by_name, versions: HashMap::new() };
        for line in text.lines() {
            if let Some(line) = line.strip_prefix('@') {
                let mut words = line.split(' ');
                table.versions.insert(words.next().unwrap_or_default(), words.collect());
            } else if let Some(name) = line.strip_prefix('=') {
                table.messages.push(Message { name, fields: Vec::new() });
            } else {
                let package = table.messages.last().and_then(|message| message.name.rsplit_once('.'));
                let field = field(line, package.map_or("", |(package, _)| package), &table.by_name);
                if let (Some(message), Some(field)) = (table.messages.last_mut(), field) {
                    message.fields.push(field);
                }
            }
        }
        table
    }
}

fn field(line: &'static str, package: &str, by_name: &HashMap<&'static str, usize>) -> Option<Field> {
    let mut words = line.split(' ');
    let (number, json, rest) = (words.next()?.parse().ok()?, words.next()?, words.next()?);
    let (written, rest) = match (rest.strip_prefix('+'), rest.strip_prefix('~')) {
        (Some(rest), _) => (Written::Always, rest),
        (_, Some(rest)) => (Written::NonZero, rest),
        _ => (Written::Filled, rest),
    };
    let shapes = [("?", Shape::Pointer), ("[]", Shape::List), ("{}", Shape::Map)];
    let shape = shapes.iter().find_map(|(mark, shape)| Some((*shape, rest.strip_prefix(mark)?)));
    let (shape, rest) = shape.unwrap_or((Shape::One, rest));
    let kind = match rest {
        "s" => Kind::Text,
        "b" => Kind::Bool,
        "i" => Kind::Int32,
        "l" => Kind::Int64,
        "d" => Kind::Double,
        "y" => Kind::Bytes,
        "strings" => Kind::Strings,
        "time" => Kind::Time,
        "micro" => Kind::MicroTime,
        "duration" => Kind::Duration,
        "raw" => Kind::Raw,
        "quantity" => Kind::Quantity,
        "intstr" => Kind::IntOrString,
        "orbool" => Kind::SchemaOrBool,
        "orarray" => Kind::SchemaOrArray,
        "orstrings" => Kind::SchemaOrStrings,
        name if name.contains('.') => Kind::Message(*by_name.get(name)?),
        name => Kind::Message(*by_name.get(format!("{package}.{name}").as_str())?),
    };
    let go = words.next().map_or_else(|| capitalised(json), str::to_owned);
    Some(Field { number, json: Some(json).filter(|json| *json != "-"), go, written, shape, kind })
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}
