//! Nothing is left, in whatever way a test ends; and a start that fails says why.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tenantry_cluster::{Capsule, Cluster, Controllers, Failure, Options, StartError, wait_until};

use crate::children::{self, Role, run, write_script};
use crate::failure;

const GONE_LIMIT: Duration = Duration::from_mins(1);

/// The supervisor, unshare, etcd, the API server and the controllers.
const PROCESSES: usize = 5;

pub(crate) async fn a_killed_test_leaves_nothing() -> Result<(), StartError> {
    let mut child = children::command(Role::Holds).and_then(|mut command| command.stdout(Stdio::piped()).spawn());
    let child = child.as_mut().map_err(failure)?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line).map_err(failure)?;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let (address, directory) = match words[..] {
        ["ok", url, directory] => (url.trim_start_matches("https://"), Path::new(directory)),
        ["unavailable", ..] => return Err(StartError::Unavailable(line)),
        _ => return Err(Failure::new(line).into()),
    };
    assert_eq!(processes_of(directory).len(), PROCESSES, "the cluster's processes");
    assert!(TcpStream::connect(address).is_ok(), "{address} takes connections");

    // SIGKILL: no destructor runs.
    child.kill().and_then(|()| child.wait()).map_err(failure)?;
    nothing_left(address, directory).await?;
    Ok(())
}

pub(crate) async fn a_shutdown_leaves_nothing() -> Result<(), StartError> {
    let options = Options { capsule: Capsule::None, kwok: false, helm: false, controllers: Controllers::Few };
    let cluster = Cluster::start(options).await?;
    let address = cluster.url().trim_start_matches("https://").to_owned();
    let directory = cluster.directory()?.to_owned();
    assert_eq!(processes_of(&directory).len(), PROCESSES, "the cluster's processes");
    cluster.shutdown().await?;
    // At once: whoever waited for the end may count on it.
    assert_eq!(processes_of(&directory), Vec::<u32>::new(), "no process is left");
    nothing_left(&address, &directory).await?;
    Ok(())
}

async fn nothing_left(address: &str, directory: &Path) -> Result<(), Failure> {
    wait_until("no process is left", GONE_LIMIT, async || processes_of(directory).is_empty()).await?;
    wait_until("nothing listens", GONE_LIMIT, async || TcpStream::connect(address).is_err()).await?;
    wait_until("no file is left", GONE_LIMIT, async || !directory.exists()).await
}

/// The processes in whose environment the cluster's directory is named: all of a cluster's are.
fn processes_of(directory: &Path) -> Vec<u32> {
    let needle = directory.as_os_str().as_bytes();
    let names = |bytes: Vec<u8>| bytes.windows(needle.len()).any(|window| window == needle);
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| fs::read(format!("/proc/{id}/environ")).is_ok_and(names)).collect()
}

pub(crate) async fn a_failing_start_says_why() -> Result<(), StartError> {
    let assets = tempfile::tempdir().map_err(failure)?;
    let script = "for i in $(seq 100); do echo line $i; done; echo the certificate is upside down >&2; exit 3";
    write_script(&assets.path().join("kube-apiserver"), script).map_err(failure)?;
    let said = run(Role::Holds, &[("KUBEBUILDER_ASSETS", assets.path().as_os_str())])?;
    if said.starts_with("unavailable") {
        return Err(StartError::Unavailable(said));
    }
    assert!(said.starts_with("failed kube-apiserver has ended (exit status: 3)"), "{said}");
    assert!(said.trim_end().ends_with("line 100\nthe certificate is upside down"), "{said}");
    assert!(said.contains("\nline 82\n") && !said.contains("\nline 81\n"), "only the last lines: {said}");
    Ok(())
}
