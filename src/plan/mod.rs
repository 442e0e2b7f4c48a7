//! Plans: every write as a value that is shown, answered by the server's dry run, approved and only then sent. Pure.
//!
//! ```text
//! action ─▶ Plan (stages of steps) ─ dry run ─▶ Answers ─ shown ─▶ Digest ─ key ─▶ approved ─ apply ─▶ Goal awaited
//!                ▲                                                      │
//!                └────────── drift: an object moved, ask again ◀────────┘
//! ```

pub mod diff;
pub mod digest;
pub mod drift;
pub mod mask;

use serde_json::Value;

pub use digest::Digest;

use crate::world::name::Name;
use crate::world::trouble::Trouble;

/// The one place and identity that a plan is valid for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The context.
    pub context: String,
    /// `host:port` of the API server.
    pub server: String,
    /// Who the server says we are.
    pub user: String,
}

/// Names an object on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// `/api/v1` or `/apis/GROUP/VERSION`.
    pub base: String,
    /// The plural, as in paths.
    pub plural: String,
    /// The kind, as people say it.
    pub kind: String,
    /// The namespace, if the kind has one.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl ObjectRef {
    /// A cluster-scoped object.
    pub fn cluster(base: &str, plural: &str, kind: &str, name: &str) -> Self {
        Self { base: base.into(), plural: plural.into(), kind: kind.into(), namespace: None, name: name.into() }
    }

    /// The object's path, percent-encoded where a name needs it (`capsule:managed:…` does not).
    pub fn path(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{}/namespaces/{namespace}/{}/{}", self.base, self.plural, self.name),
            None => format!("{}/{}/{}", self.base, self.plural, self.name),
        }
    }

    /// As people say it: `Tenant oil`, `Deployment oil-web/site`.
    pub fn title(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {namespace}/{}", self.kind, self.name),
            None => format!("{} {}", self.kind, self.name),
        }
    }
}

/// A change to one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which object.
    pub object: ObjectRef,
    /// The change: a JSON merge patch (RFC 7386).
    pub patch: Value,
    /// The object as it was read.
    pub before: Value,
    /// What the server's dry run answered; `None` while it has not been asked about this very change.
    pub answer: Option<Answer>,
}

/// What the server says it would do.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The object would become this.
    WouldChange(Value),
    /// Nothing would change.
    WouldNotChange,
    /// Accepted, but what came back is no object that can be compared.
    Unreadable,
    /// Somebody says no: RBAC, a webhook, a quota, validation.
    Refused(Trouble),
    /// The question could not be put: no connection, a webhook that is down, a missing kind.
    NotAsked(Trouble),
}

impl Answer {
    /// The words on screen.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::WouldChange(_) => "would change",
            Self::WouldNotChange => "would not change",
            Self::Unreadable => "accepted but unreadable",
            Self::Refused(_) => "refused",
            Self::NotAsked(_) => "could not be asked",
        }
    }

    /// The glyph on screen; ASCII.
    pub const fn glyph(&self) -> char {
        match self {
            Self::WouldChange(_) => '~',
            Self::WouldNotChange => '=',
            Self::Unreadable | Self::NotAsked(_) => '?',
            Self::Refused(_) => '!',
        }
    }

    /// Whether the server would do what was asked.
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::WouldChange(_) | Self::WouldNotChange)
    }
}

impl Step {
    /// `metadata.uid` of the object as it was read.
    pub fn uid(&self) -> &str {
        self.before.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default()
    }

    /// `metadata.resourceVersion` of the object as it was read.
    pub fn resource_version(&self) -> &str {
        self.before.pointer("/metadata/resourceVersion").and_then(Value::as_str).unwrap_or_default()
    }

    /// The patch with its preconditions: the very object (uid) in the very version that was read. The server answers 409 or
    /// 422 if either is not so.
    pub fn guarded_patch(&self) -> Value {
        let mut patch = self.patch.clone();
        if let Some(object) = patch.as_object_mut()
            && let Some(metadata) =
                object.entry("metadata").or_insert_with(|| Value::Object(serde_json::Map::new())).as_object_mut()
        {
            metadata.insert("uid".into(), self.uid().into());
            metadata.insert("resourceVersion".into(), self.resource_version().into());
        }
        patch
    }

    /// The command that does the same with kubectl, for people who want to see it in their own words.
    pub fn kubectl(&self, target: &Target) -> String {
        let namespace = self.object.namespace.as_ref().map(|ns| format!(" -n {}", shell(ns))).unwrap_or_default();
        let kind = self.object.plural.trim_end_matches('s');
        format!(
            "kubectl --context {}{namespace} patch {kind} {} --type=merge -p {}",
            shell(&target.context),
            shell(&self.object.name),
            shell(&self.patch.to_string()),
        )
    }
}

/// `text` as one word of a POSIX shell.
fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Steps that do not depend on each other, and what must be so when they have been taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The steps.
    pub steps: Vec<Step>,
    /// What is awaited afterwards.
    pub goal: Option<Goal>,
}

/// A condition that ends a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// The tenant's cordon is in force in all its namespaces (`true`), or in none (`false`).
    Cordoned {
        /// The tenant.
        tenant: Name,
        /// The wish.
        cordoned: bool,
        /// After how many seconds to say what is missing.
        deadline: i64,
    },
}

/// An ordered list of stages, with what a person must know before saying yes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What it does, as a title: `Cordon tenant oil`.
    pub title: String,
    /// What it means, sentence by sentence.
    pub summary: Vec<String>,
    /// Where and as whom it is valid.
    pub target: Target,
    /// The stages.
    pub stages: Vec<Stage>,
}

impl Plan {
    /// All steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.stages.iter().flat_map(|stage| &stage.steps)
    }

    /// All steps, in order.
    pub fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        self.stages.iter_mut().flat_map(|stage| &mut stage.steps)
    }

    /// Whether the server has answered every step.
    pub fn is_answered(&self) -> bool {
        self.steps().all(|step| step.answer.is_some())
    }

    /// How many steps would change something.
    pub fn changes(&self) -> usize {
        self.steps().filter(|step| matches!(step.answer, Some(Answer::WouldChange(_)))).count()
    }

    /// Whether the plan may be applied: every step answered, all answers good, and at least one change.
    pub fn is_ready(&self) -> bool {
        self.changes() > 0 && self.steps().all(|step| step.answer.as_ref().is_some_and(Answer::is_good))
    }

    /// Forgets the answers: they no longer belong to what would be sent.
    pub fn forget_answers(&mut self) {
        for step in self.steps_mut() {
            step.answer = None;
        }
    }

    /// The digest of what is shown and would be sent: target, objects, changes, and the answers. `None` until answered. The
    /// objects' versions are not part of it: those may be rebased as long as nothing else moved.
    pub fn digest(&self) -> Option<Digest> {
        let mut parts = vec![self.target.context.clone(), self.target.server.clone(), self.target.user.clone()];
        for step in self.steps() {
            parts.extend([step.object.path(), step.uid().to_owned(), step.patch.to_string()]);
            match step.answer.as_ref()? {
                Answer::WouldChange(after) => parts.push(diff::without_bookkeeping(after).to_string()),
                other => parts.push(other.words().to_owned()),
            }
        }
        Some(Digest::of(serde_json::to_string(&parts).ok()?.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn step() -> Step {
        Step {
            object: ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", "oil"),
            patch: json!({"spec": {"cordoned": true}}),
            before: json!({"metadata": {"name": "oil", "uid": "u1", "resourceVersion": "7"}, "spec": {"cordoned": false}}),
            answer: None,
        }
    }

    fn plan(step: Step) -> Plan {
        let target = Target { context: "lke prod".into(), server: "s:443".into(), user: "ops".into() };
        Plan { title: "Cordon".into(), summary: vec![], target, stages: vec![Stage { steps: vec![step], goal: None }] }
    }

    #[test]
    fn a_step_carries_its_preconditions() {
        assert_eq!(
            step().guarded_patch(),
            json!({"spec": {"cordoned": true}, "metadata": {"uid": "u1", "resourceVersion": "7"}})
        );
    }

    #[test]
    fn the_same_change_in_kubectls_words() {
        let plan = plan(step());
        assert_eq!(
            step().kubectl(&plan.target),
            r#"kubectl --context 'lke prod' patch tenant oil --type=merge -p '{"spec":{"cordoned":true}}'"#
        );
    }

    #[test]
    fn the_digest_tells_what_would_happen_apart_and_nothing_else() {
        let answered = |after: Value| {
            let mut plan = plan(step());
            plan.steps_mut().for_each(|step| step.answer = Some(Answer::WouldChange(after.clone())));
            plan.digest().unwrap()
        };
        let after = |version: &str, cordoned: bool| json!({"metadata": {"uid": "u1", "resourceVersion": version}, "spec": {"cordoned": cordoned}});
        assert_eq!(plan(step()).digest(), None);
        assert_eq!(answered(after("8", true)), answered(after("9", true)));
        assert_ne!(answered(after("8", true)), answered(after("8", false)));
    }

    #[test]
    fn what_is_refused_or_unasked_is_never_ready() {
        let trouble = || Trouble::new(crate::world::trouble::TroubleKind::Other, "no");
        for (answer, ready) in [
            (None, false),
            (Some(Answer::WouldChange(json!({}))), true),
            (Some(Answer::WouldNotChange), false),
            (Some(Answer::Unreadable), false),
            (Some(Answer::Refused(trouble())), false),
            (Some(Answer::NotAsked(trouble())), false),
        ] {
            let mut plan = plan(step());
            plan.steps_mut().for_each(|step| step.answer.clone_from(&answer));
            assert_eq!(plan.is_ready(), ready, "{answer:?}");
        }
    }
}
