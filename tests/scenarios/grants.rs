//! Who may do what: asked, explained, given and taken away.

use std::sync::Arc;

use serde_json::{Value, json};
use tenantry::console::headless::Headless;
use tenantry::console::model::rights::row::Row;
use tenantry::world::grant::Reach;
use tenantry_cluster::{Cluster, User};

use crate::desk::{Desk, Outcome, PATIENCE, furnish, get, send, tenant};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

fn user(name: &str) -> Value {
    json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name})
}

async fn bind(cluster: &Cluster, namespace: &str, name: &str, role: &str, subjects: &[Value]) -> Outcome {
    let binding = json!({
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": subjects,
    });
    send(cluster, "POST", &format!("{RBAC}/namespaces/{namespace}/rolebindings"), &binding).await?;
    Ok(())
}

/// Where those of this name may do what is asked, as the page that is open has it: one line each.
fn holders(console: &Headless, name: &str) -> Vec<Reach> {
    let Some(page) = console.model().rights() else { return Vec::new() };
    let rows = page.answer().rows.iter();
    let found = rows.filter_map(|(_, row)| match row {
        Row::Holder(subject, ways) if subject.name() == name => Some(ways.reach.clone()),
        _ => None,
    });
    found.collect()
}

/// Somebody who is bound in many namespaces is named once, with all of them; the answer follows the world, and the server is asked
/// with one key.
pub async fn who_may_is_answered_once_for_each(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "asked", &["asked-web", "asked-db", "asked-job"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("asked").await?;
    desk.press(": 'who delete pods in tenant asked' enter").await?;
    desk.sees("who may delete pods in tenant asked").await?;
    desk.must_show("RBAC only")?;
    let everywhere = |console: &Headless| {
        let found = holders(console, "alice");
        matches!(found.as_slice(), [Reach::Namespaces(names)] if names.len() == 3)
    };
    desk.console.until("alice stands there once, with all namespaces", PATIENCE, everywhere).await?;
    desk.sees("3 of 3 ns").await?;
    // It is live.
    bind(&cluster, "asked-db", "helper", "edit", &[user("henry")]).await?;
    let is_there = |console: &Headless| holders(console, "henry") == [Reach::Namespaces(vec!["asked-db".into()])];
    desk.console.until("henry has come", PATIENCE, is_there).await?;
    desk.press("/ 'henry' enter").await?;
    desk.sees("henry > RoleBinding asked-db/helper > ClusterRole edit").await?;
    // The server's word, namespace by namespace.
    desk.press("shift-v").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("yes, 1 of 3").await?;
    desk.sees("the server says yes, 1 of 3").await?;
    // The binding behind it.
    desk.press("y").await?;
    desk.sees("RoleBinding asked-db/helper · YAML").await?;
    desk.press("q").await?;
    send(&cluster, "DELETE", &format!("{RBAC}/namespaces/asked-db/rolebindings/helper"), &json!({})).await?;
    desk.console.until("henry is gone", PATIENCE, |console| holders(console, "henry").is_empty()).await
}

/// What one may do, and whether he may do this: with the way there.
pub async fn what_one_may_is_answered_with_the_way(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "mayone", &["mayone-web", "mayone-db"]).await?;
    bind(&cluster, "mayone-web", "look", "view", &[user("Zoe Q")]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("mayone").await?;
    desk.press(": 'can \"Zoe Q\" get pods in tenant mayone' enter").await?;
    desk.sees("may Zoe Q get pods in tenant mayone? in 1 of 2").await?;
    desk.must_show("Zoe Q > RoleBinding mayone-web/look > ClusterRole view")?;
    desk.press("shift-v").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("the server: yes, 1 of 2").await?;
    desk.press(": 'can \"Zoe Q\" delete pods in tenant mayone' enter").await?;
    desk.sees("may Zoe Q delete pods in tenant mayone? no").await?;
    desk.must_show("no binding allows that")?;
    desk.press("shift-v").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("the server: no").await?;
    desk.press(": 'can \"Zoe Q\" in tenant mayone /configmaps' enter").await?;
    desk.sees("what Zoe Q may do in tenant mayone").await?;
    desk.must_show("get list watch")?;
    // From a right to all that binds her.
    desk.press("enter").await?;
    desk.sees("what binds User Zoe Q").await?;
    desk.must_show("mayone-web")?;
    desk.press(": 'matrix mayone' enter").await?;
    desk.sees("who may do what in tenant mayone").await?;
    desk.press("/ 'Zoe' enter").await?;
    desk.sees("Zoe Q: read: in mayone-web").await?;
    desk.press("l").await?;
    desk.sees("Zoe Q: write: nowhere in it").await
}

/// A grant says which cells change before it is made; what Capsule binds it binds again, so that taking it away changes the tenant.
pub async fn a_grant_shows_its_cells_and_is_taken_back(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "giving", &["giving-web", "giving-db"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("giving").await?;
    desk.press(": 'bind+ edit gustav' enter").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("tenant giving: User gustav: read, write, secrets, exec").await?;
    desk.sees("none -> all 2 ns").await?;
    desk.approve("y").await?;
    let bound = |console: &Headless| {
        console.model().here.world.bound(&tenantry::world::binding::Subject::User("gustav".into())).count()
    };
    desk.console.until("gustav is bound everywhere", PATIENCE, |console| bound(console) == 2).await?;
    desk.press(": 'access /gustav' enter").await?;
    desk.sees("tenant (Capsule").await?;
    desk.press("ctrl-d").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Capsule keeps edit for gustav, and would bind it again").await?;
    desk.sees("all 2 ns -> none").await?;
    desk.approve("y").await?;
    desk.console.until("gustav is bound no longer", PATIENCE, |console| bound(console) == 0).await?;
    let spec = get(&cluster, &tenant("giving")).await?;
    let left = spec.pointer("/spec/additionalRoleBindings").and_then(Value::as_array).map_or(0, Vec::len);
    if left == 0 { Ok(()) } else { Err(format!("the tenant still binds somebody: {spec:#}")) }
}

/// What Capsule binds for an owner is taken away by taking him from the owners; and who is no user of Capsule is told of.
pub async fn capsules_own_binding_leads_to_the_owner(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "owning", &["owning-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("owning").await?;
    desk.press(": 'owner+ olaf' enter").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("tenant owning: User olaf: read, write, secrets, exec, rbac").await?;
    desk.sees("Capsule knows olaf as a user only if").await?;
    desk.approve("y").await?;
    let bound = |console: &Headless| {
        console.model().here.world.bound(&tenantry::world::binding::Subject::User("olaf".into())).count()
    };
    desk.console.until("olaf is bound", PATIENCE, |console| bound(console) > 0).await?;
    desk.press(": 'access /olaf role:admin' enter").await?;
    desk.sees("owner (Capsule").await?;
    desk.press("ctrl-d").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Capsule keeps admin for olaf, and would bind it again").await?;
    desk.sees("this takes olaf from its owners instead").await?;
    desk.sees("all 1 ns -> none").await?;
    desk.approve("y").await?;
    desk.console.until("olaf is bound no longer", PATIENCE, |console| bound(console) == 0).await?;
    // The last owner stays.
    desk.press(": 'access /alice role:admin' enter").await?;
    desk.sees("owner (Capsule").await?;
    desk.press("ctrl-d").await?;
    desk.hears("alice is its only owner").await
}

/// A binding that somebody made is changed, and goes with the last whom it names; a subject of another tenant stands first.
pub async fn a_hand_made_binding_is_taken_away(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "taking", &["taking-web"]).await?;
    furnish(&cluster, "taken", &["taken-web"]).await?;
    let stranger = json!({"kind": "ServiceAccount", "name": "robot", "namespace": "taken-web"});
    bind(&cluster, "taking-web", "shared", "edit", &[stranger, user("tessa")]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("taking").await?;
    desk.press(": 'access' enter").await?;
    desk.sees("cross-tenant").await?;
    let first = desk.console.model().here.access.rows().first().map(|row| format!("{row:?}")).unwrap_or_default();
    if !first.contains("robot") {
        return Err(format!("what goes across tenants does not stand first:\n{}", desk.console.screen()));
    }
    desk.press("g enter").await?;
    desk.sees("what binds SA taken-web/robot").await?;
    desk.must_show("taken-web/robot > RoleBinding taking-web/shared > ClusterRole edit")?;
    desk.press("ctrl-d").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Revoke edit from sa:taken-web/robot").await?;
    desk.sees("one of them binds others, too: they stay bound").await?;
    desk.approve("y").await?;
    desk.hears("Revoke edit from sa:taken-web/robot: accepted").await?;
    let path = format!("{RBAC}/namespaces/taking-web/rolebindings/shared");
    let left = get(&cluster, &path).await?;
    assert_eq!(left["subjects"].as_array().map(Vec::len), Some(1), "{left:#}");
    desk.press("esc : 'access /tessa' enter").await?;
    desk.sees("tessa").await?;
    desk.press("ctrl-d").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("would delete").await?;
    desk.approve("y").await?;
    desk.hears("Revoke edit from tessa: accepted").await?;
    match get(&cluster, &path).await {
        Err(_) => Ok(()),
        Ok(binding) => Err(format!("it is still there: {binding:#}")),
    }
}

/// Who may read no bindings is told that the answer lacks them, and who is refused a review that it was.
pub async fn an_outsider_sees_what_he_cannot_see(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "outside", &["outside-web"]).await?;
    let mut desk =
        Desk::with(&cluster, User::Carol, |settings| settings.namespace = Some("outside-web".into())).await?;
    desk.press(": 'who delete pods in ns outside-web' enter").await?;
    desk.sees("who may delete pods in namespace outside-web").await?;
    desk.must_show("clusterrolebindings of the whole cluster are not counted")?;
    desk.must_show("rolebindings of outside-web are not counted")?;
    desk.press(": 'can alice delete pods in ns outside-web' enter").await?;
    desk.sees("not as far as can be seen").await?;
    desk.press("shift-v").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("the server: refused").await?;
    desk.sees("the server was asked: ").await
}
