//! A real Kubernetes control plane with the real Capsule controller, for tests, benches and people.
//!
//! Every program that starts a [`Cluster`] must call [`supervise_if_asked`] first thing in `main`.

mod access;
mod api;
mod boot;
pub mod build;
mod capsule;
mod certificates;
mod cluster;
mod components;
mod control_plane;
mod elsewhere;
mod era;
mod error;
pub mod harness;
mod rig;
pub mod seed;
mod supervisor;
mod tenants;
mod text;
mod users;
mod wait;

pub use boot::NODES;
pub use certificates::Certificate;
pub use cluster::{Cluster, Options};
pub use components::{Component, Controllers};
pub use era::{Capsule, Era};
pub use error::{Failure, StartError};
pub use supervisor::supervise_if_asked;
pub use tenants::{TENANT_LABEL, owner};
pub use users::{Credential, MASTERS, User};
pub use wait::{wait_for, wait_until};
