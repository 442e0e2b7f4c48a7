//! The embedded cluster by itself: how fast it answers, how soon a change is seen, what its objects cost in memory.
//!
//! ```sh
//! cargo bench --bench demo                 # missed bounds are told
//! cargo bench --bench demo -- --strict     # and fail
//! ```
//!
//! All of it runs on one thread, in process: there is no socket between the client and the cluster.

#![allow(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../console/figures.rs"]
mod figures;
mod lists;
mod memory;
mod opening;
mod watching;

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use figures::{Series, Verdict};
use jiff::SignedDuration;
use kube::Client;
use peak_alloc::PeakAlloc;
use tenantry::demo::access::user::User;
use tenantry::demo::clock::Clock;
use tenantry::demo::registry::Caller;
use tenantry::demo::{Demo, Options};
use tower::ServiceBuilder;
use tower::util::MapRequestLayer;

/// Counts the bytes that are in use.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What must hold.
mod bound {
    use std::time::Duration;

    /// 10,000 namespaces in pages of 500.
    pub(super) const LIST: Duration = Duration::from_millis(60);
    /// From a write to a reader who has the event in his hands.
    pub(super) const EVENT: Duration = Duration::from_millis(1);
    /// Bytes in use per byte of compact JSON.
    pub(super) const MEMORY: f64 = 1.5;
    /// The platform of `--demo`, from nothing.
    pub(super) const OPENING: Duration = Duration::from_millis(150);
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // `cargo test --benches` runs it without this: nothing is measured in a debug build.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    match measure() {
        Ok(verdicts) => {
            let missed = verdicts.iter().filter(|verdict| !verdict.held).count();
            let strict = arguments.iter().any(|argument| argument == "--strict");
            if strict && missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(error) => {
            println!("it could not be measured: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Outcome<Vec<Verdict>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Memory first, while nothing else has been allocated and let go.
    let memory = memory::measure()?;
    let (list, event) =
        runtime.block_on(async { Ok::<_, Box<dyn Error>>((lists::measure().await?, watching::measure().await?)) })?;
    let opening = opening::measure();

    println!("{:<52} {:>9} {:>21}", "", "median", "from - to");
    for line in memory.lines.iter().chain(&list.lines).chain(&event.lines).chain(&opening.lines) {
        println!("{line}");
    }
    println!();
    let verdicts = vec![
        Verdict::time("10,000 namespaces in pages", list.series.median, bound::LIST),
        fine("an event reaches its reader", event.series.median, bound::EVENT),
        Verdict::new(
            "memory of idle objects",
            format!("{:.2} x their compact JSON", memory.series.median),
            format!("{} x", bound::MEMORY),
            memory.series.median <= bound::MEMORY,
        ),
        Verdict::time("the platform is furnished", opening.series.median, bound::OPENING),
    ];
    for verdict in &verdicts {
        println!("{verdict}");
    }
    Ok(verdicts)
}

/// A bound of about a millisecond, with figures behind the point.
fn fine(what: &str, found: f64, bound: Duration) -> Verdict {
    let text = format!("{found:.3} ms");
    Verdict::new(what, text, format!("{:.0} ms", figures::millis(bound)), found <= figures::millis(bound))
}

/// What was measured: what decides, and what is shown.
struct Found {
    series: Series,
    lines: Vec<String>,
}

/// The token of the administrator.
const TOKEN: &str = "token-of-admin";

/// A cluster on a clock that stands still, so that its controllers do nothing meanwhile. They have done what they do in a
/// fresh cluster: there are service accounts.
fn cluster() -> Demo {
    let users = vec![(TOKEN.to_owned(), administrator())];
    let demo = Demo::start(&Options { clock: Clock::Hand(Clock::Wall.now()), users, ..Options::default() });
    demo.advance(SignedDuration::from_secs(1));
    demo
}

fn administrator() -> User {
    let groups = vec!["system:masters".to_owned(), "system:authenticated".to_owned()];
    User { name: "admin".to_owned(), groups, ..User::default() }
}

fn caller() -> Caller {
    Caller::new(administrator(), "bench")
}

/// The administrator's client.
fn client(demo: &Demo) -> Client {
    let sign = MapRequestLayer::new(|mut request: http::Request<kube::client::Body>| {
        let token = http::HeaderValue::from_static(concat!("Bearer ", "token-of-admin"));
        request.headers_mut().insert(http::header::AUTHORIZATION, token);
        request
    });
    Client::new(ServiceBuilder::new().layer(sign).service(demo.service()), "default")
}
