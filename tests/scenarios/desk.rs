//! An operator at a desk: a console that keys go into and whose screen is read.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Request;
use serde_json::Value;
use tempfile::TempDir;
use tenantry::console::effect::Settings;
use tenantry::console::headless::{Headless, keys};
use tenantry::console::keymap::Keymap;
use tenantry::console::model::Model;
use tenantry::console::model::overlay::Overlay;
use tenantry::console::view::theme::Looks;
use tenantry::journal::{self, Entry};
use tenantry::plan::Answer;
use tenantry::world::denial::{self, Family};
use tenantry::world::trouble::{Trouble, TroubleKind};
use tenantry_cluster::{Cluster, Era, User, wait_until};

/// What a scenario ends with: a sentence, and the screen where there is one.
pub type Outcome = Result<(), String>;

/// How long a cluster may take for anything. Waiting ends at once when the condition is met.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// Refusals that somebody saw on a screen of a scenario and that the program did not understand.
static UNEXPLAINED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What was refused in all scenarios so far without being understood.
pub fn unexplained() -> Vec<String> {
    UNEXPLAINED.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}

/// Takes down the refusals that a console knows of and that nobody understands.
fn take_down(model: &Model) {
    let mut texts: Vec<String> = model.messages.iter().map(|message| message.detail.clone()).collect();
    let mut refused = |trouble: &Trouble| {
        if matches!(
            trouble.kind,
            TroubleKind::Forbidden(_) | TroubleKind::Denied { .. } | TroubleKind::WebhookDown { .. }
        ) {
            texts.push(trouble.detail.clone());
            if !trouble.detail.is_empty() && denial::read(&trouble.detail).is_none() {
                texts.push(format!("x is forbidden: {}", trouble.detail));
            }
        }
    };
    model.here.world.sources().filter_map(|(_, sources)| sources.refused()).for_each(&mut refused);
    for overlay in &model.overlays {
        match overlay {
            Overlay::Plan(dialog) => {
                dialog.fault.iter().for_each(&mut refused);
                for step in dialog.plan.steps() {
                    if let Some(Answer::Refused(trouble) | Answer::NotAsked(trouble)) = &step.answer {
                        refused(trouble);
                    }
                }
            }
            Overlay::Document(document) => document.trouble.iter().for_each(&mut refused),
            Overlay::Objects(objects) => objects.rows.sources().refused().into_iter().for_each(&mut refused),
            _ => {}
        }
    }
    let unknown = |text: &String| denial::read(text).is_some_and(|refusal| refusal.family == Family::Unclassified);
    let unknown = texts.into_iter().filter(unknown);
    UNEXPLAINED.lock().unwrap_or_else(PoisonError::into_inner).extend(unknown);
}

impl Drop for Desk {
    fn drop(&mut self) {
        take_down(self.console.model());
    }
}

/// A console, and the folder its files are in.
pub struct Desk {
    /// The console.
    pub console: Headless,
    folder: Arc<TempDir>,
}

impl Desk {
    /// Sits down as `user` at 220 columns and 50 rows, and waits until everything is loaded.
    pub async fn sit(cluster: &Arc<Cluster>, user: User) -> Result<Self, String> {
        Self::with(cluster, user, |_| {}).await
    }

    /// The same, with other settings.
    pub async fn with(cluster: &Arc<Cluster>, user: User, change: impl FnOnce(&mut Settings)) -> Result<Self, String> {
        let mut desk = Self::unsettled(cluster.kubeconfig(), |settings| {
            settings.context = Some(user.name().to_owned());
            change(settings);
        })?;
        desk.console.settle(PATIENCE).await?;
        Ok(desk)
    }

    /// A console that has only just started.
    pub fn unsettled(kubeconfig: &Path, change: impl FnOnce(&mut Settings)) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        Ok(Self::at(Arc::new(folder), kubeconfig, change))
    }

    fn at(folder: Arc<TempDir>, kubeconfig: &Path, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            kubeconfig: Some(kubeconfig.to_owned()),
            journal: folder.path().join("state/journal.jsonl"),
            memory: Some(folder.path().join("state/namespaces.json")),
            ..Settings::default()
        };
        change(&mut settings);
        let console = Headless::new(settings, Keymap::shipped(), Looks::default(), (220, 50));
        Self { console, folder }
    }

    /// Presses keys: see [`keys`].
    pub async fn press(&mut self, text: &str) -> Outcome {
        for key in keys(text).map_err(|error| error.to_string())? {
            self.console.press(key).await;
            take_down(self.console.model());
        }
        Ok(())
    }

    /// Puts the cursor on a tenant.
    pub async fn go_to_tenant(&mut self, name: &str) -> Outcome {
        let found = |console: &Headless| console.model().here.world.tenants.get(&name.into()).is_some();
        self.console.until(&format!("the tenant {name} is known"), PATIENCE, found).await?;
        self.press(&format!(": 'tnt {name}' enter")).await
    }

    /// Waits until the screen shows `text`.
    pub async fn sees(&mut self, text: &str) -> Outcome {
        let shows = |console: &Headless| console.screen().contains(text);
        self.console.until(&format!("the screen shows {text:?}"), PATIENCE, shows).await
    }

    /// Waits until the screen shows `text` no longer.
    pub async fn sees_no_more(&mut self, text: &str) -> Outcome {
        let shows = |console: &Headless| !console.screen().contains(text);
        self.console.until(&format!("the screen shows {text:?} no longer"), PATIENCE, shows).await
    }

    /// Fails unless the screen shows `text` now: for what must be there at once. What a controller can disturb is seen ([`sees`]).
    ///
    /// [`sees`]: Self::sees
    pub fn must_show(&self, text: &str) -> Outcome {
        let screen = self.console.screen();
        if screen.contains(text) { Ok(()) } else { Err(format!("the screen does not show {text:?}:\n{screen}")) }
    }

    /// Fails if the screen shows `text` now.
    pub fn must_not_show(&self, text: &str) -> Outcome {
        let screen = self.console.screen();
        if screen.contains(text) { Err(format!("the screen shows {text:?}:\n{screen}")) } else { Ok(()) }
    }

    /// Opens the plan that cordons (or uncordons) the selected tenant, and waits for the server's answer.
    pub async fn open_plan(&mut self) -> Outcome {
        self.press("shift-c").await?;
        self.console.settle(PATIENCE).await?;
        self.sees("Tenant ").await
    }

    /// Waits until the latest message contains `text`.
    pub async fn hears(&mut self, text: &str) -> Outcome {
        let said = |console: &Headless| {
            let messages = &console.model().messages;
            messages.iter().any(|message| message.text.contains(text) || message.advice.contains(text))
        };
        self.console.until(&format!("it is said: {text}"), PATIENCE, said).await
    }

    /// Says yes to the plan that is open. What its objects' controllers do just then can make it be shown anew: then it is
    /// looked at, and said again.
    pub async fn approve(&mut self, key: &str) -> Outcome {
        for _ in 0..10 {
            self.press(key).await?;
            let said = self.console.model().messages.last().map(|message| message.text.clone()).unwrap_or_default();
            if !said.contains("has changed since it was shown") && !said.contains("nothing was approved") {
                return Ok(());
            }
            self.console.settle(PATIENCE).await?;
        }
        Err(format!("it never rests:\n{}", self.console.screen()))
    }

    /// Opens what is under the cursor in an editor that is this command.
    pub async fn edit(&mut self) -> Outcome {
        self.press("e").await?;
        self.console.visit().await;
        self.console.settle(PATIENCE).await
    }

    /// Leaves; another console at the same desk finds the files of this one.
    pub async fn again(self, cluster: &Arc<Cluster>, user: User) -> Result<Self, String> {
        let folder = Arc::clone(&self.folder);
        drop(self);
        let mut desk = Self::at(folder, cluster.kubeconfig(), |settings| {
            settings.context = Some(user.name().to_owned());
        });
        desk.console.settle(PATIENCE).await?;
        Ok(desk)
    }

    /// The journal as it is on disk.
    pub fn journal(&self) -> Result<Vec<Entry>, String> {
        journal::read(&self.folder.path().join("state/journal.jsonl")).map_err(|trouble| trouble.to_string())
    }

    /// The folder that the console's files are in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Reads an object as the administrator.
pub async fn get(cluster: &Cluster, path: &str) -> Result<Value, String> {
    let request = Request::get(path).body(Vec::new()).map_err(|error| error.to_string())?;
    cluster.client().request(request).await.map_err(|error| error.to_string())
}

/// Sends a merge patch as the administrator.
pub async fn patch(cluster: &Cluster, path: &str, body: &Value) -> Result<Value, String> {
    send(cluster, "PATCH", path, body).await
}

/// Sends a request with a body as the administrator, from another terminal as it were.
pub async fn send(cluster: &Cluster, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let request = Request::builder()
        .method(method)
        .uri(format!("{path}?fieldManager=kubectl-elsewhere"))
        .header("content-type", kind)
        .body(body.to_string().into_bytes())
        .map_err(|error| error.to_string())?;
    cluster.client().request(request).await.map_err(|error| error.to_string())
}

/// The path of a tenant.
pub fn tenant(name: &str) -> String {
    format!("/apis/capsule.clastix.io/v1beta2/tenants/{name}")
}

/// Whether a tenant's spec says cordoned.
pub async fn is_cordoned(cluster: &Cluster, name: &str) -> Result<bool, String> {
    Ok(get(cluster, &tenant(name)).await?.pointer("/spec/cordoned") == Some(&Value::Bool(true)))
}

/// A tenant of alice's with these namespaces, and its rights in force.
pub async fn furnish(cluster: &Cluster, name: &str, namespaces: &[&str]) -> Outcome {
    cluster.create_tenant(name, &[User::Alice]).await.map_err(|failure| failure.to_string())?;
    for namespace in namespaces {
        cluster.create_namespace(User::Alice, name, namespace).await.map_err(|failure| failure.to_string())?;
    }
    if namespaces.is_empty() {
        return Ok(());
    }
    // Capsule writes into a tenant that has namespaces: a plan that was opened before would be told to have moved.
    let is_at_rest = async || {
        let now = get(cluster, &tenant(name)).await;
        now.is_ok_and(|now| {
            let holds = cluster.era() != Era::V0_14 || now["metadata"].get("finalizers").is_some();
            holds && now["status"]["size"] == namespaces.len()
        })
    };
    let what = format!("Capsule knows the namespaces of {name}");
    wait_until(&what, PATIENCE, is_at_rest).await.map_err(|failure| failure.to_string())
}
