//! Documents: an object as YAML and in words, for as long as one looks at it.

use std::sync::Arc;

use serde_json::json;
use tenantry_cluster::{Cluster, User};

use crate::desk::{Desk, Outcome, furnish, patch, send, tenant};

/// Both forms, what is folded in them, and what somebody else changes meanwhile.
pub async fn a_document_is_live(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "paper", &["paper-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("paper").await?;
    desk.press("d").await?;
    for text in ["Tenant paper · about", "User alice", "paper-web", "Changed by", "Events"] {
        desk.sees(text).await?;
    }
    desk.press("y").await?;
    for text in ["Tenant paper · YAML", "apiVersion: capsule.clastix.io/v1beta2", "name: alice", "status: …"] {
        desk.sees(text).await?;
    }
    desk.must_not_show("managedFields")?;
    patch(&cluster, &tenant("paper"), &json!({"metadata": {"labels": {"colour": "green"}}})).await?;
    desk.sees("colour: green").await?;
    desk.press("m").await?;
    desk.sees("managedFields:").await?;
    desk.press("m z").await?;
    desk.must_not_show("status: …")?;
    desk.press("/ 'colour' enter").await?;
    desk.must_show("colour: green")?;
    desk.press("n").await?;
    desk.must_show("1 of 1")?;
    desk.press("esc").await?;
    desk.must_show("Tenants ")
}

/// What is told in the namespaces of a tenant, whatever it is about, and what comes to it.
pub async fn events_are_live(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "rumour", &["rumour-web", "rumour-db"]).await?;
    let told = |namespace: &'static str, name: &'static str, message: &'static str| {
        let event = json!({
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": {"kind": "Pod", "namespace": namespace, "name": "site"},
            "type": "Warning", "reason": "Overheard", "message": message,
            "firstTimestamp": "2026-11-22T10:00:00Z", "lastTimestamp": "2026-11-22T10:00:00Z", "count": 1,
        });
        let cluster = Arc::clone(&cluster);
        async move { send(&cluster, "POST", &format!("/api/v1/namespaces/{namespace}/events"), &event).await }
    };
    told("rumour-web", "first", "the walls have ears").await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("rumour").await?;
    desk.press("v").await?;
    desk.sees("Events in rumour-db, rumour-web").await?;
    desk.sees("rumour-web/Pod site  Overheard: the walls have ears").await?;
    told("rumour-db", "second", "and so have the doors").await?;
    desk.sees("rumour-db/Pod site  Overheard: and so have the doors").await?;
    desk.press("y").await?;
    desk.sees("Tenant rumour · YAML").await?;
    desk.press("esc tab v").await?;
    desk.sees("Events in rumour-db").await?;
    desk.must_not_show("the walls have ears")
}

/// What is deleted while one reads it stays, and says so; a binding has a document too.
pub async fn a_document_outlives_its_object(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "ash", &["ash-web"]).await?;
    let binding = json!({
        "metadata": {"name": "ash-guests"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "ash-visitors"}],
    });
    let bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/ash-web/rolebindings";
    send(&cluster, "POST", bindings, &binding).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("ash").await?;
    desk.sees("ash-visitors").await?;
    desk.press(": 'rb' enter / 'ash-guests' enter d").await?;
    for text in ["RoleBinding ash-web/ash-guests · about", "ClusterRole view", "Group ash-visitors"] {
        desk.sees(text).await?;
    }
    send(&cluster, "DELETE", &format!("{bindings}/ash-guests"), &json!({})).await?;
    desk.sees("it is gone; this is how it was").await?;
    desk.must_show("Group ash-visitors")
}

/// What may not be read says so in the server's place.
pub async fn a_refused_document_says_so(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "shut", &["shut-web"]).await?;
    let mut desk = Desk::with(&cluster, User::Carol, |settings| settings.namespace = Some("shut-web".into())).await?;
    desk.press("0 tab y").await?;
    desk.sees("Namespace shut-web · YAML").await?;
    desk.sees("carol may not get namespaces").await
}
