//! Certificates: those of servers, of clients, and who signed them.

use super::*;

#[tokio::test]
async fn faults_of_the_certificate_are_told_apart() {
    let (authority, other, rebuilt) = (Authority::new(), Authority::named("other"), Authority::new());
    let table = [
        (authority.issue(&["127.0.0.1"], (2020, 2021)), TroubleKind::TlsExpired, "expired on 2021-01-01 00:00 UTC ("),
        (
            authority.issue(&["127.0.0.1"], (2100, 2120)),
            TroubleKind::TlsNotYetValid,
            "valid only from 2100-01-01 00:00 UTC",
        ),
        (
            authority.issue(&["oil.example", "10.0.0.1"], VALID),
            TroubleKind::TlsWrongName,
            "is not for \"127.0.0.1\": it is for \"oil.example\", \"10.0.0.1\"",
        ),
        (
            other.issue(&["127.0.0.1"], VALID),
            TroubleKind::TlsUnknownIssuer,
            "an authority that the kubeconfig does not trust",
        ),
        (
            rebuilt.issue(&["127.0.0.1"], VALID),
            TroubleKind::TlsUnknownIssuer,
            "is not signed by the authority it names",
        ),
    ];
    for (pair, kind, words) in table {
        let served = Served::new(Some(tls(&pair, None)), |_| ok());
        let trouble = Setup::https(&served, &authority).trouble().await;
        assert_eq!(trouble.kind, kind, "{trouble:?}");
        assert!(
            trouble.what.contains(words) && trouble.what.contains(&format!("127.0.0.1:{}", served.port)),
            "{trouble}"
        );
        assert!(!trouble.advice.is_empty());
        assert_eq!(served.heads(), [""; 0], "nothing may be sent to a server that is not trusted");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_accepted_where_the_kubeconfig_says_so() {
    let authority = Authority::new();
    let served = Served::new(Some(tls(&authority.issue(&["oil.example"], VALID), None)), |_| ok());
    let named = Setup::https(&served, &authority).cluster("tls-server-name", "oil.example");
    assert!(ask(&named.connect().await.unwrap()).await.is_ok());
    let insecure = Setup::new(format!("https://127.0.0.1:{}", served.port)).cluster("insecure-skip-tls-verify", true);
    assert!(ask(&insecure.connect().await.unwrap()).await.is_ok());
}

#[tokio::test]
async fn an_authority_where_a_servers_certificate_belongs_is_told() {
    let authority = Authority::new();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    let served = Served::new(Some(tls(&Pair { certificate, key }, None)), |_| ok());
    let trouble = Setup::https(&served, &authority).trouble().await;
    assert_eq!(trouble.kind, TroubleKind::Tls);
    assert!(trouble.what.contains("shows the certificate of an authority"), "{trouble}");
}

#[tokio::test]
async fn http_and_https_mixed_up_are_told() {
    let authority = Authority::new();
    let plain = Served::raw(|mut stream, _| {
        let mut hello = [0; 16];
        stream.read_exact(&mut hello)?;
        stream.write_all(http("400 Bad Request", "text/plain", "").as_bytes())
    });
    let trouble = Setup::https(&plain, &authority).trouble().await;
    assert_eq!(trouble.kind, TroubleKind::TlsMismatch, "{trouble:?}");
    assert!(trouble.what.contains("does not speak TLS"), "{trouble}");
    let secure = Served::new(Some(tls(&authority.issue(&["127.0.0.1"], VALID), None)), |_| ok());
    let trouble = Setup::new(format!("http://127.0.0.1:{}", secure.port)).trouble().await;
    assert_eq!(trouble.kind, TroubleKind::TlsMismatch, "{trouble:?}");
    assert!(trouble.what.contains("speaks https, and was spoken to in http"), "{trouble}");
}

#[tokio::test]
async fn client_certificates_are_shown_and_expired_ones_told() {
    let authority = Authority::new();
    let served = Served::new(Some(tls(&authority.issue(&["127.0.0.1"], VALID), Some(&authority))), |_| ok());
    let setup = || Setup::https(&served, &authority);
    assert!(ask(&setup().pair(&authority.issue(&[], VALID)).connect().await.unwrap()).await.is_ok());
    let expired = setup().pair(&authority.issue(&[], (2020, 2021))).trouble().await;
    assert_eq!(expired.kind, TroubleKind::ClientCertificateExpired, "{expired:?}");
    assert!(expired.what.contains("expired on 2021-01-01"), "{expired}");
    for other in [Authority::new(), Authority::named("other")] {
        let foreign = setup().pair(&other.issue(&[], VALID)).trouble().await;
        assert_eq!(foreign.kind, TroubleKind::Unauthorized, "{foreign:?}");
        assert!(foreign.what.contains("does not accept the client certificate"), "{foreign}");
    }
    let none = setup().trouble().await;
    assert_eq!(none.kind, TroubleKind::Unauthorized, "{none:?}");
    assert!(none.what.contains("wants a client certificate"), "{none}");
}

#[tokio::test]
async fn an_expired_client_certificate_is_told_from_a_rejected_one_after_a_401() {
    let authority = Authority::new();
    let served = Served::new(Some(tls(&authority.issue(&["127.0.0.1"], VALID), None)), |_| unauthorized());
    for (validity, kind) in [((2020, 2021), TroubleKind::ClientCertificateExpired), (VALID, TroubleKind::Unauthorized)]
    {
        let trouble = Setup::https(&served, &authority).pair(&authority.issue(&[], validity)).trouble().await;
        assert_eq!(trouble.kind, kind, "{trouble:?}");
        assert!(trouble.what.contains("certificate of user \"alice\" in"), "{trouble}");
    }
}
