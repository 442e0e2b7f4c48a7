//! Who owns a tenant, or may look at it: as it is typed, as Capsule names it, as RBAC names it.

use serde_json::{Value, json};

use crate::text::label::label_fault;
use crate::world::binding::Subject;
use crate::world::capsule::Configuration;
use crate::world::identity::ActingAs;

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A user.
    User(String),
    /// A group.
    Group(String),
    /// A ServiceAccount: its namespace and name.
    Account(String, String),
}

impl Owner {
    /// Reads what was typed: `alice`, `user:alice`, `group:devs`, `sa:oil-web/ci`, or a ServiceAccount's full user name.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let account = |rest: &str| {
            let wrong = || format!("{text}: a ServiceAccount is written sa:NAMESPACE/NAME");
            let (namespace, name) = rest.split_once(['/', ':']).ok_or_else(wrong)?;
            let is_fine = |part: &str| part.split('.').all(|part| label_fault(part).is_none());
            if is_fine(namespace) && is_fine(name) {
                Ok(Self::Account(namespace.to_owned(), name.to_owned()))
            } else {
                Err(wrong())
            }
        };
        let named = |make: fn(String) -> Self, name: &str| match name {
            "" => Err("a name is missing: alice, group:devs or sa:NAMESPACE/NAME".to_owned()),
            name if name.chars().any(char::is_control) => Err(format!("{name:?} can be nobody's name")),
            name => Ok(make(name.to_owned())),
        };
        if let Some(rest) = text.strip_prefix("system:serviceaccount:").or_else(|| text.strip_prefix("sa:")) {
            return account(rest);
        }
        match text.split_once(':') {
            Some(("user", name)) => named(Self::User, name),
            Some(("group", name)) => named(Self::Group, name),
            _ => named(Self::User, text),
        }
    }

    /// Somebody whom a binding or a tenant names.
    pub fn of(subject: &Subject) -> Option<Self> {
        match subject {
            Subject::User(name) => Self::read(&format!("user:{name}")).ok(),
            Subject::Group(name) => Some(Self::Group(name.to_string())),
            Subject::ServiceAccount { namespace, name } => Some(Self::Account(namespace.to_string(), name.to_string())),
            Subject::Other { .. } => None,
        }
    }

    /// As bindings name him.
    pub fn as_subject(&self) -> Subject {
        match self {
            Self::User(name) => Subject::User(name.as_str().into()),
            Self::Group(name) => Subject::Group(name.as_str().into()),
            Self::Account(namespace, name) => {
                Subject::ServiceAccount { namespace: namespace.as_str().into(), name: name.as_str().into() }
            }
        }
    }

    /// Somebody among the owners of a Tenant, or among the subjects of a binding, as it is written.
    pub fn among(entry: &Value) -> Option<Self> {
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        match (text("kind")?, text("name")?) {
            ("Group", name) => Some(Self::Group(name.to_owned())),
            // Capsule writes the whole user name, RBAC the name beside its namespace.
            ("ServiceAccount", name) => match text("namespace").filter(|_| !name.contains(':')) {
                Some(namespace) => Some(Self::Account(namespace.to_owned(), name.to_owned())),
                None => Self::read(name).ok(),
            },
            (_, name) => Self::read(&format!("user:{name}")).ok(),
        }
    }

    /// As it is typed.
    pub fn spelt(&self) -> String {
        match self {
            Self::User(name) if name.contains(':') => format!("user:{name}"),
            Self::User(name) => name.clone(),
            Self::Group(name) => format!("group:{name}"),
            Self::Account(namespace, name) => format!("sa:{namespace}/{name}"),
        }
    }

    /// The kind, as Capsule and RBAC name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "User",
            Self::Group(_) => "Group",
            Self::Account(..) => "ServiceAccount",
        }
    }

    /// The name, as Capsule has it.
    pub fn name(&self) -> String {
        match self {
            Self::User(name) | Self::Group(name) => name.clone(),
            Self::Account(namespace, name) => format!("system:serviceaccount:{namespace}:{name}"),
        }
    }

    /// As a Tenant names its owners.
    pub fn of_tenant(&self) -> Value {
        json!({"kind": self.kind(), "name": self.name()})
    }

    /// As a RoleBinding names its subjects.
    pub fn subject(&self) -> Value {
        match self {
            Self::User(name) | Self::Group(name) => {
                json!({"apiGroup": "rbac.authorization.k8s.io", "kind": self.kind(), "name": name})
            }
            Self::Account(namespace, name) => {
                json!({"kind": self.kind(), "namespace": namespace, "name": name})
            }
        }
    }

    /// What keeps Capsule from knowing this owner as one of its users; `None`: it does, or nothing is known of that.
    pub fn stranger(&self, configuration: Option<&Configuration>) -> Option<String> {
        let configuration = configuration?;
        let groups: Vec<&str> = configuration
            .users
            .iter()
            .filter_map(|subject| if let Subject::Group(name) = subject { Some(&**name) } else { None })
            .collect();
        let is_known = |name: &str| {
            configuration.users.iter().any(|subject| match (subject, self) {
                (Subject::User(known), Self::User(_) | Self::Account(..)) | (Subject::Group(known), Self::Group(_)) => {
                    **known == *name
                }
                _ => false,
            })
        };
        if is_known(&self.name()) {
            return None;
        }
        let spelt = self.spelt();
        let name = &configuration.name;
        let first = groups.first().copied().unwrap_or("one of its groups");
        Some(match self {
            Self::User(_) if groups.is_empty() => {
                format!(
                    "{spelt} is no Capsule user: add it to spec.users of CapsuleConfiguration {name}, else it can make no namespaces"
                )
            }
            Self::User(_) => format!(
                "Capsule knows {spelt} as a user only if the credentials carry the group {first} (the O of a certificate, a groups claim)"
            ),
            Self::Group(_) => format!(
                "Capsule knows members of {spelt} as users only if they are in {first} too, or the group is added to CapsuleConfiguration {name}"
            ),
            Self::Account(..) => {
                format!(
                    "Capsule knows {spelt} as a user once it lies in one of the tenant's namespaces, or is added to CapsuleConfiguration {name}"
                )
            }
        })
    }

    /// Whom to be to do something as this owner, as Capsule would know it.
    pub fn acting(&self, ourselves: &str, configuration: Option<&Configuration>) -> ActingAs {
        let known = configuration.map(|configuration| configuration.users.as_slice()).unwrap_or_default();
        let by_name = known.iter().any(|subject| matches!(subject, Subject::User(name) if **name == *self.name()));
        let group = known.iter().find_map(|subject| match subject {
            Subject::Group(name) => Some(name.to_string()),
            _ => None,
        });
        let mut groups: Vec<String> = if by_name { Vec::new() } else { group.into_iter().collect() };
        let user = match self {
            Self::User(name) => name.clone(),
            Self::Group(name) => {
                if !groups.contains(name) {
                    groups.push(name.clone());
                }
                ourselves.to_owned()
            }
            Self::Account(namespace, _) => {
                // Whoever is impersonated gets no groups by himself, and Capsule looks for the first.
                groups.extend(["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")]);
                self.name()
            }
        };
        ActingAs { user, groups }
    }
}
