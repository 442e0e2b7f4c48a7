//! What goes wrong between the console and a server, at will: the demo answers late, refuses, tears bodies, cuts watches, dies.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::json;
use tenantry::console::headless::Headless;
use tenantry::demo::fault::{Fault, Faults};
use tenantry::world::Link;
use tenantry::world::freshness::Freshness;
use tenantry_cluster::{Cluster, Era, User};

use crate::demo;
use crate::desk::{Desk, Outcome, PATIENCE, send};

const NAMESPACES: &str = "/api/v1/namespaces";

/// A demo whose faults are ours, a namespace in it, and somebody who looks at all namespaces.
struct Broken {
    cluster: Arc<Cluster>,
    demo: Arc<tenantry::demo::cluster::Cluster>,
}

impl Broken {
    async fn start() -> Result<Self, String> {
        let (cluster, demo) = demo::start(Era::V0_14).await.map_err(|failure| failure.to_string())?;
        let broken = Self { cluster: Arc::new(cluster), demo };
        broken.make("early").await?;
        Ok(broken)
    }

    fn faults(&self) -> &Faults {
        &self.demo.faults
    }

    async fn make(&self, name: &str) -> Outcome {
        send(&self.cluster, "POST", NAMESPACES, &json!({"metadata": {"name": name}})).await.map(drop)
    }

    async fn desk(&self) -> Result<Desk, String> {
        let mut desk = Desk::sit(&self.cluster, User::Admin).await?;
        desk.press(": 'ns' enter").await?;
        desk.sees("early").await?;
        Ok(desk)
    }

    /// A console that has not loaded anything yet.
    fn opening(&self) -> Result<Desk, String> {
        Desk::unsettled(self.cluster.kubeconfig(), |settings| settings.context = Some(User::Admin.name().to_owned()))
    }
}

fn is_live(console: &Headless) -> bool {
    console.model().here.world.link == Link::Up && console.model().here.world.freshness() == Freshness::Live
}

/// An answer that takes long holds up its own pane and nothing else.
pub async fn a_late_answer_holds_up_nothing_else() -> Outcome {
    let broken = Broken::start().await?;
    broken.faults().add(Some(Method::GET), NAMESPACES, Fault::Late(Duration::from_secs(2)), None);
    let mut desk = broken.opening()?;
    let others = |console: &Headless| {
        let screen = console.screen();
        screen.contains("Group projectcapsule.dev") && screen.contains("loading namespaces")
    };
    desk.console.until("all but the namespaces are there", PATIENCE, others).await?;
    desk.press(": 'ns' enter").await?;
    desk.sees("early").await
}

/// A route that fails for a while is told, tried again, and then well again.
pub async fn a_failing_route_is_tried_again() -> Outcome {
    let broken = Broken::start().await?;
    let sentence = "Internal error occurred: the store is gone".to_owned();
    broken.faults().add(Some(Method::GET), NAMESPACES, Fault::Refused(500, "InternalError", sentence), Some(2));
    let mut desk = broken.opening()?;
    desk.press(": 'ns' enter").await?;
    desk.sees("early").await?;
    desk.console.until("it is live", PATIENCE, is_live).await
}

/// What stands between us and the server answers instead of it: that is no list of namespaces, and no crash.
pub async fn a_proxys_page_is_no_answer() -> Outcome {
    let broken = Broken::start().await?;
    let mut desk = broken.desk().await?;
    let page = "<html><body>Bad gateway</body></html>".to_owned();
    broken.faults().add(None, "/", Fault::Garbage(502, "text/html", page), None);
    broken.faults().cut();
    desk.console.until("it is no longer live", PATIENCE, |console| !is_live(console)).await?;
    desk.must_show("early")?;
    broken.faults().clear();
    desk.console.until("it is live again", PATIENCE, is_live).await?;
    broken.make("late").await?;
    desk.sees("late").await
}

/// Watches are cut again and again while things change: all is seen, and no row blinks.
pub async fn cut_watches_lose_nothing() -> Outcome {
    let broken = Broken::start().await?;
    let mut desk = broken.desk().await?;
    for round in 0..6 {
        broken.faults().cut();
        let name = format!("during-{round}");
        broken.make(&name).await?;
        let shown = |console: &Headless| {
            assert!(console.screen().contains("early"), "no row may blink:\n{}", console.screen());
            console.screen().contains(&name)
        };
        desk.console.until(&format!("{name} is there"), PATIENCE, shown).await?;
    }
    desk.console.until("it is live", PATIENCE, is_live).await
}

/// A list whose body ends in the middle is not taken for a short list.
pub async fn a_torn_list_is_taken_anew() -> Outcome {
    let broken = Broken::start().await?;
    broken.faults().add(Some(Method::GET), NAMESPACES, Fault::Torn(600), Some(1));
    let mut desk = broken.opening()?;
    desk.press(": 'ns' enter").await?;
    desk.sees("early").await?;
    desk.sees("kube-system").await?;
    desk.console.until("it is live", PATIENCE, is_live).await
}

/// Rows appear while the body is still on its way.
pub async fn a_slow_body_fills_the_screen_as_it_comes() -> Outcome {
    let broken = Broken::start().await?;
    let pace = Fault::Slow(400, Duration::from_millis(200));
    broken.faults().add(Some(Method::GET), NAMESPACES, pace, Some(1));
    let mut desk = broken.opening()?;
    desk.press(": 'ns' enter").await?;
    let in_part = |console: &Headless| {
        let screen = console.screen();
        screen.contains("loading") && (screen.contains("capsule-system") || screen.contains("default"))
    };
    desk.console.until("the first rows are there, and more are to come", PATIENCE, in_part).await?;
    desk.sees("early").await
}

/// A dead server: rows stay with their age, and all is well once it lives again.
pub async fn a_dead_server_is_waited_for() -> Outcome {
    let broken = Broken::start().await?;
    let mut desk = broken.desk().await?;
    broken.faults().die();
    desk.sees("no answer").await?;
    desk.must_show("early")?;
    broken.faults().clear();
    desk.console.until("it is live again", PATIENCE, is_live).await?;
    broken.make("late").await?;
    desk.sees("late").await
}

/// A plan whose dry run the server lets fall is told, and nothing is written.
pub async fn a_dry_run_that_is_never_answered_can_be_left() -> Outcome {
    let broken = Broken::start().await?;
    let tenant = json!({"apiVersion": "capsule.clastix.io/v1beta2", "kind": "Tenant", "metadata": {"name": "oil"},
        "spec": {"owners": [{"kind": "User", "name": "alice"}]}});
    let tenants = "/apis/capsule.clastix.io/v1beta2/tenants";
    send(&broken.cluster, "POST", tenants, &tenant).await?;
    let mut desk = Desk::sit(&broken.cluster, User::Admin).await?;
    desk.go_to_tenant("oil").await?;
    broken.faults().add(Some(Method::PATCH), tenants, Fault::Silent, None);
    desk.press("shift-c").await?;
    desk.sees("Cordon tenant oil").await?;
    desk.press("y esc").await?;
    desk.sees_no_more("Cordon tenant oil").await?;
    broken.faults().clear();
    let after = crate::desk::get(&broken.cluster, &format!("{tenants}/oil")).await?;
    if after["spec"]["cordoned"] == json!(true) {
        return Err("what was never shown was written".to_owned());
    }
    Ok(())
}
