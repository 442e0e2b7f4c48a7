//! Records that other tools leave when they stop things, as far as they tell what was there before.
//!
//! Sources: hjacobs/py-kube-downscaler and caas-team/GoKubeDownscaler (`downscaler/original-replicas`; for a CronJob 0 or 1),
//! kube-ns-suspender, winter-soldier, sleepcycles, vcluster; kube-green's Secret `sleepinfo-NAME` (`original-resource-info`: merge
//! patches by kind and name). `kubectl scale` leaves none; what was once applied may tell (`last-applied-configuration`).

use serde_json::{Value, json};

use super::kinds::{Knob, PauseKind};
use super::survey::{Found, Survey};

/// What somebody else's record says.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreign {
    /// Whose: `kube-downscaler`.
    pub by: &'static str,
    /// What the field held before.
    pub was: Value,
    /// The annotation that goes with it, if it is one.
    pub annotation: Option<&'static str>,
}

/// Annotations that hold a number of replicas, and who writes them.
const REPLICAS: &[(&str, &str)] = &[
    ("downscaler/original-replicas", "kube-downscaler"),
    ("kube-ns-suspender/originalReplicas", "kube-ns-suspender"),
    ("hibernator.devtron.ai/replicas", "winter-soldier"),
    ("rekuberate.io/replicas", "sleepcycles"),
    ("loft.sh/paused-replicas", "vcluster"),
];

const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The record of somebody else on a stopped object without one of ours.
pub fn record(found: &Found, kind: &PauseKind, survey: &Survey) -> Option<Foreign> {
    annotated(found, kind).or_else(|| kube_green(found, kind, survey)).or_else(|| applied(found, kind))
}

fn annotated(found: &Found, kind: &PauseKind) -> Option<Foreign> {
    REPLICAS.iter().find_map(|(key, by)| {
        let number: i64 = found.annotation(key)?.trim().parse().ok()?;
        let was = match kind.knob {
            Knob::Replicas => json!(number),
            // kube-downscaler counts a CronJob as one replica when it is not suspended.
            Knob::Suspend => json!(number == 0),
            Knob::Cordoned | Knob::Annotation(_) => return None,
        };
        (was != kind.stopped()).then_some(Foreign { by, was, annotation: Some(*key) })
    })
}

fn kube_green(found: &Found, kind: &PauseKind, survey: &Survey) -> Option<Foreign> {
    let key = (found.namespace().to_owned(), found.object.kind.clone(), found.object.name.clone());
    let patch = survey.kube_green.get(&key)?;
    let was = kind.knob.get(patch);
    (!was.is_null() && was != kind.stopped()).then_some(Foreign { by: "kube-green", was, annotation: None })
}

fn applied(found: &Found, kind: &PauseKind) -> Option<Foreign> {
    let manifest: Value = serde_json::from_str(found.annotation(APPLIED)?).ok()?;
    let was = kind.knob.get(&manifest);
    let fits = kind.knob == Knob::Replicas && was.as_i64().is_some_and(|number| number > 0);
    fits.then_some(Foreign { by: "kubectl apply, before it was scaled by hand", was, annotation: None })
}

#[cfg(test)]
mod tests {
    use super::super::kinds::kind_of;
    use super::*;
    use crate::plan::ObjectRef;

    fn found(plural: &str, kind: &str, value: Value) -> Found {
        let base = if kind == "CronJob" { "/apis/batch/v1" } else { "/apis/apps/v1" };
        Found { object: ObjectRef::namespaced(base, plural, kind, "oil-web", "site"), value }
    }

    fn told(found: &Found, survey: &Survey) -> Option<(&'static str, Value)> {
        let kind = kind_of(found.object.group(), &found.object.kind)?;
        record(found, kind, survey).map(|foreign| (foreign.by, foreign.was))
    }

    #[test]
    fn other_tools_records_are_read() {
        let note = |key: &str, value: &str| json!({"metadata": {"annotations": {key: value}}, "spec": {"replicas": 0}});
        let nothing = Survey::default();
        let site = found("deployments", "Deployment", note("downscaler/original-replicas", "3"));
        assert_eq!(told(&site, &nothing), Some(("kube-downscaler", json!(3))));
        let none = found("deployments", "Deployment", note("downscaler/original-replicas", "0"));
        assert_eq!(told(&none, &nothing), None);
        let job = found("cronjobs", "CronJob", note("downscaler/original-replicas", "1"));
        assert_eq!(told(&job, &nothing), Some(("kube-downscaler", json!(false))));
        let applied = found("deployments", "Deployment", note(APPLIED, r#"{"spec":{"replicas":4}}"#));
        assert_eq!(told(&applied, &nothing).map(|(_, was)| was), Some(json!(4)));
        let garbage = found("deployments", "Deployment", note(APPLIED, "{"));
        assert_eq!(told(&garbage, &nothing), None);
    }

    #[test]
    fn kube_greens_patches_are_read() {
        let key = ("oil-web".to_owned(), "Deployment".to_owned(), "site".to_owned());
        let survey = Survey { kube_green: [(key, json!({"spec": {"replicas": 5}}))].into(), ..Survey::default() };
        let site = found("deployments", "Deployment", json!({"spec": {"replicas": 0}}));
        assert_eq!(told(&site, &survey), Some(("kube-green", json!(5))));
    }
}
