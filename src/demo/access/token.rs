//! Bearer tokens: fixed ones, and those of service accounts, which look like JWTs and are signed with HMAC.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::object::Meta;
use super::user::User;

const CREDENTIAL: &str = "authentication.kubernetes.io/credential-id";

/// Knows tokens.
#[derive(Clone)]
pub struct Authenticator {
    key: [u8; 32],
    issuer: String,
    fixed: HashMap<String, User>,
}

/// For whom and how long a service account's token is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// The service account's namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid: a token does not outlive its account.
    pub uid: String,
    /// Empty means the issuer itself.
    pub audiences: Vec<String>,
    /// Seconds since 1970.
    pub issued_at: i64,
    /// Seconds.
    pub lifetime: i64,
    /// A UUID: the token's `jti`.
    pub id: String,
}

impl std::fmt::Debug for Authenticator {
    /// Tells neither the key nor the tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator")
            .field("issuer", &self.issuer)
            .field("fixed", &self.fixed.len())
            .finish_non_exhaustive()
    }
}

impl Authenticator {
    /// One that signs with a key, as an issuer such as `https://kubernetes.default.svc.cluster.local`.
    pub fn new(key: [u8; 32], issuer: impl Into<String>) -> Self {
        Self { key, issuer: issuer.into(), fixed: HashMap::new() }
    }

    /// Makes a token known. The user gets the group `system:authenticated`.
    pub fn know(&mut self, token: impl Into<String>, mut user: User) {
        if !user.is_in("system:authenticated") {
            user.groups.push("system:authenticated".to_owned());
        }
        self.fixed.insert(token.into(), user);
    }

    /// Who has the token, or nobody. `now` is in seconds since 1970; `uid_of` tells the uid of a service account that
    /// (still) exists, by namespace and name.
    pub fn authenticate(
        &self,
        token: &str,
        now: i64,
        uid_of: impl FnOnce(&str, &str) -> Option<String>,
    ) -> Option<User> {
        if let Some(user) = self.fixed.get(token) {
            return Some(user.clone());
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = BASE64.decode(signature).ok()?;
        if !same(&signature, &hmac(&self.key, signed.as_bytes())) {
            return None;
        }
        let (_, payload) = signed.split_once('.')?;
        let claims: Value = serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()?;
        let meant = claims.list(&["aud"]).iter().any(|audience| audience.as_str() == Some(&self.issuer));
        if !meant || now >= claims.int(&["exp"])? || now < claims.int(&["nbf"])? {
            return None;
        }
        let namespace = claims.text(&["kubernetes.io", "namespace"])?;
        let name = claims.text(&["kubernetes.io", "serviceaccount", "name"])?;
        let uid = claims.text(&["kubernetes.io", "serviceaccount", "uid"])?;
        if uid_of(namespace, name)? != uid {
            return None;
        }
        let mut user = User::of_service_account(namespace, name);
        uid.clone_into(&mut user.uid);
        user.extra.insert(CREDENTIAL.to_owned(), vec![format!("JTI={}", claims.text(&["jti"])?)]);
        Some(user)
    }

    /// A service account's token.
    pub fn issue(&self, grant: &Grant) -> String {
        let audiences = if grant.audiences.is_empty() { vec![self.issuer.clone()] } else { grant.audiences.clone() };
        let claims = json!({
            "aud": audiences, "exp": grant.issued_at.saturating_add(grant.lifetime), "iat": grant.issued_at,
            "iss": self.issuer, "jti": grant.id, "nbf": grant.issued_at,
            "kubernetes.io": {
                "namespace": grant.namespace, "serviceaccount": {"name": grant.name, "uid": grant.uid},
            },
            "sub": format!("system:serviceaccount:{}:{}", grant.namespace, grant.name),
        });
        let header = BASE64.encode(json!({"alg": "HS256", "kid": "demo"}).to_string());
        let signed = format!("{header}.{}", BASE64.encode(claims.to_string()));
        let signature = BASE64.encode(hmac(&self.key, signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

/// HMAC-SHA256 (RFC 2104) with a key shorter than a block.
fn hmac(key: &[u8; 32], text: &[u8]) -> Vec<u8> {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

/// Compares without telling by its time where the first difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}
