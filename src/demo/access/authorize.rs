//! Whether a user may do something (upstream: `plugin/pkg/auth/authorizer/rbac`, `pkg/registry/rbac/validation/rule.go`).

use std::ops::ControlFlow;

use super::role::{Binding, Role, RoleRef, Subject};
use super::rule::PolicyRule;
use super::user::User;
use crate::demo::go::quote;

/// The group that may do everything, before any role is looked at.
pub const MASTERS: &str = "system:masters";

/// The API group of roles and bindings.
pub const GROUP: &str = "rbac.authorization.k8s.io";

/// The union of authorizers names the one that had no opinion, here `rbac` (its mode in lower case); it does not name
/// the one that allowed (upstream: `apiserver/pkg/authorization/union`).
const DENIED_BY: &str = "rbac: RBAC: ";

/// Where the evaluator reads roles and bindings.
pub trait Rules {
    /// A ClusterRole.
    fn cluster_role(&self, name: &str) -> Option<&Role>;
    /// A Role.
    fn role(&self, namespace: &str, name: &str) -> Option<&Role>;
    /// Every ClusterRoleBinding.
    fn cluster_bindings(&self) -> Box<dyn Iterator<Item = &Binding> + '_>;
    /// The RoleBindings of a namespace.
    fn bindings(&self, namespace: &str) -> Box<dyn Iterator<Item = &Binding> + '_>;
}

/// What is asked. A question with a `path` is about no resource; all but the verb is then ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attributes<'a> {
    /// Such as `list`; for a path the HTTP method in lower case.
    pub verb: &'a str,
    /// The API group; empty for the core group.
    pub group: &'a str,
    /// The plural, such as `pods`.
    pub resource: &'a str,
    /// Such as `log`, or empty.
    pub subresource: &'a str,
    /// Empty for lists and the like.
    pub name: &'a str,
    /// Empty at the cluster scope.
    pub namespace: &'a str,
    /// Such as `/healthz`, for what is no resource.
    pub path: Option<&'a str>,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// Whether the user may. RBAC never forbids: it allows or has no opinion.
    pub allowed: bool,
    /// Which binding allowed it, or which roles were missing; often empty.
    pub reason: String,
}

/// Answers for a user, as the authorizers `system:masters` and RBAC in a row.
pub fn authorize<R: Rules + ?Sized>(rules: &R, user: &User, asked: &Attributes<'_>) -> Decision {
    if user.is_in(MASTERS) {
        return Decision { allowed: true, reason: String::new() };
    }
    let mut faults = Vec::new();
    let namespace = if asked.path.is_some() { "" } else { asked.namespace };
    let found = visit(rules, user, namespace, |step| match step {
        Step::Rule(rule, binding, subject) if rule.allows(asked) => ControlFlow::Break(binding.describe(subject)),
        Step::Rule(..) => ControlFlow::Continue(()),
        Step::Fault(fault) => {
            faults.push(fault.sentence(None));
            ControlFlow::Continue(())
        }
    });
    match found {
        ControlFlow::Break(by) => Decision { allowed: true, reason: format!("RBAC: allowed by {by}") },
        ControlFlow::Continue(()) if faults.is_empty() => Decision::default(),
        ControlFlow::Continue(()) => Decision { allowed: false, reason: format!("{DENIED_BY}{}", aggregate(faults)) },
    }
}

/// All rules that apply to a user in a namespace (empty: at the cluster scope), and what went wrong finding them.
/// The rules found are complete but for the roles that are missing.
/// `writing` is as for [`Unresolved::sentence`].
pub fn rules_for<R: Rules + ?Sized>(
    rules: &R,
    user: &User,
    namespace: &str,
    writing: Option<&str>,
) -> (Vec<PolicyRule>, Option<String>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    let _: ControlFlow<()> = visit(rules, user, namespace, |step| {
        match step {
            Step::Rule(rule, ..) => found.push(rule.clone()),
            Step::Fault(fault) => faults.push(fault.sentence(writing)),
        }
        ControlFlow::Continue(())
    });
    let fault = (!faults.is_empty()).then(|| aggregate(faults));
    (found, fault)
}

/// The role of a reference from a namespace (empty: from a ClusterRoleBinding), or why there is none.
pub fn resolve<'a, R: Rules + ?Sized>(rules: &'a R, role: &RoleRef, namespace: &str) -> Result<&'a Role, Unresolved> {
    let absent = |kind| Unresolved::Absent { kind, name: role.name.to_string() };
    match &*role.kind {
        "Role" => rules.role(namespace, &role.name).ok_or_else(|| absent("role")),
        "ClusterRole" => rules.cluster_role(&role.name).ok_or_else(|| absent("clusterrole")),
        other => Err(Unresolved::UnknownKind(other.to_owned())),
    }
}

/// Why a role reference leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// There is no such role.
    Absent {
        /// `role` or `clusterrole`.
        kind: &'static str,
        /// The role's name.
        name: String,
    },
    /// The reference is to something else than a role.
    UnknownKind(String),
}

impl Unresolved {
    /// The sentence. When roles and bindings are written, the server looks the role up within that request and calls it
    /// by the plural that is being written (`rolebindings... "x" not found`): `writing`.
    pub fn sentence(&self, writing: Option<&str>) -> String {
        match self {
            Self::Absent { kind, name } => {
                format!("{}.{GROUP} {} not found", writing.unwrap_or(kind), quote(name))
            }
            Self::UnknownKind(kind) => format!("unsupported role reference kind: {}", quote(kind)),
        }
    }
}

enum Step<'a> {
    Rule(&'a PolicyRule, &'a Binding, &'a Subject),
    Fault(Unresolved),
}

/// Visits each rule that applies to the user, those of the cluster's bindings first (upstream: `VisitRulesFor`).
fn visit<R: Rules + ?Sized, B>(
    rules: &R,
    user: &User,
    namespace: &str,
    mut step: impl FnMut(Step<'_>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let local = (!namespace.is_empty()).then(|| rules.bindings(namespace));
    for binding in rules.cluster_bindings().chain(local.into_iter().flatten()) {
        let Some(subject) = binding.subject_of(user) else { continue };
        match resolve(rules, &binding.role, &binding.namespace) {
            Err(fault) => step(Step::Fault(fault))?,
            Ok(role) => role.rules.iter().try_for_each(|rule| step(Step::Rule(rule, binding, subject)))?,
        }
    }
    ControlFlow::Continue(())
}

/// Several errors as one sentence, each once (upstream: `utilerrors.Aggregate`).
fn aggregate(faults: Vec<String>) -> String {
    let mut once: Vec<String> = Vec::with_capacity(faults.len());
    for fault in faults {
        if !once.contains(&fault) {
            once.push(fault);
        }
    }
    match once.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}
