//! Who there is.

use crate::demo::access::user::User;
use crate::demo::registry::Caller;

/// A person: the token, the name, and the groups beside `system:authenticated`.
const PEOPLE: [(&str, &str, &[&str]); 6] = [
    ("demo-ops", "ops@example.net", &["platform"]),
    ("demo-alice", "alice", &["projectcapsule.dev"]),
    ("demo-bob", "bob", &["projectcapsule.dev"]),
    ("demo-carol", "carol", &["projectcapsule.dev", "devs"]),
    ("demo-dave", "dave", &[]),
    ("demo-erin", "erin", &["projectcapsule.dev", "foresters"]),
];

/// The service account of oil's pipeline.
const CI: (&str, &str, &str) = ("demo-ci", "oil-job", "ci");

/// Everybody who may sign in, with the token: a platform administrator (`demo-ops`), owners of tenants (`demo-alice`, `demo-bob`,
/// `demo-erin`), a developer who may look at oil and owns another tenant (`demo-carol`), oil's CI account (`demo-ci`), and an
/// outsider without any right (`demo-dave`).
pub fn users() -> Vec<(String, User)> {
    let (token, namespace, name) = CI;
    PEOPLE
        .iter()
        .map(|(token, name, groups)| ((*token).to_owned(), person(name, groups)))
        .chain([(token.to_owned(), User::of_service_account(namespace, name))])
        .collect()
}

fn person(name: &str, groups: &[&str]) -> User {
    let groups = groups.iter().copied().chain(["system:authenticated"]).map(str::to_owned).collect();
    User { name: name.to_owned(), groups, ..User::default() }
}

/// The person or program that a manifest names, with the field manager it writes under.
pub(super) fn caller(word: &str) -> Option<Caller> {
    let of = |name: &str, manager: &str| {
        let (_, name, groups) = PEOPLE.iter().find(|(_, person, _)| *person == name)?;
        Some(Caller::new(person(name, groups), manager))
    };
    match word {
        // Whoever made the cluster, before anybody else had a right in it.
        "root" => Some(Caller::new(person("kubernetes-admin", &["system:masters"]), "kubectl")),
        "ops" => of("ops@example.net", "kubectl"),
        "helm" => of("ops@example.net", "Helm"),
        "argocd" => {
            Some(Caller::new(User::of_service_account("argocd", "argocd-application-controller"), "argocd-controller"))
        }
        "flux" => {
            Some(Caller::new(User::of_service_account("flux-system", "kustomize-controller"), "kustomize-controller"))
        }
        person => of(person, "kubectl"),
    }
}

/// The controller that writes a kind's status, by the field manager it is known under.
pub(super) fn controller(group: &str, resource: &str) -> Caller {
    let (namespace, account, manager) = match (group, resource) {
        ("", "nodes") => ("kube-system", "kubelet", "kubelet"),
        ("", "services") => ("kube-system", "service-controller", "linode-cloud-controller-manager"),
        ("networking.k8s.io", _) => ("ingress-nginx", "ingress-nginx", "nginx-ingress-controller"),
        ("autoscaling", _) => ("kube-system", "horizontal-pod-autoscaler", "kube-controller-manager"),
        ("cert-manager.io", "certificates") => ("cert-manager", "cert-manager", "cert-manager-certificates-readiness"),
        ("cert-manager.io", _) => ("cert-manager", "cert-manager", "cert-manager-clusterissuers"),
        ("keda.sh", _) => ("keda", "keda-operator", "keda"),
        ("gateway.networking.k8s.io" | "kuma.io", _) => ("kuma-system", "kuma-control-plane", "kuma-cp"),
        ("kustomize.toolkit.fluxcd.io", _) => ("flux-system", "kustomize-controller", "gotk-kustomize-controller"),
        ("argoproj.io", _) => ("argocd", "argocd-application-controller", "argocd-application-controller"),
        _ => ("kube-system", "generic", "kube-controller-manager"),
    };
    Caller::new(User::of_service_account(namespace, account), manager)
}
