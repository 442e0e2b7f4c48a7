//! Every key and every word of the command line, where nothing may be written: what leaves the console is looked at, not what
//! the console says of itself.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde_json::json;
use tenantry::action::small;
use tenantry::cluster::embedded::{Embedded, Request, transport};
use tenantry::config::settings::{Config, ReadOnly, Rule};
use tenantry::console::effect::Settings;
use tenantry::console::headless::{Headless, keys};
use tenantry::console::keymap::{Chord, Command, Keymap, Layer};
use tenantry::console::model::command_line::WORDS;
use tenantry::console::view::theme::Looks;
use tenantry::demo::clock::Clock;
use tenantry::demo::platform;
use tenantry::journal::{Entry, Journal};
use tenantry::plan::record::Record;
use tenantry::plan::{Before, Change, ObjectRef, Propagation, Step, Target};

use crate::desk::Outcome;

/// How long the demo may take for anything.
const PATIENCE: Duration = Duration::from_mins(2);

/// What was sent that is no read.
#[derive(Debug, Clone, Default)]
struct Sent(Arc<Mutex<Vec<String>>>);

impl Sent {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A console on a demo of its own, and what it sends.
fn console(folder: &Path, dryrun: bool) -> Result<(Headless, Sent), String> {
    let sent = Sent::default();
    let demo = platform::lke_demo(Clock::Wall, 1);
    let line = sent.clone();
    let service = transport(tower::service_fn(move |request: Request| {
        let (demo, line) = (demo.clone(), line.clone());
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            let path = parts.uri.path();
            let reviews_us = path.rsplit('/').next().is_some_and(|kind| kind.starts_with("selfsubject"));
            if parts.method != Method::GET && !reviews_us {
                let query = parts.uri.query().unwrap_or_default();
                let is_dry =
                    query.contains("dryRun=All") || String::from_utf8_lossy(&body).contains("\"dryRun\":[\"All\"]");
                let what = if is_dry { "tries" } else { "writes" };
                let told = format!("{what} {} {path}", parts.method);
                line.0.lock().unwrap_or_else(PoisonError::into_inner).push(told);
            }
            demo.service().answer(Request::from_parts(parts, Body::from(body.to_vec()))).await
        }
    }));
    let kubeconfig = platform::kubeconfig(&platform::IN_PROCESS);
    let servers = [("lke-demo.invalid".to_owned(), service)];
    let embedded = Embedded::new("the demo", kubeconfig, servers).map_err(|trouble| trouble.to_string())?;
    let rule = Rule { readonly: ReadOnly::Always, dryrun, ..Rule::default() };
    let settings = Settings {
        embedded: Some(embedded),
        journal: folder.join("journal.jsonl"),
        editor: Some("sed -i 's|^metadata:|metadata:\\n  annotations: {example.com/x: y}|'".to_owned()),
        config: Config { contexts: [("*".to_owned(), rule)].into(), ..Config::default() },
        ..Settings::default()
    };
    Ok((Headless::new(settings, Keymap::shipped(), Looks::default(), (80, 24)), sent))
}

/// The keys of panes, of pages, of the dialog that shows a plan.
const TABLE: &[Layer] = &[Layer::Table, Layer::Global];
const PAGE: &[Layer] = &[Layer::Page, Layer::Global];
const PLAN: &[Layer] = &[Layer::Plan];

/// Where one can be when a key is pressed, and the keys that mean something there. `FILE` is a manifest.
const PLACES: [(&str, &[Layer]); 12] = [
    // In one place of each sort all keys are pressed, whatever they mean.
    (": 'tenants oil' enter", Layer::ALL),
    (": 'tenants oil' enter d", Layer::ALL),
    (": 'tenants oil' enter shift-c", Layer::ALL),
    (": 'ns oil-web' enter", TABLE),
    (": 'rb oil-web' enter", TABLE),
    (": 'tenants' enter * ", TABLE),
    (": 'deploy oil-web' enter", PAGE),
    (": 'deploy oil-web' enter y", PAGE),
    (": 'journal' enter", PAGE),
    (": 'journal' enter enter", PAGE),
    (": 'ns oil-web' enter ctrl-d", PLAN),
    (": 'work FILE' enter", PLAN),
];

/// A plan of earlier that was cut off after its first step: it can be finished, and taken back.
fn cut_off(journal: &Path, target: Target) -> Outcome {
    let map = |name: &str| ObjectRef::namespaced("/api/v1", "configmaps", "ConfigMap", "oil-web", name);
    let manifest = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "oil-web"}});
    let record = |name: &str, change: Change, before: Before| {
        Record::of(&Step { object: map(name), change, before, answer: None, source: None }, 0)
    };
    // Gone, so that to take it back is to make it; and never made, so that to finish is to make it.
    let gone = record("gone", Change::Delete(Propagation::Background), Before::Present(manifest("gone")));
    let never = record("never", Change::Create(manifest("never")), Before::Absent);
    let Target { context, server, user, impersonation } = target;
    let begun = Entry::Begun {
        plan: "cut".to_owned(),
        at: 1,
        pid: 0,
        title: "Two maps".to_owned(),
        context,
        server,
        user,
        impersonation,
        relation: None,
        trial: None,
        kept: None,
        steps: vec![gone, never],
    };
    let mut journal = Journal::open(journal).map_err(|trouble| trouble.to_string())?;
    for entry in [begun, Entry::Sent { plan: "cut".to_owned(), at: 1, steps: vec![0] }] {
        journal.append(&entry).map_err(|trouble| trouble.to_string())?;
    }
    Ok(())
}

/// What one might answer then.
const YES: &str = "y ' oil' enter t shift-t enter y esc esc esc esc esc";

async fn press(console: &mut Headless, text: &str) -> Outcome {
    for key in keys(text).map_err(|error| error.to_string())? {
        console.press(key).await;
        console.visit().await;
    }
    console.settle(PATIENCE).await
}

async fn sweep(dryrun: bool) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (mut console, sent) = console(folder.path(), dryrun)?;
    console.settle(PATIENCE).await?;
    cut_off(&folder.path().join("journal.jsonl"), console.model().here.target())?;
    let file = folder.path().join("site.yaml");
    std::fs::write(
        &file,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: site, namespace: oil-web}\ndata: {a: b}\n",
    )
    .map_err(|error| error.to_string())?;
    let places = PLACES.map(|(place, layers)| (place.replace("FILE", &file.display().to_string()), layers));
    let keymap = Keymap::shipped();
    let all = || Layer::ALL.iter().flat_map(|layer| keymap.commands(*layer));
    let text = |chord: &Chord| chord.keys().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    // These end the console, or give the terminal away, which there is none of here.
    let leaves = |command: &Command| matches!(command, Command::Quit | Command::Suspend | Command::Pager);
    let leaving: BTreeSet<String> =
        all().filter(|(command, _)| leaves(command)).flat_map(|(_, chords)| chords).map(text).collect();
    for (place, layers) in &places {
        let known = layers.iter().flat_map(|layer| keymap.commands(*layer)).flat_map(|(_, chords)| chords);
        let chords: BTreeSet<String> = known.map(text).filter(|chord| !leaving.contains(chord)).collect();
        for chord in &chords {
            press(&mut console, place).await?;
            press(&mut console, chord).await?;
            press(&mut console, YES).await?;
        }
    }
    let words = WORDS.iter().filter(|word| !word.names.contains(&"quit") && !word.names.contains(&"suspend"));
    let words = words.flat_map(|word| word.names).map(|name| format!("{name} oil-web"));
    let words = words.chain([format!("work {}", file.display())]);
    let arguments = |word: &str| if word == "scale" { "0" } else { "example.com/x=y" };
    let small = small::ALL.iter().map(|small| format!("{} {}", small.word, arguments(small.word)));
    for word in words.chain(small) {
        press(&mut console, PLACES[0].0).await?;
        press(&mut console, &format!(": '{word}' enter")).await?;
        press(&mut console, YES).await?;
    }
    if !console.screen().contains("RO") {
        return Err(format!("it is not read-only any more:\n{}", console.screen()));
    }
    Ok(sent.all())
}

/// Nothing is written, and nothing is tried.
pub async fn a_read_only_console_sends_no_write() -> Outcome {
    let sent = sweep(false).await?;
    assert!(sent.is_empty(), "{sent:?}");
    Ok(())
}

/// Nothing is written; where that is allowed, the server is asked what would be.
pub async fn a_read_only_console_tries_where_it_may() -> Outcome {
    let sent = sweep(true).await?;
    let writes: Vec<&String> = sent.iter().filter(|sent| !sent.starts_with("tries")).collect();
    assert!(writes.is_empty(), "{writes:?}");
    // Else the keys have reached nothing that writes, and this proves nothing.
    for path in ["/tenants/oil", "/namespaces/oil-web"] {
        assert!(sent.iter().any(|sent| sent.contains("PATCH") && sent.ends_with(path)), "{path}: {sent:?}");
    }
    assert!(sent.iter().any(|sent| sent.contains("DELETE")), "{sent:?}");
    // The workbench's apply, and what the journal offers to finish and to take back.
    assert!(sent.iter().any(|sent| sent.contains("PATCH") && sent.ends_with("/configmaps/site")), "{sent:?}");
    assert!(
        sent.iter().filter(|sent| sent.contains("POST") && sent.ends_with("/oil-web/configmaps")).count() > 1,
        "{sent:?}"
    );
    Ok(())
}
