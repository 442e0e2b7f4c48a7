//! Which proxy, if any, leads to a cluster: decided here, by the rules of Go's `x/net/http/httpproxy` that kubectl
//! follows.
//!
//! kube 5.0 compares `NO_PROXY` with the *proxy's* address, and an empty element in it fails the whole configuration;
//! so its reading of the environment is never reached: see [`super::connect`].

use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;

use http::Uri;

use crate::world::trouble::{Trouble, TroubleKind};

use super::failure::seal;
use super::kubeconfig::host_port;

/// The proxies that the environment names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For clusters with an `https` address.
    https: Option<Named>,
    /// For clusters with an `http` address.
    http: Option<Named>,
    /// The hosts that are reached without a proxy.
    bypass: Bypass,
}

/// A proxy's address, and who names it.
#[derive(Clone, PartialEq, Eq)]
struct Named {
    source: &'static str,
    address: String,
}

/// A proxy to go through.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    /// Its address as kube takes it: scheme `http`, `https` or `socks5`, host, port, and credentials if there are any.
    pub uri: Uri,
    /// The same for people: without credentials.
    pub shown: String,
}

impl fmt::Debug for Proxies {
    /// Without the addresses: they may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = |named: &Option<Named>| named.as_ref().map(|named| named.source);
        f.debug_struct("Proxies")
            .field("https", &source(&self.https))
            .field("http", &source(&self.http))
            .field("bypass", &self.bypass)
            .finish()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Proxies {
    /// No proxies, whatever the environment says. A cluster's own `proxy-url` is still used.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` (or, where these are empty, their lower-case twins) by `env`,
    /// usually `|name| std::env::var_os(name)`. `ALL_PROXY` counts no more than it does for kubectl: not at all.
    pub fn from_env(env: impl Fn(&str) -> Option<OsString>) -> Self {
        let read = |names: [&'static str; 2]| {
            names.into_iter().find_map(|source| {
                let address = env(source)?.into_string().ok()?.trim().to_owned();
                (!address.is_empty()).then_some(Named { source, address })
            })
        };
        Self {
            https: read(["HTTPS_PROXY", "https_proxy"]),
            http: read(["HTTP_PROXY", "http_proxy"]),
            bypass: read(["NO_PROXY", "no_proxy"]).map(|named| Bypass::parse(&named.address)).unwrap_or_default(),
        }
    }

    /// The proxy to `server`: the cluster's own (`proxy-url` in the kubeconfig) without regard to the environment, else
    /// the environment's unless `NO_PROXY` or a loopback address says otherwise.
    pub(super) fn choose(&self, server: &Uri, own: Option<&str>) -> Result<Option<Proxy>, Trouble> {
        if let Some(address) = own.map(str::trim).filter(|address| !address.is_empty()) {
            return parse_proxy("proxy-url", address).map(Some);
        }
        let named = if server.scheme_str() == Some("http") { &self.http } else { &self.https };
        match named {
            Some(named) if self.bypass.allows_proxy(server) => parse_proxy(named.source, &named.address).map(Some),
            _ => Ok(None),
        }
    }
}

/// Reads a proxy's address; `source` says in an error where it stands, because the address itself may hold a password.
fn parse_proxy(source: &str, address: &str) -> Result<Proxy, Trouble> {
    let fault = |what: String, advice: &str| Err(seal(Trouble::new(TroubleKind::Proxy, what).advise(advice)));
    // As Go: `proxy.corp:3128` means http.
    let whole = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    let parsed = whole.parse::<Uri>().ok();
    let Some((uri, host)) = parsed.as_ref().and_then(|uri| Some((uri, uri.host().filter(|host| !host.is_empty())?)))
    else {
        return fault(
            format!("the proxy address in {source} cannot be read"),
            "it has to read like http://host:3128; a special character in a password is written %XX",
        );
    };
    // hyper's SOCKS client leaves names to the proxy, which is what the h in socks5h asks for.
    let (scheme, default_port) = match uri.scheme_str() {
        Some("http") => ("http", 80),
        Some("https") => ("https", 443),
        Some("socks5" | "socks5h") => ("socks5", 1080),
        other => {
            return fault(
                format!("the proxy in {source} is of the unsupported kind \"{}\"", other.unwrap_or_default()),
                "http, https, socks5 and socks5h are supported",
            );
        }
    };
    let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let credentials = authority.rsplit_once('@').map(|(credentials, _)| format!("{credentials}@")).unwrap_or_default();
    if scheme == "socks5" && !credentials.is_empty() {
        return fault(
            format!("the SOCKS proxy in {source} wants a user name and a password, which cannot be sent to it"),
            "use a SOCKS proxy without a password, or an http proxy",
        );
    }
    let port = uri.port_u16().unwrap_or(default_port);
    let shown = format!("{scheme}://{host}:{port}");
    match format!("{scheme}://{credentials}{host}:{port}").parse() {
        Ok(uri) => Ok(Proxy { uri, shown }),
        Err(_) => fault(format!("the proxy address in {source} cannot be read"), ""),
    }
}

/// What `NO_PROXY` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Bypass {
    rules: Vec<Rule>,
}

/// One element of `NO_PROXY`. Text is lower-case; a port of `None` means any.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    /// `*`
    Everything,
    /// `10.0.0.0/8`, `fd00::/8`
    Net { address: IpAddr, bits: u8 },
    /// `10.0.0.1`, `10.0.0.1:6443`, `[::1]:6443`
    Ip { address: IpAddr, port: Option<String> },
    /// `.corp.example` (names under it), `corp.example` (and itself), either with a port. The suffix starts with a dot.
    Name { suffix: String, itself: bool, port: Option<String> },
}

impl Bypass {
    /// Reads the list; what cannot be read is left out, as Go does it.
    fn parse(list: &str) -> Self {
        let rules: Vec<Rule> =
            list.split(',').filter_map(|element| Rule::parse(&element.trim().to_lowercase())).collect();
        Self { rules }
    }

    /// Whether `server` may be reached through a proxy.
    fn allows_proxy(&self, server: &Uri) -> bool {
        let address = host_port(server);
        let (host, port) = address.rsplit_once(':').unwrap_or((&address, ""));
        let host = host.trim_matches(['[', ']']).to_lowercase();
        let ip = host.parse::<IpAddr>().ok().map(canonical);
        if host == "localhost" || ip.is_some_and(|ip| ip.is_loopback()) {
            return false;
        }
        !self.rules.iter().any(|rule| rule.matches(&host, port, ip))
    }
}

impl Rule {
    fn parse(element: &str) -> Option<Self> {
        if element == "*" {
            return Some(Self::Everything);
        }
        if let Some((address, bits)) = element.split_once('/')
            && let (Ok(address), Ok(bits)) = (address.parse::<IpAddr>(), bits.parse::<u8>())
        {
            let width = if address.is_ipv4() { 32 } else { 128 };
            return (bits <= width).then_some(Self::Net { address, bits });
        }
        let (host, port) = split_port(element);
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some(Self::Ip { address: canonical(address), port });
        }
        let host = host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host);
        match host.strip_prefix('.') {
            Some("") => None,
            Some(_) => Some(Self::Name { suffix: host.to_owned(), itself: false, port }),
            None if host.is_empty() => None,
            None => Some(Self::Name { suffix: format!(".{host}"), itself: true, port }),
        }
    }

    fn matches(&self, host: &str, port: &str, ip: Option<IpAddr>) -> bool {
        let port_fits = |wanted: &Option<String>| wanted.as_deref().is_none_or(|wanted| wanted == port);
        match self {
            Self::Everything => true,
            Self::Net { address, bits } => ip.is_some_and(|ip| in_net(ip, *address, *bits)),
            Self::Ip { address, port } => ip == Some(*address) && port_fits(port),
            Self::Name { suffix, itself, port } => {
                (host.ends_with(suffix.as_str()) || *itself && Some(host) == suffix.get(1..)) && port_fits(port)
            }
        }
    }
}

/// Splits `host:port` or `[v6]:port`. A bare IPv6 address has no port.
fn split_port(element: &str) -> (&str, Option<String>) {
    match element.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, (!port.is_empty()).then(|| port.to_owned()))
        }
        _ => (element, None),
    }
}

/// An IPv4 address that is written as an IPv6 one is an IPv4 address.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn in_net(ip: IpAddr, net: IpAddr, bits: u8) -> bool {
    /// The leading `bits` of a number of `width` bits held in a u128.
    fn head(number: u128, width: u32, bits: u8) -> u128 {
        number.checked_shr(width - u32::from(bits)).unwrap_or(0)
    }
    match (ip, net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => {
            head(u128::from(ip.to_bits()), 32, bits) == head(u128::from(net.to_bits()), 32, bits)
        }
        (IpAddr::V6(ip), IpAddr::V6(net)) => head(ip.to_bits(), 128, bits) == head(net.to_bits(), 128, bits),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
