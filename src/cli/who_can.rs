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
use crate::world::rights::person::Person;
use crate::world::rights::question::{Question, Where};
use crate::world::rights::who::{Holder, Who};
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
    let answered = async {
        let (bench, world) = rights::read(target, paths).await?;
        let place = args.place.place(&bench, &world)?;
        let question = read(&world, &args.verb, &args.what, args.name.as_deref(), place)?;
        let who = world.rights().who(&question);
        let mut asked = None;
        if args.ask {
            let people: Vec<_> = who
                .holders
                .iter()
                .map(|holder| (Some(Person::of(&holder.subject)), Some(holder.reach.clone())))
                .collect();
            asked = Some(rights::ask(&bench, &world, &question, &people).await?);
        }
        Ok::<_, Trouble>((world, question, who, asked))
    };
    let (world, question, who, asked) = match answered.await {
        Ok(answered) => answered,
        Err(trouble) => return Ok(fail(&trouble, 2)),
    };
    let text = match args.output {
        Listing::Json => {
            let all: Vec<Value> =
                lines(&who).map(|(subject, chain)| rights::chain_json(subject, chain, &world)).collect();
            format!("{}\n", Value::Array(all))
        }
        Listing::Csv => {
            let rows: Vec<Vec<String>> =
                lines(&who).map(|(subject, chain)| rights::chain_cells(subject, chain)).collect();
            csv(&rights::CHAIN_TITLES, &rows)
        }
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

fn lines(who: &Who) -> impl Iterator<Item = (&Subject, &Chain)> {
    who.holders.iter().flat_map(|holder| holder.chains.iter().map(move |chain| (&holder.subject, chain)))
}

fn for_people(world: &World, question: &Question, who: &Who, why: bool) -> String {
    let mut out = format!("{} may {}, as RBAC has it\n", how_many(who.holders.len()), question.words());
    if !why && !who.holders.is_empty() {
        let row = |holder: &Holder| {
            let (roles, binding) = rights::summary(&holder.chains);
            vec![holder.subject.kind().to_owned(), holder.subject.name(), holder.reach.words(who.of), roles, binding]
        };
        let rows: Vec<Vec<String>> = who.holders.iter().map(row).collect();
        out.push_str(&table(&["KIND", "NAME", "WHERE", "ROLE", "BY"], &rows));
    }
    for holder in who.holders.iter().filter(|_| why) {
        out.extend([&*clean(&holder.subject.to_string()), "  ", &holder.reach.words(who.of), "\n"]);
        for chain in &holder.chains {
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
