//! `tenantry can`: may somebody do something? Or all that he may do.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::TargetArgs;
use super::output::{Listing, csv, table};
use super::rights::{self, PlaceArgs};
use super::work::{complain, fail};
use crate::config::paths::Paths;
use crate::plan::owner::Owner;
use crate::text::clean::clean;
use crate::world::World;
use crate::world::binding::Subject;
use crate::world::grant::Reach;
use crate::world::name::Name;
use crate::world::rights::can::{Answer, Can};
use crate::world::rights::held::{Held, Holding};
use crate::world::rights::index::one;
use crate::world::rights::person::Person;
use crate::world::rights::question::Question;
use crate::world::trouble::{Trouble, TroubleKind};

/// Arguments of `can`.
#[derive(Debug, Args)]
pub struct CanArgs {
    /// Who: alice, user:NAME, group:NAME, sa:NAMESPACE/NAME; `me`
    #[arg(value_name = "SUBJECT")]
    subject: String,
    /// Such as get, list, create, delete; for a path the method. Without it all that he may do is told
    #[arg(value_name = "VERB", requires = "what")]
    verb: Option<String>,
    // Brackets would be a link to rustdoc.
    #[arg(
        help = "RESOURCE[.GROUP][/SUBRESOURCE] as kubectl has it, RESOURCE/NAME, or a path such as /healthz",
        value_name = "RESOURCE"
    )]
    what: Option<String>,
    /// One object
    #[arg(value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
    /// He is in this group, too (can be repeated); RBAC knows no memberships but those that the server adds by itself
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
    /// Ask the server, too, whose word decides (SubjectAccessReview: not everybody may; of `me` everybody may)
    #[arg(long, requires = "verb")]
    ask: bool,
    /// The form of the answer; json and csv have a line for each binding, or for each thing that he may do something with
    #[arg(short, long, value_enum, default_value_t = Listing::Text)]
    output: Listing,
}

/// Answers.
pub async fn run(target: &TargetArgs, args: &CanArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    match answer(target, args, paths).await {
        Ok((text, code)) => {
            super::print(&text)?;
            Ok(code)
        }
        Err(trouble) => Ok(fail(&trouble, 2)),
    }
}

async fn answer(target: &TargetArgs, args: &CanArgs, paths: &Paths) -> Result<(String, ExitCode), Trouble> {
    let subject = match args.subject.as_str() {
        "me" => None,
        text => {
            let owner = Owner::read(text).map_err(|words| Trouble::new(TroubleKind::Invalid, words))?;
            Some(owner.as_subject())
        }
    };
    let (bench, world) = rights::read(target, paths).await?;
    let (subject, person) = match (subject, &world.identity) {
        (Some(subject), _) => {
            let person = Person::known(&world, &subject);
            (subject, person)
        }
        (None, Some(me)) => (one(&Subject::User(me.username.as_str().into())).into_owned(), Person::me(me)),
        (None, None) => {
            let words = "the server does not say who we are";
            return Err(world.identity_refused.clone().unwrap_or_else(|| Trouble::new(TroubleKind::Other, words)));
        }
    };
    let person = person.with(args.groups.iter().map(|group| group.as_str().into()));
    if !person.assumed.is_empty() {
        let groups: Vec<&str> = person.assumed.iter().map(AsRef::as_ref).collect();
        complain(&format!("taken to be in {}, as an owner of a tenant has to be", groups.join(", ")));
    }
    let place = args.place.place(&bench, &world)?;
    let (Some(verb), Some(what)) = (&args.verb, &args.what) else {
        let holding = world.rights().held(&person, &place);
        rights::say_what_lacks(&holding.blind, &holding.unsure);
        return Ok((listed(args.output, &person, &place.words(), &holding), ExitCode::SUCCESS));
    };
    let question = super::who_can::read(&world, verb, what, args.name.as_deref(), place)?;
    let can = world.rights().can(&person, &question);
    rights::say_what_lacks(&can.blind, &can.unsure);
    let mut asked = None;
    if args.ask {
        // About oneself everybody may ask.
        let other = (args.subject != "me").then(|| person.clone());
        let answer = rights::ask(&bench, &world, &question, &[(other, can.reach.clone())]).await?;
        answer.words().iter().for_each(|line| complain(line));
        asked = Some(answer);
    }
    let text = match args.output {
        Listing::Json => {
            let all: Vec<Value> = can.chains.iter().map(|chain| rights::chain_json(&subject, chain, &world)).collect();
            format!("{}\n", Value::Array(all))
        }
        Listing::Csv => {
            let rows: Vec<Vec<String>> = can.chains.iter().map(|chain| rights::chain_cells(&subject, chain)).collect();
            csv(&rights::CHAIN_TITLES, &rows)
        }
        Listing::Text => for_people(&world, &subject, &question, &can),
    };
    // Where the server was asked its word counts.
    let code = match (&asked, can.answer()) {
        (Some(asked), _) => u8::from(!asked.is_yes()),
        (None, Answer::Yes) => 0,
        (None, Answer::Somewhere | Answer::No) => 1,
        (None, Answer::Unknown) => 2,
    };
    Ok((text, ExitCode::from(code)))
}

fn for_people(world: &World, subject: &Subject, question: &Question, can: &Can) -> String {
    let does = format!("{} {}", question.verb, question.object.words());
    let place = question.place.words();
    let mut lines = vec![match (can.answer(), &can.reach) {
        (Answer::Yes, Some(Reach::Cluster)) if can.bypasses => {
            format!("yes: {subject} is in system:masters, and may do everything, whatever bindings say")
        }
        (Answer::Yes, _) => format!("yes: {subject} may {does} {place}, as RBAC has it"),
        (Answer::Somewhere, Some(Reach::Namespaces(names))) => {
            let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
            format!(
                "in {} of {} namespaces: {subject} may {does} in {}, as RBAC has it",
                names.len(),
                can.of,
                names.join(", ")
            )
        }
        (Answer::Unknown, _) => format!("not known: not all could be read of what lets {subject} {does} {place}"),
        _ => format!("no: RBAC does not let {subject} {does} {place}"),
    }];
    lines.extend(can.chains.iter().map(|chain| format!("    {}", chain.words(&subject.name(), world))));
    lines.extend(can.narrowed.filter(|_| can.reach.is_some()).map(str::to_owned));
    lines.iter().map(|line| clean(line).into_owned() + "\n").collect()
}

fn listed(output: Listing, person: &Person, place: &str, holding: &Holding) -> String {
    let scope = |reach: &Reach| match reach {
        Reach::Cluster => vec!["cluster".to_owned()],
        Reach::Namespaces(names) => names.iter().map(ToString::to_string).collect(),
    };
    match output {
        Listing::Json => {
            let one = |held: &Held| json!({"on": held.on.words(), "verbs": rights::names_json(&held.verbs), "scope": scope(&held.reach)});
            let mut all: Vec<Value> = holding.held.iter().map(one).collect();
            if holding.bypasses {
                all.insert(0, json!({"on": "*", "verbs": ["*"], "scope": ["cluster"]}));
            }
            format!("{}\n", Value::Array(all))
        }
        Listing::Csv => {
            let row = |held: &Held| vec![held.on.words(), join(&held.verbs), scope(&held.reach).join(" ")];
            csv(&["on", "verbs", "scope"], &holding.held.iter().map(row).collect::<Vec<_>>())
        }
        Listing::Text if holding.bypasses => {
            format!("{} is in system:masters, and may do everything, whatever bindings say\n", clean(&person.words()))
        }
        Listing::Text => {
            let row = |held: &Held| {
                let (roles, binding) = rights::summary(&held.chains);
                vec![held.on.words(), join(&held.verbs), held.reach.words(holding.of), roles, binding]
            };
            let rows: Vec<Vec<String>> = holding.held.iter().map(row).collect();
            let head = format!("what {} may do {place}, as RBAC has it\n", clean(&person.words()));
            head + &table(&["WHAT", "VERBS", "WHERE", "ROLE", "BY"], &rows)
        }
    }
}

fn join(names: &[Name]) -> String {
    names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(" ")
}
