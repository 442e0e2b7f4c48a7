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

use crate::text::clean::clean;
use crate::world::identity::{Claims, Proof, Validity};

/// What a user entry proves who we are with. Reads files (a certificate, a token), runs nothing, asks nobody. `None` or
/// an entry without credentials is anonymous.
pub fn proof(user: Option<&AuthInfo>) -> Proof {
    let Some(user) = user.cloned().map(tidied) else {
        return Proof::Nothing;
    };
    if let Some(provider) = &user.auth_provider {
        let mut claims = provider.config.get("id-token").map(|token| claims(token)).unwrap_or_default();
        claims.validity.renews = provider.config.get("refresh-token").is_some_and(|token| !token.is_empty());
        return Proof::AuthProvider { name: provider.name.clone(), claims };
    }
    // A server that is shown a certificate and a token looks at the certificate first.
    if user.client_certificate.is_some() || user.client_certificate_data.is_some() {
        return certificate_proof(&user);
    }
    if user.username.is_some() && user.password.is_some() {
        return Proof::Basic;
    }
    if let Some(token) = &user.token {
        return Proof::Token { claims: claims(token.expose_secret()), file: None };
    }
    if let Some(file) = &user.token_file {
        let claims = std::fs::read_to_string(file).map(|token| claims(token.trim())).unwrap_or_default();
        return Proof::Token { claims, file: Some(clean(file).into_owned()) };
    }
    match &user.exec {
        Some(exec) => Proof::Exec {
            command: clean(exec.command.as_deref().unwrap_or_default()).into_owned(),
            validity: Validity::default(),
        },
        None => Proof::Nothing,
    }
}

/// What a JWT says of itself; its signature is the server's business. Nothing of tokens of other kinds.
pub fn claims(token: &str) -> Claims {
    claims_of(token).unwrap_or_default()
}

fn claims_of(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    let text = |key: &str| claims.get(key).and_then(serde_json::Value::as_str).map(|text| clean(text).into_owned());
    // A NumericDate may have a fraction.
    let time = |key: &str| {
        let time = claims.get(key)?;
        time.as_i64().or_else(|| time.as_f64().map(|seconds| seconds as i64))
    };
    Some(Claims {
        issuer: text("iss"),
        subject: text("sub"),
        validity: Validity { since: time("iat").or_else(|| time("nbf")), until: time("exp"), renews: false },
    })
}

/// When what a plugin gave is valid: what it says goes before what the token or the certificate itself says. Tokens are asked
/// for anew before they end; a certificate is not.
pub(super) fn issued(issued: &exec::Issued) -> Validity {
    let said = issued.expires.map(jiff::Timestamp::as_second);
    let own = match (&issued.certificate, &issued.token) {
        (Some((certificate, _)), _) => validity_of(certificate.as_bytes()).unwrap_or_default(),
        (None, Some(token)) => claims(token.expose_secret()).validity,
        (None, None) => Validity::default(),
    };
    // Without a time of its own a token is never asked for anew.
    let renews = issued.certificate.is_none() && said.is_some();
    Validity { since: own.since, until: said.or(own.until), renews }
}

fn validity_of(pem: &[u8]) -> Option<Validity> {
    match certificate_facts(pem)? {
        Proof::Certificate { validity, .. } => Some(validity),
        _ => None,
    }
}

/// Whose the first certificate in a PEM text is, and when it is valid.
pub fn certificate_facts(pem: &[u8]) -> Option<Proof> {
    let der = CertificateDer::from_pem_slice(pem).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    let (subject, validity) = (certificate.subject(), certificate.validity());
    let text = |text: &str| clean(text).into_owned();
    Some(Proof::Certificate {
        common_name: subject.iter_common_name().find_map(|name| name.as_str().ok()).map(text).unwrap_or_default(),
        organizations: subject.iter_organization().filter_map(|name| name.as_str().ok()).map(text).collect(),
        validity: Validity {
            since: Some(validity.not_before.timestamp()),
            until: Some(validity.not_after.timestamp()),
            renews: false,
        },
    })
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
    pem.as_deref().and_then(certificate_facts).unwrap_or(Proof::Certificate {
        common_name: String::new(),
        organizations: Vec::new(),
        validity: Validity::default(),
    })
}

#[cfg(test)]
mod tests;
