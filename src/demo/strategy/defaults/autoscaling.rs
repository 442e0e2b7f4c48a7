//! `HorizontalPodAutoscaler` (`pkg/apis/autoscaling/v2/defaults.go`).

use serde_json::{Value, json};

use super::{Fields, fill, is_empty};

pub(super) fn visit(name: &str, map: &mut Fields) {
    if name != "autoscaling.HorizontalPodAutoscalerSpec" {
        return;
    }
    fill(map, "minReplicas", 1);
    if is_empty(map, "metrics") {
        let cpu = json!({
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
        });
        map.insert("metrics".into(), json!([cpu]));
    }
    let Some(behavior) = map.get_mut("behavior").and_then(Value::as_object_mut) else { return };
    let percent = json!({"type": "Percent", "value": 100, "periodSeconds": 15});
    let pods = json!({"type": "Pods", "value": 4, "periodSeconds": 15});
    let up = json!({"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [pods, percent]});
    let down = json!({"selectPolicy": "Max", "policies": [percent]});
    for (direction, rules) in [("scaleUp", up), ("scaleDown", down)] {
        let own = behavior.entry(direction).or_insert(Value::Null);
        if own.is_null() {
            *own = json!({});
        }
        if let (Some(own), Value::Object(rules)) = (own.as_object_mut(), rules) {
            for (key, value) in rules {
                if own.get(&key).is_none_or(Value::is_null) {
                    own.insert(key, value);
                }
            }
        }
    }
}
