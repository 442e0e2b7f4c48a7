//! Everything that talks to a Kubernetes API. Nothing above knows HTTP, TLS or kube's types.
//!
//! ```text
//! kubeconfig ─▶ connect ─▶ gate ─▶ session ─┬─ watch (one per kind and scope) ─ scan, wire ─▶ outlet
//!                           │               ├─ link (heartbeat)
//!                           │               └─ review (who, which version, which Capsule)
//!                           ├─ follow, look: single objects and their events
//!                           └─ write: read objects, dry run, apply
//! ```

pub mod access;
pub mod backoff;
pub mod connect;
pub mod credentials;
pub mod discover;
pub mod embedded;
pub mod failure;
pub mod follow;
pub mod gate;
pub mod goal;
pub mod kind;
pub mod kubeconfig;
pub mod link;
pub mod list;
pub mod look;
pub mod outlet;
pub mod proxy;
pub mod read;
pub mod review;
pub mod scan;
pub mod session;
pub mod standing;
pub mod table;
pub mod watch;
pub mod wire;
pub mod write;
