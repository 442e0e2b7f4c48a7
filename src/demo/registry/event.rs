//! Events that the cluster's own parts write.

use serde_json::{Value, json};

use super::{Caller, Registry};
use crate::demo::clock::{rfc3339, rfc3339_micro};
use crate::demo::life::recorder::Writing;
use crate::demo::object::{Meta as _, Object};

/// What an event says. Stored as core/v1; `events.k8s.io/v1` is another view of it.
#[derive(Debug, Clone, Default)]
pub struct Event<'a> {
    /// `Normal` or `Warning`.
    pub warning: bool,
    /// Such as `ScalingReplicaSet`.
    pub reason: &'a str,
    /// The sentence.
    pub message: &'a str,
    /// Who says it: `source.component` of the old form, `reportingController` of the new.
    pub component: &'a str,
    /// `action` of the new form; an event without one is of the old form (with counts and source).
    pub action: &'a str,
    /// `reportingInstance` of the new form.
    pub instance: &'a str,
    /// `related` of the new form.
    pub related: Option<Value>,
    /// Where the event lies; empty: the object's namespace, or `default`.
    pub namespace: &'a str,
    /// Labels of the event.
    pub labels: Value,
    /// Annotations of the event.
    pub annotations: Value,
}

impl Registry {
    /// Writes an event about an object. One that says the same again counts up, as client-go's recorders do.
    pub fn event(&mut self, about: &Object, event: &Event<'_>) {
        let now = self.now();
        if self.events_from.is_some_and(|from| now < from) {
            return;
        }
        let namespace = match (event.namespace, about.namespace()) {
            ("", "") => "default",
            ("", namespace) => namespace,
            (namespace, _) => namespace,
        }
        .to_owned();
        // Those of the new form are gathered in series upstream; here each is written.
        let observed = if event.action.is_empty() {
            self.recorder.observe(now, about, event)
        } else {
            Some(Writing::plain(now, event))
        };
        let Some(mut writing) = observed else { return };
        let caller = Caller::new(crate::demo::access::user::User::default(), writer(event.component));
        if let Some(name) = writing.name.take() {
            let counted = self.change(&caller, "events", "", &namespace, &name, |object| {
                object.set(&["count"], writing.count);
                object.set(&["lastTimestamp"], rfc3339(now));
                object.set(&["message"], writing.message.as_str());
            });
            if counted.is_some() {
                self.recorder.written(writing, &name);
                return;
            }
        }
        let kind = if event.warning { "Warning" } else { "Normal" };
        let reference = reference(about);
        let name =
            format!("{}.{:x}", about.name(), now.as_nanosecond().unsigned_abs() as u64 ^ self.ids.below(1 << 20));
        let mut object = json!({
            "apiVersion": "v1", "kind": "Event",
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": reference, "reason": event.reason, "message": writing.message, "type": kind,
            "reportingComponent": event.component, "reportingInstance": event.instance,
        });
        if event.action.is_empty() {
            object.set(&["source"], json!({"component": event.component}));
            object.set(&["firstTimestamp"], rfc3339(writing.first));
            object.set(&["lastTimestamp"], rfc3339(now));
            object.set(&["count"], writing.count);
            object.set(&["eventTime"], Value::Null);
        } else {
            object.set(&["source"], json!({}));
            object.set(&["action"], event.action);
            object.set(&["eventTime"], rfc3339_micro(now));
            object.set(&["firstTimestamp"], Value::Null);
            object.set(&["lastTimestamp"], Value::Null);
        }
        if let Some(related) = &event.related {
            object.set(&["related"], related.clone());
        }
        for (key, value) in [("labels", &event.labels), ("annotations", &event.annotations)] {
            if value.is_object() {
                object.set(&["metadata", key], value.clone());
            }
        }
        // An event that cannot be written (its namespace is going away) is lost in a real cluster too.
        if self.create(&mut caller.clone(), "events", object).is_ok() {
            self.recorder.written(writing, &name);
        }
    }
}

/// The field manager of those who tell of events: the name of their program.
fn writer(component: &str) -> &str {
    match component {
        "default-scheduler" => "kube-scheduler",
        "controllermanager" => "kube-controller-manager",
        // Capsule's controller is a program of its own.
        "tenant-controller" => component,
        _ if component.ends_with("-controller") => "kube-controller-manager",
        _ => component,
    }
}

/// An ObjectReference to an object.
pub fn reference(object: &Object) -> Value {
    let mut reference = json!({
        "apiVersion": object.text(&["apiVersion"]).unwrap_or_default(),
        "kind": object.text(&["kind"]).unwrap_or_default(),
        "name": object.name(), "uid": object.uid(), "resourceVersion": object.version(),
    });
    if !object.namespace().is_empty() {
        reference.set(&["namespace"], object.namespace());
    }
    reference
}
