//! A console on a stage: a world that is told by hand, at a time that stands still.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Value, json};
use tenantry::console::effect::Effect;
use tenantry::console::headless::keys;
use tenantry::console::keymap::{Key, Keymap, Mouse};
use tenantry::console::model::kept::Kept;
use tenantry::console::model::overlay::Overlay;
use tenantry::console::model::{Level, Model};
use tenantry::console::msg::{Applied, ContextLine, Looked, Msg};
use tenantry::console::update::update;
use tenantry::console::view::{draw, theme::Theme};
use tenantry::plan::answered::Answered;
use tenantry::plan::history::{Fate, Past};
use tenantry::plan::{Answer, Plan};
use tenantry::text::clean::clean;
use tenantry::world::capsule::Era;
use tenantry::world::class::{Class, Colour};
use tenantry::world::feed::{Change, Feed, Scope, What};
use tenantry::world::identity::{Place, Proof};
use tenantry::world::namespace::Namespace;
use tenantry::world::review::Verdict;
use tenantry::world::table::{Column, Listed, Says, TableRow};
use tenantry::world::tenant::Tenant;
use tenantry::world::trouble::{Trouble, TroubleKind};

use crate::golden::Screen;

mod platform;

use platform::{binding, kinds, namespace, refused, tenant, user};

/// 2026-11-22 12:00 UTC.
const NOW: i64 = 1_795_348_800;
const DAY: i64 = 86_400;

/// A console on a stage.
pub struct Stage {
    model: Model,
    pending: Vec<Effect>,
}

impl Stage {
    fn empty(columns: u16, rows: u16) -> Self {
        let mut model = Model::new(Keymap::shipped(), false, (columns, rows), NOW * 1000);
        model.here.generation = 1;
        Self { model, pending: vec![] }
    }

    fn feed(&mut self, feed: Feed) {
        self.tell(Msg::Cluster(1, feed));
    }

    fn tell(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg);
        self.pending.extend(effects);
    }

    fn opened(&mut self, context: &str, user: &str, namespace: &str, proof: Proof) {
        let place = Place {
            context: context.into(),
            cluster: context.into(),
            server: "lb-1.example.net:443".into(),
            user_entry: user.into(),
            namespace: namespace.into(),
            file: "~/.kube/config".into(),
            proof,
            ..Place::default()
        };
        self.tell(Msg::Opened(1, Ok(Box::new(place))));
        self.feed(Feed::Version("v1.37.1".into()));
        self.feed(Feed::Resources(Ok(Box::new(kinds()))));
        self.feed(Feed::Era(Era::Dynamic));
    }

    /// Presses keys.
    pub fn press(mut self, text: &str) -> Self {
        for key in keys(text).unwrap() {
            self.tell(Msg::Clock(self.model.now + 250));
            self.tell(Msg::Key(key));
        }
        self
    }

    /// The objects that an action asked for are read.
    pub fn read(mut self) -> Self {
        let request = self.pending.iter().find_map(|effect| match effect {
            Effect::Read { request, .. } => Some(*request),
            _ => None,
        });
        let object = json!({
            "kind": "Tenant",
            "metadata": {"name": "oil", "uid": "uid-oil", "resourceVersion": "7", "generation": 1},
            "spec": {"cordoned": false, "owners": [{"kind": "User", "name": "alice"}]},
        });
        self.tell(Msg::Read(request.expect("an action asked for objects"), Ok(vec![object])));
        self
    }

    /// The objects of a page are told: deployments of some namespaces.
    pub fn list(mut self) -> Self {
        let request = self.pending.iter().rev().find_map(|effect| match effect {
            Effect::List { request, .. } => Some(*request),
            _ => None,
        });
        self.listed(request.expect("a page asked for its objects"));
        self
    }

    fn listed(&mut self, request: u64) {
        let column = |title: &str, wide, says| Column { title: title.into(), wide, number: title == "AVAILABLE", says };
        let columns = [
            column("NAME", false, Says::Name),
            column("READY", false, Says::Anything),
            column("AVAILABLE", false, Says::Anything),
            column("AGE", false, Says::Age),
            column("IMAGES", true, Says::Anything),
        ];
        let namespace = self.model.overlays.iter().find_map(|overlay| match overlay {
            Overlay::Objects(objects) => Some(objects.namespace.clone()),
            _ => None,
        });
        let row = |place: &str, name: &str, ready: &str, days: i64| TableRow {
            key: (Some(place.into()), name.into()),
            uid: format!("uid-{name}").as_str().into(),
            created: NOW - days * DAY,
            deleting: name == "old-shop",
            labels: [("app".into(), name.into())].into_iter().collect(),
            cells: [name, ready, &ready[..1], "1d", "registry.example.net/oil/site:1.2.3"].map(Into::into).into(),
        };
        let rows = vec![
            row("oil-db", "ledger", "1/1", 30),
            row("oil-web", "a-deployment-with-a-name-that-is-longer-than-most-names-are", "3/3", 5),
            row("oil-web", "old-shop", "0/0", 200),
            row("oil-web", "shop", "1/2", 1),
            row("oil-web", "site", "3/3", 40),
        ];
        let here = namespace.flatten();
        let rows = rows.into_iter().filter(|row| here.is_none() || row.key.0 == here).collect();
        let scope = here.clone().map_or(Scope::Cluster, Scope::Namespace);
        let generation = self.model.here.generation;
        let mut tell = |listed| self.tell(Msg::Cluster(generation, Feed::Listed(request, listed)));
        tell(Listed::Columns(columns.into()));
        for what in [What::Begin, What::Rows(rows), What::Synced] {
            tell(Listed::Rows(Change { scope: scope.clone(), what }));
        }
    }

    /// Why a secret is to be seen is written down.
    pub fn reveal(mut self) -> Self {
        let request = self.pending.iter().rev().find_map(|effect| match effect {
            Effect::Reveal { request, .. } => Some(*request),
            _ => None,
        });
        self.tell(Msg::Revealed(request.expect("a reason was given"), Ok(())));
        self
    }

    /// The objects of a page are refused, in the whole cluster.
    pub fn refuse_list(mut self) -> Self {
        let request = self.model.listing.expect("a page is open");
        let generation = self.model.here.generation;
        self.tell(Msg::Cluster(generation, Feed::Listed(request, Listed::Rows(refused("deployments.apps")))));
        self
    }

    /// The object that a document is about is seen, and the events about it.
    pub fn look(mut self) -> Self {
        let request = self.pending.iter().find_map(|effect| match effect {
            Effect::Look { request, .. } => Some(*request),
            _ => None,
        });
        let object = json!({
            "apiVersion": "capsule.clastix.io/v1beta2", "kind": "Tenant",
            "metadata": {
                "name": "oil", "uid": "uid-oil", "resourceVersion": "7", "generation": 3,
                "creationTimestamp": "2026-10-13T09:30:00Z",
                "labels": {"kubernetes.io/metadata.name": "oil", "team": "red"},
                "annotations": {"example.com/api-token": "s3cret", "note": "rigs\nand pipes\n"},
                "finalizers": ["controller.projectcapsule.dev/finalize"],
                "managedFields": [
                    {"manager": "kubectl", "operation": "Apply", "time": "2026-11-20T10:00:00Z",
                     "fieldsV1": {"f:spec": {"f:owners": {}, "f:namespaceOptions": {}}}},
                    {"manager": "capsule", "operation": "Update", "subresource": "status", "time": "2026-11-21T10:00:00Z",
                     "fieldsV1": {"f:status": {}}},
                ],
            },
            "spec": {
                "owners": [{"kind": "User", "name": "alice", "clusterRoles": ["admin"]}],
                "namespaceOptions": {"quota": 5}, "cordoned": false,
            },
            "status": {"size": 3, "conditions": [
                {"type": "Ready", "status": "True", "reason": "Succeeded", "message": "reconciled",
                 "lastTransitionTime": "2026-11-19T10:00:00Z"},
            ]},
        });
        let event = json!({
            "type": "Warning", "reason": "QuotaExceeded", "message": "Cannot create \u{1b}[31mmore namespaces",
            "count": 4, "lastTimestamp": "2026-11-22T11:00:00Z",
            "involvedObject": {"kind": "Pod", "namespace": "oil-web", "name": "site-7d9f"},
        });
        let request = request.expect("a document asked for its object");
        self.tell(Msg::Looked(request, Looked::Object(Some(object))));
        self.tell(Msg::Looked(request, Looked::Events(Ok(vec![event]))));
        self
    }

    /// The server has not answered for three minutes.
    pub fn lose_connection(mut self) -> Self {
        let trouble = Trouble::new(TroubleKind::Refused, "nothing listens at lb-1.example.net:443")
            .advise("is the cluster running?");
        self.feed(Feed::Tenants(Change { scope: Scope::Cluster, what: What::Failed(trouble.clone()) }));
        self.feed(Feed::Disconnected(trouble));
        self.tell(Msg::Clock((NOW + 185) * 1000));
        self
    }

    /// Something is said.
    pub fn hear(mut self, text: &str) -> Self {
        self.model.say(Level::Info, text);
        self
    }

    /// Somebody may look at one of oil's namespaces: a name as it comes from a cluster.
    pub fn bind(mut self, name: &str) -> Self {
        let name = clean(name);
        let what = What::Rows(vec![binding(Some("oil-web"), &name, "view", user(&name), None)]);
        self.feed(Feed::Bindings(Change { scope: Scope::Cluster, what }));
        self
    }

    /// The editor was left with a text for new objects, of which no plan could be made.
    pub fn write_in_vain(mut self, text: &str) -> Self {
        self.tell(Msg::Edited { object: None, edited: Ok(Some((Box::default(), text.to_owned()))) });
        let request = self.pending.iter().rev().find_map(|effect| match effect {
            Effect::Draft { request, .. } => Some(*request),
            _ => None,
        });
        let trouble = Trouble::new(TroubleKind::File, "line 1 is no YAML");
        self.tell(Msg::Drafted(request.expect("a plan was to be made"), Box::new(Err(trouble))));
        self
    }

    /// The text that the editor was opened with last, if it goes on with one.
    pub fn goes_on_with(&self) -> Option<&str> {
        self.pending.iter().rev().find_map(|effect| match effect {
            Effect::Edit { kept, .. } => Some(kept.as_ref().map(|kept| kept.text.as_str())),
            _ => None,
        })?
    }

    /// The first place on the screen where these words stand is clicked.
    pub fn click(mut self, words: &str) -> Self {
        let text = self.text();
        let (y, line) = text.lines().enumerate().find(|(_, line)| line.contains(words)).expect("the words are there");
        let x = line.split(words).next().unwrap_or_default().chars().count();
        self.tell(Msg::Mouse(Mouse::Click, x as u16, y as u16));
        self
    }

    /// Another console, which finds what this one leaves behind.
    pub fn next_run(&self, columns: u16, rows: u16) -> Self {
        let kept = self.pending.iter().rev().find_map(|effect| match effect {
            Effect::Keep(kept) => Some(serde_json::to_string(kept).unwrap()),
            _ => None,
        });
        let mut next = Self::platform(columns, rows);
        serde_json::from_str::<Kept>(&kept.expect("something was kept")).unwrap().restore(&mut next.model);
        next.tell(Msg::Clock(next.model.now));
        next
    }

    /// How much was asked for so far that is not answered.
    pub fn asked(&self) -> usize {
        self.pending.len()
    }

    /// What the screen knows.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// A key is pressed.
    pub fn key(&mut self, key: Key) {
        self.tell(Msg::Key(key));
    }

    /// A text is pasted.
    pub fn paste(&mut self, text: String) {
        self.tell(Msg::Paste(text));
    }

    /// The terminal has another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.tell(Msg::Resize(columns, rows));
    }

    /// Time passes, in milliseconds.
    pub fn pass(&mut self, time: i64) {
        self.tell(Msg::Clock(self.model.now + time));
    }

    /// A tenant that may exist, or not yet.
    pub fn tenant_named(number: u8) -> Tenant {
        let names = ["coal", "gas", "oil", "peat", "solar", "wind", "wave", "tide", "\u{1b}[31m\u{202e}evil"];
        tenant(&clean(names[number as usize % names.len()]), user("new"), None, |_| {})
    }

    /// A namespace that may exist, or not yet.
    pub fn namespace_named(number: u8) -> Namespace {
        let names = ["oil-web", "oil-db", "gas-prod", "wave-1", "wave-2", "tide-1", "日本", "kube-system", "e\u{301}"];
        let tenants = [Some("oil"), Some("wave"), None];
        let number = number as usize;
        namespace(names[number % names.len()], tenants[number % 3], number.is_multiple_of(2))
    }

    /// News of tenants.
    pub fn tenants(&mut self, what: What<Tenant>) {
        self.feed(Feed::Tenants(Change { scope: Scope::Cluster, what }));
    }

    /// News of namespaces.
    pub fn namespaces(&mut self, what: What<Namespace>) {
        self.feed(Feed::Namespaces(Change { scope: Scope::Cluster, what }));
    }

    /// The server does not answer any more.
    pub fn lose(&mut self) {
        let trouble = Trouble::new(TroubleKind::Refused, "nothing listens");
        self.tell(Msg::Cluster(self.model.here.generation, Feed::Disconnected(trouble)));
    }

    /// It answers again.
    pub fn come_back(&mut self) {
        self.tell(Msg::Cluster(self.model.here.generation, Feed::Connected));
    }

    /// Contexts are read.
    pub fn contexts(&mut self) {
        let line = |name: &str| ContextLine {
            name: name.into(),
            server: "s:1".into(),
            user: "u".into(),
            ..ContextLine::default()
        };
        self.tell(Msg::Contexts(vec![line("lke-prod"), line("minikube")]));
    }

    /// Whatever was asked for last is answered.
    pub fn answer_anything(&mut self) {
        let object = json!({
            "metadata": {"name": "oil", "uid": "u", "resourceVersion": "5", "annotations": {"long": "x".repeat(500)}},
            "spec": {"cordoned": false, "list": [1, {"a": "b"}, []]}, "status": {"size": 3},
        });
        for effect in std::mem::take(&mut self.pending) {
            match effect {
                Effect::Read { request, objects } => {
                    let read = objects.iter().map(|_| object.clone()).collect();
                    self.tell(Msg::Read(request, Ok(read)));
                }
                Effect::Preview { request, mut plan } => {
                    for step in plan.steps_mut() {
                        step.answer = Some(Answer::WouldChange(object.clone()));
                    }
                    self.tell(Msg::Previewed(request, Box::new(Answered::of(*plan))));
                }
                Effect::Look { request, .. } => {
                    self.tell(Msg::Looked(request, Looked::Object(Some(object.clone()))));
                    self.tell(Msg::Looked(request, Looked::Events(Ok(vec![]))));
                }
                Effect::List { request, .. } => self.listed(request),
                Effect::Review { request, questions } => {
                    let verdict = |_| Ok(Verdict { allowed: true, reason: String::new() });
                    self.tell(Msg::Reviewed(request, questions.iter().map(verdict).collect()));
                }
                Effect::Apply { request, plan, .. } => {
                    let applied = applied(&plan);
                    self.tell(Msg::Applied(request, Box::new(applied)));
                }
                Effect::Open { wanted, .. } => {
                    let place = Place { context: wanted.context.unwrap_or_default(), ..Place::default() };
                    self.tell(Msg::Opened(wanted.generation, Ok(Box::new(place))));
                }
                Effect::TryAs(wanted) => {
                    let (context, acting_as) = (wanted.context.unwrap_or_default(), wanted.acting_as);
                    let place = Place { context, acting_as, ..Place::default() };
                    self.tell(Msg::Acted(wanted.generation, Ok(Box::new(place))));
                }
                _ => {}
            }
        }
    }

    /// The console does not end, whatever was pressed; what was asked for and is not answered is forgotten some time.
    pub fn go_on(&mut self) {
        self.model.quit = false;
        let excess = self.pending.len().saturating_sub(16);
        self.pending.drain(..excess);
        let plan = draw(&self.model, &Theme::plain(), &mut Buffer::empty(Rect::new(0, 0, 1, 1))).plan;
        self.tell(Msg::Drawn(plan));
    }

    /// With a keymap of one's own.
    pub fn with_keys(mut self, text: &str) -> Self {
        let (keymap, faults) = Keymap::shipped().overlay(text, "my.toml");
        assert!(faults.is_empty(), "{faults:?}");
        self.model.keymap = keymap;
        self
    }

    /// With contexts on file.
    pub fn with_contexts(mut self) -> Self {
        let line = |name: &str, server: &str, user: &str, file: &str| ContextLine {
            name: name.into(),
            server: server.into(),
            user: user.into(),
            file: file.into(),
            current: name == "minikube",
            ..ContextLine::default()
        };
        let contexts = vec![
            line("lke-prod", "lb-1.example.net:443", "ops@example.net", "~/.kube/config"),
            line("minikube", "192.168.49.2:8443", "minikube", "~/.kube/config"),
            line("bare-metal", "10.0.0.2:6443", "alice", "~/.kube/bare-metal.yaml"),
        ];
        self.tell(Msg::Contexts(contexts));
        self
    }

    /// The context was called this.
    pub fn called(mut self, glyph: &str, word: &str) -> Self {
        let class = Class { word: word.into(), glyph: glyph.into(), colour: Colour::Danger };
        self.model.here.class = Some(class);
        self
    }

    /// Somebody has changed the entry of the open context.
    pub fn changed(mut self, what: &str) -> Self {
        self.tell(Msg::EntryChanged(1, Some(what.into())));
        self
    }

    /// Somebody has made another context the current one.
    pub fn switched(mut self, name: &str) -> Self {
        let mut contexts = self.model.contexts.clone();
        for line in &mut contexts {
            line.current = line.name == name;
        }
        self.tell(Msg::Contexts(contexts));
        self
    }

    /// The document on top is about this object.
    pub fn look_at(mut self, object: &Value) -> Self {
        let request = self.pending.drain(..).rev().find_map(|effect| match effect {
            Effect::Look { request, .. } => Some(request),
            _ => None,
        });
        let request = request.expect("a document asked for its object");
        self.tell(Msg::Looked(request, Looked::Object(Some(object.clone()))));
        self
    }

    /// What was put into the clipboard last.
    pub fn copied(self) -> Option<String> {
        self.pending.into_iter().rev().find_map(|effect| match effect {
            Effect::Copy(text) => Some(text),
            _ => None,
        })
    }
}

impl Screen for Stage {
    fn frame(&self, theme: &Theme) -> Buffer {
        frame(&self.model, theme)
    }
}

/// The screen of what is known.
pub fn frame(model: &Model, theme: &Theme) -> Buffer {
    let mut frame = Buffer::empty(Rect::new(0, 0, model.size.0, model.size.1));
    draw(model, theme, &mut frame);
    frame
}

/// All of a plan was done.
fn applied(plan: &Plan) -> Applied {
    let mut past = Past::begun(plan, "1".to_owned(), NOW, 1, None);
    past.steps.iter_mut().for_each(|(_, fate)| *fate = Fate::Done("u".to_owned()));
    past.ended = Some(NOW);
    Applied { past, rest: None, goals: Vec::new(), failure: None, warnings: Vec::new() }
}
