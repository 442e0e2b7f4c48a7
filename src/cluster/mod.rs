//! Everything that talks to a Kubernetes API. Nothing above knows HTTP, TLS or kube's types.
//!
//! ```text
//! kubeconfig ─▶ connect ─▶ gate ─▶ session ─┬─ watch (one per kind and scope) ─ scan, wire ─▶ outlet
//!                           │               ├─ link (heartbeat)
//!                           │               └─ review (who, which version, which Capsule)
//!                           └─ write: read objects, dry run, apply, follow
//! ```

pub mod backoff;
pub mod connect;
pub mod credentials;
pub mod embedded;
pub mod failure;
pub mod gate;
pub mod kind;
pub mod kubeconfig;
pub mod link;
pub mod outlet;
pub mod proxy;
pub mod review;
pub mod scan;
pub mod session;
pub mod watch;
pub mod wire;
pub mod write;
