//! `LimitRange`. Source: kubernetes `plugin/pkg/admission/limitranger/admission.go`.

use super::pattern::holes;
use super::{Family, Of, Refusal, words};

/// What is said, and which field of a limit says so; the holes: resource, type, bound, what was sent.
const SAYS: &[(&str, &str)] = &[
    ("maximum {} usage per {} is {}, but {}", "max"),
    ("maximum {} usage per {} is {}.  {}", "max"),
    ("minimum {} usage per {} is {}, but {}", "min"),
    ("minimum {} usage per {} is {}.  {}", "min"),
    ("{} max limit to request ratio per {} is {}, but {}", "maxLimitRequestRatio"),
];

pub(super) fn read(text: &str) -> Option<Refusal> {
    let (_, why) = text.split_once(" is forbidden: ")?;
    // Several stand in brackets, with commas between.
    let (pattern, field) = SAYS.iter().find(|(pattern, _)| holes(pattern, why).is_some())?;
    let found = holes(pattern, why)?;
    let part = |at: usize| found.get(at).map(|part| words(part.trim_start_matches('['))).unwrap_or_default();
    let (resource, kind, bound) = (part(0), part(1), part(2));
    let rest = found.get(3).copied().unwrap_or_default().trim_end_matches(']');
    let (sent, more) = match rest.split_once(", m") {
        Some((sent, _)) => (sent, "; and more"),
        None => (rest, ""),
    };
    let mut sent = words(sent);
    if let Some(first) = sent.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    let bounds = match *field {
        "min" => format!("at least {bound} of {resource}"),
        "max" => format!("at most {bound} of {resource}"),
        _ => format!("a limit of {resource} of at most {bound} times its request"),
    };
    let why = format!("a LimitRange wants {bounds} per {kind}, and {sent}{more}");
    let refusal = Refusal::new(Family::LimitRange, "limits", why).way("send other requests or limits");
    // Capsule copies those of tenants into each namespace.
    Some(refusal.at(Of::Limits, format!("spec.limits[type={kind}].{field}.{resource}")))
}
