//! What a shell's prompt asks: it is answered at once, in few words, and never on standard error.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use tenantry::cluster::connect::{Choice, place};
use tenantry::cluster::kubeconfig::Files;
use tenantry::cluster::proxy::Proxies;
use tenantry::config::known;
use tenantry::world::capsule::Standing;
use tenantry::world::identity::{Identity, Known};

/// Longer than it takes a built without optimisation on a busy machine, and much shorter than any cluster is waited for.
const AT_ONCE: Duration = Duration::from_secs(2);

fn prompt(home: &Path, arguments: &[&str]) -> (String, Option<i32>) {
    let begun = Instant::now();
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_tenantry"))
        .args(["whoami", "-o", "prompt"])
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .output()
        .unwrap();
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    assert!(stderr.is_empty(), "a prompt would show this each time: {}", String::from_utf8_lossy(&stderr));
    (String::from_utf8(stdout).unwrap(), status.code())
}

/// A home whose kubeconfig leads to a server that accepts and never answers, by way of a plugin that never ends.
fn home() -> (tempfile::TempDir, TcpListener) {
    let home = tempfile::tempdir().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: far\n\
         clusters: [{{name: c, cluster: {{server: 'http://{}'}}}}]\n\
         users: [{{name: u, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: sleep, args: ['60']}}}}}}]\n\
         contexts: [{{name: far, context: {{cluster: c, user: u, namespace: oil}}}}]\n",
        server.local_addr().unwrap()
    );
    std::fs::create_dir(home.path().join(".kube")).unwrap();
    std::fs::write(home.path().join(".kube/config"), config).unwrap();
    (home, server)
}

#[test]
fn without_a_kubeconfig_it_is_short_and_quick() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(prompt(home.path(), &[]), ("no kubeconfig\n".into(), Some(1)));
    let file = home.path().join("config");
    let broken = |text: &str, arguments: &[&str]| {
        std::fs::write(&file, text).unwrap();
        prompt(home.path(), &[&["--kubeconfig", file.to_str().unwrap()], arguments].concat())
    };
    assert_eq!(broken("a: [", &[]), ("broken kubeconfig\n".into(), Some(1)));
    assert_eq!(broken("apiVersion: v1\nkind: Config\n", &[]), ("no context\n".into(), Some(1)));
    assert_eq!(broken("apiVersion: v1\nkind: Config\n", &["--context", "x"]), ("no context\n".into(), Some(1)));
    let dangling =
        "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: b, user: c}}]\n";
    assert_eq!(broken(dangling, &[]), ("no such cluster\n".into(), Some(1)));
}

#[test]
fn it_waits_neither_for_a_cluster_nor_for_a_plugin() {
    let (home, _server) = home();
    assert_eq!(prompt(home.path(), &[]), ("far:oil ?\n".into(), Some(0)));
    let files = Files::load(None, None, Some(home.path())).unwrap();
    let place = place(&files, &Choice::default(), &Proxies::from_env(|_| None)).unwrap();
    let identity = Identity { username: "alice".into(), uid: None, groups: vec![], extra: vec![] };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().cast_signed();
    let folder = home.path().join(".local/state/tenantry/identities");
    known::keep(&folder, &Known::of(&place, &identity, Some(Standing::User), now)).unwrap();
    assert_eq!(prompt(home.path(), &[]), ("far:oil alice user\n".into(), Some(0)));
    known::keep(&folder, &Known::of(&place, &identity, Some(Standing::User), now - 3 * 86_400)).unwrap();
    assert_eq!(prompt(home.path(), &["-n", "gas"]), ("far:gas alice~3d user\n".into(), Some(0)));
    // What was decided of the context is said, too.
    let config = home.path().join(".config/tenantry");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "[contexts.\"f*\"]\nclass = \"production\"\nreadonly = true\n").unwrap();
    assert_eq!(prompt(home.path(), &[]), ("far:oil alice~3d user production RO\n".into(), Some(0)));
    // One that cannot be read makes the console read-only.
    std::fs::write(config.join("config.toml"), "[contexts").unwrap();
    assert_eq!(prompt(home.path(), &[]), ("far:oil alice~3d user RO\n".into(), Some(0)));
}
