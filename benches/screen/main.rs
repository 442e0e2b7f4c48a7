//! The screen by itself: what a frame costs, how long a filter takes, whether a flood of news or a large object keeps keys
//! waiting, how long plans are compared.
//!
//! ```sh
//! cargo bench --bench screen                 # missed bounds are told
//! cargo bench --bench screen -- --strict     # and fail
//! ```
//!
//! No cluster and no terminal: worlds made by hand, frames drawn into memory.

#![allow(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../console/figures.rs"]
mod figures;
mod plan;
mod world;

use std::env;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use figures::{Series, Verdict, millis};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tenantry::console::effect::Settings;
use tenantry::console::keymap::{Key, Keymap};
use tenantry::console::model::Model;
use tenantry::console::msg::Msg;
use tenantry::console::run::Console;
use tenantry::console::update::update;
use tenantry::console::view::draw;
use tenantry::console::view::theme::{Looks, Palette, Theme, Wish};
use tenantry::text::clock::Clock;

/// What must hold.
mod bound {
    use std::time::Duration;

    /// A frame of 160 by 50.
    pub(super) const FRAME: Duration = Duration::from_millis(1);
    /// A frame of many rows, as a multiple of one of few.
    pub(super) const ROWS: f64 = 1.5;
    /// A key of a filter over 20,000 rows, until the rows are made.
    pub(super) const FILTER: Duration = Duration::from_millis(16);
    /// The longest that a key waits in 99 of 100 cases while 10,000 events come in a second.
    pub(super) const FLOOD: Duration = Duration::from_millis(20);
    /// From a key to the frame, on 5,000 namespaces and 20,000 bindings, in 99 of 100 cases.
    pub(super) const KEY: Duration = Duration::from_millis(3);
    /// Allocations of a frame that changes nothing, per cell of the screen: texts are made, cells are not.
    pub(super) const ALLOCATIONS: f64 = 0.2;
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // `cargo test --benches` runs it without this: nothing is measured in a debug build.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let verdicts = [frames(), vec![filter(), flood(), keys()], plan::difference(), plan::keys()].concat();
    println!();
    for verdict in &verdicts {
        println!("{verdict}");
    }
    let missed = verdicts.iter().any(|verdict| !verdict.held);
    let strict = arguments.iter().any(|argument| argument == "--strict");
    if strict && missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn theme() -> Theme {
    let wish = Wish { theme: Some("slate".to_owned()), ..Wish::default() };
    Looks::new(wish, Palette::True).theme()
}

fn press(model: &mut Model, key: Key) {
    update(model, Msg::Key(key));
}

/// The value below which 99 of 100 lie.
fn p99(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() * 99 / 100).copied().map_or(f64::NAN, millis)
}

/// A frame of all namespaces: with few rows and with many in each pane, by turns, since these machines are noisy. A tenant has
/// one namespace here, so that few rows fill their pane, too: else the frame of few would be the one with less on it.
fn frames() -> Vec<Verdict> {
    let theme = theme();
    let model = |namespaces| {
        let mut model = world::model(namespaces, 1, namespaces, (160, 50));
        press(&mut model, Key::char('0'));
        press(&mut model, Key::char('j'));
        model
    };
    let (few, many) = (model(100), model(100_000));
    let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 50));
    let mut frame = |model: &Model| {
        let begin = Instant::now();
        buffer.reset();
        draw(model, &theme, &mut buffer);
        millis(begin.elapsed())
    };
    let pairs: Vec<(f64, f64)> = (0..300).map(|_| (frame(&few), frame(&many))).collect();
    let few_rows = Series::of(pairs.iter().map(|pair| pair.0));
    let many_rows = Series::of(pairs.iter().map(|pair| pair.1));
    println!("{}", few_rows.line("a frame of 160 x 50, 100 rows", "ms"));
    println!("{}", many_rows.line("a frame of 160 x 50, 100,000 rows", "ms"));
    let ratio = many_rows.median / few_rows.median;
    let counted = allocation_counter::measure(|| {
        frame(&few);
    });
    let per_cell = counted.count_total as f64 / (160.0 * 50.0);
    println!("allocations of a frame: {} ({per_cell:.3} per cell)", counted.count_total);
    vec![
        Verdict::new(
            "a frame",
            format!("{:.2} ms", many_rows.median),
            "1 ms".into(),
            many_rows.median <= millis(bound::FRAME),
        ),
        Verdict::new(
            "a frame of many rows",
            format!("{ratio:.2} x"),
            format!("{} x", bound::ROWS),
            ratio <= bound::ROWS,
        ),
        Verdict::new(
            "allocations per cell",
            format!("{per_cell:.3}"),
            bound::ALLOCATIONS.to_string(),
            per_cell <= bound::ALLOCATIONS,
        ),
    ]
}

/// Each key of a filter over 20,000 namespaces.
fn filter() -> Verdict {
    let mut model = world::model(20_000, world::SPACES, 0, (160, 50));
    press(&mut model, Key::char('0'));
    press(&mut model, "tab".parse().unwrap_or(Key::char('l')));
    let mut times = Vec::new();
    for _ in 0..20 {
        press(&mut model, Key::char('/'));
        for letter in "web !db 77".chars() {
            let begin = Instant::now();
            press(&mut model, Key::char(letter));
            times.push(begin.elapsed());
        }
        press(&mut model, Key::ctrl('c'));
    }
    let series = Series::of(times.iter().copied().map(millis));
    println!("{}", series.line("a key of a filter, 20,000 rows", "ms"));
    Verdict::time("a key of a filter, p99", p99(times), bound::FILTER)
}

fn console(namespaces: usize, bindings: usize) -> Option<Console<TestBackend>> {
    let Ok(terminal) = Terminal::new(TestBackend::new(160, 50));
    let looks = Looks::new(Wish::default(), Palette::True);
    let Ok(mut console) =
        Console::new(terminal, Keymap::shipped(), looks, Settings::default(), Clock::new(|| world::NOW * 1000));
    world::furnish(&mut console.model, namespaces, world::SPACES, bindings);
    console.draw().ok()?;
    Some(console)
}

/// 10,000 events in one second, in the portions and with the frames of the real loop; a key may come at any time, and waits
/// for what is being done then.
fn flood() -> Verdict {
    /// As in `console/run.rs`.
    const PORTION: usize = 65;
    let what = "a key among 10,000 events/s, p99";
    let Some(mut console) = console(5_000, 20_000) else {
        return Verdict::new(what, "no console".into(), String::new(), false);
    };
    let begin = Instant::now();
    let (mut waits, mut drawn, mut busy) = (Vec::new(), 0, Duration::ZERO);
    let mut event = 0;
    while event < 10_000 {
        // The next portion has arrived by now.
        let due = Duration::from_micros(100 * event as u64);
        std::thread::sleep(due.saturating_sub(begin.elapsed()));
        let turn = Instant::now();
        for _ in 0..PORTION {
            console.take(world::event(event));
            event += 1;
        }
        if console.frame_is_due() {
            drawn += 1;
            let _ = console.draw();
        }
        let key = Instant::now();
        if event % (PORTION * 4) == 0 {
            console.take(Msg::Key(Key::char('j')));
            let _ = console.draw();
        }
        busy += turn.elapsed();
        // A key that came when the turn began has waited for all of it.
        waits.push(turn.elapsed().max(key.elapsed()));
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!("10,000 events took {seconds:.2} s, {:.2} s of them busy; {drawn} frames for news", busy.as_secs_f64());
    let wait = p99(waits);
    let held = wait <= millis(bound::FLOOD) && f64::from(drawn) <= 61.0 * seconds;
    Verdict::new(what, format!("{wait:.1} ms, {drawn} frames"), "20 ms, 60 frames/s".into(), held)
}

/// Keys on a large platform, until the frame is in the terminal's hands.
fn keys() -> Verdict {
    let what = "a key to its frame, p99";
    let Some(mut console) = console(5_000, 20_000) else {
        return Verdict::new(what, "no console".into(), String::new(), false);
    };
    let mut times = Vec::new();
    for round in 0..60 {
        for name in ["j", "j", "pgdn", "tab", "j", "k", "backtab", "g", "shift-g", "k"] {
            let Ok(key) = name.parse() else { continue };
            let begin = Instant::now();
            console.take(Msg::Key(key));
            let _ = console.draw();
            if round > 0 {
                times.push(begin.elapsed());
            }
        }
    }
    let series = Series::of(times.iter().copied().map(millis));
    println!("{}", series.line("a key to its frame, 5,000 namespaces", "ms"));
    Verdict::time(what, p99(times), bound::KEY)
}
