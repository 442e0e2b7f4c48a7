//! Clusters that somebody else runs: found through a kubeconfig.

use std::any::Any;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::config::{AuthInfo, Kubeconfig};
use secrecy::ExposeSecret;

use crate::access::Access;
use crate::certificates::Certificate;
use crate::cluster::{Behind, Cluster, Options};
use crate::components::Controllers;
use crate::era::{Capsule, Era};
use crate::error::{Context, Failure};
use crate::users::{Credential, Server, User};

impl Cluster {
    /// A cluster that this crate did not start, with a Capsule of `era` and nodes on which pods run.
    ///
    /// `kubeconfig` has a context of the name of each [`User`], all of them for the same server; users prove themselves by
    /// tokens, or by certificates that are in the file. `guard` is held as long as the cluster is: whatever must not be
    /// dropped before.
    ///
    /// What needs the processes of a control plane or its certificate authority fails here with a sentence.
    pub async fn elsewhere(kubeconfig: PathBuf, era: Era, guard: impl Any + Send + Sync) -> Result<Self, Failure> {
        let what = format!("{} is not understood", kubeconfig.display());
        let file = Kubeconfig::read_from(&kubeconfig).context(&what)?;
        let mut access = Access::new(server(&file).context(&what)?, credential(&file, User::Admin)?).await?;
        for user in User::ALL {
            if user != User::Admin {
                access.admit(user, credential(&file, user)?).await?;
            }
        }
        let capsule = match era {
            Era::V0_4 => Capsule::V0_4,
            Era::V0_14 => Capsule::V0_14,
        };
        let options = Options { capsule, kwok: true, helm: false, controllers: Controllers::All };
        Ok(Self { access, options, kubeconfig, behind: Behind::Elsewhere { _guard: Box::new(guard) } })
    }
}

/// The server of the administrator's context.
fn server(file: &Kubeconfig) -> Result<Server, Failure> {
    let name = &context(file, User::Admin)?.cluster;
    let cluster = file.clusters.iter().find(|entry| entry.name == *name).and_then(|entry| entry.cluster.as_ref());
    let cluster = cluster.ok_or_else(|| Failure::new(format!("it has no cluster {name}")))?;
    let url = cluster.server.clone().ok_or_else(|| Failure::new(format!("the cluster {name} has no server")))?;
    let ca = cluster.certificate_authority_data.as_deref().map(decoded).transpose()?;
    Ok(Server { url, ca })
}

fn credential(file: &Kubeconfig, user: User) -> Result<Credential, Failure> {
    let name = context(file, user)?.user.clone().unwrap_or_default();
    let info = file.auth_infos.iter().find(|entry| entry.name == name).and_then(|entry| entry.auth_info.as_ref());
    match info {
        Some(AuthInfo { token: Some(token), .. }) => Ok(Credential::Token(token.expose_secret().to_owned())),
        Some(AuthInfo { client_certificate_data: Some(certificate), client_key_data: Some(key), .. }) => {
            let (certificate, key) = (decoded(certificate)?, decoded(key.expose_secret())?);
            Ok(Credential::Certificate(Certificate { certificate, key }))
        }
        _ => Err(Failure::new(format!("{} has neither a token nor a certificate in the kubeconfig", user.name()))),
    }
}

fn context(file: &Kubeconfig, user: User) -> Result<&kube::config::Context, Failure> {
    let name = user.name();
    let found = file.contexts.iter().find(|entry| entry.name == name).and_then(|entry| entry.context.as_ref());
    found.ok_or_else(|| Failure::new(format!("the kubeconfig has no context {name}")))
}

fn decoded(text: &str) -> Result<String, Failure> {
    let bytes = STANDARD.decode(text).context("the kubeconfig holds data that is not base64")?;
    String::from_utf8(bytes).context("the kubeconfig holds data that is not PEM")
}
