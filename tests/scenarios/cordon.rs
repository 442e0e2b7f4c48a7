//! Cordon and uncordon: read, preview, approve, apply, wait until it is in force.

use std::sync::Arc;

use http::Request;
use serde_json::{Value, json};
use tenantry::config::settings::{ReadOnly, Rule};
use tenantry::console::effect::Settings;
use tenantry::journal::Entry;
use tenantry::plan::Change;
use tenantry::plan::edit::spell;
use tenantry_cluster::{Cluster, User, wait_until};

use crate::desk::{Desk, Outcome, PATIENCE, furnish, get, is_cordoned, patch, send, tenant};

/// The whole way there and back, with an owner who feels it.
pub async fn cordon_and_uncordon(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "there", &["there-web", "there-db"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("there").await?;
    desk.open_plan().await?;
    for text in ["Cordon tenant there", "in its 2 namespaces", "would change", "spec.cordoned", "+ true"] {
        desk.sees(text).await?;
    }
    match cluster.era().never_cordoned() {
        Some(before) => desk.sees(&format!("- {before}")).await?,
        None => desk.must_not_show("- false")?,
    }
    desk.sees("Apply 1 change to admin as admin?").await?;
    desk.press("tab").await?;
    desk.must_show("kubectl --context admin patch tenants.capsule.clastix.io there")?;
    desk.press("y").await?;
    desk.hears("there is cordoned, in all its 2 namespaces").await?;
    desk.sees("cordoned").await?;
    for namespace in ["there-web", "there-db"] {
        let object = get(&cluster, &format!("/api/v1/namespaces/{namespace}")).await?;
        if let Some(label) = cluster.era().cordoned_label() {
            assert_eq!(object["metadata"]["labels"][label], "true", "{namespace} is said to be cordoned");
        }
        let denial = cluster.era().cordon_denial("there", namespace);
        // The old era's webhook hears of it when we do, not before.
        let told = async || write_as_owner(&cluster, namespace).await.is_err_and(|said| said.contains(&denial));
        wait_until(&format!("alice is told: {denial}"), PATIENCE, told).await.map_err(|failure| failure.to_string())?;
    }
    let manager = get(&cluster, &tenant("there")).await?;
    let managers = manager["metadata"]["managedFields"].to_string();
    assert!(managers.contains("\"tenantry\""), "our changes bear our name: {managers}");

    desk.open_plan().await?;
    desk.sees("Uncordon tenant there").await?;
    desk.press("y").await?;
    desk.hears("there is uncordoned, in all its 2 namespaces").await?;
    assert!(!is_cordoned(&cluster, "there").await?);
    Ok(())
}

/// Marked tenants are changed by one plan, also those that a filter hides by then; of tenants of both kinds none is.
pub async fn marked_tenants_go_together(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "marked-a", &["marked-a-web"]).await?;
    furnish(&cluster, "marked-b", &["marked-b-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'tenants /marked-' enter").await?;
    desk.sees("Tenants 2").await?;
    desk.press("* / space '!marked-a' enter").await?;
    desk.sees("2 marked, 1 hidden").await?;
    desk.open_plan().await?;
    for text in ["Cordon 2 tenants", "marked-a, marked-b", "1 of what is marked is hidden by a filter"] {
        desk.sees(text).await?;
    }
    desk.sees("Apply 2 changes to admin as admin?").await?;
    desk.press("y").await?;
    desk.hears("marked-a is cordoned, in its one namespace").await?;
    desk.hears("marked-b is cordoned, in its one namespace").await?;
    assert!(is_cordoned(&cluster, "marked-a").await? && is_cordoned(&cluster, "marked-b").await?);

    patch(&cluster, &tenant("marked-b"), &json!({"spec": {"cordoned": false}})).await?;
    desk.press(": 'tenants /marked-' enter").await?;
    desk.sees("active").await?;
    desk.press("shift-c").await?;
    desk.hears("1 of the 2 tenants are cordoned and the others not").await
}

/// Makes an object as alice, for nothing but to be told whether she may.
async fn write_as_owner(cluster: &Cluster, namespace: &str) -> Outcome {
    let path = format!("/api/v1/namespaces/{namespace}/configmaps?dryRun=All");
    let body = json!({"metadata": {"name": "felt"}}).to_string().into_bytes();
    let request = Request::post(path).header("content-type", "application/json").body(body);
    let request = request.map_err(|error| error.to_string())?;
    let made: Result<Value, _> = cluster.client_as(User::Alice).request(request).await;
    made.map(drop).map_err(|error| error.to_string())
}

/// From a namespace's row and from its page the key is about its tenant.
pub async fn a_namespace_stands_for_its_tenant(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "stands", &["stands-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("stands").await?;
    desk.sees("stands-web").await?;
    desk.press("enter enter").await?;
    desk.must_show("Namespace stands-web")?;
    desk.open_plan().await?;
    desk.sees("Cordon tenant stands").await?;
    desk.press("n").await?;
    desk.must_show("Namespace stands-web")
}

/// Enter, esc, n and q all mean no.
pub async fn no_is_the_default(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "no", &["no-web"]).await?;
    let before = get(&cluster, &tenant("no")).await?["metadata"]["generation"].clone();
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("no").await?;
    for key in ["enter", "esc", "n", "q"] {
        desk.open_plan().await?;
        desk.press(key).await?;
        desk.must_not_show("Cordon tenant no")?;
        desk.must_show("nothing was changed")?;
    }
    assert_eq!(get(&cluster, &tenant("no")).await?["metadata"]["generation"], before);
    assert!(desk.journal()?.is_empty(), "what was not approved is not announced");
    Ok(())
}

/// Keys that were typed before the answered plan could be read approve nothing.
pub async fn typing_ahead_approves_nothing(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "ahead", &["ahead-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("ahead").await?;
    desk.press("shift-c y y y").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Cordon tenant ahead").await?;
    assert!(!is_cordoned(&cluster, "ahead").await?);
    assert!(desk.journal()?.is_empty());
    Ok(())
}

/// Somebody changes the tenant while its plan is open: the plan says what moved and by whom, and is made anew.
pub async fn a_moved_object_withdraws_the_plan(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "moved", &["moved-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("moved").await?;
    desk.open_plan().await?;
    patch(&cluster, &tenant("moved"), &json!({"metadata": {"labels": {"team": "blue"}}})).await?;
    desk.sees("moved: Tenant moved was changed by kubectl-elsewhere: metadata.labels.team").await?;
    desk.console.settle(PATIENCE).await?;
    desk.press("y").await?;
    desk.hears("moved is cordoned").await?;
    // The wish of whoever opened the plan holds for the tenant as it is now: cordoned meanwhile, it would be uncordoned.
    desk.open_plan().await?;
    patch(&cluster, &tenant("moved"), &json!({"spec": {"cordoned": false}})).await?;
    desk.sees("Cordon tenant moved").await?;
    desk.press("esc").await
}

/// A tenant whose status never rests can be cordoned: only its version is taken over.
pub async fn a_busy_status_does_not(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "busy", &["busy-one"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("busy").await?;
    desk.open_plan().await?;
    cluster.create_namespace(User::Alice, "busy", "busy-two").await.map_err(|failure| failure.to_string())?;
    let arrived =
        |console: &tenantry::console::headless::Headless| console.model().here.world.namespaces_of("busy").count() == 2;
    desk.console.until("the second namespace is known", PATIENCE, arrived).await?;
    desk.must_not_show("moved:")?;
    desk.press("y").await?;
    desk.hears("busy is cordoned, in all its 2 namespaces").await
}

/// A plan for what is gone is closed, and says why.
pub async fn a_deleted_object_closes_the_plan(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "gone", &[]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("gone").await?;
    desk.open_plan().await?;
    send(&cluster, "DELETE", &tenant("gone"), &json!({})).await?;
    desk.hears("has been deleted; the plan was closed").await?;
    desk.must_not_show("Cordon tenant gone")
}

/// With --readonly plans can be looked at and not applied; what they would do is asked only where that is allowed.
pub async fn read_only_writes_nothing(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "readonly", &["readonly-web"]).await?;
    let mut desk = Desk::with(&cluster, User::Admin, |settings| settings.read_only = true).await?;
    desk.go_to_tenant("readonly").await?;
    desk.open_plan().await?;
    desk.sees("could not be asked").await?;
    desk.sees("dry runs are not allowed").await?;
    let allowed = Rule { dryrun: true, ..Rule::default() };
    let mut desk = Desk::with(&cluster, User::Admin, |settings| {
        settings.read_only = true;
        settings.config.contexts.insert("*".to_owned(), allowed);
    })
    .await?;
    desk.sees("RO").await?;
    desk.go_to_tenant("readonly").await?;
    desk.open_plan().await?;
    desk.sees("would change").await?;
    desk.sees("read-only: this can be looked at, not applied").await?;
    desk.press("y").await?;
    desk.hears("the console is read-only").await?;
    assert!(!is_cordoned(&cluster, "readonly").await?);
    assert!(desk.journal()?.is_empty());
    Ok(())
}

/// A context that the configuration calls read-only is so, and another one is not.
pub async fn the_configuration_decides_per_context(cluster: Arc<Cluster>) -> Outcome {
    let decided = Rule { readonly: ReadOnly::Always, namespaces: vec!["decided-web".into()], ..Rule::default() };
    let change = |settings: &mut Settings| settings.config.contexts = [("alice".to_owned(), decided.clone())].into();
    let desk = Desk::with(&cluster, User::Alice, change).await?;
    desk.must_show("RO")?;
    desk.must_show("decided-web")?;
    let desk = Desk::with(&cluster, User::Admin, change).await?;
    desk.must_show("RW")
}

/// Somebody who may read tenants and not change them sees the server's no before anything is sent.
pub async fn a_refusal_is_shown_in_the_servers_words(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "refusal", &["refusal-web"]).await?;
    let rbac = "/apis/rbac.authorization.k8s.io/v1";
    let rules = json!([{"apiGroups": ["capsule.clastix.io", ""], "resources": ["tenants", "namespaces"], "verbs": ["get", "list", "watch"]}]);
    send(
        &cluster,
        "POST",
        &format!("{rbac}/clusterroles"),
        &json!({"metadata": {"name": "onlookers"}, "rules": rules}),
    )
    .await?;
    let binding = json!({
        "metadata": {"name": "onlookers"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "onlookers"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "olga"}],
    });
    send(&cluster, "POST", &format!("{rbac}/clusterrolebindings"), &binding).await?;
    let mut desk = Desk::with(&cluster, User::Admin, |settings| {
        settings.acting_as = Some(tenantry::world::identity::ActingAs { user: "olga".into(), groups: vec![] });
    })
    .await?;
    desk.go_to_tenant("refusal").await?;
    desk.open_plan().await?;
    desk.sees("refused").await?;
    desk.sees("olga may not patch").await?;
    desk.sees("this plan cannot be applied").await?;
    desk.press("y").await?;
    desk.hears("nothing was sent").await?;
    assert!(!is_cordoned(&cluster, "refusal").await?);
    Ok(())
}

/// The journal holds the plan with the old value before it is sent, and what came of it.
pub async fn the_journal_knows_before_and_after(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "journal", &["journal-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("journal").await?;
    desk.open_plan().await?;
    desk.press("y").await?;
    desk.hears("journal is cordoned").await?;
    let entries = desk.journal()?;
    let [
        Entry::Begun { title, user, steps, .. },
        Entry::Sent { steps: sent, .. },
        Entry::Step { step: 0, failure: None, resource_version: Some(_), .. },
        Entry::Ended { .. },
    ] = entries.as_slice()
    else {
        return Err(format!("the journal holds {entries:?}"));
    };
    assert_eq!((title.as_str(), user.as_str()), ("Cordon tenant journal", "admin"));
    assert_eq!(sent, &[0]);
    assert_eq!(steps[0].object.path(), tenant("journal"));
    assert_eq!(steps[0].change, Change::Merge(json!({"spec": {"cordoned": true}})));
    let told: Vec<_> = steps[0].edits.iter().map(|edit| (spell(&edit.path), edit.before.clone())).collect();
    let before = cluster.era().never_cordoned().map(|before| json!(before));
    assert_eq!(told, [("spec.cordoned".to_owned(), before)]);
    Ok(())
}

/// Nothing leaves that could not be written down first.
pub async fn a_journal_that_cannot_be_written_stops_it(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "disk", &["disk-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    std::fs::write(desk.folder().join("state"), "a file where a folder should be")
        .map_err(|error| error.to_string())?;
    desk.go_to_tenant("disk").await?;
    desk.open_plan().await?;
    desk.press("y").await?;
    desk.hears("cannot be written").await?;
    desk.hears("nothing was sent").await?;
    assert!(!is_cordoned(&cluster, "disk").await?);
    Ok(())
}
