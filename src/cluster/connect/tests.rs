//! Against real sockets on loopback: no failure here is made up.

mod certificates;
mod credentials;
mod servers;

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
use crate::world::identity::{Claims, Proof, Validity};

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
        kubeconfig: Some(setup.path("config").to_string_lossy().into_owned()),
        proof: Proof::Token { claims: Claims::default(), file: None },
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
