//! Failures, in words: what is wrong, where, and what to do about it.
//!
//! A [`Trouble`] is what every layer above the wire sees of an error. The wire's own types (`kube::Error`, I/O errors, TLS
//! alerts) are translated once, in `cluster::failure`, so that nothing else has to know how a failure looks from below.

use std::fmt;

/// A failure told to the operator: one sentence, and one more saying what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What happened, for code that decides on it (stop watching, offer another context, ...).
    pub kind: TroubleKind,
    /// One sentence: what is wrong and where. No trailing newline, never a secret.
    pub what: String,
    /// What the operator can do about it; empty when there is nothing to say.
    pub advice: String,
    /// The exact words of the server or of the libraries below, for whoever wants them.
    pub detail: String,
}

impl Trouble {
    /// A failure of `kind`, told by the sentence `what`.
    pub fn new(kind: TroubleKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), advice: String::new(), detail: String::new() }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// The same, with the exact words from below.
    #[must_use]
    pub fn detailed(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Whether what is missing is the very kind of an object, not the object or what it is in.
    pub fn lacks_kind(&self) -> bool {
        self.kind == TroubleKind::NotFound && self.what.ends_with(NO_KIND)
    }

    /// Whether trying again later, without anybody changing anything, may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            TroubleKind::Dns
                | TroubleKind::Refused
                | TroubleKind::Unreachable
                | TroubleKind::TimedOut
                | TroubleKind::Interrupted
                | TroubleKind::TooMany
                | TroubleKind::Server
                | TroubleKind::WebhookDown { .. }
                | TroubleKind::Gone
        )
    }
}

/// What is said of a kind that the server does not have.
pub const NO_KIND: &str = "the cluster does not know this kind of object";

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if !self.advice.is_empty() {
            write!(f, "\n  {}", self.advice)?;
        }
        Ok(())
    }
}

impl std::error::Error for Trouble {}

/// The kinds of failure that the console treats differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TroubleKind {
    /// No kubeconfig was found anywhere.
    NoKubeconfig,
    /// A kubeconfig exists but cannot be read as one.
    MalformedKubeconfig,
    /// The context asked for is in none of the files (or none is current).
    UnknownContext,
    /// The context names a cluster that no file defines.
    UnknownCluster,
    /// The context names a user that no file defines.
    UnknownUser,
    /// Credentials in the kubeconfig cannot be used: a missing certificate file, a failing exec plugin, ...
    Credentials,
    /// An exec plugin must ask the person at the terminal something.
    NeedsTerminal {
        /// The plugin's command, as the kubeconfig names it.
        command: String,
    },
    /// The server's name cannot be resolved.
    Dns,
    /// Nothing listens at the server's address.
    Refused,
    /// No route, network down, connection reset.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// An answer began and broke off.
    Interrupted,
    /// The server's certificate is signed by nobody we were told to trust.
    TlsUnknownIssuer,
    /// The server's certificate has expired.
    TlsExpired,
    /// The server's certificate is not valid yet (or our clock is behind).
    TlsNotYetValid,
    /// The server's certificate is for another name.
    TlsWrongName,
    /// TLS was spoken to something that does not, or the other way round.
    TlsMismatch,
    /// Any other TLS failure.
    Tls,
    /// The proxy refused or does not answer.
    Proxy,
    /// The client certificate has run out (we can read that ourselves; the server only says 401).
    ClientCertificateExpired,
    /// The server does not accept these credentials (401).
    Unauthorized,
    /// RBAC (or another authorizer) says no (403).
    Forbidden(Box<Denial>),
    /// An admission webhook, quota or policy says no.
    Denied {
        /// The webhook's name, where one is named.
        webhook: Option<String>,
    },
    /// A webhook could not be called: an outage, not an answer.
    WebhookDown {
        /// The webhook's name.
        webhook: String,
    },
    /// The object or the kind does not exist (404).
    NotFound,
    /// The object has changed meanwhile, or exists already (409).
    Conflict,
    /// Another field manager owns what would be applied.
    Managed,
    /// We ourselves own what would be applied, from another way of writing it: an edit, an undo.
    ManagedByUs,
    /// The resourceVersion asked for is too old (410).
    Gone,
    /// The request is not valid for this kind (400, 422).
    Invalid,
    /// The server asks to slow down (429).
    TooMany,
    /// The server failed (5xx).
    Server,
    /// What answered is not a Kubernetes API: a login page, a proxy's error page, an unknown format.
    NotKubernetes,
    /// The cluster is older than what the console can work with.
    TooOld,
    /// Refused by ourselves: read-only mode.
    ReadOnly,
    /// Refused by ourselves: what was approved is not what would be sent.
    Stale,
    /// A file of ours cannot be read or written.
    File,
    /// Anything else.
    Other,
}

/// What an authorizer refused, as far as its answer tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Denial {
    /// The user as the server names it.
    pub user: String,
    /// The verb, for example `list`.
    pub verb: String,
    /// The plural resource, for example `namespaces`.
    pub resource: String,
    /// The API group; empty for core.
    pub group: String,
    /// The namespace asked about; `None` for the whole cluster.
    pub namespace: Option<String>,
}

impl Denial {
    /// The resource with its group: `tenants.capsule.clastix.io`.
    pub fn full_resource(&self) -> String {
        if self.group.is_empty() { self.resource.clone() } else { format!("{}.{}", self.resource, self.group) }
    }

    /// Where: `namespace oil-web`, or `the whole cluster`.
    pub fn place(&self) -> String {
        let of = |namespace: &String| format!("namespace {namespace}");
        self.namespace.as_ref().map_or_else(|| "the whole cluster".to_owned(), of)
    }
}
