//! What the schema says about a field's merging, as apimachinery `util/strategicpatch/meta.go`.

use std::sync::Arc;

use super::{Failure, broken};
use crate::demo::fields::atom::{Definitions, Target, follow};
use crate::demo::go::quote;
use crate::demo::schema::node::{Node, Shape};

/// The schema at one place, and how the list or map there is merged.
pub struct Meta<'a> {
    node: Option<Arc<Node>>,
    definitions: &'a dyn Definitions,
    name: String,
    /// Whether a list is merged.
    pub merges: bool,
    /// The key that tells a list's items apart; empty for scalars.
    pub key: String,
}

impl<'a> Meta<'a> {
    /// At the root, whose Go type is named like the kind.
    pub fn new(node: Option<Arc<Node>>, kind: &str, definitions: &'a dyn Definitions) -> Self {
        Self { node, definitions, name: kind.to_owned(), merges: false, key: String::new() }
    }

    fn field(&self, key: &str) -> Result<Arc<Node>, Failure> {
        let here = self.node.as_ref().map(|node| follow(node, self.definitions));
        let Some(Target::Found(here)) = here else { return not_a_struct("interface") };
        match &here.shape {
            Shape::Struct(fields) => {
                let found = fields.fields.get(key).or_else(|| {
                    // As Go's decoder: a name in other letters will do.
                    fields.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, node)| node)
                });
                found.cloned().ok_or_else(|| {
                    let (name, key) = (&self.name, quote(key));
                    Failure::Broken(format!("unable to find api field in struct {name} for the json field {key}"))
                })
            }
            Shape::Map { .. } => not_a_struct("map"),
            Shape::List { .. } => not_a_struct("slice"),
            Shape::String => not_a_struct("string"),
            Shape::Integer => not_a_struct("int32"),
            Shape::Number => not_a_struct("float64"),
            Shape::Boolean => not_a_struct("bool"),
            Shape::Any | Shape::IntOrString | Shape::Ref(_) => not_a_struct("interface"),
        }
    }

    /// The schema of a field that is a map or struct.
    pub fn of_map(&self, key: &str) -> Result<Self, Failure> {
        let field = self.field(key)?;
        Ok(Self {
            name: name_of(&field),
            node: Some(field),
            definitions: self.definitions,
            merges: false,
            key: String::new(),
        })
    }

    /// Whether a map is replaced, and not merged.
    pub fn replaces(&self, key: &str) -> Result<bool, Failure> {
        let field = self.field(key)?;
        Ok(field.patch_replace || matches!(follow(&field, self.definitions), Target::Found(node) if node.patch_replace))
    }

    /// The schema of a list's items, and how they are merged.
    pub fn of_list(&self, key: &str) -> Result<Self, Failure> {
        let field = self.field(key)?;
        let Target::Found(list) = follow(&field, self.definitions) else {
            return broken("expected slice or array type, but got: struct");
        };
        let Shape::List { item, .. } = &list.shape else {
            return broken("expected slice or array type, but got: struct");
        };
        let key = field.patch_merge_key.clone().or_else(|| list.patch_merge_key.clone()).unwrap_or_default();
        let merges = field.patch_merge || list.patch_merge;
        Ok(Self { name: name_of(item), node: Some(Arc::clone(item)), definitions: self.definitions, merges, key })
    }
}

fn not_a_struct<T>(kind: &str) -> Result<T, Failure> {
    broken(format!("merging an object in json but data type is not struct, instead is: {kind}"))
}

/// The Go type's name, as far as the schema tells it.
fn name_of(node: &Node) -> String {
    match &node.shape {
        Shape::Ref(name) => name.rsplit(['.', '/']).next().unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}
