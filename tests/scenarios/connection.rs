//! Connections that break: rows stay, their age is told, and everything comes back by itself.

use std::sync::Arc;

use serde_json::json;
use tenantry::console::headless::Headless;
use tenantry::world::Link;
use tenantry::world::freshness::Freshness;
use tenantry_cluster::{Cluster, Credential, User};

use crate::desk::{Desk, Outcome, PATIENCE, send};

/// Makes a namespace as somebody else.
async fn make_namespace(cluster: &Cluster, name: &str) -> Outcome {
    send(cluster, "POST", "/api/v1/namespaces", &json!({"metadata": {"name": name}})).await.map(drop)
}

fn is_live(console: &Headless) -> bool {
    console.model().here.world.link == Link::Up && console.model().here.world.freshness() == Freshness::Live
}

/// The context under the cursor of the picker.
fn chosen(console: &Headless) -> Option<String> {
    match console.model().overlays.last() {
        Some(tenantry::console::model::overlay::Overlay::Contexts(list)) => list.selected().cloned(),
        _ => None,
    }
}

/// The server is killed and started again: rows stay, marked with their age; keys work meanwhile; then it is live again.
pub async fn a_restarted_server_is_live_again(cluster: Arc<Cluster>) -> Outcome {
    make_namespace(&cluster, "before").await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'ns' enter").await?;
    desk.must_show("before")?;
    cluster.kill_api_server().await.map_err(|failure| failure.to_string())?;
    desk.sees("stale").await?;
    desk.must_show("before")?;
    desk.sees("no answer").await?;
    // No key press is lost, and a text field takes text.
    desk.press("g / 'bef' enter").await?;
    desk.must_show("Namespaces · all 1/")?;
    desk.press("esc").await?;
    cluster.start_api_server().await.map_err(|failure| failure.to_string())?;
    desk.console.until("it is live again", PATIENCE, is_live).await?;
    make_namespace(&cluster, "after").await?;
    desk.sees("after").await?;
    desk.hears("the cluster answers again").await
}

/// What we know is too old to go on from: the list is taken anew, and no row blinks.
pub async fn compaction_is_survived(cluster: Arc<Cluster>) -> Outcome {
    make_namespace(&cluster, "early").await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'ns' enter").await?;
    cluster.kill_api_server().await.map_err(|failure| failure.to_string())?;
    cluster.compact_etcd().await.map_err(|failure| failure.to_string())?;
    cluster.start_api_server().await.map_err(|failure| failure.to_string())?;
    make_namespace(&cluster, "late").await?;
    let stays = |console: &Headless| {
        assert!(console.screen().contains("early"), "no row may blink:\n{}", console.screen());
        console.screen().contains("late") && is_live(console)
    };
    desk.console.until("the new namespace is there", PATIENCE, stays).await
}

/// A server that accepts and never answers is noticed, and coming back too.
pub async fn a_hanging_server_is_noticed(cluster: Arc<Cluster>) -> Outcome {
    make_namespace(&cluster, "hanging").await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'ns' enter").await?;
    cluster.freeze_api_server().await.map_err(|failure| failure.to_string())?;
    desk.sees("no answer").await?;
    desk.must_show("hanging")?;
    cluster.thaw_api_server().await.map_err(|failure| failure.to_string())?;
    desk.console.until("it is live again", PATIENCE, is_live).await
}

/// Without Capsule namespaces and access are shown all the same.
pub async fn without_capsule_it_says_so(cluster: Arc<Cluster>) -> Outcome {
    make_namespace(&cluster, "plain").await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.must_show("Capsule is not installed in this")?;
    // A server that has only just started may list what it knew a moment ago; the rest follows.
    desk.sees("plain").await?;
    desk.sees("default/poor").await
}

/// The controller dies: that every namespace write fails is said, and so is its return.
pub async fn dead_webhooks_are_told(cluster: Arc<Cluster>) -> Outcome {
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.must_show("answering")?;
    cluster.kill_capsule().await.map_err(|failure| failure.to_string())?;
    desk.press("ctrl-r").await?;
    desk.hears("does not answer: every namespace write fails").await?;
    desk.must_show("not answering")?;
    cluster.start_capsule().await.map_err(|failure| failure.to_string())?;
    desk.press("ctrl-r").await?;
    desk.hears("Capsule's webhooks answer again").await
}

/// An expired certificate is told from one that the cluster does not know; both get a 401 from the server.
pub async fn refused_certificates_are_told_apart(cluster: Arc<Cluster>) -> Outcome {
    let issue = |certificate: Result<tenantry_cluster::Certificate, tenantry_cluster::Failure>| {
        certificate.map(Credential::Certificate).map_err(|failure| failure.to_string())
    };
    let expired = issue(cluster.issue_expired("eve", None))?;
    let foreign = issue(cluster.issue_foreign("mallory", None))?;
    let file = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    let text = cluster.kubeconfig_with(&[("expired", &expired), ("foreign", &foreign)]);
    std::fs::write(file.path(), text).map_err(|error| error.to_string())?;
    let mut desk = Desk::unsettled(file.path(), |settings| settings.context = Some("expired".into()))?;
    desk.hears("expired").await?;
    desk.must_show("expired")?;
    let mut desk = Desk::unsettled(file.path(), |settings| settings.context = Some("foreign".into()))?;
    let told = |console: &Headless| matches!(&console.model().here.world.link, Link::Down { trouble, .. } if !trouble.what.contains("expired"));
    desk.console.until("the certificate is refused", PATIENCE, told).await
}

/// A context that cannot be reached is shown as such at once, and can be left for another.
pub async fn an_unreachable_context_can_be_left(cluster: Arc<Cluster>) -> Outcome {
    let good = std::fs::read_to_string(cluster.kubeconfig()).map_err(|error| error.to_string())?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let both = folder.path().join("both");
    let merged =
        good.replacen("contexts:", "contexts:\n- {name: nowhere, context: {cluster: nowhere, user: admin}}", 1);
    let merged =
        merged.replacen("clusters:", "clusters:\n- {name: nowhere, cluster: {server: 'https://127.0.0.1:1'}}", 1);
    std::fs::write(&both, merged).map_err(|error| error.to_string())?;
    let mut desk = Desk::unsettled(&both, |settings| settings.context = Some("nowhere".into()))?;
    desk.sees("127.0.0.1:1").await?;
    desk.sees("no answer").await?;
    desk.press(": 'ctx' enter").await?;
    desk.sees("admin").await?;
    // The cursor stands on the present context; the other one is chosen from the list.
    let wanted = |console: &Headless| console.model().contexts.iter().any(|context| context.name == "admin");
    desk.console.until("the contexts are read", PATIENCE, wanted).await?;
    desk.press("g").await?;
    for _ in 0..10 {
        if chosen(&desk.console).as_deref() == Some("admin") {
            break;
        }
        desk.press("j").await?;
    }
    desk.press("enter").await?;
    desk.console.until("the other context is live", PATIENCE, is_live).await?;
    desk.must_show("system:masters")
}
