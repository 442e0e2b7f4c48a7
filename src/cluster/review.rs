//! Questions that a session asks once: who are we, which version, which era of Capsule, do its webhooks answer.

use http::Request;
use serde::Deserialize;
use serde_json::json;

use super::gate::{Class, Gate};
use crate::text::clean::clean;
use crate::world::capsule::{Era, WebhookHealth};
use crate::world::identity::Identity;
use crate::world::review::{Review as Asked, Verdict};
use crate::world::rights::person::Person;
use crate::world::rights::rule::Attributes;
use crate::world::trouble::{Trouble, TroubleKind};

/// Builds a request whose parts are constants or were checked before.
pub(super) fn request(builder: http::request::Builder, body: Vec<u8>) -> Result<Request<Vec<u8>>, Trouble> {
    builder
        .body(body)
        .map_err(|error| Trouble::new(TroubleKind::Other, format!("the request cannot be built: {error}")))
}

/// Asks the server who we are (SelfSubjectReview, `authentication.k8s.io/v1`, Kubernetes 1.28 and newer).
pub async fn identity(gate: &Gate) -> Result<Identity, Trouble> {
    #[derive(Deserialize)]
    struct Review {
        status: Status,
    }
    #[derive(Deserialize)]
    struct Status {
        #[serde(rename = "userInfo")]
        user: User,
    }
    #[derive(Deserialize)]
    struct User {
        #[serde(default)]
        username: String,
        #[serde(default)]
        uid: Option<String>,
        #[serde(default)]
        groups: Vec<String>,
        #[serde(default)]
        extra: std::collections::BTreeMap<String, Vec<String>>,
    }
    const PATH: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}).to_string();
    let builder = Request::post(PATH).header(http::header::CONTENT_TYPE, "application/json");
    let answer = gate.ask::<Review>(Class::Review, request(builder, body.into_bytes())?, "ask who we are").await;
    let review = answer.map_err(|trouble| match trouble.kind {
        TroubleKind::NotFound => Trouble::new(TroubleKind::TooOld, "the cluster cannot say who we are")
            .advise("SelfSubjectReview came with Kubernetes 1.28; with an older server the identity stays unknown")
            .detailed(trouble.detail),
        _ => trouble,
    })?;
    let text = |text: String| clean(&text).into_owned();
    let user = review.status.user;
    Ok(Identity {
        username: text(user.username),
        uid: user.uid.filter(|uid| !uid.is_empty()).map(text),
        groups: user.groups.into_iter().map(text).collect(),
        extra: user.extra.into_iter().map(|(k, v)| (text(k), v.into_iter().map(text).collect())).collect(),
    })
}

/// What the server answers to a question about rights.
#[derive(Deserialize)]
struct Decision {
    status: Decided,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Decided {
    allowed: bool,
    reason: String,
    #[serde(rename = "evaluationError")]
    error: String,
}

/// Asks the server whether we may (SelfSubjectAccessReview, `authorization.k8s.io/v1`). Empty texts stand for any, or none.
pub async fn may(
    gate: &Gate,
    verb: &str,
    group: &str,
    resource: &str,
    namespace: &str,
    name: &str,
) -> Result<bool, Trouble> {
    let asked = Attributes::Resource { verb, group, resource, subresource: "", name, namespace };
    allowed(gate, None, &asked).await
}

/// Asks the server whether somebody may (SubjectAccessReview, `authorization.k8s.io/v1`), or, without a person, whether we may, which
/// everybody may ask: its own word, all of its authorizers heard.
pub async fn allowed(gate: &Gate, person: Option<&Person>, asked: &Attributes<'_>) -> Result<bool, Trouble> {
    Ok(decide(gate, person, asked).await?.allowed)
}

async fn decide(gate: &Gate, person: Option<&Person>, asked: &Attributes<'_>) -> Result<Decided, Trouble> {
    let (key, what, attributes) = match *asked {
        Attributes::Resource { verb, group, resource, subresource, name, namespace } => (
            "resourceAttributes",
            format!("{verb} {resource}"),
            json!({
                "verb": verb, "group": group, "resource": resource, "subresource": subresource, "name": name, "namespace": namespace,
            }),
        ),
        Attributes::Url { verb, path } => {
            ("nonResourceAttributes", format!("{verb} {path}"), json!({"verb": verb, "path": path}))
        }
    };
    let mut spec = json!({ key: attributes });
    let (kind, doing) = match person {
        Some(person) => {
            spec["groups"] = person.groups.iter().map(AsRef::as_ref).collect::<Vec<&str>>().into();
            if let Some(user) = &person.user {
                spec["user"] = user.to_string().into();
            }
            ("SubjectAccessReview", "ask the server what others may".to_owned())
        }
        None => ("SelfSubjectAccessReview", format!("ask whether we may {what}")),
    };
    let body = json!({"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec});
    let path = format!("/apis/authorization.k8s.io/v1/{}s", kind.to_lowercase());
    let builder = Request::post(path).header(http::header::CONTENT_TYPE, "application/json");
    let answer: Decision = gate.ask(Class::Review, request(builder, body.to_string().into_bytes())?, &doing).await?;
    Ok(answer.status)
}

/// The same of a question that is put together before, with the reason: who has not the right to create such reviews is told so.
pub async fn allows(gate: &Gate, asked: &Asked) -> Result<Verdict, Trouble> {
    let Asked { user, groups, verb, group, resource, subresource, name, namespace } = asked;
    let person = Person {
        user: (!user.is_empty()).then(|| user.as_str().into()),
        groups: groups.iter().map(|group| group.as_str().into()).collect(),
        assumed: Vec::new(),
    };
    let attributes = Attributes::Resource { verb, group, resource, subresource, name, namespace };
    let Decided { allowed, reason, error } = decide(gate, Some(&person), &attributes).await?;
    let reason = if reason.is_empty() { error } else { reason };
    Ok(Verdict { allowed, reason: clean(&reason).into_owned() })
}

/// The server's version as it calls itself, for example `v1.37.1`.
pub async fn version(gate: &Gate) -> Result<String, Trouble> {
    #[derive(Deserialize)]
    struct Version {
        #[serde(rename = "gitVersion")]
        git: String,
    }
    let version: Version =
        gate.ask(Class::Read, request(Request::get("/version"), Vec::new())?, "read the version").await?;
    Ok(clean(&version.git).into_owned())
}

/// Which era of Capsule the cluster serves, by the kinds that discovery lists.
pub async fn era(gate: &Gate) -> Result<Era, Trouble> {
    #[derive(Deserialize)]
    struct Resources {
        resources: Vec<Resource>,
    }
    #[derive(Deserialize)]
    struct Resource {
        name: String,
    }
    const PATH: &str = "/apis/capsule.clastix.io/v1beta2";
    let found = gate.ask::<Resources>(Class::Read, request(Request::get(PATH), Vec::new())?, "look for Capsule").await;
    match found {
        Ok(found) if !found.resources.iter().any(|kind| kind.name == "tenants") => Ok(Era::Absent),
        // RuleStatus came with 0.13, together with the webhooks that the controller generates.
        Ok(found) if found.resources.iter().any(|kind| kind.name == "rulestatuses") => Ok(Era::Dynamic),
        Ok(_) => Ok(Era::Static),
        Err(trouble) if trouble.kind == TroubleKind::NotFound => Ok(Era::Absent),
        Err(trouble) => Err(trouble),
    }
}

/// Asks Capsule's namespace webhooks whether they answer: a dry run of an update of the namespace `default` that changes
/// nothing. Not to be asked by tenant people: for them it would be a refused patch that leaves an event.
pub async fn webhook_health(gate: &Gate) -> WebhookHealth {
    const DOING: &str = "ask whether Capsule's webhooks answer";
    let builder = Request::patch("/api/v1/namespaces/default?dryRun=All&fieldManager=tenantry")
        .header(http::header::CONTENT_TYPE, "application/merge-patch+json");
    let answer = match request(builder, b"{}".to_vec()) {
        Ok(request) => gate.ask::<serde::de::IgnoredAny>(Class::Try, request, DOING).await,
        Err(trouble) => Err(trouble),
    };
    match answer {
        Ok(_) => WebhookHealth::Answering,
        Err(trouble) => match trouble.kind {
            TroubleKind::WebhookDown { webhook } => WebhookHealth::Dead { webhook, words: trouble.detail },
            // A refusal by a webhook is an answer too.
            TroubleKind::Denied { webhook: Some(_) } => WebhookHealth::Answering,
            TroubleKind::Forbidden(_) => WebhookHealth::Unknown("we may not patch namespaces".to_owned()),
            _ => WebhookHealth::Unknown(trouble.what),
        },
    }
}
