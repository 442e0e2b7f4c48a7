//! What an apply answers when others manage what it would change, as apimachinery
//! `util/managedfields/internal/conflict.go`.

use serde_json::{Value, json};

use super::element::{Path, display};
use super::managed::Manager;
use super::set::FieldSet;
use crate::demo::go::quote;
use crate::demo::status::Status;

/// One field that somebody else manages.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Who.
    pub manager: Manager,
    /// Which.
    pub path: Path,
}

/// The conflicts of these managers, in the order of their identifiers.
pub fn of_sets(mut sets: Vec<(Manager, FieldSet)>) -> Vec<Conflict> {
    sets.sort_by_cached_key(|(manager, _)| manager.identifier());
    let each = |(manager, set): (Manager, FieldSet)| {
        set.paths().into_iter().map(move |path| Conflict { manager: manager.clone(), path }).collect::<Vec<_>>()
    };
    sets.into_iter().flat_map(each).collect()
}

/// 409 with a cause for each field.
pub fn status(conflicts: &[Conflict]) -> Status {
    let causes: Vec<Value> = conflicts
        .iter()
        .map(|conflict| {
            json!({
                "reason": "FieldManagerConflict",
                "message": format!("conflict with {}", describe(&conflict.manager)),
                "field": display(&conflict.path),
            })
        })
        .collect();
    let mut status = Status::new(409, "Conflict", message(conflicts));
    status.details = Some(json!({ "causes": causes }));
    status
}

fn message(conflicts: &[Conflict]) -> String {
    if let [one] = conflicts {
        let (who, path) = (describe(&one.manager), display(&one.path));
        return format!("Apply failed with 1 conflict: conflict with {who}: {path}");
    }
    let mut lines = Vec::new();
    let mut last: Option<&Manager> = None;
    for conflict in conflicts {
        if last != Some(&conflict.manager) {
            lines.push(format!("conflicts with {}:", describe(&conflict.manager)));
            last = Some(&conflict.manager);
        }
        lines.push(format!("- {}", display(&conflict.path)));
    }
    format!("Apply failed with {} conflicts: {}", conflicts.len(), lines.join("\n"))
}

/// `"kubectl" with subresource "scale" using apps/v1`.
fn describe(manager: &Manager) -> String {
    let mut text = quote(&manager.name);
    if !manager.subresource.is_empty() {
        text.push_str(" with subresource ");
        text.push_str(&quote(&manager.subresource));
    }
    if !manager.applied {
        text.push_str(" using ");
        text.push_str(&manager.version);
    }
    text
}
