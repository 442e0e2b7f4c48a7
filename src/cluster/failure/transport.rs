//! What goes wrong before an answer arrives: names, sockets, TLS, proxies.
//!
//! The reason is some steps down a chain of sources. I/O and TLS errors are found by type; hyper's and the proxies'
//! errors have types that no dependency of ours names, so these are told by their words.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};

use crate::text::age::until;
use crate::world::identity::Proof;
use crate::world::trouble::{Trouble, TroubleKind};

use super::{Asked, instant, shorten};

/// Longer chains than this are cycles or nonsense.
const DEPTH: usize = 24;

/// What a chain of errors holds.
#[derive(Default)]
struct Chain<'e> {
    links: Vec<&'e (dyn Error + 'static)>,
    /// All messages, lower-case, one a line.
    words: String,
    io: Option<&'e io::Error>,
    tls: Option<&'e rustls::Error>,
}

impl<'e> Chain<'e> {
    fn of(error: &'e (dyn Error + 'static)) -> Self {
        let mut chain = Self::default();
        let mut next = Some(error);
        while let Some(link) = next.filter(|_| chain.links.len() < DEPTH) {
            chain.links.push(link);
            // kube's own `Display` repeats what is below it, and may append its `Debug` form.
            if !link.is::<kube::Error>() {
                chain.words.push_str(&link.to_string().to_lowercase());
                chain.words.push('\n');
            }
            chain.tls = chain.tls.or_else(|| link.downcast_ref());
            next = link.source();
            if let Some(io) = link.downcast_ref::<io::Error>() {
                chain.io = Some(io);
                // An I/O error skips what it wraps when asked for its source.
                next = io.get_ref().map(|inner| inner as &(dyn Error + 'static)).or(next);
            }
        }
        chain
    }

    fn has(&self, words: &str) -> bool {
        self.words.contains(words)
    }

    /// The messages from the outside in, each once, for a trouble's detail.
    fn detail(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for link in self.links.iter().filter(|link| !link.is::<kube::Error>()) {
            let line = link.to_string();
            if lines.last() != Some(&line) {
                lines.push(line);
            }
        }
        lines.join(": ")
    }
}

pub(super) fn explain(error: &(dyn Error + 'static), asked: &Asked<'_>) -> Trouble {
    let chain = Chain::of(error);
    for link in &chain.links {
        // Our own layers (credential plugins, the gate) speak in troubles already.
        if let Some(trouble) = link.downcast_ref::<Trouble>() {
            return trouble.clone();
        }
        if let Some(error) = link.downcast_ref::<kube::client::AuthError>() {
            return super::explain_auth(error, asked);
        }
    }
    // kube boxes errors of its inner client; the top one is what we were called with.
    let nested = chain.links.iter().skip(1).find_map(|link| link.downcast_ref::<kube::Error>());
    if let Some(nested) = nested {
        return super::explain_unsealed(nested, asked);
    }
    let peer = peer(&chain, asked);
    let trouble = by_tunnel(&chain, asked)
        .or_else(|| chain.tls.map(|error| by_tls(error, &peer, asked)))
        .or_else(|| by_words(&chain, &peer, asked))
        .or_else(|| by_io(&chain, &peer))
        .unwrap_or_else(|| unknown(&chain, asked));
    trouble.detailed(chain.detail())
}

/// Whose fault it is, as far as that can be told: the server's, or that of the proxy on the way to it.
fn peer(chain: &Chain<'_>, asked: &Asked<'_>) -> String {
    let server = &asked.place.server;
    match &asked.place.proxy {
        None => server.clone(),
        Some(proxy) if chain.has("tunnel error") || chain.has("socks error") => proxy.clone(),
        Some(proxy) => format!("{server} (through {proxy})"),
    }
}

/// What a proxy itself refuses. That a proxy cannot be reached is told by [`by_words`] and [`by_io`].
fn by_tunnel(chain: &Chain<'_>, asked: &Asked<'_>) -> Option<Trouble> {
    let proxy = asked.place.proxy.as_deref()?;
    let server = asked.place.server.as_str();
    let trouble = |what: String, advice: &str| Some(Trouble::new(TroubleKind::Proxy, what).advise(advice));
    if chain.has("proxy authorization required") {
        return trouble(
            format!("the proxy {proxy} wants a user name and a password"),
            "write them into the proxy's address: http://USER:PASSWORD@HOST:PORT",
        );
    }
    if chain.has("tunnel error: unsuccessful") {
        return trouble(
            format!("the proxy {proxy} refuses to connect to {server}"),
            "if the cluster can be reached directly, add its host to NO_PROXY; else ask whoever runs the proxy",
        );
    }
    if chain.has("tunnel error: unexpected end of file") || chain.has("proxy response headers too long") {
        return trouble(
            format!("what answers at {proxy} is no HTTP proxy"),
            "check the address of the proxy, and its kind",
        );
    }
    if chain.has("socks error") && !chain.has("failed to create underlying connection") {
        return trouble(
            format!("the SOCKS proxy {proxy} did not connect to {server}"),
            "check the address of the proxy, and whether it reaches the cluster",
        );
    }
    (chain.has("socks error")).then(|| {
        Trouble::new(TroubleKind::Unreachable, format!("the SOCKS proxy {proxy} cannot be reached"))
            .advise("check that the proxy runs, and its address")
    })
}

/// Failures whose types we cannot name.
fn by_words(chain: &Chain<'_>, peer: &str, asked: &Asked<'_>) -> Option<Trouble> {
    // A proxy resolves the server's name itself, so it is the proxy's that we could not.
    let dialled = asked.place.proxy.as_deref().unwrap_or(&asked.place.server);
    let host = dialled.rsplit_once("://").map_or(dialled, |(_, rest)| rest);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    if chain.has("dns error") || chain.has("failed to lookup address") {
        return Some(
            Trouble::new(TroubleKind::Dns, format!("the name {host} cannot be resolved"))
                .advise("check the name, the network and, if there is one, the VPN"),
        );
    }
    if chain.has("invalid http version parsed") || chain.has("invalid http-version") {
        return Some(http_to_https(asked));
    }
    if chain.has("invalidcontenttype") {
        return Some(https_to_http(peer, asked));
    }
    let broken_off =
        ["connection closed before message completed", "unexpected end of file", "end of file before message length"];
    (chain.has("tls handshake eof"))
        .then(|| {
            Trouble::new(
                TroubleKind::Unreachable,
                format!("{peer} closed the connection while TLS was being agreed on"),
            )
            .advise("a load balancer without a working server behind it does this; trying again may help")
        })
        .or_else(|| broken_off.iter().any(|words| chain.has(words)).then(|| interrupted(peer)))
}

fn by_io(chain: &Chain<'_>, peer: &str) -> Option<Trouble> {
    use io::ErrorKind as K;
    let connecting = chain.has("(connect)");
    // A body that breaks off is an error of hyper's (or kube's) in an I/O error of kind Other: only the words tell.
    let kind = match chain.io.map(io::Error::kind) {
        Some(K::Other) | None if chain.has("deadline has elapsed") || chain.has("timed out") => K::TimedOut,
        Some(K::Other) | None if chain.has("connection reset") => K::ConnectionReset,
        other => other?,
    };
    let trouble = |kind, what: String, advice: &str| Some(Trouble::new(kind, what).advise(advice));
    match kind {
        K::ConnectionRefused => trouble(
            TroubleKind::Refused,
            format!("nothing listens at {peer}"),
            "check that the cluster runs, and its address",
        ),
        K::HostUnreachable | K::NetworkUnreachable | K::NetworkDown | K::AddrNotAvailable => trouble(
            TroubleKind::Unreachable,
            format!("there is no way to {peer} in the network"),
            "check the network and, if there is one, the VPN",
        ),
        K::TimedOut | K::WouldBlock if connecting => trouble(
            TroubleKind::TimedOut,
            format!("{peer} did not answer in time"),
            "nothing refused the connection, so a firewall, a missing VPN or a wrong address is likely",
        ),
        K::TimedOut | K::WouldBlock => trouble(
            TroubleKind::TimedOut,
            format!("{peer} stopped answering"),
            "it may be overloaded, or the network stalls; trying again may help",
        ),
        K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe if connecting => trouble(
            TroubleKind::Unreachable,
            format!("{peer} drops the connection at once"),
            "a load balancer without a working server behind it, or a firewall, does this",
        ),
        K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe | K::UnexpectedEof => Some(interrupted(peer)),
        K::PermissionDenied => trouble(
            TroubleKind::Unreachable,
            format!("this system does not permit to connect to {peer}"),
            "a local firewall or sandbox may forbid it",
        ),
        _ => None,
    }
}

fn interrupted(peer: &str) -> Trouble {
    Trouble::new(TroubleKind::Interrupted, format!("the connection to {peer} broke off"))
        .advise("trying again may help")
}

fn unknown(chain: &Chain<'_>, asked: &Asked<'_>) -> Trouble {
    let innermost = chain.links.iter().rev().find(|link| !link.is::<kube::Error>());
    let words =
        innermost.map_or_else(|| "the request failed".to_owned(), |link| shorten(&link.to_string(), super::SENTENCE));
    // Whatever it is, it happened on the way to the server or back.
    let kind = if chain.has("client error") { TroubleKind::Unreachable } else { TroubleKind::Other };
    Trouble::new(kind, format!("cannot {} at {}: {words}", asked.what, asked.place.server))
}

pub(super) fn http_to_https(asked: &Asked<'_>) -> Trouble {
    Trouble::new(TroubleKind::TlsMismatch, format!("{} speaks https, and was spoken to in http", asked.place.server))
        .advise(format!("let `server` of cluster {} begin with https://", asked.cluster_entry()))
}

fn https_to_http(peer: &str, asked: &Asked<'_>) -> Trouble {
    Trouble::new(TroubleKind::TlsMismatch, format!("{peer} does not speak TLS, but perhaps plain http"))
        .advise(format!("check the address of cluster {} (and of the proxy): scheme and port", asked.cluster_entry()))
}

fn by_tls(error: &rustls::Error, peer: &str, asked: &Asked<'_>) -> Trouble {
    match error {
        rustls::Error::InvalidCertificate(fault) => by_certificate(fault, peer, asked),
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => https_to_http(peer, asked),
        rustls::Error::AlertReceived(alert) => by_alert(*alert, peer, asked),
        rustls::Error::PeerIncompatible(_) => {
            Trouble::new(TroubleKind::Tls, format!("{peer} offers only TLS versions or ciphers that are too old"))
                .advise("TLS 1.2 is the least")
        }
        other => Trouble::new(
            TroubleKind::Tls,
            format!("TLS with {} fails: {}", peer, shorten(&other.to_string(), super::SENTENCE)),
        ),
    }
}

fn by_certificate(fault: &CertificateError, server: &str, asked: &Asked<'_>) -> Trouble {
    let cluster = asked.cluster_entry();
    let trouble = |kind, what: String, advice: String| Trouble::new(kind, what).advise(advice);
    let seconds = |time: &rustls_pki_types::UnixTime| time.as_secs() as i64;
    match fault {
        CertificateError::UnknownIssuer => trouble(
            TroubleKind::TlsUnknownIssuer,
            format!("the certificate of {server} is signed by an authority that the kubeconfig does not trust"),
            format!(
                "check certificate-authority of cluster {cluster}: after a cluster was rebuilt it is another one; \
                 a proxy that opens TLS also has its own"
            ),
        ),
        CertificateError::BadSignature => trouble(
            TroubleKind::TlsUnknownIssuer,
            format!("the certificate of {server} is not signed by the authority it names"),
            format!(
                "certificate-authority of cluster {cluster} has the right name but another key: get a fresh kubeconfig"
            ),
        ),
        CertificateError::ExpiredContext { time, not_after } => trouble(
            TroubleKind::TlsExpired,
            format!(
                "the certificate of {server} expired on {} ({})",
                instant(seconds(not_after)),
                until(seconds(not_after).saturating_sub(seconds(time)))
            ),
            "the server's administrator has to renew it; if that is wrong, check the clock here".to_owned(),
        ),
        CertificateError::Expired => trouble(
            TroubleKind::TlsExpired,
            format!("the certificate of {server} has expired"),
            "the server's administrator has to renew it; if that is wrong, check the clock here".to_owned(),
        ),
        CertificateError::NotValidYetContext { not_before, .. } => trouble(
            TroubleKind::TlsNotYetValid,
            format!("the certificate of {server} is valid only from {}", instant(seconds(not_before))),
            format!("the clock here says {}: is that right?", instant(asked.now)),
        ),
        CertificateError::NotValidYet => trouble(
            TroubleKind::TlsNotYetValid,
            format!("the certificate of {server} is not valid yet"),
            format!("the clock here says {}: is that right?", instant(asked.now)),
        ),
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names: Vec<String> = presented.iter().map(|name| bare_name(name)).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let has = if names.is_empty() {
                "it has no name at all".to_owned()
            } else {
                format!("it is for {}", super::quoted_list(&names, 6))
            };
            trouble(
                TroubleKind::TlsWrongName,
                format!("the certificate of {server} is not for \"{}\": {has}", expected.to_str()),
                format!("use one of these names in `server` of cluster {cluster}, or set its tls-server-name to one"),
            )
        }
        CertificateError::NotValidForName => trouble(
            TroubleKind::TlsWrongName,
            format!("the certificate of {server} is for another name"),
            format!("use the certificate's name in `server` of cluster {cluster}, or set its tls-server-name to it"),
        ),
        CertificateError::Revoked => trouble(
            TroubleKind::Tls,
            format!("the certificate of {server} was revoked"),
            "do not use this server".to_owned(),
        ),
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => trouble(
            TroubleKind::Tls,
            format!("{server} shows the certificate of an authority where a server's own belongs"),
            "the server needs a certificate that is signed by it and is not one itself".to_owned(),
        ),
        other => trouble(
            TroubleKind::Tls,
            format!("the certificate of {server} cannot be accepted: {}", shorten(&other.to_string(), super::SENTENCE)),
            String::new(),
        ),
    }
}

/// The server (or a gateway that checks certificates) refuses ours.
fn by_alert(alert: AlertDescription, server: &str, asked: &Asked<'_>) -> Trouble {
    use AlertDescription as A;
    let user = asked.user_entry();
    let ended = match asked.place.proof {
        Proof::Certificate { validity, .. } => validity.until.filter(|end| *end <= asked.now),
        _ => None,
    };
    let not_accepted = || {
        Trouble::new(
            TroubleKind::Unauthorized,
            format!("{server} does not accept the client certificate of user {user}"),
        )
        .advise("it may belong to another cluster: get a fresh kubeconfig")
    };
    match alert {
        A::CertificateExpired | A::BadCertificate | A::CertificateUnknown if ended.is_some() => {
            super::answer::certificate_expired(ended.unwrap_or_default(), asked)
        }
        A::CertificateExpired => Trouble::new(
            TroubleKind::ClientCertificateExpired,
            format!("{server} says that the client certificate of user {user} has expired"),
        )
        .advise("get a fresh kubeconfig, or log in again"),
        A::CertificateRequired => {
            Trouble::new(TroubleKind::Unauthorized, format!("{server} wants a client certificate"))
                .advise(format!("user {user} has none"))
        }
        // What a server says when our certificate's authority has the name of its own, but another key.
        A::DecryptError if matches!(asked.place.proof, Proof::Certificate { .. }) => not_accepted(),
        A::BadCertificate
        | A::UnsupportedCertificate
        | A::CertificateRevoked
        | A::CertificateUnknown
        | A::UnknownCA
        | A::AccessDenied => not_accepted(),
        A::UnrecognisedName => {
            Trouble::new(TroubleKind::TlsWrongName, format!("{server} knows no server of that name"))
                .advise(format!("check `server` and tls-server-name of cluster {}", asked.cluster_entry()))
        }
        other => Trouble::new(TroubleKind::Tls, format!("{server} ends the TLS handshake: {other:?}")),
    }
}

/// rustls names a certificate's names as `DnsName("a.b")` or `IpAddress(10.0.0.1)`.
fn bare_name(presented: &str) -> String {
    let inner = presented.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(presented);
    inner.trim_matches('"').to_owned()
}
