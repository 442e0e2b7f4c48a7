//! A pod's quality of service class (`pkg/apis/core/v1/helper/qos`).

use serde_json::Value;

use crate::demo::object::{Meta as _, Object};
use crate::demo::quantity::Quantity;

/// `Guaranteed`, `Burstable` or `BestEffort`.
pub(super) fn class(pod: &Object) -> &'static str {
    let own = pod.at(&["spec", "resources"]).filter(|one| one.as_object().is_some_and(|map| !map.is_empty()));
    if let Some(resources) = own {
        return of(resources);
    }
    let mut class = None;
    for container in pod.list(&["spec", "initContainers"]).iter().chain(pod.list(&["spec", "containers"])) {
        let one = container.at(&["resources"]).map_or("BestEffort", of);
        match class {
            _ if one == "Burstable" => return one,
            None => class = Some(one),
            Some(before) if before != one => return "Burstable",
            Some(_) => {}
        }
    }
    class.unwrap_or("BestEffort")
}

/// As `requirementsQOS`: only cpu and memory count, and only where they are not zero.
fn of(resources: &Value) -> &'static str {
    let amount = |list: &str, name: &str| {
        resources
            .text(&[list, name])
            .and_then(Quantity::parse)
            .filter(|amount| !amount.is_zero() && !amount.is_negative())
    };
    let all = ["cpu", "memory"].map(|name| (amount("requests", name), amount("limits", name)));
    if all.iter().all(|(request, limit)| request.is_none() && limit.is_none()) {
        return "BestEffort";
    }
    let is_guaranteed = all.iter().all(|(request, limit)| {
        limit.is_some_and(|limit| {
            request.is_none_or(|request| request.partial_cmp(&limit) == Some(std::cmp::Ordering::Equal))
        })
    });
    if is_guaranteed { "Guaranteed" } else { "Burstable" }
}
