//! Plans of large objects: comparing them, and what keys take while one is on the screen.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tenantry::console::keymap::Key;
use tenantry::console::model::document::{Document, Form};
use tenantry::console::model::overlay::Overlay;
use tenantry::console::model::plan::{Draft, Origin, PlanDialog};
use tenantry::console::msg::Msg;
use tenantry::plan::answered::Answered;
use tenantry::plan::diff::{diff, yaml};
use tenantry::plan::{Answer, Before, Change, ObjectRef, Plan, Stage, Step};

use crate::figures::{Series, Verdict, millis};
use crate::world;

/// What must hold.
mod bound {
    use std::time::Duration;

    /// The difference of two objects of 5,000 lines.
    pub(super) const DIFF: Duration = Duration::from_millis(20);
    /// A key while an object of 1 MiB is on the screen, until its frame: no frame of 60 in a second is missed.
    pub(super) const KEY: Duration = Duration::from_millis(16);
}

/// A Deployment with so many environment variables that it has 5,000 lines as YAML; every 50th has another value.
fn deployment(version: usize) -> Value {
    let variable = |number: usize| {
        let value = if number.is_multiple_of(50) { version } else { 0 };
        json!({"name": format!("VARIABLE_{number}"), "value": format!("value-{number}-{value}")})
    };
    let environment: Vec<Value> = (0..2_490).map(variable).collect();
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "site", "namespace": "oil-web", "uid": "u"},
        "spec": {"replicas": version, "template": {"spec": {"containers": [{"name": "web", "env": environment}]}}},
    })
}

pub fn difference() -> Vec<Verdict> {
    let (before, after) = (deployment(1), deployment(2));
    let time = |compare: &dyn Fn() -> usize| {
        let once = || {
            let begin = Instant::now();
            let found = compare();
            (millis(begin.elapsed()), found)
        };
        let (times, found): (Vec<f64>, Vec<usize>) = (0..15).map(|_| once()).unzip();
        (Series::of(times.into_iter()), found.first().copied().unwrap_or_default())
    };
    let paths = time(&|| diff("Deployment", &before, &after).shown.len());
    let lines = time(&|| yaml::unified("Deployment", &before, &after).len());
    println!("{}", paths.0.line(&format!("two objects of 5,000 lines, {} paths differ", paths.1), "ms"));
    println!("{}", lines.0.line("the same as YAML, one below the other", "ms"));
    vec![
        Verdict::time("a difference, by path", paths.0.median, bound::DIFF),
        Verdict::time("a difference, as YAML", lines.0.median, bound::DIFF),
    ]
}

/// A ConfigMap of 1 MiB: half of it a text of many lines, half of it one line.
fn config_map(version: usize) -> Value {
    let mut text = String::new();
    for line in 0..8_192 {
        let version = if line % 1_000 == 0 { version } else { 0 };
        let _ = writeln!(text, "key-{line:05} = {:<45} {version}", "value");
    }
    let blob = "0123456789abcdef".repeat(1 << 15);
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "huge", "namespace": "oil-web", "uid": "u", "resourceVersion": version.to_string()},
        "data": {"text": text, "blob": format!("{blob}{version}")},
    })
}

fn plan(before: Before, change: Change, answer: Answer) -> Plan {
    let object = ObjectRef::namespaced("/api/v1", "configmaps", "ConfigMap", "oil-web", "huge");
    let step = Step { object, change, before, answer: Some(answer), source: None };
    Plan { title: "Apply huge".into(), stages: vec![Stage { steps: vec![step], goal: None }], ..Plan::default() }
}

fn dialog(plan: Plan, details: bool) -> Overlay {
    let mut dialog =
        PlanDialog::new(plan.clone(), Origin::Draft(Draft::Given(Box::new(plan.clone()))), Vec::new(), 1, 0);
    dialog.answer(Answered::of(plan));
    dialog.details = details;
    Overlay::Plan(Box::new(dialog))
}

/// Keys while something large is open, until the frame is in the terminal's hands.
pub fn keys() -> Vec<Verdict> {
    let (before, after) = (config_map(1), config_map(2));
    let apply = || Change::Apply { manifest: after.clone(), force: false };
    let changed = plan(Before::Present(before), apply(), Answer::WouldChange(after.clone()));
    let created = plan(Before::Absent, apply(), Answer::WouldCreate(after.clone()));
    let mut document = Document::new(changed.stages[0].steps[0].object.clone(), Vec::new(), Form::Yaml, 1);
    document.saw(after.clone());
    let cases = [
        ("a plan that changes 1 MiB", dialog(changed.clone(), false)),
        ("the same with its commands", dialog(changed, true)),
        ("a plan that creates 1 MiB, with its commands", dialog(created, true)),
        ("the YAML of 1 MiB", Overlay::Document(Box::new(document))),
    ];
    cases.into_iter().filter_map(|(what, overlay)| measure(what, overlay)).collect()
}

fn measure(what: &str, overlay: Overlay) -> Option<Verdict> {
    let mut console = crate::console(100, 100)?;
    console.model.overlays.push(overlay);
    console.model.now = world::NOW * 1000;
    console.draw().ok()?;
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..5 {
        for name in ["j", "j", "pgdn", "k", "shift-g", "k", "g", "pgdn"] {
            let key: Key = name.parse().ok()?;
            let begin = Instant::now();
            console.take(Msg::Key(key));
            console.draw().ok()?;
            times.push(begin.elapsed());
        }
    }
    let series = Series::of(times.iter().copied().map(millis));
    println!("{}", series.line(&format!("a key: {what}"), "ms"));
    Some(Verdict::time(&format!("a key, p99: {what}"), crate::p99(times), bound::KEY))
}
