//! Who we are: what the server says, and how it was proven.

use serde::{Deserialize, Serialize};

use super::capsule::Standing;

/// What the server answers to a SelfSubjectReview, and what we know of the credentials behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user name the server sees (under impersonation: the one acted as).
    pub username: String,
    /// The user's unique id, where the authenticator gives one.
    pub uid: Option<String>,
    /// All groups, implicit ones such as `system:authenticated` included, in the server's order.
    pub groups: Vec<String>,
    /// Further attributes, sorted by key.
    pub extra: Vec<(String, Vec<String>)>,
}

impl Identity {
    /// The ServiceAccount's namespace and name, if this is one (`system:serviceaccount:NAMESPACE:NAME`).
    pub fn service_account(&self) -> Option<(&str, &str)> {
        service_account(&self.username)
    }

    /// Whether RBAC is bypassed for this identity: members of `system:masters` may do everything, whatever bindings say.
    pub fn is_master(&self) -> bool {
        self.groups.iter().any(|group| group == "system:masters")
    }
}

/// The namespace and name of a ServiceAccount by its user name.
fn service_account(username: &str) -> Option<(&str, &str)> {
    username.strip_prefix("system:serviceaccount:")?.split_once(':')
}

/// When a credential is valid. Times are Unix seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Validity {
    /// From when on, where it says so.
    pub since: Option<i64>,
    /// Until when, where it says so.
    pub until: Option<i64>,
    /// A new one takes its place before it ends, and nobody has to do anything.
    pub renews: bool,
}

/// How near the end of a credential is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// Far away, or not known, or somebody else's care.
    Far,
    /// At this time, and it is time to say so.
    Soon(i64),
    /// It was at this time.
    Over(i64),
}

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

impl Validity {
    /// One that ends then, and whose beginning is not known.
    pub const fn ending(until: Option<i64>) -> Self {
        Self { since: None, until, renews: false }
    }

    /// Whether it has ended.
    pub fn is_over(&self, now: i64) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// How near its end is.
    pub fn expiry(&self, now: i64) -> Expiry {
        match self.until {
            Some(_) if self.renews => Expiry::Far,
            Some(until) if until <= now => Expiry::Over(until),
            Some(until) if until - self.ahead() <= now => Expiry::Soon(until),
            _ => Expiry::Far,
        }
    }

    /// When [`Validity::expiry`] answers something else next.
    pub fn next_change(&self, now: i64) -> Option<i64> {
        let until = self.until.filter(|_| !self.renews)?;
        [until - self.ahead(), until].into_iter().find(|at| *at > now)
    }

    /// How long before its end somebody is told. What lives for weeks is renewed by people, who need days: a week. What lives
    /// for hours is renewed by a login, which takes minutes: a tenth of its life, at least ten minutes, and never more than half
    /// of it, or the warning would mean nothing. Where the beginning is not known, ten minutes.
    fn ahead(&self) -> i64 {
        let life = self.since.and_then(|since| Some(self.until? - since));
        match life {
            Some(life) if life >= 28 * DAY => 7 * DAY,
            Some(life) => (life / 10).max(10 * MINUTE).min(life / 2),
            None => 10 * MINUTE,
        }
    }
}

/// What a token says of itself, if it is a JWT. Nobody has checked it: that is the server's business.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Who issued it (`iss`).
    pub issuer: Option<String>,
    /// Whom it is about (`sub`).
    pub subject: Option<String>,
    /// When it is valid (`iat` or `nbf`, and `exp`).
    pub validity: Validity,
}

impl Claims {
    /// Whom it is about, in words.
    fn words(&self) -> String {
        let account = self.subject.as_deref().and_then(service_account);
        match (account, &self.subject, &self.issuer) {
            (Some((namespace, name)), _, _) => format!(" of the ServiceAccount {namespace}/{name}"),
            (None, Some(subject), Some(issuer)) => format!(" of {subject}, issued by {issuer}"),
            (None, Some(subject), None) => format!(" of {subject}"),
            (None, None, Some(issuer)) => format!(" issued by {issuer}"),
            (None, None, None) => String::new(),
        }
    }
}

/// How the kubeconfig proves who we are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proof {
    /// A client certificate.
    Certificate {
        /// The certificate's subject common name (CN): the user.
        common_name: String,
        /// Its organizations (O): the groups.
        organizations: Vec<String>,
        /// When it is valid, if it could be read.
        validity: Validity,
    },
    /// A bearer token.
    Token {
        /// What it says of itself.
        claims: Claims,
        /// The file that it is read from, again and again.
        file: Option<String>,
    },
    /// An exec credential plugin.
    Exec {
        /// Its command.
        command: String,
        /// When what it gave is valid; empty before it was asked.
        validity: Validity,
    },
    /// An auth provider (OIDC) configured in the kubeconfig.
    AuthProvider {
        /// Its name.
        name: String,
        /// What its token says of itself.
        claims: Claims,
    },
    /// User name and password.
    Basic,
    /// No credentials at all: anonymous.
    #[default]
    Nothing,
}

impl Proof {
    /// When it is valid, as far as that can be known.
    pub fn validity(&self) -> Validity {
        match self {
            Self::Certificate { validity, .. } | Self::Exec { validity, .. } => *validity,
            Self::Token { claims, .. } | Self::AuthProvider { claims, .. } => claims.validity,
            Self::Basic | Self::Nothing => Validity::default(),
        }
    }

    /// What it is, in a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Certificate { common_name, organizations, .. } => {
                let groups: Vec<String> = organizations.iter().map(|name| format!("O={name}")).collect();
                let groups = if groups.is_empty() { String::new() } else { format!(" ({})", groups.join(", ")) };
                format!("client certificate of {common_name}{groups}")
            }
            Self::Token { claims, file } => {
                let file = file.as_ref().map(|file| format!(", from {file}")).unwrap_or_default();
                format!("bearer token{}{file}", claims.words())
            }
            Self::Exec { command, .. } => format!("exec plugin {command}"),
            Self::AuthProvider { name, claims } => format!("auth provider {name}: a token{}", claims.words()),
            Self::Basic => "user name and password".to_owned(),
            Self::Nothing => "no credentials".to_owned(),
        }
    }

    /// One word for it, as programs read it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Certificate { .. } => "certificate",
            Self::Token { .. } => "token",
            Self::Exec { .. } => "exec",
            Self::AuthProvider { .. } => "authProvider",
            Self::Basic => "basic",
            Self::Nothing => "none",
        }
    }
}

/// The user and groups that requests act as, when impersonation is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActingAs {
    /// The impersonated user.
    pub user: String,
    /// The impersonated groups.
    pub groups: Vec<String>,
}

/// The place in a kubeconfig that a session is bound to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The context's name.
    pub context: String,
    /// The cluster entry's name.
    pub cluster: String,
    /// `host:port` of the API server.
    pub server: String,
    /// `scheme://host:port` of the proxy that requests go through, without its credentials.
    pub proxy: Option<String>,
    /// The user entry's name (not the identity: that is what the server says).
    pub user_entry: String,
    /// The namespace in force.
    pub namespace: String,
    /// The file that defines the context.
    pub file: String,
    /// The file that was asked for by name, in place of those that are read without a word.
    pub kubeconfig: Option<String>,
    /// How the kubeconfig proves who we are.
    pub proof: Proof,
    /// Impersonation, if asked for.
    pub acting_as: Option<ActingAs>,
    /// Whether the cluster is a demo in this process.
    pub is_demo: bool,
}

/// What was known of who we are when somebody asked last: enough for a shell's prompt, which asks nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The context's name.
    pub context: String,
    /// `host:port` of the API server.
    pub server: String,
    /// The user entry's name.
    pub user_entry: String,
    /// Impersonation, if it was asked for.
    pub acting_as: Option<ActingAs>,
    /// How it was proven, in words: by another proof somebody else may be seen.
    pub proof: String,
    /// When (Unix seconds).
    pub at: i64,
    /// The user name that the server saw.
    pub username: String,
    /// The groups that it saw.
    pub groups: Vec<String>,
    /// What that is to Capsule, where it could be known.
    pub standing: Option<Standing>,
}

/// After how long what is known is marked as old (seconds).
const OLD: i64 = DAY;

impl Known {
    /// What is known now, of `identity` at `place`.
    pub fn of(place: &Place, identity: &Identity, standing: Option<Standing>, at: i64) -> Self {
        Self {
            context: place.context.clone(),
            server: place.server.clone(),
            user_entry: place.user_entry.clone(),
            acting_as: place.acting_as.clone(),
            proof: place.proof.words(),
            at,
            username: identity.username.clone(),
            groups: identity.groups.clone(),
            standing,
        }
    }

    /// Whether it is about this place.
    pub fn is_of(&self, place: &Place) -> bool {
        (&self.context, &self.server, &self.user_entry, &self.acting_as)
            == (&place.context, &place.server, &place.user_entry, &place.acting_as)
    }

    /// Whether it should be asked anew: it is a day old, or the credentials are others since.
    pub fn is_stale(&self, place: &Place, now: i64) -> bool {
        now - self.at >= OLD || self.proof != place.proof.words()
    }

    /// The user name, as short as it can be told from others.
    pub fn short_name(&self) -> String {
        match service_account(&self.username) {
            Some((namespace, name)) => format!("sa:{namespace}/{name}"),
            None => self.username.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    #[test]
    fn an_end_is_told_in_time() {
        let lived = |life: i64| Validity { since: Some(0), until: Some(life), renews: false };
        // (life, told so long before its end)
        for (life, ahead) in [
            (365 * DAY, 7 * DAY),
            (30 * DAY, 7 * DAY),
            (10 * DAY, DAY),
            (24 * HOUR, 24 * HOUR / 10),
            (HOUR, 10 * MINUTE),
            (10 * MINUTE, 5 * MINUTE),
        ] {
            let validity = lived(life);
            assert_eq!(validity.expiry(life - ahead - 1), Expiry::Far, "{life}");
            assert_eq!(validity.next_change(life - ahead - 1), Some(life - ahead), "{life}");
            assert_eq!(validity.expiry(life - ahead), Expiry::Soon(life), "{life}");
            assert_eq!(validity.next_change(life - ahead), Some(life), "{life}");
            assert_eq!(validity.expiry(life), Expiry::Over(life), "{life}");
            assert_eq!(validity.next_change(life), None, "{life}");
        }
        assert_eq!(Validity::ending(Some(HOUR)).expiry(49 * MINUTE), Expiry::Far);
        assert_eq!(Validity::ending(Some(HOUR)).expiry(50 * MINUTE), Expiry::Soon(HOUR));
        let renewed = Validity { renews: true, ..lived(HOUR) };
        assert_eq!((renewed.expiry(2 * HOUR), renewed.next_change(0)), (Expiry::Far, None));
        assert_eq!(Validity::default().expiry(i64::MAX), Expiry::Far);
    }

    #[test]
    fn a_proof_is_told_in_words() {
        let claims = |issuer: Option<&str>, subject: Option<&str>| Claims {
            issuer: issuer.map(str::to_owned),
            subject: subject.map(str::to_owned),
            validity: Validity::default(),
        };
        let issuer = Some("https://login.example.net");
        for (proof, words) in [
            (
                Proof::Certificate {
                    common_name: "alice".into(),
                    organizations: vec!["a".into(), "b".into()],
                    validity: Validity::default(),
                },
                "client certificate of alice (O=a, O=b)",
            ),
            (Proof::Token { claims: Claims::default(), file: None }, "bearer token"),
            (
                Proof::Token { claims: claims(issuer, Some("system:serviceaccount:oil:ci")), file: Some("/t".into()) },
                "bearer token of the ServiceAccount oil/ci, from /t",
            ),
            (
                Proof::AuthProvider { name: "oidc".into(), claims: claims(issuer, Some("42")) },
                "auth provider oidc: a token of 42, issued by https://login.example.net",
            ),
        ] {
            assert_eq!(proof.words(), words);
        }
    }
}
