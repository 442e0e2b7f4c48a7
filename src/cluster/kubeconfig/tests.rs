use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

const ONE: &str = "
apiVersion: v1
kind: Config
current-context: prod
clusters:
- {name: oil, cluster: {server: 'https://oil.example:6443/base', certificate-authority: ca.crt}}
- {name: bare, cluster: {server: '10.0.0.1:6443'}}
contexts:
- {name: prod, context: {cluster: oil, user: alice, namespace: web}}
- {name: nobody, context: {cluster: oil}}
- {name: lost-cluster, context: {cluster: gone, user: alice}}
- {name: lost-user, context: {cluster: oil, user: alise}}
- {name: bare, context: {cluster: bare, user: alice, namespace: ''}}
users:
- {name: alice, user: {token: abc}}
";

const TWO: &str = "
apiVersion: v1
kind: Config
current-context: other
clusters:
- {name: oil, cluster: {server: 'https://wrong.example'}}
- {name: gas, cluster: {server: 'https://gas.example'}}
contexts:
- {name: prod, context: {cluster: gas, user: alice}}
- {name: other, context: {cluster: gas, user: alice}}
users: null
";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn list(folder: &TempDir, names: &[&str]) -> OsString {
    std::env::join_paths(names.iter().map(
        |name| {
            if name.is_empty() { PathBuf::new() } else { folder.path().join(name) }
        },
    ))
    .unwrap()
}

fn load(text: &str) -> Result<Files, Trouble> {
    let folder = folder(&[("config", text)]);
    Files::load(Some(&folder.path().join("config")), None, None)
}

#[test]
fn the_list_is_merged_as_kubectl_does() {
    let folder = folder(&[("one", ONE), ("two", TWO)]);
    let files = Files::load(None, Some(&list(&folder, &["missing", "", "one", "two"])), None).unwrap();
    assert_eq!(files.current(), Some("prod"));
    assert_eq!(files.missing, [folder.path().join("missing")]);
    assert_eq!(files.paths, [folder.path().join("one"), folder.path().join("two")]);
    let contexts = files.contexts();
    let names: Vec<_> = contexts.iter().map(|context| context.name.as_str()).collect();
    assert_eq!(names, ["prod", "nobody", "lost-cluster", "lost-user", "bare", "other"]);
    assert_eq!(
        contexts[0],
        ContextEntry {
            name: "prod".into(),
            cluster: "oil".into(),
            server: "oil.example:6443".into(),
            user: "alice".into(),
            namespace: Some("web".into()),
            file: folder.path().join("one"),
        }
    );
    assert_eq!(contexts[2].server, "");
    assert_eq!((contexts[5].server.as_str(), &contexts[5].file), ("gas.example:443", &folder.path().join("two")));
    // The first file's relative paths are relative to it.
    let entries = files.entries(Some("prod")).unwrap();
    assert_eq!(entries.cluster.certificate_authority.as_deref(), folder.path().join("ca.crt").to_str());
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_home() {
    let folder = folder(&[("one", ONE), ("two", TWO)]);
    let (one, two) = (folder.path().join("one"), list(&folder, &["two"]));
    let home = folder.path().join("home");
    fs::create_dir_all(home.join(".kube")).unwrap();
    fs::write(home.join(".kube/config"), "current-context: at-home").unwrap();
    let current = |explicit: Option<&Path>, env: Option<&OsStr>| {
        Files::load(explicit, env, Some(&home)).unwrap().current().map(str::to_owned)
    };
    assert_eq!(current(Some(&one), Some(&two)).as_deref(), Some("prod"));
    assert_eq!(current(None, Some(&two)).as_deref(), Some("other"));
    assert_eq!(current(None, None).as_deref(), Some("at-home"));
    assert_eq!(current(None, Some(OsStr::new(""))).as_deref(), Some("at-home"));
    let found = Files::find(None, |name| (name == "HOME").then(|| home.clone().into_os_string())).unwrap();
    assert_eq!(found.current(), Some("at-home"));
}

#[test]
fn files_are_read_again() {
    let folder = folder(&[("one", ONE)]);
    let files = Files::load(None, Some(&list(&folder, &["later", "one"])), None).unwrap();
    fs::write(folder.path().join("later"), "current-context: nobody").unwrap();
    assert_eq!(files.current(), Some("prod"));
    assert_eq!(files.reload().unwrap().current(), Some("nobody"));
}

#[test]
fn no_file_at_all_is_told_with_what_was_looked_for() {
    let folder = folder(&[]);
    let missing = folder.path().join("config");
    let table = [
        (Files::load(Some(&missing), None, None), "does not exist"),
        (Files::load(None, Some(&list(&folder, &["a", "b"])), None), "none of the files in KUBECONFIG exists"),
        (Files::load(None, None, Some(folder.path())), "/.kube/config does not exist"),
        (Files::load(None, None, None), "no home directory"),
        (Files::find(None, |_| None), "no home directory"),
    ];
    for (result, words) in table {
        let trouble = result.unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::NoKubeconfig);
        assert!(trouble.what.contains(words), "{trouble}");
        assert!(trouble.advice.contains("--demo"), "{trouble}");
    }
}

#[test]
fn a_broken_file_is_told_by_line_and_never_by_content() {
    let table = [
        ("a: b\n\tsecret: s3cret\n", " at line 2"),
        ("users:\n- name: s3cret\n  name: s3cret\n", "the same key is there twice"),
        ("users:\n- name: x\n  user: s3cret\n", " at line 3"),
        ("clusters: s3cret\n", " at line 1"),
        ("contexts:\n- context: {cluster: s3cret}\n", "`name` is missing"),
        ("users: [s3cret\n", "is broken"),
        ("s3cret", "is broken"),
        ("users:\n- name: a\n  user: {token: {s3cret: 1}}\n", " at line 3"),
        ("users:\n- name: a\n  user:\n    exec: {interactiveMode: s3cret}\n", " at line 4"),
        ("a: *s3cret\n", " at line 1"),
        ("users:\n- name: \u{7}s3cret\n", "is broken"),
        ("a: \"s3cret", "is broken"),
        ("kind: Pod\napiVersion: v1\n", "is a Pod, not a kubeconfig"),
        ("kind: Config\napiVersion: v2\n", "unknown apiVersion v2"),
    ];
    for (text, words) in table {
        let trouble = load(text).map(drop).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::MalformedKubeconfig, "{trouble}");
        assert!(trouble.what.contains(words), "{text:?}: {trouble}");
        assert!(trouble.what.contains("/config"), "{trouble}");
        assert!(!format!("{trouble:?}").contains("s3cret"), "{trouble:?}");
    }
}

#[test]
fn a_file_that_does_not_fit_the_others_is_named() {
    let folder = folder(&[("one", ONE), ("pod", "kind: Pod"), ("binary", "")]);
    fs::write(folder.path().join("binary"), [0xff, 0xfe, 0xfd, 0x00, 0x80]).unwrap();
    fs::write(folder.path().join("odd"), [0xff, 0xfe, 0x20]).unwrap();
    for name in ["pod", "binary", "odd"] {
        let trouble = Files::load(None, Some(&list(&folder, &["one", name])), None).map(drop).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::MalformedKubeconfig);
        assert!(trouble.what.contains(&format!("/{name} ")), "{trouble}");
    }
    let trouble = Files::load(Some(folder.path()), None, None).map(drop).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::MalformedKubeconfig);
    assert!(trouble.what.contains("is a directory"), "{trouble}");
}

#[test]
fn an_unset_current_context_hides_no_other() {
    let folder = folder(&[("one", "current-context: ''"), ("two", TWO)]);
    assert_eq!(Files::load(None, Some(&list(&folder, &["one", "two"])), None).unwrap().current(), Some("other"));
}

#[test]
fn paths_start_at_the_files_own_folder() {
    let text = "users: [{name: a, user: {tokenFile: t, client-certificate: /c, client-key: '', exec: {command: bin/x}}}, {name: b, user: {exec: {command: aws}}}]";
    let folder = folder(&[("config", text)]);
    let files = Files::load(Some(&folder.path().join("config")), None, None).unwrap();
    let users: Vec<_> = files.kubeconfig.auth_infos.iter().map(|named| named.auth_info.as_ref().unwrap()).collect();
    let inside = |name: &str| folder.path().join(name).to_str().map(str::to_owned);
    assert_eq!((&users[0].token_file, users[0].client_certificate.as_deref()), (&inside("t"), Some("/c")));
    assert_eq!(users[0].client_key.as_deref(), Some(""));
    assert_eq!(users[0].exec.as_ref().unwrap().command, inside("bin/x"));
    assert_eq!(users[1].exec.as_ref().unwrap().command.as_deref(), Some("aws"));
}

#[test]
fn files_in_utf_16_are_read() {
    let folder = folder(&[]);
    let units =
        |unit: fn(u16) -> [u8; 2]| "\u{feff}current-context: é".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    for bytes in [units(u16::to_le_bytes), units(u16::to_be_bytes), "\u{feff}current-context: é".into()] {
        fs::write(folder.path().join("config"), bytes).unwrap();
        assert_eq!(Files::load(Some(&folder.path().join("config")), None, None).unwrap().current(), Some("é"));
    }
}

#[test]
fn entries_that_lead_nowhere_are_told_with_what_there_is() {
    let files = load(ONE).unwrap();
    let table = [
        (
            Some("prd"),
            TroubleKind::UnknownContext,
            "no context \"prd\"",
            "did you mean \"prod\"? known contexts: \"prod\", \"nobody\"",
        ),
        (Some("elsewhere"), TroubleKind::UnknownContext, "no context \"elsewhere\"", "known contexts: \"prod\""),
        (
            Some("lost-cluster"),
            TroubleKind::UnknownCluster,
            "names the cluster \"gone\"",
            "known clusters: \"oil\", \"bare\"",
        ),
        (Some("lost-user"), TroubleKind::UnknownUser, "names the user \"alise\"", "did you mean \"alice\"?"),
    ];
    for (name, kind, what, advice) in table {
        let trouble = files.entries(name).unwrap_err();
        assert_eq!(trouble.kind, kind);
        assert!(trouble.what.contains(what) && trouble.what.contains("/config"), "{trouble}");
        assert!(trouble.advice.contains(advice), "{trouble}");
    }
    let none = load("contexts: []").unwrap();
    let trouble = none.entries(None).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::UnknownContext);
    assert!(trouble.what.contains("no context is current"), "{trouble}");
    assert!(trouble.advice.contains("define no contexts at all"), "{trouble}");
}

#[test]
fn a_context_without_a_user_is_anonymous() {
    let files = load(ONE).unwrap();
    let entries = files.entries(Some("nobody")).unwrap();
    assert_eq!((entries.user_name, entries.user.is_none()), ("", true));
}

#[test]
fn server_addresses_are_completed_as_kubectl_does() {
    let with = |server: &str, ca: bool| Cluster {
        server: Some(server.to_owned()),
        certificate_authority: ca.then(|| "ca.crt".to_owned()),
        ..Cluster::default()
    };
    for (server, ca, expected) in [
        ("https://a.b", false, Ok("https://a.b/ a.b:443")),
        ("http://a.b", false, Ok("http://a.b/ a.b:80")),
        ("10.0.0.1:6443", true, Ok("https://10.0.0.1:6443/ 10.0.0.1:6443")),
        ("10.0.0.1:8080", false, Ok("http://10.0.0.1:8080/ 10.0.0.1:8080")),
        ("https://[::1]:6443/k8s/c-1", false, Ok("https://[::1]:6443/k8s/c-1 [::1]:6443")),
        ("https://user:pw@a.b", false, Ok("https://user:pw@a.b/ a.b:443")),
        (" https://a.b ", false, Ok("https://a.b/ a.b:443")),
        ("", false, Err("names no server")),
        ("ftp://a.b", false, Err("neither https nor http")),
        ("https://", false, Err("cannot be read")),
        ("https://a b", false, Err("cannot be read")),
    ] {
        match (server_uri(&with(server, ca)), expected) {
            (Ok(uri), Ok(expected)) => assert_eq!(format!("{uri} {}", host_port(&uri)), expected, "{server}"),
            (Err(reason), Err(expected)) => assert!(reason.contains(expected), "{server}: {reason}"),
            (result, _) => panic!("{server}: {result:?}"),
        }
    }
}

#[test]
fn a_pods_service_account_reads_as_a_kubeconfig() {
    let mount = folder(&[("token", "abc"), ("ca.crt", ""), ("namespace", "web\n")]);
    let pod = Pod { host: "fd00::1".into(), port: "443".into(), mount: mount.path().to_owned() };
    let files = Files::in_pod(&pod).unwrap();
    let entries = files.entries(None).unwrap();
    assert_eq!(entries.context_name, IN_CLUSTER);
    assert_eq!(entries.server, "https://[fd00::1]:443/");
    assert_eq!(entries.context.namespace.as_deref(), Some("web"));
    assert!(entries.user.unwrap().token_file.as_ref().unwrap().ends_with("token"));
    assert_eq!(files.reload().unwrap().current(), Some(IN_CLUSTER));
}

#[test]
fn debugging_shows_no_secrets() {
    let files = load("users: [{name: a, user: {auth-provider: {name: oidc, config: {id-token: s3cret}}}}]").unwrap();
    assert!(!format!("{files:?}").contains("s3cret"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>, mark in 0_usize..4) {
        let marks: [&[u8]; 4] = [&[], &[0xff, 0xfe], &[0xfe, 0xff], &[0xef, 0xbb, 0xbf]];
        let _ = read::decode(&[marks[mark], &bytes].concat());
    }

    #[test]
    fn any_text_is_survived(text in ".{0,200}", likely in "((current-context|users|clusters|contexts|name|user|cluster|server|exec)(:|: | \\{|- |\n|\n  |\t| \\[|\"|&a|\\*a)){0,12}") {
        for text in [text, likely] {
            if let Ok(files) = load(&text) {
                files.contexts();
                for name in [None, Some("x")] {
                    let _ = files.entries(name);
                }
            }
        }
    }
}
