//! People with few rights: what they see, and what they are told about the rest.

use std::sync::Arc;

use tenantry::world::identity::ActingAs;
use tenantry_cluster::{Cluster, Credential, User};

use crate::desk::{Desk, Outcome, PATIENCE, furnish};

/// An owner may list neither tenants nor namespaces nor bindings, and by Capsule's design not read her Tenant. The namespace
/// she names is shown, the tenant it belongs to by its label, and her grants there.
pub async fn an_owner_sees_what_he_names(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "named", &["named-web", "named-db"]).await?;
    let mut desk = Desk::with(&cluster, User::Alice, |settings| settings.namespace = Some("named-web".into())).await?;
    desk.sees("owner of 1 tenant").await?;
    for text in ["alice", "named", "not readable", "named-web", "capsule-n", "owner"] {
        desk.sees(text).await?;
    }
    desk.must_show("alice may not list")?;
    desk.must_show("others may exist")?;
    desk.must_show("bound to alice")?;
    // A second namespace is typed; both are there then.
    desk.press(": 'ns named-db' enter").await?;
    desk.sees("Namespaces · all 2").await?;
    desk.must_show("named-db")
}

/// An owner is told why she cannot cordon, and who can.
pub async fn an_owner_cannot_cordon(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "cannot", &["cannot-web"]).await?;
    let mut desk = Desk::with(&cluster, User::Alice, |settings| settings.namespace = Some("cannot-web".into())).await?;
    desk.sees("not readable").await?;
    desk.press("shift-c").await?;
    desk.must_show("may not be read as this user; who administers the cluster can cordon it")
}

/// A ServiceAccount with next to no rights still learns who it is, and why the rest is empty.
pub async fn a_poor_account_is_told_why(cluster: Arc<Cluster>) -> Outcome {
    let mut desk = Desk::sit(&cluster, User::Poor).await?;
    desk.sees("system:serviceaccount:default:poor").await?;
    for text in ["may not list", "tenants.capsule.clastix.io", "namespaces", "bearer token", "refused"] {
        desk.must_show(text)?;
    }
    Ok(())
}

/// Namespaces that were typed are there again in the next session with the same cluster.
pub async fn an_owner_is_remembered(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "again", &["again-web"]).await?;
    let mut first = Desk::sit(&cluster, User::Alice).await?;
    first.press(": 'ns again-web' enter").await?;
    first.sees("? again  ").await?;
    let memory = first.folder().join("state/namespaces.json");
    let written = || memory.exists();
    first.console.until("the namespace is written down", PATIENCE, |_| written()).await?;
    let mut second = Desk::with(&cluster, User::Alice, |settings| settings.memory = Some(memory.clone())).await?;
    second.sees("again-web").await
}

/// Impersonation is part of who we are, and said.
pub async fn acting_as_is_said(cluster: Arc<Cluster>) -> Outcome {
    let desk = Desk::with(&cluster, User::Admin, |settings| {
        settings.acting_as = Some(ActingAs { user: "zoe".into(), groups: vec!["painters".into()] });
    })
    .await?;
    desk.must_show("acting as zoe")?;
    desk.must_show("painters")?;
    desk.must_show(match cluster.credential_of(User::Admin) {
        Credential::Certificate(_) => "client certificate of admin",
        Credential::Token(_) | Credential::None => "bearer token",
    })
}
