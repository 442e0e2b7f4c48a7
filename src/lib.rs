//! tenantry: an operator console for multi-tenant Kubernetes run with Capsule.
//!
//! ```text
//!  ⎈ context ▸ cluster ▸ user (groups) ▸ role ▸ namespace            RW  live      console/view/strip
//! ┌ Tenants 12 ──────────────┐┌ Namespaces · oil 3 ───┐┌ Access · oil 9 ─────────┐
//! │  oil    active      3/5  ││  oil-web  active  12  ││ alice  admin  oil-web   │ console/view/{tenants,
//! │# gas    cordoned    2/2  ││  oil-db   active   3  ││ devs   view   3 of 3 ns │   namespaces,access}
//! │                          │└───────────────────────┘└─────────────────────────┘
//! │                          │┌ Identity ──────────────────────────────────────────┐
//! │                          ││ user  ops@example.net    role  administrator       │ console/model/page
//! └──────────────────────────┘└────────────────────────────────────────────────────┘
//!  C cordon  enter open  ? help  / filter  : command                               console/view/hints
//! ```
//!
//! Data goes one way. Requests leave through one gate.
//!
//! ```text
//!             ┌────────────── console ──────────────┐
//! terminal ──▶│ keymap ▶ update(Model, Msg) ▶ view  │──▶ terminal
//!             │              │ effects   ▲ news     │
//!             └──────────────┼───────────┼──────────┘
//!                            ▼           │
//!  journal ◀─ apply ─▶ cluster: gate ─▶ Kubernetes ─▶ scan, wire ─▶ world
//! ```
//!
//! In place of a cluster there can be the `demo`: a Kubernetes API in this process, behind the same client. It uses nothing
//! of ours, and only `cli` knows of it.
//!
//! What may know what: `text` ← `world` ← `plan` ← {`blueprint`, `action`} ← {`console`, `cli`}; `cluster`, `journal` and `config` stand
//! beside `plan`; `apply` stands upon the first two and makes plans of
//! what `action` and `blueprint` ask to be read. They are used by `console/effect` and `cli` alone. `tests/architecture.rs` holds that.

pub mod action;

pub mod apply;

pub mod blueprint;

pub mod cli;

pub mod cluster;

pub mod config;

pub mod console;

pub mod demo;

pub mod journal;

pub mod plan;

pub mod text;

pub mod world;
