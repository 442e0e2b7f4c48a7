//! Screens of the demo: the whole program but its terminal, on the embedded cluster, at a time that is moved by hand.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use tenantry::cluster::embedded::{Embedded, transport};
use tenantry::console::effect::Settings;
use tenantry::console::headless::{Headless, keys};
use tenantry::console::keymap::Keymap;
use tenantry::console::model::Model;
use tenantry::console::view::theme::{Looks, Theme};
use tenantry::demo::clock;
use tenantry::demo::{Demo, platform};
use tenantry::text::clock::Clock;

use crate::golden::Screen;
use crate::stage::frame;

/// 2026-11-22 12:00 UTC.
const NOW: i64 = 1_795_348_800;
/// How old the platform becomes before anybody looks: its youngest pods have started.
const REST: SignedDuration = SignedDuration::from_mins(1);
/// How much time is left to the demo's controllers when something has been applied.
const REACTION: SignedDuration = SignedDuration::from_secs(1);
/// How long anything may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// A console that looks at the demo.
pub struct Scene {
    console: Headless,
    demo: Demo,
    // The journal lies in it.
    _folder: tempfile::TempDir,
}

/// A console that has no cluster to look at.
pub async fn nowhere(columns: u16, rows: u16) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { kubeconfig: Some("/nowhere/config".into()), ..Settings::default() };
    let clock = Clock::new(|| NOW * 1000);
    let mut console = Headless::by(clock, settings, Keymap::shipped(), Looks::default(), (columns, rows));
    console.settle(PATIENCE).await.unwrap_or_else(|screen| panic!("{screen}"));
    Scene { console, demo: platform(), _folder: folder }
}

/// The demo, at rest.
pub fn platform() -> Demo {
    let clock = clock::Clock::Hand(Timestamp::from_second(NOW).unwrap().checked_sub(REST).unwrap());
    let demo = platform::lke_demo(clock, 1);
    demo.advance(REST);
    demo
}

impl Scene {
    /// In a context of the demo, when everything is loaded.
    pub async fn open(demo: &Demo, context: &str, columns: u16, rows: u16) -> Self {
        Self::with_keys(Keymap::shipped(), demo, context, columns, rows).await
    }

    /// The same, with keys of one's own.
    pub async fn with_keys(keymap: Keymap, demo: &Demo, context: &str, columns: u16, rows: u16) -> Self {
        let servers = [("lke-demo.invalid".to_owned(), transport(demo.service()))];
        let embedded = Embedded::new("the demo", platform::kubeconfig(&platform::IN_PROCESS), servers).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            embedded: Some(embedded),
            context: Some(context.to_owned()),
            journal: folder.path().join("journal.jsonl"),
            ..Settings::default()
        };
        let clock = Clock::new(|| NOW * 1000);
        let console = Headless::by(clock, settings, keymap, Looks::default(), (columns, rows));
        let mut scene = Self { console, demo: demo.clone(), _folder: folder };
        scene.settle().await;
        scene
    }

    /// What the screen knows.
    pub fn model(&self) -> &Model {
        self.console.model()
    }

    /// Presses keys, and waits after each until everything that it asked for is there.
    pub async fn press(mut self, text: &str) -> Self {
        for key in keys(text).unwrap() {
            self.console.press(key).await;
            self.settle().await;
        }
        self
    }

    async fn settle(&mut self) {
        // What was applied is awaited, and its time does not pass by itself.
        let awaits = |console: &Headless| !console.model().here.awaited.is_empty();
        let applied =
            self.console.until("it was applied", PATIENCE, |console| awaits(console) || console.is_settled()).await;
        applied.unwrap_or_else(|screen| panic!("{screen}"));
        if awaits(&self.console) {
            self.demo.advance(REACTION);
        }
        self.console.settle(PATIENCE).await.unwrap_or_else(|screen| panic!("{screen}"));
    }
}

impl Screen for Scene {
    fn frame(&self, theme: &Theme) -> Buffer {
        frame(self.console.model(), theme)
    }
}
