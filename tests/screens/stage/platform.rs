//! A platform with a tenant in every state, and the rows that it is made of.

use tenantry::world::binding::{Binding, RoleRef, Subject};
use tenantry::world::capsule::{Configuration, WebhookConfiguration, WebhookHealth};
use tenantry::world::feed::{Change, Feed, Scope, What};
use tenantry::world::identity::{Identity, Proof, Validity};
use tenantry::world::labels::Labels;
use tenantry::world::namespace::Namespace;
use tenantry::world::resource::{Resource, Resources};
use tenantry::world::role::Role;
use tenantry::world::store::Row;
use tenantry::world::tenant::{Condition, Owner, Space, Tenant};
use tenantry::world::trouble::{Denial, Trouble, TroubleKind};
use tenantry::world::workload::{Hold, Workload, WorkloadKind, WorkloadState};

use super::{DAY, NOW, Stage};

pub(super) fn full<R: Row>(rows: Vec<R>) -> Vec<Change<R>> {
    [What::Begin, What::Rows(rows), What::Synced]
        .into_iter()
        .map(|what| Change { scope: Scope::Cluster, what })
        .collect()
}

pub(super) fn refused<R: Row>(resource: &str) -> Change<R> {
    let denial = Denial { user: "alice".into(), verb: "list".into(), resource: resource.into(), ..Denial::default() };
    let trouble = Trouble::new(
        TroubleKind::Forbidden(Box::new(denial)),
        format!("alice may not list {resource} in the whole cluster"),
    )
    .advise(format!(
        "ask for `list` on {resource} in the whole cluster (a ClusterRole bound to alice by a ClusterRoleBinding)"
    ));
    Change { scope: Scope::Cluster, what: What::Failed(trouble) }
}

pub(super) fn tenant(name: &str, owner: Subject, quota: Option<u32>, change: impl FnOnce(&mut Tenant)) -> Tenant {
    let condition =
        |met, reason: &str, message: &str| Some(Condition { met, reason: reason.into(), message: message.into() });
    let mut tenant = Tenant {
        name: name.into(),
        uid: format!("uid-{name}").as_str().into(),
        created: NOW - 40 * DAY,
        deleting: None,
        finalizers: vec![],
        generation: 1,
        observed_generation: Some(1),
        cordoned: false,
        protected: false,
        quota,
        size: 0,
        state: Some("Active".into()),
        ready: condition(true, "Succeeded", "reconciled"),
        cordon: condition(false, "Active", "not cordoned"),
        owners: vec![Owner { subject: owner, cluster_roles: vec!["admin".into()] }],
        promoted: Vec::new(),
        spaces: vec![],
        labels: [("team".into(), if name.len() > 3 { "blue" } else { "red" }.into())].into_iter().collect(),
        pause: None,
    };
    change(&mut tenant);
    tenant
}

pub(super) fn namespace(name: &str, tenant: Option<&str>, cordoned: bool) -> Namespace {
    Namespace {
        name: name.into(),
        uid: format!("uid-{name}").as_str().into(),
        created: NOW - 3 * DAY,
        deleting: None,
        tenant: tenant.map(Into::into),
        stray_label: None,
        cordoned,
        terminating: false,
        stuck: "".into(),
        labels: Labels::default(),
        pause: None,
    }
}

pub(super) fn binding(
    namespace: Option<&str>,
    name: &str,
    role: &str,
    subject: Subject,
    kept_for: Option<&str>,
) -> Binding {
    Binding {
        namespace: namespace.map(Into::into),
        name: name.into(),
        role: RoleRef { cluster: true, name: role.into() },
        subjects: [subject].into(),
        kept_for: kept_for.map(Into::into),
        maker: None,
        created: NOW - DAY,
    }
}

pub(super) fn user(name: &str) -> Subject {
    Subject::User(name.into())
}

pub(super) fn group(name: &str) -> Subject {
    Subject::Group(name.into())
}

/// A few of the kinds that a server has.
pub(super) fn kinds() -> Resources {
    let kind = |group: &str, version: &str, plural: &str, kind: &str, short: &str, namespaced| Resource {
        group: group.into(),
        version: version.into(),
        plural: plural.into(),
        singular: kind.to_lowercase(),
        short: vec![short.into()],
        kind: kind.into(),
        namespaced,
        verbs: ["get", "list", "watch"].map(Into::into).into(),
        categories: vec![],
    };
    let all = vec![
        kind("", "v1", "configmaps", "ConfigMap", "cm", true),
        kind("", "v1", "events", "Event", "ev", true),
        kind("", "v1", "nodes", "Node", "no", false),
        kind("", "v1", "pods", "Pod", "po", true),
        kind("", "v1", "secrets", "Secret", "sec", true),
        kind("", "v1", "services", "Service", "svc", true),
        kind("apps", "v1", "deployments", "Deployment", "deploy", true),
        kind("apps", "v1", "replicasets", "ReplicaSet", "rs", true),
        kind("apps", "v1", "statefulsets", "StatefulSet", "sts", true),
        kind("batch", "v1", "cronjobs", "CronJob", "cj", true),
        kind("events.k8s.io", "v1", "events", "Event", "ev", true),
        kind("capsule.clastix.io", "v1beta2", "tenants", "Tenant", "tnt", false),
    ];
    Resources::new(all, vec![])
}

impl Stage {
    /// A platform administrator's console on a platform with a tenant in every state.
    pub fn platform(columns: u16, rows: u16) -> Self {
        let mut stage = Self::empty(columns, rows);
        let proof = Proof::Certificate {
            common_name: "ops@example.net".into(),
            organizations: vec!["platform".into()],
            validity: Validity { since: Some(NOW - 18 * DAY), until: Some(NOW + 12 * DAY), renews: false },
        };
        stage.opened("lke-prod", "ops", "oil-web", proof);
        let groups = vec!["platform".into(), "system:authenticated".into()];
        stage.feed(Feed::Identity(Identity { username: "ops@example.net".into(), uid: None, groups, extra: vec![] }));
        let cordoned = |tenant: &mut Tenant| {
            tenant.cordoned = true;
            tenant.cordon = Some(Condition { met: true, reason: "Cordoned".into(), message: "".into() });
        };
        let tenants = vec![
            tenant("coal", user("carl"), Some(1), |t| {
                t.ready = Some(Condition {
                    met: false,
                    reason: "Failed".into(),
                    message: "cannot sync limitrange items".into(),
                });
            }),
            tenant("gas", group("gas-team"), None, cordoned),
            tenant("oil", user("alice"), Some(5), |_| {}),
            tenant("peat", user("paul"), None, |t| {
                t.deleting = Some(NOW - 60);
                t.finalizers = vec!["controller.projectcapsule.dev/finalize".into()];
            }),
            tenant("solar", user("susan"), Some(3), |t| {
                cordoned(t);
                t.spaces = vec![Space { name: "solar-grid".into(), cordoned: Some(false) }];
            }),
            tenant("wind", user("wendy"), Some(2), |_| {}),
        ];
        let namespaces = vec![
            namespace("coal-mine", Some("coal"), false),
            namespace("gas-prod", Some("gas"), true),
            namespace("kube-system", None, false),
            namespace("oil-db", Some("oil"), false),
            namespace("oil-job", Some("oil"), false),
            namespace("oil-web", Some("oil"), false),
            Namespace { terminating: true, ..namespace("peat-bog", Some("peat"), false) },
            namespace("solar-grid", Some("solar"), false),
            namespace("wind-farm", Some("wind"), true),
            namespace("wind-lab", Some("wind"), false),
        ];
        let mut bindings: Vec<Binding> = ["oil-db", "oil-job", "oil-web"]
            .into_iter()
            .flat_map(|ns| {
                [
                    binding(Some(ns), "capsule:managed:286b623af2586c63", "admin", user("alice"), Some("oil")),
                    binding(Some(ns), "capsule:managed:9fa1", "view", group("devs"), Some("oil")),
                ]
            })
            .collect();
        let ci = Subject::ServiceAccount { namespace: "oil-job".into(), name: "ci".into() };
        bindings.push(binding(Some("oil-job"), "ci-edit", "edit", ci, None));
        bindings.push(binding(Some("oil-web"), "old", "retired-role", user("erin"), None));
        let cluster_bindings = vec![
            binding(None, "cluster-admin", "cluster-admin", group("system:masters"), None),
            binding(None, "platform-team", "cluster-admin", group("platform"), None),
        ];
        let role = |name: &str| Role {
            namespace: None,
            name: name.into(),
            rules: [].into(),
            aggregates: None,
            labels: Labels::default(),
        };
        let roles = ["admin", "view", "edit", "cluster-admin"].map(role).to_vec();
        let configuration = Configuration {
            name: "default".into(),
            users: vec![group("projectcapsule.dev")],
            administrators: vec![group("platform")],
            ignored_groups: vec![],
            protected_namespaces: Some("^kube-.*$".into()),
            force_prefix: false,
            ready: Some((true, "".into())),
        };
        let hooks = |validating| WebhookConfiguration {
            validating,
            name: "capsule-dynamic-webhook".into(),
            hooks: 11,
            fail_closed: 10,
        };
        for change in full(tenants) {
            stage.feed(Feed::Tenants(change));
        }
        for change in full(namespaces) {
            stage.feed(Feed::Namespaces(change));
        }
        for change in full(bindings) {
            stage.feed(Feed::Bindings(change));
        }
        for change in full(cluster_bindings) {
            stage.feed(Feed::ClusterBindings(change));
        }
        for change in full(roles) {
            stage.feed(Feed::ClusterRoles(change));
        }
        for change in full(vec![]) {
            stage.feed(Feed::Roles(change));
        }
        for change in full(vec![configuration]) {
            stage.feed(Feed::Configuration(change));
        }
        for change in full(vec![hooks(true)]) {
            stage.feed(Feed::Webhooks(true, change));
        }
        for change in full(vec![hooks(false)]) {
            stage.feed(Feed::Webhooks(false, change));
        }
        stage.workloads();
        stage.feed(Feed::Connected);
        stage.feed(Feed::WebhookHealth(WebhookHealth::Answering));
        stage.pending.clear();
        stage
    }

    /// A cluster without tenants, whose bindings arrive before its namespaces.
    pub fn bindings_first(columns: u16, rows: u16) -> Self {
        let mut stage = Self::empty(columns, rows);
        stage.opened("plain", "ops", "default", Proof::Nothing);
        for change in full(vec![]) {
            stage.feed(Feed::Tenants(change));
        }
        for change in full(vec![binding(Some("plain"), "guests", "view", user("gina"), None)]) {
            stage.feed(Feed::Bindings(change));
        }
        for change in full(vec![namespace("plain", None, false)]) {
            stage.feed(Feed::Namespaces(change));
        }
        stage
    }

    fn workloads(&mut self) {
        let of = |kind, namespace: &str, count: usize, state| -> Vec<Workload> {
            let one = |n| Workload {
                kind,
                namespace: namespace.into(),
                name: format!("{kind:?}-{state:?}-{n}").as_str().into(),
                state,
                hold: Hold::Free,
                pods: 0,
            };
            (0..count).map(one).collect()
        };
        use WorkloadKind::{CronJob, Deployment, Pod, StatefulSet};
        use WorkloadState::{Failing, Ready, Stopped};
        let pods = [
            of(Pod, "oil-web", 12, Ready),
            of(Pod, "oil-db", 3, Ready),
            of(Pod, "wind-lab", 1, Failing),
            of(Pod, "gas-prod", 2, Ready),
            of(Pod, "kube-system", 4, Ready),
            of(Pod, "coal-mine", 1, Ready),
            of(Pod, "solar-grid", 1, Ready),
        ];
        for (kind, rows) in [
            (Pod, pods.concat()),
            (Deployment, of(Deployment, "oil-web", 3, Ready)),
            (StatefulSet, of(StatefulSet, "oil-db", 1, Ready)),
            (CronJob, of(CronJob, "oil-web", 2, Stopped)),
        ] {
            for change in full(rows) {
                self.feed(Feed::Workloads(kind, change));
            }
        }
    }
}
