//! `tenantry leftovers`: what tenants have left behind.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::TargetArgs;
use super::output::Output;
use super::work::{Bench, carry_out, fail};
use crate::apply::delete::{self, Asked};
use crate::apply::leftovers::{Found, find};
use crate::apply::work::Kinds;
use crate::config::paths::Paths;
use crate::journal::export;
use crate::plan::{ObjectRef, Propagation};
use crate::text::clean::clean;
use crate::world::trouble::{Trouble, TroubleKind};

/// Arguments of `leftovers`.
#[derive(Debug, Args)]
pub struct LeftoversArgs {
    /// Delete this one, as it is listed: `ClusterRole/NAME`, `RoleBinding/NAMESPACE/NAME` (can be repeated)
    #[arg(long, value_name = "KIND/NAME")]
    delete: Vec<String>,
    /// Do not ask, unless a name must be typed
    #[arg(short = 'y', long, requires = "delete")]
    yes: bool,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// As it is listed, and named again.
fn spelt(object: &ObjectRef) -> String {
    let place = object.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
    format!("{}/{place}{}", object.kind, object.name)
}

/// Lists what is left, or deletes some of it by a plan.
pub async fn run(target: &TargetArgs, args: &LeftoversArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let kinds = Kinds::default();
    let looked = async {
        let bench = Bench::open(target, paths).await?;
        let found = find(&bench.gate, &kinds).await?;
        Ok::<_, Trouble>((bench, found))
    };
    let (bench, Found { left, blind }) = match looked.await {
        Ok(looked) => looked,
        Err(trouble) => return Ok(fail(&trouble, 1)),
    };
    if args.delete.is_empty() {
        let text = match args.output {
            Output::Json => {
                let one = |left: &crate::plan::leftover::Leftover| json!({"object": export::object(&left.object), "name": spelt(&left.object), "why": left.why});
                let all: Vec<Value> = left.iter().map(one).collect();
                format!("{}\n", json!({"left": all, "notLookedAt": blind}))
            }
            Output::Text => {
                let mut lines: Vec<String> =
                    left.iter().map(|left| format!("{}  {}", spelt(&left.object), left.why)).collect();
                if lines.is_empty() {
                    lines.push("no tenant has left anything behind".to_owned());
                }
                if !blind.is_empty() {
                    lines.push(format!("not looked at, since that is refused: {}", blind.join(", ")));
                }
                lines.iter().map(|line| clean(line).into_owned() + "\n").collect()
            }
        };
        super::print(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut objects = Vec::new();
    for name in &args.delete {
        match left.iter().find(|left| spelt(&left.object) == *name) {
            Some(left) => objects.push(left.object.clone()),
            None => {
                let words = format!("{name} is not among what is left behind: nothing was sent");
                let advice = "tenantry leftovers lists what is";
                return Ok(fail(&Trouble::new(TroubleKind::NotFound, words).advise(advice), 1));
            }
        }
    }
    let asked = Asked { objects, hidden: 0, propagation: Propagation::default(), keep: None };
    match delete::plan(&bench.gate, &kinds, asked, bench.target.clone()).await {
        Ok(plan) => {
            // What takes others with it is named by hand, whatever was said before.
            let yes = args.yes && plan.typed.is_none();
            let answered = bench.preview(plan).await;
            carry_out(&bench, answered, yes, args.output == Output::Json, None).await
        }
        Err(trouble) => Ok(fail(&trouble, 1)),
    }
}
