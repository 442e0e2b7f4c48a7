//! What the screen knows. No input or output, no clock: `now` comes in by message.

pub mod list;
pub mod overlay;
pub mod page;
pub mod rows;

use std::collections::BTreeSet;

use crate::action::Selection;
use crate::plan::{Digest, Goal, Target};
use crate::world::World;
use crate::world::name::Name;
use crate::world::trouble::Trouble;
use list::List;
use overlay::{Overlay, Prompt};
use rows::AccessRow;

use super::keymap::{Keymap, Layer};
use super::msg::ContextLine;

/// The four panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
    /// The cluster.
    pub world: World,
    /// Which opening of a context `world` belongs to.
    pub generation: u64,
    /// Why the context could not be opened.
    pub unopened: Option<Trouble>,
    /// The context asked for, shown until its place is known.
    pub asked_context: Option<String>,
    /// The contexts on file.
    pub contexts: Vec<ContextLine>,
    /// Whether writes are refused.
    pub read_only: bool,
    /// The namespace in force for this session.
    pub namespace: Option<Name>,
    /// Namespaces that were named: by kubeconfig, flags, typing, or earlier sessions. They stand in for a refused list.
    pub named: BTreeSet<Name>,
    /// The keys.
    pub keymap: Keymap,
    /// The pane that keys go to.
    pub focus: Pane,
    /// Which of access and identity was looked at last: where there is no room for both, it is shown.
    pub lower: Pane,
    /// The focused pane fills the screen.
    pub zoom: bool,
    /// The tenants pane.
    pub tenants: List<Name>,
    /// The namespaces pane.
    pub namespaces: List<Name>,
    /// The access pane.
    pub access: List<AccessRow>,
    /// The identity pane's first visible line.
    pub identity_scroll: usize,
    /// Raw bindings instead of grants.
    pub raw: bool,
    /// All namespaces instead of the tenant's.
    pub breadth: Breadth,
    /// Access is about the selected namespace alone, since that pane was focused last.
    pub narrow: bool,
    /// What lies over the panes, the topmost last.
    pub overlays: Vec<Overlay>,
    /// The text field, if one is open.
    pub prompt: Option<Prompt>,
    /// Commands typed earlier, the latest last.
    pub history: Vec<String>,
    /// Everything that was said, the latest last.
    pub messages: Vec<Message>,
    /// Until when the latest message stands in the hint line (milliseconds).
    pub toast_until: i64,
    /// Applied plans whose goal is awaited.
    pub awaited: Vec<Awaited>,
    /// The plan that the last drawn frame showed completely answered, and since when (milliseconds).
    pub drawn: Option<(Digest, i64)>,
    /// Numbers requests, so that late answers are told from current ones.
    pub requests: u64,
    /// What is being fetched for an action, if anything.
    pub fetching: Option<Fetching>,
    /// Milliseconds since the epoch.
    pub now: i64,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The namespaces last asked to be followed one by one.
    pub wanted: Vec<Name>,
    /// Whether the webhooks were asked since the connection stands, and when last (milliseconds).
    pub probed: Option<i64>,
    /// Credentials were refused, and the client has been built anew since.
    pub rebuilt: bool,
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
}

/// How long a message stays in the hint line, in milliseconds: longer when it says that something went wrong.
const TOAST: i64 = 6_000;
const TOAST_FAILURE: i64 = 15_000;
/// How many messages are kept.
const MESSAGES: usize = 500;

impl Model {
    /// An empty screen of this size at this time (milliseconds).
    pub fn new(keymap: Keymap, read_only: bool, size: (u16, u16), now: i64) -> Self {
        Self {
            world: World::default(),
            generation: 0,
            unopened: None,
            asked_context: None,
            contexts: Vec::new(),
            read_only,
            namespace: None,
            named: BTreeSet::new(),
            keymap,
            focus: Pane::default(),
            lower: Pane::Access,
            zoom: false,
            tenants: List::default(),
            namespaces: List::default(),
            access: List::default(),
            identity_scroll: 0,
            raw: false,
            breadth: Breadth::default(),
            narrow: false,
            overlays: Vec::new(),
            prompt: None,
            history: Vec::new(),
            messages: Vec::new(),
            toast_until: 0,
            awaited: Vec::new(),
            drawn: None,
            requests: 0,
            fetching: None,
            now,
            size,
            wanted: Vec::new(),
            probed: None,
            rebuilt: false,
            quit: false,
        }
    }

    /// Unix seconds.
    pub const fn seconds(&self) -> i64 {
        self.now / 1000
    }

    /// Says something: it stands in the hint line for a while and stays in the messages.
    pub fn say(&mut self, level: Level, text: impl Into<String>) {
        self.tell(Message { at: self.now, level, text: text.into(), advice: String::new(), detail: String::new() });
    }

    /// Says that something failed.
    pub fn say_trouble(&mut self, level: Level, trouble: &Trouble) {
        self.tell(Message {
            at: self.now,
            level,
            text: trouble.what.clone(),
            advice: trouble.advice.clone(),
            detail: trouble.detail.clone(),
        });
    }

    fn tell(&mut self, message: Message) {
        let stays = if message.level >= Level::Warning { TOAST_FAILURE } else { TOAST };
        self.toast_until = self.now + stays;
        self.messages.push(message);
        if self.messages.len() > MESSAGES {
            self.messages.remove(0);
        }
    }

    /// The message that stands in the hint line now.
    pub fn toast(&self) -> Option<&Message> {
        self.messages.last().filter(|_| self.now < self.toast_until)
    }

    /// The layers that keys are looked up in, the topmost first.
    pub fn layers(&self) -> &'static [Layer] {
        match self.overlays.last() {
            None => &[Layer::Table, Layer::Global],
            Some(Overlay::Plan(_)) => &[Layer::Plan],
            Some(_) => &[Layer::Page, Layer::Global],
        }
    }

    /// What actions act on: the page that is open, or the row under the cursor of the focused pane.
    pub fn selection(&self) -> Selection {
        match self.overlays.last() {
            Some(Overlay::Namespace { name, .. }) => Selection::Namespace(name.clone()),
            Some(_) => Selection::Nothing,
            None => self.row(),
        }
    }

    /// The row under the cursor of the focused pane, whatever lies over it.
    pub fn row(&self) -> Selection {
        match self.focus {
            Pane::Tenants => self.tenants.selected().cloned().map_or(Selection::Nothing, Selection::Tenant),
            Pane::Namespaces => self.namespaces.selected().cloned().map_or(Selection::Nothing, Selection::Namespace),
            Pane::Access | Pane::Identity => Selection::Nothing,
        }
    }

    /// What a plan made now would be valid for.
    pub fn target(&self) -> Target {
        let place = self.world.place.clone().unwrap_or_default();
        let user = self.world.identity.as_ref().map(|identity| identity.username.clone()).unwrap_or_default();
        Target { context: place.context, server: place.server, user }
    }

    /// A new number for a request.
    pub const fn next_request(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    /// When something on the screen changes by the mere passing of time, in milliseconds since the epoch.
    pub fn next_deadline(&self) -> Option<i64> {
        let toast = self.toast().map(|_| self.toast_until);
        let goals = self.awaited.iter().filter(|awaited| !awaited.late).map(Awaited::deadline);
        let ages = self.shows_age().then(|| {
            let minute = 60_000;
            (self.now / minute + 1) * minute
        });
        let probe = super::update::next_probe(self);
        toast.into_iter().chain(goals).chain(ages).chain(probe).min()
    }

    /// Whether something on the screen tells how old it is.
    fn shows_age(&self) -> bool {
        use crate::world::Link;
        use crate::world::freshness::Freshness;
        matches!(self.world.link, Link::Down { .. })
            || matches!(self.world.freshness(), Freshness::Stale { .. })
            || self.size.0 >= super::view::WIDE
            || matches!(self.overlays.last(), Some(Overlay::Namespace { .. } | Overlay::Messages { .. }))
    }

    /// How many rows the table of `pane` can show; as the view lays it out.
    pub fn visible_rows(&self, pane: Pane) -> usize {
        super::view::layout::table_height(self, pane)
    }
}

impl Awaited {
    /// When its goal is late (milliseconds).
    pub const fn deadline(&self) -> i64 {
        let Goal::Cordoned { deadline, .. } = &self.goal;
        self.since + *deadline * 1000
    }
}
