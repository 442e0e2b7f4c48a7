//! May this person do it?

use crate::world::grant::Reach;
use crate::world::name::Name;

use super::chain::Chain;
use super::person::Person;
use super::question::{Question, Where};
use super::{Blind, Rights, Unsure};

/// The answer about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Can {
    /// Where; `None`: nowhere.
    pub reach: Option<Reach>,
    /// In how many namespaces it was looked for; 0 for what is asked of the whole cluster.
    pub of: usize,
    /// A member of `system:masters`: bindings do not matter.
    pub bypasses: bool,
    /// Why: each binding that allows it, with its rule.
    pub chains: Vec<Chain>,
    /// Bindings that may allow it, and whose roles cannot be read.
    pub unsure: Vec<Unsure>,
    /// What else could not be looked at.
    pub blind: Vec<Blind>,
    /// What RBAC allows and Capsule narrows, in words.
    pub narrowed: Option<&'static str>,
}

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes, all over the place that was asked about.
    Yes,
    /// In some namespaces.
    Somewhere,
    /// As far as RBAC goes, no.
    No,
    /// Not as far as could be read, which is not all.
    Unknown,
}

impl Can {
    /// The answer in one word.
    pub fn answer(&self) -> Answer {
        match &self.reach {
            Some(Reach::Cluster) => Answer::Yes,
            Some(Reach::Namespaces(names)) if names.len() == self.of => Answer::Yes,
            Some(Reach::Namespaces(_)) => Answer::Somewhere,
            None if self.unsure.is_empty() && self.blind.is_empty() => Answer::No,
            None => Answer::Unknown,
        }
    }
}

impl Rights<'_> {
    /// May this person do it, where, and why?
    pub fn can(&self, person: &Person, question: &Question) -> Can {
        let namespaces = question.place.namespaces(self.world);
        let (bypasses, of) = (person.is_master(), namespaces.len());
        let mut can = Can {
            reach: None,
            of,
            bypasses,
            chains: Vec::new(),
            unsure: Vec::new(),
            blind: Vec::new(),
            narrowed: question.narrowed(),
        };
        if bypasses {
            can.reach = Some(Reach::Cluster);
            return can;
        }
        can.blind = self.blind(&question.place);
        let mut allowed: Vec<Name> = Vec::new();
        let mut by_cluster = 0;
        let mut ask = |namespace: &str| {
            let (chains, unsure) = self.chains(person, &question.attributes(namespace), false);
            let yes = !chains.is_empty();
            by_cluster += usize::from(chains.iter().any(|chain| chain.binding.0.is_none()));
            for chain in chains {
                // A ClusterRoleBinding allows it in each of the namespaces.
                if !can.chains.contains(&chain) {
                    can.chains.push(chain);
                }
            }
            can.unsure.extend(unsure);
            yes
        };
        if question.place == Where::Cluster {
            can.reach = ask("").then_some(Reach::Cluster);
        } else {
            for namespace in &namespaces {
                if ask(namespace) {
                    allowed.push(namespace.clone());
                }
            }
            can.reach = match allowed.len() {
                0 => None,
                n if n == by_cluster && n == of => Some(Reach::Cluster),
                _ => Some(Reach::Namespaces(allowed)),
            };
        }
        can.unsure.sort();
        can.unsure.dedup();
        can
    }
}
