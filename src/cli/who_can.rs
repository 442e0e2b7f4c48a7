//! `tenantry who-can`: who may do something, and why.

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::TargetArgs;
use super::output::{Listing, csv, table};
use super::rights::{self, PlaceArgs};
use super::work::{complain, fail};
use crate::config::paths::Paths;
use crate::text::clean::clean;
use crate::world::World;
use crate::world::binding::Subject;
use crate::world::rights::chain::Chain;
use crate::world::rights::holders::Holder;
use crate::world::rights::person::Person;
use crate::world::rights::question::{Question, Where};
use crate::world::rights::who::Who;
use crate::world::trouble::{Trouble, TroubleKind};

/// Arguments of `who-can`.
#[derive(Debug, Args)]
pub struct WhoCanArgs {
    /// Such as get, list, create, delete; for a path the method
    #[arg(value_name = "VERB")]
    verb: String,
    // Brackets would be a link to rustdoc.
    #[arg(
        help = "RESOURCE[.GROUP][/SUBRESOURCE] as kubectl has it, RESOURCE/NAME, or a path such as /healthz",
        value_name = "RESOURCE"
    )]
    what: String,
    /// One object
    #[arg(value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
    /// Tell every binding, with the way from the subject to the rule
    #[arg(long)]
    why: bool,
    /// Ask the server, too (SubjectAccessReview; not everybody may)
    #[arg(long)]
    ask: bool,
    /// The form of the answer; json and csv have a line for each binding
    #[arg(short, long, value_enum, default_value_t = Listing::Text)]
    output: Listing,
}

/// Answers.
pub async fn run(target: &TargetArgs, args: &WhoCanArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let read = async {
        let (bench, world) = rights::read(target, paths).await?;
        let place = args.place.place(&bench, &world)?;
        let question = read(&world, &args.verb, &args.what, args.name.as_deref(), place)?;
        Ok::<_, Trouble>((bench, world, question))
    };
    let (bench, world, question) = match read.await {
        Ok(read) => read,
        Err(trouble) => return Ok(fail(&trouble, 2)),
    };
    let held = world.rights();
    let who = held.who(&question);
    let mut asked = None;
    if args.ask {
        let case = |holder: Holder<'_>| (Some(Person::of(holder.subject)), Some(holder.ways().reach.clone()));
        let people: Vec<_> = who.holders.each().map(case).collect();
        asked = match rights::ask(&bench, &world, &question, &people).await {
            Ok(asked) => Some(asked),
            Err(trouble) => return Ok(fail(&trouble, 2)),
        };
    }
    let text = match args.output {
        Listing::Json => {
            let all = lines(&who, |subject, chain| rights::chain_json(subject, chain, &world));
            format!("{}\n", Value::Array(all))
        }
        Listing::Csv => csv(&rights::CHAIN_TITLES, &lines(&who, rights::chain_cells)),
        Listing::Text => for_people(&world, &question, &who, args.why),
    };
    super::print(&text)?;
    for line in asked.iter().flat_map(rights::Asked::words) {
        complain(&line);
    }
    rights::say_what_lacks(&who.blind, &who.unsure);
    Ok(ExitCode::SUCCESS)
}

/// A question as it is typed, with the server's kinds.
pub fn read(world: &World, verb: &str, what: &str, name: Option<&str>, place: Where) -> Result<Question, Trouble> {
    Question::read(&world.resources, verb, what, name, place).map_err(|words| Trouble::new(TroubleKind::Invalid, words))
}

/// A line for each way of each.
fn lines<L>(who: &Who<'_>, line: impl Fn(&Subject, &Chain) -> L) -> Vec<L> {
    let mut lines = Vec::new();
    for holder in who.holders.each() {
        lines.extend(holder.ways().chains.iter().map(|chain| line(holder.subject, chain)));
    }
    lines
}

fn for_people(world: &World, question: &Question, who: &Who<'_>, why: bool) -> String {
    let mut out = format!("{} may {}, as RBAC has it\n", how_many(who.holders.len()), question.words());
    if !why && !who.holders.is_empty() {
        let row = |holder: Holder<'_>| {
            let ways = holder.ways();
            let (roles, binding) = rights::summary(&ways.chains);
            vec![holder.subject.kind().to_owned(), holder.subject.name(), ways.reach.words(who.of), roles, binding]
        };
        let rows: Vec<Vec<String>> = who.holders.each().map(row).collect();
        out.push_str(&table(&["KIND", "NAME", "WHERE", "ROLE", "BY"], &rows));
    }
    for holder in who.holders.each().filter(|_| why) {
        let ways = holder.ways();
        out.extend([&*clean(&holder.subject.to_string()), "  ", &ways.reach.words(who.of), "\n"]);
        for chain in &ways.chains {
            out.extend(["    ", &*clean(&chain.links(world).join(" > ")), "\n"]);
        }
    }
    out.push_str(&Who::bypass());
    out.push('\n');
    out.extend(who.narrowed.iter().flat_map(|words| [*words, "\n"]));
    out
}

fn how_many(count: usize) -> String {
    match count {
        0 => "nobody".to_owned(),
        1 => "1 subject".to_owned(),
        n => format!("{n} subjects"),
    }
}
