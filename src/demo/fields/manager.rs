//! The field manager of a resource: what a write does to `metadata.managedFields`, as the chain of managers that
//! apimachinery `util/managedfields/internal/fieldmanager.go` builds.

mod cap;
mod last_applied;

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::atom::{Definitions, Type};
use super::conflict;
use super::managed::{self, Fields, Managed, Manager};
use super::order;
use super::set::FieldSet;
use super::typed::{Schema, drop_nulls, filled, filled_from_store, zero};
use super::updater::{Refusal, Reset, Updater};
use crate::demo::object::{Meta, Object};
use crate::demo::schema::node::Node;
use crate::demo::status::Status;

/// The manager that owns what was there before the first apply to an object without `managedFields`.
const BEFORE_FIRST_APPLY: &str = "before-first-apply";

/// The field manager of one resource or subresource in one version.
#[derive(Clone, Copy)]
pub struct FieldManager<'a> {
    /// The version of the request, such as `apps/v1`.
    pub api_version: &'a str,
    /// Such as `Deployment`.
    pub kind: &'a str,
    /// The versions that the kind is served in; entries of another one are forgotten.
    pub served: &'a [&'a str],
    /// The schema of the kind's objects.
    pub root: &'a Arc<Node>,
    /// The definitions that the schema names.
    pub definitions: &'a dyn Definitions,
    /// Whether it is a custom resource: those are no Go structs, and keep null and leave out what is empty.
    pub custom: bool,
    /// Such as `status`; empty for the object itself.
    pub subresource: &'a str,
    /// What the strategy of the resource or subresource resets.
    pub reset: Option<&'a Reset>,
}

impl FieldManager<'_> {
    /// Applies a configuration: the merged object with its `managedFields`, not yet defaulted. `live` is none if there is no
    /// object yet. An apply that changes nothing returns the object as it was, time included; so does one that changes
    /// nothing but who manages what, for the time of its entry.
    ///
    /// 400 for a configuration of another kind or with `managedFields`, 409 with causes for conflicts, and as upstream 500
    /// for one that does not fit the schema. Neither name nor namespace are checked.
    pub fn apply(
        &self,
        live: Option<&Object>,
        config: &Object,
        manager: &str,
        force: bool,
        now: Timestamp,
    ) -> Result<Object, Status> {
        let empty = self.empty();
        let live = live.unwrap_or(&empty);
        let managed = managed::decode(live.list(&["metadata", "managedFields"]))
            .map_err(|why| broken(&format!("failed to decode managed fields: {why}")))?;
        if config.text(&["apiVersion"]) != Some(self.api_version) || config.text(&["kind"]) != Some(self.kind) {
            return Err(Status::bad_request(format!("invalid object type: {}", gvk(config))));
        }
        let mut live = managed::without(live, &|_, _| true);
        if !self.custom {
            live = filled(live, self.root, self.definitions);
        }

        let schema = Schema::new(Type::root(self.root), self.definitions);
        let mut applied = self.apply_once(&schema, &live, config, managed.clone(), manager, force, now)?;
        if let Err(conflicts) = &applied
            && manager == "kubectl"
        {
            // An object that `kubectl apply` has managed from the client's side is taken over without conflicts.
            match last_applied::unforgiven(self, &schema, &live, conflicts) {
                Some(left) if !left.is_empty() => applied = Err(left),
                Some(_) => applied = self.apply_once(&schema, &live, config, managed, manager, true, now)?,
                None => {}
            }
        }
        let (mut object, managed) = applied.map_err(|conflicts| conflict::status(&conflicts))?;
        if manager == "kubectl" {
            last_applied::follow(&mut object, config);
        }
        managed::store(&mut object, &managed);
        Ok(object)
    }

    /// The outer error is final, the inner one are conflicts.
    #[allow(clippy::too_many_arguments, clippy::type_complexity)]
    fn apply_once(
        &self,
        schema: &Schema<'_>,
        live: &Value,
        config: &Object,
        managed: Managed,
        manager: &str,
        force: bool,
        now: Timestamp,
    ) -> Result<Result<(Object, Managed), Vec<conflict::Conflict>>, Status> {
        let managed = if managed.0.is_empty() {
            let empty = self.empty();
            self.update_managed(schema, &empty, live, managed, BEFORE_FIRST_APPLY, now)
                .map_err(|why| broken(&format!("failed to create manager for existing fields: {why}")))?
        } else {
            managed
        };
        if matches!(config.at(&["metadata", "managedFields"]), Some(Value::Array(_))) {
            return Err(Status::bad_request("metadata.managedFields must be nil"));
        }
        schema.validate(config, false).map_err(|faults| {
            broken(&format!("failed to create typed patch object ({}): {faults}", described(config)))
        })?;
        schema
            .validate(live, true)
            .map_err(|faults| broken(&format!("failed to create typed live object ({}): {faults}", described(live))))?;
        let me = self.manager(manager, true);
        let (new, mut managed) = match self.updater(schema).apply(live, config, managed, &me, force) {
            Ok(done) => done,
            Err(Refusal::Conflicts(conflicts)) => return Ok(Err(conflicts)),
            Err(Refusal::Broken(why)) => return Err(broken(&why)),
        };
        strip(&mut managed, &me);
        let Some(mut new) = new else { return Ok(Ok((live.clone(), managed))) };
        if let Some(fields) = managed.0.get_mut(&me) {
            fields.time = Some(rfc3339(now));
        }
        if self.custom {
            // Metadata is a Go struct even there.
            new.get_mut("metadata").into_iter().for_each(drop_nulls);
        } else {
            new = filled(new, self.root, self.definitions);
        }
        Ok(Ok((new, managed)))
    }

    /// Notes who manages what after any other write, and returns the object with its `managedFields`. Those of the request
    /// count if they can be read; an empty list forgets all. `live` is none on creation.
    ///
    /// To be called where the real server does: after decoding and defaulting, before admission. Never fails: if the fields
    /// cannot be told, the entries stay as they were.
    pub fn update(&self, live: Option<&Object>, mut new: Object, manager: &str, now: Timestamp) -> Object {
        let stored = live.map_or(&[][..], |live| live.list(&["metadata", "managedFields"]));
        let managed = if self.subresource.is_empty() && managed::is_reset(&new) {
            Managed::default()
        } else {
            // Clients that do not know of managedFields must not delete them by accident.
            let sent = if self.subresource.is_empty() { new.list(&["metadata", "managedFields"]) } else { &[] };
            let sent = managed::decode(sent).ok().filter(|managed| !managed.0.is_empty());
            sent.or_else(|| managed::decode(stored).ok()).unwrap_or_default()
        };
        new.unset(&["metadata", "managedFields"]);
        if managed.0.is_empty() && live.is_some_and(|live| !live.uid().is_empty()) {
            return new;
        }
        let schema = Schema::new(Type::root(self.root), self.definitions);
        let fill = |object| if self.custom { object } else { filled_from_store(object, self.root, self.definitions) };
        let [before, after] = match live {
            Some(live) => differing(live, &new).map(fill),
            None if self.custom => [self.empty(), new.clone()],
            // Nothing is changed by what is null in a new object: it is so in an empty one.
            None => [self.empty(), filled(new.clone(), self.root, self.definitions)],
        };
        let updated = self.update_managed(&schema, &before, &after, managed, manager, now);
        match updated {
            Ok(mut managed) => {
                cap::cap(&mut managed);
                managed::store(&mut new, &managed);
            }
            Err(_) if !stored.is_empty() => new.set(&["metadata", "managedFields"], Value::Array(stored.to_vec())),
            Err(_) => {}
        }
        new
    }

    fn update_managed(
        &self,
        schema: &Schema<'_>,
        live: &Value,
        new: &Value,
        managed: Managed,
        manager: &str,
        now: Timestamp,
    ) -> Result<Managed, String> {
        schema.validate(new, true).map_err(|faults| faults.to_string())?;
        schema.validate(live, true).map_err(|faults| faults.to_string())?;
        let gained = match self.updater(schema).update(live, new, managed) {
            Ok(gained) => gained,
            Err(Refusal::Broken(why)) => return Err(why),
            Err(Refusal::Conflicts(_)) => return Err(String::new()),
        };
        let (mut managed, mut set) = gained;
        set.subtract(&STRIPPED);
        if !set.is_empty() {
            let me = self.manager(manager, false);
            if let Some(before) = managed.0.remove(&me) {
                set.extend(before.set);
            }
            managed.0.insert(me, Fields { set, version: self.api_version.to_owned(), time: Some(rfc3339(now)) });
        }
        Ok(managed)
    }

    fn manager(&self, name: &str, applied: bool) -> Manager {
        Manager {
            name: if name.is_empty() { "unknown" } else { name }.to_owned(),
            applied,
            version: if applied { String::new() } else { self.api_version.to_owned() },
            subresource: self.subresource.to_owned(),
        }
    }

    fn updater<'s>(&'s self, schema: &'s Schema<'s>) -> Updater<'s> {
        Updater { schema, version: self.api_version, served: self.served, reset: self.reset }
    }

    /// A new object of the kind, as nobody has written it.
    fn empty(&self) -> Value {
        let mut empty = if self.custom { json!({}) } else { zero(self.root, self.definitions) };
        if let Some(map) = empty.as_object_mut() {
            map.insert("apiVersion".into(), self.api_version.into());
            map.insert("kind".into(), self.kind.into());
        }
        empty
    }
}

/// Both versions without managed fields, and without the top-level fields that are the same in both: nobody gains or loses any
/// of these, and most writes are of a status.
fn differing(live: &Object, new: &Object) -> [Object; 2] {
    let part = |object: &Object, other: &Object| {
        let is_wanted = |key: &str, value: &Value| {
            ["apiVersion", "kind", "metadata"].contains(&key) || other.get(key) != Some(value)
        };
        managed::without(object, &is_wanted)
    };
    let mut both = [part(live, new), part(new, live)];
    if both[0].get("metadata") == both[1].get("metadata") {
        both.iter_mut().filter_map(Value::as_object_mut).for_each(|object| drop(object.remove("metadata")));
    }
    both
}

/// Fields that nobody manages (`stripmeta.go`).
static STRIPPED: LazyLock<FieldSet> = LazyLock::new(|| {
    FieldSet::of_fields(&[
        &["apiVersion"],
        &["kind"],
        &["metadata"],
        &["metadata", "name"],
        &["metadata", "namespace"],
        &["metadata", "creationTimestamp"],
        &["metadata", "selfLink"],
        &["metadata", "uid"],
        &["metadata", "clusterName"],
        &["metadata", "generation"],
        &["metadata", "managedFields"],
        &["metadata", "resourceVersion"],
    ])
});

fn strip(managed: &mut Managed, me: &Manager) {
    if let Some(fields) = managed.0.get_mut(me) {
        fields.set.subtract(&STRIPPED);
        if fields.set.is_empty() {
            managed.0.remove(me);
        }
    }
}

/// An update or apply that changes nothing but the times of entries must not make a new version: they are set back.
/// To be called before storing (apiserver `endpoints/handlers/fieldmanager/equality.go`).
pub fn keep_times(live: &Object, new: &mut Object) {
    let path = ["metadata", "managedFields"];
    let (before, after) = (live.list(&path), new.list(&path));
    if before.len() != after.len() || before == after {
        return;
    }
    let is_same = |(one, other): (&Value, &Value)| same_without(one, other, "time", Value::eq);
    if !before.iter().zip(after).all(is_same) {
        return;
    }
    let (Some(was), Some(is)) = (live.get("metadata"), new.get("metadata")) else { return };
    if same_without(live, new, "metadata", order::equal) && same_without(was, is, "managedFields", order::equal) {
        let before = before.to_vec();
        new.set(&path, before);
    }
}

/// Whether two versions are the same but for their managed fields.
pub fn same_but_managed(one: &Object, other: &Object) -> bool {
    let (was, is) = (one.get("metadata").unwrap_or(&Value::Null), other.get("metadata").unwrap_or(&Value::Null));
    same_without(one, other, "metadata", Value::eq) && same_without(was, is, "managedFields", Value::eq)
}

/// Whether two maps are the same but for one key.
fn same_without(one: &Value, other: &Value, key: &str, same: impl Fn(&Value, &Value) -> bool) -> bool {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else { return one == other };
    let rest = |map: &Map<String, Value>| map.len() - usize::from(map.contains_key(key));
    rest(one) == rest(other)
        && one
            .iter()
            .filter(|(name, _)| *name != key)
            .all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
}

/// An error that upstream does not turn into a status: 500 without a reason.
fn broken(message: &str) -> Status {
    Status::new(500, "", message)
}

/// `apps/v1, Kind=Deployment`; for the core group `/v1, Kind=ConfigMap`.
fn gvk(object: &Value) -> String {
    let version = object.text(&["apiVersion"]).unwrap_or_default();
    let slash = if version.contains('/') { "" } else { "/" };
    format!("{slash}{version}, Kind={}", object.text(&["kind"]).unwrap_or_default())
}

fn described(object: &Value) -> String {
    format!("{}/{}; {}", object.namespace(), object.name(), gvk(object))
}

fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
