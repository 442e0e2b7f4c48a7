//! Where one has been: the jump list, and places pinned on digits and under names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::overlay::Overlay;
use super::{Breadth, Model, Pane};
use crate::world::identity::ActingAs;

/// What the screen is about, without what is scrolled or marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The context.
    pub context: String,
    /// As whom it is seen, if not as ourselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_as: Option<ActingAs>,
    /// The pane that keys go to.
    pub focus: Pane,
    /// The tenant under the cursor.
    pub tenant: Option<String>,
    /// The namespace under the cursor, if the screen is about it.
    pub namespace: Option<String>,
    /// All namespaces, or the tenant's.
    pub breadth: Breadth,
    /// Raw bindings, or grants.
    pub raw: bool,
    /// The filters of tenants, namespaces and access.
    pub filters: [String; 3],
    /// The page of objects that lies over them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<Shelf>,
    /// The command that opens the page of rights that lies over them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
}

/// A page of objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    /// The kind, with version and group.
    pub kind: String,
    /// The namespace, unless it is about all.
    pub namespace: Option<String>,
    /// The filter.
    pub filter: String,
}

impl Place {
    /// Where the screen is.
    pub fn of(model: &Model) -> Self {
        Self {
            context: model.here.context().to_owned(),
            acting_as: model.here.acting_as().cloned(),
            focus: model.here.focus,
            tenant: model.here.tenants.selected().map(ToString::to_string),
            namespace: model
                .here
                .namespaces
                .selected()
                .filter(|_| model.here.focus != Pane::Tenants)
                .map(ToString::to_string),
            breadth: model.here.breadth,
            raw: model.here.raw,
            filters: [&model.here.tenants.filter, &model.here.namespaces.filter, &model.here.access.filter]
                .map(String::clone),
            objects: model.overlays.iter().find_map(|overlay| match overlay {
                Overlay::Objects(objects) => Some(Shelf {
                    kind: format!(
                        "{}.{}.{}",
                        objects.resource.plural, objects.resource.version, objects.resource.group
                    ),
                    namespace: objects.namespace.as_ref().map(ToString::to_string),
                    filter: objects.list.filter.clone(),
                }),
                _ => None,
            }),
            rights: model.overlays.iter().find_map(|overlay| match overlay {
                Overlay::Rights(page) => Some(page.line()),
                _ => None,
            }),
        }
    }

    /// A few words for it.
    pub fn words(&self) -> String {
        let acting_as = self.acting_as.as_ref().map(|acting| format!(", as {}", acting.user)).unwrap_or_default();
        if let Some(Shelf { kind, namespace, filter }) = &self.objects {
            let kind = kind.split('.').next().unwrap_or_default();
            let place = namespace.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
            return format!("{kind}{place}{}{acting_as}", if filter.is_empty() { "" } else { ", filtered" });
        }
        if let Some(line) = &self.rights {
            return line.clone();
        }
        let about = match (&self.namespace, &self.tenant, self.breadth) {
            (Some(namespace), ..) => format!("namespace {namespace}"),
            (None, _, Breadth::All) => "all namespaces".to_owned(),
            (None, Some(tenant), _) => format!("tenant {tenant}"),
            (None, None, _) => "tenants".to_owned(),
        };
        let pane = match self.focus {
            Pane::Access if self.raw => ", bindings",
            Pane::Access => ", access",
            Pane::Identity => ", identity",
            Pane::Tenants | Pane::Namespaces => "",
        };
        let filtered = if self.filters.iter().all(String::is_empty) { "" } else { ", filtered" };
        format!("{about}{pane}{filtered}{acting_as}")
    }
}

/// How many places are kept.
const KEPT: usize = 100;

/// The places that were left, and the pinned ones.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// In the order in which they were come to; the present one is among them, as it was when it was come to.
    list: Vec<Place>,
    at: usize,
    /// The place in the list that was left last.
    last: Option<usize>,
    /// By digit, or by name: saved views.
    pub pins: BTreeMap<String, Place>,
}

impl Places {
    /// Somebody went from one place to another.
    pub fn go(&mut self, from: Place, to: Place) {
        if from == to {
            return;
        }
        self.list.truncate(self.at + 1);
        self.stand(from);
        self.last = Some(self.at);
        self.list.push(to);
        if self.list.len() > KEPT {
            self.list.remove(0);
            self.last = self.last.and_then(|last| last.checked_sub(1));
        }
        self.at = self.list.len() - 1;
    }

    /// So many steps back or forward from `here`; nothing if the list ends there.
    pub fn step(&mut self, here: Place, by: isize) -> Option<Place> {
        let to = self.at.checked_add_signed(by).filter(|to| *to < self.list.len())?;
        self.stand(here);
        self.last = Some(self.at);
        self.at = to;
        self.list.get(to).cloned()
    }

    /// The place that was left last.
    pub fn back_and_forth(&mut self, here: Place) -> Option<Place> {
        let by = self.last? as isize - self.at as isize;
        self.step(here, by)
    }

    /// The present place as it is now: cursors have moved since it was come to.
    fn stand(&mut self, here: Place) {
        match self.list.get_mut(self.at) {
            Some(place) => *place = here,
            None => self.list.push(here),
        }
    }

    /// The first digit that is free.
    pub fn free(&self) -> Option<String> {
        (1..=9).map(|digit| digit.to_string()).find(|digit| !self.pins.contains_key(digit))
    }

    /// The digit of a place.
    pub fn pinned(&self, place: &Place) -> Option<String> {
        let mut digits = self.pins.iter().filter(|(name, _)| is_digit(name));
        digits.find(|(_, pinned)| *pinned == place).map(|(digit, _)| digit.clone())
    }
}

/// The longest name of a pin, in characters.
const LONGEST: usize = 40;

/// Whether a pin can be called so: a digit from 1 to 9, or a name that begins with a letter and has letters, digits, `-`, `_` and `.`.
pub fn is_pin(name: &str) -> bool {
    let is_inner = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let is_name =
        name.starts_with(char::is_alphabetic) && name.chars().all(is_inner) && name.chars().count() <= LONGEST;
    is_digit(name) || is_name
}

fn is_digit(name: &str) -> bool {
    matches!(name.as_bytes(), [b'1'..=b'9'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(number: u8) -> Place {
        let filters = [number.to_string(), String::new(), String::new()];
        Place {
            context: "c".into(),
            acting_as: None,
            focus: Pane::Tenants,
            tenant: None,
            namespace: None,
            breadth: Breadth::Tenant,
            raw: false,
            filters,
            objects: None,
            rights: None,
        }
    }

    #[test]
    fn back_forward_and_back_and_forth() {
        let mut places = Places::default();
        assert_eq!(places.step(place(1), -1), None);
        assert_eq!(places.back_and_forth(place(1)), None);
        places.go(place(1), place(2));
        places.go(place(2), place(3));
        assert_eq!(places.step(place(3), -1), Some(place(2)));
        assert_eq!(places.back_and_forth(place(2)), Some(place(3)));
        assert_eq!(places.back_and_forth(place(3)), Some(place(2)));
        assert_eq!(places.step(place(2), -1), Some(place(1)));
        assert_eq!(places.step(place(1), -1), None);
        places.go(place(1), place(9));
        assert_eq!(places.step(place(9), 1), None, "what lay ahead is gone once one goes elsewhere");
    }

    proptest! {
        /// A model that only walks: the list never loses a place that was walked through since the last turning.
        #[test]
        fn every_step_back_can_be_undone(steps in proptest::collection::vec((0_u8..4, 0_u8..9), 0..300)) {
            let mut places = Places::default();
            let mut here = place(0);
            for (what, number) in steps {
                let there = match what {
                    0 => places.step(here.clone(), -1),
                    1 => places.step(here.clone(), 1),
                    2 => places.back_and_forth(here.clone()),
                    _ => {
                        places.go(here.clone(), place(number));
                        Some(place(number))
                    }
                };
                if let Some(there) = there {
                    if what == 0 {
                        let mut again = places.clone();
                        prop_assert_eq!(again.step(there.clone(), 1), Some(here.clone()));
                    }
                    here = there;
                }
                prop_assert!(places.list.len() <= KEPT && places.at <= places.list.len());
            }
        }
    }
}
