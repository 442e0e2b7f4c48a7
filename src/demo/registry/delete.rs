//! Removal: at once, gracefully, or as soon as finalizers let go.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value;

use super::{Caller, Operation, Registry, Review};
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;
use crate::demo::status::Status;
use crate::demo::store::Key;
use crate::demo::{admission, strategy};

/// `propagationPolicy`: what becomes of the objects that an object owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagation {
    /// They stay, without their owner.
    Orphan,
    /// They are removed afterwards.
    Background,
    /// They are removed before.
    Foreground,
}

/// How to remove: `DeleteOptions`.
#[derive(Debug, Clone, Default)]
pub struct Deletion {
    /// The policy, or the kind's.
    pub propagation: Option<Propagation>,
    /// Seconds that pods are given, or their own number.
    pub grace: Option<i64>,
    /// Only this very object.
    pub uid: Option<String>,
    /// Admission was asked already, under another name: an eviction is no deletion to it.
    pub is_admitted: bool,
    /// Only this version of it.
    pub version: Option<String>,
    /// It is one of many that were selected: admission is asked without its name.
    pub is_one_of_many: bool,
}

/// What a removal came to.
#[derive(Debug, Clone)]
pub enum Deleted {
    /// The object is gone; its last state.
    Gone(Object),
    /// It is marked, and goes when its finalizers and its grace allow.
    Terminating(Object),
}

/// The finalizers of the garbage collector.
const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

impl Registry {
    /// Removes an object, as apiserver's `registry/generic` does.
    pub fn delete(
        &mut self,
        by: &mut Caller,
        resource: &str,
        namespace: &str,
        name: &str,
        how: &Deletion,
    ) -> Result<Deleted, Status> {
        let kind = self.kind(resource).ok_or_else(Status::no_such_path)?;
        let table = self.table(resource).ok_or_else(Status::no_such_path)?;
        let live =
            self.look(resource, namespace, name).ok_or_else(|| Status::not_found(&kind.group, &kind.resource, name))?;
        must_be(&kind, &live, how)?;
        let user = by.user.clone();
        let place = if kind.resource == "namespaces" && kind.group.is_empty() { name } else { namespace };
        let review = Review {
            operation: Operation::Delete,
            kind: &kind,
            subresource: "",
            namespace: place,
            name: if how.is_one_of_many { "" } else { name },
            user: &user,
            old: Some(&live),
            dry_run: by.dry_run,
        };
        if !how.is_admitted {
            admission::validate(self, &review, None)?;
        }

        let mut marked = Object::clone(&live);
        let finalizers = finalizers_after(&kind, &live, how);
        if finalizers.is_empty() {
            marked.unset(&["metadata", "finalizers"]);
        } else {
            marked.set(&["metadata", "finalizers"], finalizers);
        }
        let grace = grace(&kind, &live, how);
        let is_namespace = kind.resource == "namespaces" && kind.group.is_empty();
        let held = !marked.finalizers().is_empty() || (is_namespace && !live.list(&["spec", "finalizers"]).is_empty());
        // Pods are marked even when they go at once.
        let is_pod = kind.resource == "pods" && kind.group.is_empty();
        if held || grace > 0 || is_pod {
            self.mark(&kind, &live, &mut marked, grace, is_namespace);
        }
        if !held && grace == 0 {
            if by.dry_run {
                return Ok(Deleted::Gone(marked));
            }
            if marked != *live && is_pod {
                let written = self.store.put(table, marked);
                self.committed(&kind, Some(&live), Some(&written));
                marked = Arc::unwrap_or_clone(written);
            }
            if let Some(gone) = self.store.remove(table, &Key::of(&live)) {
                marked.set(&["metadata", "resourceVersion"], gone.version());
                self.committed(&kind, Some(&live), None);
            }
            return Ok(Deleted::Gone(marked));
        }
        if marked == *live || by.dry_run {
            return Ok(Deleted::Terminating(marked));
        }
        let marked = self.store.put(table, marked);
        self.committed(&kind, Some(&live), Some(&marked));
        Ok(Deleted::Terminating(Arc::unwrap_or_clone(marked)))
    }

    /// Sets what tells that an object is going away.
    fn mark(&self, kind: &Kind, live: &Object, marked: &mut Object, grace: i64, is_namespace: bool) {
        let old_grace = live.int(&["metadata", "deletionGracePeriodSeconds"]);
        // A deletion may be hastened, not put off.
        if live.is_terminating() && old_grace.unwrap_or_default() <= grace {
            return;
        }
        let now = self.now();
        let at = now.checked_add(SignedDuration::from_secs(grace)).unwrap_or(now);
        marked.set(&["metadata", "deletionTimestamp"], rfc3339(at));
        // Namespaces have no grace of their own, and do not say zero.
        if !is_namespace {
            marked.set(&["metadata", "deletionGracePeriodSeconds"], grace);
        }
        if let Some(generation) = live.int(&["metadata", "generation"])
            && !live.is_terminating()
        {
            marked.set(&["metadata", "generation"], generation.saturating_add(1));
        }
        if is_namespace {
            marked.set(&["status", "phase"], "Terminating");
        }
        let _ = kind;
    }
}

/// Preconditions, in the words of apiserver's `rest.BeforeDelete`.
fn must_be(kind: &Kind, live: &Object, how: &Deletion) -> Result<(), Status> {
    // Upstream puts the kind where the resource belongs.
    let conflict = |why: String| Err(Status::conflict(&kind.group, &kind.kind, live.name(), &why));
    if let Some(uid) = how.uid.as_deref().filter(|uid| *uid != live.uid()) {
        return conflict(format!(
            "the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been deleted and then recreated",
            live.uid()
        ));
    }
    if let Some(version) = how.version.as_deref().filter(|version| *version != live.version()) {
        return conflict(format!(
            "the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({}). The object might have been modified",
            live.version()
        ));
    }
    Ok(())
}

/// The finalizers that a deletion leaves, as `deletionFinalizersForGarbageCollection`.
fn finalizers_after(kind: &Kind, live: &Object, how: &Deletion) -> Vec<Value> {
    let (orphan, foreground) = match how.propagation {
        Some(Propagation::Orphan) => (true, false),
        Some(Propagation::Foreground) => (false, true),
        Some(Propagation::Background) => (false, false),
        None => {
            let own = live.finalizers();
            (own.contains(&ORPHAN) || strategy::default_propagation(kind) == "Orphan", own.contains(&FOREGROUND))
        }
    };
    let mut finalizers: Vec<&str> =
        live.finalizers().into_iter().filter(|one| *one != ORPHAN && *one != FOREGROUND).collect();
    if orphan {
        finalizers.push(ORPHAN);
    }
    if foreground {
        finalizers.push(FOREGROUND);
    }
    finalizers.into_iter().map(Value::from).collect()
}

/// Seconds until the object goes: pods on a node end in their own time, everything else at once.
fn grace(kind: &Kind, live: &Object, how: &Deletion) -> i64 {
    if kind.resource != "pods" || !kind.group.is_empty() {
        return 0;
    }
    let is_placed = live.text(&["spec", "nodeName"]).is_some_and(|node| !node.is_empty());
    let is_over = matches!(live.text(&["status", "phase"]), Some("Succeeded" | "Failed"));
    if !is_placed || is_over {
        return 0;
    }
    let grace = how.grace.unwrap_or_else(|| strategy::default_grace(kind, live));
    // A negative number means as little as possible, as upstream has it.
    if grace < 0 { 1 } else { grace }
}
