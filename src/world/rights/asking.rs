//! Asks bindings, one after the other, whether they allow something.

use std::collections::HashMap;
use std::iter::Peekable;

use crate::world::binding::Binding;
use crate::world::name::{Name, is_same};
use crate::world::role::Role;

use super::holders::Found;
use super::question::{Object, Question, Where};
use super::{Rights, RoleIs, Unsure, unsure_of};

/// A question on its way through the bindings.
pub(super) struct Asking<'a, 'q> {
    rights: &'a Rights<'a>,
    question: &'q Question,
    /// Where a binding of the whole cluster is asked namespace by namespace: of a question about these themselves.
    each: Option<&'q [Name]>,
    /// What ClusterRoles say, where that is the same in all namespaces.
    said: HashMap<&'a str, Says<'a>>,
    roles: Roles<'a>,
    /// The bindings that allow it.
    pub(super) found: Vec<Found<'a>>,
    /// Whom bindings name whose roles cannot be read.
    pub(super) unsure: Vec<Unsure>,
}

/// What the role of a binding says to the question.
#[derive(Clone, Copy)]
enum Says<'a> {
    Yes(&'a Role, usize),
    No,
    Unread,
}

impl<'a, 'q> Asking<'a, 'q> {
    /// A question about these namespaces.
    pub(super) fn new(rights: &'a Rights<'a>, question: &'q Question, namespaces: &'q [Name]) -> Self {
        let is_unnamed = question.is_about_namespaces()
            && matches!(&question.object, Object::Resource { name, .. } if name.is_empty());
        let roles = match question.place {
            Where::Everywhere => Roles::new(rights.world.roles.iter()),
            Where::Cluster | Where::Tenant(_) | Where::Namespace(_) => Roles::new(std::iter::empty()),
        };
        let each = (is_unnamed && question.place != Where::Cluster).then_some(namespaces);
        Self { rights, question, each, said: HashMap::new(), roles, found: Vec::new(), unsure: Vec::new() }
    }

    /// Asks a binding wherever it holds. Whether it allows it.
    pub(super) fn ask(&mut self, binding: &'a Binding) -> bool {
        let found = match (&binding.namespace, self.each) {
            (None, Some(namespaces)) => self.within(binding, namespaces),
            (place, _) => match self.says(binding, place.as_deref().unwrap_or_default()) {
                Says::No => None,
                Says::Unread => self.doubt(binding),
                Says::Yes(role, rule) => Some(Found::new(binding, role, rule)),
            },
        };
        let before = self.found.len();
        self.found.extend(found);
        self.found.len() > before
    }

    /// Asks a binding of the whole cluster in each of these namespaces.
    fn within(&mut self, binding: &'a Binding, namespaces: &[Name]) -> Option<Found<'a>> {
        let (mut role, mut places) = (None, Vec::new());
        for namespace in namespaces {
            match self.says(binding, namespace) {
                Says::No => {}
                // It is so in all of them.
                Says::Unread => return self.doubt(binding),
                Says::Yes(yes, rule) => {
                    role = Some(yes);
                    places.push((Name::clone(namespace), rule));
                }
            }
        }
        Found::within(binding, role?, places)
    }

    fn doubt(&mut self, binding: &Binding) -> Option<Found<'a>> {
        self.unsure.extend(binding.subjects.iter().map(|subject| unsure_of(subject, binding)));
        None
    }

    fn says(&mut self, binding: &'a Binding, namespace: &str) -> Says<'a> {
        let is_kept = binding.role.cluster && self.each.is_none();
        if let Some(said) = self.said.get(&*binding.role.name).filter(|_| is_kept) {
            return *said;
        }
        let role = self.roles.find(binding).map_or_else(|| self.rights.world.role_of(binding), RoleIs::Known);
        let says = match role {
            RoleIs::Known(role) => {
                let asked = self.question.attributes(namespace);
                role.rules.iter().position(|rule| rule.allows(&asked)).map_or(Says::No, |rule| Says::Yes(role, rule))
            }
            RoleIs::Missing => Says::No,
            RoleIs::Unread => Says::Unread,
        };
        if is_kept {
            self.said.insert(&binding.role.name, says);
        }
        says
    }
}

/// Roles, for bindings that come as they do: in the order of their namespaces. What is not found in step is looked up.
struct Roles<'a> {
    rest: Peekable<Box<dyn Iterator<Item = &'a Role> + 'a>>,
    /// Those of the namespace that was come to last.
    here: Vec<&'a Role>,
}

impl<'a> Roles<'a> {
    fn new(all: impl Iterator<Item = &'a Role> + 'a) -> Self {
        let all: Box<dyn Iterator<Item = &'a Role> + 'a> = Box::new(all);
        Self { rest: all.peekable(), here: Vec::new() }
    }

    /// The Role that a binding names, if it comes in step.
    fn find(&mut self, binding: &Binding) -> Option<&'a Role> {
        let place = binding.namespace.as_ref().filter(|_| !binding.role.cluster)?;
        let is_in_it = |role: &Role| role.namespace.as_ref().is_some_and(|namespace| is_same(namespace, place));
        if !self.here.first().is_some_and(|role| is_in_it(role)) {
            self.here.clear();
            while let Some(role) = self.rest.next_if(|role| is_in_it(role) || role.namespace.as_ref() < Some(place)) {
                self.here.extend(Some(role).filter(|role| is_in_it(role)));
            }
        }
        self.here.iter().find(|role| is_same(&role.name, &binding.role.name)).copied()
    }
}
