//! Text as the screen and the command line show it: ages, widths, untrusted strings, YAML, mistakes in files. Pure, knows nothing of Kubernetes.

pub mod age;
pub mod clean;
pub mod clock;
pub mod distance;
pub mod fault;
pub mod label;
pub mod quantity;
pub mod width;
pub mod yaml;
