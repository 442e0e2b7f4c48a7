//! The terminal: taken for the console and always given back; frames that leave whole; input that is what was meant.
//!
//! ```text
//! crossterm events ─ input.rs ─ repair.rs ─▶ Input      Steady ◀─ ratatui      Guard: enter, leave, suspend, stop
//! signals ─ signal.rs ─▶ Signal                         panic.rs: who may touch the terminal when something panics
//! ```
//!
//! crossterm's types end here: the rest of the program knows [`Input`] and [`Key`](super::keymap::Key).

mod backend;
pub mod clipboard;
mod guard;
mod input;
pub mod panic;
mod reader;
mod repair;
mod signal;

pub use backend::Steady;
pub use guard::{Guard, Suspended};
pub use input::Input;
pub use reader::Inputs;
pub use signal::{Signal, Signals, signals};

use ratatui::Terminal;
use std::io::{self, Stdout};

/// The ratatui terminal on standard output, with or without colours, whatever the environment says of them: that was read
/// by others, and overruled. Enter it first, with [`Guard::enter`].
pub fn open(colours: bool) -> io::Result<Terminal<Steady<Stdout>>> {
    crossterm::style::force_color_output(colours);
    Terminal::new(Steady::new(io::stdout()))
}
