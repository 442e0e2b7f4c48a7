//! YAML as a tree whose every value knows its line.
//!
//! The parser is `granit-parser`, which kube already brings in through serde-saphyr: it tells where everything stands, is written
//! without `unsafe` and does not panic. serde_yaml could tell neither duplicate keys nor the line of a field, and reads scalars
//! as YAML 1.2 has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::{Map, Value};

use super::filling::Filling;
use super::scalar;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The line, from 1.
    pub line: usize,
    /// The value.
    pub content: Content,
    /// How many values and bytes it is when all aliases are written out.
    weight: usize,
    /// How deep it goes.
    depth: usize,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A text, number, truth value, or nothing.
    Scalar(Value),
    /// A list.
    List(Vec<Arc<Node>>),
    /// Fields, in their order.
    Map(Vec<Field>),
}

/// A field of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The line that the name stands on, from 1.
    pub line: usize,
    /// Its value.
    pub node: Arc<Node>,
}

/// What is wrong, and on which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The line, from 1.
    pub line: usize,
    /// A sentence without a full stop.
    pub what: String,
}

/// How large a document may be with its aliases written out, in values and bytes; the API server takes 3 MiB.
const LARGEST: usize = 16 << 20;
/// How deep a document may go.
const DEEPEST: usize = 512;

impl Node {
    fn new(line: usize, content: Content) -> Self {
        let of = |nodes: &mut dyn Iterator<Item = (usize, &Arc<Self>)>| {
            nodes.fold((1_usize, 0), |(weight, depth), (key, node)| {
                (weight.saturating_add(key).saturating_add(node.weight), depth.max(node.depth + 1))
            })
        };
        let (weight, depth) = match &content {
            Content::Scalar(value) => (1 + value.as_str().map_or(0, str::len), 0),
            Content::List(items) => of(&mut items.iter().map(|item| (0, item))),
            Content::Map(fields) => of(&mut fields.iter().map(|field| (field.name.len(), &field.node))),
        };
        Self { line, content, weight, depth }
    }

    /// A value that stands on one line.
    fn of(line: usize, value: &Value) -> Arc<Self> {
        let content = match value {
            Value::Array(items) => Content::List(items.iter().map(|item| Self::of(line, item)).collect()),
            Value::Object(fields) => {
                let field = |(name, value): (&String, &Value)| {
                    let name = name.clone();
                    Field { name, line, node: Self::of(line, value) }
                };
                Content::Map(fields.iter().map(field).collect())
            }
            scalar => Content::Scalar(scalar.clone()),
        };
        Arc::new(Self::new(line, content))
    }

    /// A field of it.
    pub fn get(&self, name: &str) -> Option<&Arc<Self>> {
        self.field(name).map(|field| &field.node)
    }

    fn field(&self, name: &str) -> Option<&Field> {
        match &self.content {
            Content::Map(fields) => fields.iter().find(|field| field.name == name),
            _ => None,
        }
    }

    /// What is at a path of fields, if it is a text.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        match &self.at(path)?.content {
            Content::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// What is at a path of fields.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key).map(AsRef::as_ref))
    }

    /// The items, if it is a list.
    pub fn items(&self) -> Option<&[Arc<Self>]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it is nothing.
    pub const fn is_null(&self) -> bool {
        matches!(self.content, Content::Scalar(Value::Null))
    }

    /// As JSON, aliases written out.
    pub fn value(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::List(items) => Value::Array(items.iter().map(|item| item.value()).collect()),
            Content::Map(fields) => {
                let fields = fields.iter().map(|field| (field.name.clone(), field.node.value()));
                Value::Object(fields.collect::<Map<_, _>>())
            }
        }
    }

    /// The line of a field as the server spells it (`spec.containers[0].image`, `.spec.replicas`): of the nearest that is
    /// written down.
    pub fn line_of(&self, field: &str) -> usize {
        let mut node = self;
        let mut line = self.line;
        for part in field.split(['.', '[', ']']).map(|part| part.trim_matches('"')).filter(|part| !part.is_empty()) {
            let next = match &node.content {
                Content::Map(_) => node.field(part).map(|field| (&field.node, field.line)),
                // By number, or by merge key: `[name="web"]`, `[web]`.
                Content::List(items) => {
                    let name = part.rsplit('=').next().unwrap_or(part).trim_matches('"');
                    let item = match part.parse::<usize>() {
                        Ok(at) => items.get(at),
                        Err(_) => items.iter().find(|item| item.text(&["name"]) == Some(name)),
                    };
                    item.map(|item| (item, item.line))
                }
                Content::Scalar(_) => None,
            };
            let Some(next) = next else { break };
            (node, line) = (next.0, next.1);
        }
        line
    }
}

/// The documents of a text, those left out that are empty.
pub fn documents(text: &str) -> Result<Vec<Arc<Node>>, Wrong> {
    filled(text, &Filling::default())
}

/// The same of a text that a template wrote.
pub fn filled(text: &str, filling: &Filling) -> Result<Vec<Arc<Node>>, Wrong> {
    let mut options = granit_parser::Options::default();
    options.set_emit_comments(false);
    // As kubectl's parser has it.
    options.block_scalar_eof_without_line_feed = true;
    let mut builder = Builder { filling, open: Vec::new(), anchors: BTreeMap::new(), documents: Vec::new() };
    for event in Parser::new_from_str_with_options(text, options) {
        let wrong = |line, what| Wrong { line: filling.line(line), what };
        let (event, span) = event.map_err(|error| wrong(error.marker().line(), error.info()))?;
        builder.take(event, &span)?;
    }
    Ok(builder.documents)
}

/// What is being read.
#[derive(Debug)]
struct Builder<'a> {
    filling: &'a Filling,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Arc<Node>>,
    documents: Vec<Arc<Node>>,
}

/// A collection whose end has not come.
#[derive(Debug)]
struct Open {
    line: usize,
    anchor: usize,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    List(Vec<Arc<Node>>),
    Map(Fields),
}

#[derive(Debug, Default)]
struct Fields {
    all: Vec<Field>,
    /// Which there are, and on which line.
    seen: BTreeMap<String, usize>,
    /// The key whose value comes next.
    key: Option<Key>,
    merged: Option<Arc<Node>>,
}

#[derive(Debug)]
enum Key {
    Field(String, usize),
    Merge(usize),
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Wrong> {
        let line = self.filling.line(span.start.line());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref();
                if Filling::is_in(&text) {
                    let is_whole = style == ScalarStyle::Plain && tag.is_none();
                    return self.fill(&text, is_whole, line, anchor);
                }
                if self.awaits_key() {
                    return self.key(&text, style, tag, line);
                }
                let node = Node::new(line, Content::Scalar(read(&text, style, tag, line)?));
                self.put(Arc::new(node), anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.begin(line, anchor, tag.as_deref(), "seq", Kind::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.begin(line, anchor, tag.as_deref(), "map", Kind::Map(Fields::default()))
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open { line, anchor, kind }) => {
                    let content = match kind {
                        Kind::List(items) => Content::List(items),
                        Kind::Map(fields) => Content::Map(fields.close()),
                    };
                    self.put(Arc::new(Node::new(line, content)), anchor)
                }
                None => Ok(()),
            },
            Event::Alias(id) => match self.anchors.get(&id) {
                Some(_) if self.awaits_key() => Err(wrong(line, "an alias cannot be the name of a field")),
                Some(node) => self.put(Arc::clone(node), 0),
                None => Err(wrong(line, "what this alias names contains the alias itself")),
            },
            Event::DocumentStart(..) => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A scalar that values of a template stand in: alone it is that value, whatever it holds; within a text it is text.
    fn fill(&mut self, text: &str, is_whole: bool, line: usize, anchor: usize) -> Result<(), Wrong> {
        let is_key = self.awaits_key();
        if let Some(value) = self.filling.whole(text).filter(|_| is_whole && !is_key) {
            return self.put(Node::of(line, value), anchor);
        }
        let text = self.filling.text(text).map_err(|what| Wrong { line, what })?;
        if is_key {
            return self.key(&text, ScalarStyle::DoubleQuoted, None, line);
        }
        self.put(Arc::new(Node::new(line, Content::Scalar(text.into()))), anchor)
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { kind: Kind::Map(Fields { key: None, .. }), .. }))
    }

    fn begin(&mut self, line: usize, anchor: usize, tag: Option<&Tag>, core: &str, kind: Kind) -> Result<(), Wrong> {
        if self.awaits_key() {
            return Err(wrong(line, "the name of a field is a text, and this is none"));
        }
        if let Some(tag) = tag.filter(|tag| tag.core_suffix() != Some(core)) {
            return Err(wrong(line, format!("Kubernetes has no use for the tag {}", tag.original())));
        }
        self.open.push(Open { line, anchor, kind });
        Ok(())
    }

    fn key(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, line: usize) -> Result<(), Wrong> {
        let Some(Open { kind: Kind::Map(fields), .. }) = self.open.last_mut() else { return Ok(()) };
        let key = if text == "<<" && style == ScalarStyle::Plain && tag.is_none() {
            Key::Merge(line)
        } else {
            match read(text, style, tag, line)? {
                Value::String(key) => Key::Field(key, line),
                Value::Number(number) if number.to_string() == text => Key::Field(text.to_owned(), line),
                other => {
                    let words = format!("the name {text} is read as {other}: write it in quotes");
                    return Err(wrong(line, words));
                }
            }
        };
        let name = if let Key::Field(name, _) = &key { name } else { "<<" };
        if let Some(first) = fields.seen.insert(name.to_owned(), line) {
            return Err(wrong(line, format!("{name} is set twice: here and on line {first}")));
        }
        fields.key = Some(key);
        Ok(())
    }

    fn put(&mut self, node: Arc<Node>, anchor: usize) -> Result<(), Wrong> {
        if node.depth + self.open.len() > DEEPEST {
            return Err(wrong(node.line, format!("it goes more than {DEEPEST} levels deep")));
        }
        if node.weight > LARGEST {
            let words = format!("with its aliases written out it is larger than {} MiB", LARGEST >> 20);
            return Err(wrong(node.line, words));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Arc::clone(&node));
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None if node.is_null() => {}
            None => self.documents.push(node),
            Some(Kind::List(items)) => items.push(node),
            Some(Kind::Map(fields)) => match fields.key.take() {
                Some(Key::Field(name, line)) => fields.all.push(Field { name, line, node }),
                Some(Key::Merge(line)) => fields.merge(&node, line)?,
                None => {}
            },
        }
        Ok(())
    }
}

impl Fields {
    /// Takes in the fields of another map, or of several, the first of which goes before the others.
    fn merge(&mut self, from: &Arc<Node>, line: usize) -> Result<(), Wrong> {
        let maps: Vec<&Arc<Node>> = match &from.content {
            Content::Map(_) => vec![from],
            Content::List(items) => items.iter().collect(),
            Content::Scalar(_) => Vec::new(),
        };
        if maps.is_empty() || maps.iter().any(|map| !matches!(map.content, Content::Map(_))) {
            return Err(wrong(line, "what is merged with << must be a map, or a list of maps"));
        }
        let mut merged: Vec<Field> = Vec::new();
        for map in maps {
            let Content::Map(fields) = &map.content else { continue };
            for field in fields {
                let name = &field.name;
                // kubectl lets what is merged win over what stands above it, YAML says otherwise.
                if let Some(first) = self.seen.get(name).filter(|first| **first <= line) {
                    let words = format!("<< would set {name} anew, which is set on line {first}: write << above it");
                    return Err(wrong(line, words));
                }
                if !merged.iter().any(|known| known.name == *name) {
                    merged.push(field.clone());
                }
            }
        }
        self.merged = Some(Arc::new(Node::new(line, Content::Map(merged))));
        Ok(())
    }

    fn close(self) -> Vec<Field> {
        let Self { all: mut fields, seen, merged, .. } = self;
        if let Some(Content::Map(merged)) = merged.map(|merged| merged.content.clone()) {
            fields.extend(merged.into_iter().filter(|field| !seen.contains_key(&field.name)));
        }
        fields
    }
}

fn read(text: &str, style: ScalarStyle, tag: Option<&Tag>, line: usize) -> Result<Value, Wrong> {
    let plain = || scalar::resolve(text).map_err(|why| wrong(line, format!("{text}: {why}")));
    let Some(tag) = tag else {
        return if style == ScalarStyle::Plain { plain() } else { Ok(Value::from(text)) };
    };
    let fits = |wanted: fn(&Value) -> bool| {
        let value = plain()?;
        if wanted(&value) { Ok(value) } else { Err(wrong(line, format!("{text} is no {}", tag.original()))) }
    };
    match tag.core_suffix() {
        Some("str") => Ok(Value::from(text)),
        Some("int") => fits(|value| value.is_i64() || value.is_u64()),
        Some("float") => fits(Value::is_number),
        Some("bool") => fits(Value::is_boolean),
        Some("null") => fits(Value::is_null),
        _ if tag.original() == "!" => Ok(Value::from(text)),
        _ => Err(wrong(line, format!("Kubernetes has no use for the tag {}", tag.original()))),
    }
}

fn wrong(line: usize, what: impl Into<String>) -> Wrong {
    Wrong { line, what: what.into() }
}
