//! `metadata`, as far as rows need it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Text, nullable};
use crate::plan::owned::is_anothers;
use crate::world::labels;
use crate::world::name::Interner;
use crate::world::pause::record::{PAUSED, Record};

/// Object metadata.
#[derive(Debug, Default, Deserialize)]
#[serde(
    rename_all = "camelCase",
    default,
    bound(deserialize = "'de: 'a, L: Deserialize<'de> + Default, M: Deserialize<'de> + Default")
)]
pub struct Meta<'a, L = Labels<'a>, M = Skipped> {
    /// `name`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `namespace`.
    #[serde(borrow)]
    pub namespace: Option<Text<'a>>,
    /// `uid`.
    #[serde(borrow)]
    pub uid: Text<'a>,
    /// `resourceVersion`.
    #[serde(borrow)]
    pub resource_version: Text<'a>,
    /// `generation`.
    pub generation: i64,
    /// `creationTimestamp`, RFC 3339.
    #[serde(borrow)]
    pub creation_timestamp: Option<Text<'a>>,
    /// `deletionTimestamp`, RFC 3339.
    #[serde(borrow)]
    pub deletion_timestamp: Option<Text<'a>>,
    /// The labels: those that Capsule gives meaning to, or all.
    #[serde(deserialize_with = "nullable")]
    pub labels: L,
    /// `ownerReferences`.
    #[serde(borrow, deserialize_with = "nullable")]
    pub owner_references: Vec<OwnerReference<'a>>,
    /// `finalizers`.
    #[serde(borrow, deserialize_with = "nullable")]
    pub finalizers: Vec<Text<'a>>,
    /// Those of the annotations that are of interest.
    #[serde(borrow, deserialize_with = "nullable")]
    pub annotations: Annotations<'a>,
    /// `managedFields`: who manages fields, where that is of interest.
    #[serde(deserialize_with = "nullable")]
    pub managed_fields: M,
}

/// What nobody looks at, and what is most of many objects.
#[derive(Debug, Default)]
pub struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// Who manages fields of an object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Manager<'a> {
    /// By which name.
    #[serde(borrow)]
    pub manager: Text<'a>,
    /// When last, RFC 3339.
    #[serde(borrow)]
    pub time: Option<Text<'a>>,
}

/// The annotations that a pause writes or reads (see [`crate::world::pause::record`]), and those by which others mark what is theirs
/// (see [`crate::world::maker`]).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Annotations<'a> {
    #[serde(borrow, rename = "tenantry.dev/paused")]
    paused: Option<Text<'a>>,
    #[serde(borrow, rename = "tenantry.dev/pause-exclude")]
    exclude: Option<Text<'a>>,
    #[serde(borrow, rename = "downscaler/exclude")]
    downscaler: Option<Text<'a>>,
    #[serde(borrow, rename = "meta.helm.sh/release-name")]
    release: Option<Text<'a>>,
    #[serde(borrow, rename = "argocd.argoproj.io/tracking-id")]
    tracking: Option<Text<'a>>,
}

impl Annotations<'_> {
    /// The record of a pause, if there is one that can be read.
    pub fn pause(&self) -> Option<Record> {
        Record::read(self.paused.as_deref()?).ok()
    }

    /// Those by which others mark what is theirs.
    pub fn mark(&self, key: &str) -> Option<&str> {
        match key {
            "meta.helm.sh/release-name" => self.release.as_deref(),
            "argocd.argoproj.io/tracking-id" => self.tracking.as_deref(),
            _ => None,
        }
    }

    /// Whether every pause is to leave the object alone.
    pub fn is_excluded(&self) -> bool {
        [&self.exclude, &self.downscaler].into_iter().any(|note| note.as_deref() == Some("true"))
    }
}

/// `managedFields`, to be read where that is needed.
pub type Unread<'a> = Option<&'a RawValue>;

impl<L> Meta<'_, L, Unread<'_>> {
    /// Whether somebody else has put the record of a pause there: see [`crate::action::pause::survey::Found::record`].
    pub fn has_anothers_record(&self) -> bool {
        let read = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).ok();
        let fields = self.managed_fields.filter(|_| self.annotations.paused.is_some()).and_then(read);
        fields.is_some_and(|fields| is_anothers(&json!({"metadata": {"managedFields": fields}}), PAUSED))
    }
}

/// The labels that Capsule gives meaning to, in both of its label families.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Labels<'a> {
    /// The tenant: on contents up to 0.12.
    #[serde(borrow, rename = "capsule.clastix.io/tenant")]
    pub tenant: Option<Text<'a>>,
    /// The tenant: on contents from 0.13 on.
    #[serde(borrow, rename = "projectcapsule.dev/tenant")]
    pub content_tenant: Option<Text<'a>>,
    /// On rolebindings: the controller made and keeps it.
    #[serde(borrow, rename = "capsule.clastix.io/role-binding")]
    pub role_binding: Option<Text<'a>>,
}

/// All labels of an object that is looked for by them.
#[derive(Debug, Default)]
pub struct AllLabels<'a>(pub Vec<(Text<'a>, Text<'a>)>);

impl AllLabels<'_> {
    /// The value of a label.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| &**known == key).map(|(_, value)| &**value)
    }

    /// As rows keep them.
    pub fn keep(&self, names: &mut Interner) -> labels::Labels {
        self.0.iter().map(|(key, value)| (names.name(key), names.name(value))).collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for AllLabels<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsLabels;
        impl<'de> Visitor<'de> for AsLabels {
            type Value = AllLabels<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("labels")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut all = Vec::with_capacity(map.size_hint().unwrap_or_default());
                while let Some(label) = map.next_entry()? {
                    all.push(label);
                }
                Ok(AllLabels(all))
            }
        }
        deserializer.deserialize_map(AsLabels)
    }
}

/// An owner reference.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OwnerReference<'a> {
    /// `apiVersion`.
    #[serde(borrow)]
    pub api_version: Text<'a>,
    /// `kind`.
    #[serde(borrow)]
    pub kind: Text<'a>,
    /// `name`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `controller`: it keeps the object as it is.
    pub controller: Option<bool>,
}

impl<L, M> Meta<'_, L, M> {
    /// Unix seconds of the creation; 0 if absent.
    pub fn created(&self) -> i64 {
        self.creation_timestamp.as_deref().and_then(seconds).unwrap_or(0)
    }

    /// Unix seconds of the deletion, if the object is being deleted.
    pub fn deleting(&self) -> Option<i64> {
        self.deletion_timestamp.as_deref().map(|text| seconds(text).unwrap_or(0))
    }

    /// The kind of the controller that keeps the object.
    pub fn controller(&self) -> Option<&str> {
        self.owner_references.iter().find(|owner| owner.controller == Some(true)).map(|owner| &*owner.kind)
    }

    /// The Tenant that owns the object.
    pub fn owning_tenant(&self) -> Option<&str> {
        self.owner_references
            .iter()
            .find(|owner| &*owner.kind == "Tenant" && owner.api_version.starts_with("capsule.clastix.io/"))
            .map(|owner| &*owner.name)
    }
}

/// Unix seconds of an RFC 3339 time.
fn seconds(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}
