//! The two that are compared: something that answers Kubernetes requests.

mod demo;

use std::sync::Arc;

use kube::Client;
use tenantry_cluster::{Cluster, Credential, Failure, User};

/// Something that answers as a Kubernetes API server.
pub trait Side {
    /// A client of somebody who proves who he is: `admin`, `alice`, `bob`, `carol`; or of `nobody`, who does not.
    async fn client(&self, who: &str) -> Result<Client, Failure>;
}

/// A real control plane.
pub struct Real(pub Arc<Cluster>);

impl Side for Real {
    async fn client(&self, who: &str) -> Result<Client, Failure> {
        match User::ALL.into_iter().find(|user| user.name() == who) {
            Some(user) => Ok(self.0.client_as(user)),
            None => self.0.client_with(&Credential::None).await,
        }
    }
}

pub use demo::Embedded;
