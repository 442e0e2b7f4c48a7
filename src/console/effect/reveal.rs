//! Writing down that the values of a secret are about to be looked at.

use std::path::Path;

use crate::journal::{Entry, Journal};
use crate::plan::{ObjectRef, Target};
use crate::world::trouble::Trouble;

/// Writes it down, and waits until it is on disk. Who cannot be written down does not see them.
pub fn write_down(path: &Path, at: i64, target: Target, object: &ObjectRef, reason: String) -> Result<(), Trouble> {
    let entry = Entry::Revealed {
        at,
        context: target.context,
        server: target.server,
        user: target.user,
        impersonation: target.impersonation,
        object: object.path(),
        reason,
    };
    let written = Journal::open(path).and_then(|mut journal| journal.append(&entry));
    written.map_err(|trouble| {
        trouble.advise("the values stay hidden; make room, or set XDG_STATE_HOME to a folder that can be written")
    })
}
