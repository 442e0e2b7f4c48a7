//! Files of ours, and where they are.

pub mod log;
pub mod memory;
pub mod paths;
pub mod settings;
