//! Every key and every word of the command line, where nothing may be written: what leaves the console is looked at, not what
//! the console says of itself.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use http_body_util::BodyExt as _;
use kube::client::Body;
use tenantry::action::small;
use tenantry::cluster::embedded::{Embedded, Request, transport};
use tenantry::config::settings::{Config, Rule};
use tenantry::console::effect::Settings;
use tenantry::console::headless::{Headless, keys};
use tenantry::console::keymap::{Chord, Command, Keymap, Layer};
use tenantry::console::model::command_line::WORDS;
use tenantry::console::view::theme::Looks;
use tenantry::demo::clock::Clock;
use tenantry::demo::platform;

use crate::desk::Outcome;

/// How long the demo may take for anything.
const PATIENCE: Duration = Duration::from_secs(20);

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
    let rule = Rule { readonly: true, dryrun, ..Rule::default() };
    let settings = Settings {
        embedded: Some(embedded),
        journal: folder.join("journal.jsonl"),
        editor: Some("sed -i 's|^metadata:|metadata:\\n  annotations: {example.com/x: y}|'".to_owned()),
        config: Config { contexts: [("*".to_owned(), rule)].into(), ..Config::default() },
        ..Settings::default()
    };
    Ok((Headless::new(settings, Keymap::shipped(), Looks::default(), (80, 24)), sent))
}

/// Where one can be when a key is pressed.
const PLACES: [&str; 6] = [
    ": 'tenants oil' enter",
    ": 'ns oil-web' enter",
    ": 'rb oil-web' enter",
    ": 'tenants' enter * ",
    ": 'tenants oil' enter d",
    ": 'tenants oil' enter shift-c",
];

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
    let keymap = Keymap::shipped();
    let all = || Layer::ALL.iter().flat_map(|layer| keymap.commands(*layer));
    let text = |chord: &Chord| chord.keys().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    // These end the console, or give the terminal away, which there is none of here.
    let leaves = |command: &Command| matches!(command, Command::Quit | Command::Suspend | Command::Pager);
    let leaving: BTreeSet<String> =
        all().filter(|(command, _)| leaves(command)).flat_map(|(_, chords)| chords).map(text).collect();
    let chords: BTreeSet<String> =
        all().flat_map(|(_, chords)| chords).map(text).filter(|chord| !leaving.contains(chord)).collect();
    for place in PLACES {
        for chord in &chords {
            press(&mut console, place).await?;
            press(&mut console, chord).await?;
            press(&mut console, YES).await?;
        }
    }
    let words = WORDS.iter().filter(|word| !word.names.contains(&"quit") && !word.names.contains(&"suspend"));
    let words = words.flat_map(|word| word.names).map(|name| format!("{name} oil-web"));
    let arguments = |word: &str| if word == "scale" { "0" } else { "example.com/x=y" };
    let small = small::ALL.iter().map(|small| format!("{} {}", small.word, arguments(small.word)));
    for word in words.chain(small) {
        press(&mut console, PLACES[0]).await?;
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
    Ok(())
}
