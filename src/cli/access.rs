//! `tenantry access`: who has what in a tenant.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value, json};

use super::TargetArgs;
use super::output::{Listing, csv, table};
use super::rights;
use super::work::fail;
use crate::config::paths::Paths;
use crate::text::clean::clean;
use crate::world::World;
use crate::world::binding::Key;
use crate::world::grant::{self, Grant, Reach};
use crate::world::maker::Maker;
use crate::world::name::Name;
use crate::world::rights::chain::binding_words;
use crate::world::rights::matrix::{Capability, Level, Matrix, Row};
use crate::world::rights::question::Where;
use crate::world::rights::risk::Risk;
use crate::world::rights::rule::Rule;
use crate::world::trouble::Trouble;

/// Arguments of `access`.
#[derive(Debug, Args)]
pub struct AccessArgs {
    /// The tenant
    #[arg(value_name = "TENANT")]
    tenant: String,
    /// What people may do instead of which roles they have: read, write, see Secrets, get into containers, hand out rights, move
    /// limits, delete namespaces
    #[arg(long, conflicts_with = "risks")]
    matrix: bool,
    /// What should be looked at, the worst first; also what is meant to be so
    #[arg(long)]
    risks: bool,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Listing::Text)]
    output: Listing,
}

/// Answers.
pub async fn run(target: &TargetArgs, args: &AccessArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let read = async {
        let (_, world) = rights::read(target, paths).await?;
        let place = rights::tenant_place(&world, &args.tenant)?;
        Ok::<_, Trouble>((world, place))
    };
    let (world, place) = match read.await {
        Ok(read) => read,
        Err(trouble) => return Ok(fail(&trouble, 1)),
    };
    let tenant: Name = args.tenant.as_str().into();
    let text = if args.matrix {
        let matrix = world.rights().matrix(&tenant, false);
        matrix_text(args.output, &matrix)
    } else if args.risks {
        risks_text(args.output, &world.rights().risks(&place), place.namespaces(&world).len())
    } else {
        grants_text(args.output, &world, &place)
    };
    super::print(&text)?;
    rights::say_what_lacks(&world.rights().blind(&place), &[]);
    Ok(ExitCode::SUCCESS)
}

fn maker(world: &World, bindings: &[Key]) -> String {
    let mut makers: Vec<String> =
        bindings.iter().filter_map(|key| world.binding(key)?.maker.as_ref().map(Maker::words)).collect();
    makers.sort();
    makers.dedup();
    makers.join(", ")
}

fn scope(reach: &Reach) -> Value {
    match reach {
        Reach::Cluster => json!(["cluster"]),
        Reach::Namespaces(names) => rights::names_json(names),
    }
}

fn grants_text(output: Listing, world: &World, place: &Where) -> String {
    let namespaces = place.namespaces(world);
    let grants = grant::of_people(world, &namespaces);
    let role = |grant: &Grant| {
        let missing = if grant.missing_role { " (there is none)" } else { "" };
        format!("{}{missing}", grant.role.name)
    };
    match output {
        Listing::Json => {
            let one = |grant: &Grant| {
                let binding = |key: &Key| {
                    let maker = world.binding(key).and_then(|binding| binding.maker.as_ref()).map(Maker::words);
                    json!({"namespace": key.0.as_deref(), "name": &*key.1, "madeBy": maker})
                };
                json!({
                    "subject": rights::subject_json(&grant.subject),
                    "scope": scope(&grant.reach),
                    "binding": grant.bindings.iter().map(binding).collect::<Vec<_>>(),
                    "role": {"kind": grant.role.kind(), "name": &*grant.role.name, "missing": grant.missing_role},
                    "via": Value::Null,
                    "origin": grant.origin.word(),
                })
            };
            format!("{}\n", Value::Array(grants.iter().map(one).collect()))
        }
        Listing::Csv => {
            let mut rows = Vec::new();
            for grant in &grants {
                for key in &grant.bindings {
                    let mut row = rights::subject_cells(&grant.subject).to_vec();
                    row.push(key.0.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string));
                    row.extend([key.1.to_string(), format!("{}/{}", grant.role.kind(), grant.role.name)]);
                    row.extend([grant.origin.word().to_owned(), maker(world, std::slice::from_ref(key))]);
                    rows.push(row);
                }
            }
            csv(&["kind", "name", "namespace", "scope", "binding", "role", "origin", "made by"], &rows)
        }
        Listing::Text => {
            let row = |grant: &Grant| {
                vec![
                    grant.subject.kind().to_owned(),
                    grant.subject.name(),
                    role(grant),
                    grant.reach.words(namespaces.len()),
                    grant.origin.word().to_owned(),
                    maker(world, &grant.bindings),
                ]
            };
            let rows: Vec<Vec<String>> = grants.iter().map(row).collect();
            let mut out = table(&["KIND", "NAME", "ROLE", "WHERE", "BY", "MADE BY"], &rows);
            let risks = world.rights().risks(place);
            let unexpected: Vec<Risk> = risks.into_iter().filter(|risk| !risk.expected).collect();
            if !unexpected.is_empty() {
                out.push_str("\nto be looked at:\n");
                out.push_str(&risks_text(Listing::Text, &unexpected, namespaces.len()));
            }
            out
        }
    }
}

fn matrix_text(output: Listing, matrix: &Matrix) -> String {
    let cell = |row: &Row, capability| match matrix.level(row, capability) {
        Level::All => "all".to_owned(),
        Level::Some(n) => format!("{n} of {}", matrix.namespaces.len()),
        Level::None => "-".to_owned(),
    };
    let words = Capability::ALL.map(Capability::word);
    match output {
        Listing::Json => {
            let one = |row: &Row| {
                let cells: Map<String, Value> = Capability::ALL
                    .into_iter()
                    .map(|capability| (capability.word().to_owned(), rights::names_json(row.cell(capability))))
                    .collect();
                json!({"subject": rights::subject_json(&row.subject), "unsure": row.unsure, "namespaces": cells})
            };
            format!("{}\n", Value::Array(matrix.rows.iter().map(one).collect()))
        }
        Listing::Csv => {
            let row = |row: &Row| {
                let mut cells = rights::subject_cells(&row.subject).to_vec();
                cells.extend(Capability::ALL.map(|capability| row.cell(capability).len().to_string()));
                cells.push(matrix.namespaces.len().to_string());
                cells
            };
            let titles: Vec<&str> = ["kind", "name", "namespace"].into_iter().chain(words).chain(["of"]).collect();
            csv(&titles, &matrix.rows.iter().map(row).collect::<Vec<_>>())
        }
        Listing::Text => {
            let row = |row: &Row| {
                let mut cells = vec![row.subject.kind().to_owned(), row.subject.name()];
                cells.extend(Capability::ALL.map(|capability| cell(row, capability)));
                if row.unsure {
                    cells.push("perhaps more: a role cannot be read".to_owned());
                }
                cells
            };
            let titles: Vec<String> =
                ["KIND", "NAME"].into_iter().chain(words).chain([""]).map(str::to_uppercase).collect();
            let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
            let head = format!("what people may do in tenant {}, as RBAC has it\n", clean(&matrix.tenant));
            head + &table(&titles, &matrix.rows.iter().map(row).collect::<Vec<_>>())
        }
    }
}

fn risks_text(output: Listing, risks: &[Risk], of: usize) -> String {
    match output {
        Listing::Json => {
            let one = |risk: &Risk| {
                let binding = |key: &Key| json!({"namespace": key.0.as_deref(), "name": &*key.1});
                json!({
                    "severity": risk.severity.word(),
                    "what": risk.words(),
                    "subject": rights::subject_json(&risk.subject),
                    "scope": scope(&risk.reach),
                    "binding": risk.bindings.iter().map(binding).collect::<Vec<_>>(),
                    "role": {"kind": risk.role.kind(), "name": &*risk.role.name},
                    "rule": risk.rule.as_ref().map(Rule::words),
                    "expected": risk.expected,
                })
            };
            format!("{}\n", Value::Array(risks.iter().map(one).collect()))
        }
        Listing::Csv => {
            let row = |risk: &Risk| {
                let mut cells = vec![risk.severity.word().to_owned(), risk.words()];
                cells.extend(rights::subject_cells(&risk.subject));
                cells.extend([risk.reach.words(of), format!("{}/{}", risk.role.kind(), risk.role.name)]);
                cells.push(if risk.expected { "expected" } else { "" }.to_owned());
                cells
            };
            let titles = ["severity", "what", "kind", "name", "namespace", "scope", "role", "expected"];
            csv(&titles, &risks.iter().map(row).collect::<Vec<_>>())
        }
        Listing::Text => {
            let row = |risk: &Risk| {
                let by = risk.bindings.first().map(binding_words).unwrap_or_default();
                let more =
                    if risk.bindings.len() > 1 { format!(" (+{})", risk.bindings.len() - 1) } else { String::new() };
                let meant = if risk.expected { " (as owner)" } else { "" };
                vec![risk.severity.word().to_owned(), risk.words() + meant, risk.role.name.to_string(), by + &more]
            };
            table(&["SEVERITY", "WHAT", "ROLE", "BY"], &risks.iter().map(row).collect::<Vec<_>>())
        }
    }
}
