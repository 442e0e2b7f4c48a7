//! How a schema's [`Node`] looks to server-side apply, as structured-merge-diff `schema/elements.go` and
//! kube-openapi `schemaconv`.

use std::sync::Arc;

use serde_json::Value;

use crate::demo::schema::node::{ListKind, Node, Shape, Struct};

/// Where definitions are found by their name.
pub trait Definitions {
    /// The definition, if there is one of that name.
    fn definition(&self, name: &str) -> Option<Arc<Node>>;
}

/// The type of a place.
#[derive(Debug, Clone)]
pub enum Type {
    /// What a schema says. `open`: an ancestor keeps unknown fields, and so do all below it.
    Node {
        /// The schema's node.
        node: Arc<Node>,
        /// Whether an ancestor has `x-kubernetes-preserve-unknown-fields`.
        open: bool,
    },
    /// Whatever is found: maps are merged, lists are atomic.
    Deduced,
    /// Whatever is found, all of it atomic (`RawExtension`).
    Untyped,
}

/// The sorts of scalar that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// `integer` and `number`.
    Numeric,
    /// `string` without a format.
    String,
    /// `boolean`.
    Boolean,
    /// Any: text with a format, int-or-string, quantities.
    Untyped,
}

/// The fields of a struct or the entries of a map.
#[derive(Debug, Clone)]
pub struct MapAtom {
    /// The node of a struct with named fields.
    fields: Option<Arc<Node>>,
    /// The type of what has no name in `fields`; none where that is not allowed.
    element: Option<Type>,
    /// Owned and replaced whole.
    pub atomic: bool,
    open: bool,
}

/// A list.
#[derive(Debug, Clone)]
pub struct ListAtom {
    /// The type of an item.
    pub item: Type,
    /// How items are told apart.
    pub kind: ListKind,
}

/// What may stand at a place: at least one of the three.
#[derive(Debug, Clone)]
pub struct Atom {
    /// A map, if one may stand here.
    pub map: Option<MapAtom>,
    /// A scalar, if one may stand here.
    pub scalar: Option<Scalar>,
    /// A list, if one may stand here.
    pub list: Option<ListAtom>,
}

/// What is done at a place: the first that fits of map, scalar and list.
#[derive(Debug)]
pub enum Form {
    /// A map.
    Map(MapAtom),
    /// A scalar.
    Scalar(Scalar),
    /// A list.
    List(ListAtom),
}

/// The longest chain of definitions that only name another one.
const LONGEST_CHAIN: usize = 32;

/// Follows names of definitions. A name that leads nowhere is anything.
pub fn follow(node: &Arc<Node>, definitions: &dyn Definitions) -> Target {
    let mut here = Arc::clone(node);
    for _ in 0..LONGEST_CHAIN {
        let Shape::Ref(name) = &here.shape else { return Target::Found(here) };
        // As kube-openapi hard-codes it: whatever a RawExtension holds is owned whole.
        if name.ends_with(".RawExtension") {
            return Target::Raw;
        }
        match definitions.definition(name) {
            Some(next) => here = next,
            None => return Target::Missing,
        }
    }
    Target::Missing
}

/// Where a name of a definition leads.
#[derive(Debug)]
pub enum Target {
    /// To a shape.
    Found(Arc<Node>),
    /// To a `RawExtension`.
    Raw,
    /// Nowhere.
    Missing,
}

impl Type {
    /// The type of a kind's objects.
    pub fn root(node: &Arc<Node>) -> Self {
        Self::Node { node: Arc::clone(node), open: false }
    }

    /// What may stand here.
    pub fn atom(&self, definitions: &dyn Definitions) -> Atom {
        match self {
            Self::Deduced => anything(&Self::Deduced, false),
            Self::Untyped => anything(&Self::Untyped, true),
            Self::Node { node, open } => match follow(node, definitions) {
                Target::Found(node) => of_node(&node, *open),
                Target::Raw => anything(&Self::Untyped, true),
                Target::Missing => anything(&Self::Deduced, false),
            },
        }
    }
}

fn anything(entry: &Type, atomic: bool) -> Atom {
    Atom {
        map: Some(MapAtom { fields: None, element: Some(entry.clone()), atomic, open: false }),
        scalar: Some(Scalar::Untyped),
        list: Some(ListAtom { item: Type::Untyped, kind: ListKind::Atomic }),
    }
}

fn of_node(node: &Arc<Node>, open: bool) -> Atom {
    let scalar = |scalar| Atom { map: None, scalar: Some(scalar), list: None };
    match &node.shape {
        Shape::Any | Shape::Ref(_) => anything(&Type::Deduced, false),
        Shape::String => {
            let format = node.rules.as_ref().and_then(|rules| rules.format.as_deref()).unwrap_or_default();
            scalar(if matches!(format, "" | "byte") { Scalar::String } else { Scalar::Untyped })
        }
        Shape::Integer | Shape::Number => scalar(Scalar::Numeric),
        Shape::Boolean => scalar(Scalar::Boolean),
        Shape::IntOrString => scalar(Scalar::Untyped),
        Shape::Struct(fields) => {
            let open = open || fields.preserve_unknown;
            let element = (open || fields.fields.is_empty()).then_some(Type::Deduced);
            let atomic = fields.atomic;
            let fields = (!fields.fields.is_empty()).then(|| Arc::clone(node));
            Atom { map: Some(MapAtom { fields, element, atomic, open }), scalar: None, list: None }
        }
        Shape::Map { value, atomic } => {
            let element = Some(Type::Node { node: Arc::clone(value), open });
            Atom { map: Some(MapAtom { fields: None, element, atomic: *atomic, open }), scalar: None, list: None }
        }
        Shape::List { item, kind } => {
            let item = Type::Node { node: Arc::clone(item), open };
            Atom { map: None, scalar: None, list: Some(ListAtom { item, kind: kind.clone() }) }
        }
    }
}

impl Atom {
    /// Leaves only what fits the value, if something fits it. Null fits everything.
    #[must_use]
    pub fn deduce(self, value: Option<&Value>) -> Self {
        match value {
            Some(Value::String(_) | Value::Number(_) | Value::Bool(_)) if self.scalar.is_some() => {
                Self { map: None, list: None, ..self }
            }
            Some(Value::Array(_)) if self.list.is_some() => Self { map: None, scalar: None, ..self },
            Some(Value::Object(_)) if self.map.is_some() => Self { scalar: None, list: None, ..self },
            _ => self,
        }
    }

    /// Whether the other, of the same type, was deduced the same way.
    pub fn is_like(&self, other: &Self) -> bool {
        (self.map.is_some(), self.scalar.is_some(), self.list.is_some())
            == (other.map.is_some(), other.scalar.is_some(), other.list.is_some())
    }

    /// What is done here.
    pub fn form(self) -> Option<Form> {
        let Self { map, scalar, list } = self;
        map.map(Form::Map).or(scalar.map(Form::Scalar)).or(list.map(Form::List))
    }
}

impl MapAtom {
    fn named(&self) -> Option<&Struct> {
        match &self.fields.as_ref()?.shape {
            Shape::Struct(fields) => Some(fields),
            _ => None,
        }
    }

    /// Whether the schema names the field.
    pub fn has_field(&self, name: &str) -> bool {
        self.named().is_some_and(|fields| fields.fields.contains_key(name))
    }

    /// The type of a field or entry; none if the schema does not know it.
    pub fn child(&self, name: &str) -> Option<Type> {
        let field = self.named().and_then(|fields| fields.fields.get(name));
        field.map(|node| Type::Node { node: Arc::clone(node), open: self.open }).or_else(|| self.element.clone())
    }

    /// The type of what has no name in the schema.
    pub fn element(&self) -> Option<&Type> {
        self.element.as_ref()
    }

    /// The default of a field.
    pub fn default_of(&self, name: &str) -> Option<&Value> {
        self.named()?.fields.get(name)?.default.as_ref()
    }

    /// Whether nothing is known of what is in here.
    pub fn is_deduced(&self, definitions: &dyn Definitions) -> bool {
        let unknown = |element: &Type| match element {
            Type::Deduced => true,
            Type::Untyped => false,
            Type::Node { node, .. } => {
                matches!(follow(node, definitions), Target::Found(node) if matches!(node.shape, Shape::Any | Shape::IntOrString))
            }
        };
        self.fields.is_none() && self.element.as_ref().is_some_and(unknown)
    }
}
