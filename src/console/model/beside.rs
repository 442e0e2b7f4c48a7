//! Two openings side by side: one has the keys, the other is shown beside it, with a strip of its own, and goes on being followed.

use super::Model;
use super::opening::Opening;
use crate::console::view::layout::SIDE_BY_SIDE;

/// The opening that is shown beside the one that has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beside {
    /// Which of those at hand.
    pub generation: u64,
    /// It stands on the left: both keep their places when the keys go from one to the other.
    pub left: bool,
}

impl Model {
    /// What was put beside, whether there is room for it or not.
    pub fn put_beside(&self) -> Option<&Opening> {
        let generation = self.beside?.generation;
        self.away.iter().find(|away| away.generation == generation)
    }

    /// What is shown beside: nothing on a narrow screen, and nothing while one pane fills it.
    pub fn shown_beside(&self) -> Option<&Opening> {
        self.put_beside().filter(|_| self.has_room_beside())
    }

    /// Whether two of them have room.
    pub const fn has_room_beside(&self) -> bool {
        self.size.0 >= SIDE_BY_SIDE && !self.zoom
    }

    /// The columns of what has the keys.
    pub fn columns(&self) -> u16 {
        if self.shown_beside().is_some() { self.size.0 / 2 } else { self.size.0 }
    }
}
