//! Small schemas for tests.

use std::sync::Arc;

use serde_json::{Value, json};

use super::atom::Definitions;
use crate::demo::schema::node::{ListKind, Node, Shape, Struct};

/// No definitions.
pub struct Nothing;

impl Definitions for Nothing {
    fn definition(&self, _: &str) -> Option<Arc<Node>> {
        None
    }
}

fn node(shape: Shape) -> Arc<Node> {
    Arc::new(Node { shape, ..Node::default() })
}

fn with_default(node: &Arc<Node>, default: Value) -> Arc<Node> {
    Arc::new(Node { default: Some(default), ..(**node).clone() })
}

fn fields(all: &[(&str, Arc<Node>)]) -> Arc<Node> {
    let fields = all.iter().map(|(name, node)| ((*name).to_owned(), Arc::clone(node))).collect();
    node(Shape::Struct(Struct::new(fields)))
}

fn list(item: Arc<Node>, kind: ListKind) -> Arc<Node> {
    node(Shape::List { item, kind })
}

/// A list that server-side apply and strategic merge patch merge by the same key.
fn merged(item: Arc<Node>, keys: &[&str]) -> Arc<Node> {
    let kind = ListKind::Map(keys.iter().map(|key| (*key).to_owned()).collect());
    let key = keys.first().map(|key| (*key).to_owned());
    Arc::new(Node { shape: Shape::List { item, kind }, patch_merge: true, patch_merge_key: key, ..Node::default() })
}

/// A workload: much like a Deployment, with little in it.
pub fn workload() -> Arc<Node> {
    let (string, int, any) = (node(Shape::String), node(Shape::Integer), node(Shape::Any));
    let strings = node(Shape::Map { value: Arc::clone(&string), atomic: false });
    let port = fields(&[
        ("containerPort", Arc::clone(&int)),
        ("protocol", with_default(&string, json!("TCP"))),
        ("name", Arc::clone(&string)),
    ]);
    let env = fields(&[("name", Arc::clone(&string)), ("value", Arc::clone(&string))]);
    let container = fields(&[
        ("name", Arc::clone(&string)),
        ("image", Arc::clone(&string)),
        ("args", list(Arc::clone(&string), ListKind::Atomic)),
        ("ports", merged(port, &["containerPort", "protocol"])),
        ("env", merged(env, &["name"])),
        ("resources", with_default(&fields(&[("limits", Arc::clone(&strings))]), json!({}))),
    ]);
    let strategy = fields(&[("type", Arc::clone(&string)), ("rollingUpdate", Arc::clone(&strings))]);
    let spec = fields(&[
        ("replicas", Arc::clone(&int)),
        ("paused", node(Shape::Boolean)),
        ("strategy", with_default(&strategy, json!({}))),
        ("selector", node(Shape::Map { value: Arc::clone(&string), atomic: true })),
        ("containers", merged(container, &["name"])),
        ("extra", any),
    ]);
    let finalizers = Node { patch_merge: true, ..(*list(Arc::clone(&string), ListKind::Set)).clone() };
    let metadata = fields(&[
        ("name", Arc::clone(&string)),
        ("namespace", Arc::clone(&string)),
        ("uid", Arc::clone(&string)),
        ("labels", Arc::clone(&strings)),
        ("annotations", Arc::clone(&strings)),
        ("finalizers", Arc::new(finalizers)),
    ]);
    fields(&[
        ("apiVersion", Arc::clone(&string)),
        ("kind", string),
        ("metadata", with_default(&metadata, json!({}))),
        ("spec", with_default(&spec, json!({}))),
        ("status", with_default(&fields(&[("replicas", int)]), json!({}))),
    ])
}

/// An object of that kind.
pub fn object(spec: &Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Workload", "metadata": {"name": "site", "namespace": "oil-web"}, "spec": spec})
}
