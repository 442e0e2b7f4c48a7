//! Worlds that stay at hand while another is on the screen: to go back is to show what is known already.

use std::collections::BTreeSet;
use std::mem::swap;

use crate::plan::trace::Trace;
use crate::plan::{Confirm, Target};
use crate::world::World;
use crate::world::binding::Subject;
use crate::world::class::Class;
use crate::world::feed::Feed;
use crate::world::identity::{ActingAs, Expiry, Known, Place};
use crate::world::name::Name;
use crate::world::trouble::Trouble;

use super::list::List;
use super::rows::AccessRow;
use super::{Awaited, Breadth, Model, Pane};
use crate::console::msg::Decided;
use crate::console::update::is_namespace_name;

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
pub struct Away {
    /// Which opening.
    pub generation: u64,
    /// The cluster.
    pub world: World,
    /// As whom it is seen, if not as ourselves.
    pub seen_as: Option<SeenAs>,
    /// The context that was asked for.
    pub asked_context: Option<String>,
    /// Whether writes are refused.
    pub read_only: bool,
    /// Why that cannot be changed.
    pub locked: Option<&'static str>,
    /// How a plan is agreed to.
    pub confirm: Confirm,
    /// A word for what the context is.
    pub class: Option<Class>,
    /// The theme for it.
    pub theme: Option<String>,
    /// Namespaces that were named.
    pub named: BTreeSet<Name>,
    /// What applied plans wait for.
    pub awaited: Vec<Awaited>,
    /// What somebody else has made of its entry.
    pub entry_changed: Option<String>,
    switched: Option<String>,
    known: Option<Known>,
    expiry_told: Option<Expiry>,
    expiry_asked: Option<Expiry>,
    unopened: Option<Trouble>,
    namespace: Option<Name>,
    focus: Pane,
    lower: Pane,
    tenants: List<Name>,
    namespaces: List<Name>,
    access: List<AccessRow>,
    identity_scroll: usize,
    raw: bool,
    breadth: Breadth,
    narrow: bool,
    asked: Vec<(u64, Trace)>,
    wanted: Vec<Name>,
    probed: Option<i64>,
    rebuilt: bool,
}

impl Away {
    /// An opening of which nothing is known yet. The cursor is in the same pane as before; what is decided about it comes before it
    /// can be asked for anything.
    pub fn unknown(model: &Model, generation: u64, context: &str) -> Self {
        Self {
            generation,
            world: World::default(),
            seen_as: None,
            asked_context: Some(context.to_owned()),
            read_only: model.read_only,
            locked: model.locked,
            confirm: model.confirm,
            class: None,
            theme: None,
            named: BTreeSet::new(),
            awaited: Vec::new(),
            entry_changed: None,
            switched: None,
            known: None,
            expiry_told: None,
            expiry_asked: None,
            unopened: None,
            namespace: None,
            focus: model.focus,
            lower: model.lower,
            tenants: List::default(),
            namespaces: List::default(),
            access: List::default(),
            identity_scroll: 0,
            raw: model.raw,
            breadth: model.breadth,
            narrow: model.narrow,
            asked: Vec::new(),
            wanted: Vec::new(),
            probed: None,
            rebuilt: false,
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
        self.unopened = None;
        self.namespace.get_or_insert_with(|| place.namespace.as_str().into());
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
        is_of(&self.world, target)
    }

    /// Whether there is nothing in it to come back to.
    pub const fn is_void(&self) -> bool {
        self.unopened.is_some()
    }

    /// Changes places with what is on the screen: all of it, so that nothing of one is ever shown under the name of the other.
    pub fn change_places(&mut self, model: &mut Model) {
        let Self {
            generation,
            world,
            seen_as,
            asked_context,
            read_only,
            locked,
            confirm,
            class,
            theme,
            named,
            awaited,
            entry_changed,
            switched,
            known,
            expiry_told,
            expiry_asked,
            unopened,
            namespace,
            focus,
            lower,
            tenants,
            namespaces,
            access,
            identity_scroll,
            raw,
            breadth,
            narrow,
            asked,
            wanted,
            probed,
            rebuilt,
        } = self;
        swap(generation, &mut model.generation);
        swap(world, &mut model.world);
        swap(seen_as, &mut model.seen_as);
        swap(asked_context, &mut model.asked_context);
        swap(read_only, &mut model.read_only);
        swap(locked, &mut model.locked);
        swap(confirm, &mut model.confirm);
        swap(class, &mut model.class);
        swap(theme, &mut model.theme);
        swap(named, &mut model.named);
        swap(awaited, &mut model.awaited);
        swap(entry_changed, &mut model.entry_changed);
        swap(switched, &mut model.switched);
        swap(known, &mut model.known);
        swap(expiry_told, &mut model.expiry_told);
        swap(expiry_asked, &mut model.expiry_asked);
        swap(unopened, &mut model.unopened);
        swap(namespace, &mut model.namespace);
        swap(focus, &mut model.focus);
        swap(lower, &mut model.lower);
        swap(tenants, &mut model.tenants);
        swap(namespaces, &mut model.namespaces);
        swap(access, &mut model.access);
        swap(identity_scroll, &mut model.identity_scroll);
        swap(raw, &mut model.raw);
        swap(breadth, &mut model.breadth);
        swap(narrow, &mut model.narrow);
        swap(asked, &mut model.asked);
        swap(wanted, &mut model.wanted);
        swap(probed, &mut model.probed);
        swap(rebuilt, &mut model.rebuilt);
    }
}

impl Model {
    /// A number for another opening of a context.
    pub fn next_generation(&mut self) -> u64 {
        self.generations = self.generations.max(self.generation) + 1;
        self.generations
    }

    /// The opening at hand that is of a context, seen as this somebody, or as ourselves.
    pub fn at_hand(&self, context: &str, acting_as: Option<&ActingAs>) -> Option<u64> {
        let is_it = |away: &&Away| away.context() == context && away.acting_as() == acting_as;
        self.away.iter().rev().find(is_it).map(|away| away.generation)
    }

    /// Whether a plan for this target is for what is on the screen.
    pub fn is_of(&self, target: &Target) -> bool {
        is_of(&self.world, target)
    }

    /// As whom the cluster is seen, if somebody asked for that here.
    pub fn acting_as(&self) -> Option<&ActingAs> {
        self.seen_as.as_ref().map(|seen| &seen.acting_as)
    }
}

fn is_of(world: &World, target: &Target) -> bool {
    let is_it = |place: &Place| {
        (&place.context, &place.server, place.acting_as.as_ref())
            == (&target.context, &target.server, target.acting_as())
    };
    world.place.as_ref().is_some_and(is_it)
}
