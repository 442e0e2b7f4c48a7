//! Plans of earlier, against the cluster as it is now: to take them back, or to finish them.

use super::restore;
use crate::cluster::gate::Gate;
use crate::cluster::write;
use crate::plan::history::Past;
use crate::plan::undo::{self, Wish};
use crate::plan::{Before, ObjectRef, Plan, Relation, Target};
use crate::world::trouble::{Trouble, TroubleKind};

/// The plan that does it, and how many fields others have changed since. Objects are read anew: the present decides.
pub async fn plan(gate: &Gate, past: &Past, target: Target, wish: Wish) -> Result<(Plan, usize), Trouble> {
    let objects: Vec<ObjectRef> = past.steps.iter().map(|(record, _)| record.object.clone()).collect();
    let present = write::read_all(gate, &objects).await?;
    if let (Wish::Undo { .. }, Some(file)) = (wish, restore::snapshot(past)) {
        let mut plan = restore::plan(gate, past, file, &present, target).await?;
        plan.relation = Some(Relation::Undoes(past.id.clone()));
        return Ok((plan, 0));
    }
    let mut now = Vec::with_capacity(objects.len());
    for before in present {
        now.push(match before {
            Before::Present(object) => Some(object),
            Before::Absent => None,
            Before::Unreadable(trouble) => return Err(trouble),
        });
    }
    let (taken, open) = past.split(&now);
    let earlier = past.earlier();
    Ok(match wish {
        Wish::Undo { also_theirs } => (undo::undo(&earlier, target, &taken, also_theirs), undo::theirs(&taken)),
        Wish::Finish => (undo::finish(&earlier, target, &open), 0),
    })
}

/// Why an earlier plan is not to be touched from here.
pub fn refusal(past: &Past, target: &Target) -> Option<Trouble> {
    let Target { server, context, .. } = &past.target;
    (*server != target.server).then(|| {
        let words = format!("{} was applied to {server} (context {context}), not here", past.title);
        Trouble::new(TroubleKind::Other, words).advise("switch to that context first")
    })
}
