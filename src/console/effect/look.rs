//! What is followed for as long as somebody looks at it: a plan's objects, a document's, a list.

use super::runner::Runner;
use super::{open, plans, reveal, tell};
use crate::cluster::look::{self, Seen};
use crate::cluster::table::Table;
use crate::console::msg::{Looked, Msg};
use crate::plan::{ObjectRef, Plan, Target};
use crate::world::name::Name;
use crate::world::resource::Resource;

impl Runner {
    /// Follows the objects of a plan, in place of those of the one before.
    pub(super) fn follow(&mut self, request: u64, plan: &Plan) {
        self.following.end();
        if let Some(gate) = self.gate() {
            self.following.put(plans::follow(&gate, request, plan, &self.jobs));
        }
    }

    /// Follows an object and its events, in place of the one before.
    pub(super) fn look(&mut self, request: u64, object: ObjectRef, namespaces: Vec<Name>) {
        self.looking.end();
        let Some(gate) = self.gate() else { return };
        let jobs = self.jobs.clone();
        self.looking.start(async move {
            look::look(&gate, &object, &namespaces, |seen| {
                let seen = match seen {
                    Seen::Object(object) => Looked::Object(object),
                    Seen::Events(events) => Looked::Events(events),
                    Seen::Trouble(trouble) => Looked::Trouble(trouble),
                };
                tell(&jobs, Msg::Looked(request, seen));
            })
            .await;
        });
    }

    /// Follows objects of one kind, in place of those before.
    pub(super) fn list(&mut self, request: u64, resource: Resource, namespace: Option<Name>) {
        self.listing.end();
        if let Some(session) = open::lock(&self.slots).faced().and_then(|slot| slot.session.as_ref()) {
            self.listing.start(session.list(Table { resource, request }, namespace));
        }
    }

    /// Writes down that values of a secret are to be seen, and why.
    pub(super) fn reveal(&self, request: u64, target: Target, object: ObjectRef, reason: String) {
        let (path, at) = (self.orders.settings.journal.clone(), self.clock.seconds());
        self.soon(move || Msg::Revealed(request, reveal::write_down(&path, at, target, &object, reason)));
    }
}
