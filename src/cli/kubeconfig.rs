//! `tenantry kubeconfig`: access for a new owner, in a file of its own.

use std::fs::OpenOptions;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use secrecy::ExposeSecret as _;

use super::TargetArgs;
use super::work::{Bench, carry_out, fail};
use crate::action::access as plans;
use crate::apply::create;
use crate::apply::work::Kinds;
use crate::cluster::access::{self, Credential};
use crate::cluster::connect::{self, Choice, Interaction};
use crate::cluster::gate::{Approval, Gate, Mode};
use crate::cluster::kubeconfig::Files;
use crate::cluster::proxy::Proxies;
use crate::cluster::{review, write};
use crate::config::memory::tilde;
use crate::config::paths::Paths;
use crate::console::effect::reveal;
use crate::console::run::wall_clock;
use crate::plan::owner::Owner;
use crate::plan::{Digest, ObjectRef};
use crate::text::clean::clean;
use crate::world::binding::Subject;
use crate::world::identity::Identity;
use crate::world::trouble::{Trouble, TroubleKind};

/// Arguments of `kubeconfig`.
#[derive(Debug, Args)]
pub struct KubeconfigArgs {
    /// The tenant that it is for
    #[arg(value_name = "TENANT")]
    tenant: String,
    /// Whom the certificate proves
    #[arg(long, value_name = "NAME", required_unless_present = "service_account", conflicts_with = "service_account")]
    user: Option<String>,
    /// The group that the certificate proves (default: the one by which Capsule knows its users)
    #[arg(long, value_name = "NAME", requires = "user")]
    group: Option<String>,
    /// A token for this ServiceAccount instead of a certificate; it is made if it is not there
    #[arg(long, value_name = "NAMESPACE/NAME")]
    service_account: Option<String>,
    /// After how long it ends: 30d, 12h, 90m
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = seconds)]
    expires: i64,
    /// Where it is written, for you alone to read (default: TENANT-NAME.kubeconfig here); a file that is there is left alone
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
}

/// A length of time in days, hours or minutes. API servers issue nothing shorter than ten minutes.
fn seconds(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text} is no length of time, such as 30d, 12h or 90m");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let unit = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        _ => return Err(wrong()),
    };
    match number.checked_mul(unit) {
        Some(seconds) if (600..=315_360_000).contains(&seconds) => Ok(seconds),
        _ => Err(format!("{text} is not between 10m and 3650d")),
    }
}

/// Shows what would be made, asks, makes it, writes the file and tries it.
pub async fn run(target: &TargetArgs, args: &KubeconfigArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    if target.demo {
        let words = "the demo is in this process: nobody else could reach it";
        let trouble = Trouble::new(TroubleKind::Other, words).advise("`tenantry demo serve` serves it to others");
        return Ok(fail(&trouble, 1));
    }
    let name = args.user.as_deref().or(args.service_account.as_deref()).unwrap_or_default();
    let file = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{}-{}.kubeconfig", args.tenant, name.replace(['/', ':', '@'], "-"))));
    if file.exists() {
        let trouble = Trouble::new(TroubleKind::File, format!("{} is there already, and is left alone", tilde(&file)));
        return Ok(fail(&trouble.advise("--out names another file"), 1));
    }
    match grant(target, args, paths, &file).await {
        Ok(code) => code,
        Err(trouble) => Ok(fail(&trouble, 1)),
    }
}

async fn grant(
    target: &TargetArgs,
    args: &KubeconfigArgs,
    paths: &Paths,
    file: &Path,
) -> Result<color_eyre::Result<ExitCode>, Trouble> {
    let bench = Bench::open(target, paths).await?;
    let facts = create::facts(&bench.gate, &Kinds::default()).await?;
    let tenant = ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", &args.tenant);
    let tenant = write::read(&bench.gate, &tenant).await?;
    let namespaces = facts.namespaces.iter().filter(|(_, of)| of.as_deref() == Some(&args.tenant));
    let namespace = namespaces.map(|(name, _)| name.clone()).next();
    let users = facts.configuration.as_ref().map(|configuration| configuration.users.as_slice()).unwrap_or_default();
    let usual = users.iter().find_map(|subject| match subject {
        Subject::Group(name) => Some(name.to_string()),
        _ => None,
    });
    let group = args.group.clone().or(usual);
    let (who, mut plan, asked) = if let Some(user) = &args.user {
        let asked = access::ask(user, group.as_deref())?;
        let name = format!("tenantry-{}-{}", label(user), jiff::Timestamp::now().as_millisecond());
        let plan =
            plans::certificate(&name, user, group.as_deref(), &asked.request, args.expires, bench.target.clone());
        (Owner::User(user.clone()), plan, Some(asked))
    } else {
        let text = args.service_account.as_deref().unwrap_or_default();
        let owner = Owner::read(&format!("sa:{text}")).map_err(|why| Trouble::new(TroubleKind::Invalid, why))?;
        let Owner::Account(namespace, name) = &owner else {
            return Err(Trouble::new(TroubleKind::Invalid, format!("{text} is no NAMESPACE/NAME")));
        };
        let object = ObjectRef::namespaced("/api/v1", "serviceaccounts", "ServiceAccount", namespace, name);
        let before = write::read_all(&bench.gate, &[object]).await?.remove(0);
        let plan = plans::account(namespace, name, &before, bench.target.clone());
        (owner, plan, None)
    };
    if !is_owner(&tenant, &who, group.as_deref()) {
        plan.summary.push(format!(
            "{} is no owner of {}, and gets no rights by this: name it among the owners, or bind it",
            who.spelt(),
            args.tenant
        ));
    }
    let object = plan.steps().next().map(|step| step.object.clone());
    let answered = bench.preview(plan).await;
    let shown = answered.digest.unwrap_or_else(|| Digest::of(b"token"));
    let approval = Approval { shown, sending: shown };
    if answered.plan.steps().next().is_some() {
        match carry_out(&bench, answered, args.yes, false, None).await {
            Ok(code) if code == ExitCode::SUCCESS => {}
            other => return Ok(other),
        }
    } else if let Err(refused) = agree(&bench, &answered.plan.summary, args.yes) {
        return Ok(refused);
    }
    let (credential, ends) = match (&who, asked, object) {
        (Owner::Account(namespace, name), ..) => {
            let account = ObjectRef::namespaced("/api/v1", "serviceaccounts", "ServiceAccount", namespace, name);
            let reason = format!("a token for {} s, to {}", args.expires, file.display());
            reveal::write_down(&bench.journal, wall_clock().seconds(), bench.target.clone(), &account, reason)?;
            let (token, ends) = access::token(&bench.gate, namespace, name, args.expires, &approval).await?;
            (Credential::Token(token), ends)
        }
        (_, Some(asked), Some(object)) => {
            let certificate = access::sign(&bench.gate, &object, &approval).await?;
            let ends = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(args.expires);
            (Credential::Certificate(certificate, asked.key), ends.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        }
        _ => return Err(Trouble::new(TroubleKind::Other, "there is nothing to be asked for")),
    };
    let files = Files::find(target.kubeconfig.as_deref(), |name| std::env::var_os(name))?;
    let name = match &who {
        Owner::Account(namespace, name) => format!("{namespace}-{name}"),
        other => other.name(),
    };
    let text = access::kubeconfig(&files, target.context.as_deref(), &name, namespace.as_deref(), &credential)?;
    write_once(file, text.expose_secret())?;
    let identity = try_it(file).await?;
    let ended = match &who {
        Owner::Account(..) => "deleting the ServiceAccount ends it before".to_owned(),
        other => format!(
            "it cannot be called back before: `:owner- {}` takes the rights away, the certificate stays true",
            other.spelt()
        ),
    };
    let told = format!(
        "{} proves {} ({}) and ends {ends}\n{ended}\nit is shown nowhere else: hand it over by a way that nobody reads\n",
        tilde(file),
        identity.username,
        identity.groups.join(", ")
    );
    Ok(super::print(&clean_lines(&told)).map(|()| ExitCode::SUCCESS).map_err(Into::into))
}

fn clean_lines(text: &str) -> String {
    text.lines().map(|line| clean(line).into_owned() + "\n").collect()
}

/// Whether somebody, or the group that is proven, owns the tenant.
fn is_owner(tenant: &serde_json::Value, who: &Owner, group: Option<&str>) -> bool {
    let owners = tenant.pointer("/spec/owners").and_then(serde_json::Value::as_array).map(Vec::as_slice);
    owners.unwrap_or_default().iter().any(|owner| {
        let text = |key: &str| owner.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        text("kind") == who.kind() && text("name") == who.name()
            || text("kind") == "Group" && Some(text("name")) == group
    })
}

/// A part of an object's name.
fn label(text: &str) -> String {
    let is_fine = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    text.chars().map(is_fine).take(40).collect::<String>().trim_matches('-').to_owned()
}

/// Whether somebody agrees to what makes no object; else how the program ends.
fn agree(bench: &Bench, summary: &[String], yes: bool) -> Result<(), color_eyre::Result<ExitCode>> {
    let mut out = io::stderr();
    for sentence in summary {
        writeln!(out, "{}", clean(sentence)).map_err(|error| Err(error.into()))?;
    }
    if !bench.gate.lets(Mode::Writes) {
        return Err(Ok(fail(&Trouble::new(TroubleKind::ReadOnly, "read-only: nothing was sent"), 1)));
    }
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        let words = "nobody can be asked, since standard input is no terminal: nothing was sent";
        return Err(Ok(fail(&Trouble::new(TroubleKind::Other, words).advise("--yes does it without asking"), 2)));
    }
    let mut answer = String::new();
    let asked = write!(out, "Do it on {} as {}? [y/N] ", bench.target.context, bench.target.who())
        .and_then(|()| out.flush())
        .and_then(|()| io::stdin().lock().read_line(&mut answer));
    match asked {
        Ok(_) if matches!(answer.trim(), "y" | "yes") => Ok(()),
        Ok(_) => Err(Ok(fail(&Trouble::new(TroubleKind::Other, "nothing was changed"), 1))),
        Err(error) => Err(Err(error.into())),
    }
}

/// Writes a file that only we can read, and that was not there.
fn write_once(file: &Path, text: &str) -> Result<(), Trouble> {
    let cannot =
        |error: io::Error| Trouble::new(TroubleKind::File, format!("cannot write {}: {error}", file.display()));
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(cannot)?;
    opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all()).map_err(cannot)
}

/// Who the server says that the file proves.
async fn try_it(file: &Path) -> Result<Identity, Trouble> {
    let files = Files::find(Some(file), |_| None)?;
    let proxies = Proxies::from_env(|name| std::env::var_os(name));
    let connection = connect::connect(Arc::new(files), Choice::default(), proxies, Interaction::Forbidden).await?;
    let gate = Gate::new(connection.client, connection.place, Mode::ReadOnly);
    review::identity(&gate).await
}
