//! Why something was refused: whose rule it is, which field decides, who can change that, and what the way on is.
//!
//! Refusals come in many places and codes: answers with 403, 400 and 500, dry runs, events (`FailedCreate`, Capsule's own reasons),
//! conditions of workloads. What they have in common is their words. Those are read here, once for all of them. The words of one
//! release differ from those of the next: patterns are parts of sentences, and whatever none of them knows is still told by whose
//! webhook it is.
//!
//! | file | what it reads |
//! |---|---|
//! | `rbac` | rights: missing ones, and grants of what one does not hold |
//! | `capsule` | Capsule of every era, by a table of its sentences, else by its webhook |
//! | `quota` | `ResourceQuota` |
//! | `limits` | `LimitRange` |
//! | `security` | Pod Security |
//! | `builtin` | the rest of what Kubernetes itself checks |
//! | `webhook` | other webhooks, policies, and webhooks that are down |
//! | `known` | what a world knows of it beyond the words |

mod builtin;
pub mod capsule;
mod known;
mod limits;
mod pattern;
mod quota;
mod rbac;
mod security;
mod webhook;

use super::trouble::Denial;
use crate::text::clean::clean;

pub use known::Known;
pub use rbac::{parse_forbidden, subject};

/// A refusal, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Whose rule it is.
    pub family: Family,
    /// A short name of the rule.
    pub rule: &'static str,
    /// The webhook, policy or quota, where one is named.
    pub source: Option<String>,
    /// Why, in words that stand behind whoever refuses.
    pub why: String,
    /// The field that decides.
    pub field: Option<Field>,
    /// What whoever was refused can do himself, or ask for; may be empty.
    pub way: String,
    /// What was not permitted, where rights are missing.
    pub denial: Option<Box<Denial>>,
}

/// Whose rule refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Rights.
    Rbac,
    /// Capsule.
    Capsule,
    /// A `ResourceQuota`.
    Quota,
    /// A `LimitRange`.
    LimitRange,
    /// Pod Security.
    PodSecurity,
    /// Something else that Kubernetes itself checks.
    Kubernetes,
    /// A `ValidatingAdmissionPolicy`.
    Policy,
    /// A webhook that is not Capsule's.
    Webhook,
    /// Nobody refuses: a webhook cannot be asked.
    Outage,
    /// It is a refusal, and nothing more is known.
    Unclassified,
}

impl Family {
    /// The word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rbac => "RBAC",
            Self::Capsule => "Capsule",
            Self::Quota => "quota",
            Self::LimitRange => "LimitRange",
            Self::PodSecurity => "Pod Security",
            Self::Kubernetes => "Kubernetes",
            Self::Policy => "policy",
            Self::Webhook => "webhook",
            Self::Outage => "webhook outage",
            Self::Unclassified => "unclassified",
        }
    }
}

/// The field that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Of what.
    pub of: Of,
    /// Its path.
    pub path: String,
}

/// What a deciding field stands in, and so who can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Of {
    /// The tenant.
    Tenant,
    /// Capsule's configuration.
    Configuration,
    /// The namespace.
    Namespace,
    /// What was sent.
    Request,
    /// A quota of the namespace that nobody but its administrators keeps.
    Quota,
    /// A `LimitRange` of the namespace.
    Limits,
    /// Another object: of this kind.
    Other(&'static str),
}

impl Of {
    /// The kind.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Tenant => "Tenant",
            Self::Configuration => "CapsuleConfiguration",
            Self::Namespace => "Namespace",
            Self::Request => "what was sent",
            Self::Quota => "ResourceQuota",
            Self::Limits => "LimitRange",
            Self::Other(kind) => kind,
        }
    }

    /// Who can change it, in words that hold everywhere; `None` if that is whoever was refused.
    pub const fn keeper(self) -> Option<&'static str> {
        match self {
            Self::Tenant => Some("who administers tenants"),
            Self::Configuration => Some("who administers Capsule"),
            Self::Namespace => Some("who may label the namespace"),
            Self::Request => None,
            Self::Quota | Self::Limits => Some("who administers the namespace"),
            Self::Other(_) => Some("who administers the cluster"),
        }
    }
}

impl Field {
    pub(crate) fn new(of: Of, path: impl Into<String>) -> Self {
        Self { of, path: path.into() }
    }
}

impl Refusal {
    fn new(family: Family, rule: &'static str, why: impl Into<String>) -> Self {
        Self { family, rule, source: None, why: why.into(), field: None, way: String::new(), denial: None }
    }

    fn at(mut self, of: Of, path: impl Into<String>) -> Self {
        self.field = Some(Field::new(of, path));
        self
    }

    fn by(mut self, source: Option<String>) -> Self {
        self.source = source;
        self
    }

    fn way(mut self, way: impl Into<String>) -> Self {
        self.way = way.into();
        self
    }

    /// Who refuses, and why: one sentence, without its first capital and its full stop.
    pub fn sentence(&self) -> String {
        let source = self.source.as_deref().unwrap_or_default();
        match self.family {
            Family::Capsule => format!("Capsule denies it: {}", self.why),
            Family::Policy => format!("the policy {source} denies it: {}", self.why),
            Family::Webhook if source.is_empty() => format!("admission denies it: {}", self.why),
            Family::Webhook => format!("the webhook {source} denies it: {}", self.why),
            Family::Outage if source.contains("Kind=") => {
                format!("the conversion webhook of {source} is down: {}", self.why)
            }
            Family::Outage if capsule::is_its(source) => format!("Capsule's webhook {source} is down: {}", self.why),
            Family::Outage => format!("the webhook {source} is down: {}", self.why),
            _ => self.why.clone(),
        }
    }

    /// The way on: what can be done, and who changes the field that decides.
    pub fn advice(&self) -> String {
        let decides = self.decides();
        match (self.way.is_empty(), decides.is_empty()) {
            (_, true) => self.way.clone(),
            (true, false) => decides,
            (false, false) => format!("{}; {decides}", self.way),
        }
    }

    /// Which field decides, and who can change it; empty if that is not known, or if it is the request itself.
    pub fn decides(&self) -> String {
        let Some(Field { of, path }) = &self.field else { return String::new() };
        match of.keeper() {
            Some(keeper) => format!("{path} of the {} decides, and {keeper} can change it", of.kind()),
            None => String::new(),
        }
    }
}

/// How long foreign words may get in a sentence, in characters.
const WORDS: usize = 160;

/// Reads a refusal out of a text: an answer's message, an event's or a condition's. `None` if it is none.
pub fn read(text: &str) -> Option<Refusal> {
    webhook::read(text)
        .or_else(|| rbac::read(text))
        .or_else(|| quota::read(text))
        .or_else(|| security::read(text))
        .or_else(|| limits::read(text))
        .or_else(|| builtin::read(text))
        .or_else(|| {
            let (_, why) = text.split_once(" is forbidden: ")?;
            let why = words(why);
            Some(Refusal::new(Family::Unclassified, "unknown", if why.is_empty() { "no reason given" } else { &why }))
        })
}

/// The same of an event: Capsule tells of its denials there in words of their own.
pub fn read_event(reason: &str, text: &str) -> Option<Refusal> {
    read(text).or_else(|| capsule::read_event(reason, text))
}

/// Foreign words as part of a sentence: on one line, without what plays tricks, not too long.
fn words(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = clean(line.trim_end_matches(['.', ':', ';', ','])).into_owned();
    match line.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests;
