//! What an object is found by.

use std::ops::Bound;

use crate::demo::object::{Meta as _, Object};

/// `namespace/name`, or `name` of a cluster-wide object. Ordered as etcd orders them: by bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Box<str>);

impl Key {
    /// Of a name in a namespace; the namespace is empty for cluster-wide objects.
    pub fn new(namespace: &str, name: &str) -> Self {
        if namespace.is_empty() { Self(name.into()) } else { Self(format!("{namespace}/{name}").into_boxed_str()) }
    }

    /// Of an object.
    pub fn of(object: &Object) -> Self {
        Self::new(object.namespace(), object.name())
    }

    /// The namespace, or empty.
    pub fn namespace(&self) -> &str {
        self.0.split_once('/').map_or("", |(namespace, _)| namespace)
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The keys of one namespace, or all.
    pub fn bounds(namespace: Option<&str>) -> (Bound<Self>, Bound<Self>) {
        match namespace {
            None => (Bound::Unbounded, Bound::Unbounded),
            Some(namespace) => {
                // `0` is the byte after `/`.
                let key = |end: char| Self(format!("{namespace}{end}").into_boxed_str());
                (Bound::Included(key('/')), Bound::Excluded(key('0')))
            }
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
