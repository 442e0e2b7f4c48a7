//! Objects of any kind: listed as the server shows them, live, and read about.

use std::sync::Arc;

use serde_json::{Value, json};
use tenantry::action::Selection;
use tenantry::journal::Entry;
use tenantry_cluster::{Cluster, User};

use crate::desk::{Desk, Outcome, furnish, send};

fn deployment(name: &str) -> Value {
    json!({
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {
                    "containers": [{"name": "web", "image": "registry.example/site:1"}],
                    "volumes": [{"name": "settings", "configMap": {"name": "site-settings"}}],
                },
            },
        },
    })
}

async fn deploy(cluster: &Cluster, namespace: &str, name: &str) -> Outcome {
    send(cluster, "POST", &format!("/apis/apps/v1/namespaces/{namespace}/deployments"), &deployment(name)).await?;
    Ok(())
}

/// What there is, what comes and goes, the filter, and the documents of a row.
pub async fn objects_of_any_kind_are_listed(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "shelf", &["shelf-web", "shelf-db"]).await?;
    deploy(&cluster, "shelf-web", "site").await?;
    deploy(&cluster, "shelf-db", "ledger").await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'deploy shelf-web' enter").await?;
    desk.sees("deployments.apps in shelf-web 1").await?;
    for text in ["NAME", "READY", "UP-TO-DATE", "AGE", "site", "/2"] {
        desk.sees(text).await?;
    }
    desk.must_not_show("ledger")?;
    // Somebody else makes another one.
    deploy(&cluster, "shelf-web", "shop").await?;
    desk.sees("deployments.apps in shelf-web 2").await?;
    desk.must_show("shop")?;
    desk.press("/ 'app=shop' enter").await?;
    desk.must_show("deployments.apps in shelf-web 1/2")?;
    desk.must_not_show("site ")?;
    desk.press("d").await?;
    for text in ["Deployment shelf-web/shop · about", "app=shop", "registry.example/site:1", "configMap site-settings"]
    {
        desk.sees(text).await?;
    }
    desk.sees("of 2 ready").await?;
    desk.press("y").await?;
    desk.sees("Deployment shelf-web/shop · YAML").await?;
    desk.sees("kind: Deployment").await?;
    desk.press("esc").await?;
    desk.must_show("deployments.apps in shelf-web 1/2")?;
    desk.press("v").await?;
    desk.sees("Deployment shelf-web/shop · events").await?;
    desk.sees("ScalingReplicaSet").await?;
    desk.press("esc").await?;
    send(&cluster, "DELETE", "/apis/apps/v1/namespaces/shelf-web/deployments/shop", &json!({})).await?;
    desk.hears("Deployment shelf-web/shop is gone").await?;
    desk.press("esc 0").await?;
    desk.sees("deployments.apps in all namespaces").await?;
    for text in ["NAMESPACE", "shelf-db", "ledger"] {
        desk.sees(text).await?;
    }
    // Where one was is a place.
    desk.press("[").await?;
    desk.sees("deployments.apps in shelf-web 1").await?;
    desk.press("esc").await?;
    desk.must_show("Tenants ")
}

/// Plurals, singulars, short names, kinds, with and without their groups; and the words of kinds complete.
pub async fn a_kind_is_found_by_any_name(cluster: Arc<Cluster>) -> Outcome {
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    for (line, title) in [
        ("crd", "customresourcedefinitions.apiextensions.k8s.io "),
        ("ClusterRole", "clusterroles.rbac.authorization.k8s.io "),
        ("configmaps.v1. default", "configmaps in default "),
        ("tenants.capsule.clastix.io", "tenants.capsule.clastix.io "),
    ] {
        desk.press(&format!(": '{line}' enter")).await?;
        desk.sees(title).await?;
    }
    desk.press(": 'customresourced'").await?;
    desk.must_show("apiextensions.k8s.io · CustomResourceDefinition, crd")?;
    desk.press("ctrl-u 'nosuchkind' enter").await?;
    desk.hears("there is no command and no kind :nosuchkind").await
}

/// An owner asks for what is not hers, and for more than is.
pub async fn a_refused_kind_says_why(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "attic", &["attic-web"]).await?;
    deploy(&cluster, "attic-web", "chest").await?;
    let mut desk = Desk::with(&cluster, User::Alice, |settings| settings.namespace = Some("attic-web".into())).await?;
    desk.press(": 'nodes' enter").await?;
    desk.sees("alice may not list nodes").await?;
    desk.press(": 'deploy -A' enter").await?;
    desk.sees("others may exist: alice may not list deployments.apps").await?;
    desk.sees("chest").await?;
    desk.must_show("these are from attic-web")?;
    desk.press(": 'deploy nowhere-at-all' enter").await?;
    desk.sees("alice may not list deployments.apps in namespace nowhere-at-all").await
}

/// What further actions act on is what is marked, or the row under the cursor.
pub async fn marked_objects_are_the_selection(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "cellar", &["cellar-web"]).await?;
    for name in ["one", "two", "three"] {
        deploy(&cluster, "cellar-web", name).await?;
    }
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'deploy cellar-web' enter").await?;
    desk.sees("deployments.apps in cellar-web 3").await?;
    let names = |desk: &Desk| match desk.console.model().selection() {
        Selection::Object(object) => vec![object.title()],
        Selection::Objects(selected) => selected.objects.iter().map(tenantry::plan::ObjectRef::title).collect(),
        _ => Vec::new(),
    };
    if names(&desk) != ["Deployment cellar-web/one"] {
        return Err(format!("{:?}", names(&desk)));
    }
    desk.press("space space c").await?;
    if names(&desk) != ["Deployment cellar-web/one", "Deployment cellar-web/three"] {
        return Err(format!("{:?}", names(&desk)));
    }
    desk.hears("copied 2 lines").await
}

async fn hide(cluster: &Cluster, namespace: &str) -> Outcome {
    let secret = json!({"metadata": {"name": "door"}, "stringData": {"code": "opensesame"}});
    send(cluster, "POST", &format!("/api/v1/namespaces/{namespace}/secrets"), &secret).await?;
    Ok(())
}

/// The values of a secret are masked until somebody says why they must be seen, and the journal has it.
pub async fn a_secret_is_shown_for_a_reason(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "vault", &["vault-web"]).await?;
    hide(&cluster, "vault-web").await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'secret vault-web /door' enter").await?;
    desk.sees("secrets in vault-web 1").await?;
    desk.press("enter").await?;
    desk.sees("code: (masked)").await?;
    // No reason, no values.
    desk.press("x enter").await?;
    desk.hears("the journal wants a reason").await?;
    desk.must_not_show("opensesame")?;
    desk.press("x 'the door is stuck' enter").await?;
    desk.sees("code: opensesame").await?;
    desk.must_show("its values are shown")?;
    let entries = desk.journal()?;
    match entries.as_slice() {
        [Entry::Revealed { object, reason, user, .. }]
            if object == "/api/v1/namespaces/vault-web/secrets/door"
                && reason == "the door is stuck"
                && user == &desk.console.model().here.target().user => {}
        other => return Err(format!("the journal says {other:?}")),
    }
    desk.press("y").await?;
    desk.sees("code: b3BlbnNlc2FtZQ==").await?;
    desk.press("x").await?;
    desk.sees("code: (masked)").await?;
    // Whoever opens it again must say again why.
    desk.press("esc enter").await?;
    desk.sees("code: (masked)").await
}

/// What cannot be written down is not shown.
pub async fn a_secret_stays_hidden_without_a_journal(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "crypt", &["crypt-web"]).await?;
    hide(&cluster, "crypt-web").await?;
    let blocked = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    let mut desk =
        Desk::with(&cluster, User::Admin, |settings| settings.journal = blocked.path().join("journal.jsonl")).await?;
    desk.press(": 'secret crypt-web /door' enter").await?;
    desk.sees("secrets in crypt-web 1").await?;
    desk.press("y").await?;
    desk.sees("code: (masked)").await?;
    desk.press("x 'curious' enter").await?;
    desk.hears("cannot be written").await?;
    desk.must_show("code: (masked)")
}
