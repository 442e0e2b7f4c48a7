//! Webhooks and policies. Their denials come with 400, 403 and 500 alike, so words tell them, not codes; and words tell a denial from
//! a webhook that cannot be asked. Sources: apiserver `pkg/admission/plugin/webhook/errors/statuserror.go`, `pkg/admission/plugin/
//! policy/validating/dispatcher.go`, `pkg/util/webhook/error.go`.

use super::{Family, Refusal, capsule, words};

pub(super) fn read(text: &str) -> Option<Refusal> {
    // A denial's reason may quote an outage and the other way round: what comes first is what happened.
    let outage = ["failed calling webhook", "conversion webhook for "].iter().filter_map(|mark| text.find(mark)).min();
    let denial = ["denied the request", "denied request:", "admission request denied by policy"];
    let denial = denial.iter().filter_map(|mark| text.find(mark)).min();
    match (outage, denial) {
        (Some(outage), denial) if denial.is_none_or(|denial| outage < denial) => Some(down(text.get(outage..)?)),
        (_, Some(denial)) => Some(denied(text, denial)),
        _ => None,
    }
}

/// `failed calling webhook "x": failed to call webhook: Post "https://...": dial tcp ...: connect: connection refused`
fn down(text: &str) -> Refusal {
    let conversion = text.strip_prefix("conversion webhook for ").and_then(|rest| rest.split(" failed").next());
    let name = conversion.or_else(|| text.split('"').nth(1)).map(words).unwrap_or_default();
    let why = if text.contains("connection refused") {
        "nothing listens there"
    } else if text.contains("no endpoints available") {
        "its service has no running pod"
    } else if text.contains("deadline exceeded") || text.contains("timeout") {
        "it does not answer in time"
    } else if text.contains("certificate") || text.contains("x509") {
        "its certificate is not trusted"
    } else if text.contains("not found") {
        "its service does not exist"
    } else if text.contains("no such host") {
        "its host cannot be resolved"
    } else {
        "it cannot be called"
    };
    let way = if capsule::is_its(&name) {
        "look at Capsule's controller: its pods, service and certificate; until it answers, such writes fail for everybody"
    } else {
        "until it answers, such writes fail for everybody: look at the pods and the service behind it"
    };
    Refusal::new(Family::Outage, "webhook-down", why).by(Some(name)).way(way)
}

/// `admission webhook "x" denied the request: why`, or `ValidatingAdmissionPolicy 'x' with binding 'y' denied request: why`.
fn denied(text: &str, at: usize) -> Refusal {
    let (before, rest) = text.split_at(at);
    let after = |mark: &str, end: char| before.split_once(mark)?.1.split(end).next().map(words);
    let hook = after("webhook \"", '"').filter(|name| !name.is_empty());
    let policy = after("Policy '", '\'').filter(|name| !name.is_empty());
    let why = rest.split_once(':').map_or("", |(_, why)| why.trim());
    let told = if why.is_empty() { "no reason given".to_owned() } else { words(why) };
    match (hook, policy) {
        (Some(name), _) if capsule::is_its(&name) => capsule::read(&name, why).by(Some(name)),
        (Some(name), _) => Refusal::new(Family::Webhook, "webhook", told)
            .by(Some(name))
            .way("change what was sent, or ask those who keep this webhook"),
        (None, Some(name)) => Refusal::new(Family::Policy, "policy", told)
            .by(Some(name))
            .way("change what was sent, or ask those who keep this policy"),
        (None, None) => Refusal::new(Family::Webhook, "webhook", told),
    }
}
