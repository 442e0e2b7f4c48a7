//! The binary: reports, the command line, the exit code.

use std::process::ExitCode;

use clap::Parser as _;
use tenantry::cli::{self, Cli};
use tenantry::config::paths::Paths;
use tenantry::console::terminal::panic;
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static HEAP: Jemalloc = Jemalloc;

fn main() -> color_eyre::Result<ExitCode> {
    panic::install(Paths::find().ok().map(|paths| paths.state))?;
    cli::run(Cli::parse())
}
