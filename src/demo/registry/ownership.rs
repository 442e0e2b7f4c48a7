//! Who manages which field: what the registry tells the field managers of a kind.

use std::sync::{Arc, LazyLock};

use super::{Caller, Registry};
use crate::demo::fields::{Definitions, FieldManager, Reset};
use crate::demo::object::Object;
use crate::demo::schema::Schemas;
use crate::demo::schema::kind::{Kind, Subresource};
use crate::demo::schema::node::Node;
use crate::demo::status::Status;

impl Definitions for Schemas {
    fn definition(&self, name: &str) -> Option<Arc<Node>> {
        self.resolve(name)
    }
}

/// What a write of the object itself does not change, for kinds whose status has a subresource of its own.
static MAIN: LazyLock<Reset> = LazyLock::new(|| Reset::exclude(&[&["status"]]));

/// What a write of a built-in kind's status does not change.
static STATUS: LazyLock<Reset> = LazyLock::new(|| Reset::exclude(&[&["spec"]]));

/// What a write of a Deployment's status does not change.
static DEPLOYMENT_STATUS: LazyLock<Reset> = LazyLock::new(|| Reset::exclude(&[&["spec"], &["metadata", "labels"]]));

/// What a write of a pod's status does not change.
static POD_STATUS: LazyLock<Reset> = LazyLock::new(|| {
    Reset::exclude(&[&["spec"], &["metadata", "deletionTimestamp"], &["metadata", "ownerReferences"]])
});

/// What a write of a custom resource's status does not change.
static CUSTOM_STATUS: LazyLock<Reset> = LazyLock::new(|| Reset::exclude(&[&["metadata"], &["spec"]]));

/// What a write of a scale changes.
static SCALE: LazyLock<Reset> = LazyLock::new(|| Reset::Include(vec![vec!["spec".to_owned(), "replicas".to_owned()]]));

fn reset(kind: &Kind, subresource: &str) -> Option<&'static Reset> {
    match subresource {
        "" if kind.has_status() => Some(&MAIN),
        "status" if kind.custom.is_some() => Some(&CUSTOM_STATUS),
        "status" => Some(match kind.resource.as_str() {
            "deployments" => &DEPLOYMENT_STATUS,
            "pods" => &POD_STATUS,
            _ => &STATUS,
        }),
        // Of namespaces, the only kind that is finalized.
        "finalize" => Some(&MAIN),
        "scale" => Some(&SCALE),
        _ => None,
    }
}

impl Registry {
    /// Lets a kind's field manager do something; without a schema there is none.
    fn managing<T>(&self, kind: &Kind, subresource: &str, what: impl FnOnce(&FieldManager<'_>) -> T) -> Option<T> {
        let root = self.schemas.node(kind)?;
        let version = kind.api_version();
        let manager = FieldManager {
            api_version: &version,
            kind: &kind.kind,
            served: &[&version],
            root: &root,
            definitions: &*self.schemas,
            custom: kind.custom.is_some(),
            subresource,
            reset: reset(kind, subresource),
        };
        Some(what(&manager))
    }

    /// An object with the caller as the manager of what it changes.
    pub(super) fn own(
        &self,
        by: &Caller,
        kind: &Kind,
        subresource: &str,
        live: Option<&Object>,
        new: Object,
    ) -> Object {
        let now = self.now();
        let mut new = Some(new);
        let owned = self
            .managing(kind, subresource, |manager| new.take().map(|new| manager.update(live, new, &by.manager, now)));
        // The schema of every kind is there; without it the object simply has no managers.
        owned.flatten().or(new).unwrap_or_default()
    }

    /// An object that is answered and never stored, such as a review, with the caller as the manager of what it says.
    pub fn owned(&self, by: &Caller, kind: &Kind, new: Object) -> Object {
        self.own(by, kind, "", None, new)
    }

    /// The same for the body of a subresource that makes something new, such as a TokenRequest.
    pub fn owned_body(&self, by: &Caller, kind: &Kind, below: &Subresource, new: Object) -> Object {
        let Some(root) = self.schemas.subresource_node(kind, below) else { return new };
        let version = format!("{}/{}", below.group, below.version);
        let manager = FieldManager {
            api_version: &version,
            kind: &below.kind,
            served: &[&version],
            root: &root,
            definitions: &*self.schemas,
            custom: false,
            subresource: &below.name,
            reset: None,
        };
        manager.update(None, new, &by.manager, self.now())
    }

    /// The object that an applied configuration makes of a live one.
    pub(super) fn merge(
        &self,
        by: &Caller,
        kind: &Kind,
        subresource: &str,
        live: Option<&Object>,
        config: &Object,
        force: bool,
    ) -> Result<Object, Status> {
        let now = self.now();
        self.managing(kind, subresource, |manager| manager.apply(live, config, &by.manager, force, now))
            .unwrap_or_else(|| Err(Status::not_in_the_demo(&format!("server-side apply of {}", kind.qualified()))))
    }
}
