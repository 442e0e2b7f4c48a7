//! `metadata.managedFields` and server-side apply: who manages which field of an object. The algorithms are those of
//! structured-merge-diff v6 and of apimachinery's `util/managedfields`.

pub mod atom;
pub mod conflict;
pub mod element;
pub mod managed;
pub mod manager;
pub mod name;
pub mod order;
pub mod set;
pub mod typed;
pub mod updater;

pub use atom::Definitions;
pub use managed::without;
pub use manager::{FieldManager, keep_times, same_but_managed};
pub use name::{from_user_agent, validate};
pub use set::FieldSet;
pub use updater::Reset;

#[cfg(test)]
pub mod samples;
#[cfg(test)]
mod tests;
