//! Failures of the wire, put into the operator's words, once and here: everything above sees [`Trouble`].
//!
//! `transport` reads what goes wrong before an answer arrives, `answer` what the server (or something in front of
//! it) says. kube's own wording is never shown: the `Display` of its errors appends their whole `Debug` form.
//!
//! Everything that leaves this module went through `seal`: no control character or escape sequence passes.

mod answer;
mod page;
mod transport;

use std::error::Error;
use std::time::Duration;

use jiff::Timestamp;
use kube::client::AuthError;
use kube::config::KubeconfigError;
use kube::core::Status;

use crate::text::clean::{clean, clean_lines};
use crate::world::identity::Place;
use crate::world::trouble::{Trouble, TroubleKind};

/// How long a sentence made of foreign words may get, in characters.
const SENTENCE: usize = 240;

/// How much of foreign words is kept as a trouble's detail, in characters.
const DETAIL: usize = 4000;

/// What was asked of which cluster: the context of a failure.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The cluster asked, and the credentials used.
    pub place: &'a Place,
    /// What was asked, so that it continues "cannot ...": for example `list tenants`.
    pub what: &'a str,
    /// The time now, in Unix seconds: tells an expired credential from a refused one.
    pub now: i64,
}

impl<'a> Asked<'a> {
    /// `what` (for example `list tenants`) asked of `place` just now.
    pub fn new(place: &'a Place, what: &'a str) -> Self {
        Self { place, what, now: Timestamp::now().as_second() }
    }

    /// Where the cluster and the user are defined, for advice: `"oil" in /home/alice/.kube/config`.
    fn cluster_entry(&self) -> String {
        format!("\"{}\" in {}", self.place.cluster, self.place.file)
    }

    fn user_entry(&self) -> String {
        format!("\"{}\" in {}", self.place.user_entry, self.place.file)
    }
}

/// The failure of a request made through kube's client.
pub fn explain(error: &kube::Error, asked: &Asked<'_>) -> Trouble {
    seal(explain_unsealed(error, asked))
}

/// A failure that is not (or not only) a `kube::Error`: of reading a body, for example. Walks the chain of sources.
pub fn explain_chain(error: &(dyn Error + 'static), asked: &Asked<'_>) -> Trouble {
    seal(transport::explain(error, asked))
}

/// A `Status` that says no: the body of a failed request, or the object of a watch's ERROR event.
pub fn explain_status(status: &Status, asked: &Asked<'_>) -> Trouble {
    seal(answer::explain_status(status, asked))
}

/// An answer that was read by ourselves and is no success: the HTTP `code` and the body, whatever it is. Of a body that
/// was cut off as much is told as can be read.
pub fn explain_answer(code: u16, body: &[u8], asked: &Asked<'_>) -> Trouble {
    seal(answer::explain_answer(code, body, asked))
}

/// A successful answer that is not what was asked for: `error` says why `body` could not be read as JSON of the right
/// shape.
pub fn explain_body(body: &[u8], error: &serde_json::Error, asked: &Asked<'_>) -> Trouble {
    seal(answer::explain_body(body, error, asked))
}

/// No answer within `limit`, measured by ourselves.
pub fn timed_out(asked: &Asked<'_>, limit: Duration) -> Trouble {
    let what = format!("{} did not answer within {} s (asked to {})", asked.place.server, limit.as_secs(), asked.what);
    seal(
        Trouble::new(TroubleKind::TimedOut, what)
            .advise("it may be overloaded, or the network stalls; trying again may help"),
    )
}

fn explain_unsealed(error: &kube::Error, asked: &Asked<'_>) -> Trouble {
    match error {
        kube::Error::Api(status) => answer::explain_status(status, asked),
        kube::Error::SerdeError(error) => answer::explain_json(error, asked),
        kube::Error::FromUtf8(_) => answer::not_kubernetes("something that is not text", asked),
        kube::Error::Auth(error) => explain_auth(error, asked),
        kube::Error::InferKubeconfig(error) => explain_entry(error, asked),
        kube::Error::RustlsTls(error) => explain_tls_setup(error, asked),
        kube::Error::ProxyProtocolUnsupported { .. } | kube::Error::ProxyProtocolDisabled { .. } => {
            Trouble::new(TroubleKind::Proxy, "the proxy is of an unsupported kind")
                .advise("http, https, socks5 and socks5h are supported")
        }
        kube::Error::HttpError(_) => {
            Trouble::new(TroubleKind::Invalid, format!("cannot {}: the request cannot be written", asked.what))
                .advise("a user or group acted as may hold only visible ASCII characters")
        }
        other => transport::explain(other, asked),
    }
}

/// Credentials of the kubeconfig that kube handles itself: OIDC, the old auth providers.
fn explain_auth(error: &AuthError, asked: &Asked<'_>) -> Trouble {
    let user = asked.user_entry();
    let trouble = |what: String, advice: &str| Trouble::new(TroubleKind::Credentials, what).advise(advice);
    match error {
        AuthError::AuthExecRun { out, .. } => trouble(format!("the credential command of user {user} fails"), "")
            .detailed(String::from_utf8_lossy(&out.stderr)),
        AuthError::AuthExecStart(error) => {
            trouble(format!("the credential command of user {user} cannot be started"), "").detailed(error.to_string())
        }
        AuthError::InvalidBearerToken(_) => trouble(
            format!("the token of user {user} holds characters that no token has"),
            "log in again to get a new one",
        ),
        AuthError::InvalidBasicAuth(_) => trouble(
            format!("the user name or password of user {user} cannot be sent"),
            "they may hold only visible ASCII characters",
        ),
        AuthError::Oidc(error) => trouble(
            format!("the OIDC login of user {user} cannot be used: {}", oidc_fault(error)),
            "log in again with the tool that made this kubeconfig entry",
        ),
        // Its text names a provider or a path of its output, never a token.
        AuthError::AuthExec(words) => trouble(
            format!("the credentials of user {user} cannot be used: {}", shorten(words, SENTENCE)),
            "kubectl has dropped the old auth providers: use a credential plugin (`exec`) instead",
        ),
        _ => trouble(format!("the credentials of user {user} cannot be used"), "log in again"),
    }
}

/// What is wrong with an OIDC login. kube's words may quote the provider's answer, which holds tokens.
fn oidc_fault(error: &kube::client::oidc_errors::Error) -> String {
    use kube::client::oidc_errors::{Error as E, RefreshError as R, RefreshInitError as I};
    match error {
        E::IdTokenMissing => "it has no id-token".to_owned(),
        E::IdToken(_) => "its id-token cannot be read".to_owned(),
        E::RefreshInit(I::MissingField(field)) => {
            format!("its id-token has expired, and cannot be renewed without {field}")
        }
        E::RefreshInit(_) => "its id-token has expired, and cannot be renewed".to_owned(),
        E::Refresh(R::AuthorizationFailure) => {
            "its id-token has expired, and the identity provider renews it no more".to_owned()
        }
        E::Refresh(R::RequestFailed(code)) => {
            format!("its id-token has expired, and the identity provider answers {code}")
        }
        E::Refresh(R::HyperError(_) | R::HyperUtilError(_)) => {
            "its id-token has expired, and the identity provider cannot be reached".to_owned()
        }
        E::Refresh(_) => "its id-token has expired, and renewing it failed".to_owned(),
    }
}

/// Certificates, keys and CA files that a kubeconfig entry names and that cannot be loaded.
fn explain_entry(error: &KubeconfigError, asked: &Asked<'_>) -> Trouble {
    use kube::config::LoadDataError::{DecodeBase64, NoBase64DataOrFile, ReadFile};
    let (what, error) = match error {
        KubeconfigError::LoadClientCertificate(error) => {
            (format!("the client certificate of user {}", asked.user_entry()), error)
        }
        KubeconfigError::LoadClientKey(error) => (format!("the client key of user {}", asked.user_entry()), error),
        KubeconfigError::LoadCertificateAuthority(error) => {
            (format!("the certificate authority of cluster {}", asked.cluster_entry()), error)
        }
        _ => {
            return Trouble::new(
                TroubleKind::Credentials,
                format!("the entries of context \"{}\" cannot be used", asked.place.context),
            );
        }
    };
    let why = match error {
        DecodeBase64(_) => "is not valid base64".to_owned(),
        ReadFile(error, path) => {
            format!("cannot be read from {}: {}", path.display(), super::kubeconfig::in_words(error))
        }
        NoBase64DataOrFile => "is missing (a certificate and its key belong together)".to_owned(),
    };
    Trouble::new(TroubleKind::Credentials, format!("{what} {why}"))
        .advise("get a fresh kubeconfig, or correct this entry")
}

/// TLS that cannot even be set up: our own certificate, key or CA.
fn explain_tls_setup(error: &kube::client::RustlsTlsError, asked: &Asked<'_>) -> Trouble {
    use kube::client::RustlsTlsError as E;
    let user = asked.user_entry();
    let what = match error {
        E::InvalidIdentityPem(_) => format!("the client certificate or key of user {user} is not valid PEM"),
        E::MissingPrivateKey | E::UnknownPrivateKeyFormat => {
            format!("the client key of user {user} is of an unknown kind (an encrypted one cannot be used)")
        }
        E::MissingCertificate => format!("the client certificate of user {user} holds no certificate"),
        E::InvalidPrivateKey(_) => format!("the client certificate and key of user {user} do not belong together"),
        E::AddRootCertificate(_) => {
            format!("the certificate authority of cluster {} is not a certificate", asked.cluster_entry())
        }
        E::NoValidNativeRootCA(_) => "this system trusts no certificate authority at all".to_owned(),
        E::InvalidServerName(_) => format!("the tls-server-name of cluster {} is not a name", asked.cluster_entry()),
    };
    Trouble::new(TroubleKind::Credentials, what)
        .advise("get a fresh kubeconfig, or correct this entry")
        .detailed(error.to_string())
}

/// Takes everything out of a trouble that could play tricks on a terminal.
pub(super) fn seal(mut trouble: Trouble) -> Trouble {
    trouble.what = clean(&trouble.what).into_owned();
    trouble.advice = clean(&trouble.advice).into_owned();
    trouble.detail = cut(&clean_lines(&trouble.detail).join("\n"), DETAIL);
    trouble
}

/// Foreign words as (part of) one sentence: on one line, without a final full stop, at most `limit` characters.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    // Joined word by word, so that neither newlines nor tabs are left for `clean` to replace.
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(clean(line.trim_end_matches('.')).as_ref(), limit)
}

fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// `"a", "b", "c" and 4 more`.
pub(super) fn quoted_list(names: &[&str], limit: usize) -> String {
    let shown: Vec<String> = names.iter().take(limit).map(|name| format!("\"{name}\"")).collect();
    let more = names.len().saturating_sub(limit);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// A point in time (Unix seconds) as a sentence tells it: `2026-11-22 21:52 UTC`.
pub(super) fn instant(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .map_or_else(|_| "an unknown time".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

#[cfg(test)]
mod tests;
