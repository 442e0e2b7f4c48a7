//! What plans promise.

use serde_json::{Value, json};

use super::*;
use crate::world::trouble::Trouble;

fn step() -> Step {
    let object = ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", "oil");
    let before = json!({"metadata": {"name": "oil", "uid": "u1", "resourceVersion": "7"}, "spec": {"cordoned": false}});
    Step::merge(object, json!({"spec": {"cordoned": true}}), before)
}

fn plan(step: Step) -> Plan {
    let target = Target { context: "lke prod".into(), server: "s:443".into(), user: "ops".into(), impersonation: None };
    Plan { title: "Cordon".into(), target, stages: vec![Stage { steps: vec![step], goal: None }], ..Plan::default() }
}

#[test]
fn a_step_carries_its_preconditions() {
    assert_eq!(step().body(), json!({"spec": {"cordoned": true}, "metadata": {"uid": "u1", "resourceVersion": "7"}}));
}

#[test]
fn a_step_taken_as_somebody_else_is_another_plan() {
    use crate::world::identity::ActingAs;
    let mut answered = step();
    answered.answer = Some(Answer::WouldChange(json!({"metadata": {"name": "oil"}})));
    let plan = plan(answered);
    let mut other = plan.clone();
    let alice = ActingAs { user: "alice".into(), groups: vec!["projectcapsule.dev".into()] };
    other.impersonated.insert(step().object, alice);
    assert_ne!(plan.digest(), other.digest());
    let command = other.kubectl(&other.stages[0].steps[0]);
    assert!(command.starts_with("kubectl --as alice --as-group projectcapsule.dev --context "), "{command}");
}

#[test]
fn the_same_change_in_kubectls_words() {
    let plan = plan(step());
    assert_eq!(
        step().kubectl(&plan.target),
        r#"kubectl --context 'lke prod' patch tenants.capsule.clastix.io oil --type=merge -p '{"spec":{"cordoned":true}}'"#
    );
}

#[test]
fn the_digest_tells_what_would_happen_apart_and_nothing_else() {
    let answered = |after: Value| {
        let mut plan = plan(step());
        plan.steps_mut().for_each(|step| step.answer = Some(Answer::WouldChange(after.clone())));
        plan.digest().unwrap()
    };
    let after = |version: &str, cordoned: bool| json!({"metadata": {"uid": "u1", "resourceVersion": version}, "spec": {"cordoned": cordoned}});
    assert_eq!(plan(step()).digest(), None);
    assert_eq!(answered(after("8", true)), answered(after("9", true)));
    assert_ne!(answered(after("8", true)), answered(after("8", false)));
}

#[test]
fn what_is_refused_or_unasked_is_never_ready() {
    let trouble = || Trouble::new(crate::world::trouble::TroubleKind::Other, "no");
    for (answer, ready) in [
        (None, false),
        (Some(Answer::WouldChange(json!({}))), true),
        (Some(Answer::WouldNotChange), false),
        (Some(Answer::Unreadable), false),
        (Some(Answer::Refused(trouble())), false),
        (Some(Answer::NotAsked(trouble())), false),
    ] {
        let mut plan = plan(step());
        plan.steps_mut().for_each(|step| step.answer.clone_from(&answer));
        assert_eq!(plan.is_ready(), ready, "{answer:?}");
    }
}
