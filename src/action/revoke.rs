//! Takes a role away from somebody: out of the bindings that give it. Pure.
//!
//! What Capsule binds it binds again: that is taken away from the tenant, by [`small`](super::small) changes of its owners and of what
//! it binds in every namespace.

use serde_json::{Value, json};

use super::small::people;
use crate::plan::owner::Owner;
use crate::plan::{Before, Change, ObjectRef, Plan, Propagation, Stage, Step, Target};
use crate::world::trouble::{Trouble, TroubleKind};

/// The plan that takes somebody out of these bindings of a role. A binding of nobody else is deleted; one that names others keeps
/// them.
pub fn plan(who: &Owner, role: &str, found: Vec<(ObjectRef, Before)>, target: Target) -> Result<Plan, Trouble> {
    let (mut steps, mut summary, mut shared) = (Vec::new(), Vec::new(), 0);
    for (object, before) in found {
        let old = match before {
            Before::Present(old) => old,
            Before::Absent => {
                summary.push(format!("{} is gone already", object.title()));
                continue;
            }
            Before::Unreadable(trouble) => return Err(trouble),
        };
        let all = old.get("subjects").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut others = all.clone();
        if !people::remove(&mut others, who) {
            summary.push(format!("{} binds {} no longer", object.title(), who.spelt()));
            continue;
        }
        if object.namespace.is_none() {
            summary.push(format!("{} holds in the whole cluster, and so does what is taken away", object.title()));
        }
        if others.is_empty() {
            let change = Change::Delete(Propagation::Background);
            steps.push(Step { object, change, before: Before::Present(old), answer: None, source: None });
        } else {
            shared += 1;
            steps.push(Step::merge(object, json!({"subjects": others}), old));
        }
    }
    if steps.is_empty() {
        let words = format!("{} is bound to {role} there no longer", who.spelt());
        return Err(Trouble::new(TroubleKind::NotFound, words));
    }
    match shared {
        0 => {}
        1 => summary.push("one of them binds others, too: they stay bound".to_owned()),
        many => summary.push(format!("{many} of them bind others, too: they stay bound")),
    }
    let title = format!("Revoke {role} from {}", who.spelt());
    Ok(Plan { title, summary, target, stages: vec![Stage { steps, goal: None }], ..Plan::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(namespace: &str, subjects: &Value) -> (ObjectRef, Before) {
        const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
        let object = ObjectRef::namespaced(RBAC, "rolebindings", "RoleBinding", namespace, "b");
        (object, Before::Present(json!({"metadata": {"name": "b", "namespace": namespace}, "subjects": subjects})))
    }

    #[test]
    fn a_binding_of_nobody_else_goes_and_others_stay_bound() {
        let ci = json!({"kind": "ServiceAccount", "namespace": "oil-job", "name": "ci"});
        let bob = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "bob"});
        let who = Owner::read("sa:oil-job/ci").unwrap();
        let found = vec![binding("oil-web", &json!([ci])), binding("oil-db", &json!([ci, bob]))];
        let plan = plan(&who, "edit", found, Target::default()).unwrap();
        let changes: Vec<&Change> = plan.steps().map(|step| &step.change).collect();
        assert_eq!(*changes[0], Change::Delete(Propagation::Background));
        assert_eq!(*changes[1], Change::Merge(json!({"subjects": [bob]})));
        assert_eq!(plan.title, "Revoke edit from sa:oil-job/ci");
        assert_eq!(plan.summary, ["one of them binds others, too: they stay bound"]);
    }

    #[test]
    fn nothing_is_planned_where_nobody_is_bound() {
        let found = vec![binding("oil-web", &json!([])), (binding("oil-db", &json!([])).0, Before::Absent)];
        let error = plan(&Owner::read("bob").unwrap(), "view", found, Target::default()).unwrap_err();
        assert_eq!(error.what, "bob is bound to view there no longer");
    }
}
