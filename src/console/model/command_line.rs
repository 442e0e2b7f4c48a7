//! The command line: what words there are, how a line is read, and what a line that is being typed could become.
//!
//! The grammar is that of k9s: `:WORD NAME /filter key=value @context`, in any order after the word. A word may also be the
//! name of something on the screen, which is then gone to.

use std::collections::BTreeSet;

use crate::action::pause::Direction;
use crate::action::small;
use crate::console::keymap::{Command, Group};
use crate::plan::owner::Owner;
use crate::world::binding::Subject;

use super::{Model, rights};

/// What a word does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// The tenants, or one of them.
    Tenants,
    /// All namespaces, or the one to be in force.
    Namespaces,
    /// Grants, of all namespaces or of one.
    Access,
    /// Raw bindings, of all namespaces or of one.
    Bindings,
    /// The grants of one subject.
    Subject,
    /// Who may do something; who one is, if nothing is asked.
    Who,
    /// What somebody may do.
    Can,
    /// What one of two may do, and the other not.
    Compare,
    /// Who may do what in a tenant, at a glance.
    Matrix,
    /// Who one is.
    Identity,
    /// The contexts, or another one.
    Contexts,
    /// Another context beside this one.
    Beside,
    /// The cluster as somebody else sees it.
    As,
    /// A tenant from a blueprint.
    Create,
    /// One more namespace for the selected tenant.
    NamespaceOf,
    /// The workbench: files, watched.
    Work,
    /// Pins the place on a digit, or under a name.
    Pin,
    /// Takes a pin away.
    Unpin,
    /// Pauses or resumes what is selected, or a tenant.
    Pause(Direction),
    /// What tenants have left behind, to be deleted.
    Leftovers,
    /// Whether writes are refused in this session.
    ReadOnly(bool),
    /// What is in the clipboard.
    Paste,
    /// What a key does, too.
    Key(Command),
}

/// A word of the command line.
#[derive(Debug)]
pub struct Word {
    /// Its names, the one to show first.
    pub names: &'static [&'static str],
    /// What it does.
    pub verb: Verb,
    /// What may stand behind it.
    pub argument: &'static str,
    /// What it does, in words.
    pub meaning: &'static str,
}

macro_rules! words {
    ($($verb:expr, [$($name:literal),+], $argument:literal, $meaning:literal;)*) => {
        &[$(Word { names: &[$($name),+], verb: $verb, argument: $argument, meaning: $meaning },)*]
    };
}

/// All words.
pub const WORDS: &[Word] = words! {
    Verb::Tenants, ["tenants", "tenant", "tnt"], "[NAME]", "the tenants, or one of them";
    Verb::Namespaces, ["ns", "namespaces", "namespace"], "[NAME]", "all namespaces, or make NAME the one in force";
    Verb::Access, ["access", "grants"], "[NAMESPACE]", "who may do what, as grants";
    Verb::Bindings, ["rb", "rolebindings", "crb", "clusterrolebindings"], "[NAMESPACE]", "raw rolebindings and clusterrolebindings";
    Verb::Subject, ["subject", "user", "users", "group", "groups"], "NAME", "what one subject was granted, everywhere";
    Verb::Who, ["who", "who-can"], "VERB RESOURCE [NAME] [in NS|tenant T|cluster]", "who may do that, and how each came to it; alone: who you are";
    Verb::Can, ["can"], "WHO [VERB RESOURCE] [in …]", "what alice, group:devs or sa:NAMESPACE/NAME may do, and how";
    Verb::Compare, ["compare"], "ONE OTHER [in …]", "what alice may do and group:devs may not, and the other way round";
    Verb::Matrix, ["matrix"], "[TENANT]", "who may do what in a tenant, at a glance";
    Verb::Identity, ["whoami", "identity"], "", "who you are, and what Capsule is here";
    Verb::Contexts, ["ctx", "contexts", "context"], "[NAME]", "the contexts on file, or open one";
    Verb::Beside, ["beside"], "[CONTEXT]", "another context beside this one, with the keys; without a name: the one left last, or this one alone again";
    Verb::As, ["as"], "[USER [GROUP...]]", "the cluster as USER sees it, read-only until `:rw`; without a name: as yourself again";
    Verb::Create, ["create"], "[TENANT]", "make a tenant from a blueprint, in a form; what would be made stands beside it";
    Verb::NamespaceOf, ["namespace+", "ns+"], "NAME", "add a namespace to the selected tenant";
    Verb::Work, ["work"], "PATH", "the workbench: what a file or a folder would change, live while you edit it";
    Verb::Pin, ["pin", "save"], "NAME", "come back here by this name, or by this digit";
    Verb::Unpin, ["unpin"], "NAME", "forget a pinned place";
    Verb::Pause(Direction::Pause), ["pause"], "[REASON]", "workloads to zero, CronJobs suspended, the tenant cordoned; old values are kept";
    Verb::Pause(Direction::Resume), ["resume"], "", "start again what was paused, as it was before";
    Verb::Key(Command::TenantCordon), ["cordon", "uncordon"], "", "cordon or uncordon the selected tenant";
    Verb::Key(Command::Describe), ["describe"], "", "what is selected, in words";
    Verb::Key(Command::Yaml), ["yaml"], "", "what is selected, as YAML";
    Verb::Key(Command::Events), ["events", "ev"], "", "what is told in the tenant's namespaces, or in the namespace";
    Verb::Key(Command::Explain), ["why", "explain"], "", "why it was refused: whose rule it is, which field decides, who can change it";
    Verb::Key(Command::Add), ["add", "new"], "", "write new objects in your editor; what would happen is shown first";
    Verb::Paste, ["paste"], "", "the objects in the clipboard; what would happen is shown first";
    Verb::Key(Command::Edit), ["edit"], "", "edit what is selected; what would change is shown first";
    Verb::Key(Command::Delete), ["delete"], "", "delete what is selected or marked; what goes is shown first";
    Verb::Leftovers, ["leftovers"], "", "what tenants that are gone have left behind, as a plan that deletes it; leave out what is to stay";
    Verb::Key(Command::Undo), ["undo", "redo"], "", "take back what was applied last; undo of undo is redo";
    Verb::Key(Command::Keep), ["keep"], "", "what is on trial is to stay";
    Verb::Key(Command::Journal), ["journal"], "", "what was applied, when, where and by whom";
    Verb::ReadOnly(true), ["readonly", "ro"], "", "nothing is written in this session";
    Verb::ReadOnly(false), ["readwrite", "rw"], "", "plans can be applied again, where the configuration lets them";
    Verb::Key(Command::Messages), ["messages"], "", "everything that was said";
    Verb::Key(Command::Help), ["help", "h", "?"], "", "the keys";
    Verb::Key(Command::Refresh), ["refresh"], "", "ask the cluster anew";
    Verb::Key(Command::Suspend), ["bg"], "", "back to the shell until `fg`";
    Verb::Key(Command::Shell), ["shell", "sh"], "", "a shell of yours with a kubeconfig of this context, namespace and identity alone";
    Verb::Key(Command::CopyKubectl), ["kubectl"], "", "copy the command of kubectl that reads what the cursor is on";
    Verb::Key(Command::Quit), ["q", "q!", "qa", "quit", "exit"], "", "quit";
};

/// The word of this name.
pub fn word(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.names.contains(&name))
}

/// Whether a command may be run by its own name: whatever a key can do, but for what only moves, and for answers to a plan.
pub fn is_command(command: Command) -> bool {
    !matches!(command.group(), Group::Move | Group::Plan) && command.pin().is_none()
}

/// The commands that have no word of their own, by the names that they have in a keymap; each with the key that does it.
fn commands(model: &Model) -> impl Iterator<Item = (String, String, String)> {
    let has_word = |command: Command| WORDS.iter().any(|word| word.verb == Verb::Key(command));
    let rest = Command::ALL.iter().copied().filter(move |command| is_command(*command) && !has_word(*command));
    rest.map(|command| {
        let keys = model.keymap.keys(model.layers(), command);
        let key = keys.first().map(|key| format!(" · {key}")).unwrap_or_default();
        (command.name().to_owned(), command.name().to_owned(), format!("{}{key}", command.title()))
    })
}

/// What a command is called on the command line.
pub fn word_of(command: Command) -> &'static str {
    let is_it = |verb: Verb| {
        let own = [(Command::SwitchContext, Verb::Contexts), (Command::Matrix, Verb::Matrix)];
        verb == Verb::Key(command) || own.contains(&(command, verb))
    };
    let word = WORDS.iter().find(|word| is_it(word.verb));
    word.and_then(|word| word.names.first()).copied().unwrap_or_else(|| command.name())
}

/// A line, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// What it begins with.
    pub word: String,
    /// The name behind it.
    pub name: Option<String>,
    /// The filter, labels among it.
    pub filter: String,
    /// The context to go to first.
    pub context: Option<String>,
    /// What cannot be meant.
    pub fault: Option<String>,
}

impl Line {
    /// Reads a line; total.
    pub fn read(text: &str) -> Self {
        let (mut line, mut filter) = (Self::default(), Vec::new());
        let mut rest = text.trim();
        while !rest.is_empty() {
            // A filter goes on to the end, as it does behind its own key.
            if let Some(text) = rest.strip_prefix('/').filter(|_| !line.word.is_empty()) {
                filter.push(text.trim().to_owned());
                break;
            }
            let (token, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            rest = after.trim_start();
            if line.word.is_empty() {
                token.clone_into(&mut line.word);
            } else if let Some(context) = token.strip_prefix('@') {
                if context.is_empty() || line.context.replace(context.to_owned()).is_some() {
                    line.fault = Some("one context can be named, as in @lke-prod".to_owned());
                }
            } else if token.contains('=') {
                // k9s takes several between commas.
                filter.extend(token.split(',').filter(|label| !label.is_empty()).map(str::to_owned));
            } else if line.name.replace(token.to_owned()).is_some() {
                line.fault = Some(format!("one name at most: what is {token}? A filter begins with /"));
            }
        }
        line.filter = filter.join(" ");
        line
    }
}

/// What a line could become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The line.
    pub line: String,
    /// What it is, or does.
    pub meaning: String,
}

/// How many candidates are kept.
const KEPT: usize = 50;

/// What the line could become, the likeliest first: what begins so, then what has a part that begins so, then what it means,
/// then what has these letters in their order.
pub fn candidates(model: &Model, text: &str) -> Vec<Candidate> {
    let text = text.trim_start();
    let (head, argument) = match text.split_once(' ') {
        Some((head, argument)) => (head, Some(argument.trim_start())),
        None => (text, None),
    };
    if let Some(context) = argument.and_then(|argument| argument.rsplit(' ').next()?.strip_prefix('@')) {
        let before = &text[..text.len() - context.len()];
        return ranked(
            context,
            contexts(model).into_iter().map(|(name, words)| (format!("{before}{name}"), name, words)),
        );
    }
    if argument.is_some()
        && let Some(verb @ (Verb::Who | Verb::Can | Verb::Compare)) = word(head).map(|word| word.verb)
    {
        let (before, typed, found) = rights::complete::candidates(model, verb, text);
        return ranked(typed, found.into_iter().map(|(name, words)| (format!("{before}{name}"), name, words)));
    }
    match argument {
        Some(argument) if argument.contains(' ') || argument.starts_with('/') => Vec::new(),
        Some(argument) => {
            let names = match word(head) {
                Some(word) => names(model, word.verb),
                // What lies in namespaces is looked for in one of them.
                None => match model.here.world.resources.meant(head) {
                    Some(meant) if meant.resource.namespaced => names(model, Verb::Namespaces),
                    _ => Vec::new(),
                },
            };
            ranked(argument, names.into_iter().map(|(name, words)| (format!("{head} {name}"), name, words)))
        }
        None => {
            let words = WORDS.iter().flat_map(|word| {
                let gap = if word.argument.is_empty() { "" } else { " " };
                let all = word.names.iter().enumerate();
                // Other names of a word are offered only where they are being typed.
                let offered = all.filter(|(at, name)| *at == 0 || (!head.is_empty() && name.starts_with(head)));
                offered.map(move |(_, name)| {
                    let meaning = format!("{}{gap}{}", word.argument, word.meaning);
                    ((*name).to_owned(), (*name).to_owned(), meaning)
                })
            });
            let small = small::ALL.iter().map(|small| {
                let gap = if small.argument.is_empty() { "" } else { " " };
                (small.word.to_owned(), small.word.to_owned(), format!("{}{gap}{}", small.argument, small.meaning))
            });
            let mut all: Vec<_> = words.chain(small).collect();
            if !head.is_empty() {
                all.extend(commands(model));
                all.extend(pins(model).into_iter().map(|(name, words)| (name.clone(), name, words)));
                all.extend(kinds(model, head));
                for (verb, prefix) in [
                    (Verb::Tenants, "tenants"),
                    (Verb::Namespaces, "ns"),
                    (Verb::Contexts, "ctx"),
                    (Verb::Subject, "subject"),
                ] {
                    let of = names(model, verb).into_iter();
                    all.extend(of.map(|(name, words)| (format!("{prefix} {name}"), name, words)));
                }
            }
            ranked(head, all)
        }
    }
}

/// The kinds that are listed by a name that begins so, by their plurals else; each with its group.
fn kinds(model: &Model, head: &str) -> Vec<(String, String, String)> {
    let resources = &model.here.world.resources;
    let all = resources.preferred().filter(|kind| kind.can("list") && word(&kind.plural).is_none());
    let lines = all.map(|kind| {
        let group = if kind.group.is_empty() { "core" } else { &kind.group };
        let called: Vec<&str> =
            std::iter::once(kind.kind.as_str()).chain(kind.short.iter().map(String::as_str)).collect();
        // Two kinds that are called alike are told apart by their groups.
        let is_first = resources.meant(&kind.plural).is_some_and(|meant| meant.resource == kind);
        let name = if is_first { kind.plural.clone() } else { kind.full_name() };
        let short = kind.short.iter().find(|short| is_first && short.starts_with(head) && word(short).is_none());
        let line = short.filter(|_| !name.starts_with(head)).cloned().unwrap_or(name);
        (line.clone(), line, format!("{group} · {}", called.join(", ")))
    });
    lines.collect()
}

/// The names that can stand behind a word, each with what it is.
fn names(model: &Model, verb: Verb) -> Vec<(String, String)> {
    let world = &model.here.world;
    match verb {
        Verb::Tenants | Verb::Pause(_) | Verb::Matrix => {
            let words = |name: &crate::world::name::Name| format!("tenant, {}", world.tenant_state(name).word());
            world.tenant_names().iter().map(|name| (name.to_string(), words(name))).collect()
        }
        Verb::Namespaces | Verb::Access | Verb::Bindings => {
            let words = |tenant: Option<&str>| match tenant {
                Some(tenant) => format!("namespace of {tenant}"),
                None => "namespace".to_owned(),
            };
            world.namespaces.iter().map(|row| (row.name.to_string(), words(row.tenant.as_deref()))).collect()
        }
        Verb::Contexts => contexts(model),
        Verb::Pin | Verb::Unpin => pins(model),
        Verb::As => {
            let named = subjects(model).filter_map(|subject| Some((Owner::of(&subject)?.spelt(), subject)));
            named.map(|(name, subject)| (quoted(&name), kind(&subject).to_owned())).collect()
        }
        Verb::Subject => {
            let all =
                world.bindings.iter().chain(world.cluster_bindings.iter()).flat_map(|binding| binding.subjects.iter());
            let told: BTreeSet<(String, &str)> = all.map(|subject| (subject.name(), kind(subject))).collect();
            told.into_iter().map(|(name, kind)| (name, kind.to_owned())).collect()
        }
        _ => Vec::new(),
    }
}

/// Everybody who is bound, or owns a tenant.
fn subjects(model: &Model) -> impl Iterator<Item = Subject> {
    let world = &model.here.world;
    let bindings = world.bindings.iter().chain(world.cluster_bindings.iter());
    let bound = bindings.flat_map(|binding| binding.subjects.iter());
    let owners = world.tenants.iter().flat_map(|tenant| tenant.owners.iter().map(|owner| &owner.subject));
    bound.chain(owners).cloned().collect::<BTreeSet<Subject>>().into_iter()
}

/// A name as one word.
fn quoted(name: &str) -> String {
    if name.contains(char::is_whitespace) { format!("\"{name}\"") } else { name.to_owned() }
}

fn kind(subject: &Subject) -> &'static str {
    match subject {
        Subject::User(_) => "user",
        Subject::Group(_) => "group",
        _ => "ServiceAccount",
    }
}

/// The pinned places that have names.
fn pins(model: &Model) -> Vec<(String, String)> {
    let named = model.places.pins.iter().filter(|(name, _)| name.starts_with(char::is_alphabetic));
    named.map(|(name, place)| (name.clone(), format!("pinned, {} @{}", place.words(), place.context))).collect()
}

fn contexts(model: &Model) -> Vec<(String, String)> {
    let words = |line: &crate::console::msg::ContextLine| format!("context, {} as {}", line.server, line.user);
    model.contexts.iter().map(|line| (line.name.clone(), words(line))).collect()
}

/// `(line, name, meaning)` by how well the name, or the meaning, fits what was typed.
fn ranked(typed: &str, all: impl IntoIterator<Item = (String, String, String)>) -> Vec<Candidate> {
    let typed = typed.to_lowercase();
    let mut fitting: Vec<(u8, usize, Candidate)> = all
        .into_iter()
        .filter_map(|(line, name, meaning)| {
            let rank = rank(&typed, &name.to_lowercase(), &meaning.to_lowercase())?;
            Some((rank, name.len(), Candidate { line, meaning }))
        })
        .collect();
    // Of two that fit alike the one that is nearer to its end; else they keep their order.
    fitting.sort_by_key(|(rank, length, _)| (*rank, if *rank == 0 { 0 } else { *length }));
    // Letters in their order are the last resort.
    if fitting.first().is_some_and(|(rank, ..)| *rank < LETTERS) {
        fitting.retain(|(rank, ..)| *rank < LETTERS);
    }
    fitting.truncate(KEPT);
    fitting.into_iter().map(|(.., candidate)| candidate).collect()
}

/// The rank of a name that has the letters in their order, and nothing better.
const LETTERS: u8 = 5;

/// How well a name fits: 0 is best. All in small letters.
fn rank(typed: &str, name: &str, meaning: &str) -> Option<u8> {
    let part = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|part| part.starts_with(typed));
    let letters = || {
        let mut letters = name.chars();
        typed.chars().count() > 1 && typed.chars().all(|wanted| letters.any(|letter| letter == wanted))
    };
    if typed.is_empty() {
        return Some(0);
    }
    match () {
        () if name == typed => Some(1),
        () if name.starts_with(typed) => Some(2),
        () if part(name) => Some(3),
        () if typed.len() > 2 && part(meaning) => Some(4),
        () if letters() => Some(LETTERS),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_read_as_k9s_reads_them() {
        let line = Line::read("ns oil-web /web !db team=red");
        assert_eq!((line.word.as_str(), line.name.as_deref()), ("ns", Some("oil-web")));
        assert_eq!(line.filter, "web !db team=red");
        let line = Line::read("  tenants  team=red,tier=gold   @lke-prod  /oil ");
        assert_eq!((line.filter.as_str(), line.context.as_deref()), ("team=red tier=gold oil", Some("lke-prod")));
        assert!(Line::read("ns a b").fault.is_some() && Line::read("ns @a @b").fault.is_some());
        assert_eq!(Line::read("  "), Line::default());
    }

    #[test]
    fn words_are_unique() {
        let small = small::ALL.iter().map(|small| small.word);
        let names: Vec<&str> = WORDS.iter().flat_map(|word| word.names.iter().copied()).chain(small).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn what_begins_so_goes_before_what_means_so() {
        let all = [
            ("oil", "tenant"),
            ("oil-web", "namespace of oil"),
            ("foil", "tenant"),
            ("web", "of oil"),
            ("orbital", "x"),
        ];
        let all = all.map(|(name, meaning)| (name.to_owned(), name.to_owned(), meaning.to_owned()));
        let found: Vec<String> = ranked("oil", all).into_iter().map(|candidate| candidate.line).collect();
        assert_eq!(found, ["oil", "oil-web", "web"]);
    }

    #[test]
    fn letters_in_their_order_are_the_last_resort() {
        let all =
            [("oil-web", "x"), ("gas", "x")].map(|(name, words)| (name.to_owned(), name.to_owned(), words.to_owned()));
        assert_eq!(ranked("owb", all).len(), 1);
    }

    proptest! {
        #[test]
        fn reading_is_total(text in "\\PC{0,60}") {
            let line = Line::read(&text);
            prop_assert!(line.name.is_none() || !line.word.is_empty());
        }
    }
}
