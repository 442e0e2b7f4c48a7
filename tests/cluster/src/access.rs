//! How users reach an API server: its address, their credentials, and a client for each.

use kube::Client;
use kube::config::{KubeConfigOptions, Kubeconfig};

use crate::error::{Context, Failure};
use crate::users::{Credential, Server, User, kubeconfig};

/// An API server and who may ask it.
pub(crate) struct Access {
    pub server: Server,
    credentials: Vec<(User, Credential)>,
    clients: Vec<(User, Client)>,
}

impl Access {
    /// The way to a server on which `admin` proves himself by `credential`. More users are admitted later.
    pub(crate) async fn new(server: Server, admin: Credential) -> Result<Self, Failure> {
        let mut access = Self { server, credentials: Vec::new(), clients: Vec::new() };
        access.admit(User::Admin, admin).await?;
        Ok(access)
    }

    /// Gives `user` a client.
    pub(crate) async fn admit(&mut self, user: User, credential: Credential) -> Result<(), Failure> {
        self.clients.push((user, self.client_with(&credential).await?));
        self.credentials.push((user, credential));
        Ok(())
    }

    /// The client of `user`; the first one, who may do everything, stands in for whoever was not admitted yet.
    pub(crate) fn client_of(&self, user: User) -> &Client {
        let known = self.clients.iter().find(|(known, _)| *known == user);
        known.map_or(&self.clients[0].1, |(_, client)| client)
    }

    /// How `user` proves who he is.
    pub(crate) fn credential_of(&self, user: User) -> &Credential {
        let known = self.credentials.iter().find(|(known, _)| *known == user);
        known.map_or(&Credential::None, |(_, credential)| credential)
    }

    /// A client that never retries by itself and knows of no proxy.
    pub(crate) async fn client_with(&self, credential: &Credential) -> Result<Client, Failure> {
        let what = "no client can be made";
        let text = kubeconfig(&self.server, &[("user", credential)]);
        let kubeconfig = Kubeconfig::from_yaml(&text).context(what)?;
        let options = KubeConfigOptions::default();
        let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.context(what)?;
        config.default_retry = false;
        config.proxy_url = None;
        Client::try_from(config).context(what)
    }

    /// The text of a kubeconfig with a context for each of `users` who is admitted.
    pub(crate) fn kubeconfig_of(&self, users: &[User]) -> String {
        let admitted = self.credentials.iter().filter(|(user, _)| users.contains(user));
        let named: Vec<_> = admitted.map(|(user, credential)| (user.name(), credential)).collect();
        kubeconfig(&self.server, &named)
    }
}
