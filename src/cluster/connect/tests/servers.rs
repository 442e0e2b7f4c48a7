//! Servers and proxies that are not there, say nothing, or say something else.

use super::*;

#[tokio::test]
async fn servers_that_are_not_there_are_told_apart() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let trouble = Setup::new(format!("https://127.0.0.1:{unused}")).trouble().await;
    assert_eq!((trouble.kind, trouble.what), (TroubleKind::Refused, format!("nothing listens at 127.0.0.1:{unused}")));
    let trouble = Setup::new("https://nowhere.invalid:6443").trouble().await;
    assert_eq!(
        (trouble.kind, trouble.what.as_str()),
        (TroubleKind::Dns, "the name nowhere.invalid cannot be resolved")
    );
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for() {
    // The kernel accepts, nobody answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let connect = |scheme| {
        let files = Setup::new(format!("{scheme}://{address}")).files();
        connect_within(SHORT, files, Choice::default(), Proxies::none(), Interaction::Forbidden)
    };
    let trouble = ask(&connect("https").await.unwrap()).await.unwrap_err();
    assert_eq!((trouble.kind, trouble.what), (TroubleKind::TimedOut, format!("{address} did not answer in time")));
    // Once connected, the limit is the caller's.
    let connection = connect("http").await.unwrap();
    assert!(tokio::time::timeout(SHORT, ask(&connection)).await.is_err());
    assert_eq!(timed_out(&connection.asked("read"), SHORT).kind, TroubleKind::TimedOut);
}

#[tokio::test]
async fn connections_that_break_are_told() {
    let at_once = Served::raw(|stream, _| {
        drop(stream);
        Ok(())
    });
    let trouble = Setup::new(format!("http://127.0.0.1:{}", at_once.port)).trouble().await;
    assert!(trouble.is_transient(), "{trouble:?}");
    let authority = Authority::new();
    let trouble = Setup::https(&at_once, &authority).trouble().await;
    assert_eq!(trouble.kind, TroubleKind::Unreachable, "{trouble:?}");
    let halfway = Served::new(None, |_| "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"major\"".to_owned());
    let trouble = Setup::new(format!("http://127.0.0.1:{}", halfway.port)).trouble().await;
    assert_eq!(trouble.kind, TroubleKind::Interrupted, "{trouble:?}");
}

#[tokio::test]
async fn pages_instead_of_kubernetes_are_told() {
    let page = "<html><head><title>Sign in to Corp</title></head><body>s3cret</body></html>";
    for (code, kind, words) in [
        ("200 OK", TroubleKind::NotKubernetes, "not the Kubernetes API"),
        ("403 Forbidden", TroubleKind::NotKubernetes, "\"Sign in to Corp\""),
        ("502 Bad Gateway", TroubleKind::Server, "instead of Kubernetes (502): \"Sign in to Corp\""),
    ] {
        let served = Served::new(None, move |_| http(code, "text/html", page));
        let trouble = Setup::new(format!("http://127.0.0.1:{}", served.port)).trouble().await;
        assert_eq!(trouble.kind, kind, "{trouble:?}");
        assert!(trouble.what.contains(words), "{trouble}");
        assert!(!format!("{trouble:?}").contains("s3cret"), "{trouble:?}");
    }
}

#[tokio::test]
async fn nothing_is_retried_behind_our_back() {
    let served = Served::new(None, |_| {
        http("429 Too Many Requests", "application/json", r#"{"kind":"Status","code":429,"reason":"TooManyRequests"}"#)
    });
    let trouble = Setup::new(format!("http://127.0.0.1:{}", served.port)).trouble().await;
    assert_eq!((trouble.kind, served.heads().len()), (TroubleKind::TooMany, 1));
}

#[tokio::test]
async fn proxies_are_used_and_their_refusals_told() {
    let authority = Authority::new();
    let setup = Setup::new("https://oil.invalid:6443").trusting(&authority);
    let through = |proxy: &Served| {
        setup.connect_as(Choice::default(), proxied_by(&format!("http://user:s3cret@127.0.0.1:{}", proxy.port)))
    };

    let proxy = Served::proxy("HTTP/1.1 200 OK\r\n\r\n", Some(tls(&authority.issue(&["oil.invalid"], VALID), None)));
    assert!(ask(&through(&proxy).await.unwrap()).await.is_ok());
    let heads = proxy.heads();
    assert!(heads[0].starts_with("connect oil.invalid:6443 "), "{heads:?}");
    assert!(heads[0].contains("proxy-authorization: basic "), "{heads:?}");
    assert!(heads[1].starts_with("get /version "), "{heads:?}");

    // Behind a tunnel it is the server's certificate that is at fault, not the proxy's.
    let expired = authority.issue(&["oil.invalid"], (2020, 2021));
    let proxy = Served::proxy("HTTP/1.1 200 OK\r\n\r\n", Some(tls(&expired, None)));
    let trouble = ask(&through(&proxy).await.unwrap()).await.unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::TlsExpired);
    assert!(trouble.what.starts_with("the certificate of oil.invalid:6443 (through http://127.0.0.1:"), "{trouble}");

    for (tunnel, words) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "wants a user name and a password"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "refuses to connect to oil.invalid:6443"),
        ("SSH-2.0-x\r\n\r\n", "refuses to connect to oil.invalid:6443"),
        ("", "is no HTTP proxy"),
    ] {
        let proxy = Served::proxy(tunnel, None);
        let trouble = ask(&through(&proxy).await.unwrap()).await.unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::Proxy, "{trouble:?}");
        assert!(
            trouble.what.contains(words) && trouble.what.contains(&format!("http://127.0.0.1:{}", proxy.port)),
            "{trouble}"
        );
        assert!(!format!("{trouble:?}").contains("s3cret"));
    }

    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (scheme, kind) in [("http", TroubleKind::Refused), ("socks5h", TroubleKind::Unreachable)] {
        let address = format!("{scheme}://127.0.0.1:{unused}");
        let trouble = ask(&setup.connect_as(Choice::default(), proxied_by(&address)).await.unwrap()).await.unwrap_err();
        assert_eq!(trouble.kind, kind, "{trouble:?}");
        assert!(trouble.what.contains(&format!("127.0.0.1:{unused}")), "{trouble}");
    }
    let trouble = ask(&setup.connect_as(Choice::default(), proxied_by("http://proxy.invalid:1")).await.unwrap())
        .await
        .unwrap_err();
    assert_eq!((trouble.kind, trouble.what.as_str()), (TroubleKind::Dns, "the name proxy.invalid cannot be resolved"));
}

#[tokio::test]
async fn socks_leaves_names_to_the_proxy() {
    let proxy = Served::raw(|mut stream, heads| {
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting)?;
        stream.write_all(&[5, 0])?;
        let mut request = [0; 5 + "oil.invalid".len() + 2];
        stream.read_exact(&mut request)?;
        heads.lock().unwrap().push(String::from_utf8_lossy(&request[5..request.len() - 2]).into_owned());
        // "connection not allowed by ruleset"
        stream.write_all(&[5, 2, 0, 1, 0, 0, 0, 0, 0, 0])
    });
    let setup =
        Setup::new("https://oil.invalid:6443").cluster("proxy-url", format!("socks5h://127.0.0.1:{}", proxy.port));
    let trouble = setup.trouble().await;
    assert_eq!(proxy.heads(), ["oil.invalid"]);
    assert_eq!(trouble.kind, TroubleKind::Proxy, "{trouble:?}");
    assert!(trouble.what.contains("did not connect to oil.invalid:6443"), "{trouble}");
}
