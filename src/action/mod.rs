//! What an operator can do to what is selected: one file per action. Pure.
//!
//! An action says whether it applies ([`Offer`]), what it must read first and what it would do ([`Need`]); menu, hints, help
//! and the command line ask the same value. A new action is one file here and one line in [`ALL`].

pub mod cordon;

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
    pub title: fn(&World, &Selection) -> &'static str,
    /// Whether it applies.
    pub offer: fn(&World, &Selection) -> Offer,
    /// What it would do. `reads` are the objects it asked for, in that order.
    pub plan: fn(&World, &Selection, &Target, reads: &[Value]) -> Need,
}

/// All actions.
pub const ALL: &[&Action] = &[&cordon::CORDON];
