//! The text of pages: lines of inked spans, still without a width.

use std::borrow::Cow;

use super::offer::offer_below;
use super::opening::Opening;
use super::overlay::Overlay;
use super::{Level, Model, Pane};
use crate::action::{self, Offer};
use crate::console::keymap::{Chord, Command, Group, Layer};
use crate::plan::gone;
use crate::text::age::{age, until};
use crate::world::World;
use crate::world::capsule::{Era, WebhookHealth};
use crate::world::freshness::{Freshness, Sources};
use crate::world::grant::{self, Reach};
use crate::world::identity::{Expiry, Identity, Proof};
use crate::world::name::Name;
use crate::world::namespace::Namespace;
use crate::world::trouble::{Trouble, TroubleKind};
use crate::world::workload::{WorkloadKind, WorkloadState};

/// What a piece of text means; the theme decides how that looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ink {
    /// Plain.
    Text,
    /// Less important.
    Dim,
    /// A heading, or what the eye should find first.
    Head,
    /// All is well.
    Ok,
    /// Worth a look.
    Warn,
    /// Dangerous or broken.
    Danger,
    /// Comes.
    Added,
    /// Goes.
    Removed,
}

/// A line: spans, and how far continuation lines are indented when it is wrapped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The pieces.
    pub spans: Vec<(Ink, String)>,
    /// Columns by which continuation lines are indented.
    pub hang: usize,
}

impl Line {
    /// A line of one piece.
    pub fn of(ink: Ink, text: impl Into<String>) -> Self {
        Self { spans: vec![(ink, text.into())], hang: 0 }
    }

    /// The same, with another piece.
    #[must_use]
    pub fn and(mut self, ink: Ink, text: impl Into<String>) -> Self {
        self.spans.push((ink, text.into()));
        self
    }

    /// The same, continued at this column.
    #[must_use]
    pub const fn hang(mut self, columns: usize) -> Self {
        self.hang = columns;
        self
    }

    fn empty() -> Self {
        Self::default()
    }

    /// `label  value`, the label dim and padded.
    pub fn field(label: &str, ink: Ink, value: impl Into<String>) -> Self {
        const LABEL: usize = 12;
        Self::of(Ink::Dim, format!("{label:<LABEL$}")).and(ink, value).hang(LABEL)
    }
}

/// The beginning of a text that is too long to be read: each frame would break it anew.
pub(super) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((at, _)) => {
            format!("{} … {} bytes in all; copied and saved they are whole", &text[..at], text.len()).into()
        }
        None => text.into(),
    }
}

/// The identity pane: who we are, how that was proven, where from, and what Capsule is here.
pub fn identity(model: &Model, opening: &Opening) -> Vec<Line> {
    let world = &opening.world;
    let mut lines = Vec::new();
    let place = world.place.clone().unwrap_or_default();
    match &world.identity {
        Some(identity) => {
            lines.push(Line::field("user", Ink::Head, &identity.username));
            lines.push(Line::field("groups", Ink::Text, identity.groups.join(", ")));
        }
        None => match &world.identity_refused {
            Some(trouble) => {
                lines.push(Line::field("user", Ink::Warn, format!("not known: {}", trouble.what)));
                if !trouble.advice.is_empty() {
                    lines.push(Line::field("", Ink::Dim, &trouble.advice));
                }
            }
            None => lines.push(Line::field("user", Ink::Dim, "the server has not said yet")),
        },
    }
    if let Some(acting) = &place.acting_as {
        let groups = if acting.groups.is_empty() { String::new() } else { format!(" ({})", acting.groups.join(", ")) };
        let by = opening.seen_as.as_ref().map(|seen| seen.by.as_str()).filter(|by| !by.is_empty());
        let by = by.map(|by| format!(", by {by}")).unwrap_or_default();
        lines.push(Line::field("acting as", Ink::Warn, format!("{}{groups}{by}", acting.user)));
    }
    if let Some(standing) = world.standing() {
        lines.push(Line::field("role", Ink::Text, standing.full_words()));
    }
    if world.place.is_some() {
        lines.push(proof(&place.proof, model.seconds()));
        lines.push(file(model, &place));
    }
    lines.extend(capsule(world));
    if let Some(version) = &world.version {
        lines.push(Line::field("server", Ink::Text, format!("Kubernetes {version} at {}", place.server)));
    }
    lines.extend(world.identity.iter().flat_map(particulars));
    lines.extend(refusals(world));
    lines
}

fn proof(proof: &Proof, now: i64) -> Line {
    let line = Line::field("from", Ink::Text, proof.words());
    let validity = proof.validity();
    let Some(end) = validity.until else { return line };
    if validity.renews {
        let words =
            if end <= now { "renewed whenever it ends".to_owned() } else { format!("renewed {}", until(end - now)) };
        return line.and(Ink::Text, format!(", {words}"));
    }
    match validity.expiry(now) {
        Expiry::Far => line.and(Ink::Text, format!(", expires {}", until(end - now))),
        Expiry::Soon(_) => line.and(Ink::Warn, format!(", expires {}", until(end - now))),
        Expiry::Over(_) => line.and(Ink::Danger, format!(", expired {}", until(end - now))),
    }
}

/// What the server says besides the name and the groups.
fn particulars(identity: &Identity) -> Vec<Line> {
    let uid = identity.uid.iter().map(|uid| Line::field("uid", Ink::Dim, uid));
    let extra = identity
        .extra
        .iter()
        .map(|(key, values)| Line::field("extra", Ink::Dim, format!("{key}: {}", values.join(", "))));
    uid.chain(extra).collect()
}

fn file(model: &Model, place: &crate::world::identity::Place) -> Line {
    let line = Line::field("file", Ink::Text, &place.file).and(Ink::Text, format!(" · context {}", place.context));
    match model.contexts.iter().find(|context| context.current) {
        Some(current) if current.name != place.context => {
            line.and(Ink::Warn, format!(" · current-context there is {} (another)", current.name))
        }
        _ => line,
    }
}

/// Capsule's own state.
fn capsule(world: &World) -> Vec<Line> {
    let mut lines = Vec::new();
    let (ink, era) = match world.era {
        Era::Unknown => (Ink::Dim, "not known yet"),
        Era::Absent => (Ink::Warn, "not installed in this cluster"),
        era => (Ink::Text, era.words()),
    };
    lines.push(Line::field("Capsule", ink, era));
    let hooks: Vec<_> = world.webhooks.iter().flat_map(crate::world::store::Store::iter).collect();
    let closed: u32 = hooks.iter().map(|configuration| configuration.fail_closed).sum();
    let count: u32 = hooks.iter().map(|configuration| configuration.hooks).sum();
    let mut webhooks = match &world.webhook_health {
        WebhookHealth::Answering => Line::field("webhooks", Ink::Ok, "answering"),
        WebhookHealth::NotAsked => Line::field("webhooks", Ink::Dim, "not asked"),
        WebhookHealth::Unknown(why) => Line::field("webhooks", Ink::Dim, format!("not known: {why}")),
        WebhookHealth::Dead { webhook, .. } => {
            Line::field("webhooks", Ink::Danger, format!("not answering: every namespace write fails ({webhook})"))
        }
    };
    if count > 0 {
        webhooks = webhooks.and(Ink::Dim, format!(" · {count}, {closed} of them fail closed"));
    }
    if world.era != Era::Absent {
        lines.push(webhooks);
    }
    if let Some(configuration) = world.configuration() {
        let list = |subjects: &[crate::world::binding::Subject]| {
            if subjects.is_empty() {
                return "nobody".to_owned();
            }
            subjects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        lines.push(Line::field("users", Ink::Text, list(&configuration.users)));
        // The old era has no administrators of its own.
        if world.era != Era::Static || !configuration.administrators.is_empty() {
            lines.push(Line::field("admins", Ink::Text, list(&configuration.administrators)));
        }
        let protected = configuration.protected_namespaces.as_deref().unwrap_or("none");
        lines.push(Line::field("protected", Ink::Text, format!("namespaces {protected}")));
        if let Some((false, why)) = &configuration.ready {
            lines.push(Line::field("config", Ink::Danger, format!("not ready: {why}")));
        }
    }
    lines
}

/// What may not be listed, and who could change that.
fn refusals(world: &World) -> Vec<Line> {
    let kinds: Vec<&str> =
        world.sources().filter(|(_, sources)| sources.refused().is_some()).map(|(kind, _)| kind).collect();
    if kinds.is_empty() {
        return Vec::new();
    }
    let who = world.identity.as_ref().map_or("this user", |identity| &identity.username);
    let lift = format!(
        "a ClusterRole with list and watch on them, bound to {who} by who administers the cluster, would lift this"
    );
    vec![
        Line::field("refused", Ink::Warn, format!("lists in the whole cluster of {}", kinds.join(", "))),
        Line::field("", Ink::Dim, lift),
    ]
}

/// What a pane says when it has no rows; empty while there is nothing to say.
pub fn empty(opening: &Opening, pane: Pane) -> Vec<Line> {
    let world = &opening.world;
    let (sources, what, none): (&Sources, &str, &str) = match pane {
        Pane::Tenants => (world.tenants.sources(), "tenants", "no tenants in this cluster"),
        Pane::Namespaces => (world.namespaces.sources(), "namespaces", "no namespaces"),
        Pane::Access => (world.bindings.sources(), "rolebindings", "nobody is bound here"),
        Pane::Identity => return Vec::new(),
    };
    let (filter, faults, total) = match pane {
        Pane::Tenants => (&opening.tenants.filter, opening.tenants.faults, opening.tenants.total),
        Pane::Namespaces => (&opening.namespaces.filter, opening.namespaces.faults, opening.namespaces.total),
        _ => (&opening.access.filter, opening.access.faults, opening.access.total),
    };
    if !filter.is_empty() {
        return vec![Line::of(Ink::Dim, format!("nothing matches {filter}"))];
    }
    if faults && total > 0 {
        return vec![Line::of(Ink::Dim, "nothing here needs a look")];
    }
    match sources.overall() {
        Freshness::Loading => vec![Line::of(Ink::Dim, format!("loading {what} …"))],
        Freshness::Live | Freshness::Stale { .. } => vec![Line::of(Ink::Dim, none)],
        Freshness::Failing { trouble } | Freshness::Refused { trouble } => told(&trouble),
        Freshness::Absent => vec![
            Line::of(Ink::Warn, "Capsule is not installed in this cluster"),
            Line::of(Ink::Dim, "it serves no tenants.capsule.clastix.io; namespaces and access are shown all the same"),
        ],
    }
}

/// Why nothing of a cluster is to be seen, what is known of it all the same, and what can be done now.
pub fn nothing(model: &Model, opening: &Opening, trouble: &Trouble) -> Vec<Line> {
    let way = |what: &str, how: &str| Line::of(Ink::Text, format!("{what:<16}")).and(Ink::Dim, how).hang(16);
    let mut lines = told(trouble);
    lines.push(Line::empty());
    if trouble.kind == TroubleKind::NoKubeconfig {
        lines.extend([
            way("to look around", "tenantry --demo: a platform of tenants inside the program; nothing else is touched"),
            way(
                "to connect",
                "tenantry --kubeconfig FILE, or KUBECONFIG=FILE; one at ~/.kube/config is found by itself",
            ),
            way("to get a file", "minikube start writes one; Linode and most others let you download it"),
        ]);
    }
    let again = model.keymap.keys(model.layers(), Command::Refresh);
    let again = again.first().map_or_else(|| ":refresh".to_owned(), ToString::to_string);
    // A server that does not answer is asked again and again.
    let itself = if opening.unopened.is_none() { ", and so it does by itself" } else { "" };
    lines.push(way("then", &format!("{again} tries again{itself}; :ctx chooses another context")));
    if let Some(place) = &opening.world.place {
        lines.extend([Line::empty(), Line::of(Ink::Head, "What is known")]);
        lines.push(Line::field("cluster", Ink::Text, format!("{} at {}", place.cluster, place.server)));
        lines.extend([proof(&place.proof, model.seconds()), file(model, place)]);
    }
    lines
}

/// A failure, told.
pub fn told(trouble: &Trouble) -> Vec<Line> {
    let ink = if matches!(trouble.kind, TroubleKind::Forbidden(_)) { Ink::Warn } else { Ink::Danger };
    let mut lines = vec![Line::of(ink, &trouble.what)];
    if !trouble.advice.is_empty() {
        lines.push(Line::of(Ink::Dim, &trouble.advice));
    }
    lines
}

/// What keeps a namespace from going, in sentences; none of one that is to stay, or just takes its time.
pub fn stuck(row: &Namespace) -> Vec<String> {
    let complaints = row.stuck.lines().filter(|_| row.is_terminating());
    complaints.map(|complaint| gone::complaint(complaint).unwrap_or_else(|| complaint.to_owned())).collect()
}

/// The page about a namespace.
pub fn namespace(model: &Model, name: &Name) -> Vec<Line> {
    let world = &model.here.world;
    let mut lines = Vec::new();
    let workloads = world.workloads_in(name);
    if let Some(row) = world.namespaces.get(name) {
        let state = row.state(workloads.as_ref());
        lines.push(Line::field("state", state_ink(state.glyph()), state.word()));
        match &row.tenant {
            Some(tenant) => {
                let state = world.tenant_state(tenant);
                lines.push(Line::field("tenant", Ink::Text, &**tenant).and(Ink::Dim, format!(" · {}", state.word())));
            }
            None => lines.push(Line::field("tenant", Ink::Dim, "none")),
        }
        if let Some(label) = &row.stray_label {
            let words = format!("its label says {label}, but no owner reference to that tenant does");
            lines.push(Line::field("", Ink::Warn, words));
        }
        lines.push(Line::field("age", Ink::Text, age(model.seconds() - row.created)));
        lines.extend(stuck(row).into_iter().map(|words| Line::field("waits", Ink::Warn, words)));
    } else {
        let refused = world.namespaces.sources().of(&crate::world::feed::Scope::Namespace(name.clone()));
        match refused {
            Some(Freshness::Refused { trouble } | Freshness::Failing { trouble }) => lines.extend(told(trouble)),
            Some(Freshness::Absent) => lines.push(Line::of(Ink::Warn, format!("there is no namespace {name}"))),
            _ => lines.push(Line::of(Ink::Dim, "not known")),
        }
    }
    lines.push(Line::empty());
    lines.push(Line::of(Ink::Head, "Workloads"));
    match workloads {
        None => lines.push(Line::of(Ink::Dim, "not known")),
        Some(workloads) if workloads.is_empty() => lines.push(Line::of(Ink::Dim, "nothing runs here")),
        Some(workloads) => {
            for kind in WorkloadKind::ALL.into_iter().filter(|kind| workloads.of(*kind) > 0) {
                let states = WorkloadState::ALL.into_iter().filter(|state| workloads.count(kind, *state) > 0);
                let words: Vec<String> =
                    states.map(|state| format!("{} {}", workloads.count(kind, state), state.word())).collect();
                let failing = workloads.count(kind, WorkloadState::Failing) > 0;
                let ink = if failing { Ink::Danger } else { Ink::Text };
                lines.push(Line::field(kind.plural(), ink, words.join(", ")));
            }
        }
    }
    lines.push(Line::empty());
    lines.push(Line::of(Ink::Head, "Grants"));
    let grants = grant::of_people(world, [name]);
    if grants.is_empty() {
        lines.push(Line::of(Ink::Dim, "nobody is bound here"));
    }
    for grant in &grants {
        let bindings: Vec<String> = grant.bindings.iter().map(|(_, name)| name.to_string()).collect();
        let reach = if grant.reach == Reach::Cluster { "in the whole cluster, " } else { "" };
        let line = Line::of(Ink::Text, format!("{:<6} {:<28}", grant.subject.kind(), grant.subject.name()))
            .and(Ink::Head, format!(" {}", grant.role.name))
            .and(Ink::Dim, format!("  {reach}{} by {}", grant.origin.word(), bindings.join(", ")));
        let line = if grant.missing_role { line.and(Ink::Warn, "  this role does not exist") } else { line };
        lines.push(line.hang(7));
    }
    lines
}

/// How a state with this glyph is inked.
pub const fn state_ink(glyph: char) -> Ink {
    match glyph {
        '!' => Ink::Danger,
        'x' | '#' | '~' | '>' | '=' | '%' | 'v' | '^' => Ink::Warn,
        '-' | '?' => Ink::Dim,
        _ => Ink::Ok,
    }
}

/// The help page: every key, from the table that dispatches them, those of what the page was opened on first; and what applies to
/// the row under the cursor.
pub fn help(model: &Model) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut layers = [
        (Layer::Table, "On the panes"),
        (Layer::Global, "Everywhere"),
        (Layer::Page, "On a page"),
        (Layer::Plan, "On a plan"),
    ];
    let below = model.overlays.iter().rev().find(|overlay| !matches!(overlay, Overlay::Help { .. }));
    let here = super::layers_of(below).first().copied();
    layers.sort_by_key(|(layer, _)| Some(*layer) != here);
    for (layer, title) in layers {
        lines.push(Line::of(Ink::Head, title));
        let (pins, commands): (Vec<_>, Vec<_>) =
            model.keymap.commands(layer).partition(|(command, _)| command.pin().is_some());
        for (command, keys) in commands {
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            let word = || format!(":{}", super::command_line::word_of(command));
            let keys = if keys.is_empty() { word() } else { keys.join(" ") };
            let mut line = Line::of(Ink::Text, format!("  {keys:<18} ")).and(Ink::Dim, command.title()).hang(21);
            if let Offer::No(reason) = offer_below(model, command)
                && command.group() == Group::Act
                && layer == Layer::Table
            {
                line = line.and(Ink::Warn, format!("  not now: {reason}"));
            }
            lines.push(line);
        }
        if let (Some((_, first)), Some((_, last))) = (pins.first(), pins.last()) {
            let name = |keys: &[Chord]| keys.first().map(ToString::to_string).unwrap_or_default();
            let keys = format!("{} to {}", name(first), name(last));
            lines.push(Line::of(Ink::Text, format!("  {keys:<18} ")).and(Ink::Dim, "places that were pinned").hang(21));
        }
        lines.push(Line::empty());
    }
    lines.push(Line::of(Ink::Head, "Commands"));
    for word in super::command_line::WORDS {
        let words = format!("{} {}", word.names.join(", "), word.argument);
        lines.push(Line::of(Ink::Text, format!("  :{words:<42} ")).and(Ink::Dim, word.meaning).hang(45));
    }
    let kinds = format!("  :{:<42} ", "deploy [NAMESPACE|-A] /filter");
    let meaning = "objects of any kind, by any name that kubectl takes: po, secrets, cronjobs.batch";
    lines.push(Line::of(Ink::Text, kinds).and(Ink::Dim, meaning).hang(45));
    for small in action::small::ALL {
        let words = format!("{} {}", small.word, small.argument);
        lines.push(Line::of(Ink::Text, format!("  :{words:<42} ")).and(Ink::Dim, small.meaning).hang(45));
    }
    let more = "with all of them: /filter, key=value and @context; a name alone goes to what has it";
    lines.push(Line::of(Ink::Dim, format!("  {more}")).hang(2));
    lines.push(Line::empty());
    lines.push(Line::of(Ink::Head, "Glyphs"));
    for (glyph, meaning) in [
        ('#', "cordoned: the tenant's people cannot write"),
        ('>', "a cordon is on its way"),
        ('~', "part-cordoned: some of its namespaces are cordoned"),
        ('=', "paused: all of it rests"),
        ('%', "part-paused: some of it rests and some runs"),
        ('v', "being paused"),
        ('^', "being resumed"),
        ('!', "not ready, or something in it fails; of a grant: whoever has it can get everything"),
        ('+', "a grant that leads further than it seems"),
        ('.', "a grant worth knowing of"),
        ('x', "being deleted"),
        ('-', "nothing runs in it"),
        ('?', "may not be read as this user"),
    ] {
        lines.push(Line::of(state_ink(glyph), format!("  {glyph} ")).and(Ink::Dim, meaning));
    }
    lines
}

/// The action that a command stands for.
pub fn action_of(command: Command) -> Option<&'static action::Action> {
    action::ALL.iter().copied().find(|action| action.id == command.name())
}

/// Everything that was said, the latest first.
pub fn messages(model: &Model) -> Vec<Line> {
    let mut lines = Vec::new();
    if model.messages.is_empty() {
        lines.push(Line::of(Ink::Dim, "nothing was said yet"));
    }
    for message in model.messages.iter().rev() {
        let ago = format!("{:>6}  ", age((model.now - message.at) / 1000));
        let mut line = Line::of(Ink::Dim, ago).and(level_ink(message.level), &message.text).hang(8);
        if message.times > 1 {
            line = line.and(Ink::Dim, format!("  {} times", message.times));
        }
        lines.push(line);
        for more in [&message.advice, &message.detail] {
            if !more.is_empty() && *more != message.text {
                lines.push(Line::of(Ink::Dim, format!("        {more}")).hang(8));
            }
        }
    }
    lines
}

/// How a message is inked.
pub const fn level_ink(level: Level) -> Ink {
    match level {
        Level::Done => Ink::Ok,
        Level::Info => Ink::Text,
        Level::Warning => Ink::Warn,
        Level::Failure => Ink::Danger,
    }
}
