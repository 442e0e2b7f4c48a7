//! What 0.14 says of fields that it takes but would rather not have, as `tenant/validation/warnings.go`.

use serde_json::Value;

use crate::demo::object::{Meta as _, Object};

const RULES: &str = "https://projectcapsule.dev/docs/rules/enforcement/metadata/";
const TENANTS: &str = "https://projectcapsule.dev/docs/tenants/";

/// The warnings for a tenant, in the webhook's order.
pub fn warnings(tenant: &Object) -> Vec<String> {
    let mut all = Vec::new();
    let spec = |path: &[&str]| tenant.get("spec").and_then(|spec| spec.at(path));
    let text = |path: &[&str]| spec(path).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let list = |path: &[&str]| spec(path).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let mut field = |is_there: bool, name: &str, instead: &str, page: &str| {
        if is_there {
            all.push(format!(
                "The field `{name}` is deprecated and will be removed in a future release. Please migrate to {instead}. \
                 See: {page}"
            ));
        }
    };
    let registries = list(&["containerRegistries", "allowed"]) || text(&["containerRegistries", "allowedRegex"]);
    field(registries, "containerRegistries", "rules", &format!("{TENANTS}rules."));
    let quotas = text(&["resourceQuotas", "scope"]) || list(&["resourceQuotas", "items"]);
    field(quotas, "resourceQuotas", "rules quotas", &format!("{TENANTS}rules/#migration."));
    let services = spec(&["serviceOptions"]).is_some();
    // The address lacks its slash there.
    let page = "https://projectcapsule.devdocs/rules/enforcement/metadata/#migrate-service-metadata.";
    field(services, "serviceOptions", "rules metadata", page);
    let pods = spec(&["podOptions"]).is_some();
    field(pods, "podOptions", "rules metadata", &format!("{RULES}#migrate-pod-metadata."));
    let page = format!("{TENANTS}enforcement/#limitrange-distribution-with-tenantreplications.");
    field(list(&["limitRanges", "items"]), "limitRanges", "TenantReplications", &page);
    let page = format!("{TENANTS}enforcement/#networkpolicy-distribution-with-tenantreplications.");
    field(list(&["networkPolicies", "items"]), "networkPolicies", "TenantReplications", &page);
    let page = format!("{RULES}#migrate-namespace-metadata.");
    let is_there = |name: &str| spec(&["namespaceOptions", name]).is_some();
    let is_forbidding =
        |name: &str| list(&["namespaceOptions", name, "denied"]) || text(&["namespaceOptions", name, "deniedRegex"]);
    for (is_used, name) in [
        (is_there("additionalMetadata"), "additionalMetadata"),
        (list(&["namespaceOptions", "additionalMetadataList"]), "additionalMetadataList"),
        (is_there("requiredMetadata"), "requiredMetadata"),
        (is_forbidding("forbiddenLabels"), "forbiddenLabels"),
        (is_forbidding("forbiddenAnnotations"), "forbiddenAnnotations"),
    ] {
        field(is_used, name, "rules metadata", &page);
    }
    for (path, name) in [
        (&["storageClasses", "allowedRegex"][..], "StorageClasses"),
        (&["gatewayOptions", "allowedClasses", "allowedRegex"], "GatewayClasses"),
        (&["priorityClasses", "allowedRegex"], "PriorityClasses"),
        (&["runtimeClasses", "allowedRegex"], "RuntimeClasses"),
    ] {
        if text(path) {
            all.push(format!("The `regex` selector for {name} is deprecated and will be removed in a future release."));
        }
    }
    all
}
