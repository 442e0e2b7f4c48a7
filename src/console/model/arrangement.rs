//! How the panes share the screen: sizes that were changed and panes that were hidden, for wide screens and for others.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Pane;

/// How the panes of one class of screens differ from the usual.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Arrangement {
    /// How many columns the tenants have more than usual, or less.
    pub left: i16,
    /// How many columns the namespaces have more than usual, or less; where all panes stand side by side.
    pub middle: i16,
    /// How many rows the lower panes have more than usual, or less.
    pub lower: i16,
    /// The panes that are not shown.
    pub hidden: BTreeSet<Pane>,
}

/// One step of a change, in columns and in rows.
const COLUMNS: i16 = 4;
const ROWS: i16 = 2;
/// The most that anything is changed, in steps.
const STEPS: i16 = 20;

/// A direction in which a pane grows or shrinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// To the side.
    Wider(bool),
    /// Upwards or downwards.
    Taller(bool),
}

impl Arrangement {
    /// Makes `pane` larger or smaller; false if its size in that direction is not shared with another.
    pub fn grow(&mut self, pane: Pane, growth: Growth, wide: bool) -> bool {
        let (share, more, step) = match (growth, pane) {
            (Growth::Wider(more), Pane::Tenants) => (&mut self.left, more, COLUMNS),
            (Growth::Wider(more), Pane::Namespaces) if wide => (&mut self.middle, more, COLUMNS),
            (Growth::Wider(more), Pane::Access) if wide => (&mut self.middle, !more, COLUMNS),
            (Growth::Wider(more), Pane::Identity) if wide => (&mut self.left, !more, COLUMNS),
            (Growth::Wider(more), Pane::Namespaces) => (&mut self.left, !more, COLUMNS),
            (Growth::Taller(more), Pane::Identity) => (&mut self.lower, more, ROWS),
            (Growth::Taller(more), Pane::Access) => (&mut self.lower, more != wide, ROWS),
            (Growth::Taller(more), Pane::Namespaces) => (&mut self.lower, !more, ROWS),
            (Growth::Taller(more), Pane::Tenants) if !wide => (&mut self.lower, !more, ROWS),
            _ => return false,
        };
        *share = (*share + if more { step } else { -step }).clamp(-STEPS * step, STEPS * step);
        true
    }

    /// Whether a pane is shown.
    pub fn shows(&self, pane: Pane) -> bool {
        !self.hidden.contains(&pane)
    }

    /// Hides a pane; false if it is the last one.
    pub fn hide(&mut self, pane: Pane) -> bool {
        let shown = Pane::ALL.iter().filter(|pane| self.shows(**pane)).count();
        shown > 1 && self.hidden.insert(pane)
    }

    /// The same, whatever a file says: each size within its bounds, one pane shown at least.
    #[must_use]
    pub fn sound(mut self) -> Self {
        for (share, step) in [(&mut self.left, COLUMNS), (&mut self.middle, COLUMNS), (&mut self.lower, ROWS)] {
            *share = (*share).clamp(-STEPS * step, STEPS * step);
        }
        if Pane::ALL.iter().all(|pane| !self.shows(*pane)) {
            self.hidden.clear();
        }
        self
    }
}
