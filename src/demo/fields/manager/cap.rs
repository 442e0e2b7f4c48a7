//! No more than ten managers of updates, as apimachinery `util/managedfields/internal/capmanagers.go`.

use std::collections::BTreeMap;

use crate::demo::fields::managed::{Managed, Manager, seconds};

/// How many managers of updates an object may have.
const MOST: usize = 10;

/// Who owns what managers of long ago have changed.
const ANCIENT: &str = "ancient-changes";

/// Joins the oldest managers of updates, each version for itself, until there are few enough.
pub fn cap(managed: &mut Managed) {
    let mut updaters: Vec<Manager> = managed.0.keys().filter(|manager| !manager.applied).cloned().collect();
    let mut left = updaters.len();
    if left <= MOST {
        return;
    }
    updaters.sort_by_cached_key(|manager| {
        let time = managed.0.get(manager).and_then(|fields| fields.time.as_deref());
        (seconds(time), manager.identifier())
    });
    let mut first_of: BTreeMap<String, Manager> = BTreeMap::new();
    for manager in updaters {
        if left <= MOST {
            return;
        }
        let Some(version) = managed.0.get(&manager).map(|fields| fields.version.clone()) else { continue };
        let Some(first) = first_of.get(&version) else {
            first_of.insert(version, manager);
            continue;
        };
        let bucket = Manager { name: ANCIENT.to_owned(), version, ..Manager::default() };
        if !managed.0.contains_key(&bucket)
            && let Some(fields) = managed.0.remove(first)
        {
            managed.0.insert(bucket.clone(), fields);
        }
        if manager == bucket {
            left -= 1;
            continue;
        }
        if let (Some(fields), Some(into)) = (managed.0.remove(&manager), managed.0.get_mut(&bucket)) {
            into.set = into.set.union(&fields.set);
            // The later of the two.
            into.time = fields.time;
        }
        left -= 1;
    }
}
