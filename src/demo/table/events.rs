//! Events, of the core group and of events.k8s.io: one kind with two sets of names.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::cells::{Row, count, filled, since, text};

/// By resource.
pub(super) fn printer(resource: &str) -> Option<Row> {
    Some(match resource {
        "events" => |object, now| row(object, now, &CORE),
        "events.events.k8s.io" => |object, now| row(object, now, &EVENTS),
        _ => return None,
    })
}

/// How a group calls the fields.
struct Names {
    object: &'static str,
    message: &'static str,
    first: &'static str,
    last: &'static str,
    count: &'static str,
    source: &'static str,
    controller: &'static str,
}

const CORE: Names = Names {
    object: "involvedObject",
    message: "message",
    first: "firstTimestamp",
    last: "lastTimestamp",
    count: "count",
    source: "source",
    controller: "reportingComponent",
};

const EVENTS: Names = Names {
    object: "regarding",
    message: "note",
    first: "deprecatedFirstTimestamp",
    last: "deprecatedLastTimestamp",
    count: "deprecatedCount",
    source: "deprecatedSource",
    controller: "reportingController",
};

/// As `printEvent`.
fn row(event: &Value, now: Timestamp, names: &Names) -> Vec<Value> {
    let first = since(event.text(&[names.first]).or_else(|| event.text(&["eventTime"])), now);
    let mut last = event.text(&[names.last]).map_or_else(|| first.clone(), |at| since(Some(at), now));
    let mut times = count(event, &[names.count]);
    if let Some(series) = event.at(&["series"]).filter(|series| series.is_object()) {
        last = since(series.text(&["lastObservedTime"]), now);
        times = count(series, &["count"]);
    } else if times == 0 {
        // The new API does not count what happened once.
        times = 1;
    }
    let kind = text(event, &[names.object, "kind"], "").to_lowercase();
    let target = match text(event, &[names.object, "name"], "") {
        "" => kind,
        name => format!("{kind}/{name}"),
    };
    let component = filled(event, &[names.source, "component"], text(event, &[names.controller], ""));
    let source = match filled(event, &[names.source, "host"], text(event, &["reportingInstance"], "")) {
        "" => component.to_owned(),
        instance => format!("{component}, {instance}"),
    };
    vec![
        json!(last),
        json!(text(event, &["type"], "")),
        json!(text(event, &["reason"], "")),
        json!(target),
        json!(text(event, &[names.object, "fieldPath"], "")),
        json!(source),
        json!(text(event, &[names.message], "").trim()),
        json!(first),
        json!(times),
        json!(event.name()),
    ]
}
