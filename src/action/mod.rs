//! What an operator can do to what is selected: one file per action. Pure.
//!
//! An action says whether it applies ([`Offer`]), what it must read first and what it would do ([`Need`]); menu, hints, help
//! and the command line ask the same value. A new action is one file here and one line in [`ALL`].

pub mod access;
pub mod cordon;
pub mod pause;
pub mod revoke;
pub mod small;
pub mod whatif;

use serde_json::Value;

use crate::plan::{ObjectRef, Plan, Target};
use crate::world::World;
use crate::world::name::Name;

/// What an action is asked to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Nothing.
    Nothing,
    /// A tenant.
    Tenant(Name),
    /// A namespace.
    Namespace(Name),
    /// Tenants that were marked.
    Tenants(Marked),
    /// Namespaces that were marked.
    Namespaces(Marked),
    /// An object of any kind.
    Object(ObjectRef),
    /// Objects of one kind that were marked.
    Objects(Selected),
}

/// Objects that were marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// The objects, by namespace and name.
    pub objects: Vec<ObjectRef>,
    /// How many of them a filter hides.
    pub hidden: usize,
}

/// What was marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The names, in the order of the alphabet.
    pub names: Vec<Name>,
    /// How many of them a filter hides.
    pub hidden: usize,
}

impl Selection {
    /// How many things are selected, in words, if they are several: `3 tenants (1 hidden)`.
    pub fn several(&self) -> Option<String> {
        let (count, hidden, what) = match self {
            Self::Tenants(marked) => (marked.names.len(), marked.hidden, "tenant"),
            Self::Namespaces(marked) => (marked.names.len(), marked.hidden, "namespace"),
            Self::Objects(selected) => {
                (selected.objects.len(), selected.hidden, selected.objects.first()?.kind.as_str())
            }
            _ => return None,
        };
        let plural = if count == 1 { "" } else { "s" };
        let hidden = if hidden == 0 { String::new() } else { format!(" ({hidden} hidden)") };
        Some(format!("{count} marked {what}{plural}{hidden}"))
    }
}

/// Whether an action applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// It does.
    Yes,
    /// Not now, and why.
    No(String),
    /// It makes no sense for what is selected.
    Absent,
}

/// What an action needs next.
#[derive(Debug, Clone, PartialEq)]
pub enum Need {
    /// Full objects that must be read first; then it is to be asked again with them.
    Reads(Vec<ObjectRef>),
    /// Everything that runs in what is meant, which is read by whoever makes the plan of it.
    Survey(Box<pause::Wish>),
    /// The operator's word which way to go.
    Direction,
    /// Nothing: this is the plan.
    Ready(Box<Plan>),
    /// It cannot be planned, and why.
    Impossible(String),
}

/// An action.
#[derive(Debug)]
pub struct Action {
    /// The id in keymaps: `tenant.cordon`.
    pub id: &'static str,
    /// What it would do to the selection, for hints: `cordon` or `uncordon`.
    pub title: fn(&World, &Selection) -> String,
    /// Whether it applies.
    pub offer: fn(&World, &Selection) -> Offer,
    /// What it would do. `reads` are the objects it asked for, in that order.
    pub plan: fn(&World, &Selection, &Target, reads: &[Value]) -> Need,
}

/// All actions.
pub const ALL: &[&Action] = &[&pause::PAUSE, &cordon::CORDON];
