//! Other contents: updates, patches and server-side apply end here.

use std::sync::Arc;

use super::{Caller, Operation, Registry, Review, stamp};
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::check;
use crate::demo::schema::kind::Kind;
use crate::demo::status::{FieldFault, Status};
use crate::demo::store::Key;
use crate::demo::{admission, fields, strategy};

/// What a change makes of an object.
#[derive(Debug)]
pub struct Changed {
    /// The new content.
    pub object: Object,
    /// Whether its managed fields are written already, as by an apply.
    pub owned: bool,
}

impl Registry {
    /// Makes another content of an object. `subresource` is empty or `status`.
    pub fn update(
        &mut self,
        by: &mut Caller,
        resource: &str,
        subresource: &str,
        namespace: &str,
        name: &str,
        change: &mut dyn FnMut(&Object) -> Result<Object, Status>,
    ) -> Result<Arc<Object>, Status> {
        let change = &mut |registry: &Self, live: &Object| {
            let object = change(live)?;
            if let Some(kind) = registry.kind(resource) {
                must_be_same(&kind, live, &object)?;
            }
            Ok(Changed { object, owned: false })
        };
        self.revise(by, resource, subresource, (namespace, name), change)
    }

    /// The same for controllers: reads, edits and writes in one go. Nothing if it is not there or was refused; nothing is
    /// written when nothing changes. Whoever edits a status does not see who manages what.
    pub fn change(
        &mut self,
        by: &Caller,
        resource: &str,
        subresource: &str,
        namespace: &str,
        name: &str,
        edit: impl FnOnce(&mut Object),
    ) -> Option<Arc<Object>> {
        let live = self.look(resource, namespace, name)?;
        let is_status = subresource == "status";
        let mut new = if is_status { fields::without(&live, &|_, _| true) } else { Object::clone(&live) };
        edit(&mut new);
        let is_as_it_was = if is_status { fields::same_but_managed(&new, &live) } else { new == *live };
        if is_as_it_was {
            return Some(live);
        }
        let mut new = Some(new);
        let take = &mut |live: &Object| Ok(new.take().unwrap_or_else(|| live.clone()));
        self.update(&mut by.clone(), resource, subresource, namespace, name, take).ok()
    }

    /// The way of every change.
    pub(in crate::demo) fn revise(
        &mut self,
        by: &mut Caller,
        resource: &str,
        subresource: &str,
        (namespace, name): (&str, &str),
        change: &mut dyn FnMut(&Self, &Object) -> Result<Changed, Status>,
    ) -> Result<Arc<Object>, Status> {
        let kind = self.kind(resource).ok_or_else(Status::no_such_path)?;
        let table = self.table(resource).ok_or_else(Status::no_such_path)?;
        let live =
            self.look(resource, namespace, name).ok_or_else(|| Status::not_found(&kind.group, &kind.resource, name))?;
        let Changed { object, owned } = change(self, &live)?;
        let mut new = self.settle_with_empties(&kind, object);
        identify(&kind, &live, &mut new)?;
        // Bindings are written past the field managers.
        if !owned && subresource != "binding" {
            new = self.own(by, &kind, subresource, Some(&live), new);
        }
        strategy::drop_empties(&kind, &mut new);
        let user = by.user.clone();
        let place = if kind.resource == "namespaces" && kind.group.is_empty() { name } else { namespace };
        let review = Review {
            operation: Operation::Update,
            kind: &kind,
            subresource,
            namespace: place,
            name,
            user: &user,
            old: Some(&live),
            dry_run: by.dry_run,
        };
        admission::mutate(self, &review, &mut new)?;
        // What only the server writes stays as it is, whatever was sent.
        for kept in ["generation", "deletionTimestamp", "deletionGracePeriodSeconds"] {
            match live.at(&["metadata", kept]) {
                Some(value) => new.set(&["metadata", kept], value.clone()),
                None => drop(new.unset(&["metadata", kept])),
            }
        }
        strategy::prepare_update(&kind, subresource, &live, &mut new);
        if subresource.is_empty() {
            self.allocate(&kind, &mut new, Some(&live))?;
            self.may_grant(by, &kind, &new, Some(&live))?;
        }
        let mut faults = strategy::validate::update(&kind, subresource, &live, &new);
        faults.extend(check::faults(&self.schemas, &kind, &new));
        faults.extend(check::unchecked_rules(&self.schemas, &kind, &faults));
        if !faults.is_empty() {
            return Err(Status::invalid(&kind.group, &kind.kind, name, &faults));
        }
        by.warnings.extend(strategy::warnings_of_update(&kind, &live, &new));
        by.warnings.extend(self.warned(|registry| admission::validate(registry, &review, Some(&new)))?);

        new.set(&["metadata", "resourceVersion"], live.version());
        fields::keep_times(&live, &mut new);
        if new == *live || by.dry_run {
            return Ok(Arc::new(new));
        }
        if is_finished(&kind, &new) {
            self.store.remove(table, &Key::of(&live));
            self.committed(&kind, Some(&live), None);
            return Ok(Arc::new(new));
        }
        let new = self.store.put(table, new);
        self.committed(&kind, Some(&live), Some(&new));
        Ok(new)
    }

    /// Server-side apply: creates or changes. `subresource` is empty or `status`.
    pub(in crate::demo) fn apply(
        &mut self,
        by: &mut Caller,
        resource: &str,
        subresource: &str,
        (namespace, name): (&str, &str),
        config: &Object,
        force: bool,
    ) -> Result<(Arc<Object>, bool), Status> {
        let kind = self.kind(resource).ok_or_else(Status::no_such_path)?;
        let applier = by.clone();
        if self.has(resource, namespace, name) {
            let change = &mut |registry: &Self, live: &Object| {
                let object = registry.merge(&applier, &kind, subresource, Some(live), config, force)?;
                same_namespace(&kind, &object, namespace)?;
                same_name(&object, name)?;
                Ok(Changed { object, owned: true })
            };
            let object = self.revise(by, resource, subresource, (namespace, name), change)?;
            return Ok((object, false));
        }
        if !subresource.is_empty() {
            return Err(Status::not_found(&kind.group, &kind.resource, name));
        }
        if !config.uid().is_empty() {
            let why = format!(
                "uid mismatch: the provided object specified uid {}, and no existing object was found",
                config.uid()
            );
            return Err(Status::conflict(&kind.group, &kind.resource, name, &why));
        }
        let mut object = self.merge(by, &kind, "", None, config, force)?;
        same_namespace(&kind, &object, namespace)?;
        same_name(&object, name)?;
        if kind.namespaced {
            object.set(&["metadata", "namespace"], namespace);
        }
        stamp(&kind, &mut object);
        let object = self.settle(&kind, object);
        Ok((self.create_owned(by, &kind, object)?, true))
    }
}

/// Checks that an object has the name that the request is about.
pub fn same_name(object: &Object, name: &str) -> Result<(), Status> {
    match object.name() {
        said if said == name => Ok(()),
        "" => Err(Status::bad_request(format!(
            "the name of the object ({name} based on URL) was undeterminable: name must be provided"
        ))),
        said => Err(Status::bad_request(format!(
            "the name of the object ({said}) does not match the name on the URL ({name})"
        ))),
    }
}

/// Checks that an object that names a namespace belongs where the request goes.
pub fn same_namespace(kind: &Kind, object: &Object, namespace: &str) -> Result<(), Status> {
    match object.namespace() {
        "" => Ok(()),
        _ if !kind.namespaced => Err(Status::bad_request("namespace is not allowed on this type")),
        said if said == namespace => Ok(()),
        _ => Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        )),
    }
}

/// Where an object lies in etcd, as error messages name it.
fn storage_key(kind: &Kind, object: &Object) -> String {
    let place = match (kind.group.as_str(), kind.resource.as_str()) {
        ("", "services") => "services/specs".to_owned(),
        ("", "endpoints") => "services/endpoints".to_owned(),
        ("", "nodes") => "minions".to_owned(),
        ("", "replicationcontrollers") => "controllers".to_owned(),
        ("networking.k8s.io", "ingresses") => "ingress".to_owned(),
        (group @ ("apiextensions.k8s.io" | "apiregistration.k8s.io"), resource) => format!("{group}/{resource}"),
        (group, resource) if kind.custom.is_some() => format!("{group}/{resource}"),
        (_, resource) => resource.to_owned(),
    };
    let path = [place.as_str(), object.namespace(), object.name()];
    format!("/registry/{}", path.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/"))
}

/// A whole new content names the object that it is of, if it names one. To a patch a uid is a field like others, that may not
/// change.
fn must_be_same(kind: &Kind, live: &Object, new: &Object) -> Result<(), Status> {
    if !new.uid().is_empty() && new.uid() != live.uid() {
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: {}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {}, UID in object meta: {}",
            storage_key(kind, live),
            new.uid(),
            live.uid()
        );
        return Err(Status::conflict(&kind.group, &kind.resource, live.name(), &why));
    }
    Ok(())
}

/// Checks that a new content is that of the same object, and fills in what was left out.
fn identify(kind: &Kind, live: &Object, new: &mut Object) -> Result<(), Status> {
    let sent = new.version();
    if sent.is_empty() && kind.custom.is_some() && new.at(&["metadata", "resourceVersion"]).is_none() {
        let fault = FieldFault {
            reason: "FieldValueInvalid",
            field: "metadata.resourceVersion".to_owned(),
            what: "Invalid value: 0: must be specified for an update".to_owned(),
        };
        return Err(Status::invalid(&kind.group, &kind.resource, live.name(), &[fault]));
    }
    if !sent.is_empty() && sent != live.version() {
        return Err(Status::modified(&kind.group, &kind.resource, live.name()));
    }
    for field in ["uid", "creationTimestamp", "namespace"] {
        if let Some(value) = live.at(&["metadata", field])
            && new.text(&["metadata", field]).is_none_or(str::is_empty)
        {
            new.set(&["metadata", field], value.clone());
        }
    }
    Ok(())
}

/// Whether an update has taken the last thing that held a deleted object.
fn is_finished(kind: &Kind, object: &Object) -> bool {
    let is_namespace = kind.resource == "namespaces" && kind.group.is_empty();
    object.is_terminating()
        && object.finalizers().is_empty()
        && object.int(&["metadata", "deletionGracePeriodSeconds"]).unwrap_or_default() == 0
        && (!is_namespace || object.list(&["spec", "finalizers"]).is_empty())
}
