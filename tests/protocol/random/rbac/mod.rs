//! Who may do what: random roles, and a great many questions to both sides, and to the program itself.

mod resolver;
mod world;

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::Request;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tenantry_cluster::{Cluster, Failure, wait_until};

use resolver::Resolver;

use super::dice::Dice;
use crate::mode::Mode;
use crate::side::{Embedded, Real, Side};
use crate::summary::Summary;
use crate::topic::Era;

/// How many questions are put to `SubjectAccessReview` of both sides, and to the program itself; or
/// `TENANTRY_PROTOCOL_QUESTIONS`.
const QUESTIONS: usize = 50_000;

/// How many lists of rules of `SelfSubjectRulesReview`.
const LISTS: usize = 200;

/// How many questions are under way at the same time.
const AT_ONCE: usize = 48;

/// How many that differ are shown.
const SHOWN: usize = 30;

/// How long a server may take until its caches know what was created.
const CAUGHT_UP: Duration = Duration::from_mins(2);

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
const RULES: &str = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
const CLUSTER_ROLES: &str =
    "/apis/rbac.authorization.k8s.io/v1/clusterroles?labelSelector=!kubernetes.io/bootstrapping";

/// A list of rules: who asks, and about which namespace.
struct Rules {
    user: String,
    groups: Vec<String>,
    body: Value,
}

/// Asks both.
pub async fn hold(seed: u64, mode: Mode, cluster: Arc<Cluster>, summary: &Summary) -> Result<(), Failure> {
    let objects = world::objects(&mut Dice::new(seed, "rbac objects"));
    let dice = &mut Dice::new(seed, "rbac questions");
    let questions: Vec<Value> = (0..how_many()?).map(|_| world::question(dice)).collect();
    let compared = questions.len();
    let lists: Vec<Rules> = (0..LISTS)
        .map(|_| {
            let (user, groups) = world::somebody(dice);
            Rules { user, groups, body: json!({"spec": {"namespace": *dice.pick(&world::NAMESPACES)}}) }
        })
        .collect();

    let real = Real(Arc::clone(&cluster)).client("admin").await?;
    let other = match mode {
        Mode::Twice => Real(mode.second(cluster.options()).await?).client("admin").await?,
        _ => Embedded::start(Era::Now).client("admin").await?,
    };
    tokio::try_join!(create(&real, &objects), create(&other, &objects))?;
    let sums = async || tokio::try_join!(aggregated(&real), aggregated(&other));
    if wait_until("sums", CAUGHT_UP, async || sums().await.is_ok_and(|(real, other)| real == other)).await.is_err() {
        let (real, other) = sums().await?;
        return Err(Failure::new(format!("aggregated roles differ\n  real  {real:?}\n  other {other:?}")));
    }
    let asked = async |client: &Client| {
        catch_up(client).await?;
        let answers = stream::iter(&questions).map(|body| ask(client, REVIEWS, None, body)).buffered(AT_ONCE);
        let answers = answers.try_collect::<Vec<_>>().await?;
        let rules = stream::iter(&lists).map(|list| ask(client, RULES, Some(list), &list.body)).buffered(AT_ONCE);
        Ok::<_, Failure>((answers, rules.try_collect::<Vec<_>>().await?))
    };
    let clients = (real, other);
    let (real, other) = tokio::try_join!(asked(&clients.0), asked(&clients.1))?;
    summary.add("random.rbac", real.0.len() + real.1.len(), Vec::new());
    // What is made of the real one's roles and bindings is held to the real one's answers, and of the demo's to the demo's.
    let resolvers = (Resolver::read(&clients.0).await?, Resolver::read(&clients.1).await?);
    resolvers.0.hold("real", &questions, &real.0)?;
    resolvers.1.hold("other", &questions, &other.0)?;
    let mut held = 0;
    for (list, answer) in lists.iter().zip(&real.1) {
        // Who has not proven who he is may not ask; and which groups he has under impersonation is not said by any rule.
        if answer["kind"] != "Status" && list.user != "system:anonymous" {
            resolvers.0.hold_list(&list.user, &list.groups, &list.body, answer)?;
            held += 1;
        }
    }
    if held < LISTS / 2 {
        return Err(Failure::new(format!("{held} of {LISTS} lists were answered: that tries nothing")));
    }

    let allowed = real.0.iter().filter(|answer| answer["status"]["allowed"] == true).count();
    if !(compared / 10..compared * 9 / 10).contains(&allowed) {
        return Err(Failure::new(format!("{allowed} of {compared} are allowed: that tries nothing")));
    }
    let mut wrong = Vec::new();
    for (question, (real, other)) in questions.iter().zip(real.0.iter().zip(&other.0)) {
        // Some paths are everybody's by several bindings of Kubernetes itself, and which of them is named is up to chance.
        let is_a_path = question["spec"].get("nonResourceAttributes").is_some();
        if !is_same(real, other, || !is_a_path && world::bindings_about(&objects, question) <= 1) {
            let status = |answer: &Value| answer.get("status").unwrap_or(answer).to_string();
            wrong.push(format!("{}\n  real  {}\n  other {}", question["spec"], status(real), status(other)));
        }
    }
    for (list, (real, other)) in lists.iter().zip(real.1.iter().zip(&other.1)) {
        if sorted(real) != sorted(other) {
            let (user, groups, body) = (&list.user, &list.groups, &list.body);
            wrong.push(format!("rules of {user} {groups:?} {body}\n  real  {real}\n  other {other}"));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let mut text = format!("{} of {} answers differ", wrong.len(), compared + LISTS);
    for one in wrong.iter().take(SHOWN) {
        let _ = write!(text, "\n{one}");
    }
    Err(Failure::new(text))
}

/// How many questions are asked for.
fn how_many() -> Result<usize, Failure> {
    let Ok(text) = env::var("TENANTRY_PROTOCOL_QUESTIONS") else { return Ok(QUESTIONS) };
    text.parse().map_err(|_| Failure::new(format!("TENANTRY_PROTOCOL_QUESTIONS is a number, and not {text}")))
}

/// Creates objects.
async fn create(client: &Client, objects: &[world::Made]) -> Result<(), Failure> {
    for (list, object) in objects {
        let answer = ask(client, list, None, object).await?;
        if answer["kind"] == "Status" {
            return Err(Failure::new(format!("{list} {object}: {answer}")));
        }
    }
    Ok(())
}

/// Waits until a server's authorizer knows what was created so far.
async fn catch_up(client: &Client) -> Result<(), Failure> {
    let (last, probes) = world::last();
    create(client, &last).await?;
    for probe in &probes {
        let is_known =
            async || ask(client, REVIEWS, None, probe).await.is_ok_and(|answer| answer["status"]["allowed"] == true);
        wait_until("the authorizer knows its roles", CAUGHT_UP, is_known).await?;
    }
    Ok(())
}

/// The rules of the roles that are made of others, of each sorted.
async fn aggregated(client: &Client) -> Result<Vec<(Value, BTreeSet<String>)>, Failure> {
    let request = Request::get(CLUSTER_ROLES).body(Body::empty()).map_err(|error| Failure::new(error.to_string()))?;
    let list = answer(client, request).await?;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let sums = items.iter().filter(|role| role.get("aggregationRule").is_some());
    let rules = |role: &Value| role["rules"].as_array().into_iter().flatten().map(Value::to_string).collect();
    Ok(sums.map(|role| (role["metadata"]["name"].clone(), rules(role))).collect())
}

async fn ask(client: &Client, path: &str, by: Option<&Rules>, body: &Value) -> Result<Value, Failure> {
    let mut request = Request::post(path).header(CONTENT_TYPE, "application/json");
    if let Some(by) = by {
        request = request.header("impersonate-user", &by.user);
        for group in &by.groups {
            request = request.header("impersonate-group", group);
        }
    }
    let body = Body::from(body.to_string().into_bytes());
    answer(client, request.body(body).map_err(|error| Failure::new(error.to_string()))?).await
}

async fn answer(client: &Client, request: Request<Body>) -> Result<Value, Failure> {
    let wrong = |error: String| Failure::new(error);
    let response = client.send(request).await.map_err(|error| wrong(error.to_string()))?;
    let body = response.into_body().collect().await.map_err(|error| wrong(error.to_string()))?.to_bytes();
    serde_json::from_slice(&body).map_err(|error| wrong(format!("{error}: {}", String::from_utf8_lossy(&body))))
}

/// Whether two answers to a question are the same, as far as a server does not pick by chance: which of several bindings
/// allows something, and in which order roles are missed.
fn is_same(real: &Value, other: &Value, is_bound_once: impl Fn() -> bool) -> bool {
    let (real, other) = (real.get("status").unwrap_or(real), other.get("status").unwrap_or(other));
    if real == other {
        return true;
    }
    let reason = |status: &Value| status["reason"].as_str().unwrap_or_default().to_owned();
    let rest = |status: &Value| {
        let mut status = status.clone();
        if let Some(status) = status.as_object_mut() {
            status.remove("reason");
        }
        status
    };
    if rest(real) != rest(other) {
        return false;
    }
    if real["allowed"] == true {
        const BY: &str = "RBAC: allowed by ";
        return reason(real).starts_with(BY) && reason(other).starts_with(BY) && !is_bound_once();
    }
    faults(&reason(real)) == faults(&reason(other))
}

/// What is missed, in no order.
fn faults(reason: &str) -> BTreeSet<&str> {
    let words = reason.trim_start_matches("rbac: RBAC: ");
    words.trim_start_matches('[').trim_end_matches(']').split(", ").collect()
}

/// A list of rules in one order.
fn sorted(answer: &Value) -> Value {
    let mut answer = answer.clone();
    for list in ["resourceRules", "nonResourceRules"] {
        if let Some(rules) = answer.pointer_mut(&format!("/status/{list}")).and_then(Value::as_array_mut) {
            rules.sort_by_cached_key(Value::to_string);
        }
    }
    if let Some(fault) = answer.clone().pointer("/status/evaluationError").and_then(Value::as_str) {
        let fault: Vec<&str> = faults(fault).into_iter().collect();
        answer["status"]["evaluationError"] = json!(fault);
    }
    answer
}
