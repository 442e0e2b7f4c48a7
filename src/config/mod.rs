//! Files of ours, and where they are.

pub mod blueprints;
pub mod known;
pub mod log;
pub mod manifests;
pub mod memory;
pub mod paths;
pub mod settings;
pub mod shells;
pub mod state;
