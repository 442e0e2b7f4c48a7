//! The programs of a control plane with their flags.

use std::path::Path;

use crate::build::Programs;
use crate::era::Era;
use crate::supervisor::INNER_PORT;
use crate::supervisor::protocol::Program;

/// A program of the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Component {
    /// The store.
    Etcd,
    /// The API server.
    KubeApiserver,
    /// The controllers of Kubernetes.
    KubeControllerManager,
    /// Capsule's controller and webhooks.
    Capsule,
    /// The player of nodes.
    Kwok,
}

impl Component {
    /// Its name in logs and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::Capsule => "capsule",
            Self::Kwok => "kwok",
        }
    }
}

pub(crate) const ETCD_PORT: u16 = 2379;
pub(crate) const ETCD_PEER_PORT: u16 = 2380;
pub(crate) const CONTROLLER_MANAGER_PORT: u16 = 10257;
/// Capsule has no flag for this one.
pub(crate) const CAPSULE_PROBE_PORT: u16 = 10080;
pub(crate) const CAPSULE_WEBHOOK_PORT: u16 = 9443;
pub(crate) const CAPSULE_METRICS_PORT: u16 = 8080;

/// What a cluster without nodes has a use for. Those that watch over nodes are left out on purpose: they would find the
/// fake ones dead.
const CONTROLLERS: &str = "namespace-controller,garbage-collector-controller,serviceaccount-controller,\
    serviceaccount-token-controller,root-ca-certificate-publisher-controller,clusterrole-aggregation-controller,\
    deployment-controller,replicaset-controller,statefulset-controller,daemonset-controller,job-controller,\
    cronjob-controller,resourcequota-controller,disruption-controller,pod-garbage-collector-controller,\
    certificatesigningrequest-signing-controller";

/// What a cluster needs that only holds many objects. All the others would add an account and a ConfigMap to each
/// namespace, and hold every object in memory, for nobody's use.
const FEW_CONTROLLERS: &str = "namespace-controller,clusterrole-aggregation-controller";

/// Which of Kubernetes' controllers run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Controllers {
    /// All that a cluster without nodes has a use for.
    #[default]
    All,
    /// Those that finish namespaces and aggregate ClusterRoles.
    Few,
}

/// Files that several components read, in the rig's directory.
pub(crate) mod files {
    pub(crate) const CA: &str = "pki/ca.crt";
    pub(crate) const CA_KEY: &str = "pki/ca.key";
    pub(crate) const SERVER_CERTIFICATE: &str = "pki/server.crt";
    pub(crate) const SERVER_KEY: &str = "pki/server.key";
    pub(crate) const TOKEN_KEY: &str = "pki/tokens.key";
    pub(crate) const TOKEN_PUBLIC_KEY: &str = "pki/tokens.pub";
    pub(crate) const CONTROLLER_MANAGER: &str = "pki/controller-manager.kubeconfig";
    pub(crate) const KWOK: &str = "pki/kwok.kubeconfig";
    pub(crate) const KWOK_STAGES: &str = "stages.yaml";
    /// In Capsule's home: the old era looks for it nowhere else when it asks for the version of Kubernetes.
    pub(crate) const CAPSULE: &str = "capsule/.kube/config";
    pub(crate) const CAPSULE_HOME: &str = "capsule";
    /// Where the old era looks for the certificate of its webhooks, in its temporary directory. Either era serves
    /// /convert only if there is one in /tmp itself, which is not ours: old versions of its objects cannot be read.
    pub(crate) const WEBHOOK: &str = "tmp/k8s-webhook-server/serving-certs";
    /// The private temporary directory of all components.
    pub(crate) const TEMPORARY: &str = "tmp";
}

/// The programs of one cluster, ready to be started.
#[derive(Debug, Clone)]
pub(crate) struct Components {
    pub programs: Programs,
    pub directory: std::path::PathBuf,
    /// The API server's address outside.
    pub url: String,
    pub controllers: Controllers,
    pub era: Era,
}

impl Components {
    pub(crate) fn etcd(&self) -> Program {
        let client = format!("http://127.0.0.1:{ETCD_PORT}");
        let peer = format!("http://127.0.0.1:{ETCD_PEER_PORT}");
        let arguments = vec![
            // A test's data need not survive a power cut.
            "--unsafe-no-fsync".to_owned(),
            format!("--data-dir={}", self.path("etcd")),
            format!("--listen-client-urls={client}"),
            format!("--advertise-client-urls={client}"),
            format!("--listen-peer-urls={peer}"),
            format!("--initial-advertise-peer-urls={peer}"),
            format!("--initial-cluster=default={peer}"),
            "--log-level=warn".to_owned(),
        ];
        self.program(Component::Etcd, &self.programs.etcd, arguments)
    }

    pub(crate) fn kube_apiserver(&self) -> Program {
        let arguments = vec![
            format!("--etcd-servers=http://127.0.0.1:{ETCD_PORT}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={INNER_PORT}"),
            // It looks for a default route to find its own address, and there is none.
            "--advertise-address=127.0.0.1".to_owned(),
            "--endpoint-reconciler-type=none".to_owned(),
            format!("--cert-dir={}", self.path("apiserver")),
            format!("--tls-cert-file={}", self.path(files::SERVER_CERTIFICATE)),
            format!("--tls-private-key-file={}", self.path(files::SERVER_KEY)),
            format!("--client-ca-file={}", self.path(files::CA)),
            format!("--service-account-issuer={}", self.url),
            format!("--service-account-key-file={}", self.path(files::TOKEN_PUBLIC_KEY)),
            format!("--service-account-signing-key-file={}", self.path(files::TOKEN_KEY)),
            "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
            "--authorization-mode=RBAC".to_owned(),
            "--allow-privileged=true".to_owned(),
        ];
        self.program(Component::KubeApiserver, &self.programs.kube_apiserver, arguments)
    }

    pub(crate) fn kube_controller_manager(&self) -> Program {
        let controllers = match self.controllers {
            Controllers::All => CONTROLLERS,
            Controllers::Few => FEW_CONTROLLERS,
        };
        let arguments = vec![
            format!("--kubeconfig={}", self.path(files::CONTROLLER_MANAGER)),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={CONTROLLER_MANAGER_PORT}"),
            format!("--cert-dir={}", self.path("controller-manager")),
            "--leader-elect=false".to_owned(),
            // Controllers act as ServiceAccounts of kube-system, the identities that Capsule lets pass.
            "--use-service-account-credentials".to_owned(),
            format!("--root-ca-file={}", self.path(files::CA)),
            format!("--service-account-private-key-file={}", self.path(files::TOKEN_KEY)),
            format!("--cluster-signing-cert-file={}", self.path(files::CA)),
            format!("--cluster-signing-key-file={}", self.path(files::CA_KEY)),
            "--kube-api-qps=200".to_owned(),
            "--kube-api-burst=400".to_owned(),
            format!("--controllers={controllers}"),
        ];
        self.program(Component::KubeControllerManager, &self.programs.kube_controller_manager, arguments)
    }

    pub(crate) fn capsule(&self) -> Option<Program> {
        let mut arguments = vec![
            "--configuration-name=default".to_owned(),
            format!("--webhook-port={CAPSULE_WEBHOOK_PORT}"),
            format!("--metrics-addr=127.0.0.1:{CAPSULE_METRICS_PORT}"),
        ];
        if self.era == Era::V0_14 {
            arguments.extend([
                format!("--webhook-cert-path={}", self.path(files::WEBHOOK)),
                "--client-connection-qps=200".to_owned(),
                "--client-connection-burst=400".to_owned(),
            ]);
        }
        let mut program = self.program(Component::Capsule, self.programs.capsule.as_deref()?, arguments);
        program.environment.extend([
            ("HOME".to_owned(), self.path(files::CAPSULE_HOME)),
            ("KUBECONFIG".to_owned(), self.path(files::CAPSULE)),
            ("NAMESPACE".to_owned(), crate::capsule::NAMESPACE.to_owned()),
            ("SERVICE_ACCOUNT".to_owned(), crate::capsule::SERVICE_ACCOUNT.to_owned()),
        ]);
        Some(program)
    }

    pub(crate) fn kwok(&self) -> Option<Program> {
        let arguments = vec![
            format!("--kubeconfig={}", self.path(files::KWOK)),
            "--manage-all-nodes=true".to_owned(),
            "--node-lease-duration-seconds=40".to_owned(),
            format!("--config={}", self.path(files::KWOK_STAGES)),
        ];
        Some(self.program(Component::Kwok, self.programs.kwok.as_deref()?, arguments))
    }

    fn program(&self, component: Component, path: &Path, arguments: Vec<String>) -> Program {
        let name = component.name();
        // Nothing of the user's environment: a proxy or a kubeconfig set there would be obeyed.
        let environment = [("HOME", ""), ("TMPDIR", files::TEMPORARY)];
        Program {
            name: name.to_owned(),
            path: path.to_owned(),
            arguments,
            environment: environment.map(|(key, file)| (key.to_owned(), self.path(file))).into(),
            log: crate::rig::log_path(&self.directory, name),
        }
    }

    fn path(&self, file: &str) -> String {
        self.directory.join(file).display().to_string()
    }
}
