//! A watch against a server that misbehaves in every way a real one has been seen to.

mod tables;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::sync::mpsc;

use super::*;
use crate::cluster::kind;
use crate::cluster::link::Link;
use crate::cluster::outlet::Envelope;
use crate::world::World;

use crate::world::freshness::Freshness;
use crate::world::identity::Place;

/// What the server does with one request.
enum Act {
    /// Answers with this status and body.
    Answer(u16, String),
    /// Answers with these pieces and then keeps the connection open for ever.
    Stay(Vec<String>),
    /// Answers with these pieces and breaks off.
    Break(Vec<String>),
    /// Never answers.
    Hang,
}

/// A server that does one thing per request, in order, and says what it was asked.
struct Server {
    asked: Arc<Mutex<Vec<String>>>,
    news: mpsc::Receiver<Envelope>,
    world: World,
    task: tokio::task::JoinHandle<()>,
    link: Link,
}

impl Server {
    fn start(acts: Vec<Act>) -> Self {
        Self::run(acts, |around| follow(kind::NAMESPACES, Scope::Cluster, around, || {}))
    }

    fn run<F: Future<Output = ()> + Send + 'static>(acts: Vec<Act>, work: impl FnOnce(Surroundings) -> F) -> Self {
        let acts = Arc::new(Mutex::new(VecDeque::from(acts)));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let service = tower::service_fn(move |request: Request<Body>| {
            let uri = request.uri().to_string();
            seen.lock().unwrap().push(uri);
            let act = acts.lock().unwrap().pop_front();
            async move {
                let pieces = |pieces: Vec<String>| {
                    let frames =
                        pieces.into_iter().map(|piece| Ok::<_, std::io::Error>(Frame::data(Bytes::from(piece))));
                    futures_util::stream::iter(frames.collect::<Vec<_>>())
                };
                use futures_util::StreamExt as _;
                let (status, body) = match act {
                    Some(Act::Answer(status, body)) => (status, StreamBody::new(pieces(vec![body])).boxed_unsync()),
                    Some(Act::Stay(parts)) => {
                        (200, StreamBody::new(pieces(parts).chain(futures_util::stream::pending())).boxed_unsync())
                    }
                    Some(Act::Break(parts)) => {
                        let end = futures_util::stream::iter([Err(std::io::Error::other("connection reset"))]);
                        (200, StreamBody::new(pieces(parts).chain(end)).boxed_unsync())
                    }
                    Some(Act::Hang) | None => std::future::pending().await,
                };
                let response = Response::builder().status(StatusCode::from_u16(status).unwrap()).body(body).unwrap();
                Ok::<_, std::io::Error>(response)
            }
        });
        let gate =
            Gate::new(kube::Client::new(service, "default"), Place::default(), crate::cluster::gate::Mode::ReadOnly);
        let (sender, news) = mpsc::channel(64);
        let link = Link::default();
        let around = Surroundings { gate, outlet: Outlet::new(1, sender), names: Arc::default(), link: link.watch() };
        let task = tokio::spawn(work(around));
        Self { asked, news, world: World::default(), task, link }
    }

    /// Takes news in until `done` is true of the world. Time is paused in these tests, so waits cost nothing.
    async fn until(&mut self, done: impl Fn(&World) -> bool) {
        while !done(&self.world) {
            let envelope = self.news.recv().await.expect("the watch goes on");
            self.world.apply(envelope.feed, 0);
        }
    }

    fn names(&self) -> Vec<String> {
        self.world.namespaces.iter().map(|row| row.name.to_string()).collect()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn object(name: &str, version: u32) -> String {
    format!(r#"{{"metadata":{{"name":"{name}","uid":"u-{name}","resourceVersion":"{version}"}}}}"#)
}

fn list(version: u32, names: &[&str]) -> Act {
    let items: Vec<String> = names.iter().map(|name| object(name, version)).collect();
    let body = format!(r#"{{"metadata":{{"resourceVersion":"{version}"}},"items":[{}]}}"#, items.join(","));
    Act::Answer(200, body)
}

fn event(kind: &str, name: &str, version: u32) -> String {
    format!("{{\"type\":\"{kind}\",\"object\":{}}}\n", object(name, version))
}

fn status(code: u16, reason: &str, message: &str) -> String {
    format!(
        r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{reason}","message":"{message}","code":{code}}}"#
    )
}

fn is_live(world: &World) -> bool {
    world.namespaces.sources().overall() == Freshness::Live
}

/// Glances, then follows.
async fn glance_and_follow(around: Surroundings) {
    glance(kind::NAMESPACES, Scope::Cluster, around.clone()).await;
    follow(kind::NAMESPACES, Scope::Cluster, around, || {}).await;
}

#[tokio::test(start_paused = true)]
async fn a_glance_shows_rows_that_the_list_confirms_or_takes_away() {
    let mut server =
        Server::run(vec![list(5, &["a", "b"]), list(6, &["b", "c"]), Act::Stay(vec![])], glance_and_follow);
    server.until(|world| world.namespaces.len() == 2).await;
    assert_eq!(server.names(), ["a", "b"]);
    assert_eq!(server.world.namespaces.sources().overall(), Freshness::Loading);
    server.until(is_live).await;
    assert_eq!(server.names(), ["b", "c"]);
    assert!(server.asked()[0].contains("limit=60"), "{:?}", server.asked());
}

#[tokio::test(start_paused = true)]
async fn a_glance_that_fails_says_nothing_and_holds_nothing_up() {
    let refused = Act::Answer(403, status(403, "Forbidden", "namespaces is forbidden"));
    for failure in [refused, Act::Hang, Act::Break(vec!["{".to_owned()])] {
        let begun = Instant::now();
        let mut server = Server::run(vec![failure, list(5, &["a"]), Act::Stay(vec![])], glance_and_follow);
        server.until(is_live).await;
        assert_eq!(server.names(), ["a"]);
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_cut_in_the_middle_of_a_line_goes_on_from_the_last_whole_one() {
    let half = event("ADDED", "lost", 9);
    let mut server = Server::start(vec![
        list(5, &["a"]),
        Act::Break(vec![event("ADDED", "b", 7), half[..half.len() / 2].to_owned()]),
        Act::Stay(vec![half]),
    ]);
    server.until(|world| world.namespaces.len() == 3).await;
    assert_eq!(server.names(), ["a", "b", "lost"]);
    assert!(server.asked()[1].contains("resourceVersion=5"));
    assert!(server.asked()[2].contains("resourceVersion=7"), "{:?}", server.asked());
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_is_listed_again_and_no_row_blinks() {
    let gone = format!("{{\"type\":\"ERROR\",\"object\":{}}}\n", status(410, "Expired", "too old resource version"));
    let mut server =
        Server::start(vec![list(5, &["a", "b"]), Act::Stay(vec![gone]), list(90, &["b", "c"]), Act::Stay(vec![])]);
    server.until(|world| world.namespaces.len() == 2).await;
    server
        .until(|world| {
            assert!(world.namespaces.get(&"b".into()).is_some(), "b was there all along");
            world.namespaces.get(&"a".into()).is_none() && is_live(world)
        })
        .await;
    assert_eq!(server.names(), ["b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn a_gone_answer_to_the_watch_itself_lists_again_too() {
    let mut server = Server::start(vec![
        list(5, &["a"]),
        Act::Answer(410, status(410, "Gone", "too old")),
        list(6, &["z"]),
        Act::Stay(vec![]),
    ]);
    server.until(|world| world.namespaces.get(&"z".into()).is_some()).await;
    server.until(|world| world.namespaces.get(&"a".into()).is_none()).await;
    assert_eq!(server.names(), ["z"]);
}

#[tokio::test(start_paused = true)]
async fn busy_and_broken_servers_are_asked_again_with_growing_waits() {
    let busy = || Act::Answer(429, status(429, "TooManyRequests", "slow down"));
    let broken = || Act::Answer(500, status(500, "InternalError", "etcdserver: leader changed"));
    let begun = Instant::now();
    let mut server =
        Server::start(vec![busy(), broken(), busy(), broken(), broken(), list(5, &["a"]), Act::Stay(vec![])]);
    server.until(is_live).await;
    assert_eq!(server.asked().len(), 7);
    let waited = begun.elapsed();
    assert!(waited > Duration::from_secs(2) && waited < Duration::from_secs(10), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_is_given_up_and_the_rows_stay() {
    let mut server = Server::start(vec![list(5, &["a"]), Act::Hang, Act::Stay(vec![event("ADDED", "b", 6)])]);
    server.until(|world| matches!(world.namespaces.sources().overall(), Freshness::Stale { .. })).await;
    assert_eq!(server.names(), ["a"]);
    server.until(|world| world.namespaces.len() == 2 && is_live(world)).await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_watch_is_opened_again() {
    let mut server = Server::start(vec![list(5, &["a"]), Act::Stay(vec![]), Act::Stay(vec![event("ADDED", "b", 6)])]);
    server.until(|world| world.namespaces.len() == 2).await;
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_at_once_does_not_spin() {
    let over = || Act::Answer(200, String::new());
    let begun = Instant::now();
    let mut server = Server::start(
        [vec![list(5, &["a"])], (0..8).map(|_| over()).collect(), vec![Act::Stay(vec![event("ADDED", "b", 6)])]]
            .into_iter()
            .flatten()
            .collect(),
    );
    server.until(|world| world.namespaces.len() == 2).await;
    assert!(begun.elapsed() > Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_an_answer_and_is_not_asked_again_soon() {
    let message = "namespaces is forbidden: User \\\"alice\\\" cannot list resource \\\"namespaces\\\" in API group \\\"\\\" at the cluster scope";
    let begun = Instant::now();
    let mut server =
        Server::start(vec![Act::Answer(403, status(403, "Forbidden", message)), list(5, &["a"]), Act::Stay(vec![])]);
    server.until(|world| world.namespaces.sources().refused().is_some()).await;
    assert_eq!(server.asked().len(), 1);
    server.until(is_live).await;
    assert!(begun.elapsed() >= REFUSED, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn asking_anew_does_not_wait() {
    let message = "namespaces is forbidden: User \\\"alice\\\" cannot list resource \\\"namespaces\\\" in API group \\\"\\\" at the cluster scope";
    let mut server =
        Server::start(vec![Act::Answer(403, status(403, "Forbidden", message)), list(5, &["a"]), Act::Stay(vec![])]);
    server.until(|world| world.namespaces.sources().refused().is_some()).await;
    let begun = Instant::now();
    // The watch may not be waiting yet; it asks again whenever it hears of a refresh.
    tokio::task::yield_now().await;
    server.link.refresh();
    server.until(is_live).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn one_unreadable_object_does_not_hide_the_others() {
    let body = format!(r#"{{"metadata":{{"resourceVersion":"5"}},"items":[{{"metadata":7}},{},"x"]}}"#, object("a", 5));
    let mut server = Server::start(vec![Act::Answer(200, body), Act::Stay(vec![])]);
    server.until(is_live).await;
    assert_eq!(server.names(), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn events_come_in_their_order() {
    let mut server = Server::start(vec![
        list(5, &["a"]),
        Act::Stay(vec![
            event("DELETED", "a", 6) + &event("ADDED", "a", 7) + &event("DELETED", "a", 8) + &event("ADDED", "c", 9),
        ]),
    ]);
    server.until(|world| world.namespaces.get(&"c".into()).is_some()).await;
    assert_eq!(server.names(), ["c"]);
}

#[tokio::test(start_paused = true)]
async fn long_lists_come_in_pages_where_they_must() {
    let page = |next: &str, name: &str| {
        let around = format!(r#""metadata":{{"resourceVersion":"5","continue":"{next}"}}"#);
        Act::Answer(200, format!(r#"{{{around},"items":[{}]}}"#, object(name, 5)))
    };
    let mut server = Server::start(vec![
        Act::Break(vec![r#"{"metadata":{"resourceVersion":"5"},"items":[{"#.to_owned()]),
        page("token", "a"),
        page("", "b"),
        Act::Stay(vec![]),
    ]);
    server.until(is_live).await;
    assert_eq!(server.names(), ["a", "b"]);
    let asked = server.asked();
    assert!(
        asked[0].contains("resourceVersion=0") && asked[1].contains("limit=") && asked[2].contains("continue=token")
    );
}
