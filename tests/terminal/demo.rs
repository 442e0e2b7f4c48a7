//! The demo as a program: in a terminal, and as a server for others.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use kube::config::{KubeConfigOptions, Kubeconfig};
use rustix::process::{Pid, Signal, kill_process};

use crate::pty::{Pty, tenantry};

#[test]
fn it_opens_without_a_kubeconfig_and_says_that_it_is_a_demo() {
    let pty = Pty::run(tenantry(&["--demo"]), (40, 120));
    pty.wait("tenants are there", |screen| {
        let text = screen.contents();
        text.contains("DEMO") && text.contains("Tenants 13") && text.contains("ops@example.net")
    });
    // Everything that was said stays.
    pty.send("!");
    pty.wait_for("worth a try: enter, shift-c");
    pty.send("qq");
    assert_eq!(pty.wait_for_end(), 0);
}

/// The server as a child that does not outlive its test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_tenantry"))
}

fn served(file: &Path) -> Serving {
    let child = program().args(["demo", "serve", "--kubeconfig"]).arg(file).stderr(Stdio::piped()).spawn();
    let mut serving = Serving(child.unwrap());
    let mut said = String::new();
    BufReader::new(serving.0.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("serving the demo"), "{said}");
    serving
}

async fn tenants(kubeconfig: &Kubeconfig, context: &str) -> Result<Vec<String>, kube::Error> {
    let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
    let config = kube::Config::from_custom_kubeconfig(kubeconfig.clone(), &options).await.unwrap();
    let client = kube::Client::try_from(config)?;
    let request = http::Request::get("/apis/capsule.clastix.io/v1beta2/tenants").body(Vec::new()).unwrap();
    let list: serde_json::Value = client.request(request).await?;
    let name = |item: &serde_json::Value| item["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    Ok(list["items"].as_array().into_iter().flatten().map(name).collect())
}

#[tokio::test]
async fn it_is_served_with_a_kubeconfig_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.yaml");
    let mut serving = served(&file);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let kubeconfig = Kubeconfig::read_from(&file).unwrap();
    let all = tenants(&kubeconfig, "lke-demo").await.unwrap();
    assert!(all.len() == 13 && all.contains(&"oil".to_owned()), "{all:?}");
    assert_eq!(tenants(&kubeconfig, "lke-staging").await.unwrap(), ["gas", "oil"]);
    let refused = tenants(&kubeconfig, "lke-demo-dave").await.unwrap_err();
    assert!(refused.to_string().contains("User \"dave\" cannot list resource \"tenants\""), "{refused}");
    kill_process(Pid::from_child(&serving.0), Signal::INT).unwrap();
    assert!(serving.0.wait().unwrap().success());
    // The file that was left is ours to write again.
    drop(served(&file));
}

/// What the program says when it does not even begin.
fn refusal(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = program().args(["demo", "serve"]).args(arguments).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

#[test]
fn it_is_not_served_to_everybody_by_mistake() {
    let said = refusal(&["--listen", "0.0.0.0:0"]);
    assert!(said.contains("0.0.0.0 is not a loopback address") && said.contains("--beyond-loopback"), "{said}");
}

#[test]
fn the_kubeconfig_of_another_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::write(&file, "apiVersion: v1\nkind: Config\n").unwrap();
    let said = refusal(&["--kubeconfig", file.to_str().unwrap()]);
    assert!(said.contains("was not written by `tenantry demo serve`"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "apiVersion: v1\nkind: Config\n");
}
