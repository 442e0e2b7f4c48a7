//! A step: one change of one object.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::manifest::Source;
use super::object::{self, ObjectRef, Target};
use super::{Answer, mask};
use crate::text::yaml;
use crate::world::identity::ActingAs;
use crate::world::trouble::Trouble;

/// A change to one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which object.
    pub object: ObjectRef,
    /// The change.
    pub change: Change,
    /// The object as it was read.
    pub before: Before,
    /// What the server's dry run answered; `None` while it has not been asked about this very change.
    pub answer: Option<Answer>,
    /// Where the change was written down, if it was.
    pub source: Option<Source>,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A JSON merge patch (RFC 7386) of an object that is there.
    Merge(Value),
    /// Server-side apply of a manifest, under our field manager: it makes the object if it is not there.
    Apply {
        /// What is applied.
        manifest: Value,
        /// Fields that others own are taken from them.
        force: bool,
    },
    /// A new object.
    Create(Value),
    /// The object is deleted.
    Delete(Propagation),
}

/// What becomes of the objects that a deleted one owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Propagation {
    /// They are deleted after it.
    #[default]
    Background,
    /// They are deleted before it.
    Foreground,
    /// They stay, without an owner.
    Orphan,
}

impl Change {
    /// The patch or the manifest that is sent.
    pub const fn body(&self) -> Option<&Value> {
        match self {
            Self::Merge(body) | Self::Apply { manifest: body, .. } | Self::Create(body) => Some(body),
            Self::Delete(_) => None,
        }
    }
}

impl Propagation {
    /// As the API spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Background => "Background",
            Self::Foreground => "Foreground",
            Self::Orphan => "Orphan",
        }
    }
}

/// What was there when the plan was made.
#[derive(Debug, Clone, PartialEq)]
pub enum Before {
    /// Nothing.
    Absent,
    /// This object.
    Present(Value),
    /// Something, perhaps: it may not be read.
    Unreadable(Trouble),
}

impl Before {
    /// The object, if one was read.
    pub const fn object(&self) -> Option<&Value> {
        match self {
            Self::Present(object) => Some(object),
            Self::Absent | Self::Unreadable(_) => None,
        }
    }
}

impl Step {
    /// A merge patch of an object as it was read.
    pub const fn merge(object: ObjectRef, patch: Value, before: Value) -> Self {
        Self { object, change: Change::Merge(patch), before: Before::Present(before), answer: None, source: None }
    }

    /// The object as it was read; null if it was not.
    pub fn old(&self) -> &Value {
        self.before.object().unwrap_or(&Value::Null)
    }

    /// Whether it cannot even be tried before this object is there: its namespace, its kind, the tenant that it says it is of, or
    /// what it is a change of.
    pub fn needs(&self, other: &ObjectRef) -> bool {
        let tenant = || match &self.change {
            Change::Apply { manifest, .. } | Change::Create(manifest) => {
                manifest.pointer("/metadata/labels/capsule.clastix.io~1tenant").and_then(Value::as_str)
            }
            Change::Merge(_) | Change::Delete(_) => None,
        };
        other.is_parent_of(&self.object)
            || matches!(self.change, Change::Merge(_)) && *other == self.object
            || other.kind == "Tenant" && self.object.kind == "Namespace" && tenant() == Some(&other.name)
    }

    /// Where it was written down: the very line of the field that the server finds fault with, if it names one.
    pub fn place(&self) -> Option<String> {
        let source = self.source.as_ref()?;
        Some(match &self.answer {
            Some(Answer::Refused(trouble)) => source.blame(&[&trouble.what, &trouble.detail]),
            _ => source.to_string(),
        })
    }

    /// `metadata.uid` of the object as it was read.
    pub fn uid(&self) -> &str {
        object::uid(self.old())
    }

    /// `metadata.resourceVersion` of the object as it was read.
    pub fn resource_version(&self) -> &str {
        object::resource_version(self.old())
    }

    /// What goes over the wire, with its preconditions: the very object (uid) in the very version that was read. The server
    /// answers 409 or 422 if either is not so.
    pub fn body(&self) -> Value {
        match &self.change {
            Change::Merge(body) | Change::Apply { manifest: body, .. } => {
                let mut body = body.clone();
                if self.before.object().is_some()
                    && let Some(metadata) = metadata_of(&mut body)
                {
                    metadata.insert("uid".into(), self.uid().into());
                    metadata.insert("resourceVersion".into(), self.resource_version().into());
                }
                body
            }
            Change::Create(manifest) => manifest.clone(),
            Change::Delete(propagation) => {
                let mut options = json!({
                    "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation.name(),
                });
                if self.before.object().is_some() {
                    options["preconditions"] = json!({"uid": self.uid(), "resourceVersion": self.resource_version()});
                }
                options
            }
        }
    }

    /// What is secret in the object, as it is or as it is to be: servers quote what they refuse.
    pub fn secrets(&self) -> Vec<String> {
        let change = match &self.change {
            Change::Merge(body) | Change::Apply { manifest: body, .. } | Change::Create(body) => body,
            Change::Delete(_) => &Value::Null,
        };
        let after = self.answer.as_ref().and_then(Answer::after).unwrap_or(&Value::Null);
        let kind = &self.object.kind;
        [self.old(), change, after].into_iter().flat_map(|object| mask::secrets(kind, object)).collect()
    }

    /// The command that does the same with kubectl, for people who want to see it in their own words. What is secret is masked.
    pub fn kubectl(&self, target: &Target) -> String {
        let namespace = self.object.namespace.as_ref().map(|ns| format!(" -n {}", shell(ns))).unwrap_or_default();
        let begin = format!("kubectl --context {}{namespace}", shell(&target.context));
        let kind = self.object.kubectl_kind();
        let name = shell(&self.object.name);
        let here = |manifest: &Value| {
            let manifest = mask::masked(&self.object.kind, manifest);
            format!("-f - <<'EOF'\n{}EOF", yaml::render(&manifest, &|_, _| None))
        };
        match &self.change {
            Change::Merge(patch) => {
                let patch = mask::masked(&self.object.kind, patch);
                format!("{begin} patch {kind} {name} --type=merge -p {}", shell(&patch.to_string()))
            }
            Change::Apply { manifest, force } => {
                let force = if *force { " --force-conflicts" } else { "" };
                let file = self.source.as_ref().and_then(Source::file);
                let from = file.map_or_else(|| here(manifest), |file| format!("-f {}", shell(file)));
                format!("{begin} apply --server-side --field-manager=tenantry{force} {from}")
            }
            Change::Create(manifest) => format!("{begin} create {}", here(manifest)),
            Change::Delete(propagation) => {
                format!("{begin} delete {kind} {name} --cascade={}", propagation.name().to_ascii_lowercase())
            }
        }
    }
}

/// A command as somebody else would be let run it.
pub fn kubectl_as(command: String, actor: Option<&ActingAs>) -> String {
    let Some(ActingAs { user, groups }) = actor else { return command };
    let mut options = format!("kubectl --as {}", shell(user));
    for group in groups {
        options.extend([" --as-group ", &shell(group)]);
    }
    command.replacen("kubectl", &options, 1)
}

fn metadata_of(object: &mut Value) -> Option<&mut Map<String, Value>> {
    object.as_object_mut()?.entry("metadata").or_insert_with(|| Value::Object(Map::new())).as_object_mut()
}

/// `text` as one word of a POSIX shell.
pub fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
