//! Tokens that change while we run: from a file, or from a credential plugin.
//!
//! kube keeps a plugin's token for ever unless it names its end, never asks again after a 401, and chokes on the
//! newline at the end of a token file. So the token is put on each request here, around kube's client.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use kube::Client;
use kube::client::Body;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tower::Service;

use crate::cluster::failure::seal;
use crate::cluster::kubeconfig::in_words;
use crate::world::trouble::{Trouble, TroubleKind};

use super::exec::{Interaction, Issued, Plugin};

/// How long a token file's content is used before the file is read again: as client-go does.
const FILE_AGE: SignedDuration = SignedDuration::from_secs(60);

/// How long before its end a token is replaced.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// How long to wait between two renewals that a 401 asked for: a server that refuses every token must not keep a plugin
/// running.
const AFTER_REFUSAL: Duration = Duration::from_secs(10);

/// A token and where to get the next one.
pub struct Tokens {
    source: Source,
    /// The user entry, for sentences.
    user_entry: String,
    held: Mutex<Held>,
}

/// Where tokens come from.
enum Source {
    /// A file that somebody else renews.
    File(PathBuf),
    /// A plugin.
    Plugin(Box<Plugin>),
}

struct Held {
    token: SecretString,
    /// When it should be replaced, if ever.
    renew_at: Option<Timestamp>,
    /// When it can no longer be used, if ever.
    ends: Option<Timestamp>,
    /// The server has refused it.
    refused: bool,
    /// The last renewal that a refusal asked for.
    last_refusal: Option<Instant>,
}

impl Tokens {
    /// The token in a file, read now and every minute from now on.
    pub fn from_file(path: PathBuf, user_entry: String) -> Result<Self, Trouble> {
        let token = read_file(&path, &user_entry)?;
        Ok(Self { source: Source::File(path), user_entry, held: Mutex::new(Held::from_file(token)) })
    }

    /// A plugin's token, and the plugin to ask for the next one (without a terminal).
    pub fn from_plugin(plugin: Plugin, user_entry: String, token: SecretString, expires: Option<Timestamp>) -> Self {
        Self {
            source: Source::Plugin(Box::new(plugin)),
            user_entry,
            held: Mutex::new(Held::from_plugin(token, expires)),
        }
    }

    /// The header for the next request, with a token that is renewed if it is due. Requests that come meanwhile wait.
    pub async fn header(&self) -> Result<HeaderValue, Trouble> {
        let mut held = self.held.lock().await;
        let now = Timestamp::now();
        if held.is_due(now) {
            match self.renew().await {
                Ok(renewed) => *held = Held { last_refusal: held.last_refusal, ..renewed },
                // It is due a little before its end: until then the old one is as good.
                Err(_) if held.is_usable(now) => held.renew_at = now.checked_add(SignedDuration::from_secs(10)).ok(),
                Err(trouble) => return Err(trouble),
            }
        }
        header_of(&held.token, &self.user_entry)
    }

    /// The server answered 401 to a request with `sent`: the next request gets a new token, unless that was tried just
    /// now.
    pub async fn refused(&self, sent: &HeaderValue) {
        let mut held = self.held.lock().await;
        let current = header_of(&held.token, &self.user_entry).is_ok_and(|current| current == *sent);
        let lately = held.last_refusal.is_some_and(|last| last.elapsed() < AFTER_REFUSAL);
        if current && !lately {
            held.refused = true;
            held.last_refusal = Some(Instant::now());
        }
    }

    async fn renew(&self) -> Result<Held, Trouble> {
        match &self.source {
            Source::File(path) => Ok(Held::from_file(read_file(path, &self.user_entry)?)),
            Source::Plugin(plugin) => match plugin.run(Interaction::Forbidden).await? {
                Issued { token: Some(token), expires, .. } => Ok(Held::from_plugin(token, expires)),
                Issued { token: None, .. } => Err(Trouble::new(
                    TroubleKind::Credentials,
                    "the credential plugin printed a certificate where it printed a token before",
                )
                .advise("connect again")),
            },
        }
    }
}

impl Held {
    fn from_file(token: SecretString) -> Self {
        let renew_at = Timestamp::now().checked_add(FILE_AGE).ok();
        Self { token, renew_at, ends: None, refused: false, last_refusal: None }
    }

    fn from_plugin(token: SecretString, expires: Option<Timestamp>) -> Self {
        let renew_at = expires.and_then(|end| end.checked_sub(MARGIN).ok());
        Self { token, renew_at, ends: expires, refused: false, last_refusal: None }
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.refused || self.renew_at.is_some_and(|due| due <= now)
    }

    /// Whether the token is worth sending although it could not be renewed. One from a file is: the file may be gone on
    /// purpose.
    fn is_usable(&self, now: Timestamp) -> bool {
        !self.refused && self.ends.is_none_or(|end| now < end)
    }
}

fn read_file(path: &std::path::Path, user_entry: &str) -> Result<SecretString, Trouble> {
    let trouble = |why: String| {
        let what = format!("the token file {} of user {user_entry} {why}", path.display());
        seal(Trouble::new(TroubleKind::Credentials, what).advise("log in again, or correct the entry"))
    };
    let text =
        std::fs::read_to_string(path).map_err(|error| trouble(format!("cannot be read: {}", in_words(&error))))?;
    match text.trim() {
        "" => Err(trouble("is empty".to_owned())),
        token => Ok(SecretString::from(token)),
    }
}

/// The `Authorization` header with `token`; `Credentials` if no header can hold it.
pub fn header_of(token: &SecretString, user_entry: &str) -> Result<HeaderValue, Trouble> {
    let mut header = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).map_err(|_| {
        let what = format!("the token of user {user_entry} holds characters that no token has");
        seal(Trouble::new(TroubleKind::Credentials, what).advise("log in again to get a new one"))
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// `client` with a token on each request.
pub fn with_tokens(client: Client, tokens: Tokens) -> Client {
    let namespace = client.default_namespace().to_owned();
    Client::new(Bearer { inner: client, tokens: Arc::new(tokens) }, namespace)
}

struct Bearer {
    inner: Client,
    tokens: Arc<Tokens>,
}

impl Service<Request<Body>> for Bearer {
    type Response = Response<Body>;
    type Error = kube::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // The inner client waits for room itself.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let (inner, tokens) = (self.inner.clone(), Arc::clone(&self.tokens));
        Box::pin(async move {
            let header = tokens.header().await.map_err(|trouble| kube::Error::Service(Box::new(trouble)))?;
            request.headers_mut().insert(AUTHORIZATION, header.clone());
            let response = inner.send(request).await?;
            if response.status() == StatusCode::UNAUTHORIZED {
                tokens.refused(&header).await;
            }
            Ok(response)
        })
    }
}
