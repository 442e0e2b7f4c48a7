//! Against real sockets on loopback: no failure here is made up.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;

use http::Request;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::cluster::failure::timed_out;
use crate::world::identity::Proof;

const SHORT: Duration = Duration::from_millis(200);

/// A certificate authority.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key.
struct Pair {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        Self::named("tests")
    }

    fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn issue(&self, names: &[&str], (from, to): (i32, i32)) -> Pair {
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "alice");
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        let key = KeyPair::generate().unwrap();
        Pair { certificate: params.signed_by(&key, &self.issuer).unwrap(), key }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
        roots
    }
}

const VALID: (i32, i32) = (2020, 2120);

type Secured = Option<Arc<ServerConfig>>;

/// A server's side of TLS with the certificate `pair`, which wants certificates of `clients` if given.
fn tls(pair: &Pair, clients: Option<&Authority>) -> Arc<ServerConfig> {
    let builder = ServerConfig::builder();
    let builder = match clients {
        Some(authority) => builder
            .with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(authority.roots())).build().unwrap()),
        None => builder.with_no_client_auth(),
    };
    let key = PrivateKeyDer::try_from(pair.key.serialize_der()).unwrap();
    Arc::new(builder.with_single_cert(vec![pair.certificate.der().clone()], key).unwrap())
}

/// A server on loopback that remembers the heads of the requests it got.
struct Served {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Served {
    /// Answers each request, on a connection of its own, with what `answer` makes of its head.
    fn new(tls: Secured, answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        Self::raw(move |mut stream, heads| match tls.clone() {
            Some(tls) => converse(&mut StreamOwned::new(ServerConnection::new(tls).unwrap(), stream), heads, &answer),
            None => converse(&mut stream, heads, &answer),
        })
    }

    /// An HTTP proxy that answers CONNECT with `tunnel` and, if that is a success, is the server behind it too.
    fn proxy(tunnel: &'static str, tls: Secured) -> Self {
        Self::raw(move |mut stream, heads| {
            converse(&mut stream, heads, &|_| tunnel.to_owned())?;
            match tls.clone() {
                Some(tls) => {
                    converse(&mut StreamOwned::new(ServerConnection::new(tls).unwrap(), stream), heads, &|_| ok())
                }
                None => Ok(()),
            }
        })
    }

    fn raw(serve: impl Fn(TcpStream, &Mutex<Vec<String>>) -> std::io::Result<()> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        // It ends with the test process. Errors are the point of most of these tests.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = serve(stream.unwrap(), &kept);
            }
        });
        Self { port, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn converse(
    stream: &mut (impl Read + Write),
    heads: &Mutex<Vec<String>>,
    answer: &dyn Fn(&str) -> String,
) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let answer = answer(&head);
    heads.lock().unwrap().push(head);
    stream.write_all(answer.as_bytes())?;
    stream.flush()
}

fn http(code: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {code}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn ok() -> String {
    http("200 OK", "application/json", r#"{"major":"1"}"#)
}

fn unauthorized() -> String {
    http(
        "401 Unauthorized",
        "application/json",
        r#"{"kind":"Status","code":401,"reason":"Unauthorized","message":"Unauthorized"}"#,
    )
}

/// A kubeconfig (JSON is YAML) in a folder of its own, with one context.
struct Setup {
    folder: TempDir,
    cluster: Value,
    user: Value,
}

impl Setup {
    fn new(server: impl Into<String>) -> Self {
        Self { folder: TempDir::new().unwrap(), cluster: json!({"server": server.into()}), user: json!({}) }
    }

    fn https(served: &Served, authority: &Authority) -> Self {
        Self::new(format!("https://127.0.0.1:{}", served.port)).trusting(authority)
    }

    fn trusting(mut self, authority: &Authority) -> Self {
        self.cluster["certificate-authority-data"] = STANDARD.encode(&authority.pem).into();
        self
    }

    fn cluster(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.cluster[key] = value.into();
        self
    }

    fn user(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.user[key] = value.into();
        self
    }

    fn pair(self, pair: &Pair) -> Self {
        let certificate = STANDARD.encode(pair.certificate.pem());
        self.user("client-certificate-data", certificate)
            .user("client-key-data", STANDARD.encode(pair.key.serialize_pem()))
    }

    fn plugin(self, script: &str) -> Self {
        self.user("exec", json!({"apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/sh", "args": ["-c", script], "interactiveMode": "IfAvailable"}))
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name).to_string_lossy().into_owned()
    }

    fn files(&self) -> Arc<Files> {
        let text = json!({
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "alice", "namespace": "web"}}],
            "clusters": [{"name": "c", "cluster": self.cluster}],
            "users": [{"name": "alice", "user": self.user}],
        });
        self.write("config", &text.to_string());
        Arc::new(Files::load(Some(&self.path("config")), None, None).unwrap())
    }

    async fn connect_as(&self, choice: Choice, proxies: Proxies) -> Result<Connection, Trouble> {
        connect_within(SHORT * 10, self.files(), choice, proxies, Interaction::Forbidden).await.map_err(seal)
    }

    async fn connect(&self) -> Result<Connection, Trouble> {
        self.connect_as(Choice::default(), Proxies::none()).await
    }

    async fn trouble(&self) -> Trouble {
        match self.connect().await {
            Ok(connection) => ask(&connection).await.unwrap_err(),
            Err(trouble) => trouble,
        }
    }
}

async fn ask(connection: &Connection) -> Result<Value, Trouble> {
    let request = Request::get("/version").body(Vec::new()).unwrap();
    connection.client.request(request).await.map_err(|error| explain(&error, &connection.asked("read the version")))
}

fn proxied_by(address: &str) -> Proxies {
    Proxies::from_env(|name| (name == "HTTPS_PROXY").then(|| address.into()))
}

#[tokio::test]
async fn a_client_speaks_as_told() {
    let authority = Authority::new();
    let served = Served::new(Some(tls(&authority.issue(&["127.0.0.1"], VALID), None)), |_| ok());
    let setup = Setup::https(&served, &authority).user("token", "t0\n").user("as-uid", "5").user("as", "carol");
    let acting_as = ActingAs { user: "bob".into(), groups: vec!["g1".into(), "g 2".into()] };
    let choice = Choice { acting_as: Some(acting_as.clone()), ..Choice::default() };
    let connection = setup.connect_as(choice, Proxies::none()).await.unwrap();
    assert_eq!(ask(&connection).await.unwrap(), json!({"major": "1"}));
    let head = served.heads().remove(0);
    for line in [
        "get /version http/1.1\r\n".to_owned(),
        format!("user-agent: {USER_AGENT}\r\n"),
        "authorization: bearer t0\r\n".to_owned(),
        "impersonate-user: bob\r\n".to_owned(),
        "impersonate-group: g1\r\n".to_owned(),
        "impersonate-group: g 2\r\n".to_owned(),
    ] {
        assert!(head.contains(&line), "{line} in {head}");
    }
    // What the user entry says of acting is replaced as a whole.
    assert!(!head.contains("impersonate-uid"), "{head}");
    assert_eq!(connection.place.acting_as, Some(acting_as));
    assert_eq!(connection.client.default_namespace(), "web");
}

/// Runs the test above in a process whose environment would lead kube astray. (`std::env::set_var` is unsafe.)
#[test]
fn the_environment_has_no_say() {
    let this = std::env::current_exe().unwrap();
    let (_, module) = module_path!().split_once("::").unwrap();
    let output = std::process::Command::new(this)
        .args(["--exact", &format!("{module}::a_client_speaks_as_told")])
        .env("NO_PROXY", "a,,b")
        .env("HTTPS_PROXY", "::not an address::")
        .env("KUBE_RS_DEBUG_IMPERSONATE_USER", "mallory")
        .env("KUBE_RS_DEBUG_OVERRIDE_URL", "http://127.0.0.1:1")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}

#[test]
fn the_place_is_known_before_anything_is_sent() {
    let setup =
        Setup::new("https://oil.example").user("token", "t").user("as", "carol").user("as-groups", json!(["g"]));
    let setup = setup.cluster("proxy-url", "http://u:s3cret@proxy:81");
    let expected = Place {
        context: "here".into(),
        cluster: "c".into(),
        server: "oil.example:443".into(),
        proxy: Some("http://proxy:81".into()),
        user_entry: "alice".into(),
        namespace: "web".into(),
        file: setup.path("config").to_string_lossy().into_owned(),
        proof: Proof::Token { expires: None },
        acting_as: Some(ActingAs { user: "carol".into(), groups: vec!["g".into()] }),
        is_demo: false,
    };
    assert_eq!(place(&setup.files(), &Choice::default(), &Proxies::none()).unwrap(), expected);
    let chosen = Choice { namespace: Some("other".into()), context: Some("here".into()), ..Choice::default() };
    assert_eq!(place(&setup.files(), &chosen, &Proxies::none()).unwrap().namespace, "other");
}

#[test]
fn a_choice_that_cannot_be_is_refused_at_once() {
    let files = Setup::new("https://oil.example").files();
    let acting = |user: &str, groups: &[&str]| Choice {
        acting_as: Some(ActingAs {
            user: user.into(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        }),
        ..Choice::default()
    };
    for (choice, kind, words) in [
        (Choice { context: Some("x".into()), ..Choice::default() }, TroubleKind::UnknownContext, "no context \"x\""),
        (acting("", &["g"]), TroubleKind::Invalid, "groups alone"),
        (acting("bo\nb", &[]), TroubleKind::Invalid, "nobody can act as \"bo\u{FFFD}b\""),
        (acting("bob", &["g\r\nx"]), TroubleKind::Invalid, "nobody can act as"),
    ] {
        let trouble = place(&files, &choice, &Proxies::none()).unwrap_err();
        assert_eq!(trouble.kind, kind);
        assert!(trouble.what.contains(words), "{trouble}");
    }
}

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
    assert_eq!(connection.place.proof, Proof::Exec { command: "/bin/sh".into() });
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
