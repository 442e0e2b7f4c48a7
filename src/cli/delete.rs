//! `tenantry delete`: a tenant, or a namespace, with everything in it.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tokio::time::{Instant, sleep};

use super::TargetArgs;
use super::output::Output;
use super::pause::{Named, named};
use super::work::{Bench, carry_out, fail};
use crate::action::pause::{namespace_ref, tenant_ref};
use crate::apply::delete::{self, Asked};
use crate::apply::work::Kinds;
use crate::cluster::write;
use crate::config::paths::Paths;
use crate::plan::answered::Answered;
use crate::plan::delete::is_deletion;
use crate::plan::{Answer, Before, Keep, ObjectRef, Plan, Propagation, gone, object};
use crate::text::clean::clean;
use crate::world::trouble::{Trouble, TroubleKind};

/// Arguments of `delete`.
#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// A tenant by name; a namespace as ns/NAME
    #[arg(value_name = "TENANT|ns/NAMESPACE", value_parser = named)]
    what: Named,
    /// Keep what there is in this file first (default: one among tenantry's own)
    #[arg(long, value_name = "FILE", conflicts_with = "no_snapshot")]
    snapshot: Option<PathBuf>,
    /// Keep nothing
    #[arg(long)]
    no_snapshot: bool,
    /// Keep Secrets, too
    #[arg(long, conflicts_with = "no_snapshot")]
    with_secrets: bool,
    /// Do not ask: the name of what is deleted, once more
    #[arg(long, value_name = "NAME")]
    yes_i_know: Option<String>,
    /// Wait until the last namespace is gone, and tell what keeps it
    #[arg(long)]
    wait: bool,
    /// For how long --wait waits, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600, requires = "wait")]
    timeout: u64,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

impl DeleteArgs {
    fn object(&self) -> ObjectRef {
        match &self.what {
            Named::Tenant(name) => tenant_ref(name),
            Named::Namespace(name) => namespace_ref(name),
        }
    }

    /// What is kept; a file is refused before anything is asked if it is there already.
    fn keep(&self) -> Result<Option<Keep>, Trouble> {
        if self.no_snapshot {
            return Ok(None);
        }
        if let Some(path) = self.snapshot.as_ref().filter(|path| path.exists()) {
            let words = format!("{} is there already: nothing was sent", path.display());
            return Err(Trouble::new(TroubleKind::File, words).advise("name another file with --snapshot"));
        }
        let file = self.snapshot.as_ref().map(|path| path.display().to_string());
        Ok(Some(Keep { secrets: self.with_secrets, file }))
    }

    /// Whether the name was said on the command line.
    fn is_known(&self) -> Result<bool, Trouble> {
        let object = self.object();
        match &self.yes_i_know {
            Some(name) if *name != object.name => {
                let words = format!("{name} is not {}: nothing was sent", object.name);
                Err(Trouble::new(TroubleKind::Invalid, words).advise("--yes-i-know takes the name of what is deleted"))
            }
            name => Ok(name.is_some()),
        }
    }
}

/// Shows what would be lost, lets the name be typed, keeps a snapshot, and deletes.
pub async fn run(target: &TargetArgs, args: &DeleteArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let object = args.object();
    let kinds = Kinds::default();
    let made = async {
        let (known, keep) = (args.is_known()?, args.keep()?);
        let bench = Bench::open(target, paths).await?;
        let propagation = Propagation::default();
        let asked = Asked { objects: vec![object.clone()], hidden: 0, propagation, keep };
        let mut answered = planned(&bench, &kinds, &asked).await?;
        // What its controller does just then is no reason to give up.
        for _ in 0..TRIES {
            if !moved(&answered.plan) {
                break;
            }
            answered = planned(&bench, &kinds, &asked).await?;
        }
        let words = match &answered.plan.keep {
            _ if !is_deletion(&answered.plan) => None,
            None => Some("nothing of it is kept".to_owned()),
            Some(Keep { secrets, file }) => {
                let with = if *secrets { "with its Secrets" } else { "without its Secrets" };
                let place = file.as_ref().map(|file| format!(" in {file}")).unwrap_or_default();
                Some(format!("first a snapshot of it is kept{place}, {with}"))
            }
        };
        answered.plan.summary.extend(words);
        Ok::<_, Trouble>((known, answered, bench))
    };
    let (known, answered, bench) = match made.await {
        Ok(made) => made,
        Err(trouble) => return Ok(fail(&trouble, 1)),
    };
    let Answered { plan, .. } = &answered;
    let (is_deletion, going) = (is_deletion(plan), going(plan));
    let code = carry_out(&bench, answered, known, args.output == Output::Json, None).await?;
    if code != ExitCode::SUCCESS {
        return Ok(code);
    }
    if !is_deletion {
        let words = format!("{} is still there: only its protection is lifted", object.title());
        let trouble = Trouble::new(TroubleKind::Other, words).advise("the same command once more deletes it");
        return Ok(fail(&trouble, 1));
    }
    if !args.wait {
        return Ok(code);
    }
    Ok(match wait(&bench, &kinds, &going, Duration::from_secs(args.timeout)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => fail(&trouble, 1),
    })
}

/// How often a plan is made anew when its object moves under it.
const TRIES: usize = 3;

async fn planned(bench: &Bench, kinds: &Kinds, asked: &Asked) -> Result<Answered, Trouble> {
    let plan = delete::plan(&bench.gate, kinds, asked.clone(), bench.target.clone()).await?;
    Ok(bench.preview(plan).await)
}

/// Whether an object was another when the server was asked than when it was read.
fn moved(plan: &Plan) -> bool {
    plan.steps()
        .any(|step| matches!(&step.answer, Some(Answer::Refused(trouble)) if trouble.kind == TroubleKind::Conflict))
}

/// What is waited for: the object itself with its uid, and the namespaces that go with it.
fn going(plan: &Plan) -> Vec<(ObjectRef, Option<String>)> {
    let steps = plan.steps().map(|step| (step.object.clone(), Some(step.uid().to_owned())));
    let along = plan.along.iter().flat_map(|along| &along.going).filter(|one| one.kind == "Namespace");
    steps.chain(along.map(|one| (one.clone(), None))).collect()
}

/// Waits until all of it is gone, and tells on the way what is left and what keeps it.
async fn wait(
    bench: &Bench,
    kinds: &Kinds,
    going: &[(ObjectRef, Option<String>)],
    limit: Duration,
) -> Result<(), Trouble> {
    const LOOK: Duration = Duration::from_secs(1);
    let end = Instant::now() + limit;
    let objects: Vec<ObjectRef> = going.iter().map(|(object, _)| object.clone()).collect();
    let mut told = String::new();
    loop {
        let now = write::read_all(&bench.gate, &objects).await?;
        let mut left = Vec::new();
        for ((object, uid), before) in going.iter().zip(now) {
            match before {
                // Another one of the same name is no matter of ours.
                Before::Present(now) if uid.as_ref().is_none_or(|uid| object::uid(&now) == uid) => {
                    left.push(format!("{} is {}", object.title(), gone::words(&now)));
                }
                Before::Unreadable(trouble) => return Err(trouble),
                Before::Present(_) | Before::Absent => {}
            }
        }
        if left.is_empty() {
            // Without a standard error there is nobody to be told.
            let _ = writeln!(io::stderr(), "tenantry: all of it is gone");
            return Ok(());
        }
        let words = left.join("; ");
        if Instant::now() > end {
            let mut trouble = Trouble::new(TroubleKind::TimedOut, format!("after {} s {words}", limit.as_secs()));
            let known = kinds.known(&bench.gate, |_| false).await;
            let down = known.map(|known| known.missing().join(", ")).unwrap_or_default();
            if !down.is_empty() {
                trouble = trouble.advise(format!("these groups of kinds do not answer at present: {down}"));
            }
            return Err(trouble);
        }
        if words != told {
            let _ = writeln!(io::stderr(), "tenantry: {}", clean(&words));
            told = words;
        }
        sleep(LOOK).await;
    }
}
