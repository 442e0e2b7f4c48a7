//! What the console keeps from one run to the next.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Model;
use super::arrangement::Arrangement;
use super::places::{Place, is_pin};

/// How many commands are kept.
const COMMANDS: usize = 100;

/// What is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// The panes on wide screens.
    pub side_by_side: Arrangement,
    /// The panes on others.
    pub stacked: Arrangement,
    /// The pinned places, by digit or name.
    pub pins: BTreeMap<String, Place>,
    /// The commands, the latest last.
    pub commands: Vec<String>,
}

impl Kept {
    /// What of a screen is kept.
    pub fn of(model: &Model) -> Self {
        let from = model.history.len().saturating_sub(COMMANDS);
        Self {
            side_by_side: model.side_by_side.clone(),
            stacked: model.stacked.clone(),
            pins: model.places.pins.clone(),
            commands: model.history[from..].to_vec(),
        }
    }

    /// Gives a screen back what was kept.
    pub fn restore(self, model: &mut Model) {
        model.side_by_side = self.side_by_side.sound();
        model.stacked = self.stacked.sound();
        model.places.pins = self.pins.into_iter().filter(|(name, _)| is_pin(name)).collect();
        model.history = self.commands;
    }
}
