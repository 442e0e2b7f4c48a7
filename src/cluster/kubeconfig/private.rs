//! A kubeconfig of one context and no more, for programs that are to go where a session goes, as whom it goes.

use kube::config::{Context, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext};

use super::Files;
use crate::cluster::connect::{Choice, act_as};
use crate::cluster::credentials::tidied;
use crate::cluster::failure::seal;
use crate::world::trouble::{Trouble, TroubleKind};

impl Files {
    /// The text of a kubeconfig that holds what `choice` means: its context, with the namespace, the user and whom it acts as.
    /// Paths in it are absolute, plugins stay plugins. It holds secrets.
    pub fn private(&self, choice: &Choice) -> Result<String, Trouble> {
        let entries = self.entries(choice.context.as_deref())?;
        if self.transport(&entries.server).is_some() {
            let what = "the demo is in this process: nobody else could reach it";
            return Err(Trouble::new(TroubleKind::Other, what).advise("`tenantry demo serve` serves it to others"));
        }
        let mut user = tidied(entries.user.cloned().unwrap_or_default());
        if let Some(acting_as) = &choice.acting_as {
            act_as(&mut user, acting_as);
        }
        // Without a user entry requests are anonymous; somebody acted as needs one.
        let user_name = if entries.user_name.is_empty() { "nobody" } else { entries.user_name };
        let context = Context {
            cluster: entries.context.cluster.clone(),
            user: Some(user_name.to_owned()),
            namespace: choice.namespace.clone().or_else(|| entries.context.namespace.clone()),
            ..Context::default()
        };
        let kubeconfig = Kubeconfig {
            api_version: Some("v1".to_owned()),
            kind: Some("Config".to_owned()),
            current_context: Some(entries.context_name.to_owned()),
            clusters: vec![NamedCluster {
                name: entries.context.cluster.clone(),
                cluster: Some(entries.cluster.clone()),
                ..NamedCluster::default()
            }],
            contexts: vec![NamedContext {
                name: entries.context_name.to_owned(),
                context: Some(context),
                ..NamedContext::default()
            }],
            auth_infos: vec![NamedAuthInfo {
                name: user_name.to_owned(),
                auth_info: Some(user),
                ..NamedAuthInfo::default()
            }],
            ..Kubeconfig::default()
        };
        // An error would quote what it cannot write.
        serde_yaml::to_string(&kubeconfig)
            .map_err(|_| seal(Trouble::new(TroubleKind::Other, "the kubeconfig for the shell cannot be written")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::identity::ActingAs;

    #[test]
    fn it_holds_one_context_and_leads_to_the_same_place() {
        let folder = tempfile::tempdir().unwrap();
        let text = "apiVersion: v1\nkind: Config\ncurrent-context: b\n\
            clusters: [{name: c, cluster: {server: 'https://s:1', certificate-authority: ca.crt, proxy-url: 'http://p:2'}}, {name: d, cluster: {server: 'https://t:1'}}]\n\
            users: [{name: u, user: {client-certificate: my.crt, client-key: my.key, as: old, as-uid: '7'}}, {name: v, user: {token: s3cret}}, \
            {name: w, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: bin/login, args: [a], interactiveMode: IfAvailable}}}]\n\
            contexts: [{name: a, context: {cluster: c, user: u, namespace: n}}, {name: b, context: {cluster: d, user: v}}, {name: e, context: {cluster: d, user: w}}]\n";
        let file = folder.path().join("config");
        std::fs::write(&file, text).unwrap();
        let files = Files::load(Some(&file), None, None).unwrap();
        let acting_as = Some(ActingAs { user: "zoe".into(), groups: vec!["painters".into(), "b".into()] });
        let choice = Choice { context: Some("a".into()), namespace: Some("oil".into()), acting_as };
        let private = files.private(&choice).unwrap();
        assert!(!private.contains("s3cret") && !private.contains("t:1") && !private.contains("login"), "{private}");
        let again = folder.path().join("elsewhere");
        std::fs::create_dir(&again).unwrap();
        let again = again.join("config");
        std::fs::write(&again, &private).unwrap();
        let read = Files::load(Some(&again), None, None).unwrap();
        assert_eq!((read.current(), read.contexts().len()), (Some("a"), 1));
        let entries = read.entries(None).unwrap();
        let user = entries.user.unwrap();
        let absolute = |name: &str| Some(folder.path().join(name).display().to_string());
        assert_eq!(entries.cluster.certificate_authority, absolute("ca.crt"));
        assert_eq!(entries.cluster.proxy_url.as_deref(), Some("http://p:2"));
        assert_eq!((&user.client_certificate, &user.client_key), (&absolute("my.crt"), &absolute("my.key")));
        assert_eq!((user.impersonate.as_deref(), &user.impersonate_uid), (Some("zoe"), &None));
        assert_eq!(user.impersonate_groups, Some(vec!["painters".to_owned(), "b".to_owned()]));
        assert_eq!(entries.context.namespace.as_deref(), Some("oil"));
        let plugin = files.private(&Choice { context: Some("e".into()), ..Choice::default() }).unwrap();
        assert!(plugin.contains(&absolute("bin/login").unwrap()) && plugin.contains("IfAvailable"), "{plugin}");
    }
}
