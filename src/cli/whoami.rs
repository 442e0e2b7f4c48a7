//! `tenantry whoami`: who and where, as the server says it; for prompts as it was said last.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::TargetArgs;
use crate::cluster::connect::{self, Choice, Interaction};
use crate::cluster::gate::{Gate, Mode};
use crate::cluster::kubeconfig::Files;
use crate::cluster::proxy::Proxies;
use crate::cluster::{review, standing};
use crate::config::paths::Paths;
use crate::config::settings::{Config, Decided, ReadOnly};
use crate::config::{known, memory};
use crate::text::age::{age, until};
use crate::text::clean::clean;
use crate::world::capsule::Standing;
use crate::world::identity::{Expiry, Identity, Known, Place, Proof, Validity};
use crate::world::name::Name;
use crate::world::trouble::{Trouble, TroubleKind};

/// How long the server may take to answer who we are, and then what we are to Capsule.
const PATIENCE: Duration = Duration::from_secs(10);
const PATIENCE_FOR_MORE: Duration = Duration::from_secs(5);

/// In how many namespaces an owner's bindings are looked at, where she may not list tenants.
const LOOKED_INTO: usize = 6;

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
    /// All of it, a line each
    Wide,
    /// One JSON object
    Json,
    /// Short, for a shell prompt: asks no server, and says what was known last
    Prompt,
}

impl WhoamiArgs {
    /// Whether it is for a prompt, which waits for nothing.
    pub fn is_prompt(&self) -> bool {
        self.output == Output::Prompt
    }
}

/// Answers.
pub async fn run(target: &TargetArgs, args: &WhoamiArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    match answer(target, args.output, paths).await {
        Ok(text) => {
            super::print(&text)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(trouble) => super::complain(&trouble),
    }
}

/// Answers a prompt: at once, in few words, and never on standard error, which a prompt would show each time. Exits with 1
/// where there is no context to speak of.
pub fn prompt(target: &TargetArgs) -> color_eyre::Result<ExitCode> {
    let (text, code) = match files(target).and_then(|files| place(target, &files)) {
        Ok(place) => (at_once(target, &place), ExitCode::SUCCESS),
        Err(trouble) => (in_short(&trouble.kind).to_owned(), ExitCode::FAILURE),
    };
    super::print(&format!("{text}\n"))?;
    Ok(code)
}

/// Why there is nothing to say, as short as a prompt wants it; `tenantry whoami` tells the rest.
const fn in_short(kind: &TroubleKind) -> &'static str {
    match kind {
        TroubleKind::NoKubeconfig => "no kubeconfig",
        TroubleKind::UnknownContext => "no context",
        TroubleKind::UnknownCluster => "no such cluster",
        TroubleKind::UnknownUser => "no such user",
        _ => "broken kubeconfig",
    }
}

fn at_once(target: &TargetArgs, place: &Place) -> String {
    let paths = Paths::find().ok();
    let known = paths.as_ref().and_then(|paths| known::recall(&target.identities(paths)?, place));
    // A configuration that cannot be read makes the console read-only.
    let decided = match paths
        .map_or_else(|| Ok(Config::default()), |paths| Config::load(&paths.settings()).map(|(config, _)| config))
    {
        Ok(config) => config.decide(&place.context, &place.user_entry),
        Err(_) => Decided { readonly: ReadOnly::Always, ..Decided::default() },
    };
    let asked = if target.readonly { ReadOnly::Always } else { ReadOnly::No };
    let decided = Decided { readonly: decided.readonly.max(asked), ..decided };
    as_prompt(place, known.as_ref(), &decided, now())
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// `CONTEXT:NAMESPACE USER CLASS`, and what needs a look.
fn as_prompt(place: &Place, known: Option<&Known>, decided: &Decided, now: i64) -> String {
    let mut words = vec![format!("{}:{}", place.context, place.namespace)];
    match known {
        Some(known) => {
            // Who it was; how long ago is said where that may no longer hold.
            let old = if known.is_stale(place, now) { format!("~{}", age(now - known.at)) } else { String::new() };
            words.push(format!("{}{old}", known.short_name()));
            words.extend(known.standing.as_ref().map(|standing| standing.word().to_owned()));
        }
        // Nobody has asked yet.
        None => words.push("?".to_owned()),
    }
    words.extend(decided.class.as_ref().map(|class| class.word.clone()));
    words.extend((decided.readonly != ReadOnly::No).then(|| "RO".to_owned()));
    match place.proof.validity().expiry(now) {
        Expiry::Far => {}
        Expiry::Soon(end) => words.push(format!("expires {}", until(end - now))),
        Expiry::Over(_) => words.push("expired".to_owned()),
    }
    words.retain(|word| !word.is_empty());
    clean(&words.join(" ")).into_owned()
}

fn files(target: &TargetArgs) -> Result<Files, Trouble> {
    match target.embedded()? {
        Some(embedded) => Ok(Files::embedded(&embedded)),
        None => Files::find(target.kubeconfig.as_deref(), |name| std::env::var_os(name)),
    }
}

fn place(target: &TargetArgs, files: &Files) -> Result<Place, Trouble> {
    let mut place = connect::place(files, &choice(target), &Proxies::from_env(|name| std::env::var_os(name)))?;
    place.file = memory::tilde(std::path::Path::new(&place.file));
    Ok(place)
}

fn choice(target: &TargetArgs) -> Choice {
    Choice { context: target.context.clone(), namespace: target.namespace.clone(), acting_as: target.acting_as() }
}

/// All that is to be told.
struct Told {
    place: Place,
    identity: Identity,
    /// Nothing if the cluster took too long.
    standing: Option<Standing>,
}

async fn answer(target: &TargetArgs, output: Output, paths: &Paths) -> Result<String, Trouble> {
    let files = files(target)?;
    let proxies = Proxies::from_env(|name| std::env::var_os(name));
    // A plugin that must ask something may: there is no screen that it could disturb.
    let asked = async {
        let connection = connect::connect(Arc::new(files), choice(target), proxies, Interaction::Allowed).await?;
        let gate = Gate::new(connection.client, connection.place, Mode::ReadOnly);
        let identity = review::identity(&gate).await?;
        Ok((gate, identity))
    };
    let (gate, identity) = tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| {
        Err(Trouble::new(TroubleKind::TimedOut, format!("the cluster did not answer within {} s", PATIENCE.as_secs())))
    })?;
    let place = gate.place().clone();
    let remembered = if target.demo { Vec::new() } else { memory::recall(&paths.memory(), &place.server) };
    let mut namespaces: Vec<Name> = vec![place.namespace.as_str().into()];
    namespaces.extend(remembered.iter().rev().take(LOOKED_INTO - 1).map(|name| name.as_str().into()));
    let standing = standing::standing(&gate, identity.clone(), &namespaces);
    let standing = tokio::time::timeout(PATIENCE_FOR_MORE, standing).await.ok().flatten();
    if let Some(folder) = target.identities(paths) {
        let known = Known::of(&place, &identity, standing.clone(), now());
        if let Err(error) = known::keep(&folder, &known) {
            tracing::warn!(%error, folder = %folder.display(), "who we are cannot be kept");
        }
    }
    let told =
        Told { place: Place { file: memory::tilde(std::path::Path::new(&place.file)), ..place }, identity, standing };
    Ok(match output {
        Output::Json => format!("{}\n", told.as_json()),
        Output::Wide => told.as_lines(now()),
        Output::Text | Output::Prompt => told.as_line(),
    })
}

impl Told {
    fn as_line(&self) -> String {
        let Self { place, identity, standing } = self;
        let acting = if place.acting_as.is_some() { "acting as " } else { "" };
        let groups = identity.groups.join(", ");
        let standing = standing.as_ref().map(|standing| format!(", {}", standing.words())).unwrap_or_default();
        format!(
            "{acting}{} ({groups}) on {} at {}, namespace {}{standing}\n",
            identity.username, place.context, place.server, place.namespace
        )
    }

    fn as_lines(&self, now: i64) -> String {
        let Self { place, identity, standing } = self;
        let mut out = String::new();
        let mut line = |label: &str, value: &str| {
            out.extend([format!("{label:<11}"), clean(value).into_owned(), "\n".to_owned()]);
        };
        line("user", &identity.username);
        if let Some(uid) = &identity.uid {
            line("uid", uid);
        }
        line("groups", &identity.groups.join(", "));
        for (key, values) in &identity.extra {
            line("extra", &format!("{key}: {}", values.join(", ")));
        }
        if let Some(acting) = &place.acting_as {
            let groups =
                if acting.groups.is_empty() { String::new() } else { format!(" ({})", acting.groups.join(", ")) };
            line("acting as", &format!("{}{groups}", acting.user));
        }
        line("from", &format!("{}{}", place.proof.words(), expiry(&place.proof, now)));
        let role =
            standing.as_ref().map_or_else(|| "not known: the cluster took too long".to_owned(), Standing::full_words);
        line("role", &role);
        line("context", &format!("{} · cluster {} at {}", place.context, place.cluster, place.server));
        line("namespace", &place.namespace);
        line("file", &place.file);
        out
    }

    fn as_json(&self) -> Value {
        let Self { place, identity, standing } = self;
        let Validity { until, .. } = place.proof.validity();
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
            "credentials": credentials(&place.proof),
            "credentialsExpire": time(until),
            "capsule": capsule(standing.as_ref()),
        })
    }
}

/// When a credential ends, behind what it is.
fn expiry(proof: &Proof, now: i64) -> String {
    let validity = proof.validity();
    match validity.until {
        None => String::new(),
        Some(end) if validity.renews => format!(", renewed {}", until(end - now)),
        Some(end) if end <= now => format!(", expired {}", until(end - now)),
        Some(end) => format!(", expires {}", until(end - now)),
    }
}

fn time(seconds: Option<i64>) -> Option<String> {
    seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).map(|time| time.to_string())
}

/// How it was proven, for programs.
pub fn credentials(proof: &Proof) -> Value {
    let mut object = json!({"kind": proof.kind(), "renewed": proof.validity().renews});
    let more = match proof {
        Proof::Certificate { common_name, organizations, .. } => {
            json!({"commonName": common_name, "organizations": organizations})
        }
        Proof::Token { claims, file } => json!({"issuer": claims.issuer, "subject": claims.subject, "file": file}),
        Proof::Exec { command, .. } => json!({"command": command}),
        Proof::AuthProvider { name, claims } => {
            json!({"provider": name, "issuer": claims.issuer, "subject": claims.subject})
        }
        Proof::Basic | Proof::Nothing => json!({}),
    };
    if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    object
}

/// What somebody is to Capsule, for programs.
pub fn capsule(standing: Option<&Standing>) -> Value {
    let kind = match standing {
        None => return Value::Null,
        Some(Standing::Administrator) => "administrator",
        Some(Standing::ClusterAdministrator) => "clusterAdministrator",
        Some(Standing::Owner(_)) => "owner",
        Some(Standing::Promoted(_)) => "promoted",
        Some(Standing::User) => "user",
        Some(Standing::Outside) => "outside",
        Some(Standing::NotVisible) => "notVisible",
    };
    match standing {
        Some(Standing::Owner(owned) | Standing::Promoted(owned)) => {
            json!({"role": kind, "tenants": owned.tenants, "throughGroups": owned.via, "capsuleUser": !owned.no_user})
        }
        _ => json!({"role": kind}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::class::Class;

    #[test]
    fn a_prompt_says_what_was_known_last() {
        let place = Place { context: "lke-prod".into(), namespace: "oil-web".into(), ..Place::default() };
        let decided = Decided {
            class: Some(Class { word: "production".into(), ..Class::default() }),
            readonly: ReadOnly::Always,
            ..Decided::default()
        };
        let identity =
            |username: &str| Identity { username: username.into(), uid: None, groups: vec![], extra: vec![] };
        let known = |username: &str| Known::of(&place, &identity(username), Some(Standing::Administrator), 0);
        let hour = 3_600;
        let say = |known: Option<&Known>, decided: &Decided, now| as_prompt(&place, known, decided, now);
        assert_eq!(say(None, &Decided::default(), 0), "lke-prod:oil-web ?");
        assert_eq!(say(Some(&known("ops")), &decided, hour), "lke-prod:oil-web ops admin production RO");
        let account = known("system:serviceaccount:oil-web:ci");
        assert_eq!(say(Some(&account), &Decided::default(), 50 * hour), "lke-prod:oil-web sa:oil-web/ci~2d2h admin");
        let proof = Proof::Exec { command: "aws".into(), validity: Validity::ending(Some(hour)) };
        let ending = Place { proof, ..place.clone() };
        let known = Known::of(&ending, &identity("ops\x1b[2J"), None, 0);
        let say = |now| as_prompt(&ending, Some(&known), &Decided::default(), now);
        assert_eq!(say(hour - 300), "lke-prod:oil-web ops\u{FFFD}[2J expires in 5 min");
        assert_eq!(say(hour), "lke-prod:oil-web ops\u{FFFD}[2J expired");
    }
}
