//! Credentials: entries that cannot be loaded, token files, plugins.

use super::*;

#[tokio::test]
async fn entries_that_cannot_be_loaded_are_told() {
    let authority = Authority::new();
    let pair = authority.issue(&[], VALID);
    let certificate = STANDARD.encode(pair.certificate.pem());
    let setup = || Setup::new("https://127.0.0.1:1");
    let table = [
        (setup().cluster("certificate-authority", "nowhere.crt"), "the certificate authority of cluster \"c\""),
        (setup().cluster("certificate-authority-data", "s3cret!"), "is not valid base64"),
        (setup().cluster("certificate-authority-data", STANDARD.encode("s3cret")), "holds no certificate"),
        (
            setup().cluster(
                "certificate-authority-data",
                STANDARD.encode("-----BEGIN CERTIFICATE-----\ns3!cret\n-----END CERTIFICATE-----"),
            ),
            "is not valid PEM",
        ),
        (
            setup().cluster(
                "certificate-authority-data",
                STANDARD.encode("-----BEGIN CERTIFICATE-----\nczNjcmV0\n-----END CERTIFICATE-----"),
            ),
            "is not a certificate",
        ),
        (setup().user("client-certificate", "nowhere.crt").user("client-key", "nowhere.key"), "no such file"),
        (setup().user("client-certificate-data", certificate.clone()), "belong together"),
        (setup().pair(&pair).user("client-key-data", "s3cret!"), "is not valid base64"),
        (setup().pair(&pair).user("client-key-data", STANDARD.encode("s3cret")), "an encrypted one cannot be used"),
        (
            setup().pair(&pair).user("client-key-data", STANDARD.encode(authority.issuer.key().serialize_pem())),
            "do not belong together",
        ),
        (setup().user("tokenFile", "nowhere"), "the token file"),
        (setup().user("token", "s3\u{1}cret"), "no token has"),
        (setup().user("auth-provider", json!({"name": "azure", "config": {}})), "azure"),
        (setup().user("auth-provider", json!({"name": "oidc", "config": {}})), "it has no id-token"),
        (
            setup().user("auth-provider", json!({"name": "oidc", "config": {"id-token": "s3cret"}})),
            "its id-token cannot be read",
        ),
        (
            setup().user("auth-provider", json!({"name": "oidc", "config": {"id-token": "e30.eyJleHAiOjF9.s3cret"}})),
            "cannot be renewed without idp-issuer-url",
        ),
        (
            setup().user("exec", json!({"command": "/nowhere/get-token", "installHint": "brew install it"})),
            "get-token of user \"alice\" in",
        ),
    ];
    for (setup, words) in table {
        let trouble = setup.trouble().await;
        assert_eq!(trouble.kind, TroubleKind::Credentials, "{trouble:?}");
        assert!(trouble.what.contains(words) && trouble.what.contains("/config"), "{words}: {trouble}");
        assert!(!format!("{trouble:?}").contains("cret"), "{trouble:?}");
    }
    let trouble = setup().cluster("proxy-url", "ftp://x").connect().await.map(drop).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Proxy);
}

/// Answers with 401 as long as the token is `old`.
fn refuses_old_tokens() -> Served {
    Served::new(None, |head| if head.contains("authorization: bearer old\r\n") { unauthorized() } else { ok() })
}

#[tokio::test]
async fn a_token_file_is_read_again_after_a_401() {
    let served = refuses_old_tokens();
    let setup = Setup::new(format!("http://127.0.0.1:{}", served.port)).user("tokenFile", "token");
    setup.write("token", "old\n");
    let connection = setup.connect().await.unwrap();
    assert_eq!(ask(&connection).await.unwrap_err().kind, TroubleKind::Unauthorized);
    setup.write("token", "new\n");
    assert!(ask(&connection).await.is_ok());
    // A file that is gone later is no reason to stop.
    std::fs::remove_file(setup.path("token")).unwrap();
    assert!(ask(&connection).await.is_ok());
}

#[tokio::test]
async fn a_plugin_runs_once_and_again_after_a_401() {
    let served = refuses_old_tokens();
    let setup = Setup::new(format!("http://127.0.0.1:{}", served.port));
    let (runs, token) = (setup.path("runs"), setup.path("token"));
    let setup = setup.plugin(&format!(
        "echo run >> '{}'; printf '{{\"status\":{{\"token\":\"%s\"}}}}' $(cat '{}')",
        runs.display(),
        token.display()
    ));
    setup.write("token", "old");
    let ran = || std::fs::read_to_string(&runs).unwrap().lines().count();
    let connection = setup.connect().await.unwrap();
    assert_eq!(connection.place.proof, Proof::Exec { command: "/bin/sh".into(), validity: Validity::default() });
    assert_eq!(ran(), 1);
    let trouble = ask(&connection).await.unwrap_err();
    assert_eq!((trouble.kind, ran()), (TroubleKind::Unauthorized, 1));
    // A server that goes on refusing does not keep the plugin running.
    assert!(ask(&connection).await.is_err());
    assert!(ask(&connection).await.is_err());
    assert_eq!(ran(), 2);
    // A new client asks anew.
    setup.write("token", "new");
    let connection = connection.again(Interaction::Forbidden).await.unwrap();
    assert!(ask(&connection).await.is_ok());
    assert!(ask(&connection).await.is_ok());
    assert_eq!(ran(), 3);
}

#[tokio::test]
async fn a_plugins_token_is_renewed_before_it_ends() {
    let served = Served::new(None, |_| ok());
    let setup = Setup::new(format!("http://127.0.0.1:{}", served.port));
    let first = setup.path("first");
    let soon = Timestamp::now().checked_add(jiff::SignedDuration::from_secs(30)).unwrap();
    let mut script = format!(
        "if mkdir '{}'; then token=one end={soon}; else token=two end=2100-01-01T00:00:00Z; fi; ",
        first.display()
    );
    script.push_str(r#"printf '{"status":{"token":"%s","expirationTimestamp":"%s"}}' $token $end"#);
    let connection = setup.plugin(&script).connect().await.unwrap();
    assert!(ask(&connection).await.is_ok());
    assert!(served.heads()[0].contains("bearer two"), "{:?}", served.heads());
}

#[tokio::test]
async fn a_plugin_that_cannot_renew_is_the_requests_failure() {
    let served = Served::new(None, |_| ok());
    let setup = Setup::new(format!("http://127.0.0.1:{}", served.port));
    let mut script =
        format!("mkdir '{}' || {{ echo 'session is over' >&2; exit 1; }}; ", setup.path("first").display());
    script.push_str(r#"printf '{"status":{"token":"t","expirationTimestamp":"2001-01-01T00:00:00Z"}}'"#);
    let trouble = setup.plugin(&script).trouble().await;
    assert_eq!(trouble.kind, TroubleKind::Credentials);
    assert!(trouble.what.ends_with("session is over"), "{trouble}");
}

#[tokio::test]
async fn a_plugins_certificate_is_used_and_its_end_told() {
    let authority = Authority::new();
    let served = Served::new(Some(tls(&authority.issue(&["127.0.0.1"], VALID), Some(&authority))), |_| ok());
    let pair = authority.issue(&[], VALID);
    let setup = Setup::https(&served, &authority);
    let credential = json!({"status": {
        "clientCertificateData": pair.certificate.pem(),
        "clientKeyData": pair.key.serialize_pem(),
        "expirationTimestamp": "2100-01-01T00:00:00Z",
    }});
    let path = setup.write("credential", &credential.to_string());
    let connection = setup.plugin(&format!("cat '{path}'")).connect().await.unwrap();
    assert!(ask(&connection).await.is_ok());
    assert_eq!(connection.expires, Some(4_102_444_800));
}

#[tokio::test]
async fn other_contexts_credentials_are_left_alone() {
    let mut text = String::new();
    for name in ["a", "b"] {
        writeln!(text, "- {{name: {name}, context: {{cluster: c, user: {name}}}}}").unwrap();
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config");
    let whole = format!(
        "contexts:\n{text}clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:1'}}}}]\nusers: [{{name: a, user: {{token: t}}}}, {{name: b, user: {{exec: {{command: /nowhere/x}}}}}}]"
    );
    std::fs::write(&path, whole).unwrap();
    let files = Arc::new(Files::load(Some(&path), None, None).unwrap());
    let choose = |name: &str| Choice { context: Some(name.into()), ..Choice::default() };
    assert!(connect(Arc::clone(&files), choose("a"), Proxies::none(), Interaction::Forbidden).await.is_ok());
    assert!(connect(files, choose("b"), Proxies::none(), Interaction::Forbidden).await.is_err());
}
