//! What the screen knows. No input or output, no clock: `now` comes in by message.

pub mod arrangement;
pub mod beside;
pub mod columns;
pub mod command_line;
pub mod document;
pub mod filter;
pub mod form;
pub mod k9s;
pub mod kept;
pub mod list;
mod memo;
pub mod objects;
pub mod offer;
pub mod opening;
pub mod overlay;
pub mod page;
pub mod past_page;
pub mod places;
pub mod plan;
pub mod plan_page;
pub mod rights;
pub mod rows;
pub mod why;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::action::Selection;
use crate::plan::history::{Fate, Past};
use crate::plan::trace::Trace;
use crate::plan::{Digest, Goal};
use crate::world::identity::Expiry;
use crate::world::trouble::Trouble;
use arrangement::Arrangement;
use beside::Beside;
use opening::{Opening, Trying};
use overlay::{Overlay, Prompt};
use places::Places;
use plan::{DiffForm, Drafting, Kept};

use super::keymap::{Key, Keymap, Layer};
use super::msg::{ContextLine, Reach};

/// The four panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pane {
    /// Tenants.
    #[default]
    Tenants,
    /// Namespaces.
    Namespaces,
    /// Grants, or raw bindings.
    Access,
    /// Who we are, and what Capsule is.
    Identity,
}

impl Pane {
    /// All panes, in the order of `tab`.
    pub const ALL: [Self; 4] = [Self::Tenants, Self::Namespaces, Self::Access, Self::Identity];
}

/// Which namespaces the right-hand panes are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Breadth {
    /// Those of the selected tenant.
    #[default]
    Tenant,
    /// All of the cluster, also those of no tenant.
    All,
}

/// Everything the screen knows.
#[derive(Debug)]
pub struct Model {
    /// The opening of a context that is on the screen.
    pub here: Opening,
    /// The number that was given to an opening last.
    pub generations: u64,
    /// The server is being asked whether it may be seen so.
    pub trying: Option<Trying>,
    /// Other openings that stay at hand, the one that was left last at the end.
    pub away: Vec<Opening>,
    /// The one of them that is shown beside.
    pub beside: Option<Beside>,
    /// The contexts on file.
    pub contexts: Vec<ContextLine>,
    /// Whether their clusters can be reached, as far as that was asked since the list is open.
    pub reach: BTreeMap<String, Reach>,
    /// The request by which that is being asked.
    pub probing: Option<u64>,
    /// The keys.
    pub keymap: Keymap,
    /// The keys of a chord that was begun.
    pub pressed: Vec<Key>,
    /// The focused pane fills the screen.
    pub zoom: bool,
    /// How the panes share a wide screen.
    pub side_by_side: Arrangement,
    /// How they share another.
    pub stacked: Arrangement,
    /// What lies over the panes, the topmost last.
    pub overlays: Vec<Overlay>,
    /// The text field, if one is open.
    pub prompt: Option<Prompt>,
    /// Where one has been, and places pinned on digits.
    pub places: Places,
    /// Commands typed earlier, the latest last.
    pub history: Vec<String>,
    /// Everything that was said, the latest last.
    pub messages: Vec<Message>,
    /// Until when the latest message stands in the hint line (milliseconds).
    pub toast_until: i64,
    /// The plan that the last drawn frame showed completely answered, and since when (milliseconds).
    pub drawn: Option<(Digest, i64)>,
    /// A plan that is being made of what must be read first.
    pub drafting: Option<Drafting>,
    /// How plans show what would be another.
    pub diff_form: DiffForm,
    /// A text that was edited and could not be used.
    pub kept_text: Option<Kept>,
    /// Earlier plans, the latest last: those of this run, and once it was read those of the journal.
    pub pasts: Vec<Past>,
    /// The journal was read.
    pub journal_read: bool,
    /// That something is on trial was said when the console was to be quit.
    pub reminded: bool,
    /// Numbers requests, so that late answers are told from current ones.
    pub requests: u64,
    /// The request of the document that is being followed.
    pub looking: Option<u64>,
    /// The request of the page of objects that is being followed.
    pub listing: Option<u64>,
    /// A command that waits for the server to say which kinds it has.
    pub unread: Option<String>,
    /// What is being fetched for an action, if anything.
    pub fetching: Option<Fetching>,
    /// Milliseconds since the epoch.
    pub now: i64,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The console is to end.
    pub quit: bool,
}

/// An action that waits for objects to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetching {
    /// The request.
    pub request: u64,
    /// Which action.
    pub action: &'static str,
    /// What it is to act on.
    pub selection: Selection,
    /// Since when (milliseconds).
    pub since: i64,
}

/// An applied plan whose goal is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// The condition.
    pub goal: Goal,
    /// Since when (milliseconds).
    pub since: i64,
    /// What was missing when it was last looked at.
    pub missing: Vec<String>,
    /// The deadline has passed, and that was said.
    pub late: bool,
}

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something was done.
    Done,
    /// Something is going on.
    Info,
    /// Something was not done.
    Warning,
    /// Something failed.
    Failure,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When (milliseconds).
    pub at: i64,
    /// How much it matters.
    pub level: Level,
    /// The sentence.
    pub text: String,
    /// What to do about it; may be empty.
    pub advice: String,
    /// The exact words from below; may be empty.
    pub detail: String,
    /// How often it was said without anything between, the last time then.
    pub times: u32,
}

/// How long a message stays in the hint line, in milliseconds: longer when it says that something went wrong.
const TOAST: i64 = 6_000;
const TOAST_FAILURE: i64 = 15_000;
/// How many messages are kept. What only told of something going on gives way before what went wrong.
const MESSAGES: usize = 5_000;

impl Model {
    /// An empty screen of this size at this time (milliseconds).
    pub fn new(keymap: Keymap, read_only: bool, size: (u16, u16), now: i64) -> Self {
        Self {
            here: Opening::new(0, read_only),
            generations: 0,
            trying: None,
            away: Vec::new(),
            beside: None,
            contexts: Vec::new(),
            reach: BTreeMap::new(),
            probing: None,
            keymap,
            pressed: Vec::new(),
            zoom: false,
            side_by_side: Arrangement::default(),
            stacked: Arrangement::default(),
            overlays: Vec::new(),
            prompt: None,
            places: Places::default(),
            history: Vec::new(),
            messages: Vec::new(),
            toast_until: 0,
            drawn: None,
            drafting: None,
            diff_form: DiffForm::default(),
            kept_text: None,
            pasts: Vec::new(),
            journal_read: false,
            reminded: false,
            requests: 0,
            looking: None,
            listing: None,
            unread: None,
            fetching: None,
            now,
            size,
            quit: false,
        }
    }

    /// Unix seconds.
    pub const fn seconds(&self) -> i64 {
        self.now / 1000
    }

    /// Says something: it stands in the hint line for a while and stays in the messages.
    pub fn say(&mut self, level: Level, text: impl Into<String>) {
        self.tell(level, text.into(), String::new(), String::new());
    }

    /// Says that something failed.
    pub fn say_trouble(&mut self, level: Level, trouble: &Trouble) {
        self.tell(level, trouble.what.clone(), trouble.advice.clone(), trouble.detail.clone());
    }

    fn tell(&mut self, level: Level, text: String, advice: String, detail: String) {
        let at = self.now;
        self.toast_until = at + if level >= Level::Warning { TOAST_FAILURE } else { TOAST };
        let is_same = |last: &mut Message| {
            last.level == level && last.text == text && last.advice == advice && last.detail == detail
        };
        let before = self.messages.pop_if(is_same).map_or(0, |last| last.times);
        self.messages.push(Message { at, level, text, advice, detail, times: before + 1 });
        if self.messages.len() > MESSAGES {
            let first = self.messages.iter().position(|message| message.level <= Level::Info);
            self.messages.remove(first.unwrap_or_default());
        }
    }

    /// The message that stands in the hint line now.
    pub fn toast(&self) -> Option<&Message> {
        self.messages.last().filter(|_| self.now < self.toast_until)
    }

    /// The layers that keys are looked up in, the topmost first.
    pub fn layers(&self) -> &'static [Layer] {
        layers_of(self.overlays.last())
    }

    /// What actions act on: the page that is open, or the row under the cursor of the focused pane.
    pub fn selection(&self) -> Selection {
        match self.overlays.last() {
            Some(Overlay::Namespace { name, .. }) => Selection::Namespace(name.clone()),
            Some(Overlay::Objects(objects)) => objects.selection(),
            Some(_) => Selection::Nothing,
            None => self.here.row(),
        }
    }

    /// Whether all panes stand side by side.
    pub fn is_wide(&self) -> bool {
        self.columns() >= super::view::layout::SIDE_BY_SIDE
    }

    /// How the panes share this screen.
    pub fn arrangement(&self) -> &Arrangement {
        if self.is_wide() { &self.side_by_side } else { &self.stacked }
    }

    /// The same, to be changed.
    pub fn arrangement_mut(&mut self) -> &mut Arrangement {
        if self.is_wide() { &mut self.side_by_side } else { &mut self.stacked }
    }

    /// The panes that are shown, in the order of `tab`.
    pub fn panes(&self) -> Vec<Pane> {
        Pane::ALL.into_iter().filter(|pane| self.arrangement().shows(*pane)).collect()
    }

    /// What is on trial in this cluster.
    pub fn trials(&self) -> Vec<&Past> {
        self.trials_of(&self.here)
    }

    /// What is on trial in the cluster of an opening.
    pub fn trials_of(&self, opening: &Opening) -> Vec<&Past> {
        let server = opening.world.place.as_ref().map(|place| place.server.as_str());
        let is_one =
            |past: &&Past| past.trial.is_some() && Some(past.target.server.as_str()) == server && past.done() > 0;
        self.pasts.iter().filter(is_one).collect()
    }

    /// What of ours may have left events: what was asked, and what was applied.
    pub fn traces(&self) -> Vec<Trace> {
        let server = self.here.target().server;
        let mut traces: Vec<Trace> = self.here.asked.iter().map(|(_, trace)| trace.clone()).collect();
        for past in self.pasts.iter().filter(|past| past.target.server == server) {
            let sent =
                past.steps.iter().filter(|(_, fate)| matches!(fate, Fate::Done(_) | Fate::Unknown | Fate::Failed(_)));
            traces.extend(sent.map(|(record, _)| Trace {
                tenant: self.here.tenant_of(&record.object),
                object: record.object.clone(),
                from: past.at,
                until: past.ended,
                tried: false,
            }));
        }
        traces
    }

    /// A new number for a request.
    pub const fn next_request(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    /// When something on the screen changes by the mere passing of time, in milliseconds since the epoch.
    pub fn next_deadline(&self) -> Option<i64> {
        let toast = self.toast().map(|_| self.toast_until);
        let goals = self.here.awaited.iter().filter(|awaited| !awaited.late).map(Awaited::deadline);
        let ages = self.shows_age().then(|| {
            let minute = 60_000;
            (self.now / minute + 1) * minute
        });
        let probe = super::update::next_probe(self).into_iter().chain(super::update::next_expiry(self));
        let trials = self.pasts.iter().filter(|past| past.ran_here);
        let trials = trials.filter_map(|past| Some(past.trial?.until? * 1000)).filter(|until| *until > self.now);
        toast.into_iter().chain(goals).chain(ages).chain(probe).chain(trials).min()
    }

    /// Whether something on the screen tells how old it is.
    fn shows_age(&self) -> bool {
        use crate::world::Link;
        use crate::world::freshness::Freshness;
        let expiry = self.here.world.place.as_ref().map(|place| place.proof.validity().expiry(self.seconds()));
        if matches!(expiry, Some(Expiry::Soon(_))) {
            return true;
        }
        matches!(self.here.world.link, Link::Down { .. })
            || matches!(self.here.world.freshness(), Freshness::Stale { .. })
            || self.columns() >= super::view::WIDE
            || matches!(
                self.overlays.last(),
                Some(Overlay::Objects(_) | Overlay::Namespace { .. } | Overlay::Messages { .. } | Overlay::Document(_))
            )
    }

    /// How many rows the table of `pane` can show; as the view lays it out.
    pub fn visible_rows(&self, pane: Pane) -> usize {
        super::view::layout::table_height(&super::view::layout::whole(self).here, pane)
    }
}

/// The layers that keys are looked up in where this is on top.
fn layers_of(top: Option<&Overlay>) -> &'static [Layer] {
    let [panes, page, plan, form] = Layer::OPEN;
    match top {
        None | Some(Overlay::Objects(_) | Overlay::Rights(_)) => panes,
        Some(Overlay::Plan(dialog)) if dialog.form.is_some() => form,
        Some(Overlay::Plan(_)) => plan,
        Some(_) => page,
    }
}

impl Awaited {
    /// When its goal is late (milliseconds).
    pub const fn deadline(&self) -> i64 {
        self.since + self.goal.deadline() * 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_wrong_is_not_lost_under_what_went_on() {
        let mut model = Model::new(Keymap::shipped(), false, (80, 24), 0);
        model.say(Level::Failure, "the disk is full");
        for step in 0..2 * MESSAGES {
            model.say(Level::Info, format!("step {step}"));
        }
        let last = model.messages.last().cloned();
        model.now += 5;
        model.say(Level::Info, last.map(|message| message.text).unwrap_or_default());
        assert_eq!(model.messages.last().map(|message| (message.times, message.at)), Some((2, 5)));
        assert_eq!(model.messages.len(), MESSAGES);
        assert_eq!(model.messages.first().map(|message| message.text.as_str()), Some("the disk is full"));
        let last = format!("step {}", 2 * MESSAGES - 1);
        assert_eq!(model.messages.last().map(|message| &message.text), Some(&last));
    }
}
