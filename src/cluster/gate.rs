//! The one gate: every request to a Kubernetes API passes here, in one of four classes.
//!
//! The class is checked against the request itself, so that nothing can reach a cluster under a harmless name: a `Read` is a
//! GET, a `Review` creates a review of who may what, a `Try` carries `dryRun=All`, and a `Write` carries an [`Approval`] whose
//! digest is that of the plan it was given for.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::failure::{self, Asked};
use crate::plan::{Digest, mask};
use crate::world::identity::Place;
use crate::world::trouble::{Trouble, TroubleKind};

/// What a request may do.
#[derive(Debug, Clone, Copy)]
pub enum Class<'a> {
    /// Reads: GET.
    Read,
    /// Asks the server who we are or what we may (SelfSubject… reviews), or what others may (SubjectAccessReview): changes
    /// nothing, always let through.
    Review,
    /// A dry run: nothing is stored, but admission webhooks see it.
    Try,
    /// Changes the cluster.
    Write(&'a Approval),
}

/// The operator's word for one plan: the digest of what was on the screen when the key was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// What was shown.
    pub shown: Digest,
    /// What is about to be sent.
    pub sending: Digest,
}

/// The way to one cluster, as one identity.
#[derive(Clone)]
pub struct Gate {
    client: kube::Client,
    place: Arc<Place>,
    mode: Arc<AtomicU8>,
}

/// What the gate lets through, besides reads and reviews. Each lets through what the one before does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Nothing.
    ReadOnly,
    /// Dry runs.
    Tries,
    /// Writes.
    Writes,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("place", &self.place).finish_non_exhaustive()
    }
}

/// The largest answer that is read whole (single objects, reviews). Lists and watches are read as streams.
const LARGEST_ANSWER: usize = 16 << 20;

impl Gate {
    /// A gate in front of `client`, which goes to `place`.
    pub fn new(client: kube::Client, place: Place, mode: Mode) -> Self {
        Self { client, place: Arc::new(place), mode: Arc::new(AtomicU8::new(mode as u8)) }
    }

    /// Where requests go.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Lets through no more than this from now on.
    pub fn set_mode(&self, mode: Mode) {
        self.mode.store(mode as u8, Ordering::Relaxed);
    }

    /// Whether as much as this is let through.
    pub fn lets(&self, mode: Mode) -> bool {
        self.mode.load(Ordering::Relaxed) >= mode as u8
    }

    /// Sends a request of `class`. `doing` says what it is for, as the middle of "cannot … : reason" (`list tenants`).
    ///
    /// An answer with an error status is read and told as a [`Trouble`]; any other comes back as it is, its body unread.
    pub async fn send(
        &self,
        class: Class<'_>,
        request: Request<Vec<u8>>,
        doing: &str,
    ) -> Result<Response<Body>, Trouble> {
        self.send_about(class, request, doing, &[]).await
    }

    /// The same, with something in it that nobody is to read in what the server says: see [`mask::secrets`].
    async fn send_about(
        &self,
        class: Class<'_>,
        request: Request<Vec<u8>>,
        doing: &str,
        secrets: &[String],
    ) -> Result<Response<Body>, Trouble> {
        self.admit(class, &request)?;
        let asked = Asked::new(&self.place, doing);
        let mut tries = 0;
        let response = loop {
            let request = request.clone().map(Body::from);
            let response = self.client.send(request).await.map_err(|error| failure::explain(&error, &asked))?;
            // A server that has too much to do has not looked at the request (API priority and fairness), and says when to come
            // again. Reads are repeated by whoever follows.
            match patience(class, &response).filter(|_| tries < AGAIN) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => break response,
            }
            tries += 1;
        };
        let status = response.status();
        if !status.is_success() {
            let body = discreet(read_whole(response.into_body()).await.unwrap_or_default(), secrets);
            return Err(failure::explain_answer(status.as_u16(), &body, &asked));
        }
        Ok(response)
    }

    /// Sends a request and reads the JSON it is answered with.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        class: Class<'_>,
        request: Request<Vec<u8>>,
        doing: &str,
    ) -> Result<T, Trouble> {
        self.ask_about(class, request, doing, &[]).await
    }

    /// The same about something secret: a server quotes what it refuses, and these are masked in its words.
    pub async fn ask_about<T: DeserializeOwned>(
        &self,
        class: Class<'_>,
        request: Request<Vec<u8>>,
        doing: &str,
        secrets: &[String],
    ) -> Result<T, Trouble> {
        let response = self.send_about(class, request, doing, secrets).await?;
        let asked = Asked::new(&self.place, doing);
        let body = read_whole(response.into_body()).await.map_err(|error| failure::explain(&error, &asked))?;
        let told = |error| failure::explain_body(&discreet(body.clone(), secrets), &error, &asked);
        serde_json::from_slice(&body).map_err(told)
    }

    /// Refuses what is not of its class, and writes that were not shown or not allowed.
    fn admit(&self, class: Class<'_>, request: &Request<Vec<u8>>) -> Result<(), Trouble> {
        let query = request.uri().query().unwrap_or_default();
        let dry = query.split('&').any(|pair| pair == "dryRun=All");
        let fits = match class {
            Class::Read => request.method() == Method::GET,
            Class::Review => {
                let path = request.uri().path();
                request.method() == Method::POST
                    && path.rsplit('/').next().is_some_and(|kind| {
                        // What is asked about others changes nothing either.
                        kind.starts_with("selfsubject") || kind == "subjectaccessreviews"
                    })
            }
            // Where a deletion has a body the server looks there, and not at the query.
            Class::Try if request.method() == Method::DELETE => is_dry_deletion(request.body()),
            Class::Try => request.method() != Method::GET && dry,
            Class::Write(_) => request.method() != Method::GET && !dry,
        };
        if !fits {
            let what =
                format!("a {} request to {} is not what it claims to be", request.method(), request.uri().path());
            return Err(Trouble::new(TroubleKind::Other, what).advise("this is a fault of tenantry; nothing was sent"));
        }
        match class {
            Class::Write(approval) => self.admits(approval),
            Class::Try if !self.lets(Mode::Tries) => {
                let words = "the console is read-only, and dry runs are not allowed: nothing was asked";
                Err(Trouble::new(TroubleKind::ReadOnly, words)
                    .advise("`dryrun = true` in a rule of config.toml allows them where nothing may be written"))
            }
            _ => Ok(()),
        }
    }

    /// Refuses what would be written with this approval, if writes are not allowed or it was given for something else.
    pub fn admits(&self, approval: &Approval) -> Result<(), Trouble> {
        if !self.lets(Mode::Writes) {
            return Err(Trouble::new(TroubleKind::ReadOnly, "the console is read-only: nothing was sent")
                .advise("`--readonly`, a rule of config.toml or `:readonly` has it so"));
        }
        if approval.shown != approval.sending {
            return Err(Trouble::new(TroubleKind::Stale, "what would be sent is not what was shown: nothing was sent")
                .advise("look at the plan again and approve it anew"));
        }
        Ok(())
    }
}

/// An answer that says no, without these secrets; before it is cut to the length of a sentence, which could leave half of one.
fn discreet(body: Vec<u8>, secrets: &[String]) -> Vec<u8> {
    if secrets.is_empty() {
        return body;
    }
    let Ok(mut answer) = serde_json::from_slice::<Value>(&body) else {
        return mask::without(&String::from_utf8_lossy(&body), secrets).into_bytes();
    };
    hush(&mut answer, secrets);
    answer.to_string().into_bytes()
}

fn hush(answer: &mut Value, secrets: &[String]) {
    match answer {
        Value::String(text) => *text = mask::without(text, secrets),
        Value::Array(items) => items.iter_mut().for_each(|item| hush(item, secrets)),
        Value::Object(fields) => fields.values_mut().for_each(|field| hush(field, secrets)),
        _ => {}
    }
}

/// How often a request is sent again that a busy server has put off, and how long it may put it off each time.
const AGAIN: u32 = 5;
const LONGEST: u64 = 10;

/// After how long a change, or the question what it would do, is to be sent again; `None`: it has been answered.
fn patience(class: Class<'_>, response: &Response<Body>) -> Option<Duration> {
    let is_busy = response.status() == StatusCode::TOO_MANY_REQUESTS && matches!(class, Class::Try | Class::Write(_));
    let told = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    is_busy.then(|| Duration::from_secs(told.unwrap_or(1).clamp(1, LONGEST)))
}

fn is_dry_deletion(body: &[u8]) -> bool {
    let options = serde_json::from_slice::<Value>(body).unwrap_or_default();
    options.get("dryRun").is_some_and(|dry| *dry == serde_json::json!(["All"]))
}

/// Reads a body to its end, within bounds.
async fn read_whole(body: Body) -> Result<Vec<u8>, kube::Error> {
    let mut whole = Vec::new();
    let mut body = std::pin::pin!(body);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            whole.extend_from_slice(&data);
        }
        if whole.len() > LARGEST_ANSWER {
            break;
        }
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::plan::Digest;

    fn gate(mode: Mode) -> (Gate, Arc<AtomicBool>) {
        let reached = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&reached);
        let service = tower::service_fn(move |_: Request<Body>| {
            seen.store(true, Ordering::SeqCst);
            async {
                Ok::<_, std::io::Error>(Response::new(http_body_util::Full::new(bytes::Bytes::from_static(b"{}"))))
            }
        });
        (Gate::new(kube::Client::new(service, "default"), Place::default(), mode), reached)
    }

    fn request(method: &str, uri: &str) -> Request<Vec<u8>> {
        Request::builder().method(method).uri(uri).body(Vec::new()).unwrap()
    }

    fn dry_deletion() -> Request<Vec<u8>> {
        let body = br#"{"kind":"DeleteOptions","apiVersion":"v1","dryRun":["All"]}"#.to_vec();
        Request::delete("/api/v1/namespaces/x").body(body).unwrap()
    }

    fn approval(same: bool) -> Approval {
        let shown = Digest::of(b"shown");
        Approval { sending: if same { shown } else { Digest::of(b"other") }, shown }
    }

    /// A busy server says when to come again; what it has put off it has not done.
    #[tokio::test(start_paused = true)]
    async fn a_busy_server_is_asked_again_when_it_says() {
        let asked = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let seen = Arc::clone(&asked);
        let service = tower::service_fn(move |_: Request<Body>| {
            let busy = seen.fetch_add(1, Ordering::SeqCst) < 3;
            async move {
                let body = http_body_util::Full::new(bytes::Bytes::from_static(b"{}"));
                let answer =
                    if busy { Response::builder().status(429).header("Retry-After", "2") } else { Response::builder() };
                Ok::<_, std::io::Error>(answer.body(body).unwrap())
            }
        });
        let gate = Gate::new(kube::Client::new(service, "default"), Place::default(), Mode::Writes);
        let begun = tokio::time::Instant::now();
        let right = approval(true);
        assert!(gate.send(Class::Write(&right), request("PATCH", "/api/v1/namespaces/x"), "test").await.is_ok());
        assert_eq!((asked.load(Ordering::SeqCst), begun.elapsed()), (4, Duration::from_secs(6)));
    }

    #[tokio::test]
    async fn only_requests_that_are_what_they_claim_to_be_pass() {
        let right = approval(true);
        let wrong = approval(false);
        const OF_OTHERS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        let cases: [(Mode, Class<'_>, Request<Vec<u8>>, bool); 18] = [
            (Mode::ReadOnly, Class::Read, request("GET", "/api/v1/namespaces"), true),
            (Mode::ReadOnly, Class::Read, request("DELETE", "/api/v1/namespaces/oil-web"), false),
            (Mode::ReadOnly, Class::Review, request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews"), true),
            (Mode::ReadOnly, Class::Review, request("POST", "/api/v1/namespaces"), false),
            (Mode::ReadOnly, Class::Review, request("POST", OF_OTHERS), true),
            (Mode::ReadOnly, Class::Review, request("DELETE", OF_OTHERS), false),
            (Mode::ReadOnly, Class::Review, request("POST", "/api/v1/namespaces/x/serviceaccounts/y/token"), false),
            (Mode::Tries, Class::Try, request("PATCH", "/api/v1/namespaces/x?dryRun=All"), true),
            (Mode::Tries, Class::Try, request("PATCH", "/api/v1/namespaces/x"), false),
            (Mode::Tries, Class::Try, request("PATCH", "/api/v1/namespaces/x?fieldManager=dryRun%3DAll"), false),
            (Mode::ReadOnly, Class::Write(&right), request("PATCH", "/api/v1/namespaces/x"), false),
            (Mode::Writes, Class::Write(&right), request("PATCH", "/api/v1/namespaces/x"), true),
            (Mode::Writes, Class::Write(&wrong), request("PATCH", "/api/v1/namespaces/x"), false),
            (Mode::Writes, Class::Write(&right), request("GET", "/api/v1/namespaces/x"), false),
            (Mode::ReadOnly, Class::Try, request("PATCH", "/api/v1/namespaces/x?dryRun=All"), false),
            (Mode::Tries, Class::Write(&right), request("PATCH", "/api/v1/namespaces/x"), false),
            // A body overrides the query of a deletion.
            (Mode::Writes, Class::Try, request("DELETE", "/api/v1/namespaces/x?dryRun=All"), false),
            (Mode::Tries, Class::Try, dry_deletion(), true),
        ];
        for (mode, class, request, passes) in cases {
            let (gate, reached) = gate(mode);
            let what = format!("{class:?} {} {}", request.method(), request.uri());
            let answer = gate.send(class, request, "test").await;
            assert_eq!(answer.is_ok(), passes, "{what}");
            assert_eq!(reached.load(Ordering::SeqCst), passes, "{what}");
        }
    }
}
