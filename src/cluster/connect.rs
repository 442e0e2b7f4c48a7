//! From a context to a client.
//!
//! [`place`] is instant: what the screen shows before the first byte is sent. [`connect`] runs a credential plugin if
//! there is one and builds the client; it does not speak to the server, so that a cluster that is down is the first
//! request's failure.
//!
//! kube's `Config` is filled in by hand. Its constructors read proxies from the environment (and compare `NO_PROXY`
//! with the wrong address), take an unknown user for an anonymous one, and honour variables that are meant for
//! debugging.

mod reach;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, header};
use jiff::Timestamp;
use kube::client::{ClientBuilder, ConfigExt as _};
use kube::config::{AuthInfo, Cluster, ExecConfig};
use kube::{Client, Config};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use secrecy::{ExposeSecret as _, SecretString};
use tower::{BoxError, ServiceBuilder};

use crate::world::identity::{ActingAs, Place, Proof};
use crate::world::trouble::{Trouble, TroubleKind};

use super::credentials;
use super::credentials::bearer::{Tokens, header_of, with_tokens};
pub use super::credentials::exec::Interaction;
use super::credentials::exec::{Issued, Plugin};
use super::embedded::Transport;
use super::failure::{Asked, explain, seal};
use super::kubeconfig::{Entries, Files, in_words};
use super::proxy::{Proxies, Proxy};
pub use reach::reach;

/// How long the TCP connection and the TLS handshake may take together.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What requests say they come from.
pub const USER_AGENT: &str = concat!("tenantry/", env!("CARGO_PKG_VERSION"));

/// What the operator chose on the command line or on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The context, or the current one.
    pub context: Option<String>,
    /// The namespace, or the context's, or `default`.
    pub namespace: Option<String>,
    /// Whom to act as, instead of what the user entry says.
    pub acting_as: Option<ActingAs>,
}

/// A client that is bound to a place. Nothing has been asked of the server yet.
#[derive(Clone)]
pub struct Connection {
    /// Sends with our own credentials, time-outs and User-Agent; retries nothing.
    pub client: Client,
    /// Where it leads.
    pub place: Place,
    /// When a plugin's certificate ends (Unix seconds): the client cannot renew that, so call [`Connection::again`]
    /// before. Tokens renew themselves.
    pub expires: Option<i64>,
    files: Arc<Files>,
    choice: Choice,
    proxies: Proxies,
}

impl Connection {
    /// What `what` (for example `list tenants`), asked now, is a question of: for [`explain`].
    pub fn asked<'a>(&'a self, what: &'a str) -> Asked<'a> {
        Asked::new(&self.place, what)
    }

    /// Reads the same files again and builds a new client from them.
    ///
    /// After a 401 do this **once** and repeat the request: kubeconfig entries, certificates and tokens may have been
    /// renewed by a login elsewhere, and a credential plugin is asked again. A second 401 in a row is an answer.
    pub async fn again(&self, interaction: Interaction) -> Result<Self, Trouble> {
        let files = Arc::clone(&self.files);
        let files = blocking(move || files.reload()).await?;
        connect(Arc::new(files), self.choice.clone(), self.proxies.clone(), interaction).await
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("place", &self.place).field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// What a choice means: found in the files, without a network and without running anything. Reads the certificate or
/// the token file of the user, for its expiry.
///
/// `UnknownContext`, `UnknownCluster`, `UnknownUser`, `MalformedKubeconfig` (a cluster without a usable server),
/// `Proxy` (an address that cannot be used), `Invalid` (an identity that cannot be acted as).
pub fn place(files: &Files, choice: &Choice, proxies: &Proxies) -> Result<Place, Trouble> {
    Plan::of(files, choice, proxies).map(|plan| plan.place).map_err(seal)
}

/// Builds the client for a choice. Runs the user's credential plugin, if there is one, at most once; its `interaction`
/// with the operator is forbidden as long as the console owns the terminal.
///
/// The troubles of [`place`], and `Credentials` (certificates, keys, CA files and tokens that cannot be used, a failing
/// plugin) and `NeedsTerminal` (offer to call again with [`Interaction::Allowed`] while the console is suspended).
pub async fn connect(
    files: Arc<Files>,
    choice: Choice,
    proxies: Proxies,
    interaction: Interaction,
) -> Result<Connection, Trouble> {
    connect_within(CONNECT_TIMEOUT, files, choice, proxies, interaction).await.map_err(seal)
}

async fn connect_within(
    connect_timeout: Duration,
    files: Arc<Files>,
    choice: Choice,
    proxies: Proxies,
    interaction: Interaction,
) -> Result<Connection, Trouble> {
    let plan = {
        let (files, choice, proxies) = (Arc::clone(&files), choice.clone(), proxies.clone());
        blocking(move || Plan::of(&files, &choice, &proxies)).await?
    };
    let issued = match plan.plugin()? {
        Some(plugin) => Some((plugin.run(interaction).await?, plugin)),
        None => None,
    };
    // Reads certificates and keys, and the trust store of the system.
    let (client, place, expires) = blocking(move || plan.build(issued, connect_timeout)).await?;
    Ok(Connection { client, place, expires: expires.map(Timestamp::as_second), files, choice, proxies })
}

/// Runs what reads files on a thread that may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Trouble> + Send + 'static) -> Result<T, Trouble> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Trouble::new(TroubleKind::Other, "reading the kubeconfig was interrupted")),
    }
}

/// All that is known before anything is run or read from the certificate files.
struct Plan {
    place: Place,
    server: http::Uri,
    cluster: Cluster,
    user: AuthInfo,
    proxy: Option<Proxy>,
    plugin: Option<ExecConfig>,
    /// In place of the network, for a cluster in this process.
    transport: Option<Transport>,
}

impl Plan {
    fn of(files: &Files, choice: &Choice, proxies: &Proxies) -> Result<Self, Trouble> {
        let entries = files.entries(choice.context.as_deref())?;
        let mut user = credentials::tidied(entries.user.cloned().unwrap_or_default());
        let proof = credentials::proof(entries.user);
        let transport = files.transport(&entries.server);
        let proxy = match transport {
            None => proxies.choose(&entries.server, entries.cluster.proxy_url.as_deref())?,
            Some(_) => None,
        };
        if let Some(acting_as) = &choice.acting_as {
            act_as(&mut user, acting_as);
        }
        // kube prefers all of these to a plugin.
        let others =
            user.auth_provider.is_some() || user.token.is_some() || user.token_file.is_some() || is_basic(&user);
        let plugin = user.exec.take().filter(|_| !others);
        let place = Place {
            context: entries.context_name.to_owned(),
            cluster: entries.context.cluster.clone(),
            server: files.address(&entries.server),
            proxy: proxy.as_ref().map(|proxy| proxy.shown.clone()),
            user_entry: entries.user_name.to_owned(),
            namespace: namespace(&entries, choice),
            file: entries.file.clone(),
            kubeconfig: files.explicit().map(|path| path.display().to_string()),
            proof,
            acting_as: acting_as(&user)?,
            is_demo: transport.is_some(),
        };
        let (server, cluster) = (entries.server.clone(), entries.cluster.clone());
        Ok(Self { place, server, cluster, user, proxy, plugin, transport })
    }

    /// The plugin to ask for credentials. Reads the cluster's CA file if the plugin wants to know it.
    fn plugin(&self) -> Result<Option<Plugin>, Trouble> {
        let plugin = self.plugin.clone().map(|exec| Plugin::new(exec, &self.cluster, self.user_entry()));
        plugin.transpose()
    }

    /// The user entry, for sentences.
    fn user_entry(&self) -> String {
        format!("\"{}\" in {}", self.place.user_entry, self.place.file)
    }

    fn build(
        mut self,
        issued: Option<(Issued, Plugin)>,
        connect_timeout: Duration,
    ) -> Result<(Client, Place, Option<Timestamp>), Trouble> {
        let user_entry = self.user_entry();
        let mut expires = None;
        let tokens = match issued {
            Some((issued, plugin)) => {
                if let Proof::Exec { validity, .. } = &mut self.place.proof {
                    *validity = credentials::issued(&issued);
                }
                if let Some((certificate, key)) = issued.certificate {
                    self.user.client_certificate_data = Some(STANDARD.encode(certificate));
                    self.user.client_key_data = Some(SecretString::from(STANDARD.encode(key.expose_secret())));
                    expires = issued.expires;
                }
                issued.token.map(|token| Tokens::from_plugin(plugin, user_entry.clone(), token, issued.expires))
            }
            None => match self.user.token_file.take() {
                Some(file)
                    if self.user.token.is_none() && self.user.auth_provider.is_none() && !is_basic(&self.user) =>
                {
                    Some(Tokens::from_file(file.into(), user_entry.clone())?)
                }
                _ => None,
            },
        };
        if let Some(token) = &self.user.token {
            // kube panics on a token that no header can hold.
            header_of(token, &user_entry)?;
        }
        let config = self.config(connect_timeout)?;
        if let Some(transport) = self.transport.take() {
            let client =
                within(transport, &config).map_err(|error| explain(&error, &Asked::new(&self.place, "connect")))?;
            return Ok((client, self.place, expires));
        }
        let builder = ClientBuilder::try_from(config)
            .map_err(|error| explain(&error, &Asked::new(&self.place, "connect")))?
            .with_valid_until(expires);
        let client = builder.build();
        let client = match tokens {
            Some(tokens) => with_tokens(client, tokens).with_valid_until(expires),
            None => client,
        };
        Ok((client, self.place, expires))
    }

    fn config(&self, connect_timeout: Duration) -> Result<Config, Trouble> {
        let mut config = Config::new(self.server.clone());
        config.default_namespace.clone_from(&self.place.namespace);
        config.root_cert = self.trusted()?;
        config.accept_invalid_certs = self.cluster.insecure_skip_tls_verify.unwrap_or(false);
        config.disable_compression = self.cluster.disable_compression.unwrap_or(false);
        config.tls_server_name = self.cluster.tls_server_name.clone().filter(|name| !name.is_empty());
        config.proxy_url = self.proxy.as_ref().map(|proxy| proxy.uri.clone());
        config.auth_info = self.user.clone();
        config.headers = vec![(header::USER_AGENT, HeaderValue::from_static(USER_AGENT))];
        // kube's retries repeat writes too, up to 15 times.
        config.default_retry = false;
        config.connect_timeout = Some(connect_timeout);
        // It would cut watches; each request that should end has a limit of its own.
        config.read_timeout = None;
        Ok(config)
    }

    /// The certificates of the cluster's authority; `None` means those that the system trusts.
    fn trusted(&self) -> Result<Option<Vec<Vec<u8>>>, Trouble> {
        let trouble = |why: String| {
            let what =
                format!("the certificate authority of cluster \"{}\" in {} {why}", self.place.cluster, self.place.file);
            Trouble::new(TroubleKind::Credentials, what).advise("get a fresh kubeconfig, or correct this entry")
        };
        let given = |value: &Option<String>| value.clone().filter(|value| !value.trim().is_empty());
        let pem = match (given(&self.cluster.certificate_authority_data), given(&self.cluster.certificate_authority)) {
            (Some(data), _) => STANDARD.decode(data.trim()).map_err(|_| trouble("is not valid base64".to_owned()))?,
            (None, Some(file)) => std::fs::read(&file)
                .map_err(|error| trouble(format!("cannot be read from {file}: {}", in_words(&error))))?,
            (None, None) => return Ok(None),
        };
        let certificates: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(&pem).map(|der| der.map(|der| der.to_vec())).collect();
        match certificates {
            Ok(certificates) if !certificates.is_empty() => Ok(Some(certificates)),
            Ok(_) => Err(trouble("holds no certificate".to_owned())),
            Err(_) => Err(trouble("is not valid PEM".to_owned())),
        }
    }
}

/// A client of a cluster in this process: what kube puts around a connection, around a service instead.
fn within(transport: Transport, config: &Config) -> kube::Result<Client> {
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(transport);
    Ok(Client::new(service, config.default_namespace.clone()))
}

fn is_basic(user: &AuthInfo) -> bool {
    user.username.is_some() && user.password.is_some()
}

fn namespace(entries: &Entries<'_>, choice: &Choice) -> String {
    let chosen = choice.namespace.as_deref().or(entries.context.namespace.as_deref());
    chosen.filter(|namespace| !namespace.is_empty()).unwrap_or("default").to_owned()
}

/// Replaces the user entry's impersonation as a whole: what is shown is what is sent.
pub(super) fn act_as(user: &mut AuthInfo, acting_as: &ActingAs) {
    user.impersonate = Some(acting_as.user.clone());
    user.impersonate_groups = (!acting_as.groups.is_empty()).then(|| acting_as.groups.clone());
    user.impersonate_uid = None;
    user.impersonate_user_extra = None;
}

fn acting_as(user: &AuthInfo) -> Result<Option<ActingAs>, Trouble> {
    let name = user.impersonate.clone().unwrap_or_default();
    let groups = user.impersonate_groups.clone().unwrap_or_default();
    let invalid = |what: String, advice: &str| Err(Trouble::new(TroubleKind::Invalid, what).advise(advice));
    if let Some(text) = std::iter::once(&name).chain(&groups).find(|text| HeaderValue::from_str(text).is_err()) {
        return invalid(
            format!("nobody can act as \"{text}\""),
            "a user or group acted as may hold only visible ASCII characters",
        );
    }
    match (
        name.is_empty(),
        groups.is_empty() && user.impersonate_uid.is_none() && user.impersonate_user_extra.is_none(),
    ) {
        (true, true) => Ok(None),
        (true, false) => invalid("groups alone cannot be acted as".to_owned(), "name a user too: --as USER"),
        (false, _) => Ok(Some(ActingAs { user: name, groups })),
    }
}

#[cfg(test)]
mod tests;
