//! What an answer says: a Kubernetes `Status`, or the page of something that is not Kubernetes.

use kube::core::Status;
use serde_json::Value;

use crate::text::age::until;
use crate::world::denial::{self, Family, Refusal};
use crate::world::identity::{Claims, Proof, Validity};
use crate::world::trouble::{Denial, NO_KIND, Trouble, TroubleKind};

use super::page::Page;
use super::{Asked, SENTENCE, instant, shorten};

/// What kube writes as the reason when a failed request's body is no `Status`; the body is in the message then.
const KUBE_NOT_A_STATUS: &str = "Failed to parse error data";

pub(super) fn explain_answer(code: u16, body: &[u8], asked: &Asked<'_>) -> Trouble {
    match serde_json::from_slice::<Status>(body) {
        Ok(mut status) if says_something(&status) => {
            // The code in the body may be left out; the one of HTTP cannot.
            status.code = if status.code == 0 { code } else { status.code };
            explain_status(&status, asked)
        }
        _ => foreign(code, &String::from_utf8_lossy(body), asked),
    }
}

/// Every field of a `Status` is optional, so any JSON object reads as one.
fn says_something(status: &Status) -> bool {
    status.code != 0 || !status.reason.is_empty() || status.status.is_some()
}

pub(super) fn explain_status(status: &Status, asked: &Asked<'_>) -> Trouble {
    if status.reason == KUBE_NOT_A_STATUS {
        return foreign(status.code, &status.message, asked);
    }
    if !says_something(status) {
        return not_kubernetes("JSON that is not from Kubernetes", asked).detailed(&status.message);
    }
    let told = dry_run(&status.message, asked).or_else(|| refused(status, asked));
    let trouble = told.unwrap_or_else(|| by_code(status, asked));
    let detail = if status.message.is_empty() { &status.reason } else { &status.message };
    trouble.detailed(detail)
}

/// A webhook that takes no part in dry runs.
fn dry_run(message: &str, asked: &Asked<'_>) -> Option<Trouble> {
    let (before, _) = message.split_once(" does not support dry run")?;
    let name = before.strip_prefix("admission webhook ")?.split('"').nth(1)?;
    let words = format!("cannot {}: the webhook {name} does not take part in dry runs", asked.what);
    Some(Trouble::new(TroubleKind::Other, words).advise(
        "what it would say is known only when the change is made: ask those who keep it to declare `sideEffects: None`",
    ))
}

/// What is refused, or cannot be asked since a webhook is down: told by the words, because denials of webhooks come with 400, 403
/// and 500 alike.
fn refused(status: &Status, asked: &Asked<'_>) -> Option<Trouble> {
    let refusal = denial::read(&status.message)?;
    let by_words = [Family::Capsule, Family::Webhook, Family::Policy, Family::Outage].contains(&refusal.family);
    if !by_words && status.code != 403 {
        return None;
    }
    let Refusal { family, source, denial, .. } = &refusal;
    if let (Family::Rbac, Some(denial)) = (family, denial) {
        return Some(by_rights(denial, &refusal, asked));
    }
    let webhook = if by_words { source.clone() } else { None };
    let kind = match (family, webhook) {
        (Family::Outage, webhook) => TroubleKind::WebhookDown { webhook: webhook.unwrap_or_default() },
        (_, webhook) => TroubleKind::Denied { webhook },
    };
    let what = format!("cannot {}: {}", asked.what, refusal.sentence());
    Some(Trouble::new(kind, what).advise(refusal.advice()))
}

/// Rights that are missing: our own knowledge of the credentials tells more than the words.
fn by_rights(denial: &Denial, refusal: &Refusal, asked: &Asked<'_>) -> Trouble {
    let mut trouble = Trouble::new(TroubleKind::Forbidden(Box::new(denial.clone())), refusal.sentence());
    trouble.advice = refusal.advice();
    if denial.verb.starts_with("impersonate")
        && let Some(acting) = &asked.place.acting_as
    {
        trouble.what = format!("{} may not act as {}", denial::subject(&denial.user), denial::subject(&acting.user));
    } else if denial.user == "system:anonymous" {
        let user = asked.user_entry();
        trouble.advice = format!("the server does not know who you are: check the credentials of user {user}");
    }
    trouble
}

fn by_code(status: &Status, asked: &Asked<'_>) -> Trouble {
    let cannot = |words: &str| format!("cannot {}: {words}", asked.what);
    let message = shorten(&status.message, SENTENCE);
    match status.code {
        401 => unauthorized(asked),
        403 => forbidden(status, asked),
        404 => not_found(&message, asked),
        405 => Trouble::new(TroubleKind::Invalid, cannot("the server does not offer this for this kind")),
        406 | 415 => Trouble::new(TroubleKind::NotKubernetes, cannot("the server does not speak the format asked for")),
        409 => conflict(status, &message, asked),
        410 => Trouble::new(TroubleKind::Gone, cannot("the server no longer knows the state asked for"))
            .advise("the list has to be read again"),
        // The whole message, since what is wrong stands behind the object that it quotes.
        400 | 422 => Trouble::new(TroubleKind::Invalid, cannot(&shorten(invalid_words(&status.message), SENTENCE))),
        413 => Trouble::new(TroubleKind::Invalid, cannot("the object is too large")),
        429 => too_many(status, &message, asked),
        // The apply of a field that the kind does not have.
        500 if message.contains("failed to create typed patch object") => {
            let words = message.split_once("): ").map_or(message.as_str(), |(_, words)| words);
            Trouble::new(TroubleKind::Invalid, cannot(words))
        }
        // The apply of a value that the field's type cannot hold: a time, a quantity.
        500 if message.starts_with("failed to convert new object") => {
            let words = status.message.split_once("unable to convert unstructured object to ");
            let words =
                words.and_then(|(_, words)| words.split_once(": ")).map_or(message.as_str(), |(_, words)| words);
            Trouble::new(TroubleKind::Invalid, cannot(&shorten(words, SENTENCE)))
        }
        code @ 500.. => server_fault(code, &message, asked),
        code => Trouble::new(TroubleKind::Other, cannot(&format!("{} ({code})", or_reason(&message, status)))),
    }
}

fn or_reason<'a>(message: &'a str, status: &'a Status) -> &'a str {
    match (message, status.reason.as_str()) {
        ("", "") => "the server gives no reason",
        ("", reason) => reason,
        (message, _) => message,
    }
}

/// The server says only 401: our own knowledge of the credentials tells more.
fn unauthorized(asked: &Asked<'_>) -> Trouble {
    let (server, user) = (&asked.place.server, asked.user_entry());
    let refused = |what: String, advice: String| Trouble::new(TroubleKind::Unauthorized, what).advise(advice);
    match &asked.place.proof {
        Proof::Certificate { validity: Validity { until: Some(end), .. }, .. } if *end <= asked.now => {
            certificate_expired(*end, asked)
        }
        Proof::Certificate { common_name, .. } => refused(
            format!("{server} does not accept the client certificate of user {user} (issued to \"{common_name}\")"),
            "it is still valid, but may be for another cluster, or for this one before it was rebuilt: get a fresh kubeconfig"
                .to_owned(),
        ),
        Proof::Token { claims: Claims { validity: Validity { until: Some(end), .. }, .. }, .. } if *end <= asked.now => refused(
            format!("the token of user {user} expired on {} ({})", instant(*end), until(end.saturating_sub(asked.now))),
            "log in again, or get a fresh kubeconfig".to_owned(),
        ),
        Proof::Token { .. } => refused(
            format!("{server} does not accept the token of user {user}"),
            "it may have been revoked, or belong to another cluster: log in again".to_owned(),
        ),
        Proof::Exec { command, .. } => refused(
            format!("{server} does not accept what the credential plugin {command} gives for user {user}"),
            format!("log in with the tool that {command} belongs to, and check that it is for this cluster"),
        ),
        Proof::AuthProvider { name, .. } => refused(
            format!("{server} does not accept the {name} login of user {user}"),
            "log in again".to_owned(),
        ),
        Proof::Basic => refused(
            format!("{server} does not accept the user name and password of user {user}"),
            "Kubernetes dropped passwords in 1.19: use a certificate, a token or a credential plugin".to_owned(),
        ),
        Proof::Nothing => refused(
            format!("{server} wants to know who you are, and context \"{}\" has no credentials", asked.place.context),
            format!("give the context a user with credentials in {}, or log in", asked.place.file),
        ),
    }
}

pub(super) fn certificate_expired(end: i64, asked: &Asked<'_>) -> Trouble {
    let what = format!(
        "the client certificate of user {} expired on {} ({})",
        asked.user_entry(),
        instant(end),
        until(end.saturating_sub(asked.now))
    );
    Trouble::new(TroubleKind::ClientCertificateExpired, what)
        .advise("get a fresh kubeconfig, or have the certificate renewed")
}

/// A 403 in words that nobody knows.
fn forbidden(status: &Status, asked: &Asked<'_>) -> Trouble {
    let details = status.details.as_ref();
    let denial = Denial {
        resource: details.map(|details| details.kind.clone()).unwrap_or_default(),
        group: details.map(|details| details.group.clone()).unwrap_or_default(),
        ..Denial::default()
    };
    let words = shorten(&status.message, SENTENCE);
    let words = if words.is_empty() { "it is forbidden" } else { &words };
    Trouble::new(TroubleKind::Forbidden(Box::new(denial)), format!("cannot {}: {words}", asked.what))
}

fn not_found(message: &str, asked: &Asked<'_>) -> Trouble {
    if message.is_empty() || message.contains("could not find the requested resource") {
        return Trouble::new(TroubleKind::NotFound, format!("cannot {}: {NO_KIND}", asked.what))
            .advise("its definition (CRD) may not be installed, or in another version");
    }
    Trouble::new(TroubleKind::NotFound, format!("cannot {}: {message}", asked.what))
}

fn conflict(status: &Status, message: &str, asked: &Asked<'_>) -> Trouble {
    let trouble = |words: &str, advice: &str| {
        Trouble::new(TroubleKind::Conflict, format!("cannot {}: {words}", asked.what)).advise(advice)
    };
    if status.reason == "AlreadyExists" {
        return trouble(message, "choose another name, or look at what is there");
    }
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let owned: Vec<_> = causes.filter(|cause| cause.reason == "FieldManagerConflict").collect();
    if !owned.is_empty() {
        // `conflict with "kubectl-client-side-apply" using apps/v1`
        let mut managers: Vec<&str> = owned.iter().filter_map(|cause| cause.message.split('"').nth(1)).collect();
        managers.sort_unstable();
        managers.dedup();
        let fields: Vec<&str> = owned.iter().map(|cause| cause.field.as_str()).collect();
        let manages = if managers.len() == 1 { "manages" } else { "manage" };
        let who = if managers.is_empty() { "others".to_owned() } else { managers.join(", ") };
        let words = format!("cannot {}: {who} {manages} {}", asked.what, super::quoted_list(&fields, 4));
        let kind =
            if managers == [crate::plan::FIELD_MANAGER] { TroubleKind::ManagedByUs } else { TroubleKind::Managed };
        return Trouble::new(kind, words)
            .advise("leave these fields out, or take them over, which must be asked for on its own");
    }
    if message.contains("object has been modified") || message.contains("Precondition failed") {
        return trouble("the object has changed meanwhile", "look at it again, then decide");
    }
    trouble(or_reason(message, status), "")
}

/// Only what is wrong, without the kind and version that the server puts before it.
fn invalid_words(message: &str) -> &str {
    let words = message.split_once("strict decoding error: ").map_or(message, |(_, words)| words);
    if words.is_empty() { "the server finds the request not valid" } else { words }
}

fn too_many(status: &Status, message: &str, asked: &Asked<'_>) -> Trouble {
    if message.contains("disruption budget") {
        return Trouble::new(
            TroubleKind::TooMany,
            format!("cannot {}: a disruption budget does not permit it now", asked.what),
        )
        .advise("it may when more of its pods are ready");
    }
    let wait = status.details.as_ref().map(|details| details.retry_after_seconds).filter(|seconds| *seconds > 0);
    let advice =
        wait.map_or_else(|| "trying again later helps".to_owned(), |seconds| format!("it asks to wait {seconds} s"));
    Trouble::new(TroubleKind::TooMany, format!("{} has too much to do to {}", asked.place.server, asked.what))
        .advise(advice)
}

fn server_fault(code: u16, message: &str, asked: &Asked<'_>) -> Trouble {
    let words = match code {
        503 => "the server is not available at the moment",
        504 => "the server did not get it done in time",
        _ => "the server failed",
    };
    let said = if message.is_empty() { String::new() } else { format!(": {message}") };
    let advice = if message.contains("etcdserver") {
        "the cluster's database (etcd) is in trouble: look at it, or wait"
    } else {
        "trying again may help; else look at the server's log"
    };
    Trouble::new(TroubleKind::Server, format!("cannot {}: {words} ({code}){said}", asked.what)).advise(advice)
}

/// A 2xx answer whose body, which is at hand, is not what was asked for.
pub(super) fn explain_body(body: &[u8], error: &serde_json::Error, asked: &Asked<'_>) -> Trouble {
    let text = String::from_utf8_lossy(body);
    match Page::read(text.trim()) {
        page @ Page::Html { .. } => not_kubernetes(&page.described(), asked),
        Page::Json(Value::Object(object)) if !object.contains_key("kind") => {
            not_kubernetes(&Page::Json(Value::Object(object)).described(), asked)
        }
        _ => explain_json(error, asked),
    }
}

/// A 2xx answer whose body is not what was asked for.
pub(super) fn explain_json(error: &serde_json::Error, asked: &Asked<'_>) -> Trouble {
    // The message may quote values: line and column are enough.
    let at = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof if error.line() > 1 || error.column() > 0 => {
            Trouble::new(TroubleKind::Interrupted, format!("the answer of {} breaks off", asked.place.server))
                .detailed(at)
        }
        serde_json::error::Category::Data => Trouble::new(
            TroubleKind::NotKubernetes,
            format!("cannot {}: the answer of {} has another shape than expected", asked.what, asked.place.server),
        )
        .advise("the cluster may be much older or newer than what this program knows")
        .detailed(at),
        _ => not_kubernetes("something that is not JSON", asked).detailed(at),
    }
}

pub(super) fn not_kubernetes(with: &str, asked: &Asked<'_>) -> Trouble {
    Trouble::new(
        TroubleKind::NotKubernetes,
        format!("{} answers with {with}, so it is not the Kubernetes API", asked.place.server),
    )
    .advise(format!(
        "a proxy or a login page may stand in between; check `server` of cluster {}",
        asked.cluster_entry()
    ))
}

/// A body that is no `Status`: an HTML page, plain text, the JSON of something else.
fn foreign(code: u16, body: &str, asked: &Asked<'_>) -> Trouble {
    let body = body.trim();
    if body.contains("HTTP request to an HTTPS server") || body.contains("plain HTTP request was sent to HTTPS port") {
        return super::transport::http_to_https(asked);
    }
    let page = Page::read(body);
    let says = page.words().map_or_else(String::new, |words| format!(": \"{words}\""));
    let server = &asked.place.server;
    let trouble = match (code, &page) {
        (407, _) => {
            Trouble::new(TroubleKind::Proxy, format!("a proxy in front of {server} wants a user name and a password"))
                .advise("write them into the proxy's address: http://USER:PASSWORD@HOST:PORT")
        }
        (401, Page::Text(_) | Page::Json(_)) => unauthorized(asked),
        (404, Page::Text(_)) => not_found("", asked),
        (429, _) => Trouble::new(TroubleKind::TooMany, format!("{server} has too much to do to {}{says}", asked.what))
            .advise("trying again later helps"),
        (500.., _) => Trouble::new(
            TroubleKind::Server,
            format!(
                "a proxy or load balancer in front of {server} answers with {} instead of Kubernetes ({code}){says}",
                page.kind()
            ),
        )
        .advise("the API server behind it is probably down; trying again may help"),
        _ => not_kubernetes(&format!("{} (with code {code})", page.described()), asked),
    };
    // Pages are long and say little; short texts may be worth reading.
    if let Page::Text(text) = page { trouble.detailed(shorten(text, 1000)) } else { trouble }
}
