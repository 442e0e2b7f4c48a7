//! Webhook configurations.

use serde_json::json;

use super::{Fields, fill};

pub(super) fn visit(name: &str, map: &mut Fields) {
    match name {
        "admissionregistration.ValidatingWebhook" | "admissionregistration.MutatingWebhook" => {
            fill(map, "failurePolicy", "Fail");
            fill(map, "matchPolicy", "Equivalent");
            fill(map, "namespaceSelector", json!({}));
            fill(map, "objectSelector", json!({}));
            fill(map, "timeoutSeconds", 10);
            if name.ends_with("MutatingWebhook") {
                fill(map, "reinvocationPolicy", "Never");
            }
        }
        "admissionregistration.RuleWithOperations" => fill(map, "scope", "*"),
        "admissionregistration.ServiceReference" => fill(map, "port", 443),
        _ => {}
    }
}
