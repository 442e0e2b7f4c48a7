//! Bindings of the group rbac.authorization.k8s.io. Roles have no printer: name and time of creation.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::cells::{Row, age, text};

/// By resource.
pub(super) fn printer(resource: &str) -> Option<Row> {
    matches!(resource, "rolebindings.rbac.authorization.k8s.io" | "clusterrolebindings.rbac.authorization.k8s.io")
        .then_some(binding as Row)
}

/// As `printRoleBinding`: users, groups and ServiceAccounts each in a column.
fn binding(object: &Value, now: Timestamp) -> Vec<Value> {
    let subjects = |kind: &str| -> Value {
        let all = object.list(&["subjects"]).iter().filter(|one| text(one, &["kind"], "") == kind);
        let names = all.map(|one| match (kind, text(one, &["name"], "")) {
            ("ServiceAccount", name) => format!("{}/{name}", text(one, &["namespace"], "")),
            (_, name) => name.to_owned(),
        });
        json!(names.collect::<Vec<_>>().join(", "))
    };
    let role = format!("{}/{}", text(object, &["roleRef", "kind"], ""), text(object, &["roleRef", "name"], ""));
    vec![
        json!(object.name()),
        json!(role),
        age(object, now),
        subjects("User"),
        subjects("Group"),
        subjects("ServiceAccount"),
    ]
}
