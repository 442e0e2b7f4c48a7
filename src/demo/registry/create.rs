//! New objects.

use std::sync::Arc;

use super::{Caller, Operation, Registry, Review, stamp};
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::check;
use crate::demo::schema::kind::Kind;
use crate::demo::status::Status;
use crate::demo::store::Key;
use crate::demo::{admission, strategy};

/// How many names are tried for one `generateName`, as in apiserver's `registry/rest`.
const TRIES: usize = 8;

impl Registry {
    /// Creates an object, with the kind's defaults; the caller's manager owns what it says.
    pub fn create(&mut self, by: &mut Caller, resource: &str, object: Object) -> Result<Arc<Object>, Status> {
        let kind = self.kind(resource).ok_or_else(Status::no_such_path)?;
        let object = self.settle_with_empties(&kind, object);
        let mut object = self.own(by, &kind, "", None, object);
        strategy::drop_empties(&kind, &mut object);
        self.create_owned(by, &kind, object)
    }

    /// Creates an event that came in the form of `events.k8s.io`: its fields are owned as that group names them. `convert` makes
    /// of it what is stored.
    pub(in crate::demo) fn create_event(
        &mut self,
        by: &mut Caller,
        view: &Kind,
        event: Object,
        convert: impl FnOnce(Object) -> Object,
    ) -> Result<Arc<Object>, Status> {
        let kind = self.kind("events").ok_or_else(Status::no_such_path)?;
        let event = self.settle(view, event);
        let event = convert(self.own(by, view, "", None, event));
        let event = self.settle(&kind, event);
        let faults = strategy::validate::new_event(&event);
        if !faults.is_empty() {
            return Err(Status::invalid(&kind.group, &kind.kind, event.name(), &faults));
        }
        self.create_owned(by, &kind, event)
    }

    /// The rest of a creation, for an object whose managed fields are written (by an apply, or by [`Registry::create`]).
    pub(super) fn create_owned(
        &mut self,
        by: &mut Caller,
        kind: &Kind,
        mut object: Object,
    ) -> Result<Arc<Object>, Status> {
        let namespace = object.namespace().to_owned();
        let name = object.name().to_owned();
        // To admission a namespace lies in itself, as a request's attributes say.
        let place = if kind.resource == "namespaces" && kind.group.is_empty() { &name } else { &namespace };
        let review = Review {
            operation: Operation::Create,
            kind,
            subresource: "",
            namespace: place,
            name: &name,
            user: &by.user.clone(),
            old: None,
            dry_run: by.dry_run,
        };
        admission::mutate(self, &review, &mut object)?;

        for gone in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"] {
            object.unset(&["metadata", gone]);
        }
        object.set(&["metadata", "uid"], self.ids.uid());
        object.set(&["metadata", "creationTimestamp"], rfc3339(self.now()));
        self.name(kind, &mut object);
        strategy::prepare_create(kind, &mut object);
        self.allocate(kind, &mut object, None)?;
        self.may_grant(by, kind, &object, None)?;
        let mut faults = strategy::validate::create(kind, &object);
        faults.extend(check::faults(&self.schemas, kind, &object));
        faults.extend(check::unchecked_rules(&self.schemas, kind, &faults));
        if !faults.is_empty() {
            return Err(Status::invalid(&kind.group, &kind.kind, object.name(), &faults));
        }
        by.warnings.extend(strategy::warnings(kind, &object));
        by.warnings.extend(self.warned(|registry| admission::validate(registry, &review, Some(&object)))?);

        let table = self.table(&kind.qualified()).ok_or_else(Status::no_such_path)?;
        if let Some(found) = self.store.get(table, &Key::of(&object)) {
            let mut status = Status::already_exists(&kind.group, &kind.resource, object.name());
            if found.parse().is_terminating() {
                status.message = format!("object is being deleted: {}", status.message);
            }
            return Err(status);
        }
        if by.dry_run {
            return Ok(Arc::new(object));
        }
        let object = self.store.put(table, object);
        self.committed(kind, None, Some(&object));
        Ok(object)
    }

    /// The warnings of an admission. Events that are told meanwhile are objects with warnings of their own.
    pub(super) fn warned(
        &mut self,
        admit: impl FnOnce(&mut Self) -> Result<(), Status>,
    ) -> Result<Vec<String>, Status> {
        let outer = std::mem::take(&mut self.warnings);
        let verdict = admit(self);
        let own = std::mem::replace(&mut self.warnings, outer);
        verdict.map(|()| own)
    }

    /// What decoding and encoding in Go makes of an object, and what the kind's defaults add.
    pub(super) fn settle(&self, kind: &Kind, mut object: Object) -> Object {
        stamp(kind, &mut object);
        strategy::normalize(kind, &mut object);
        self.complete(kind, &mut object);
        object
    }

    fn complete(&self, kind: &Kind, object: &mut Object) {
        self.schemas.default(kind, object);
        strategy::defaults::apply(kind, object);
    }

    /// The same, but lists and maps that are empty stay: to field managers they are something, until they are stored.
    pub(super) fn settle_with_empties(&self, kind: &Kind, mut object: Object) -> Object {
        stamp(kind, &mut object);
        strategy::normalize_with_empties(kind, &mut object);
        self.complete(kind, &mut object);
        object
    }

    /// A name from `generateName`.
    fn name(&mut self, kind: &Kind, object: &mut Object) {
        let Some(prefix) = object.text(&["metadata", "generateName"]).filter(|_| object.name().is_empty()) else {
            return;
        };
        // As apiserver's `storage/names`: a name has at most 63 letters.
        let prefix: String = prefix.chars().take(63 - 5).collect();
        for _ in 0..TRIES {
            let name = format!("{prefix}{}", self.ids.suffix(5));
            let taken = self.has(&kind.qualified(), object.namespace(), &name);
            object.set(&["metadata", "name"], name);
            if !taken {
                break;
            }
        }
    }

    /// A free address for a Service, and free ports on nodes.
    pub(super) fn allocate(&mut self, kind: &Kind, object: &mut Object, old: Option<&Object>) -> Result<(), Status> {
        if kind.resource != "services" || !kind.group.is_empty() {
            return Ok(());
        }
        let own = old.map(strategy::node_ports).unwrap_or_default();
        let services: Vec<Arc<Object>> = self.views("services", None).collect();
        let others: Vec<i64> =
            services.iter().flat_map(|other| strategy::node_ports(other)).filter(|port| !own.contains(port)).collect();
        let start = self.ids.below(2_768) as i64;
        strategy::allocate_ports(object, &others, &own, start)?;
        if old.is_some() {
            return Ok(());
        }
        let taken: Vec<&str> = services.iter().filter_map(|other| other.text(&["spec", "clusterIP"])).collect();
        let free = (1..=254_u8)
            .flat_map(|third| (1..=254_u8).map(move |fourth| format!("10.96.{third}.{fourth}")))
            .find(|address| !taken.contains(&address.as_str()))
            .unwrap_or_default();
        strategy::allocate(kind, object, &mut || free.clone());
        Ok(())
    }
}
