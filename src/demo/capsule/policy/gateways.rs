//! Gateways: classes.

use super::allowed::Allowed;
use super::{Case, Refusal, Verdict};
use crate::demo::object::Meta as _;

/// As `gateway/validate_class.go`: an unknown class is an error of the webhook, and the refusal names the Gateway where it
/// means the class.
pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let Some(allowed) = Allowed::of(case.tenant, &["spec", "gatewayOptions", "allowedClasses"]) else { return Ok(()) };
    let class = case.object.text(&["spec", "gatewayClassName"]).unwrap_or_default();
    let Some(found) = case.registry.look("gatewayclasses.gateway.networking.k8s.io", "", class) else {
        return Err(Refusal::error(format!("GatewayClass.gateway.networking.k8s.io {class:?} not found")));
    };
    if allowed.default() == class || allowed.names(class) || (allowed.selects() && allowed.selects_object(&found)) {
        return Ok(());
    }
    let place = case.place();
    let note = format!("Gateway {place} GatewayClass {class} is forbidden for the current Tenant");
    let advice = allowed.advice(&allowed.sorted());
    let text = format!("Gateway Class {} is forbidden for the current Tenant: {advice}", case.object.name());
    Err(Refusal::told("ForbiddenGatewayClass", note, text))
}
