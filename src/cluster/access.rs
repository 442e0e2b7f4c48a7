//! Access for somebody else: a certificate or a token from the cluster, and the kubeconfig that holds it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use http::header::CONTENT_TYPE;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::follow;
use super::gate::{Approval, Class, Gate};
use super::kubeconfig::Files;
use super::review::request;
use crate::plan::ObjectRef;
use crate::world::trouble::{Trouble, TroubleKind};

/// How long a cluster may take to sign.
const PATIENCE: Duration = Duration::from_secs(30);

/// A private key, and the request for a certificate that goes with it.
pub struct Asked {
    /// The request in PEM, base64-encoded, as the API has it.
    pub request: String,
    /// The key in PEM.
    pub key: SecretString,
}

/// What proves who somebody is.
pub enum Credential {
    /// A certificate in PEM, and its key.
    Certificate(String, SecretString),
    /// A bearer token.
    Token(SecretString),
}

/// Makes a key for somebody in a group, and the request for its certificate.
pub fn ask(user: &str, group: Option<&str>) -> Result<Asked, Trouble> {
    let wrong = |error: rcgen::Error| Trouble::new(TroubleKind::Other, format!("no key can be made: {error}"));
    let key = KeyPair::generate().map_err(wrong)?;
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, user);
    if let Some(group) = group {
        name.push(DnType::OrganizationName, group);
    }
    params.distinguished_name = name;
    let request = params.serialize_request(&key).and_then(|request| request.pem()).map_err(wrong)?;
    Ok(Asked { request: STANDARD.encode(request), key: key.serialize_pem().into() })
}

/// Approves a request, as it was shown that we would, and waits for its certificate.
pub async fn sign(gate: &Gate, object: &ObjectRef, approval: &Approval) -> Result<String, Trouble> {
    let condition = json!({
        "type": "Approved", "status": "True", "reason": "ApprovedByTenantry", "message": "asked for and approved with tenantry",
    });
    let body = json!({"status": {"conditions": [condition]}}).to_string().into_bytes();
    let uri = format!("{}/approval?fieldManager={}", object.path(), crate::plan::FIELD_MANAGER);
    let builder = Request::patch(uri).header(CONTENT_TYPE, "application/merge-patch+json");
    let doing = format!("approve {}", object.title());
    let _: Value = gate.ask(Class::Write(approval), request(builder, body)?, &doing).await?;
    let signed = |object: &Value| object.pointer("/status/certificate").and_then(Value::as_str).map(str::to_owned);
    let is_over = |object: Option<&Value>| {
        object.is_none_or(|object| signed(object).is_some() || object.to_string().contains("\"type\":\"Failed\""))
    };
    let waiting = follow::follow_until(gate, object, is_over);
    let late = || {
        Trouble::new(
            TroubleKind::TimedOut,
            format!("{} was approved, and not signed within {} s", object.title(), PATIENCE.as_secs()),
        )
        .advise("does the cluster's controller manager sign certificates of clients? Some providers do not let it")
    };
    // Whether it was seen or not, what counts is what is there now.
    let _ = timeout(PATIENCE, waiting).await.map_err(|_| late())?;
    let now = super::write::read(gate, object).await?;
    let certificate = signed(&now).ok_or_else(late)?;
    let decoded = STANDARD.decode(certificate).ok().and_then(|pem| String::from_utf8(pem).ok());
    decoded.ok_or_else(|| Trouble::new(TroubleKind::Other, "what the cluster has signed is no certificate in PEM"))
}

/// Issues a token for a ServiceAccount, as it was shown that we would: the token, and when it ends (as the server has it).
pub async fn token(
    gate: &Gate,
    namespace: &str,
    name: &str,
    seconds: i64,
    approval: &Approval,
) -> Result<(SecretString, String), Trouble> {
    let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": seconds}});
    let builder = Request::post(format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"))
        .header(CONTENT_TYPE, "application/json");
    let doing = format!("issue a token for the ServiceAccount {namespace}/{name}");
    let answer: Value =
        gate.ask(Class::Write(approval), request(builder, body.to_string().into_bytes())?, &doing).await?;
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let token = text("/status/token").filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| Trouble::new(TroubleKind::Other, "the server has answered without a token"))?;
    Ok((token.into(), text("/status/expirationTimestamp").unwrap_or_default()))
}

/// A kubeconfig for somebody else to the cluster that a context of ours leads to: one context, with all that it needs in itself.
pub fn kubeconfig(
    files: &Files,
    context: Option<&str>,
    user: &str,
    namespace: Option<&str>,
    credential: &Credential,
) -> Result<SecretString, Trouble> {
    let entries = files.entries(context)?;
    let name = entries.context.cluster.clone();
    let mut cluster = json!({"server": entries.server.to_string().trim_end_matches('/')});
    let ours = entries.cluster;
    if let Some(file) = &ours.certificate_authority {
        let bytes = std::fs::read(file)
            .map_err(|error| Trouble::new(TroubleKind::File, format!("cannot read {file}: {error}")))?;
        cluster["certificate-authority-data"] = STANDARD.encode(bytes).into();
    }
    if let Some(data) = &ours.certificate_authority_data {
        cluster["certificate-authority-data"] = data.as_str().into();
    }
    if let Some(insecure) = ours.insecure_skip_tls_verify {
        cluster["insecure-skip-tls-verify"] = insecure.into();
    }
    for (key, value) in [("tls-server-name", &ours.tls_server_name), ("proxy-url", &ours.proxy_url)] {
        if let Some(value) = value {
            cluster[key] = value.as_str().into();
        }
    }
    let user_entry = match credential {
        Credential::Certificate(certificate, key) => json!({
            "client-certificate-data": STANDARD.encode(certificate),
            "client-key-data": STANDARD.encode(key.expose_secret()),
        }),
        Credential::Token(token) => json!({"token": token.expose_secret()}),
    };
    let mut of_context = json!({"cluster": name, "user": user});
    if let Some(namespace) = namespace {
        of_context["namespace"] = namespace.into();
    }
    let context = format!("{user}@{name}");
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": context,
        "clusters": [{"name": name, "cluster": cluster}],
        "contexts": [{"name": context, "context": of_context}],
        "users": [{"name": user, "user": user_entry}],
    });
    let text = serde_yaml::to_string(&config)
        .map_err(|error| Trouble::new(TroubleKind::Other, format!("the kubeconfig cannot be written: {error}")))?;
    Ok(text.into())
}
