use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn from(variables: &[(&str, &str)]) -> Proxies {
    let variables: HashMap<_, _> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect();
    Proxies::from_env(|name| variables.get(name).cloned())
}

fn shown(proxies: &Proxies, server: &str, own: Option<&str>) -> Option<String> {
    proxies.choose(&server.parse().unwrap(), own).unwrap().map(|proxy| proxy.shown)
}

#[test]
fn no_proxy_is_matched_against_the_cluster_as_go_does() {
    let table = [
        // NO_PROXY, server, goes through the proxy
        ("", "https://10.0.0.1:6443", true),
        ("10.0.0.0/8", "https://10.0.0.1:6443", false),
        ("10.0.0.0/8", "https://11.0.0.1:6443", true),
        ("10.0.0.1", "https://10.0.0.1:6443", false),
        ("10.0.0.1:6443", "https://10.0.0.1:6443", false),
        ("10.0.0.1:443", "https://10.0.0.1:6443", true),
        ("0.0.0.0/0", "https://10.0.0.1:6443", false),
        ("10.0.0.0/33", "https://10.0.0.1:6443", true),
        ("::/0", "https://10.0.0.1:6443", true),
        ("fd00::/8", "https://[fd12::1]:6443", false),
        ("fd12::1", "https://[fd12::1]:6443", false),
        ("[fd12::1]:6443", "https://[fd12::1]:6443", false),
        ("[fd12::1]:443", "https://[fd12::1]:6443", true),
        ("corp.example", "https://corp.example", false),
        ("corp.example", "https://api.corp.example", false),
        ("corp.example", "https://notcorp.example", true),
        (".corp.example", "https://api.corp.example", false),
        (".corp.example", "https://corp.example", true),
        ("*.corp.example", "https://api.corp.example", false),
        ("*.corp.example", "https://corp.example", true),
        ("corp.example:443", "https://api.corp.example", false),
        ("corp.example:443", "https://api.corp.example:6443", true),
        ("CORP.example", "https://API.Corp.Example", false),
        ("*", "https://api.corp.example", false),
        (" a , api.corp.example ", "https://api.corp.example", false),
        // Faulty elements are left out, and do not spoil the others.
        ("a,,b", "https://api.corp.example", true),
        (",,api.corp.example,:,.,*.,[", "https://api.corp.example", false),
        // The proxy's own name says nothing about the cluster.
        ("proxy.corp:3128", "https://10.0.0.1:6443", true),
    ];
    for (no_proxy, server, proxied) in table {
        let proxies = from(&[("HTTPS_PROXY", "http://proxy.corp:3128"), ("NO_PROXY", no_proxy)]);
        assert_eq!(shown(&proxies, server, None).is_some(), proxied, "NO_PROXY={no_proxy} for {server}");
    }
}

#[test]
fn loopback_is_never_proxied_by_the_environment() {
    let proxies = from(&[("HTTPS_PROXY", "http://proxy.corp:3128")]);
    for server in [
        "https://localhost:6443",
        "https://127.0.0.1:6443",
        "https://127.9.9.9",
        "https://[::1]:6443",
        "https://LOCALHOST",
    ] {
        assert_eq!(shown(&proxies, server, None), None, "{server}");
    }
    assert!(shown(&proxies, "https://localhost.corp:6443", None).is_some());
}

#[test]
fn the_clusters_own_proxy_wins() {
    let proxies = from(&[("HTTPS_PROXY", "http://proxy.corp:3128"), ("NO_PROXY", "*")]);
    assert_eq!(shown(&proxies, "https://127.0.0.1", Some("https://own:8443")), Some("https://own:8443".into()));
    assert_eq!(shown(&proxies, "https://10.0.0.1", Some("")), None);
    assert_eq!(shown(&Proxies::none(), "https://10.0.0.1", Some("socks5h://own")), Some("socks5://own:1080".into()));
}

#[test]
fn variables_are_read_as_kubectl_does() {
    for (variables, server, expected) in [
        (&[("https_proxy", "lower:1"), ("HTTPS_PROXY", "upper:2")][..], "https://a.b", Some("http://upper:2")),
        (&[("https_proxy", "lower:1"), ("HTTPS_PROXY", " ")], "https://a.b", Some("http://lower:1")),
        (&[("HTTP_PROXY", "plain:1")], "https://a.b", None),
        (&[("HTTP_PROXY", "plain:1")], "http://a.b", Some("http://plain:1")),
        (&[("ALL_PROXY", "all:1"), ("all_proxy", "all:1")], "https://a.b", None),
        (&[("HTTPS_PROXY", "https://p")], "https://a.b", Some("https://p:443")),
        (&[("HTTPS_PROXY", "http://u:s%40crt@p:81/path")], "https://a.b", Some("http://p:81")),
    ] {
        assert_eq!(shown(&from(variables), server, None).as_deref(), expected, "{variables:?} for {server}");
    }
}

#[test]
fn credentials_reach_the_proxy_and_nobody_else() {
    let proxies = from(&[("HTTPS_PROXY", "http://user:s3cret@proxy.corp:3128")]);
    let proxy = proxies.choose(&"https://10.0.0.1".parse().unwrap(), None).unwrap().unwrap();
    assert_eq!(proxy.uri.authority().unwrap(), "user:s3cret@proxy.corp:3128");
    assert!(!format!("{proxies:?} {proxy:?} {}", proxy.shown).contains("s3cret"));
}

#[test]
fn an_unusable_proxy_is_told_without_its_password() {
    for (address, words) in [
        ("ftp://u:s3cret@p:1", "unsupported kind \"ftp\""),
        ("socks4://p", "unsupported kind \"socks4\""),
        ("http://u:s3cret@", "cannot be read"),
        ("http://u:s3 cret@p", "cannot be read"),
        ("http://", "cannot be read"),
        ("socks5://u:s3cret@p", "cannot be sent to it"),
    ] {
        let trouble = from(&[("HTTPS_PROXY", address)]).choose(&"https://a.b".parse().unwrap(), None).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::Proxy);
        assert!(trouble.what.contains(words) && trouble.what.contains("HTTPS_PROXY"), "{address}: {trouble}");
        assert!(!format!("{trouble:?}").contains("s3"), "{trouble:?}");
    }
}

proptest! {
    #[test]
    fn any_no_proxy_is_survived(list in "[a-z0-9.:/*,\\[\\]\\-% é]{0,40}", other in ".{0,30}", host in "[a-z0-9.\\-]{1,20}", port: u16) {
        for list in [list, other] {
            let bypass = Bypass::parse(&list);
            for server in [format!("https://{host}:{port}"), "https://10.1.2.3".to_owned(), "https://[fd00::1]:1".to_owned()] {
                if let Ok(server) = server.parse() {
                    bypass.allows_proxy(&server);
                }
            }
        }
    }

    #[test]
    fn any_proxy_address_is_survived(address in ".{0,40}", likely in "[a-z0-9]{0,6}(://)?[a-z0-9:@%\\[\\]./]{0,20}") {
        for address in [address, likely] {
            let _ = parse_proxy("HTTPS_PROXY", &address);
        }
    }
}
