use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::*;

fn jwt(payload: &str) -> String {
    format!("{}.{}.sig", URL_SAFE_NO_PAD.encode("{}"), URL_SAFE_NO_PAD.encode(payload))
}

fn certificate() -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "alice");
    params.distinguished_name.push(DnType::OrganizationName, "devs");
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2030, 1, 2));
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

/// What stands in [`certificate`].
fn alices() -> Proof {
    Proof::Certificate {
        common_name: "alice".into(),
        organizations: vec!["devs".into()],
        validity: Validity { since: Some(1_577_836_800), until: Some(1_893_542_400), renews: false },
    }
}

#[test]
fn a_jwt_says_whose_it_is() {
    let token = jwt(r#"{"iss":"https://kubernetes.default.svc","sub":"system:serviceaccount:oil:ci","iat":5,"exp":9}"#);
    let expected = Claims {
        issuer: Some("https://kubernetes.default.svc".into()),
        subject: Some("system:serviceaccount:oil:ci".into()),
        validity: Validity { since: Some(5), until: Some(9), renews: false },
    };
    assert_eq!(claims(&token), expected);
    // Nobody has checked what stands in it.
    assert_eq!(claims(&jwt(r#"{"sub":"a\u001b[2J"}"#)).subject.as_deref(), Some("a\u{FFFD}[2J"));
}

#[test]
fn a_jwts_expiry_is_read() {
    for (token, expected) in [
        (jwt(r#"{"exp":1700000000}"#), Some(1_700_000_000)),
        (jwt(r#"{"exp":1700000000.5}"#), Some(1_700_000_000)),
        (jwt(r#"{"exp":"soon"}"#), None),
        (jwt("{}"), None),
        ("opaque".to_owned(), None),
        ("a.b.c".to_owned(), None),
        (String::new(), None),
    ] {
        assert_eq!(claims(&token).validity.until, expected, "{token}");
    }
}

#[test]
fn a_certificates_name_and_end_are_read() {
    let pem = certificate();
    assert_eq!(certificate_facts(pem.as_bytes()), Some(alices()));
    assert_eq!(certificate_facts(b"nothing"), None);
}

#[test]
fn the_proof_is_what_the_server_will_look_at() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        Some(folder.path().join(name).to_string_lossy().into_owned())
    };
    let secret = |text: &str| Some(SecretString::from(text));
    let exec = kube::config::ExecConfig { command: Some("aws".into()), ..Default::default() };
    let alice = alices();
    let token = |until, file: Option<String>| {
        let claims = Claims { validity: Validity::ending(until), ..Claims::default() };
        Proof::Token { claims, file }
    };
    let file = path("token", &jwt(r#"{"exp":7}"#));
    let table = [
        (AuthInfo::default(), Proof::Nothing),
        (
            AuthInfo { client_certificate_data: Some(STANDARD.encode(certificate())), ..Default::default() },
            alice.clone(),
        ),
        (AuthInfo { client_certificate: path("crt", &certificate()), token: secret("t"), ..Default::default() }, alice),
        (
            AuthInfo { client_certificate: Some("/nowhere".into()), ..Default::default() },
            Proof::Certificate { common_name: String::new(), organizations: Vec::new(), validity: Validity::default() },
        ),
        (AuthInfo { token: secret("t"), exec: Some(exec.clone()), ..Default::default() }, token(None, None)),
        (AuthInfo { token: secret(&format!("{}\n", jwt(r#"{"exp":5}"#))), ..Default::default() }, token(Some(5), None)),
        (AuthInfo { token_file: file.clone(), ..Default::default() }, token(Some(7), file)),
        (
            AuthInfo { token: secret(" "), token_file: Some(String::new()), exec: Some(exec), ..Default::default() },
            Proof::Exec { command: "aws".into(), validity: Validity::default() },
        ),
        (AuthInfo { username: Some("u".into()), password: secret("p"), ..Default::default() }, Proof::Basic),
        (
            AuthInfo {
                auth_provider: Some(kube::config::AuthProviderConfig { name: "oidc".into(), ..Default::default() }),
                ..Default::default()
            },
            Proof::AuthProvider { name: "oidc".into(), claims: Claims::default() },
        ),
    ];
    for (user, expected) in table {
        assert_eq!(proof(Some(&user)), expected, "{user:?}");
    }
    assert_eq!(proof(None), Proof::Nothing);
}

#[test]
fn empty_values_count_as_absent() {
    let user: AuthInfo = serde_json::from_str(
        r#"{"token":"","tokenFile":" ","client-certificate":"","client-key-data":"","username":"","as":"","password":"x"}"#,
    )
    .unwrap();
    let user = tidied(user);
    assert!(user.token.is_none() && user.token_file.is_none() && user.client_certificate.is_none());
    assert!(user.client_key_data.is_none() && user.username.is_none() && user.impersonate.is_none());
    assert!(user.password.is_some());
}

mod plugins {
    use std::time::Duration;

    use kube::config::{Cluster, ExecConfig, ExecInteractiveMode};

    use super::super::exec::{Interaction, Issued, Plugin};
    use super::*;
    use crate::world::trouble::{Trouble, TroubleKind};

    const NEVER: Option<ExecInteractiveMode> = Some(ExecInteractiveMode::Never);
    const IF_AVAILABLE: Option<ExecInteractiveMode> = Some(ExecInteractiveMode::IfAvailable);
    const ALWAYS: Option<ExecInteractiveMode> = Some(ExecInteractiveMode::Always);

    fn config(script: &str, mode: Option<ExecInteractiveMode>) -> ExecConfig {
        ExecConfig {
            api_version: Some("client.authentication.k8s.io/v1".into()),
            command: Some("/bin/sh".into()),
            args: Some(vec!["-c".into(), script.into()]),
            interactive_mode: mode,
            ..ExecConfig::default()
        }
    }

    async fn run(config: ExecConfig, interaction: Interaction) -> Result<Issued, Trouble> {
        let plugin = Plugin::new(config, &Cluster::default(), "\"alice\" in /k".into()).unwrap();
        plugin.at_a_terminal(true).run(interaction).await
    }

    async fn trouble(config: ExecConfig, interaction: Interaction) -> Trouble {
        run(config, interaction).await.map(drop).unwrap_err()
    }

    #[tokio::test]
    async fn what_it_prints_is_read() {
        let json = r#"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t0","expirationTimestamp":"2030-01-02T00:00:00Z"}}'"#;
        let issued = run(config(json, NEVER), Interaction::Forbidden).await.unwrap();
        assert_eq!(issued.token.unwrap().expose_secret(), "t0");
        assert_eq!(issued.expires.unwrap().as_second(), 1_893_542_400);
        let yaml = "printf 'kind: ExecCredential\\nstatus:\\n  clientCertificateData: c\\n  clientKeyData: k\\n'";
        let (certificate, key) =
            run(config(yaml, IF_AVAILABLE), Interaction::Forbidden).await.unwrap().certificate.unwrap();
        assert_eq!((certificate.as_str(), key.expose_secret()), ("c", "k"));
    }

    #[tokio::test]
    async fn it_is_told_what_it_needs_and_has_no_terminal() {
        // The plugin answers with the facts about its surroundings as a token.
        let script = r#"
            test -t 0 && in=terminal || in=$(cat | wc -c)
            info=$(printf %s "$KUBERNETES_EXEC_INFO" | tr -d '"')
            printf '{"status":{"token":"%s|%s|%s"}}' "$GIVEN" "$in" "$info""#;
        let mut config = config(script, None);
        config.env = Some(vec![[("name".to_owned(), "GIVEN".to_owned()), ("value".to_owned(), "v".to_owned())].into()]);
        config.provide_cluster_info = true;
        let cluster = Cluster { server: Some("https://a.b".into()), ..Cluster::default() };
        let plugin = Plugin::new(config, &cluster, String::new()).unwrap();
        let token = plugin.run(Interaction::Forbidden).await.unwrap().token.unwrap();
        assert_eq!(
            token.expose_secret(),
            "v|0|{apiVersion:client.authentication.k8s.io/v1,kind:ExecCredential,spec:{interactive:false,cluster:{server:https://a.b}}}"
        );
    }

    #[tokio::test]
    async fn one_that_must_ask_is_offered_the_terminal_once() {
        let print = r#"echo '{"status":{"token":"t"}}'"#;
        let refused = trouble(config("touch /nowhere/ran; exit 9", ALWAYS), Interaction::Forbidden).await;
        assert_eq!(refused.kind, TroubleKind::NeedsTerminal { command: "/bin/sh".into() });
        assert!(refused.what.contains("has to ask you something"), "{refused}");
        assert!(run(config(print, ALWAYS), Interaction::Allowed).await.is_ok());
        for words in ["cannot prompt: not a TTY", "EOF", "Enter password:", "stdin: Inappropriate ioctl for device"] {
            let refused =
                trouble(config(&format!("echo '{words}' >&2; exit 1"), IF_AVAILABLE), Interaction::Forbidden).await;
            assert!(matches!(refused.kind, TroubleKind::NeedsTerminal { .. }), "{words}: {refused}");
        }
        // Without a terminal nobody can be asked, whatever is allowed.
        let plugin =
            Plugin::new(config(print, ALWAYS), &Cluster::default(), String::new()).unwrap().at_a_terminal(false);
        let refused = plugin.run(Interaction::Allowed).await.map(drop).unwrap_err();
        assert!(matches!(refused.kind, TroubleKind::NeedsTerminal { .. }), "{refused}");
        assert_eq!(refused.advice, "run this at a terminal");
        for words in ["Get \"https://sso\": EOF", "a pretty enterprise was terminated"] {
            let failed =
                trouble(config(&format!("echo '{words}' >&2; exit 1"), IF_AVAILABLE), Interaction::Forbidden).await;
            assert_eq!(failed.kind, TroubleKind::Credentials, "{words}");
        }
        // One that says it never asks is believed.
        let failed = trouble(config("echo 'Enter password:' >&2; exit 1", NEVER), Interaction::Forbidden).await;
        assert_eq!(failed.kind, TroubleKind::Credentials);
    }

    #[tokio::test]
    async fn a_missing_one_is_told_with_its_hint() {
        let missing = |hint: Option<&str>| ExecConfig {
            command: Some("/nowhere/get-token".into()),
            install_hint: hint.map(str::to_owned),
            ..ExecConfig::default()
        };
        let told =
            trouble(missing(Some("Get it:\n\n  brew install \x1b[31mget-token\n")), Interaction::Forbidden).await;
        assert_eq!(told.kind, TroubleKind::Credentials);
        assert_eq!(told.what, "the credential plugin get-token of user \"alice\" in /k is not installed");
        assert_eq!(told.advice, "Get it: brew install \u{FFFD}[31mget-token");
        let told = trouble(missing(None), Interaction::Forbidden).await;
        assert!(told.advice.contains("install get-token"), "{told}");
        let told = trouble(ExecConfig::default(), Interaction::Forbidden).await;
        assert!(told.what.contains("names no command"), "{told}");
        let told = trouble(
            ExecConfig { command: Some("/etc/passwd".into()), ..ExecConfig::default() },
            Interaction::Forbidden,
        )
        .await;
        assert!(told.what.contains("may not be executed"), "{told}");
    }

    #[tokio::test]
    async fn a_failing_one_is_told_by_its_own_words() {
        let script =
            "printf 'loading\\n\\033[31mError: no session for \\tbob.\\n  at line 7\\n' >&2; echo s3cret; exit 3";
        let told = trouble(config(script, NEVER), Interaction::Forbidden).await;
        assert_eq!(told.kind, TroubleKind::Credentials);
        assert_eq!(
            told.what,
            "the credential plugin sh of user \"alice\" in /k failed with code 3: \u{FFFD}[31mError: no session for bob"
        );
        assert!(told.detail.contains("at line 7") && !told.detail.contains('\x1b'), "{told:?}");
        assert!(!format!("{told:?}").contains("s3cret"), "{told:?}");
        let long =
            trouble(config("head -c 5000 /dev/zero | tr '\\0' x >&2; exit 1", NEVER), Interaction::Forbidden).await;
        assert!(long.what.chars().count() < 300, "{long}");
    }

    #[tokio::test]
    async fn one_that_prints_no_credential_is_told_without_what_it_printed() {
        for (script, words) in [
            ("echo s3cret", "did not print a credential"),
            ("echo '{\"kind\":\"s3cret\",\"status\":{\"token\":\"s3cret\"}}'", "did not print a credential"),
            ("echo '{\"s3cret\":1}'", "printed no status"),
            ("echo '{\"status\":{}}'", "neither a token nor a certificate"),
            ("echo '{\"status\":{\"token\":\"\"}}'", "neither a token nor a certificate"),
            ("echo '{\"status\":{\"clientKeyData\":\"s3cret\"}}'", "without a certificate"),
            (
                "echo '{\"status\":{\"token\":\"s3cret\",\"expirationTimestamp\":\"s3cret\"}}'",
                "an expiry that is not a time",
            ),
            ("echo", "printed nothing"),
        ] {
            let told = trouble(config(script, NEVER), Interaction::Forbidden).await;
            assert_eq!(told.kind, TroubleKind::Credentials);
            assert!(told.what.contains(words), "{script}: {told}");
            assert!(!format!("{told:?}").contains("s3cret"), "{told:?}");
        }
    }

    #[tokio::test]
    async fn one_that_never_ends_is_stopped() {
        let hangs = |mode| {
            Plugin::new(config("exec tail -f /dev/null", mode), &Cluster::default(), String::new())
                .unwrap()
                .with_patience(Duration::from_millis(50))
        };
        let told = hangs(NEVER).run(Interaction::Forbidden).await.map(drop).unwrap_err();
        assert_eq!(told.kind, TroubleKind::Credentials);
        let told = hangs(IF_AVAILABLE).run(Interaction::Forbidden).await.map(drop).unwrap_err();
        assert!(matches!(told.kind, TroubleKind::NeedsTerminal { .. }));
    }
}
