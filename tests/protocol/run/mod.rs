//! Holds the exchanges of a topic with one side.

mod request;
mod sort;
mod variables;
mod watch;

use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use kube::client::Body;
use serde_json::{Map, Value, json};
use tenantry_cluster::Failure;
use tokio::time::{sleep, timeout};

use crate::normal::Normaliser;
use crate::run::variables::Variables;
use crate::side::Side;
use crate::topic::{Step, Topic};
use crate::transcript::{Answer, Transcript};

/// How long an answer, or something that is waited for, may take.
const PATIENCE: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(100);
/// For so long an answer that was waited for has to stay as it is.
const CALM: Duration = Duration::from_millis(400);

/// All answers of `side`, in order.
pub async fn topic<S: Side>(topic: &Topic, side: &S) -> Result<Transcript, Failure> {
    let mut run = Run { side, known: Variables::default(), normaliser: Normaliser::default(), answers: Vec::new() };
    for step in &topic.steps {
        run.step(step).await.map_err(|why| {
            let what = step.request.as_deref().or(step.watch.as_deref()).unwrap_or("a step");
            Failure::new(format!("{what}: {why}"))
        })?;
    }
    Ok(run.answers)
}

struct Run<'a, S> {
    side: &'a S,
    known: Variables,
    normaliser: Normaliser,
    answers: Transcript,
}

/// What came over the wire.
struct Said {
    code: u16,
    headers: Map<String, Value>,
    body: Value,
}

impl<S: Side> Run<'_, S> {
    async fn step(&mut self, step: &Step) -> Result<(), Failure> {
        sleep(Duration::from_millis(step.pause)).await;
        if step.watch.is_some() { self.watch(step).await } else { self.exchange(step).await }
    }

    async fn exchange(&mut self, step: &Step) -> Result<(), Failure> {
        let mut said = self.ask(step).await?;
        let deadline = Instant::now() + PATIENCE;
        let holds = |said: &Said| step.until.as_ref().is_none_or(|until| until.holds(said.code, &said.body));
        let mut calm_since = Instant::now();
        while step.until.is_some() && !(holds(&said) && calm_since.elapsed() >= CALM) {
            if Instant::now() > deadline {
                said.headers.insert("waited".to_owned(), "in vain".into());
                break;
            }
            sleep(PAUSE).await;
            let again = self.ask(step).await?;
            let bare = |said: &Said| Normaliser::default().body(said.body.clone());
            if !holds(&again) || bare(&again) != bare(&said) {
                calm_since = Instant::now();
            }
            said = again;
        }
        self.record(step, step.request.as_deref().unwrap_or_default(), said);
        Ok(())
    }

    fn record(&mut self, step: &Step, request: &str, mut said: Said) {
        for (list, key) in &step.sort {
            sort::sort(&mut said.body, list, key);
        }
        let label = step.id.clone().unwrap_or_else(|| (self.answers.len() + 1).to_string());
        let body = self.normaliser.answer(&label, said.body.clone());
        let whole = json!({"code": said.code, "headers": said.headers, "body": body});
        self.known.learn(&label, said.body);
        let who = who(step);
        self.answers.push(Answer {
            label,
            request: format!("{who}{request}"),
            said: whole,
            ignored: step.ignore.clone(),
            served: step.served,
        });
    }

    /// Asks once. No answer is an answer too: one that differs.
    async fn ask(&self, step: &Step) -> Result<Said, Failure> {
        let response = match self.send(step, step.request.as_deref().unwrap_or_default()).await? {
            Ok(response) => response,
            Err(why) => return Ok(Said { code: 0, headers: Map::new(), body: why.into() }),
        };
        let (parts, body) = response.into_parts();
        let body = match timeout(PATIENCE, body.collect()).await {
            Ok(Ok(collected)) => parsed(&collected.to_bytes()),
            Ok(Err(_)) => "the body broke off".into(),
            Err(_) => "the body did not end".into(),
        };
        Ok(Said { code: parts.status.as_u16(), headers: headers(&parts.headers), body })
    }

    async fn send(&self, step: &Step, line: &str) -> Result<Result<http::Response<Body>, String>, Failure> {
        let request = request::made(step, line, &self.known)?;
        let client = self.side.client(request::identity(step)).await?;
        let answered = timeout(PATIENCE, client.send(request)).await;
        Ok(match answered {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(_)) => Err("no answer".to_owned()),
            Err(_) => Err("no answer in time".to_owned()),
        })
    }
}

fn who(step: &Step) -> String {
    match &step.who {
        crate::topic::Who::Named(name) if name == "admin" => String::new(),
        crate::topic::Who::Named(name) => format!("({name}) "),
        crate::topic::Who::Impersonated { user, groups } => format!("({user} {}) ", groups.join(" ")),
    }
}

/// What is compared of the headers.
fn headers(headers: &http::HeaderMap) -> Map<String, Value> {
    let mut kept = Map::new();
    for name in ["content-type", "warning", "retry-after", "allow", "location", "www-authenticate"] {
        let values: Vec<Value> = headers.get_all(name).iter().map(|value| text(value.as_bytes()).into()).collect();
        match <[Value; 1]>::try_from(values) {
            Ok([value]) => drop(kept.insert(name.to_owned(), value)),
            Err(values) if values.is_empty() => {}
            Err(values) => drop(kept.insert(name.to_owned(), values.into())),
        }
    }
    kept
}

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| text(bytes).into())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
