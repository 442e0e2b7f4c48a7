//! What would be if bindings were others: a grant or a revocation before it is made.

use crate::world::binding::{Binding, Key, RoleRef, Subject};
use crate::world::maker::Maker;
use crate::world::name::Name;

use super::Rights;

impl Rights<'_> {
    /// As if there were this binding, too, or it were this way.
    #[must_use]
    pub fn with(mut self, binding: Binding) -> Self {
        self.changed.insert(binding.key(), Some(binding));
        self
    }

    /// As if there were no such binding.
    #[must_use]
    pub fn without(mut self, binding: Key) -> Self {
        self.changed.insert(binding, None);
        self
    }

    /// As if a binding did not name somebody; it goes when it names nobody else.
    #[must_use]
    pub fn without_subject(self, key: &Key, subject: &Subject) -> Self {
        let found = match self.changed.get(key) {
            Some(thought) => thought.clone(),
            None => self.world.binding(key).cloned(),
        };
        let Some(mut binding) = found else { return self };
        let left: Vec<Subject> = binding.subjects.iter().filter(|named| *named != subject).cloned().collect();
        if left.is_empty() {
            return self.without(key.clone());
        }
        binding.subjects = left.into();
        self.with(binding)
    }

    /// As if somebody owned a tenant with these ClusterRoles: Capsule binds them in each of its namespaces. (Capsule's own
    /// defaults are `admin` and `capsule-namespace-deleter`.)
    #[must_use]
    pub fn with_owner(mut self, tenant: &Name, subject: &Subject, cluster_roles: &[Name]) -> Self {
        let namespaces: Vec<Name> = self.world.namespaces_of(tenant).map(|namespace| namespace.name.clone()).collect();
        for namespace in namespaces {
            for role in cluster_roles {
                let name = format!("capsule:thought:{}:{}:{role}", subject.kind(), subject.name());
                self = self.with(Binding {
                    namespace: Some(namespace.clone()),
                    name: name.as_str().into(),
                    role: RoleRef { cluster: true, name: role.clone() },
                    subjects: [subject.clone()].into(),
                    kept_for: Some(tenant.clone()),
                    maker: Some(Maker::Capsule),
                    created: 0,
                });
            }
        }
        self
    }

    /// As if somebody did not own a tenant: what Capsule binds for owners goes. What the tenant lists besides
    /// (`additionalRoleBindings`) stays as far as the owner's roles do not hold the same.
    #[must_use]
    pub fn without_owner(mut self, tenant: &Name, subject: &Subject) -> Self {
        let roles: Option<Vec<Name>> = self.world.tenants.get(tenant).map(|tenant| {
            let owners = tenant.owners.iter().filter(|owner| owner.subject == *subject);
            owners.flat_map(|owner| owner.cluster_roles.iter().cloned()).collect()
        });
        let is_owners = |binding: &Binding| {
            binding.kept_for.as_ref() == Some(tenant)
                && roles.as_ref().is_none_or(|roles| binding.role.cluster && roles.contains(&binding.role.name))
        };
        let keys: Vec<Key> = self.bindings_of(subject).filter(|binding| is_owners(binding)).map(Binding::key).collect();
        for key in keys {
            self = self.without_subject(&key, subject);
        }
        self
    }
}
