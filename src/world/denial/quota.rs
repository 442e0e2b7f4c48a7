//! `ResourceQuota`. Source: apiserver `pkg/admission/plugin/resourcequota/controller.go`, kubernetes `pkg/quota/v1/evaluator/core`.

use super::{Family, Of, Refusal, words};

pub(super) fn read(text: &str) -> Option<Refusal> {
    if let Some((_, quota)) = text.split_once("exceeded quota: ") {
        return Some(exceeded(quota));
    }
    if let Some((_, quota)) = text.split_once("failed quota: ") {
        let (name, must) = quota.split_once(": ").unwrap_or((quota, ""));
        let must = must.strip_prefix("must specify ").unwrap_or(must);
        let why = format!(
            "under the quota {} every container has to say its {}",
            words(name),
            words(&must.replace(" for: ", " for "))
        );
        let way = "give the containers these requests or limits, or let a LimitRange give defaults";
        return Some(of(Refusal::new(Family::Quota, "quota-unsaid", why).way(way), name, ""));
    }
    if let Some((_, what)) = text.split_once("insufficient quota to ") {
        let what = what.split_once(": ").map_or(what, |(_, what)| what);
        let why = format!("no quota of the namespace covers it: {}", words(what));
        let refusal = Refusal::new(Family::Quota, "quota-missing", why);
        return Some(refusal.way("who administers the namespace can give it a quota for this scope"));
    }
    let (_, quota) = text.split_once("status unknown for quota: ")?;
    let name = quota.split(',').next().unwrap_or_default();
    let why = format!("the quota {} has not been counted yet", words(name));
    Some(of(Refusal::new(Family::Quota, "quota-uncounted", why).way("try again in a moment"), name, ""))
}

/// `NAME, requested: pods=1, used: pods=5, limited: pods=5`
fn exceeded(quota: &str) -> Refusal {
    let part = |key: &str| {
        let behind = quota.split(&format!(", {key}: ")).nth(1)?;
        behind.split(", used: ").next()?.split(", limited: ").next()
    };
    let name = quota.split(", requested: ").next().unwrap_or(quota).trim();
    let why = match (part("requested"), part("used"), part("limited")) {
        (Some(requested), Some(used), Some(limited)) => format!(
            "the quota {} is used up: {} asked for, {} used, {} is the limit",
            words(name),
            words(requested),
            words(used),
            words(limited)
        ),
        _ => format!("the quota {} is used up", words(name)),
    };
    let resource = part("requested").and_then(|requested| requested.split('=').next()).unwrap_or_default();
    let way = "something else has to go first, or the quota be raised";
    of(Refusal::new(Family::Quota, "quota", why).way(way), name, resource)
}

/// Whose quota it is: Capsule copies those of tenants (`capsule-TENANT-0`) and of pools (`capsule-pool-POOL`), and those that people
/// make themselves are theirs.
fn of(refusal: Refusal, name: &str, resource: &str) -> Refusal {
    let resource = if resource.is_empty() { String::new() } else { format!(".{}", words(resource)) };
    let number = name.rsplit_once('-').map(|(_, number)| number).filter(|number| number.parse::<u32>().is_ok());
    let refusal = refusal.by(Some(words(name)));
    match (name.strip_prefix("capsule-pool-"), name.strip_prefix("capsule-"), number) {
        (Some(_), ..) => refusal.at(Of::Other("ResourcePool"), format!("spec.quota.hard{resource}")),
        (None, Some(_), Some(number)) => {
            refusal.at(Of::Tenant, format!("spec.resourceQuotas.items[{number}].hard{resource}"))
        }
        _ => refusal.at(Of::Quota, format!("spec.hard{resource}")),
    }
}
