//! Whatever is sent, the demo answers, and stays whole.
//!
//! A seed makes a cluster and a sequence of requests to it: right ones, wrong ones, spoilt ones. Every answer has to be one that a
//! Kubernetes API could give; after each batch lists, pages, selectors, versions, watches and indexes have to agree, and every
//! object has to be one that could be written again. The same seed makes the same requests.
//!
//! ```sh
//! TENANTRY_FUZZ_ROUNDS=200 cargo test --lib demo::tests::fuzz                        # so many seeds
//! TENANTRY_FUZZ_SEED=17 TENANTRY_FUZZ_ROUNDS=1 cargo test --lib demo::tests::fuzz    # one of them again
//! ```

mod answer;
mod body;
mod dice;
mod inside;
mod lists;
mod odd;
mod options;
mod patch;
mod request;
mod rewrite;
mod watches;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use self::answer::{Answer, send};
use self::body::Templates;
use self::dice::Dice;
use self::inside::Past;
use self::lists::Snapshot;
use self::request::{ROOT, Request};
use self::watches::Watches;
use crate::demo::access::user::User;
use crate::demo::clock::Clock;
use crate::demo::cluster::Cluster;
use crate::demo::object::Meta as _;
use crate::demo::platform::{History, lke_demo, users};
use crate::demo::schema::kind::Kind;
use crate::demo::{Demo, Era, Options};

/// Batches of one seed.
const BATCHES: usize = 4;

/// Requests of one batch.
const REQUESTS: usize = 60;

/// The cluster of a seed: every second one is of the older Capsule, and every eighth a large one.
fn world(seed: u64) -> Demo {
    let now: Timestamp = "2026-11-23T10:02:30Z".parse().unwrap();
    if seed % 8 == 5 {
        return lke_demo(Clock::Hand(now), seed);
    }
    let era = if seed.is_multiple_of(2) { Era::V0_4 } else { Era::V0_14 };
    let past = Clock::Hand(now - SignedDuration::from_hours(301 * 24));
    let demo = Demo::start(&Options { capsule: Some(era), clock: past, users: users(), seed, ..Options::default() });
    History::of_staging(now).play(&mut demo.cluster().lock(), now);
    demo
}

/// A cluster under fire.
struct Run {
    demo: Demo,
    dice: Dice,
    kinds: Vec<Kind>,
    templates: Templates,
    lists: BTreeMap<String, Snapshot>,
    watches: Watches,
    past: Past,
    /// What was done since the last time that everything was found in order.
    tape: Vec<String>,
    sent: usize,
    /// How many answers there were of each code.
    codes: BTreeMap<u16, usize>,
}

impl Run {
    /// The cluster of a seed.
    fn new(seed: u64) -> Result<Self, String> {
        let demo = world(seed);
        let (kinds, templates) = {
            let mut registry = demo.cluster().lock();
            let groups = vec!["system:masters".to_owned(), "system:authenticated".to_owned()];
            registry.tokens.know(ROOT.to_owned(), User { name: "root".to_owned(), groups, ..User::default() });
            let kinds = registry.schemas.kinds().iter().filter(|kind| kind.verbs.iter().any(|verb| verb == "list"));
            (kinds.cloned().collect::<Vec<_>>(), Templates::new(&registry))
        };
        let mut lists = BTreeMap::new();
        for kind in &kinds {
            lists.insert(kind.qualified(), lists::snapshot(demo.cluster(), kind)?);
        }
        let watches = Watches::begin(demo.cluster(), &kinds, &lists)?;
        let (past, tape) = (Past::default(), Vec::new());
        Ok(Self {
            demo,
            dice: Dice::new(seed),
            kinds,
            templates,
            lists,
            watches,
            past,
            tape,
            sent: 0,
            codes: BTreeMap::new(),
        })
    }

    fn cluster(&self) -> &Arc<Cluster> {
        self.demo.cluster()
    }

    /// Sends some requests, and looks whether everything is in order.
    fn batch(&mut self) -> Result<(), String> {
        for _ in 0..REQUESTS {
            if self.dice.once_in(6) {
                self.wait()?;
            }
            let request = request::request(&self.demo.cluster().lock(), &self.templates, &mut self.dice);
            let is_write = request.method != "GET" && !request.path.contains("dryRun") && !request.is_deaf();
            if is_write && self.dice.once_in(5) {
                self.rehearse(&request)?;
            } else {
                let answer = self.send(&request)?;
                if let Some(answer) = answer.filter(|answer| answer.code == 200 && request.can_be_repeated()) {
                    self.repeat(&request, &answer)?;
                }
            }
        }
        self.wait()?;
        self.tape.push("(everything is looked at)".to_owned());
        for kind in self.kinds.clone() {
            let before = self.lists.remove(&kind.qualified()).unwrap_or_default();
            let now = lists::check(self.demo.cluster(), &kind, &before, &mut self.dice)?;
            self.watches.catch_up(&kind, &now.objects)?;
            self.lists.insert(kind.qualified(), now);
        }
        inside::check(&self.demo.cluster().lock(), &mut self.past)?;
        for kind in self.kinds.clone() {
            rewrite::check(self.demo.cluster(), &kind, &mut self.dice)?;
        }
        self.tape.clear();
        Ok(())
    }

    /// Lets time pass.
    fn wait(&mut self) -> Result<(), String> {
        let milliseconds = [5, 50, 1_000, 1_000, 30_000, 300_000][self.dice.below(6)];
        self.tape.push(format!("(wait {milliseconds} ms)"));
        let demo = self.demo.clone();
        let outcome = catch_unwind(AssertUnwindSafe(|| demo.advance(SignedDuration::from_millis(milliseconds))));
        outcome.map_err(|_| "a controller panicked".to_owned())
    }

    /// Sends a request, and looks whether it left no more traces than it should.
    fn send(&mut self, request: &Request) -> Result<Option<Answer>, String> {
        self.sent += 1;
        self.tape.push(format!("{} {request}", self.sent));
        let before = self.cluster().lock().store.revision();
        let Some(answer) = send(self.cluster(), request)? else { return Ok(None) };
        *self.codes.entry(answer.code).or_default() += 1;
        let why = match answer.code {
            400.. if may_leave_traces(request, &answer) => return Ok(Some(answer)),
            400.. => format!("refused ({} {})", answer.code, answer.message()),
            _ if request.is_dry() => "a dry run".to_owned(),
            _ => return Ok(Some(answer)),
        };
        let registry = self.cluster().lock();
        for resource in self.kinds.iter().map(Kind::qualified).filter(|resource| !resource.starts_with("events")) {
            let table = registry.table(&resource).unwrap_or_default();
            if let Ok(mut changes) = registry.store.changes(table, before)
                && let Some(change) = changes.next()
            {
                return Err(format!("{why}, and yet {resource} {} was changed", change.key));
            }
        }
        drop(registry);
        Ok(Some(answer))
    }

    /// Sends a request as a dry run first: that has to tell what the real one will come to.
    fn rehearse(&mut self, request: &Request) -> Result<(), String> {
        let Some(rehearsed) = self.send(&request.rehearsal())? else { return Ok(()) };
        let Some(real) = self.send(request)? else { return Ok(()) };
        // Each generates a name of its own.
        let is_silent = |answer: &Answer| answer.code < 400 || request.says("generateName");
        let said =
            |answer: &Answer| format!("{} {}", answer.code, if is_silent(answer) { "" } else { answer.message() });
        if said(&rehearsed) == said(&real) || request.verb() == "deletecollection" {
            return Ok(());
        }
        Err(format!("a dry run said {}, and then came {}", said(&rehearsed), said(&real)))
    }

    /// Sends what was accepted again: nothing is left for it to change.
    fn repeat(&mut self, request: &Request, first: &Answer) -> Result<(), String> {
        let Some(second) = self.send(request)? else { return Ok(()) };
        // It may have named the version that it was about, or let the object go.
        if second.code >= 400 || second.value.version() == first.value.version() {
            return Ok(());
        }
        // An apply that took the last manager away leaves an object of nobody, whose next apply names `before-first-apply`
        // (`managedfields/internal/skipnonapplied.go`).
        let is_apply = request.headers.iter().any(|(_, value)| value.starts_with("application/apply-patch"));
        if is_apply && first.value.list(&["metadata", "managedFields"]).is_empty() {
            return Ok(());
        }
        Err(format!("the same again made another version:\n  {}\n  {}", first.value, second.value))
    }
}

/// Refusals that come after something was written, as with the real server.
fn may_leave_traces(request: &Request, answer: &Answer) -> bool {
    // Some of a collection may be gone when one of it is refused.
    let is_collection = request.verb() == "deletecollection";
    // The form of an answer is looked at when there is one.
    let is_form = answer.code == 406 || answer.message().contains("Unable to convert to Table as requested");
    is_collection || is_form
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn nothing_that_is_sent_breaks_the_cluster() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let _in_it = runtime.enter();
    let first = number("TENANTRY_FUZZ_SEED").unwrap_or(1);
    let mut codes: BTreeMap<u16, usize> = BTreeMap::new();
    for seed in first..first + number("TENANTRY_FUZZ_ROUNDS").unwrap_or(2) {
        let mut run = Run::new(seed).unwrap_or_else(|what| panic!("seed {seed}: {what}"));
        for _ in 0..BATCHES {
            if let Err(what) = run.batch() {
                let mut told = String::new();
                for line in &run.tape {
                    let _ = writeln!(told, "{line}");
                }
                panic!("{told}\nseed {seed}, request {}: {what}", run.sent);
            }
        }
        for (code, count) in run.codes {
            *codes.entry(code).or_default() += count;
        }
    }
    println!("answers by code: {codes:?}");
}

#[test]
fn a_body_is_all_the_options_of_a_deletion() {
    let demo = world(2);
    let send = |path: &str, body: &str| {
        let mut request = Request::of_root("DELETE", path);
        request.headers = vec![("authorization", "Bearer demo-ops".to_owned())];
        request.body = body.as_bytes().to_vec();
        send(demo.cluster(), &request).unwrap().unwrap().code
    };
    let path = "/api/v1/namespaces/oil-web/serviceaccounts/default";
    assert_eq!(send(&format!("{path}?dryRun=All"), ""), 200);
    assert_eq!(send(path, r#"{"dryRun": ["Some"]}"#), 422);
    assert_eq!(send(path, r#"{"dryRun": ["All"]}"#), 200);
    // The query is not read: this is no dry run, and names no policy.
    assert_eq!(send(&format!("{path}?dryRun=All&propagationPolicy=Perhaps"), r#"{"gracePeriodSeconds": 0}"#), 200);
    assert_eq!(send(path, ""), 404);
}

#[test]
fn a_watch_may_be_asked_to_last_for_ever() {
    let demo = world(2);
    for seconds in [i64::MAX, 1 << 40] {
        let path = format!("/api/v1/namespaces/oil-web/configmaps?watch=true&timeoutSeconds={seconds}");
        let mut request = Request::of_root("GET", &path);
        request.headers = vec![("authorization", "Bearer demo-ops".to_owned())];
        assert_eq!(send(demo.cluster(), &request).unwrap().unwrap().code, 200);
    }
}
