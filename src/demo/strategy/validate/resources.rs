//! What is asked for and limited: names of resources, and the requirements of containers
//! (`pkg/apis/core/validation/validation.go`, `pkg/apis/core/helper/helpers.go`).

use serde_json::Value;

use super::super::names;
use super::{Faults, invalid, invalid_each, required, value_at};
use crate::demo::object::Meta as _;
use crate::demo::quantity::Quantity;

/// All that Kubernetes itself has a name for (`standardResources`).
const STANDARD: [&str; 20] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];

const OF_CONTAINERS: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

const HUGE_PAGES: &str = "hugepages-";

/// As `validateResourceName`; whether the name may be.
pub(super) fn name(name: &str, field: &str, faults: &mut Faults) -> bool {
    let said = names::qualified_name(name);
    let is_qualified = said.is_empty();
    invalid_each(faults, field, name, said);
    let is_huge = name.starts_with(HUGE_PAGES) || name.starts_with("requests.hugepages-");
    if is_qualified && !name.contains('/') && !STANDARD.contains(&name) && !is_huge {
        invalid(faults, field, &name.into(), "must be a standard resource type or fully qualified");
        return false;
    }
    is_qualified
}

/// As `ValidateContainerResourceName`.
pub(super) fn name_of_container(given: &str, field: &str, faults: &mut Faults) {
    name(given, field, faults);
    if !given.contains('/') {
        if !OF_CONTAINERS.contains(&given) && !given.starts_with(HUGE_PAGES) {
            invalid(faults, field, &given.into(), "must be a standard resource for containers");
        }
    } else if !is_native(given) && !is_extended(given) {
        invalid(faults, field, &given.into(), "doesn't follow extended resource name standard");
    }
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_extended(name: &str) -> bool {
    !name.starts_with("requests.") && names::qualified_name(&format!("requests.{name}")).is_empty()
}

/// Whether more may be promised than there is.
fn may_be_overcommitted(name: &str) -> bool {
    is_native(name) && !name.starts_with(HUGE_PAGES)
}

/// As `ValidateContainerResourceRequirements`.
pub(super) fn of_container(resources: &Value, here: &str, faults: &mut Faults) {
    let amount = |list: &str, name: &str| resources.text(&[list, name]).and_then(Quantity::parse);
    for list in ["limits", "requests"] {
        for (name, given) in value_at(resources, &[list]).as_object().into_iter().flatten() {
            let field = format!("{here}.{list}[{name}]");
            name_of_container(name, &field, faults);
            let Some(this) = given.as_str().and_then(Quantity::parse) else { continue };
            if this.is_negative() {
                invalid(faults, field, given, "must be greater than or equal to 0");
            }
            if list == "limits" {
                continue;
            }
            match amount("limits", name) {
                Some(limit) if this != limit && !may_be_overcommitted(name) => {
                    invalid(
                        faults,
                        format!("{here}.requests"),
                        given,
                        &format!("must be equal to {name} limit of {limit}"),
                    );
                }
                Some(limit) if this > limit => {
                    let says = format!("must be less than or equal to {name} limit of {limit}");
                    invalid(faults, format!("{here}.requests"), given, &says);
                }
                None if !may_be_overcommitted(name) => {
                    required(faults, format!("{here}.limits"), "Limit must be set for non overcommitable resources");
                }
                _ => {}
            }
        }
    }
}
