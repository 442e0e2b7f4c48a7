//! The openings of contexts: the one that effects are about, and those that stay at hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::create;
use super::lone::Lone;
use crate::apply::work::Kinds;
use crate::cluster::connect::Choice;
use crate::cluster::gate::Gate;
use crate::cluster::kubeconfig::{Entry, Files};
use crate::cluster::outlet::Outlet;
use crate::cluster::session::Session;
use crate::world::name::Name;

/// One opening: its session, or what that is to know once it exists.
#[derive(Debug, Default)]
pub struct Slot {
    pub session: Option<Session>,
    pub wanted: Vec<Name>,
    /// What kinds it has, once somebody has asked.
    pub kinds: Kinds,
    /// What it has besides, once a form has asked.
    pub known: create::Known,
    /// Where a cluster is seen as somebody else: whether writes are refused, whatever holds for the rest of the session.
    pub read_only: Option<bool>,
    /// A way to the cluster that nothing has been followed through yet.
    pub ready: Option<Gate>,
    /// Somebody allows writes here, where they are refused at first.
    pub lifted: bool,
    /// What was chosen when it was opened.
    pub choice: Choice,
    /// The files as they were then.
    pub files: Option<Arc<Files>>,
    /// What the context stood for then.
    pub entry: Option<Entry>,
    /// What is being done to open it; ends with it.
    pub opening: Lone,
}

/// What was said in one opening of whether writes are refused there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Own {
    /// They are, or not, whatever holds for the rest of the session.
    pub read_only: Option<bool>,
    /// They are not, although they are at first.
    pub lifted: bool,
}

impl Slot {
    /// What was said here of writes.
    pub const fn own(&self) -> Own {
        Own { read_only: self.read_only, lifted: self.lifted }
    }

    /// The way to the cluster, if there is one.
    pub fn gate(&self) -> Option<&Gate> {
        self.session.as_ref().map(Session::gate).or(self.ready.as_ref())
    }

    /// Begins to follow what the screens show.
    pub fn begin(&mut self, gate: Gate, outlet: &Outlet) {
        let session = Session::open(gate, outlet);
        session.want(self.wanted.clone());
        self.session = Some(session);
    }
}

/// All openings, by their generations.
#[derive(Debug, Default)]
pub struct Slots {
    current: u64,
    all: BTreeMap<u64, Slot>,
}

impl Slots {
    /// The opening that effects are about.
    pub const fn current(&self) -> u64 {
        self.current
    }

    /// From now on effects are about this one, which may be new.
    pub fn face(&mut self, generation: u64) -> &mut Slot {
        self.current = generation;
        self.all.entry(generation).or_default()
    }

    /// An opening that is not to be faced yet, in which nothing is to be written until somebody says so.
    pub fn prepare(&mut self, generation: u64) -> &mut Slot {
        let slot = self.all.entry(generation).or_default();
        slot.read_only = Some(true);
        slot
    }

    /// The one that effects are about.
    pub fn faced(&self) -> Option<&Slot> {
        self.all.get(&self.current)
    }

    /// The same, to be changed.
    pub fn faced_mut(&mut self) -> Option<&mut Slot> {
        self.all.get_mut(&self.current)
    }

    /// One of them.
    pub fn get(&self, generation: u64) -> Option<&Slot> {
        self.all.get(&generation)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, generation: u64) -> Option<&mut Slot> {
        self.all.get_mut(&generation)
    }

    /// Ends everything that has to do with an opening.
    pub fn close(&mut self, generation: u64) {
        self.all.remove(&generation);
    }

    /// Ends everything.
    pub fn clear(&mut self) {
        self.all.clear();
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Slot)> {
        self.all.iter().map(|(generation, slot)| (*generation, slot))
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.all.values_mut()
    }
}
