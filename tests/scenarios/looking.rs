//! Looking: what the panes show, by themselves and after keys.

use std::sync::Arc;

use serde_json::json;
use tenantry_cluster::{Cluster, Era, User};

use crate::desk::{Desk, Outcome, furnish, patch, send, tenant};

/// Tenants, namespaces, access and identity stand side by side, with Capsule's own state.
pub async fn four_panes_show_a_cluster(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "panes", &["panes-web", "panes-db"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("panes").await?;
    for text in ["Tenants ", "Namespaces · panes 2", "Access · panes", "Identity"] {
        desk.must_show(text)?;
    }
    for text in ["panes-web", "panes-db", "alice", "admin", "owner", "system:masters", "cluster administrator"] {
        desk.must_show(text)?;
    }
    let era = match cluster.era() {
        Era::V0_4 => "up to 0.12",
        Era::V0_14 => "0.13 or newer",
    };
    let users = format!("Group {}", cluster.era().user_group());
    for text in [era, "answering", "fail closed", &users, "Kubernetes v1.37"] {
        desk.must_show(text)?;
    }
    desk.must_show("RW")?;
    desk.must_show("live")
}

/// What somebody else changes appears without a key press: rows come, change and go.
pub async fn changes_appear_by_themselves(cluster: Arc<Cluster>) -> Outcome {
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    furnish(&cluster, "later", &["later-web"]).await?;
    desk.go_to_tenant("later").await?;
    desk.sees("Namespaces · later 1").await?;
    let binding = json!({
        "metadata": {"name": "guests"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "guests-of-later"}],
    });
    let bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/later-web/rolebindings";
    send(&cluster, "POST", bindings, &binding).await?;
    desk.sees("guests-of-later").await?;
    send(&cluster, "DELETE", &format!("{bindings}/guests"), &json!({})).await?;
    desk.sees_no_more("guests-of-later").await?;
    if let Some(label) = cluster.era().cordoned_label() {
        let label = json!({"metadata": {"labels": {label: "true"}}});
        patch(&cluster, "/api/v1/namespaces/later-web", &label).await?;
        desk.sees("part-cordoned").await?;
    }
    patch(&cluster, &tenant("later"), &json!({"spec": {"cordoned": true}})).await?;
    desk.sees(" cordoned").await?;
    desk.sees_no_more("part-cordoned").await
}

/// `enter` goes from the tenant to its namespaces, and from a namespace to a page about it.
pub async fn a_namespace_has_a_page(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "page", &["page-web"]).await?;
    let deployment = json!({
        "metadata": {"name": "site"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "site"}},
            "template": {
                "metadata": {"labels": {"app": "site"}},
                "spec": {"nodeName": tenantry_cluster::NODES[0], "containers": [{"name": "web", "image": "example.test/site:1"}]},
            },
        },
    });
    send(&cluster, "POST", "/apis/apps/v1/namespaces/page-web/deployments", &deployment).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("page").await?;
    desk.press("enter").await?;
    desk.sees("1 dep").await?;
    desk.press("enter").await?;
    desk.must_show("Namespace page-web")?;
    desk.sees("2 ready").await?;
    desk.sees("1 ready").await?;
    let by = format!("by {}", cluster.era().binding_prefix("page"));
    for text in ["Workloads", "deployments", "Grants", "alice", "capsule-namespace-deleter", &by] {
        desk.must_show(text)?;
    }
    desk.press("esc").await?;
    desk.must_show("Namespaces · page 1")
}

/// `:rb` and `b` show the bindings as they are, those of the whole cluster among them.
pub async fn raw_bindings_are_one_key_away(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "raw", &["raw-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("raw").await?;
    desk.press(": 'rb' enter").await?;
    desk.must_show("Bindings · raw")?;
    let managed = cluster.era().binding_prefix("raw");
    for text in [&managed, "ClusterRole/admin", "User alice", "(cluster)"] {
        desk.must_show(text)?;
    }
    desk.press("b").await?;
    desk.must_show("Access · raw")
}

/// A filter narrows down as it is typed, stays when the field is left, and goes with esc.
pub async fn a_filter_narrows_down(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "filter-one", &[]).await?;
    furnish(&cluster, "filter-two", &[]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("filter-one").await?;
    desk.go_to_tenant("filter-two").await?;
    desk.press("/ 'ter-two'").await?;
    desk.must_show("Tenants 1/")?;
    desk.must_not_show("filter-one")?;
    desk.press("enter").await?;
    desk.must_show("/ter-two")?;
    desk.press("/ 'xyz' enter").await?;
    desk.must_show("nothing matches ter-twoxyz")?;
    desk.press("esc").await?;
    desk.must_show("filter-one")
}

/// Any size draws, and comes back.
pub async fn every_size_draws(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "size", &["size-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("size").await?;
    for (columns, rows) in
        [(0, 0), (1, 1), (2, 3), (7, 4), (40, 12), (80, 24), (119, 30), (120, 40), (200, 60), (500, 200)]
    {
        for keys in ["", "?", "esc !", "esc shift-c", "n : 'te'", "esc"] {
            desk.press(keys).await?;
            desk.console.resize(columns, rows).await;
        }
    }
    desk.console.resize(80, 24).await;
    for text in ["admin", "RW", "default", "size-web", "Access · size"] {
        desk.must_show(text)?;
    }
    desk.console.resize(40, 12).await;
    for text in ["admin", "RW", "default", "Tenants"] {
        desk.must_show(text)?;
    }
    Ok(())
}

/// Another context shows nothing of the one before, not for an instant.
pub async fn another_context_starts_from_nothing(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "secretive", &["secretive-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("secretive").await?;
    desk.press(": 'ctx carol' enter").await?;
    desk.must_not_show("secretive")?;
    desk.must_not_show("system:masters")?;
    desk.must_show("carol")?;
    desk.console.settle(crate::desk::PATIENCE).await?;
    desk.sees("carol may not list").await?;
    desk.must_not_show("secretive")?;
    desk.press(": 'ctx admin' enter").await?;
    desk.go_to_tenant("secretive").await?;
    desk.sees("secretive-web").await
}
