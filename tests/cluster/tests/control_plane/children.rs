//! This program again, as somebody else: for what can only be seen from outside.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::{self, Command};

use tenantry_cluster::build::{self, Needs};
use tenantry_cluster::{Capsule, Cluster, Controllers, Failure, Options, StartError};

use crate::failure;

const VARIABLE: &str = "TENANTRY_CLUSTER_TEST_ROLE";

/// What a child does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    /// Starts a cluster, says where it is, and stays until it is killed.
    Holds,
    /// Obtains all programs of both eras, and says how many there are, and how many are missing.
    Builds,
}

impl Role {
    const ALL: [Self; 2] = [Self::Holds, Self::Builds];

    fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Builds => "builds",
        }
    }
}

/// This program, to be started in `role`.
pub(crate) fn command(role: Role) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.env(VARIABLE, role.name());
    Ok(command)
}

/// Runs a child to its end and returns what it said.
pub(crate) fn run(role: Role, environment: &[(&str, &OsStr)]) -> Result<String, Failure> {
    let command = command(role).map(|mut command| {
        command.envs(environment.iter().copied());
        command
    });
    let output = command.and_then(|mut command| command.output()).map_err(failure)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Makes `file` an executable script.
pub(crate) fn write_script(file: &Path, text: &str) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    std::fs::write(file, format!("#!/bin/sh\n{text}\n"))?;
    std::fs::set_permissions(file, PermissionsExt::from_mode(0o755))
}

/// Never returns if this process was started as a child.
pub(crate) fn play_if_asked() {
    let asked = env::var(VARIABLE).unwrap_or_default();
    let Some(role) = Role::ALL.into_iter().find(|role| role.name() == asked) else {
        return;
    };
    let result = match role {
        Role::Holds => hold(),
        Role::Builds => build(),
    };
    // The lines that the parent reads: what was found, or which kind of error it was.
    let line = match result {
        Ok(line) => format!("ok {line}"),
        Err(StartError::Unavailable(reason)) => format!("unavailable {reason}"),
        Err(StartError::Failed(failure)) => format!("failed {failure}"),
    };
    let _ = writeln!(io::stdout(), "{line}");
    process::exit(0);
}

#[tokio::main]
async fn hold() -> Result<String, StartError> {
    let options = Options { capsule: Capsule::None, kwok: false, helm: false, controllers: Controllers::Few };
    let cluster = Cluster::start(options).await?;
    let _ = writeln!(io::stdout(), "ok {} {}", cluster.url(), cluster.directory()?.display());
    std::future::pending().await
}

fn build() -> Result<String, StartError> {
    let mut all = BTreeSet::new();
    for capsule in [Capsule::V0_14, Capsule::V0_4] {
        let programs = build::programs(Needs { capsule, kwok: true, helm: false })?;
        let optional = [programs.capsule, programs.capsule_crds, programs.kwok, programs.kwok_stages];
        all.extend([programs.etcd, programs.kube_apiserver, programs.kube_controller_manager, programs.kubectl]);
        all.extend(optional.into_iter().flatten());
    }
    let missing = all.iter().filter(|path| !path.exists()).count();
    Ok(format!("{} {missing}", all.len()))
}
