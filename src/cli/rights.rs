//! What the questions about rights have in common: where, by what was read, asked again of the server.

use std::io::{self, IsTerminal as _, Write as _};

use clap::Args;
use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use super::TargetArgs;
use super::work::{Bench, complain};
use crate::cluster::{read, review};
use crate::config::memory;
use crate::config::paths::Paths;
use crate::world::World;
use crate::world::binding::Subject;
use crate::world::grant::Reach;
use crate::world::maker::Maker;
use crate::world::name::Name;
use crate::world::rights::chain::{Chain, binding_words};
use crate::world::rights::person::Person;
use crate::world::rights::question::{Question, Where};
use crate::world::rights::rule::Rule;
use crate::world::rights::{Blind, Unsure};
use crate::world::trouble::{Trouble, TroubleKind};

/// Where.
#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// In all namespaces, each looked at by itself
    #[arg(short = 'A', long, conflicts_with_all = ["namespace", "tenant"])]
    all_namespaces: bool,
    /// In the namespaces of this tenant
    #[arg(long, value_name = "TENANT", conflicts_with = "namespace")]
    tenant: Option<String>,
}

impl PlaceArgs {
    /// The place that is meant: without a word about it the namespace in force.
    pub fn place(&self, bench: &Bench, world: &World) -> Result<Where, Trouble> {
        match &self.tenant {
            Some(tenant) => tenant_place(world, tenant),
            None if self.all_namespaces => Ok(Where::Everywhere),
            None => Ok(Where::Namespace(bench.gate.place().namespace.as_str().into())),
        }
    }
}

/// The namespaces of a tenant that is there.
pub fn tenant_place(world: &World, tenant: &str) -> Result<Where, Trouble> {
    let name: Name = tenant.into();
    if world.tenants.get(&name).is_none() && world.namespaces_of(tenant).next().is_none() {
        let trouble = Trouble::new(TroubleKind::NotFound, format!("there is no tenant {tenant}"));
        return Err(match world.tenants.sources().refused() {
            None => trouble,
            Some(why) => Trouble::new(TroubleKind::NotFound, format!("nothing can be seen of a tenant {tenant}"))
                .advise(format!("{}; -n names a namespace of it", why.what)),
        });
    }
    Ok(Where::Tenant(name))
}

/// How long a silent wait may be.
const SILENCE: Duration = Duration::from_millis(500);

/// Reads all that rights follow from. Somebody who waits at a terminal sees how far it is.
pub async fn read(target: &TargetArgs, paths: &Paths) -> Result<(Bench, World), Trouble> {
    let bench = Bench::open(target, paths).await?;
    let place = bench.gate.place();
    let mut known: Vec<Name> =
        memory::recall(&paths.memory(), &place.server).iter().map(|name| name.as_str().into()).collect();
    known.push(place.namespace.as_str().into());
    known.sort();
    known.dedup();
    let (begun, mut said) = (Instant::now(), Instant::now());
    let shows = io::stderr().is_terminal();
    let mut line = String::new();
    let now = jiff::Timestamp::now().as_second();
    let world = read::rights(&bench.gate, &known, now, |world| {
        if shows && begun.elapsed() > SILENCE && said.elapsed() > SILENCE / 5 {
            said = Instant::now();
            line = format!(
                "reading: {} namespaces, {} bindings, {} roles",
                world.namespaces.len(),
                world.bindings.len() + world.cluster_bindings.len(),
                world.roles.len() + world.cluster_roles.len()
            );
            let _ = write!(io::stderr(), "\r{line}");
            let _ = io::stderr().flush();
        }
    });
    let world = Box::pin(world).await;
    if !line.is_empty() {
        let _ = write!(io::stderr(), "\r{}\r", " ".repeat(line.len() + 8));
    }
    Ok((bench, world))
}

/// Says on standard error what an answer lacks.
pub fn say_what_lacks(blind: &[Blind], unsure: &[Unsure]) {
    for blind in blind {
        complain(&blind.words());
    }
    const SHOWN: usize = 5;
    for unsure in unsure.iter().take(SHOWN) {
        complain(&unsure.words());
    }
    if unsure.len() > SHOWN {
        complain(&format!("and {} more bindings name roles that cannot be read", unsure.len() - SHOWN));
    }
}

/// A subject for programs.
pub fn subject_json(subject: &Subject) -> Value {
    let [kind, name, namespace] = subject_cells(subject);
    json!({"kind": kind, "name": name, "namespace": (!namespace.is_empty()).then_some(namespace)})
}

/// Kind, name and namespace of a subject.
pub fn subject_cells(subject: &Subject) -> [String; 3] {
    match subject {
        Subject::User(name) => ["User".to_owned(), name.to_string(), String::new()],
        Subject::Group(name) => ["Group".to_owned(), name.to_string(), String::new()],
        Subject::ServiceAccount { namespace, name } => {
            ["ServiceAccount".to_owned(), name.to_string(), namespace.to_string()]
        }
        Subject::Other { kind, name } => [kind.to_string(), name.to_string(), String::new()],
    }
}

/// Where one binding holds: a namespace, or `cluster`.
pub fn scope(chain: &Chain) -> String {
    chain.binding.0.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string)
}

/// The group by which somebody is bound, unless that group is who is asked about.
fn via<'a>(subject: &Subject, chain: &'a Chain) -> Option<&'a Name> {
    chain.via().filter(|group| !matches!(subject, Subject::Group(name) if name == *group))
}

/// Names for programs.
pub fn names_json(names: &[Name]) -> Value {
    names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().into()
}

/// One line of reasons for programs: the subject asked about, and the chain from it to the rule.
pub fn chain_json(subject: &Subject, chain: &Chain, world: &World) -> Value {
    json!({
        "subject": subject_json(subject),
        "scope": scope(chain),
        "binding": {
            "kind": if chain.binding.0.is_some() { "RoleBinding" } else { "ClusterRoleBinding" },
            "namespace": chain.binding.0.as_deref(),
            "name": &*chain.binding.1,
            "madeBy": chain.maker.as_ref().map(Maker::words),
        },
        "role": {"kind": chain.role.kind(), "name": &*chain.role.name, "from": names_json(&chain.origin(world))},
        "via": via(subject, chain).map(AsRef::as_ref),
        "rule": chain.rule().map(Rule::words),
    })
}

/// The titles of [`chain_cells`].
pub const CHAIN_TITLES: [&str; 8] = ["kind", "name", "namespace", "scope", "binding", "role", "via", "rule"];

/// The same for tables.
pub fn chain_cells(subject: &Subject, chain: &Chain) -> Vec<String> {
    let mut cells = subject_cells(subject).to_vec();
    cells.push(scope(chain));
    cells.push(chain.binding.1.to_string());
    cells.push(format!("{}/{}", chain.role.kind(), chain.role.name));
    cells.push(via(subject, chain).map(ToString::to_string).unwrap_or_default());
    cells.push(chain.rule().map(Rule::words).unwrap_or_default());
    cells
}

/// The roles and the bindings of several chains, in few words: `admin`, `RoleBinding oil-web/devs (+2)`.
pub fn summary(chains: &[Chain]) -> (String, String) {
    let mut roles: Vec<&str> = chains.iter().map(|chain| &*chain.role.name).collect();
    roles.sort_unstable();
    roles.dedup();
    let more = if chains.len() > 1 { format!(" (+{})", chains.len() - 1) } else { String::new() };
    let binding = chains.first().map(|chain| binding_words(&chain.binding));
    (roles.join(", "), binding.unwrap_or_default() + &more)
}

/// How many questions are put to the server at once, and how many in all.
const AT_ONCE: usize = 16;
const AT_MOST: usize = 1_000;

/// What the server says to what RBAC seems to say.
#[derive(Debug, Default)]
pub struct Asked {
    /// How often it says the same.
    pub agrees: usize,
    /// How often it says yes.
    pub allows: usize,
    /// Where it does not say the same, in sentences.
    pub differs: Vec<String>,
    /// What was too much to be asked.
    pub left: usize,
}

impl Asked {
    /// In sentences.
    pub fn words(&self) -> Vec<String> {
        let mut lines = self.differs.clone();
        let left = if self.left == 0 { String::new() } else { format!("; {} more were not asked about", self.left) };
        let of = self.agrees + self.differs.len();
        lines.push(format!("the server was asked, and agrees {} times of {of}{left}", self.agrees));
        lines
    }

    /// Whether it lets everything be done that was asked about.
    pub const fn is_yes(&self) -> bool {
        self.left == 0 && self.allows == self.agrees + self.differs.len()
    }
}

/// Somebody (`None`: we), and where RBAC seems to let him.
pub type Case = (Option<Person>, Option<Reach>);

/// Asks the server about each, in each namespace of the place: whether it says what RBAC seems to say.
pub async fn ask(bench: &Bench, world: &World, question: &Question, people: &[Case]) -> Result<Asked, Trouble> {
    let namespaces = match question.place {
        Where::Cluster => vec![Name::from("")],
        _ => question.place.namespaces(world),
    };
    let cases: Vec<(Option<&Person>, &Name, bool)> = people
        .iter()
        .flat_map(|(person, reach)| {
            namespaces.iter().map(move |namespace| {
                let said = match reach {
                    None => false,
                    Some(Reach::Cluster) => true,
                    Some(Reach::Namespaces(names)) => names.contains(namespace),
                };
                (person.as_ref(), namespace, said)
            })
        })
        .collect();
    let mut asked = Asked { left: cases.len().saturating_sub(AT_MOST), ..Asked::default() };
    let answers = stream::iter(cases.into_iter().take(AT_MOST))
        .map(|(person, namespace, said)| async move {
            let answer = review::allowed(&bench.gate, person, &question.attributes(namespace)).await;
            (person, namespace, said, answer)
        })
        .buffered(AT_ONCE)
        .collect::<Vec<_>>();
    for (person, namespace, said, answer) in answers.await {
        let allows = answer?;
        asked.allows += usize::from(allows);
        if allows == said {
            asked.agrees += 1;
            continue;
        }
        let who = person.map_or_else(|| "us".to_owned(), Person::words);
        let place = if namespace.is_empty() { String::new() } else { format!(" in {namespace}") };
        let (lets, doing) = (if allows { "lets" } else { "does not let" }, question.object.words());
        let other = if allows { "what could be read of RBAC does not" } else { "RBAC would" };
        asked.differs.push(format!("the server {lets} {who} {} {doing}{place}: {other}", question.verb));
    }
    Ok(asked)
}
