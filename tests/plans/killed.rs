//! The built program applies twelve steps and is killed, cut off, or left without room on the disk. The journal tells the next
//! run enough to finish, and to take everything back.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tenantry::console::effect::Settings;
use tenantry::console::headless::{Headless, keys};
use tenantry::console::keymap::Keymap;
use tenantry::console::view::theme::Looks;
use tenantry::journal::{self, Entry, Journal, history::history};
use tenantry::plan::ObjectRef;
use tenantry::plan::history::{Fate, Past};
use tenantry::plan::record::fit_to_create;
use tenantry::plan::undo::Wish;
use tenantry_cluster::Cluster;
use tenantry_cluster::harness::Scenario;

use crate::proxy::{Cut, Proxy};
use crate::stage::{self, Outcome};

const NAMESPACE: &str = "killed-web";
const PATIENCE: Duration = Duration::from_mins(2);
const STEPS: usize = 12;
const UNDO: Wish = Wish::Undo { also_theirs: false };

/// How many of the writes are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breadth {
    /// Each of them.
    All,
    /// The first, the last, and some between.
    Ends,
}

impl Breadth {
    fn writes(self) -> Vec<usize> {
        match self {
            Self::All => (1..=STEPS).collect(),
            Self::Ends => vec![1, 5, STEPS],
        }
    }
}

/// The three ways to be cut off.
pub fn scenarios(breadth: Breadth) -> Vec<Scenario> {
    vec![
        Scenario::new("a_killed_program_is_finished_or_taken_back", move |cluster| killed(cluster, breadth))
            .limit(crate::LONG),
        Scenario::new("a_cut_network_is_finished_or_taken_back", move |cluster| cut(cluster, breadth))
            .limit(crate::LONG),
        Scenario::new("a_full_disk_is_finished_or_taken_back", move |cluster| full(cluster, breadth))
            .limit(crate::LONG),
    ]
}

/// A cluster behind a proxy, the files of twelve steps, and a home.
struct Scene {
    cluster: Arc<Cluster>,
    proxy: Proxy,
    gate: tenantry::cluster::gate::Gate,
    namespace: String,
    home: TempDir,
    beginning: Vec<Option<Value>>,
    end: Vec<Option<Value>>,
}

impl Scene {
    /// Sets the scene, and applies everything once to know the end.
    async fn set(cluster: Arc<Cluster>, what: &str) -> Result<Self, String> {
        let namespace = format!("{NAMESPACE}-{what}");
        let proxy = Proxy::start(cluster.client(), &namespace).await?;
        let gate = stage::gate(cluster.client(), &namespace);
        let home = tempfile::tempdir().map_err(|error| error.to_string())?;
        let made = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        let request = http::Request::post("/api/v1/namespaces").body(made.to_string().into_bytes());
        let request = request.map_err(|error| error.to_string())?;
        cluster.client().request::<Value>(request).await.map_err(|error| error.to_string())?;
        let scene = Self { cluster, proxy, gate, namespace, home, beginning: Vec::new(), end: Vec::new() };
        for (folder, wanted) in [("before", false), ("after", true)] {
            let folder = scene.home.path().join(folder);
            std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
            let objects = scene.manifests(wanted);
            for (number, object) in objects.iter().enumerate() {
                let path = folder.join(format!("{number}.yaml"));
                std::fs::write(path, object.to_string()).map_err(|error| error.to_string())?;
            }
        }
        scene.reset().await?;
        let beginning = scene.state().await?;
        let run = scene.run(&[], None).await?;
        if !run.status.success() {
            return Err(format!("{}{}", run.printed, run.complaints));
        }
        let end = scene.state().await?;
        let different = beginning.iter().zip(&end).filter(|(before, after)| before != after).count();
        if different != STEPS || scene.last()?.steps.len() != STEPS {
            return Err(format!("{different} of {STEPS} objects change:\n{}", run.printed));
        }
        Ok(Self { beginning, end, ..scene })
    }

    /// The manifests as they are applied before, and those that are to be.
    fn manifests(&self, wanted: bool) -> Vec<Value> {
        let value = if wanted { "new" } else { "old" };
        let labels = json!({"example.com/killed": self.namespace});
        let named = |kind: &str, api: &str, name: &str, rest: Value| {
            let mut object = rest;
            object["apiVersion"] = api.into();
            object["kind"] = kind.into();
            object["metadata"] = json!({"name": name, "labels": labels});
            object
        };
        let map = |name: &str, data: Value| named("ConfigMap", "v1", name, json!({"data": data}));
        let service = |name: &str, port: u16| {
            named("Service", "v1", name, json!({"spec": {"ports": [{"port": port}], "selector": {"app": name}}}))
        };
        let rule = |verb: &str| json!([{"apiGroups": [""], "resources": ["pods"], "verbs": [verb]}]);
        let rbac = "rbac.authorization.k8s.io/v1";
        let role =
            named("ClusterRole", rbac, &self.namespace, json!({"rules": rule(if wanted { "list" } else { "get" })}));
        let mut objects = vec![
            role,
            map("changed", json!({"key": value, "same": "yes"})),
            map("shrunk", if wanted { json!({"a": "1"}) } else { json!({"a": "1", "b": "2"}) }),
            service("changed", if wanted { 81 } else { 80 }),
        ];
        if wanted {
            objects.extend(["one", "two", "three"].map(|name| map(name, json!({"key": value}))));
            objects.push(named("Role", rbac, "made", json!({"rules": rule("watch")})));
            objects.extend([service("one", 80), service("two", 80)]);
        } else {
            objects.extend(["gone", "gone-too"].map(|name| map(name, json!({"key": value}))));
        }
        objects
    }

    fn objects(&self) -> Vec<ObjectRef> {
        let of = |base: &str, plural: &str, kind: &str, names: &[&str]| -> Vec<ObjectRef> {
            names.iter().map(|name| ObjectRef::namespaced(base, plural, kind, &self.namespace, name)).collect()
        };
        let rbac = "/apis/rbac.authorization.k8s.io/v1";
        let maps = ["changed", "shrunk", "one", "two", "three", "gone", "gone-too"];
        let mut all = vec![ObjectRef::cluster(rbac, "clusterroles", "ClusterRole", &self.namespace)];
        all.extend(of("/api/v1", "configmaps", "ConfigMap", &maps));
        all.extend(of(rbac, "roles", "Role", &["made"]));
        all.extend(of("/api/v1", "services", "Service", &["changed", "one", "two"]));
        all
    }

    /// Everything as it was before, nothing in the journal, and the line whole.
    async fn reset(&self) -> Outcome {
        self.proxy.set(None);
        let delete = async |object: ObjectRef| {
            let request = http::Request::delete(object.path()).body(Vec::new()).map_err(|error| error.to_string())?;
            // What is not there need not go.
            let _ = self.cluster.client().request::<Value>(request).await;
            Ok::<_, String>(())
        };
        futures_util::future::try_join_all(self.objects().into_iter().map(delete)).await?;
        let texts: Vec<_> = self
            .manifests(false)
            .iter()
            .map(|object| tenantry::plan::manifest::Text {
                name: "before".into(),
                built: false,
                text: object.to_string(),
            })
            .collect();
        let wish = tenantry::plan::work::Wish { namespace: self.namespace.clone(), ..Default::default() };
        let asked = tenantry::apply::work::Asked { title: "before".to_owned(), wish, prune: None };
        let kinds = tenantry::apply::work::Kinds::default();
        let plan = tenantry::apply::work::plan(&self.gate, &kinds, &texts, &asked, stage::target()).await;
        let mut plan = plan.map_err(|trouble| trouble.to_string())?;
        let bad = stage::preview(&self.gate, &mut plan).await;
        if !bad.is_empty() {
            return Err(bad.join("\n"));
        }
        let other = tempfile::tempdir().map_err(|error| error.to_string())?;
        let applied = stage::apply(&self.gate, plan, &other.path().join("journal.jsonl")).await?;
        let _ = std::fs::remove_file(self.journal());
        applied.failure.map_or(Ok(()), |trouble| Err(trouble.to_string()))
    }

    async fn state(&self) -> Result<Vec<Option<Value>>, String> {
        let now = stage::read(&self.gate, &self.objects()).await?;
        Ok(now.iter().map(|object| object.as_ref().map(fit_to_create)).collect())
    }

    fn journal(&self) -> PathBuf {
        self.home.path().join(".local/state/tenantry/journal.jsonl")
    }

    fn last(&self) -> Result<Past, String> {
        let entries = journal::read(&self.journal()).map_err(|trouble| trouble.to_string())?;
        history(entries).pop().ok_or_else(|| "the journal is empty".to_owned())
    }

    /// The built program, somewhere in a shell's words, with arguments.
    async fn program(&self, shell: &[&str], arguments: &[&str], is_target: bool) -> Result<Run, String> {
        let words = [shell, &[env!("CARGO_BIN_EXE_tenantry")], arguments].concat();
        let output = self.proxy.run(&words, self.home.path(), PATIENCE, is_target).await?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Run { status: output.status, printed: text(&output.stdout), complaints: text(&output.stderr) })
    }

    /// Applies the twelve steps, over a line that is cut.
    async fn run(&self, shell: &[&str], cut: Option<(usize, Cut)>) -> Result<Run, String> {
        self.proxy.set(cut);
        let folder = self.home.path().join("after").display().to_string();
        let label = format!("example.com/killed={}", self.namespace);
        let arguments = ["apply", &folder, "--yes", "--prune", "-l", &label];
        let run = self.program(shell, &arguments, true).await?;
        self.proxy.arrived().await;
        Ok(run)
    }

    /// What the journal says of the plan that was cut off.
    fn told(&self, what: &str) -> Result<Past, String> {
        let past = self.last()?;
        if !past.is_interrupted() || past.steps.len() != STEPS {
            return Err(format!("{what}: {} steps, {}", past.steps.len(), past.outcome()));
        }
        // Whatever has come to the server was written down before.
        for written in self.proxy.written() {
            let path = written.split(' ').next_back().unwrap_or_default();
            let known = past.steps.iter().find(|(record, _)| record.object.path() == path);
            if !known.is_some_and(|(_, fate)| !matches!(fate, Fate::NotTried)) {
                return Err(format!("{what}: {written} was sent, and the journal does not know"));
            }
        }
        Ok(past)
    }

    /// Goes on or back, in one of three ways, and looks whether all is as it should be.
    async fn go(&self, past: &Past, wish: Wish, way: usize, what: &str) -> Outcome {
        self.proxy.set(None);
        match (way % 3, wish) {
            (0, _) => self.at_the_console(wish).await.map_err(|error| format!("{what}, at the console: {error}"))?,
            (1, Wish::Undo { .. }) => {
                let run = self.program(&[], &["undo", "--yes"], false).await?;
                if !run.status.success() {
                    return Err(format!("{what}, tenantry undo: {}{}", run.printed, run.complaints));
                }
            }
            (1, Wish::Finish) => {
                // Whoever applies the same files again gets to the same end.
                let run = self.run(&[], None).await?;
                if !run.status.success() {
                    return Err(format!("{what}, tenantry apply: {}{}", run.printed, run.complaints));
                }
            }
            _ => drop(
                stage::go(&self.gate, past, wish, &self.journal()).await.map_err(|error| format!("{what}: {error}"))?,
            ),
        }
        let wanted = if wish == Wish::Finish { &self.end } else { &self.beginning };
        let now = self.state().await?;
        for ((object, wanted), now) in self.objects().iter().zip(wanted).zip(&now) {
            if wanted != now {
                return Err(format!("{what}, {wish:?}: {} is {now:?} and should be {wanted:?}", object.title()));
            }
        }
        Ok(())
    }

    /// The next start of the console offers it.
    async fn at_the_console(&self, wish: Wish) -> Outcome {
        let settings =
            Settings { kubeconfig: Some(self.proxy.kubeconfig()), journal: self.journal(), ..Settings::default() };
        let mut console = Headless::new(settings, Keymap::shipped(), Looks::default(), (160, 50));
        console.settle(PATIENCE).await?;
        let offered = |console: &Headless| console.screen().contains("interrupted after");
        console.until("the journal is offered", PATIENCE, offered).await?;
        let (key, title) = if wish == Wish::Finish { ("shift-f", "Finish: ") } else { ("shift-u", "Undo: ") };
        press(&mut console, key).await?;
        console.until("the plan is shown", PATIENCE, |console| console.screen().contains(title)).await?;
        for _ in 0..10 {
            console.settle(PATIENCE).await?;
            if console.screen().contains("there is nothing to do") {
                return Ok(());
            }
            press(&mut console, "y").await?;
            let said = console.model().messages.last().map(|message| message.text.clone()).unwrap_or_default();
            if !said.contains("has changed since") && !said.contains("nothing was approved") {
                break;
            }
        }
        let accepted =
            |console: &Headless| console.model().messages.iter().any(|message| message.text.contains(": accepted"));
        console.until("it is accepted", PATIENCE, accepted).await
    }
}

/// How the program ended.
#[derive(Debug)]
struct Run {
    status: ExitStatus,
    printed: String,
    complaints: String,
}

async fn press(console: &mut Headless, text: &str) -> Outcome {
    for key in keys(text).map_err(|error| error.to_string())? {
        console.press(key).await;
    }
    Ok(())
}

/// SIGKILL before and after each write.
async fn killed(cluster: Arc<Cluster>, breadth: Breadth) -> Outcome {
    use std::os::unix::process::ExitStatusExt as _;
    let scene = Scene::set(cluster, "kill").await?;
    let mut way = 0;
    for at in breadth.writes() {
        for arrives in [false, true] {
            for wish in [Wish::Finish, UNDO] {
                let what = format!("killed at write {at}, which arrives: {arrives}");
                scene.reset().await?;
                let run = scene.run(&[], Some((at, Cut::Killed { arrives }))).await?;
                if run.status.signal() != Some(9) {
                    return Err(format!("{what}: it lives: {}{}", run.printed, run.complaints));
                }
                let past = scene.told(&what)?;
                let listed = scene.program(&[], &["journal"], false).await?;
                if !listed.printed.contains("interrupted after") {
                    return Err(format!("{what}: the journal says: {}", listed.printed));
                }
                scene.go(&past, wish, way, &what).await?;
                way += 1;
            }
        }
        // So that each write meets each way in the end.
        way += 1;
    }
    Ok(())
}

/// The network breaks in the middle, and nothing of it is left half told.
async fn cut(cluster: Arc<Cluster>, breadth: Breadth) -> Outcome {
    let scene = Scene::set(cluster, "cut").await?;
    let writes = if breadth == Breadth::All { vec![1, 4, 9, STEPS] } else { vec![4] };
    for (way, at) in writes.into_iter().enumerate() {
        for (arrives, wish) in [(false, Wish::Finish), (true, UNDO)] {
            let what = format!("cut at write {at}, which arrives: {arrives}");
            scene.reset().await?;
            let run = scene.run(&[], Some((at, Cut::Broken { arrives }))).await?;
            if run.status.code() != Some(1)
                || !run.complaints.contains("cannot")
                    && !run.complaints.contains("broke")
                    && !run.complaints.contains("connection")
            {
                return Err(format!("{what}: {:?} {}", run.status, run.complaints));
            }
            let past = scene.told(&what)?;
            scene.go(&past, wish, way, &what).await?;
        }
    }
    Ok(())
}

/// The disk is full when the plan is begun, or after so much of its journal. What cannot be written down is not sent.
async fn full(cluster: Arc<Cluster>, breadth: Breadth) -> Outcome {
    let scene = Scene::set(cluster, "full").await?;
    let whole = std::fs::read(scene.journal()).map_err(|error| error.to_string())?;
    let begun = whole.iter().position(|byte| *byte == b'\n').ok_or("no line")? + 1;
    let rest = whole.len() - begun;
    let parts = if breadth == Breadth::All { 8 } else { 3 };
    for part in 0..parts {
        // From the first line's half to shortly before the end.
        let room = if part == 0 { begun / 2 } else { begun + rest * part / parts };
        let limit = (room + 2 * 1024).div_ceil(1024);
        let wish = if part % 2 == 0 { Wish::Finish } else { UNDO };
        let what = format!("a disk with room for {room} of {} bytes", whole.len());
        scene.reset().await?;
        fill(&scene.journal(), limit * 1024 - room)?;
        // Without the trap the system would kill whoever writes too much.
        let words = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$@\"");
        let run = scene.run(&["bash", "-c", &words, "bash"], None).await?;
        if run.status.code() != Some(1) || !run.complaints.contains("cannot be written") {
            return Err(format!("{what}: {:?} {}{}", run.status, run.printed, run.complaints));
        }
        if part == 0 {
            if !run.complaints.contains("nothing was sent") || scene.state().await? != scene.beginning {
                return Err(format!("{what}: {}", run.complaints));
            }
            if !scene.proxy.written().is_empty() {
                return Err(format!("{what}: it was sent all the same"));
            }
            continue;
        }
        let past = scene.told(&what)?;
        if !run.complaints.contains("nothing more was sent") && past.done() < STEPS {
            return Err(format!("{what}: {}", run.complaints));
        }
        scene.go(&past, wish, part, &what).await?;
    }
    Ok(())
}

/// A journal of this many bytes.
fn fill(path: &Path, bytes: usize) -> Outcome {
    let entry = |text: String| Entry::Settled { plan: text, at: 1 };
    let empty = serde_json::to_vec(&entry(String::new())).map_err(|error| error.to_string())?.len() + 1;
    let padding = "x".repeat(bytes.checked_sub(empty).ok_or("there is no room")?);
    let mut journal = Journal::open(path).map_err(|trouble| trouble.to_string())?;
    journal.append(&entry(padding)).map_err(|trouble| trouble.to_string())
}
