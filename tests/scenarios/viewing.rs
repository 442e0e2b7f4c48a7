//! Seeing a cluster as somebody else sees it, and going from one context to another and back.

use std::sync::Arc;

use tenantry::journal::Entry;
use tenantry_cluster::{Cluster, User};

use crate::desk::{Desk, Outcome, PATIENCE, furnish, get, is_cordoned, patch, tenant};

/// `:beside alice` shows her context to the right of the administrator's, each with a strip of its own and followed; keys, and so
/// plans, go to one of them, which stands where it stood. Where there is no room for both, one is shown and says so.
pub async fn two_contexts_stand_side_by_side(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "abreast", &["abreast-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("abreast").await?;
    desk.press(": 'beside alice' enter").await?;
    desk.console.settle(PATIENCE).await?;
    // Beside each other: the strip of each begins with its context, and ends with whether writes pass and how fresh it is.
    let strips = |desk: &Desk| {
        let screen = desk.console.screen();
        let line = screen.lines().next().unwrap_or_default().to_owned();
        let [left, right] = [0, 110].map(|from| line.chars().skip(from).take(110).collect::<String>());
        [left, right].map(|half| half.trim().to_owned())
    };
    let [left, right] = strips(&desk);
    for (half, name) in [(&left, "admin"), (&right, "alice")] {
        assert!(half.starts_with(name) && half.contains("RW") && half.ends_with("live"), "{left} | {right}");
    }
    desk.sees("alice may not list").await?;
    desk.sees("Namespaces · abreast 1").await?;
    assert_eq!(desk.console.model().here.context(), "alice");
    // What is beside is followed, and shows what changes there.
    patch(&cluster, &tenant("abreast"), &serde_json::json!({"spec": {"cordoned": true}})).await?;
    let is_told = |console: &tenantry::console::headless::Headless| {
        console.screen().lines().any(|line| line.contains("abreast") && line.contains("cordon"))
    };
    desk.console.until("the cordon shows beside", PATIENCE, is_told).await?;
    desk.press("ctrl-w").await?;
    assert_eq!(desk.console.model().here.context(), "admin");
    assert_eq!(strips(&desk).map(|half| half[..5].to_owned()), ["admin", "alice"], "{}", desk.console.screen());
    // A write names its target, and goes there.
    desk.press("shift-c").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Uncordon tenant abreast").await?;
    let target = desk.console.model().here.target();
    assert_eq!((target.context.as_str(), target.user.as_str()), ("admin", "admin"));
    desk.sees("Apply 1 change to admin as admin?").await?;
    desk.approve("y").await?;
    desk.hears("abreast is uncordoned").await?;
    assert!(!is_cordoned(&cluster, "abreast").await?);
    // One pane fills the screen, or the screen is too narrow: the other is not forgotten.
    for (columns, rows) in [(100, 40), (80, 24)] {
        desk.console.resize(columns, rows).await;
        desk.must_show("beside alice")?;
        desk.must_not_show("alice may not list")?;
    }
    desk.press("ctrl-w").await?;
    desk.must_show("beside admin")?;
    for (columns, rows) in [(120, 30), (160, 45), (250, 60)] {
        desk.console.resize(columns, rows).await;
        desk.must_not_show("beside admin")?;
        desk.must_show("admin ▸")?;
        desk.must_show("alice ▸")?;
    }
    // Alone again; and beside it what was left last.
    desk.press(": 'beside' enter").await?;
    desk.must_not_show("admin ▸")?;
    desk.press(": 'beside' enter").await?;
    desk.must_show("admin ▸")?;
    // From the list of contexts, too.
    desk.press(": 'beside' enter : 'ctx' enter").await?;
    desk.sees("bob").await?;
    desk.press("shift-g ctrl-w").await?;
    desk.console.settle(PATIENCE).await?;
    let model = desk.console.model();
    let contexts = [model.here.context(), model.shown_beside().map_or("", |beside| beside.context())];
    assert_eq!(contexts, [model.contexts.last().map_or("", |line| line.name.as_str()), "alice"]);
    desk.sees("alice ▸").await
}

/// `:as alice` shows the whole console as alice sees it, with Capsule's group; it is marked, read-only, and one key away from
/// where one was, whose rows are there at once: `esc` at the top, or `-` while nothing else was gone to.
pub async fn a_cluster_is_seen_as_its_owner_sees_it(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "seen", &["seen-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("seen").await?;
    desk.press(": 'as alice' enter").await?;
    desk.sees("acting as alice").await?;
    desk.console.settle(PATIENCE).await?;
    for text in ["▸ acting", "RO", "owner of", cluster.era().user_group(), "alice may not list", "by admin"] {
        desk.sees(text).await?;
    }
    // Our certificate is one of theirs; what the strip says is hers.
    let screen = desk.console.screen();
    assert!(!screen.lines().next().unwrap_or_default().contains("system:masters"), "{screen}");
    // What she is bound in she can name, and so does the console for her.
    desk.press(": 'ns seen-web' enter").await?;
    desk.sees("seen-web").await?;
    for (columns, rows) in [(40, 12), (80, 24), (120, 40), (200, 60)] {
        desk.console.resize(columns, rows).await;
        for text in ["▸ acting", "RO"] {
            desk.must_show(text)?;
        }
    }
    desk.console.resize(220, 50).await;
    // Not an instant is waited for: the screen after the key is the one with all rows.
    patch(&cluster, &tenant("seen"), &serde_json::json!({"metadata": {"labels": {"seen": "meanwhile"}}})).await?;
    desk.press(": 'as' enter").await?;
    for text in ["Namespaces · seen 1", "seen-web", "RW", "live", "cluster administrator"] {
        desk.must_show(text)?;
    }
    desk.must_not_show("acting as")?;
    assert_eq!(desk.console.model().here.tenants.selected().map(AsRef::as_ref), Some("seen"));
    // It was followed all the time.
    let is_fresh = |console: &tenantry::console::headless::Headless| {
        let row = console.model().here.world.tenants.get(&"seen".into());
        row.is_some_and(|row| row.labels.get("seen") == Some("meanwhile"))
    };
    desk.console.until("what changed meanwhile is known", PATIENCE, is_fresh).await?;
    // Once more, and back by `esc`, which leaves what is narrowed first, and at the top the world.
    desk.press("-").await?;
    desk.must_show("acting as alice")?;
    for _ in 0..3 {
        desk.press("esc").await?;
        if !desk.console.screen().contains("acting as") {
            break;
        }
    }
    desk.must_not_show("acting as")?;
    desk.must_show("RW")
}

/// Nothing is written before `:rw` in that world; then the plan, the journal and the server know whom as and by whom.
pub async fn what_is_written_as_somebody_names_both(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "both", &["both-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("both").await?;
    // From the row of the tenant: its owner.
    desk.press("shift-i").await?;
    desk.sees("acting as alice").await?;
    desk.console.settle(PATIENCE).await?;
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note, namespace: both-web}\ndata: {key: x}\n";
    desk.console.paste(text).await;
    desk.sees("ConfigMap both-web/note").await?;
    desk.console.settle(PATIENCE).await?;
    desk.press("y").await?;
    desk.console.settle(PATIENCE).await?;
    let path = "/api/v1/namespaces/both-web/configmaps/note";
    assert!(get(&cluster, path).await.is_err(), "read-only writes nothing");
    assert_eq!(desk.journal()?, [], "and nothing is written down");
    desk.press("esc : 'rw' enter").await?;
    desk.sees("RW").await?;
    desk.console.paste(text).await;
    desk.sees("would create").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("alice by admin").await?;
    desk.approve("y").await?;
    desk.hears("accepted").await?;
    assert_eq!(get(&cluster, path).await?["data"]["key"], "x");
    let entries = desk.journal()?;
    let Some(Entry::Begun { user, impersonation: Some(impersonation), context, .. }) = entries.first() else {
        return Err(format!("the journal holds {entries:?}"));
    };
    let acting_as = &impersonation.acting_as;
    assert_eq!((user.as_str(), impersonation.by.as_str(), context.as_str()), ("alice", "admin", "admin"));
    assert_eq!((acting_as.user.as_str(), &acting_as.groups), ("alice", &vec![cluster.era().user_group().to_owned()]));
    // The world one came from has its own rules: it was never read-only.
    desk.press(": 'as' enter").await?;
    desk.must_show("RW")?;
    // And this one still is as it was left.
    desk.press("-").await?;
    desk.must_show("acting as alice")?;
    desk.must_show("RW")
}

/// A group is seen as by a user who stands for anybody in it, and a ServiceAccount with the groups of all of them.
pub async fn a_group_and_an_account_are_seen_as(cluster: Arc<Cluster>) -> Outcome {
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'as group:painters' enter").await?;
    desk.sees("acting as anybody-in:painters").await?;
    desk.hears("stands for anybody in painters").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("painters, system:authenticated").await?;
    desk.press(": 'as sa:default/poor' enter").await?;
    desk.sees("acting as system:serviceaccount:default:poor").await?;
    desk.console.settle(PATIENCE).await?;
    let groups = "system:serviceaccounts, system:serviceaccounts:default, system:authenticated";
    desk.sees(groups).await?;
    // Each of them goes back to where the first began.
    desk.press(": 'as' enter").await?;
    desk.must_not_show("acting as")?;
    desk.must_show("cluster administrator")
}

/// Who may not act as others stays where he is, and is told so.
pub async fn who_may_not_impersonate_stays(cluster: Arc<Cluster>) -> Outcome {
    let mut desk = Desk::sit(&cluster, User::Poor).await?;
    desk.press(": 'as alice' enter").await?;
    desk.hears("impersonate").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("system:serviceaccount:default:poor").await?;
    desk.must_not_show("acting as")?;
    assert!(desk.console.model().away.is_empty(), "nothing was opened");
    // What bindings tell is told instead, and that no more was asked; and what cannot be read of them.
    desk.sees("what alice may do").await?;
    desk.must_show("RBAC only")?;
    desk.must_show("may not list")
}

/// A context that was left is at hand: its rows are there with the key, nothing of one is ever shown under the other's name, and
/// no more than two are kept.
pub async fn a_context_that_was_left_is_at_hand(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "left", &["left-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("left").await?;
    desk.press(": 'ctx carol' enter").await?;
    desk.must_not_show("left-web")?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("carol may not list").await?;
    // It goes on being followed.
    cluster.create_namespace(User::Alice, "left", "left-more").await.map_err(|failure| failure.to_string())?;
    let knows = |console: &tenantry::console::headless::Headless| {
        console.model().away.iter().any(|away| away.world.namespaces.get(&"left-more".into()).is_some())
    };
    desk.console.until("the one that was left knows more", PATIENCE, knows).await?;
    desk.must_not_show("left-more")?;
    desk.press("-").await?;
    for text in ["Namespaces · left 2", "left-web", "left-more", "live", "cluster administrator"] {
        desk.must_show(text)?;
    }
    desk.must_not_show("carol may not list")?;
    desk.press("-").await?;
    desk.must_show("carol may not list")?;
    desk.must_not_show("left-web")?;
    for context in ["alice", "bob", "poor"] {
        desk.press(&format!(": 'ctx {context}' enter")).await?;
        desk.console.settle(PATIENCE).await?;
    }
    assert_eq!(desk.console.model().away.len(), 2);
    Ok(())
}
