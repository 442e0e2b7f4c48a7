//! HorizontalPodAutoscalers and PodDisruptionBudgets.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::cells::{Row, age, count, plain, text};

/// By resource.
pub(super) fn printer(resource: &str) -> Option<Row> {
    Some(match resource {
        "horizontalpodautoscalers.autoscaling" => autoscaler,
        "poddisruptionbudgets.policy" => |object, now| {
            let limit = |key| object.at(&["spec", key]).and_then(plain).unwrap_or_else(|| "N/A".to_owned());
            vec![
                json!(object.name()),
                json!(limit("minAvailable")),
                json!(limit("maxUnavailable")),
                json!(count(object, &["status", "disruptionsAllowed"])),
                age(object, now),
            ]
        },
        _ => return None,
    })
}

fn autoscaler(object: &Value, now: Timestamp) -> Vec<Value> {
    let target = |key| text(object, &["spec", "scaleTargetRef", key], "");
    let least = object.int(&["spec", "minReplicas"]).map_or_else(|| "<unset>".to_owned(), |least| least.to_string());
    vec![
        json!(object.name()),
        json!(format!("{}/{}", target("kind"), target("name"))),
        json!(metrics(object.list(&["spec", "metrics"]), object.list(&["status", "currentMetrics"]))),
        json!(least),
        json!(count(object, &["spec", "maxReplicas"])),
        json!(count(object, &["status", "currentReplicas"])),
        age(object, now),
    ]
}

/// The first two metrics, current and wanted, as `formatHPAMetrics`.
fn metrics(specs: &[Value], statuses: &[Value]) -> String {
    if specs.is_empty() {
        return "<none>".to_owned();
    }
    let all: Vec<String> = specs.iter().enumerate().map(|(at, spec)| metric(spec, statuses.get(at))).collect();
    let shown = all.get(..2).unwrap_or(&all).join(", ");
    if all.len() > 2 { format!("{shown} + {} more...", all.len() - 2) } else { shown }
}

/// One metric. The status counts only where it is of the same type.
fn metric(spec: &Value, status: Option<&Value>) -> String {
    let source = match text(spec, &["type"], "") {
        "External" => "external",
        "Pods" => "pods",
        "Object" => "object",
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        _ => return "<unknown type>".to_owned(),
    };
    let wanted = |key| spec.at(&[source, "target", key]).and_then(plain);
    let current = |key, unit: &str| {
        let found = status.and_then(|status| status.at(&[source, "current", key])).and_then(plain);
        found.map_or_else(|| "<unknown>".to_owned(), |value| value + unit)
    };
    let name = text(spec, &[source, "name"], "");
    match (source, wanted("averageValue")) {
        ("pods", wanted) => format!("{}/{}", current("averageValue", ""), wanted.unwrap_or_else(|| "0".to_owned())),
        ("external" | "object", Some(wanted)) => format!("{}/{wanted} (avg)", current("averageValue", "")),
        ("external" | "object", None) => {
            format!("{}/{}", current("value", ""), wanted("value").unwrap_or_else(|| "0".to_owned()))
        }
        (_, Some(wanted)) => format!("{name}: {}/{wanted}", current("averageValue", "")),
        (_, None) => {
            let wanted = wanted("averageUtilization").map_or_else(|| "<auto>".to_owned(), |value| value + "%");
            format!("{name}: {}/{wanted}", current("averageUtilization", "%"))
        }
    }
}
