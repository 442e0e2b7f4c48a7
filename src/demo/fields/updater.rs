//! Who manages what after a write, as structured-merge-diff `merge/update.go`.

use serde_json::Value;

use super::conflict::{self, Conflict};
use super::managed::{Fields, Managed, Manager};
use super::order;
use super::set::FieldSet;
use super::typed::{Comparison, Schema};

/// The fields that a resource's strategy does not let a request change, and that nobody manages through it.
#[derive(Debug, Clone, PartialEq)]
pub enum Reset {
    /// These, and all below them: `status` of the object itself; `spec` and `metadata` (or parts) of its status.
    Exclude(FieldSet),
    /// All but what lies at or below these paths of names: `scale` keeps `spec.replicas`.
    Include(Vec<Vec<String>>),
}

impl Reset {
    /// Nobody manages these fields through this resource.
    pub fn exclude(paths: &[&[&str]]) -> Self {
        Self::Exclude(FieldSet::of_fields(paths))
    }

    fn keep(&self, set: FieldSet) -> FieldSet {
        match self {
            Self::Exclude(fields) => set.recursive_difference(fields),
            Self::Include(prefixes) => set.within(prefixes),
        }
    }
}

/// Why an apply failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// Others manage these fields.
    Conflicts(Vec<Conflict>),
    /// Something is wrong; the sentence.
    Broken(String),
}

/// The rules for one resource in one version.
pub struct Updater<'a> {
    /// The schema.
    pub schema: &'a Schema<'a>,
    /// The version of the request.
    pub version: &'a str,
    /// The versions that the kind is served in; entries of another one are forgotten.
    pub served: &'a [&'a str],
    /// What the strategy resets.
    pub reset: Option<&'a Reset>,
}

impl Updater<'_> {
    fn keep(&self, set: FieldSet) -> FieldSet {
        match self.reset {
            Some(reset) => reset.keep(set),
            None => set,
        }
    }

    fn is_served(&self, version: &str) -> bool {
        version == self.version || self.served.contains(&version)
    }

    /// Without entries of versions that are gone, and in line with what the schema has made atomic.
    fn reconciled(&self, managed: Managed) -> Managed {
        let served = managed.0.into_iter().filter(|(_, fields)| self.is_served(&fields.version));
        Managed(
            served.map(|(who, fields)| (who, Fields { set: self.schema.reconcile(fields.set), ..fields })).collect(),
        )
    }

    /// Takes what has changed from everybody but `me`.
    fn take(
        &self,
        old: &Value,
        new: &Value,
        managed: &mut Managed,
        me: Option<&Manager>,
        force: bool,
    ) -> Result<Comparison, Refusal> {
        let compared = self.schema.compare(old, new);
        let compared = compared.map_err(|faults| Refusal::Broken(format!("failed to compare objects: {faults}")))?;
        let changes = compared.filter(|set| self.keep(set));
        if !force {
            let touched = changes.modified.union(&changes.added);
            let others = managed.0.iter().filter(|(who, _)| Some(*who) != me);
            let taken = others.map(|(who, fields)| (who.clone(), fields.set.intersection(&touched)));
            let conflicts: Vec<_> = taken.filter(|(_, set)| !set.is_empty()).collect();
            if !conflicts.is_empty() {
                return Err(Refusal::Conflicts(conflict::of_sets(conflicts)));
            }
        }
        for (_, fields) in managed.0.iter_mut().filter(|(who, _)| Some(*who) != me) {
            for gone in [&changes.modified, &changes.added, &changes.removed] {
                fields.set.subtract(gone);
            }
        }
        managed.0.retain(|_, fields| !fields.set.is_empty());
        Ok(changes)
    }

    /// After an update: everybody loses what it changed. Returns the others, and what the one who updates has gained.
    pub fn update(&self, live: &Value, new: &Value, managed: Managed) -> Result<(Managed, FieldSet), Refusal> {
        let mut managed = self.reconciled(managed);
        let changes = self.take(live, new, &mut managed, None, true)?;
        let mut gained = changes.modified;
        gained.extend(changes.added);
        Ok((managed, gained))
    }

    /// Lays a configuration over the live object, and takes out what the manager applied before and no longer does,
    /// unless somebody else manages it too. No object is returned if nothing has changed.
    pub fn apply(
        &self,
        live: &Value,
        config: &Value,
        managed: Managed,
        me: &Manager,
        force: bool,
    ) -> Result<(Option<Value>, Managed), Refusal> {
        let mut managed = self.reconciled(managed);
        let broken = |what: &str, why: String| Refusal::Broken(format!("{what}: {why}"));
        let merged =
            self.schema.merge(live, config).map_err(|faults| broken("failed to merge config", faults.to_string()))?;
        let set = self.schema.to_field_set(config);
        let set = set.map_err(|faults| broken("failed to get field set", faults.to_string()))?;
        let time = managed.0.get(me).and_then(|fields| fields.time.clone());
        let fields = Fields { set: self.keep(set), version: self.version.to_owned(), time };
        let last = managed.0.insert(me.clone(), fields).filter(|last| !last.set.is_empty());
        let new = match last {
            Some(last) => {
                self.prune(&merged, &managed, &last.set).map_err(|why| broken("failed to prune fields", why))?
            }
            None => merged,
        };
        self.take(live, &new, &mut managed, Some(me), force)?;
        Ok(((!order::equal(live, &new)).then_some(new), managed))
    }

    fn prune(&self, merged: &Value, managed: &Managed, last: &FieldSet) -> Result<Value, String> {
        let named = |set: &FieldSet| self.schema.with_named_fields(set);
        let fields_of = |value: &Value| self.schema.to_field_set(value).map(|set| named(&set));
        let merged_set = |value: &Value| fields_of(value).map_err(|faults| faults.to_string());
        let all = merged_set(merged)?;
        let pruned = self.schema.remove(merged, &named(last));
        // What others, or the new configuration, manage comes back.
        let owned = managed.0.values().fold(FieldSet::default(), |all, fields| all.union(&fields.set));
        let kept = merged_set(&pruned)?.union(&named(&owned));
        let pruned = self.schema.remove(merged, &all.difference(&kept));
        // What this manager had not applied before stays.
        let gone = all.difference(&merged_set(&pruned)?).intersection(&named(last));
        Ok(self.schema.remove(merged, &gone))
    }
}
