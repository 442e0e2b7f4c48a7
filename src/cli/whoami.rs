//! `tenantry whoami`: who and where, in one line, as the server says it.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::TargetArgs;
use crate::cluster::connect::{self, Choice, Interaction};
use crate::cluster::gate::{Gate, Mode};
use crate::cluster::kubeconfig::Files;
use crate::cluster::proxy::Proxies;
use crate::cluster::review;
use crate::world::identity::{Identity, Place, Proof};
use crate::world::trouble::{Trouble, TroubleKind};

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The arguments.
#[derive(Debug, Args)]
pub struct WhoamiArgs {
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// One line for people
    Text,
    /// One JSON object
    Json,
    /// Short, for a shell prompt; asks no server, so it says the context and namespace only
    Prompt,
}

/// Answers.
pub async fn run(target: &TargetArgs, args: &WhoamiArgs) -> color_eyre::Result<ExitCode> {
    match answer(target, args.output).await {
        Ok(text) => {
            super::print(&text)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(trouble) => super::complain(&trouble),
    }
}

async fn answer(target: &TargetArgs, output: Output) -> Result<String, Trouble> {
    let files = match target.embedded()? {
        Some(embedded) => Files::embedded(&embedded),
        None => Files::find(target.kubeconfig.as_deref(), |name| std::env::var_os(name))?,
    };
    let proxies = Proxies::from_env(|name| std::env::var_os(name));
    let choice =
        Choice { context: target.context.clone(), namespace: target.namespace.clone(), acting_as: target.acting_as() };
    if output == Output::Prompt {
        let place = connect::place(&files, &choice, &proxies)?;
        return Ok(format!("{}:{}\n", place.context, place.namespace));
    }
    // A plugin that must ask something may: there is no screen that it could disturb.
    let asked = async {
        let connection = connect::connect(Arc::new(files), choice, proxies, Interaction::Allowed).await?;
        let gate = Gate::new(connection.client, connection.place, Mode::ReadOnly);
        let identity = review::identity(&gate).await?;
        Ok((gate.place().clone(), identity))
    };
    let (place, identity) = tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| {
        Err(Trouble::new(TroubleKind::TimedOut, format!("the cluster did not answer within {} s", PATIENCE.as_secs())))
    })?;
    Ok(match output {
        Output::Json => format!("{}\n", as_json(&place, &identity)),
        Output::Text | Output::Prompt => as_text(&place, &identity),
    })
}

fn as_text(place: &Place, identity: &Identity) -> String {
    let acting = if place.acting_as.is_some() { "acting as " } else { "" };
    let groups = identity.groups.join(", ");
    format!(
        "{acting}{} ({groups}) on {} at {}, namespace {}\n",
        identity.username, place.context, place.server, place.namespace
    )
}

fn as_json(place: &Place, identity: &Identity) -> serde_json::Value {
    let expires = match &place.proof {
        Proof::Certificate { not_after, .. } => *not_after,
        Proof::Token { expires } => *expires,
        _ => None,
    };
    let time = expires.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).map(|time| time.to_string());
    json!({
        "username": identity.username,
        "uid": identity.uid,
        "groups": identity.groups,
        "extra": identity.extra.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        "actingAs": place.acting_as.as_ref().map(|acting| json!({"user": acting.user, "groups": acting.groups})),
        "context": place.context,
        "cluster": place.cluster,
        "server": place.server,
        "namespace": place.namespace,
        "kubeconfig": place.file,
        "credentialsExpire": time,
    })
}
