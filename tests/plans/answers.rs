//! What a real server can say to a dry run, each of it said by one.

use std::sync::Arc;

use http::Request;
use serde_json::{Value, json};
use tenantry::cluster::gate::Gate;
use tenantry::cluster::write;
use tenantry::demo::fault::Fault;
use tenantry::plan::{Answer, Before, Change, ObjectRef, Plan, Stage, Step};
use tenantry::world::trouble::TroubleKind;
use tenantry_cluster::harness::Scenario;
use tenantry_cluster::{Cluster, Era, User, wait_for};

use crate::stage::{self, Outcome};
use crate::{LONG, ground};

/// Each on a cluster of its own: some of them break it for the others.
pub fn scenarios() -> Vec<Scenario> {
    vec![Scenario::new("each_answer_is_given", each_answer_is_given).limit(LONG)]
}

const NAMESPACE: &str = "answers";

/// How long the server may take until it acts on what it was told.
const LIMIT: std::time::Duration = std::time::Duration::from_mins(2);

fn map(name: &str) -> ObjectRef {
    ObjectRef::namespaced("/api/v1", "configmaps", "ConfigMap", NAMESPACE, name)
}

fn manifest(object: &ObjectRef, rest: Value) -> Value {
    let mut manifest = rest;
    manifest["apiVersion"] = object.api_version().into();
    manifest["kind"] = object.kind.as_str().into();
    manifest["metadata"]["name"] = object.name.as_str().into();
    if let Some(namespace) = &object.namespace {
        manifest["metadata"]["namespace"] = namespace.as_str().into();
    }
    manifest
}

async fn send(cluster: &Cluster, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let request = Request::builder().method(method).uri(path).header("content-type", kind);
    let request = request.body(body.to_string().into_bytes()).map_err(|error| error.to_string())?;
    cluster.client().request(request).await.map_err(|error| format!("{method} {path}: {error}"))
}

/// What is said of the apply of a manifest.
async fn asked(gate: &Gate, object: &ObjectRef, rest: Value) -> Result<Answer, String> {
    let before = write::read_all(gate, std::slice::from_ref(object)).await.map_err(|trouble| trouble.to_string())?;
    let before = before.into_iter().next().unwrap_or(Before::Absent);
    let change = Change::Apply { manifest: manifest(object, rest), force: false };
    answer(gate, Step { object: object.clone(), change, before, answer: None, source: None }).await
}

async fn answer(gate: &Gate, step: Step) -> Result<Answer, String> {
    let mut plan = Plan { stages: vec![Stage { steps: vec![step], goal: None }], ..Plan::default() };
    write::preview(gate, &mut plan).await;
    // Only what is good can be applied.
    let step = plan.steps().next().and_then(|step| step.answer.clone()).ok_or("no answer")?;
    assert_eq!(plan.is_ready(), step.is_change(), "{step:?}");
    Ok(step)
}

fn refused(answer: &Answer, words: &[&str]) -> Result<TroubleKind, String> {
    match answer {
        Answer::Refused(trouble) if words.iter().all(|words| trouble.what.contains(words)) => Ok(trouble.kind.clone()),
        other => Err(format!("it should be refused, with {words:?}: {other:?}")),
    }
}

fn unasked(answer: &Answer, words: &[&str]) -> Result<TroubleKind, String> {
    match answer {
        Answer::NotAsked(trouble) if words.iter().all(|words| trouble.what.contains(words)) => Ok(trouble.kind.clone()),
        other => Err(format!("it should not have been asked, with {words:?}: {other:?}")),
    }
}

async fn each_answer_is_given(cluster: Arc<Cluster>) -> Outcome {
    let namespace = json!({"metadata": {"name": NAMESPACE, "labels": {"answers": "yes"}}});
    send(&cluster, "POST", "/api/v1/namespaces", &namespace).await?;
    let gate = stage::gate(cluster.client(), NAMESPACE);
    let one = map("one");

    // Would create, would change, would not change.
    assert!(matches!(asked(&gate, &one, json!({"data": {"a": "1"}})).await?, Answer::WouldCreate(_)));
    let path = format!("{}?fieldManager=tenantry", one.path());
    let made = manifest(&one, json!({"data": {"a": "1"}}));
    let request = Request::patch(path).header("content-type", "application/apply-patch+yaml");
    let request = request.body(made.to_string().into_bytes()).map_err(|error| error.to_string())?;
    cluster.client().request::<Value>(request).await.map_err(|error| error.to_string())?;
    assert!(matches!(asked(&gate, &one, json!({"data": {"a": "2"}})).await?, Answer::WouldChange(_)));
    assert_eq!(asked(&gate, &one, json!({"data": {"a": "1"}})).await?, Answer::WouldNotChange);

    rights(&cluster, &one).await?;

    // Refused by another manager's word, by validation in both forms, by Capsule's webhook, by a policy.
    let theirs = format!("{}?fieldManager=kubectl-edit", one.path());
    send(&cluster, "PATCH", &theirs, &json!({"data": {"a": "theirs"}})).await?;
    let said = asked(&gate, &one, json!({"data": {"a": "3"}})).await?;
    assert_eq!(refused(&said, &["kubectl-edit manages", "data.a"])?, TroubleKind::Managed);
    let said = asked(&gate, &map("two"), json!({"dataa": {}})).await?;
    assert_eq!(refused(&said, &["dataa"])?, TroubleKind::Invalid);
    let service = ObjectRef::namespaced("/api/v1", "services", "Service", NAMESPACE, "web");
    let said = asked(&gate, &service, json!({"spec": {"ports": [{"port": 70000}]}})).await?;
    assert_eq!(refused(&said, &["70000"])?, TroubleKind::Invalid);
    let tenant = ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", "answers");
    let regex = json!({"spec": {"owners": [{"kind": "User", "name": "alice"}], "ingressOptions": {"allowedHostnames": {"allowedRegex": "("}}}});
    let said = asked(&gate, &tenant, regex).await?;
    match refused(&said, &["Capsule denies it"])? {
        TroubleKind::Denied { webhook: Some(name) } => assert!(name.contains("projectcapsule.dev"), "{name}"),
        other => return Err(format!("{other:?}")),
    }

    quota(&cluster, &gate).await?;
    outages(&cluster, &gate).await?;
    missing(&cluster, &gate).await
}

/// Accepted but unreadable, and refused by RBAC.
async fn rights(cluster: &Cluster, one: &ObjectRef) -> Outcome {
    let rbac = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}");
    let rule = json!({"apiGroups": [""], "resources": ["configmaps"], "verbs": ["patch", "create"]});
    send(cluster, "POST", &format!("{rbac}/roles"), &json!({"metadata": {"name": "blind"}, "rules": [rule]})).await?;
    let binding = json!({
        "metadata": {"name": "blind"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "blind"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "carol"}],
    });
    send(cluster, "POST", &format!("{rbac}/rolebindings"), &binding).await?;
    let carol = stage::gate(cluster.client_as(User::Carol), NAMESPACE);
    let readable = async || match asked(&carol, one, json!({"data": {"b": "1"}})).await {
        // The server's memory of rights is a moment behind.
        Ok(Answer::Refused(_)) | Err(_) => None,
        Ok(answer) => Some(answer),
    };
    let said = wait_for("carol may patch", LIMIT, readable).await;
    assert_eq!(said.map_err(|failure| failure.to_string())?, Answer::Unreadable);
    let secret = ObjectRef::namespaced("/api/v1", "secrets", "Secret", NAMESPACE, "s");
    let said = asked(&carol, &secret, json!({})).await?;
    assert!(matches!(
        refused(&said, &["carol may not patch secrets in namespace answers"])?,
        TroubleKind::Forbidden(_)
    ));
    Ok(())
}

/// Refused by a quota.
async fn quota(cluster: &Cluster, gate: &Gate) -> Outcome {
    let path = format!("/api/v1/namespaces/{NAMESPACE}/resourcequotas");
    let quota = json!({"metadata": {"name": "few"}, "spec": {"hard": {"services": "0"}}});
    send(cluster, "POST", &path, &quota).await?;
    let counted = async || {
        let quota =
            stage::read(gate, &[ObjectRef::namespaced("/api/v1", "resourcequotas", "ResourceQuota", NAMESPACE, "few")])
                .await;
        let quota = quota.ok()?.into_iter().next()??;
        quota.pointer("/status/hard/services").map(|_| ())
    };
    wait_for("the quota is counted", LIMIT, counted).await.map_err(|failure| failure.to_string())?;
    let service = ObjectRef::namespaced("/api/v1", "services", "Service", NAMESPACE, "web");
    let refused_by_quota = async || match asked(gate, &service, json!({"spec": {"ports": [{"port": 80}]}})).await {
        Ok(answer @ Answer::Refused(_)) => Some(answer),
        _ => None,
    };
    let said = wait_for("the quota is in force", LIMIT, refused_by_quota).await;
    let said = said.map_err(|failure| failure.to_string())?;
    refused(&said, &["the quota few is used up", "services=1"])?;
    Ok(())
}

/// Could not be asked: a webhook that is down.
async fn outages(cluster: &Cluster, gate: &Gate) -> Outcome {
    let collection = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    let webhook = json!({
        "name": "down.answers.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
        "failurePolicy": "Fail", "timeoutSeconds": 1, "clientConfig": {"url": "https://127.0.0.1:1/"},
        "namespaceSelector": {"matchLabels": {"answers": "yes"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}],
    });
    send(cluster, "POST", collection, &json!({"metadata": {"name": "answers"}, "webhooks": [webhook]})).await?;
    let down = async || match asked(gate, &map("later"), json!({})).await {
        Ok(answer @ Answer::NotAsked(_)) => Some(answer),
        _ => None,
    };
    let said = wait_for("the webhook is asked", LIMIT, down).await;
    let kind = unasked(
        &said.map_err(|failure| failure.to_string())?,
        &["down.answers.example.com is down: nothing listens there"],
    )?;
    assert!(matches!(kind, TroubleKind::WebhookDown { .. }), "{kind:?}");
    send(cluster, "DELETE", &format!("{collection}/answers"), &json!({})).await.map(drop)
}

/// Could not be asked: the kind went away between the plan and the question.
async fn missing(cluster: &Cluster, gate: &Gate) -> Outcome {
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
    let definition = json!({
        "metadata": {"name": "shorts.answers.example.com"},
        "spec": {
            "group": "answers.example.com", "scope": "Namespaced", "names": {"kind": "Short", "plural": "shorts"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": schema}],
        },
    });
    send(cluster, "POST", definitions, &definition).await?;
    let short = ObjectRef::namespaced("/apis/answers.example.com/v1", "shorts", "Short", NAMESPACE, "one");
    let served = async || match asked(gate, &short, json!({"spec": {}})).await {
        Ok(Answer::WouldCreate(_)) => Some(()),
        _ => None,
    };
    wait_for("the kind is served", LIMIT, served).await.map_err(|failure| failure.to_string())?;
    send(cluster, "DELETE", &format!("{definitions}/shorts.answers.example.com"), &json!({})).await?;
    let gone = async || match asked(gate, &short, json!({"spec": {}})).await {
        Ok(answer @ Answer::NotAsked(_)) => Some(answer),
        _ => None,
    };
    let said = wait_for("the kind is gone", LIMIT, gone).await.map_err(|failure| failure.to_string())?;
    unasked(&said, &["the cluster does not know this kind of object"])?;
    Ok(())
}

/// A webhook that cannot be asked without consequences, which no server of today lets anybody register, and a server that is
/// not there: the words are those of apiserver's `webhookerrors.NewDryRunUnsupportedErr`.
pub async fn what_no_new_server_says() -> Outcome {
    let (cluster, demo) = ground::start(Era::V0_14).await.map_err(|failure| failure.to_string())?;
    let namespace = json!({"metadata": {"name": NAMESPACE}});
    send(&cluster, "POST", "/api/v1/namespaces", &namespace).await?;
    let gate = stage::gate(cluster.client(), NAMESPACE);
    let words = r#"admission webhook "old.example.com" does not support dry run"#.to_owned();
    let step = Step {
        object: map("one"),
        change: Change::Apply { manifest: manifest(&map("one"), json!({})), force: false },
        before: Before::Absent,
        answer: None,
        source: None,
    };
    demo.faults.add(Some(http::Method::PATCH), "/api/v1", Fault::Refused(400, "BadRequest", words), None);
    let said = answer(&gate, step.clone()).await?;
    unasked(&said, &["the webhook old.example.com does not take part in dry runs"])?;
    demo.faults.clear();
    let words = "Timeout: request did not complete within the allotted timeout".to_owned();
    demo.faults.add(Some(http::Method::PATCH), "/api/v1", Fault::Refused(504, "Timeout", words), None);
    unasked(&answer(&gate, step.clone()).await?, &["did not get it done in time"])?;
    demo.faults.clear();
    demo.faults.add(Some(http::Method::PATCH), "/api/v1", Fault::Closed, None);
    unasked(&answer(&gate, step).await?, &[])?;
    Ok(())
}
