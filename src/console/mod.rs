//! The full-screen program.
//!
//! ```text
//! terminal ─ input repair ─ Key ─ keymap ─▶ Msg ┐
//! session ─ Envelope (world, generation) ───────┼─▶ update(&mut Model, Msg) ─▶ effects ─▶ effect.rs spawns
//! jobs (reads, dry runs, writes) ───────────────┤            │ dirty
//! clock, resize, signals ───────────────────────┘            └─▶ view(&Model) ─▶ buffer, what was shown
//! ```

pub mod effect;
pub mod headless;
pub mod keymap;
pub mod model;
pub mod msg;
pub mod picture;
pub mod run;
pub mod terminal;
pub mod update;
pub mod view;
