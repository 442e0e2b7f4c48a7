//! Is it paused? Computed from what is there, never stored as a word.
//!
//! A workload is *held* when it carries a [`record::Record`] and is as the pause has set it, *drifted* when it carries one and is
//! not, *loose* when it runs without one. A tenant is paused when nothing of it is loose or drifted, none of its controlled pods
//! is left, and the cordon that its own record asks for is in force.

pub mod record;

use std::ops::{AddAssign, SubAssign};

/// How the workloads of a namespace, or of several, stand to a pause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Workloads that a pause has stopped.
    pub held: u32,
    /// Workloads with a record that run all the same.
    pub drifted: u32,
    /// Workloads that run, without a record, though a pause would stop them.
    pub loose: u32,
    /// Pods that the controllers of the latter two, and of what is left alone, say they have.
    pub expected: u32,
    /// Pods that run, or are still ending, under a controller that a pause stops.
    pub pods: u32,
}

impl Tally {
    /// Pods that are there though their workload is stopped: they are on their way out.
    pub const fn ending(&self) -> u32 {
        self.pods.saturating_sub(self.expected)
    }

    /// How many workloads a pause would stop, or has stopped.
    pub const fn all(&self) -> u32 {
        self.held + self.drifted + self.loose
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.held += other.held;
        self.drifted += other.drifted;
        self.loose += other.loose;
        self.expected += other.expected;
        self.pods += other.pods;
    }
}

impl SubAssign for Tally {
    fn sub_assign(&mut self, other: Self) {
        self.held = self.held.saturating_sub(other.held);
        self.drifted = self.drifted.saturating_sub(other.drifted);
        self.loose = self.loose.saturating_sub(other.loose);
        self.expected = self.expected.saturating_sub(other.expected);
        self.pods = self.pods.saturating_sub(other.pods);
    }
}

/// What the record of a tenant, or of a namespace that was paused alone, says and how far that is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    /// It is being resumed.
    pub resumed: bool,
    /// The cordon that belongs to the pause.
    pub cordon: Cordoning,
}

/// The cordon that belongs to a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cordoning {
    /// None does.
    Unwanted,
    /// It is not in force everywhere yet.
    Pending,
    /// It is in force.
    InForce,
}

/// How something stands to a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PauseState {
    /// No pause has touched it.
    Active,
    /// It is being stopped: workloads, pods or the cordon are on their way.
    Pausing,
    /// All of it rests.
    Paused,
    /// Some of it rests and some runs.
    PartPaused,
    /// It is being started again.
    Resuming,
}

impl PauseState {
    /// The state that `tally` and the record of the whole, if there is one, add up to.
    pub fn of(tally: &Tally, whole: Option<Whole>) -> Self {
        let touched = tally.held + tally.drifted > 0;
        let (resumed, cordon) = match whole {
            None if !touched => return Self::Active,
            None => (false, Cordoning::Unwanted),
            Some(whole) => (whole.resumed, whole.cordon),
        };
        if resumed {
            return Self::Resuming;
        }
        if tally.drifted + tally.loose == 0 {
            let at_rest = tally.ending() == 0 && cordon != Cordoning::Pending;
            return if at_rest { Self::Paused } else { Self::Pausing };
        }
        // The cordon comes last: as long as it is wanted and not there, the pause has not been through.
        if cordon == Cordoning::Pending && tally.drifted == 0 { Self::Pausing } else { Self::PartPaused }
    }

    /// The word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::PartPaused => "part-paused",
            Self::Resuming => "resuming",
        }
    }

    /// The glyph that tells the state without colour; ASCII.
    pub const fn glyph(self) -> char {
        match self {
            Self::Active => ' ',
            Self::Pausing => 'v',
            Self::Paused => '=',
            Self::PartPaused => '%',
            Self::Resuming => '^',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tally(held: u32, drifted: u32, loose: u32, expected: u32, pods: u32) -> Tally {
        Tally { held, drifted, loose, expected, pods }
    }

    const fn whole(resumed: bool, cordon: Cordoning) -> Whole {
        Whole { resumed, cordon }
    }

    #[test]
    fn the_state_follows_from_what_is_there() {
        use Cordoning::{InForce, Pending, Unwanted};
        for (tally, whole, state) in [
            (tally(0, 0, 3, 5, 5), None, PauseState::Active),
            (tally(0, 0, 0, 0, 0), None, PauseState::Active),
            // An owner's pause has no record of the whole.
            (tally(3, 0, 0, 0, 0), None, PauseState::Paused),
            (tally(3, 0, 0, 0, 2), None, PauseState::Pausing),
            (tally(2, 0, 1, 4, 4), None, PauseState::PartPaused),
            (tally(3, 0, 0, 0, 0), Some(whole(false, InForce)), PauseState::Paused),
            (tally(3, 0, 0, 0, 0), Some(whole(false, Unwanted)), PauseState::Paused),
            (tally(3, 0, 0, 0, 0), Some(whole(false, Pending)), PauseState::Pausing),
            (tally(1, 0, 2, 2, 3), Some(whole(false, Pending)), PauseState::Pausing),
            (tally(2, 1, 0, 2, 2), Some(whole(false, InForce)), PauseState::PartPaused),
            // What is left alone keeps its pods; those of the others are on their way.
            (tally(2, 0, 0, 2, 2), Some(whole(false, InForce)), PauseState::Paused),
            (tally(2, 0, 0, 2, 3), Some(whole(false, InForce)), PauseState::Pausing),
            (tally(0, 0, 0, 0, 0), Some(whole(false, InForce)), PauseState::Paused),
            (tally(1, 0, 2, 2, 2), Some(whole(true, Unwanted)), PauseState::Resuming),
        ] {
            assert_eq!(PauseState::of(&tally, whole), state, "{tally:?} {whole:?}");
        }
    }
}
