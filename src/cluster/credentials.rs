//! How the kubeconfig proves who we are: what can be told without asking anybody, and the two sources that change while
//! we run (token files and credential plugins).

pub(super) mod bearer;
pub(super) mod exec;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kube::config::AuthInfo;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use secrecy::{ExposeSecret as _, SecretString};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::world::identity::Proof;

/// What a user entry proves who we are with. Reads files (a certificate, a token), runs nothing, asks nobody. `None` or
/// an entry without credentials is anonymous.
pub fn proof(user: Option<&AuthInfo>) -> Proof {
    let Some(user) = user.cloned().map(tidied) else {
        return Proof::Nothing;
    };
    if let Some(provider) = &user.auth_provider {
        return Proof::AuthProvider { name: provider.name.clone() };
    }
    // A server that is shown a certificate and a token looks at the certificate first.
    if user.client_certificate.is_some() || user.client_certificate_data.is_some() {
        return certificate_proof(&user);
    }
    if user.username.is_some() && user.password.is_some() {
        return Proof::Basic;
    }
    if let Some(token) = &user.token {
        return Proof::Token { expires: token_expiry(token.expose_secret()) };
    }
    if let Some(file) = &user.token_file {
        return Proof::Token {
            expires: std::fs::read_to_string(file).ok().and_then(|token| token_expiry(token.trim())),
        };
    }
    match &user.exec {
        Some(exec) => Proof::Exec { command: exec.command.clone().unwrap_or_default() },
        None => Proof::Nothing,
    }
}

/// The end of a JWT's validity (its `exp` claim), in Unix seconds. The signature is the server's business. `None` for
/// tokens of other kinds.
pub fn token_expiry(token: &str) -> Option<i64> {
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    let expiry = claims.get("exp")?;
    // A NumericDate may have a fraction.
    expiry.as_i64().or_else(|| expiry.as_f64().map(|seconds| seconds as i64))
}

/// The common name and the end of validity (Unix seconds) of the first certificate in a PEM text.
pub fn certificate_facts(pem: &[u8]) -> Option<(String, i64)> {
    let der = CertificateDer::from_pem_slice(pem).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    let name = certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok()).unwrap_or_default();
    Some((name.to_owned(), certificate.validity().not_after.timestamp()))
}

/// The entry without empty values: kubectl takes these for absent, kube sends an empty token.
pub(super) fn tidied(mut user: AuthInfo) -> AuthInfo {
    let texts = [
        &mut user.username,
        &mut user.token_file,
        &mut user.client_certificate,
        &mut user.client_certificate_data,
        &mut user.client_key,
        &mut user.impersonate,
        &mut user.impersonate_uid,
    ];
    for text in texts {
        text.take_if(|text| text.trim().is_empty());
    }
    for secret in [&mut user.password, &mut user.client_key_data] {
        secret.take_if(|secret| secret.expose_secret().is_empty());
    }
    // A token from a YAML block or a file ends in a newline, which no header may hold.
    user.token = user.token.and_then(|token| {
        let trimmed = token.expose_secret().trim();
        (!trimmed.is_empty()).then(|| SecretString::from(trimmed))
    });
    user
}

fn certificate_proof(user: &AuthInfo) -> Proof {
    let pem = match (&user.client_certificate_data, &user.client_certificate) {
        (Some(data), _) => STANDARD.decode(data).ok(),
        (None, Some(file)) => std::fs::read(Path::new(file)).ok(),
        (None, None) => None,
    };
    let (common_name, not_after) = match pem.as_deref().and_then(certificate_facts) {
        Some((name, end)) => (name, Some(end)),
        None => (String::new(), None),
    };
    Proof::Certificate { common_name, not_after }
}

#[cfg(test)]
mod tests;
