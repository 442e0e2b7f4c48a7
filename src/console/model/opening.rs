//! One opening of a context: all that is known and shown of it, and of nothing else. One is on the screen; those that were left
//! last stay at hand, so that to go back is to show what is known already.

use std::collections::BTreeSet;

use super::list::List;
use super::rows::AccessRow;
use super::{Awaited, Breadth, Model, Pane};
use crate::action::{Marked, Selection};
use crate::console::msg::Decided;
use crate::console::update::is_namespace_name;
use crate::plan::trace::Trace;
use crate::plan::{Confirm, ObjectRef, Target};
use crate::world::binding::Subject;
use crate::world::class::Class;
use crate::world::feed::Feed;
use crate::world::identity::{ActingAs, Expiry, Known, Place};
use crate::world::name::Name;
use crate::world::trouble::Trouble;
use crate::world::{Link, World};

/// How many worlds stay at hand beside the one on the screen. Each goes on being followed, so each costs its connections, and the
/// memory of its rows, once more.
pub const AT_HAND: usize = 2;

/// A cluster is seen as somebody else, since somebody asked for it here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenAs {
    /// As whom.
    pub acting_as: ActingAs,
    /// Who that is, as it was asked.
    pub subject: Subject,
    /// Who we are behind that, as the server said before; empty if it had not.
    pub by: String,
    /// The opening that this was asked in.
    pub from: u64,
}

/// The server is being asked whether we may act as somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trying {
    /// What is to be the opening, if we may.
    pub generation: u64,
    /// As whom, and where.
    pub seen_as: SeenAs,
    /// The namespaces that the subject is bound in, as far as is known here.
    pub named: BTreeSet<Name>,
    /// How many pages lay over the panes when it was asked.
    pub overlays: usize,
}

/// All that the screen knows of one opening of a context, and of nothing else.
#[derive(Debug)]
pub struct Opening {
    /// Which opening it is.
    pub generation: u64,
    /// The cluster.
    pub world: World,
    /// As whom the cluster is seen, if somebody asked for that here.
    pub seen_as: Option<SeenAs>,
    /// Why the context could not be opened.
    pub unopened: Option<Trouble>,
    /// The context asked for, shown until its place is known.
    pub asked_context: Option<String>,
    /// `current-context` was changed by somebody else since we look, to this.
    pub switched: Option<String>,
    /// What somebody else has changed in the entry of the open context.
    pub entry_changed: Option<String>,
    /// Whether writes are refused.
    pub read_only: bool,
    /// Why that cannot be changed for this session.
    pub locked: Option<&'static str>,
    /// How a plan is agreed to here.
    pub confirm: Confirm,
    /// What the context was called.
    pub class: Option<Class>,
    /// The theme for it, as it was configured.
    pub theme: Option<String>,
    /// The namespace in force for this session.
    pub namespace: Option<Name>,
    /// Namespaces that were named: by kubeconfig, flags, typing, or earlier sessions. They stand in for a refused list.
    pub named: BTreeSet<Name>,
    /// The pane that keys go to.
    pub focus: Pane,
    /// Which of access and identity was looked at last: where there is no room for both, it is shown.
    pub lower: Pane,
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
    /// Applied plans whose goal is awaited.
    pub awaited: Vec<Awaited>,
    /// What the server was asked of plans in this run, by request, the latest last.
    pub asked: Vec<(u64, Trace)>,
    /// The namespaces last asked to be followed one by one.
    pub wanted: Vec<Name>,
    /// Whether the webhooks were asked since the connection stands, and when last (milliseconds).
    pub probed: Option<i64>,
    /// Credentials were refused, and the client has been built anew since.
    pub rebuilt: bool,
    /// What was last kept of who we are.
    pub known: Option<Known>,
    /// What was last said of the end of our credential.
    pub expiry_told: Option<Expiry>,
    /// At what end of it the file that it comes from was last looked into.
    pub expiry_asked: Option<Expiry>,
}

impl Opening {
    /// One of which nothing is known yet.
    pub fn new(generation: u64, read_only: bool) -> Self {
        Self {
            generation,
            world: World::default(),
            seen_as: None,
            unopened: None,
            asked_context: None,
            switched: None,
            entry_changed: None,
            read_only,
            locked: None,
            confirm: Confirm::default(),
            class: None,
            theme: None,
            namespace: None,
            named: BTreeSet::new(),
            focus: Pane::default(),
            lower: Pane::Access,
            tenants: List::default(),
            namespaces: List::unused(),
            access: List::unused(),
            identity_scroll: 0,
            raw: false,
            breadth: Breadth::default(),
            narrow: false,
            awaited: Vec::new(),
            asked: Vec::new(),
            wanted: Vec::new(),
            probed: None,
            rebuilt: false,
            known: None,
            expiry_told: None,
            expiry_asked: None,
        }
    }

    /// Another one, of which nothing is known yet. The cursor is in the same pane as here; what is decided about it comes before it
    /// can be asked for anything.
    #[must_use]
    pub fn another(&self, generation: u64, context: &str) -> Self {
        Self {
            asked_context: Some(context.to_owned()),
            locked: self.locked,
            confirm: self.confirm,
            focus: self.focus,
            lower: self.lower,
            raw: self.raw,
            breadth: self.breadth,
            narrow: self.narrow,
            ..Self::new(generation, self.read_only)
        }
    }

    /// The context that is open, or was asked for.
    pub fn context(&self) -> &str {
        let open = self.world.place.as_ref().map(|place| place.context.as_str());
        open.or(self.asked_context.as_deref()).unwrap_or_default()
    }

    /// As whom it is seen.
    pub fn acting_as(&self) -> Option<&ActingAs> {
        self.seen_as.as_ref().map(|seen| &seen.acting_as)
    }

    /// Where it goes is known.
    pub fn opened(&mut self, place: Place) {
        (self.unopened, self.entry_changed) = (None, None);
        self.namespace.get_or_insert_with(|| place.namespace.as_str().into());
        if place.namespace != "default" {
            self.named.insert(place.namespace.as_str().into());
        }
        self.world.place = Some(place);
    }

    /// What holds for it was decided, or decided anew.
    pub fn decided(&mut self, decided: Decided) {
        let names = decided.namespaces.iter().filter(|name| is_namespace_name(name));
        self.named.extend(names.map(|name| name.as_str().into()));
        self.read_only = decided.read_only;
        self.locked = decided.locked;
        self.confirm = decided.confirm;
        self.class = decided.class;
        self.theme = decided.theme;
    }

    /// It could not be opened.
    pub fn failed(&mut self, trouble: Trouble, now: i64) {
        self.world.apply(Feed::Disconnected(trouble.clone()), now);
        self.unopened = Some(trouble);
    }

    /// Whether a plan for this target is for this opening.
    pub fn is_of(&self, target: &Target) -> bool {
        let is_it = |place: &Place| {
            (&place.context, &place.server, place.acting_as.as_ref())
                == (&target.context, &target.server, target.acting_as())
        };
        self.world.place.as_ref().is_some_and(is_it)
    }

    /// Whether there is nothing in it to come back to.
    pub const fn is_void(&self) -> bool {
        self.unopened.is_some()
    }

    /// What a plan made now would be valid for.
    pub fn target(&self) -> Target {
        let place = self.world.place.clone().unwrap_or_default();
        let user = self.world.identity.as_ref().map(|identity| identity.username.clone()).unwrap_or_default();
        let by = self.seen_as.as_ref().map(|seen| seen.by.as_str()).filter(|by| !by.is_empty());
        Target::of(&place, user, by)
    }

    /// The tenant that an object is of, or is, as far as that is known.
    pub fn tenant_of(&self, object: &ObjectRef) -> Option<String> {
        if object.kind == "Tenant" {
            return Some(object.name.clone());
        }
        let namespace = if object.kind == "Namespace" { Some(&object.name) } else { object.namespace.as_ref() }?;
        let row = self.world.namespaces.get(&Name::from(namespace.as_str()))?;
        row.tenant.as_ref().map(ToString::to_string)
    }

    /// Why nothing of the cluster is to be seen, if nothing of it ever was: a title, and the trouble.
    pub fn nothing_to_see(&self) -> Option<(&'static str, &Trouble)> {
        let world = &self.world;
        let is_blank = world.identity.is_none()
            && world.tenants.is_empty()
            && world.namespaces.is_empty()
            && world.bindings.is_empty()
            && world.cluster_bindings.is_empty();
        match (&self.unopened, &world.link) {
            (Some(trouble), _) => Some(("No cluster is open", trouble)),
            (None, Link::Down { trouble, .. }) if is_blank => Some(("The cluster does not answer", trouble)),
            _ => None,
        }
    }

    /// Shows raw bindings, or grants: other columns, and so another order.
    pub fn show_raw(&mut self, raw: bool) {
        if self.raw != raw {
            self.raw = raw;
            self.access.sort = None;
            self.access.heading = 0;
        }
    }

    /// The marked rows of the focused pane, or the one under its cursor, whatever lies over it.
    pub fn row(&self) -> Selection {
        match self.focus {
            Pane::Tenants if !self.tenants.marks.is_empty() => Selection::Tenants(marked(&self.tenants)),
            Pane::Namespaces if !self.namespaces.marks.is_empty() => Selection::Namespaces(marked(&self.namespaces)),
            Pane::Tenants => self.tenants.selected().cloned().map_or(Selection::Nothing, Selection::Tenant),
            Pane::Namespaces => self.namespaces.selected().cloned().map_or(Selection::Nothing, Selection::Namespace),
            Pane::Access | Pane::Identity => Selection::Nothing,
        }
    }
}

impl Model {
    /// A number for another opening of a context.
    pub fn next_generation(&mut self) -> u64 {
        self.generations = self.generations.max(self.here.generation) + 1;
        self.generations
    }

    /// The opening of this generation, on the screen or at hand.
    pub fn opening(&mut self, generation: u64) -> Option<&mut Opening> {
        std::iter::once(&mut self.here).chain(&mut self.away).find(|opening| opening.generation == generation)
    }

    /// The opening at hand that is of a context, seen as this somebody, or as ourselves.
    pub fn at_hand(&self, context: &str, acting_as: Option<&ActingAs>) -> Option<u64> {
        let is_it = |away: &&Opening| away.context() == context && away.acting_as() == acting_as;
        self.away.iter().rev().find(is_it).map(|away| away.generation)
    }
}

fn marked(list: &List<Name>) -> Marked {
    let mut names: Vec<Name> = list.marks.iter().cloned().collect();
    names.sort();
    Marked { names, hidden: list.hidden_marks() }
}
