//! Capsule's denials, of every era: by its sentences, else by its webhook. Whatever it says, it says it through a webhook of its name.

mod events;
mod names;
mod objects;
mod tenants;
mod workloads;

use super::pattern::{self, fill, holes, listed};
use super::{Family, Of, Refusal, words};

/// A rule of Capsule's.
struct Rule {
    /// A short name.
    name: &'static str,
    /// Parts of the sentences by which it is known: of all eras, of denials and of events.
    says: &'static [&'static str],
    /// Why, in our words: `{0}` is a hole of the sentence, `{list}` what it lists, `[...]` is left out where that is nothing.
    why: &'static str,
    /// The field that decides.
    field: (Of, &'static str),
    /// The way on.
    way: &'static str,
}

/// A rule, on one line.
const fn rule(
    name: &'static str,
    says: &'static [&'static str],
    why: &'static str,
    field: (Of, &'static str),
    way: &'static str,
) -> Rule {
    Rule { name, says, why, field, way }
}

/// All rules, those of the longer sentences first.
fn rules() -> impl Iterator<Item = &'static Rule> {
    [tenants::RULES, names::RULES, workloads::RULES, objects::RULES].into_iter().flatten()
}

/// The names of all rules.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    rules().map(|rule| rule.name)
}

/// Whether a webhook, or the kind that a conversion webhook is for, is Capsule's.
pub fn is_its(webhook: &str) -> bool {
    webhook.ends_with(".capsule.clastix.io")
        || webhook.ends_with(".projectcapsule.dev")
        || webhook.contains("capsule.clastix.io/")
}

/// What `webhook` says.
pub(super) fn read(webhook: &str, text: &str) -> Refusal {
    known(text).map_or_else(|| by_webhook(webhook, text), |refusal| on(webhook, refusal))
}

/// What an event of Capsule's says; `None` if it tells of no denial.
pub(super) fn read_event(reason: &str, text: &str) -> Option<Refusal> {
    let told = known(text);
    // The same reason tells of cordons, and of what they deny.
    if reason == "Cordoned" {
        return told.filter(|refusal| refusal.rule.starts_with("cordon"));
    }
    let (_, (of, path)) = events::DENIALS.iter().find(|(known, _)| *known == reason)?;
    // The reason says what it is about even where nobody knows the sentence.
    Some(told.unwrap_or_else(|| Refusal::new(Family::Capsule, "event", words(text)).at(*of, *path)))
}

/// What a sentence says, if it is one that is known.
fn known(text: &str) -> Option<Refusal> {
    rules().find_map(|rule| {
        let holes = rule.says.iter().find_map(|says| holes(says, text))?;
        let why = fill(rule.why, &holes, listed(text).as_deref());
        let path = pattern::path(rule.field.1, &holes);
        Some(Refusal::new(Family::Capsule, rule.name, why).way(fill(rule.way, &holes, None)).at(rule.field.0, path))
    })
}

/// The same sentence means another field where another webhook says it.
fn on(webhook: &str, mut refusal: Refusal) -> Refusal {
    if webhook.starts_with("services.")
        && let Some(field) = &mut refusal.field
    {
        field.path = field.path.replace("spec.namespaceOptions.forbidden", "spec.serviceOptions.forbidden");
    }
    refusal
}

/// Which part of a tenant a webhook watches over: of Capsule 0.3 to 0.14, by the first word of its name.
const WATCHES: &[(&str, Of, &str)] = &[
    ("cordoning", Of::Tenant, "spec.cordoned"),
    ("namespaces", Of::Tenant, "spec.namespaceOptions"),
    ("owner", Of::Tenant, "spec.owners"),
    ("ingress", Of::Tenant, "spec.ingressOptions"),
    ("gateway", Of::Tenant, "spec.gatewayOptions"),
    ("devices", Of::Tenant, "spec.deviceClasses"),
    ("pvc", Of::Tenant, "spec.storageClasses"),
    ("storage", Of::Tenant, "spec.storageClasses"),
    ("pods", Of::Tenant, "spec.containerRegistries, imagePullPolicies, priorityClasses, runtimeClasses"),
    ("pod", Of::Tenant, "spec.priorityClasses, runtimeClasses"),
    ("defaults", Of::Tenant, "spec.priorityClasses, storageClasses, ingressOptions"),
    ("services", Of::Tenant, "spec.serviceOptions"),
    ("serviceaccounts", Of::Tenant, "spec.permissions"),
    ("networkpolicies", Of::Tenant, "spec.networkPolicies"),
    ("generic", Of::Tenant, "spec.rules"),
    ("managed", Of::Configuration, "spec.administrators"),
    ("replications", Of::Other("GlobalTenantResource"), "spec.resources"),
    ("resource-objects", Of::Other("TenantResource"), "spec.resources"),
    ("customresources", Of::Tenant, "metadata.annotations[quota.resources.capsule.clastix.io/…]"),
    ("calculation", Of::Other("GlobalResourceQuota"), "spec.quota.hard"),
    ("resourcepools", Of::Other("ResourcePool"), "spec.quota.hard"),
    ("resourcepoolclaims", Of::Other("ResourcePool"), "spec.quota.hard"),
    ("nodes", Of::Configuration, "spec.nodeMetadata"),
    ("config", Of::Request, "spec"),
    ("tenants", Of::Request, "spec"),
    ("owners", Of::Request, "spec"),
];

fn by_webhook(webhook: &str, text: &str) -> Refusal {
    let first = webhook.split('.').next().unwrap_or_default();
    let told = if text.is_empty() { "no reason given".to_owned() } else { words(text) };
    let refusal = Refusal::new(Family::Capsule, "webhook", told);
    match WATCHES.iter().find(|(word, ..)| *word == first) {
        Some((_, Of::Request, _)) => refusal.at(Of::Request, "spec").way("change what was sent"),
        Some((_, of, path)) => refusal.at(*of, *path),
        None => refusal.way("ask who administers Capsule"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_told_apart_and_their_holes_are_there() {
        let mut names = std::collections::BTreeSet::new();
        for rule in rules() {
            assert!(names.insert(rule.name), "{} is there twice", rule.name);
            assert!(!rule.says.is_empty() && !rule.why.is_empty(), "{}", rule.name);
            assert!(rule.field.0.keeper().is_some() || !rule.way.is_empty(), "{} leads nowhere", rule.name);
            let holes = rule.says.iter().map(|says| says.matches("{}").count()).max().unwrap_or_default();
            for hole in holes..9 {
                let used = [rule.why, rule.way, rule.field.1].iter().any(|text| text.contains(&format!("{{{hole}}}")));
                assert!(!used, "{} has no hole {hole}", rule.name);
            }
        }
    }

    #[test]
    fn what_nobody_knows_is_told_by_its_webhook() {
        let told = read("ingress.validating.projectcapsule.dev", "the moon is full");
        assert_eq!(told.why, "the moon is full");
        assert_eq!(told.field.map(|field| field.path).as_deref(), Some("spec.ingressOptions"));
        let told = read("new.validating.projectcapsule.dev", "");
        assert_eq!((told.why.as_str(), told.field), ("no reason given", None));
        assert!(!told.way.is_empty());
    }
}
