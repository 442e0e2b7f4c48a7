//! From published definitions (OpenAPI v3) to [`Node`]s.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::data::{self, File};
use super::node::Pattern;
use super::{ListKind, Node, Rules, Shape, Struct};

/// What was built so far; every definition once, however often it is referred to.
#[derive(Debug, Default)]
pub(super) struct Built {
    definitions: HashMap<String, Arc<Node>>,
    /// Plain fields, such as text without a rule, and references with a word of their own, by their schema: there are
    /// thousands of them and few kinds.
    leaves: HashMap<String, Arc<Node>>,
}

/// The node of a definition, from what was built or built now.
pub(super) fn definition(files: &[File], built: &mut Built, name: &str) -> Option<Arc<Node>> {
    Builder { files, built, open: Vec::new(), custom: false }.definition(name)
}

struct Builder<'a> {
    files: &'a [File],
    built: &'a mut Built,
    /// The definitions that are being built: a reference to one of them stays a reference.
    open: Vec<String>,
    /// Whether the definition was published for a CustomResourceDefinition.
    custom: bool,
}

/// The name behind `#/components/schemas/`, of a reference or of one in `allOf`.
fn reference(schema: &Map<String, Value>) -> Option<&str> {
    let direct = schema.get("$ref");
    let wrapped = || schema.get("allOf")?.as_array().filter(|all| all.len() == 1)?.first()?.get("$ref");
    direct.or_else(wrapped)?.as_str()?.strip_prefix("#/components/schemas/")
}

fn is_true(schema: &Map<String, Value>, key: &str) -> bool {
    schema.get(key).and_then(Value::as_bool).unwrap_or_default()
}

fn text<'s>(schema: &'s Map<String, Value>, key: &str) -> Option<&'s str> {
    schema.get(key).and_then(Value::as_str)
}

fn texts(schema: &Map<String, Value>, key: &str) -> Vec<String> {
    let list = schema.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn is_atomic_map(schema: &Map<String, Value>) -> bool {
    text(schema, "x-kubernetes-map-type") == Some("atomic")
}

/// The default. `{}` marks the structs of Go that are always written: field managers need to know.
fn default(schema: &Map<String, Value>) -> Option<Value> {
    schema.get("default").cloned()
}

impl Builder<'_> {
    fn definition(&mut self, name: &str) -> Option<Arc<Node>> {
        if let Some(node) = self.built.definitions.get(name) {
            return Some(Arc::clone(node));
        }
        if self.open.iter().any(|open| open == name) {
            return Some(Arc::new(Node { shape: Shape::Ref(name.into()), ..Node::default() }));
        }
        let (raw, custom) = data::raw(self.files, name)?;
        let schema: Map<String, Value> = serde_json::from_str(raw).ok()?;
        self.open.push(name.to_owned());
        let outer = std::mem::replace(&mut self.custom, custom);
        let node = match known(name) {
            Some(node) => Arc::new(node),
            None => self.node(&schema),
        };
        self.custom = outer;
        self.open.pop();
        self.built.definitions.insert(name.to_owned(), Arc::clone(&node));
        Some(node)
    }

    fn node(&mut self, schema: &Map<String, Value>) -> Arc<Node> {
        if let Some(name) = reference(schema) {
            let referred = self.definition(name).unwrap_or_default();
            return self.annotated(referred, schema);
        }
        let is_leaf = !["properties", "items", "additionalProperties"].iter().any(|key| schema.contains_key(*key));
        if !is_leaf {
            let shape = self.shape(schema);
            return Arc::new(self.annotate(Node { shape, ..Node::default() }, schema));
        }
        let key = format!("{}{}", u8::from(self.custom), Value::Object(schema.clone()));
        if let Some(node) = self.built.leaves.get(&key) {
            return Arc::clone(node);
        }
        let shape = self.shape(schema);
        let node = Arc::new(self.annotate(Node { shape, ..Node::default() }, schema));
        self.built.leaves.insert(key, Arc::clone(&node));
        node
    }

    /// A definition as a field refers to it. It is shared unless the field says something of its own.
    fn annotated(&mut self, referred: Arc<Node>, schema: &Map<String, Value>) -> Arc<Node> {
        let says = ["x-kubernetes-patch-merge-key", "x-kubernetes-patch-strategy", "nullable"];
        let atomic = is_atomic_map(schema);
        if !atomic && default(schema).is_none() && !says.iter().any(|key| schema.contains_key(*key)) {
            return referred;
        }
        // Such as the `default: {}` of every pod template: the same words about the same definition make the same node.
        let key = format!("{}{}", u8::from(self.custom), Value::Object(schema.clone()));
        let is_whole = !matches!(referred.shape, Shape::Ref(_));
        if let Some(node) = self.built.leaves.get(&key).filter(|_| is_whole) {
            return Arc::clone(node);
        }
        let mut node = (*referred).clone();
        match &mut node.shape {
            Shape::Struct(Struct { atomic: whole, .. }) | Shape::Map { atomic: whole, .. } => *whole |= atomic,
            _ => {}
        }
        let rules = node.rules.take();
        let mut node = self.annotate(node, schema);
        node.rules = rules;
        let node = Arc::new(node);
        if is_whole {
            self.built.leaves.insert(key, Arc::clone(&node));
        }
        node
    }

    fn annotate(&self, mut node: Node, schema: &Map<String, Value>) -> Node {
        node.default = default(schema);
        node.nullable = is_true(schema, "nullable");
        node.patch_merge_key = text(schema, "x-kubernetes-patch-merge-key").map(str::to_owned);
        let strategy = text(schema, "x-kubernetes-patch-strategy").unwrap_or_default();
        node.patch_merge = strategy.split(',').any(|one| one == "merge");
        node.patch_replace = strategy.split(',').any(|one| one == "replace");
        node.rules = rules(schema, self.custom).map(Box::new);
        node
    }

    fn shape(&mut self, schema: &Map<String, Value>) -> Shape {
        if is_true(schema, "x-kubernetes-int-or-string") {
            return Shape::IntOrString;
        }
        match text(schema, "type") {
            Some("string") => Shape::String,
            Some("integer") => Shape::Integer,
            Some("number") => Shape::Number,
            Some("boolean") => Shape::Boolean,
            Some("array") => self.list(schema),
            Some("object") => self.object(schema),
            _ if schema.contains_key("properties") => self.object(schema),
            _ => Shape::Any,
        }
    }

    fn list(&mut self, schema: &Map<String, Value>) -> Shape {
        let item = schema.get("items").and_then(Value::as_object).map(|items| self.node(items)).unwrap_or_default();
        let kind = match text(schema, "x-kubernetes-list-type") {
            Some("set") => ListKind::Set,
            Some("map") => ListKind::Map(texts(schema, "x-kubernetes-list-map-keys").into()),
            _ => ListKind::Atomic,
        };
        Shape::List { item, kind }
    }

    fn object(&mut self, schema: &Map<String, Value>) -> Shape {
        let atomic = is_atomic_map(schema);
        let preserve_unknown = is_true(schema, "x-kubernetes-preserve-unknown-fields");
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            let mut fields = BTreeMap::new();
            for (name, value) in properties {
                let field = value.as_object().map(|one| self.node(one)).unwrap_or_default();
                fields.insert(name.clone(), field);
            }
            let required = texts(schema, "required");
            return Shape::Struct(Struct { required, atomic, preserve_unknown, ..Struct::new(fields) });
        }
        match schema.get("additionalProperties") {
            Some(Value::Object(value)) => Shape::Map { value: self.node(value), atomic },
            Some(Value::Bool(true)) => Shape::Map { value: Arc::default(), atomic },
            // A structural schema that names no field keeps none.
            _ if self.custom && !preserve_unknown => Shape::Struct(Struct { atomic, ..Struct::default() }),
            _ => Shape::Any,
        }
    }
}

/// The definitions whose JSON is not what their schema says.
fn known(name: &str) -> Option<Node> {
    let (shape, format) = match name {
        "io.k8s.apimachinery.pkg.api.resource.Quantity" => (Shape::IntOrString, "quantity"),
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString" => (Shape::IntOrString, "int-or-string"),
        // Published as `date-time`, but read more strictly.
        "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime" => (Shape::String, "micro-time"),
        _ => return None,
    };
    let rules = Rules { format: Some(format.to_owned()), ..Rules::default() };
    Some(Node { shape, rules: Some(Box::new(rules)), ..Node::default() })
}

/// What is checked beyond the shape: all of it for custom resources, the formats (widths of numbers, times) for all.
fn rules(schema: &Map<String, Value>, custom: bool) -> Option<Rules> {
    let format = text(schema, "format").map(str::to_owned);
    let rules = if custom {
        Rules {
            one_of_values: schema.get("enum").and_then(Value::as_array).cloned().unwrap_or_default(),
            pattern: text(schema, "pattern").map(Pattern::new),
            minimum: schema.get("minimum").and_then(Value::as_f64),
            maximum: schema.get("maximum").and_then(Value::as_f64),
            min_length: schema.get("minLength").and_then(Value::as_u64),
            max_length: schema.get("maxLength").and_then(Value::as_u64),
            // A map's items are its properties.
            min_items: schema.get("minItems").or_else(|| schema.get("minProperties")).and_then(Value::as_u64),
            max_items: schema.get("maxItems").or_else(|| schema.get("maxProperties")).and_then(Value::as_u64),
            format,
        }
    } else {
        Rules { format, ..Rules::default() }
    };
    (rules != Rules::default()).then_some(rules)
}
