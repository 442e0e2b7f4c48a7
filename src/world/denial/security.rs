//! Pod Security. Source: pod-security-admission `admission/admission.go`, `policy/checks.go`.

use super::{Family, Of, Refusal, words};

/// The label by which a namespace chooses what is enforced.
const ENFORCE: &str = "metadata.labels[pod-security.kubernetes.io/enforce]";

pub(super) fn read(text: &str) -> Option<Refusal> {
    let (_, rest) = text.split_once("violates PodSecurity \"").or_else(|| text.split_once("violate PodSecurity \""))?;
    let (level, rest) = rest.split_once('"')?;
    let level = match level.split_once(':') {
        Some((level, "latest")) => level.to_owned(),
        Some((level, version)) => format!("{level} of {version}"),
        None => level.to_owned(),
    };
    let checks = checks(rest.trim_start_matches(": "));
    let names: Vec<String> = checks.iter().map(|(name, _)| words(name)).collect();
    let why = format!("Pod Security {} does not permit it: {}", words(&level), words(&names.join(", ")));
    let todo: Vec<String> = checks.iter().filter_map(|(_, todo)| todo.map(words)).take(4).collect();
    let way = if todo.is_empty() { "change the pod's securityContext".to_owned() } else { todo.join("; ") };
    let refusal = Refusal::new(Family::PodSecurity, "pod-security", why).by(Some(words(&level)));
    Some(refusal.way(way).at(Of::Namespace, ENFORCE))
}

/// The checks that failed, each with what it wants: `runAsNonRoot != true (pod or container "c" must set ...), hostPath volumes (...)`.
fn checks(text: &str) -> Vec<(&str, Option<&str>)> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in text.char_indices().chain([(text.len(), ',')]) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 || at == text.len() => {
                let check = text.get(start..at).unwrap_or_default().trim();
                if !check.is_empty() {
                    found.push(match check.split_once(" (") {
                        Some((name, todo)) => (name, Some(todo.trim_end_matches(')'))),
                        None => (check, None),
                    });
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}
