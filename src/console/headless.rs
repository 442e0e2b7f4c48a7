//! The console without a terminal: for `tenantry snapshot`, and for tests that press keys and read screens.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use tokio::time::{Instant, timeout_at};

use super::effect::Settings;
use super::keymap::{Key, Keymap};
use super::model::Model;
use super::run::{Console, Turn, wall_clock};
use super::terminal::Input;
use super::view::theme::Looks;
use crate::text::clock::Clock;
use crate::world::Link;
use crate::world::freshness::Freshness;

/// Between two keys a person would need some time; time that need not be waited for, only told.
const BETWEEN_KEYS: i64 = 250;

/// A console whose screen is a buffer.
pub struct Headless {
    console: Console<TestBackend>,
    ahead: Arc<AtomicI64>,
}

/// What a text of keys means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysError(String);

impl std::fmt::Display for KeysError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeysError {}

/// Reads keys: names as in `keymap.toml`, separated by spaces; text in single quotes is typed character by character.
/// `shift-c y`, `: 'ns oil-web' enter`.
pub fn keys(text: &str) -> Result<Vec<Key>, KeysError> {
    let mut keys = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('\'').filter(|quoted| quoted.contains('\'')) {
            let Some((typed, after)) = quoted.split_once('\'') else { break };
            keys.extend(typed.chars().map(Key::char));
            rest = after.trim_start();
        } else {
            let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let key = word.parse::<Key>().map_err(|error| KeysError(format!("the key {word}: {error}")))?;
            keys.push(key);
            rest = after.trim_start();
        }
    }
    Ok(keys)
}

impl Headless {
    /// A console of this size, opening what `settings` say.
    pub fn new(settings: Settings, keymap: Keymap, looks: Looks, size: (u16, u16)) -> Self {
        Self::by(wall_clock(), settings, keymap, looks, size)
    }

    /// The same by another clock, such as one that stands: then time only passes as it is told, and with every key.
    pub fn by(clock: Clock, settings: Settings, keymap: Keymap, looks: Looks, size: (u16, u16)) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let offset = Arc::clone(&ahead);
        let clock = Clock::new(move || clock.milliseconds() + offset.load(Ordering::Relaxed));
        let backend = TestBackend::new(size.0, size.1);
        let Ok(terminal) = Terminal::new(backend);
        let Ok(mut console) = Console::new(terminal, keymap, looks, settings, clock);
        let Ok(()) = console.start();
        Self { console, ahead }
    }

    /// What the screen knows.
    pub const fn model(&self) -> &Model {
        &self.console.model
    }

    /// The screen.
    pub const fn buffer(&self) -> &Buffer {
        self.console.frame()
    }

    /// The screen as text, trailing spaces cut.
    pub fn screen(&self) -> String {
        text(self.buffer())
    }

    /// Tells the console that time has passed, without waiting for it.
    pub fn pass(&mut self, milliseconds: i64) {
        self.ahead.fetch_add(milliseconds, Ordering::Relaxed);
        self.console.tick();
        let Ok(()) = self.console.draw();
    }

    /// Presses a key.
    pub async fn press(&mut self, key: Key) -> Turn {
        self.ahead.fetch_add(BETWEEN_KEYS, Ordering::Relaxed);
        let Ok(turn) = self.console.turn(async { Some(Input::Key(key)) }).await;
        turn
    }

    /// Runs the editor or the pager, if one was asked for.
    pub async fn visit(&mut self) {
        self.console.visit().await;
    }

    /// Types text.
    pub async fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.press(Key::char(c)).await;
        }
    }

    /// Pastes text.
    pub async fn paste(&mut self, text: &str) {
        let text = text.to_owned();
        let Ok(_) = self.console.turn(async { Some(Input::Paste(text)) }).await;
    }

    /// Gives the terminal another size.
    pub async fn resize(&mut self, columns: u16, rows: u16) {
        self.console.resize_backend(columns, rows);
        let Ok(_) = self.console.turn(async { Some(Input::Resize(columns, rows)) }).await;
    }

    /// Runs until `done` is true of the console, at most for `patience`. On failure the last screen is the error.
    pub async fn until(
        &mut self,
        what: &str,
        patience: Duration,
        mut done: impl FnMut(&Self) -> bool,
    ) -> Result<(), String> {
        let deadline = Instant::now() + patience;
        loop {
            // What the model knows and what is on the screen must be the same when somebody looks.
            let Ok(()) = self.console.draw_if_dirty();
            if done(self) {
                return Ok(());
            }
            let turn = timeout_at(deadline, self.console.listen()).await;
            match turn {
                Ok(Ok(Turn::Went)) => {}
                Ok(Ok(Turn::Over)) if done(self) => return Ok(()),
                Ok(Ok(Turn::Over)) => return Err(format!("the console ended before: {what}\n{}", self.screen())),
                Err(_) if done(self) => return Ok(()),
                Err(_) => return Err(format!("within {patience:?} not: {what}\n{}", self.screen())),
            }
        }
    }

    /// Runs until nothing is being loaded, asked or awaited any more.
    pub async fn settle(&mut self, patience: Duration) -> Result<(), String> {
        self.until("everything is loaded and answered", patience, Self::is_settled).await
    }

    /// Whether nothing is being loaded, asked or awaited.
    pub fn is_settled(&self) -> bool {
        self.console.has_answered() && is_settled(self.model())
    }
}

/// The same, as far as the model tells.
fn is_settled(model: &Model) -> bool {
    use super::model::overlay::Overlay;
    if model.here.unopened.is_some() || matches!(model.here.world.link, Link::Down { .. }) {
        return true;
    }
    let opening = match model.overlays.last() {
        Some(Overlay::Plan(dialog)) => dialog.asking.is_some(),
        Some(Overlay::Document(document)) => document.is_awaited(),
        Some(Overlay::Contexts(_)) => model.reach.values().any(|reach| *reach == super::msg::Reach::Asking),
        Some(Overlay::Rights(page)) => page.is_asking(),
        Some(Overlay::Objects(objects)) => {
            let piecewise = objects.namespace.is_none() && objects.rows.sources().awaits(&model.here.wanted);
            piecewise || matches!(objects.freshness(), Freshness::Loading)
        }
        _ => false,
    };
    // Where a list is refused, single namespaces stand in for it.
    let loading = model.here.world.awaits(&model.here.wanted)
        || model.here.world.webhooks.iter().any(|store| matches!(store.sources().overall(), Freshness::Loading))
        || model.here.world.sources().any(|(_, sources)| matches!(sources.overall(), Freshness::Loading));
    let probing = model.here.probed.is_some()
        && model.here.world.webhook_health == crate::world::capsule::WebhookHealth::NotAsked;
    (model.here.world.identity.is_some() || model.here.world.identity_refused.is_some())
        && model.here.world.era != crate::world::capsule::Era::Unknown
        && model.here.world.version.is_some()
        && model.here.world.workloads.len() == crate::world::workload::WorkloadKind::ALL.len()
        && model.here.world.link == Link::Up
        && !loading
        && !probing
        && !opening
        && model.fetching.is_none()
        && model.drafting.is_none()
        && model.unread.is_none()
        && model.trying.is_none()
        && model.here.awaited.iter().all(|awaited| awaited.late)
}

/// A buffer as text, trailing spaces cut.
pub fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut lines = Vec::with_capacity(area.height as usize);
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in area.left()..area.right() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            // A wide character fills the cell after it too.
            skip = crate::text::width::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::keymap::Code;

    #[test]
    fn keys_are_names_and_quoted_text() {
        let read = keys(": 'ns a' enter shift-c '").unwrap();
        let expected = [Key::char(':'), Key::char('n'), Key::char('s'), Key::char(' '), Key::char('a')];
        assert_eq!(read[..5], expected);
        assert_eq!(read[5..], [Key::plain(Code::Enter), Key::char('C'), Key::char('\'')]);
        assert!(keys("wrong-key").is_err());
    }
}
