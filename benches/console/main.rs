//! The whole program, measured from outside: how soon it shows what, and what it costs at rest. First on its own demo, from
//! nothing; then on a real control plane with 1,000 tenants, 5,000 namespaces and 20,000 rolebindings. Beside that a bare client
//! takes the same lists without reading them; ratios to it decide, milliseconds are for reading.
//!
//! ```sh
//! cargo bench --bench console                 # missed bounds are told
//! cargo bench --bench console -- --demo       # only the demo: needs no control plane
//! cargo bench --bench console -- --strict     # and fail
//! ```
//!
//! | variable | meaning |
//! | --- | --- |
//! | `TENANTRY_BENCH_ROUNDS` | how many rounds, of one console and, on the cluster, a bare read in each way (7) |
//! | `TENANTRY_BENCH_IDLE` | for how many seconds the last console is left alone (60) |
//! | `TENANTRY_BENCH_KUBECONFIG` | measure on that cluster, which is only read, instead of starting one |

#![allow(clippy::print_stdout, reason = "figures are what it is for")]

mod bare;
mod console;
mod demo;
mod figures;
mod ground;
mod usage;

use std::env;
use std::error::Error;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use bare::{Bare, Way};
use console::{Console, Idle, Milestones, Platform};
use figures::{Series, Verdict, millis};
use ground::Ground;
use usage::{Usage, mib};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What must hold.
mod bound {
    use std::time::Duration;

    pub(super) const FIRST_SCREEN: Duration = Duration::from_millis(30);
    pub(super) const FIRST_ROWS: Duration = Duration::from_millis(150);
    /// All rows of all panes: so many times the bare read, and so much on top.
    pub(super) const ALL_ROWS: (f64, Duration) = (1.2, Duration::from_millis(60));
    /// Bytes in memory at rest.
    pub(super) const RESIDENT: u64 = 32 << 20;
    /// Of one processor's time, at rest.
    pub(super) const IDLE: f64 = 0.001;
}

fn main() -> ExitCode {
    tenantry_cluster::supervise_if_asked();
    if let Some(code) = bare::read_if_asked() {
        return code;
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    // `cargo test --benches` runs it without this: nothing is measured in a debug build.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let is_asked = |what: &str| arguments.iter().any(|argument| argument == what);
    let found = demo::measure().and_then(|demo| {
        let rest = if is_asked("--demo") { Vec::new() } else { measure()? };
        Ok([demo, rest].concat())
    });
    match found {
        Ok(verdicts) => {
            let missed = verdicts.iter().filter(|verdict| !verdict.held).count();
            let strict = is_asked("--strict");
            if strict && missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(error) => {
            println!("it could not be measured: {error}");
            ExitCode::FAILURE
        }
    }
}

fn number(variable: &str, default: usize) -> Outcome<usize> {
    match env::var(variable) {
        Ok(text) => text.parse().map_err(|_| format!("{variable} is no number: {text}").into()),
        Err(_) => Ok(default),
    }
}

/// Shows where it stands; nothing when nobody looks.
fn progress(text: &str) {
    let mut screen = io::stderr();
    if screen.is_terminal() {
        let _ = write!(screen, "\r\x1b[K{text}");
    }
}

/// How often everything is measured.
fn rounds() -> Outcome<usize> {
    Ok(number("TENANTRY_BENCH_ROUNDS", 7)?.max(1))
}

fn measure() -> Outcome<Vec<Verdict>> {
    let rounds = rounds()?;
    let idle = Duration::from_secs(number("TENANTRY_BENCH_IDLE", 60)? as u64);
    progress("starting and filling a cluster takes about a minute");
    let ground = Ground::prepare()?;
    println!("on {}", ground.counts);

    // The first read of all warms the server up.
    bare::read(&ground, Way::Cache)?;
    let mut reads = Way::ALL.map(|way| (way, Vec::new()));
    let mut seen = Vec::new();
    let mut at_rest = Vec::new();
    let mut rest = None;
    for round in 1..=rounds {
        progress(&format!("round {round} of {rounds}"));
        for (way, reads) in &mut reads {
            reads.push(bare::read(&ground, *way)?);
        }
        // So that each of them comes right after a console once.
        reads.rotate_left(1);
        let mut console = Console::start(Platform::Cluster(ground.kubeconfig()), ground.counts)?;
        seen.push(console.milestones()?);
        at_rest.push(console.memory_at_rest()?);
        if round == rounds {
            progress(&format!("at rest for {} s", idle.as_secs()));
            let still = console.idle(idle)?;
            rest = Some((still, console.breadth()?));
        }
        console.quit()?;
    }
    progress("");
    let (idle, breadth) = rest.ok_or("no round was run")?;

    println!("\n{:<52} {:>9} {:>21}", format!("{rounds} rounds"), "median", "from - to");
    let (way, bare) = fastest(&reads).ok_or("there is no way to read")?;
    println!("{}", Series::of(bare.iter().map(|read| millis(read.cpu))).line("bare read: processor time", "ms"));
    println!("{}", Series::of(bare.iter().map(|read| mib(read.peak))).line("bare read: peak memory", "MiB"));
    let took = Series::of(bare.iter().map(|read| millis(read.took)));
    let series = |of: fn(&Milestones) -> Duration| Series::of(seen.iter().map(|seen| millis(of(seen))));
    let (screen, rows) = (series(|seen| seen.screen), series(|seen| seen.rows));
    let all = series(|seen| seen.all);
    println!("{}", series(|seen| seen.byte).line("console: first byte", "ms"));
    println!("{}", screen.line("console: first screen", "ms"));
    println!("{}", rows.line("console: first rows", "ms"));
    println!("{}", all.line("console: all rows of all panes", "ms"));
    println!("{}", series(|seen| seen.cpu).line("console: processor time until then", "ms"));
    let memory = |of: fn(&Usage) -> u64| Series::of(at_rest.iter().map(|memory| mib(of(memory))));
    let resident = memory(|memory| memory.resident);
    println!("{}", resident.line("console: resident at rest", "MiB"));
    println!("{}", memory(|memory| memory.own).line("console: of that its own, not the program file's", "MiB"));
    println!("{}", memory(|memory| memory.peak).line("console: peak until rest", "MiB"));
    println!("{:<52} {:>9.1} ms", "console: all namespaces, from the key", millis(breadth.namespaces));
    println!("{:<52} {:>9.1} ms", "console: all raw bindings, from the key", millis(breadth.bindings));

    println!("\nthe bare read is {:.1} MiB, {}", mib(bare.last().map_or(0, |read| read.bytes)), way.words());
    let verdicts = judge(took.median, screen.median, rows.median, all.median, resident.median, &idle);
    for verdict in &verdicts {
        println!("{verdict}");
    }
    Ok(verdicts)
}

/// Tells of all ways of the bare read, and returns the fastest.
fn fastest(reads: &[(Way, Vec<Bare>)]) -> Option<(Way, &[Bare])> {
    let took = |reads: &[Bare]| Series::of(reads.iter().map(|read| millis(read.took)));
    for way in Way::ALL {
        if let Some((_, reads)) = reads.iter().find(|(read, _)| *read == way) {
            println!("{}", took(reads).line(&format!("bare read: {}", way.words()), "ms"));
        }
    }
    let best = reads.iter().min_by(|(_, a), (_, b)| took(a).median.total_cmp(&took(b).median));
    best.map(|(way, reads)| (*way, reads.as_slice()))
}

fn judge(bare: f64, screen: f64, rows: f64, all: f64, resident: f64, idle: &Idle) -> Vec<Verdict> {
    let (times, extra) = bound::ALL_ROWS;
    let allowed = times.mul_add(bare, millis(extra));
    let drawn = if idle.bytes == 0 {
        "none".to_owned()
    } else if idle.ages_only {
        format!("{}, for ages that changed", idle.bytes)
    } else {
        idle.bytes.to_string()
    };
    vec![
        Verdict::new(
            "all rows of all panes",
            format!("{:.2} x the bare read + {:.0} ms", (all - millis(extra)) / bare, millis(extra)),
            format!("{times} x + {:.0} ms", millis(extra)),
            all <= allowed,
        ),
        Verdict::time("first screen", screen, bound::FIRST_SCREEN),
        Verdict::time("first rows", rows, bound::FIRST_ROWS),
        Verdict::new(
            "resident at rest",
            format!("{resident:.1} MiB"),
            format!("{:.0} MiB", mib(bound::RESIDENT)),
            resident <= mib(bound::RESIDENT),
        ),
        Verdict::new(
            &format!("bytes drawn in {} s at rest", idle.time.as_secs()),
            drawn,
            "none but for ages".to_owned(),
            idle.bytes == 0 || idle.ages_only,
        ),
        Verdict::new(
            "processor at rest",
            format!("{:.3} %", idle.share() * 100.0),
            format!("{} %", bound::IDLE * 100.0),
            idle.share() < bound::IDLE,
        ),
    ]
}
