//! The reviews: what a user is told about rights (upstream: `pkg/registry/authorization`, `pkg/registry/authentication`).

use serde_json::{Map, Value, json};

use super::super::object::{Meta, Object};
use super::super::status::Status;
use super::rule::texts;
use super::sarspec;
use super::user::User;
use super::{Attributes, Rules, authorize, rules_for};

/// Which access review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// About the asking user.
    SelfSubject,
    /// About anybody.
    Subject,
    /// About anybody, in one namespace.
    Local,
}

/// The answer to a SelfSubjectReview; `now` is its creationTimestamp (RFC 3339).
pub fn whoami(user: &User, now: &str) -> Object {
    json!({
        "kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"creationTimestamp": now}, "status": {"userInfo": info(user)},
    })
}

/// The status of a TokenReview: who has the token, or that nobody has.
pub fn token(user: Option<&User>, issuer: &str) -> Value {
    match user {
        Some(user) => json!({"authenticated": true, "user": info(user), "audiences": [issuer]}),
        None => json!({"error": "invalid bearer token", "user": {}}),
    }
}

/// A `UserInfo`.
fn info(user: &User) -> Map<String, Value> {
    let mut info = Map::new();
    info.insert("username".into(), user.name.clone().into());
    if !user.uid.is_empty() {
        info.insert("uid".into(), user.uid.clone().into());
    }
    if !user.groups.is_empty() {
        info.insert("groups".into(), user.groups.clone().into());
    }
    if !user.extra.is_empty() {
        info.insert("extra".into(), json!(user.extra));
    }
    info
}

/// Answers an access review: the body with its status. `namespace` is the path's, for [`Review::Local`]. What the
/// handler adds to `metadata` before (`managedFields`) stays as it is.
pub fn access<R: Rules + ?Sized>(
    rules: &R,
    review: Review,
    user: &User,
    namespace: &str,
    body: &Object,
) -> Result<Object, Status> {
    let mut answer = body.clone();
    if review == Review::Local {
        answer.set(&["metadata", "namespace"], namespace);
    } else if answer.unset(&["metadata", "namespace"]).is_none() {
        answer.map_mut(&["metadata"]);
    }
    let spec = sarspec::known(body.get("spec").unwrap_or(&Value::Null), review);
    answer.set(&["spec"], spec.clone());
    let faults = sarspec::faults(review, &answer);
    if !faults.is_empty() {
        // Upstream has lost the kind by then: the sentence begins with a dot.
        return Err(Status::invalid("authorization.k8s.io", "", "", &faults));
    }
    let subject = match review {
        Review::SelfSubject => user.clone(),
        Review::Subject | Review::Local => subject_of(&spec),
    };
    let field = |key: &str| spec.text(&["resourceAttributes", key]).unwrap_or_default();
    let asked = match spec.get("nonResourceAttributes") {
        Some(about) => Attributes {
            verb: about.text(&["verb"]).unwrap_or_default(),
            path: Some(about.text(&["path"]).unwrap_or_default()),
            ..Attributes::default()
        },
        None => Attributes {
            verb: field("verb"),
            group: field("group"),
            resource: field("resource"),
            subresource: field("subresource"),
            name: field("name"),
            namespace: field("namespace"),
            path: None,
        },
    };
    let decision = authorize(rules, &subject, &asked);
    let mut status = Map::new();
    status.insert("allowed".into(), decision.allowed.into());
    if !decision.reason.is_empty() {
        status.insert("reason".into(), decision.reason.into());
    }
    if let Some(fault) = sarspec::evaluation_error(&spec) {
        status.insert("evaluationError".into(), fault.into());
    }
    answer.set(&["status"], status);
    Ok(answer)
}

fn subject_of(spec: &Value) -> User {
    let extra = spec.get("extra").and_then(Value::as_object);
    User {
        name: spec.text(&["user"]).unwrap_or_default().to_owned(),
        uid: spec.text(&["uid"]).unwrap_or_default().to_owned(),
        groups: texts(spec.get("groups")),
        extra: extra.into_iter().flatten().map(|(key, values)| (key.clone(), texts(Some(values)))).collect(),
    }
}

/// Answers a SelfSubjectRulesReview: the rules of the namespace in `spec`, cluster bindings first, each rule as it is
/// written; nothing is joined. `system:masters` is not told of its privilege but by the role `cluster-admin`.
pub fn own_rules<R: Rules + ?Sized>(rules: &R, user: &User, body: &Object) -> Result<Object, Status> {
    let namespace = body.text(&["spec", "namespace"]).unwrap_or_default();
    if namespace.is_empty() {
        return Err(Status::bad_request("no namespace on request"));
    }
    let (held, mut fault) = rules_for(rules, user, namespace, None);
    let is_node = user.name.starts_with("system:node:") && user.is_in("system:nodes");
    if is_node {
        let node = "node authorizer does not support user rule resolution";
        fault =
            Some(fault.map_or_else(|| node.to_owned(), |rbac| format!("[{node}, {}]", rbac.trim_matches(['[', ']']))));
    }
    let (mut resources, mut paths) = (Vec::new(), Vec::new());
    for rule in held {
        if !rule.resources.is_empty() {
            let mut value = rule.to_value();
            value.unset(&["nonResourceURLs"]);
            resources.push(value);
        }
        if !rule.non_resource_urls.is_empty() {
            paths.push(json!({"verbs": rule.verbs, "nonResourceURLs": rule.non_resource_urls}));
        }
    }
    let mut status = json!({"resourceRules": resources, "nonResourceRules": paths, "incomplete": is_node});
    if let Some(fault) = fault {
        status.set(&["evaluationError"], fault);
    }
    Ok(json!({
        "kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1",
        "metadata": {}, "spec": {}, "status": status,
    }))
}
