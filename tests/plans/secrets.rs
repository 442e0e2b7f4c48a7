//! Secrets are put wherever one can be, everything is done with them that can be done, and all that comes out is searched:
//! frames, what the commands print, exports, the journal, the log at its most talkative.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tempfile::TempDir;
use tenantry::console::effect::Settings;
use tenantry::console::headless::{Headless, keys};
use tenantry::console::keymap::{Command as Key, Keymap, Layer};
use tenantry::console::view::theme::Looks;
use tenantry_cluster::{Cluster, User};
use tokio::process::Command;

use crate::stage::Outcome;

const PATIENCE: Duration = Duration::from_mins(2);

/// Each with secrets of its own.
const ROUNDS: usize = 2;

/// A secret that was put somewhere.
struct Seed {
    place: String,
    /// What is looked for.
    core: String,
    encoded: String,
}

/// All of them.
struct Seeds {
    runner: TestRunner,
    all: Vec<Seed>,
}

impl Seeds {
    fn new(round: usize) -> Self {
        let mut runner = TestRunner::deterministic();
        for _ in 0..round * 100 {
            let _ = "[a-z]{4}".new_tree(&mut runner);
        }
        Self { runner, all: Vec::new() }
    }

    /// A new secret, with some of what is hard to get right around its core.
    fn plant(&mut self, place: &str) -> String {
        let around = "[\"'\\\\$%=:<>&ü✓ ]{0,2}";
        let shape = format!("{around}[a-zA-Z][a-zA-Z0-9]{{11}}{around}");
        let text = shape.as_str().new_tree(&mut self.runner).map(|tree| tree.current()).unwrap_or_default();
        let core: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        // A header or a value of YAML would lose blanks at its ends.
        let text = text.trim().to_owned();
        self.all.push(Seed { place: place.to_owned(), core, encoded: STANDARD.encode(&text) });
        text
    }

    /// Where each secret stands in what came out.
    fn found(&self, seen: &[(String, String)]) -> Vec<String> {
        let mut found = Vec::new();
        for (what, text) in seen {
            for Seed { place, core, encoded } in &self.all {
                if let Some(at) = text.find(core.as_str()).or_else(|| text.find(encoded.as_str())) {
                    let from = text[..at].char_indices().rev().nth(100).map_or(0, |(at, _)| at);
                    let around: String = text[from..].chars().take(160).collect();
                    found.push(format!("the secret of {place} is in {what}: {around:?}"));
                    break;
                }
            }
        }
        found
    }
}

/// Nothing of it is found anywhere.
pub async fn no_secret_gets_out(cluster: Arc<Cluster>) -> Outcome {
    for round in 0..ROUNDS {
        let mut bench = Bench::new(&cluster, round).await?;
        bench.commands().await?;
        bench.console().await?;
        bench.files()?;
        let found = bench.seeds.found(&bench.seen);
        if !found.is_empty() {
            return Err(format!("round {round}, {} texts:\n{}", bench.seen.len(), found.join("\n")));
        }
        // Else nothing was ever done with them, and this proves nothing.
        let all: String = bench.seen.iter().map(|(_, text)| text.as_str()).collect();
        for words in ["(masked)", "other value", "would change", "withheld", "refused"] {
            if !all.contains(words) {
                return Err(format!("{words:?} is nowhere: has it all been done?"));
            }
        }
    }
    Ok(())
}

struct Bench {
    cluster: Arc<Cluster>,
    namespace: String,
    home: TempDir,
    folder: TempDir,
    seeds: Seeds,
    seen: Vec<(String, String)>,
    frames: BTreeSet<String>,
}

impl Bench {
    async fn new(cluster: &Arc<Cluster>, round: usize) -> Result<Self, String> {
        let temporary = || tempfile::tempdir().map_err(|error| error.to_string());
        let namespace = format!("secrets-{round}");
        let bench = Self {
            cluster: Arc::clone(cluster),
            namespace,
            home: temporary()?,
            folder: temporary()?,
            seeds: Seeds::new(round),
            seen: Vec::new(),
            frames: BTreeSet::new(),
        };
        bench.send("POST", "/api/v1/namespaces", &json!({"metadata": {"name": bench.namespace}})).await?;
        Ok(bench)
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let request = Request::builder().method(method).uri(format!("{path}?fieldManager=kubectl-elsewhere"));
        let request = request.header("content-type", kind).body(body.to_string().into_bytes());
        let request = request.map_err(|error| error.to_string())?;
        self.cluster.client().request(request).await.map_err(|error| format!("{method} {path}: {error}"))
    }

    fn path(&self, base: &str, plural: &str, name: &str) -> String {
        format!("{base}/namespaces/{}/{plural}/{name}", self.namespace)
    }

    /// Objects with secrets in every place, none of them used before.
    fn objects(&mut self) -> Vec<Value> {
        let namespace = self.namespace.clone();
        let named = |name: &str| json!({"name": name, "namespace": namespace});
        let mut plant = |place: &str| self.seeds.plant(place);
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": named("one"),
            "data": {"encoded": STANDARD.encode(plant("a Secret's data"))},
            "stringData": {"plain": plant("a Secret's stringData"), "lines": format!("first\n{}\nlast\n", plant("a line of a Secret"))},
        });
        let copy = json!({"kind": "Secret", "stringData": {"x": plant("a copy of a Secret")}}).to_string();
        let mut noted = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": named("noted"),
            "data": {"db-password": plant("a ConfigMap's entry"), "colour": "red"},
        });
        noted["metadata"]["annotations"] = json!({
            "kubectl.kubernetes.io/last-applied-configuration": copy,
            "example.com/api-token": plant("an annotation"),
            "example.com/clientSecret": plant("an annotation"),
        });
        let pods = |plant: &mut dyn FnMut(&str) -> String| {
            let url = format!("postgres://user:{}@db/x", plant("an address").replace(['/', '@', ' ', '?', '#'], ""));
            json!({
                "metadata": {"labels": {"app": "x"}, "annotations": {"vault/token": plant("a template's annotation")}},
                "spec": {"containers": [{
                    "name": "web", "image": "web:1",
                    "env": [
                        {"name": "DB_PASSWORD", "value": plant("a variable")},
                        {"name": "apiKey", "value": plant("a variable")},
                        {"name": "DATABASE_URL", "value": url},
                        {"name": "COLOUR", "value": "red"},
                    ],
                    "args": [format!("--password={}", plant("an argument").replace(' ', "")), "--token", plant("a following argument").trim_start_matches('-'), "--v=4"],
                }]},
            })
        };
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": named("web"),
            "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "x"}}, "template": pods(&mut plant)},
        });
        let mut template = pods(&mut plant);
        template["spec"]["restartPolicy"] = "Never".into();
        let cron = json!({
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": named("nightly"),
            "spec": {"schedule": "0 3 1 1 *", "suspend": true, "jobTemplate": {"spec": {"template": template}}},
        });
        vec![secret, noted, deployment, cron]
    }

    /// Objects whose change a server refuses with words that quote them.
    fn frozen(&mut self) -> Vec<Value> {
        let namespace = self.namespace.clone();
        let named = |name: &str| json!({"name": name, "namespace": namespace});
        let env = json!([{"name": "DB_PASSWORD", "value": self.seeds.plant("a Job's variable")}]);
        let spec = json!({"restartPolicy": "Never", "containers": [{"name": "a", "image": "a:1", "env": env}]});
        let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": named("once"), "spec": {"suspend": true, "template": {"spec": spec}}});
        let env = json!([{"name": "DB_PASSWORD", "value": self.seeds.plant("a Pod's variable")}]);
        let spec = json!({"nodeName": "nowhere", "containers": [{"name": "a", "image": "a:1", "env": env}]});
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": named("bare"), "spec": spec});
        vec![job, pod]
    }

    fn write(&self, objects: &[Value]) -> Outcome {
        for object in objects {
            let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            let text = serde_yaml::to_string(object).map_err(|error| error.to_string())?;
            fs::write(self.folder.path().join(format!("{name}.yaml")), text).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Runs the built program; what it prints is kept.
    async fn run(&mut self, arguments: &[&str]) -> Result<(bool, String), String> {
        let output = Command::new(env!("CARGO_BIN_EXE_tenantry"))
            .args(["--context", User::Admin.name()])
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.home.path())
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .env("TENANTRY_LOG", "trace")
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(PATIENCE, output).await.map_err(|_| format!("{arguments:?} never ended"))?;
        let output = output.map_err(|error| error.to_string())?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        self.seen.push((format!("`tenantry {}`", arguments.join(" ")), text.clone()));
        Ok((output.status.success(), text))
    }

    async fn must(&mut self, arguments: &[&str]) -> Outcome {
        match self.run(arguments).await? {
            (true, _) => Ok(()),
            (false, text) => Err(format!("tenantry {}: {text}", arguments.join(" "))),
        }
    }

    /// What scripts do.
    async fn commands(&mut self) -> Outcome {
        let folder = self.folder.path().display().to_string();
        for round in 0..2 {
            let mut objects = self.objects();
            if round == 0 {
                objects.extend(self.frozen());
            }
            self.write(&objects)?;
            self.run(&["diff", &folder]).await?;
            self.run(&["diff", &folder, "-o", "json"]).await?;
            let form = if round == 0 { "text" } else { "json" };
            self.must(&["apply", &folder, "--yes", "-o", form]).await?;
        }
        // Refused, with all of it in the server's words.
        let frozen = self.frozen();
        self.write(&frozen)?;
        self.run(&["diff", &folder]).await?;
        self.run(&["apply", &folder, "--yes", "-o", "json"]).await?;
        for object in &frozen {
            let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            fs::remove_file(self.folder.path().join(format!("{name}.yaml"))).map_err(|error| error.to_string())?;
        }
        // Wrong in ways that are found here, or there.
        let bad = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: bad}}\nstringData: {{a: {}, a: x}}\n",
            json!(self.seeds.plant("a broken file"))
        );
        fs::write(self.folder.path().join("bad.yaml"), bad).map_err(|error| error.to_string())?;
        self.run(&["diff", &folder]).await?;
        let wrong = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "bad"}, "data": {"a": format!("!{}", self.seeds.plant("data that is not base64"))}});
        fs::write(self.folder.path().join("bad.yaml"), wrong.to_string()).map_err(|error| error.to_string())?;
        self.run(&["diff", &folder, "-o", "json"]).await?;
        let list = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "bad"}, "stringData": {"a": [self.seeds.plant("data that is no text")]}});
        fs::write(self.folder.path().join("bad.yaml"), list.to_string()).map_err(|error| error.to_string())?;
        self.run(&["diff", &folder, "-o", "json"]).await?;
        fs::remove_file(self.folder.path().join("bad.yaml")).map_err(|error| error.to_string())?;

        for form in ["text", "json", "script"] {
            self.must(&["journal", "-o", form]).await?;
        }
        let (_, listed) = self.run(&["journal"]).await?;
        let id = listed.lines().last().and_then(|line| line.split(' ').next()).unwrap_or_default().to_owned();
        self.must(&["journal", &id]).await?;
        // Others write secrets of their own meanwhile, which the undo has to tell of.
        let own = json!({"data": {"db-password": self.seeds.plant("somebody else's entry")}, "metadata": {"annotations": {"example.com/api-token": self.seeds.plant("somebody else's annotation")}}});
        self.send("PATCH", &self.path("/api/v1", "configmaps", "noted"), &own).await?;
        self.run(&["undo", "--yes"]).await?;
        let keys = format!(": 'work {folder}' enter tab");
        self.run(&["-n", &self.namespace.clone(), "snapshot", "--size", "200x100", "--keys", &keys]).await?;
        Ok(())
    }

    /// What somebody does at the console.
    async fn console(&mut self) -> Outcome {
        let folder = self.folder.path().display().to_string();
        let namespace = self.namespace.clone();
        let broken = format!(
            "sh -c 'printf \"\\nbroken: [{}\\n\" >> \"$1\"' sh",
            self.seeds.plant("an edited text").replace(['\'', '"', '\\', '$', '%'], "")
        );
        let settings = Settings {
            kubeconfig: Some(self.cluster.kubeconfig().to_owned()),
            context: Some(User::Admin.name().to_owned()),
            namespace: Some(namespace.clone()),
            journal: self.home.path().join(".local/state/tenantry/journal.jsonl"),
            editor: Some(broken),
            ..Settings::default()
        };
        let objects = self.objects();
        self.write(&objects)?;
        let mut console = Headless::new(settings, Keymap::shipped(), Looks::default(), (200, 120));
        console.settle(PATIENCE).await?;
        let work = format!(": 'work {folder}' enter");
        self.press(&mut console, &work).await?;
        // What is typed in an editor of one's own is saved as it is.
        let leaves = [Key::Quit, Key::Suspend, Key::Pager, Key::Editor];
        let chords = |layer: Layer, skipped: &dyn Fn(&Key) -> bool| -> Vec<String> {
            let keymap = Keymap::shipped();
            let all = keymap.commands(layer).filter(|(command, _)| !leaves.contains(command) && !skipped(command));
            let text = |chord: &tenantry::console::keymap::Chord| {
                chord.keys().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
            };
            all.flat_map(|(_, chords)| chords.iter().map(text).collect::<Vec<_>>()).collect()
        };
        // A snapshot is asked for because it holds what nothing else keeps: it is the one file that may, for its owner's eyes.
        let applies = |command: &Key| {
            matches!(command.name(), "plan.apply" | "plan.trial" | "plan.trial-timed" | "plan.snapshot")
        };
        for chord in chords(Layer::Plan, &applies) {
            self.press(&mut console, &chord).await?;
            self.press(&mut console, "esc esc esc").await?;
            self.press(&mut console, &work).await?;
        }
        self.press(&mut console, "tab g").await?;
        // What the other one has written is taken over.
        self.press(&mut console, "o").await?;
        self.press(&mut console, "y").await?;
        self.heard(&mut console, "accepted").await?;
        let theirs = json!({"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web:1", "env": [{"name": "DB_PASSWORD", "value": self.seeds.plant("somebody else's variable")}]}]}}}});
        self.send("PATCH", &self.path("/apis/apps/v1", "deployments", "web"), &theirs).await?;
        self.press(&mut console, "shift-u").await?;
        self.press(&mut console, "tab G o esc esc").await?;
        self.press(&mut console, ": 'journal' enter").await?;
        self.press(&mut console, "enter G esc j enter G esc esc").await?;
        self.press(&mut console, "!").await?;
        self.press(&mut console, "esc").await?;
        let page = |command: &Key| command.name() == "document.reveal";
        for what in ["secret", "cm", "deploy", "cj"] {
            let name = match what {
                "secret" => "one",
                "cm" => "noted",
                "deploy" => "web",
                _ => "nightly",
            };
            let open = format!(": '{what} {namespace} /{name}' enter");
            for form in ["y", "d", "v"] {
                self.press(&mut console, &open).await?;
                self.press(&mut console, form).await?;
            }
            self.press(&mut console, &open).await?;
            // What keys do to a page is the same for all.
            let chords = if matches!(what, "secret" | "deploy") { chords(Layer::Page, &page) } else { Vec::new() };
            for chord in chords {
                self.press(&mut console, &format!("y {chord}")).await?;
                self.press(&mut console, "esc esc").await?;
                self.press(&mut console, &open).await?;
            }
            self.press(&mut console, "e").await?;
            self.press(&mut console, "! esc esc").await?;
        }
        // Typed in the open, and nowhere told again.
        let typed = self.seeds.plant("a small change").replace(['\'', ' '], "");
        self.press(&mut console, &format!(": 'deploy {namespace} /web' enter")).await?;
        for key in
            keys(&format!(": 'annotate example.com/api-token={typed}' enter")).map_err(|error| error.to_string())?
        {
            console.press(key).await;
        }
        console.settle(PATIENCE).await?;
        self.look(&console, "a small change");
        self.press(&mut console, "tab").await?;
        self.press(&mut console, "y").await?;
        self.heard(&mut console, "accepted").await?;
        self.press(&mut console, ": 'journal' enter").await?;
        self.press(&mut console, "enter").await
    }

    async fn heard(&mut self, console: &mut Headless, words: &str) -> Outcome {
        let said = |console: &Headless| console.model().messages.iter().any(|message| message.text.contains(words));
        console.until(words, PATIENCE, said).await?;
        console.settle(PATIENCE).await?;
        self.look(console, words);
        Ok(())
    }

    /// Presses keys; every frame is kept.
    async fn press(&mut self, console: &mut Headless, text: &str) -> Outcome {
        for key in keys(text).map_err(|error| error.to_string())? {
            console.press(key).await;
            console.visit().await;
            self.look(console, text);
        }
        console.settle(PATIENCE).await?;
        self.look(console, text);
        Ok(())
    }

    fn look(&mut self, console: &Headless, text: &str) {
        let mut frame = console.screen();
        for message in &console.model().messages {
            let _ = write!(frame, "\n{} {}", message.text, message.advice);
        }
        // Most keys change nothing.
        if self.frames.insert(frame.clone()) {
            self.seen.push((format!("the frame after {text:?}"), frame));
        }
    }

    /// All that was left on the disk.
    fn files(&mut self) -> Outcome {
        let mut folders = vec![self.home.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| error.to_string())? {
                let path = entry.map_err(|error| error.to_string())?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = fs::read(&path).map_err(|error| error.to_string())?;
                    self.seen.push((name(&path), String::from_utf8_lossy(&bytes).into_owned()));
                }
            }
        }
        let written = self.seen.iter().filter(|(what, _)| what == "journal.jsonl" || what == "tenantry.log").count();
        if written == 2 { Ok(()) } else { Err("the journal or the log is nowhere".to_owned()) }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
