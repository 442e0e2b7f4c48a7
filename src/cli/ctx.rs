//! `tenantry ctx`: the contexts of all files, and what is known of each.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::{TargetArgs, whoami};
use crate::cluster::connect::{self, Choice, Interaction};
use crate::cluster::gate::{Gate, Mode};
use crate::cluster::kubeconfig::Files;
use crate::cluster::proxy::Proxies;
use crate::cluster::{review, standing};
use crate::config::known;
use crate::config::paths::Paths;
use crate::config::settings::Config;
use crate::console::effect::contexts;
use crate::console::msg::ContextLine;
use crate::text::age::age;
use crate::text::clean::clean;
use crate::text::width::width;
use crate::world::identity::Known;
use crate::world::trouble::{Trouble, TroubleKind};

/// How long a cluster may take, and how many are asked at a time.
const PATIENCE: Duration = Duration::from_secs(5);
const AT_ONCE: usize = 8;

/// The arguments.
#[derive(Debug, Args)]
pub struct CtxArgs {
    /// Ask each cluster who we are there, for 5 seconds at most; plugins that would have to ask something are not let
    #[arg(long)]
    probe: bool,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// A line for each
    Text,
    /// A list of JSON objects
    Json,
}

/// Answers.
pub async fn run(target: &TargetArgs, args: &CtxArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    match list(target, args, paths).await {
        Ok(text) => {
            super::print(&text)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(trouble) => super::complain(&trouble),
    }
}

async fn list(target: &TargetArgs, args: &CtxArgs, paths: &Paths) -> Result<String, Trouble> {
    let files = Arc::new(match target.embedded()? {
        Some(embedded) => Files::embedded(&embedded),
        None => Files::find(target.kubeconfig.as_deref(), |name| std::env::var_os(name))?,
    });
    let (config, _) = Config::load(&paths.settings())?;
    let (identities, now) = (target.identities(paths), jiff::Timestamp::now().as_second());
    let lines = contexts::lines(&files, &config, identities.as_deref(), now);
    let asked = if args.probe {
        let ask = |line: ContextLine| {
            let (files, identities) = (Arc::clone(&files), identities.clone());
            async move {
                let asked = probe(files, line.name.clone()).await;
                if let (Ok(known), Some(folder)) = (&asked, identities)
                    && let Err(error) = known::keep(&folder, known)
                {
                    tracing::warn!(%error, folder = %folder.display(), "who we are cannot be kept");
                }
                Asked { line, answer: Some(asked) }
            }
        };
        stream::iter(lines).map(ask).buffered(AT_ONCE).collect().await
    } else {
        lines.into_iter().map(|line| Asked { line, answer: None }).collect::<Vec<_>>()
    };
    Ok(match args.output {
        Output::Json => format!("{}\n", Value::Array(asked.iter().map(|asked| asked.as_json(now)).collect())),
        Output::Text => as_table(&asked, now),
    })
}

/// Who we are in a context, as its cluster says now.
async fn probe(files: Arc<Files>, context: String) -> Result<Known, Trouble> {
    let choice = Choice { context: Some(context), ..Choice::default() };
    let proxies = Proxies::from_env(|name| std::env::var_os(name));
    let asked = async {
        let connection = connect::connect(files, choice, proxies, Interaction::Forbidden).await?;
        let gate = Gate::new(connection.client, connection.place, Mode::ReadOnly);
        let identity = review::identity(&gate).await?;
        let namespaces = [gate.place().namespace.as_str().into()];
        let standing = standing::standing(&gate, identity.clone(), &namespaces).await;
        Ok(Known::of(gate.place(), &identity, standing, jiff::Timestamp::now().as_second()))
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| {
        Err(Trouble::new(TroubleKind::TimedOut, format!("it did not answer within {} s", PATIENCE.as_secs())))
    })
}

/// A context, and what its cluster said, if it was asked.
struct Asked {
    line: ContextLine,
    answer: Option<Result<Known, Trouble>>,
}

impl Asked {
    fn known(&self) -> Option<&Known> {
        match &self.answer {
            Some(Ok(known)) => Some(known),
            _ => self.line.known.as_ref(),
        }
    }

    /// What is known of us there, in words.
    fn words(&self, now: i64) -> String {
        let line = &self.line;
        if let Some(fault) = &line.fault {
            return format!("cannot be opened: {fault}");
        }
        let away = match &self.answer {
            Some(Err(trouble)) => format!("; asked now: {}", trouble.what),
            _ => String::new(),
        };
        let Some(known) = self.known() else {
            return if away.is_empty() {
                "nobody has asked".to_owned()
            } else {
                away.trim_start_matches("; ").to_owned()
            };
        };
        let role = known.standing.as_ref().map(|standing| format!(", {}", standing.words())).unwrap_or_default();
        let when = match &self.answer {
            Some(Ok(_)) => String::new(),
            _ => format!(" ({} ago{})", age(now - known.at), if line.stale { ", may be another by now" } else { "" }),
        };
        format!("{}{role}{when}{away}", known.username)
    }

    fn as_json(&self, now: i64) -> Value {
        let line = &self.line;
        let time = |seconds: i64| jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string());
        let known = self.known().map(|known| {
            let stale = !matches!(self.answer, Some(Ok(_))) && line.stale;
            json!({
                "username": known.username, "groups": known.groups, "at": time(known.at), "stale": stale,
                "capsule": whoami::capsule(known.standing.as_ref()),
            })
        });
        let validity = line.proof.validity();
        json!({
            "context": line.name,
            "current": line.current,
            "cluster": line.cluster,
            "server": line.server,
            "user": line.user,
            "namespace": line.namespace,
            "kubeconfig": line.file,
            "class": line.class.as_ref().map(|class| class.word.clone()),
            "readOnly": line.read_only,
            "credentials": whoami::credentials(&line.proof),
            "credentialsExpire": validity.until.and_then(time),
            "expired": validity.is_over(now),
            "identity": known,
            "answers": self.answer.as_ref().map(Result::is_ok),
            "trouble": line.fault.clone().or_else(|| self.answer.as_ref()?.as_ref().err().map(|trouble| trouble.what.clone())),
        })
    }
}

const TITLES: [&str; 7] = ["", "CONTEXT", "CLUSTER", "USER", "NAMESPACE", "CLASS", "WHO WE ARE THERE"];

fn as_table(asked: &[Asked], now: i64) -> String {
    let cells = |asked: &Asked| {
        let line = &asked.line;
        let class = line.class.as_ref().map(ToString::to_string).unwrap_or_default();
        let class = if line.read_only { format!("{class} RO") } else { class };
        [
            if line.current { "*".to_owned() } else { String::new() },
            line.name.clone(),
            line.server.clone(),
            line.user.clone(),
            line.namespace.clone().unwrap_or_else(|| "default".to_owned()),
            class.trim().to_owned(),
            asked.words(now),
        ]
        .map(|cell| clean(&cell).into_owned())
    };
    let rows: Vec<[String; 7]> = std::iter::once(TITLES.map(str::to_owned)).chain(asked.iter().map(cells)).collect();
    let widths: [usize; 7] =
        std::array::from_fn(|column| rows.iter().map(|row| width(&row[column])).max().unwrap_or_default());
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(widths) {
            line.extend([cell.as_str(), &" ".repeat(wide.saturating_sub(width(cell)) + 2)]);
        }
        out.extend([line.trim_end(), "\n"]);
    }
    out
}
