//! The traces that our own requests leave among events: dry runs pass through admission webhooks, and those tell of them as of
//! any other request. Nothing in an event says that it was a dry run; who, what and when is all there is. Pure.

use serde_json::Value;

use super::ObjectRef;

/// Something that we have asked, or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// About which object.
    pub object: ObjectRef,
    /// The tenant that it is of, if that is known.
    pub tenant: Option<String>,
    /// From when on (Unix seconds).
    pub from: i64,
    /// Until when; `None`: it is not over.
    pub until: Option<i64>,
    /// It was a dry run.
    pub tried: bool,
}

/// How far the server's clock may be from ours, and how late its events may be, in seconds.
const SLACK: i64 = 5;

/// What to say of an event that may stem from one of these.
pub fn perhaps<'a>(event: &Value, traces: impl Iterator<Item = &'a Trace>) -> Option<&'static str> {
    let times: Vec<i64> = ["/firstTimestamp", "/lastTimestamp", "/eventTime", "/series/lastObservedTime"]
        .iter()
        .filter_map(|path| event.pointer(path)?.as_str()?.parse::<jiff::Timestamp>().ok())
        .map(jiff::Timestamp::as_second)
        .collect();
    let (mut tried, mut done) = (false, false);
    for trace in traces {
        let in_time = |at: &i64| *at >= trace.from - SLACK && trace.until.is_none_or(|until| *at <= until + SLACK);
        if !times.iter().any(in_time) || !is_about(event, trace) {
            continue;
        }
        tried |= trace.tried;
        done |= !trace.tried;
    }
    match (tried, done) {
        (true, true) => Some("perhaps from our preview or change"),
        (true, false) => Some("perhaps from our preview"),
        (false, true) => Some("perhaps from our change"),
        (false, false) => None,
    }
}

fn is_about(event: &Value, trace: &Trace) -> bool {
    let text = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let (kind, name, place) =
        (text("/involvedObject/kind"), text("/involvedObject/name"), text("/involvedObject/namespace"));
    let by = [text("/source/component"), text("/reportingComponent")].into_iter().find(|by| !by.is_empty());
    let by = by.unwrap_or_default();
    let object = &trace.object;
    // What no webhook tells follows from what is stored, and a dry run stores nothing.
    if trace.tried && is_of_kubernetes(by) {
        return false;
    }
    if kind == object.kind && name == object.name && object.namespace.as_deref().is_none_or(|own| own == place) {
        return true;
    }
    // Capsule tells of a request where it thinks that it is looked for: at the tenant, at the namespace.
    let of_capsule = by.contains("capsule") || by == "tenant-webhook";
    let is_tenant = |kind: &str, name: &str| kind == "Tenant" && trace.tenant.as_deref() == Some(name);
    let is_place = kind == "Namespace" && object.namespace.as_deref() == Some(name);
    of_capsule && (is_tenant(kind, name) || is_tenant(text("/related/kind"), text("/related/name")) || is_place)
}

/// The parts of Kubernetes that tell of what they do with stored objects.
fn is_of_kubernetes(component: &str) -> bool {
    let known = ["kubelet", "default-scheduler", "horizontal-pod-autoscaler", "kube-proxy", "persistentvolume-binder"];
    known.contains(&component) || component.ends_with("-controller")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn trace(object: ObjectRef, tried: bool) -> Trace {
        Trace { object, tenant: Some("oil".into()), from: 1_000, until: Some(1_001), tried }
    }

    fn event(kind: &str, name: &str, by: &str, at: i64) -> Value {
        let time = jiff::Timestamp::from_second(at).unwrap().to_string();
        json!({
            "involvedObject": {"kind": kind, "name": name, "namespace": "oil-web"},
            "source": {"component": by}, "reason": "Cordoned", "firstTimestamp": time, "lastTimestamp": time,
        })
    }

    #[test]
    fn what_may_stem_from_us_is_said_to() {
        let tenant = || ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", "oil");
        let pod = || ObjectRef::namespaced("/api/v1", "pods", "Pod", "oil-web", "site");
        let preview = Some("perhaps from our preview");
        for (object, event, said) in [
            (tenant(), event("Tenant", "oil", "controller.projectcapsule.dev", 1_003), preview),
            (tenant(), event("Tenant", "oil", "controller.projectcapsule.dev", 1_020), None),
            (tenant(), event("Tenant", "gas", "controller.projectcapsule.dev", 1_000), None),
            (pod(), event("Pod", "site", "kubelet", 1_000), None),
            (pod(), event("Tenant", "oil", "tenant-webhook", 1_000), preview),
            (pod(), event("Pod", "other", "policy-webhook", 1_000), None),
        ] {
            assert_eq!(perhaps(&event, [trace(object, true)].iter()), said, "{event}");
        }
        let both = [trace(pod(), true), trace(pod(), false)];
        assert_eq!(
            perhaps(&event("Pod", "site", "policy-webhook", 1_000), both.iter()),
            Some("perhaps from our preview or change")
        );
    }
}
