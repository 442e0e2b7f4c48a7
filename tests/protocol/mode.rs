//! What is done with the exchanges.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tenantry_cluster::{Cluster, Failure, Options};
use tokio::sync::OnceCell;

use crate::compare::{self, Difference};
use crate::differences::{self, Judged};
use crate::run;
use crate::side::{Embedded, Real};
use crate::summary::{self, Summary};
use crate::topic::Topic;
use crate::transcript::Transcript;

/// What is done with the exchanges; `TENANTRY_PROTOCOL` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `compare`, also if nothing is named: the demo is held to the real control plane.
    Compare,
    /// `show`: what the real control plane answers is printed.
    Show,
    /// `twice`: two real control planes are compared, which proves that the exchanges are repeatable.
    Twice,
    /// `record`: what the real control plane answers is kept in files, in `TENANTRY_PROTOCOL_FOLDER`.
    Record,
    /// `recorded`: the demo is held to what was recorded; no control plane is needed.
    Recorded,
}

/// The second control plane of [`Mode::Twice`].
static SECOND: OnceCell<Result<Arc<Cluster>, Failure>> = OnceCell::const_new();

impl Mode {
    /// The one that the environment names.
    pub fn chosen() -> Result<Self, String> {
        match env::var("TENANTRY_PROTOCOL").unwrap_or_default().as_str() {
            "" | "compare" => Ok(Self::Compare),
            "show" => Ok(Self::Show),
            "twice" => Ok(Self::Twice),
            "record" => Ok(Self::Record),
            "recorded" => Ok(Self::Recorded),
            other => Err(format!("TENANTRY_PROTOCOL is compare, show, twice, record or recorded, and not {other}")),
        }
    }

    /// Whether a real control plane takes part.
    pub fn needs_cluster(self) -> bool {
        self != Self::Recorded
    }

    /// Holds the exchanges of a topic with a control plane and whatever else the mode says.
    pub async fn run(self, topic: Topic, cluster: Arc<Cluster>, list: &Path, summary: &Summary) -> Result<(), Failure> {
        let options = cluster.options();
        let real = Real(cluster);
        match self {
            Self::Show => {
                summary::say(&shown(&run::topic(&topic, &real).await?));
                Ok(())
            }
            Self::Record => {
                let said = run::topic(&topic, &real).await?;
                record(&topic, &said)
            }
            Self::Twice => {
                let second = Real(self.second(options).await?);
                let (one, two) = tokio::try_join!(run::topic(&topic, &real), run::topic(&topic, &second))?;
                summary.add(&topic.name, one.len(), Vec::new());
                verdict(Judged { new: compare::differences(&one, &two), ..Judged::default() })
            }
            Self::Compare | Self::Recorded => {
                let demo = Embedded::start(topic.era);
                let (real, demo) = tokio::try_join!(run::topic(&topic, &real), run::topic(&topic, &demo))?;
                held(&topic, &real, &demo, list, summary)
            }
        }
    }

    /// The second control plane of [`Mode::Twice`], which starts when it is first asked for.
    pub async fn second(self, options: Options) -> Result<Arc<Cluster>, Failure> {
        let start = async || Cluster::start(options).await.map(Arc::new);
        let second = SECOND.get_or_init(async || start().await.map_err(|error| Failure::new(error.to_string())));
        second.await.clone()
    }

    /// As [`Mode::run`] where there is no control plane.
    pub async fn run_alone(self, topic: Topic, list: &Path, summary: &Summary) -> Result<(), Failure> {
        let real = recorded(&topic)?;
        let demo = run::topic(&topic, &Embedded::start(topic.era)).await?;
        held(&topic, &real, &demo, list, summary)
    }
}

fn held(topic: &Topic, real: &Transcript, demo: &Transcript, list: &Path, summary: &Summary) -> Result<(), Failure> {
    let known = differences::of(&topic.name, list).map_err(Failure::new)?;
    let judged = differences::judge(compare::differences(real, demo), known);
    summary.add(&topic.name, real.len(), judged.known.clone());
    verdict(judged)
}

fn verdict(judged: Judged) -> Result<(), Failure> {
    let Judged { new, outdated, .. } = judged;
    if new.is_empty() && outdated.is_empty() {
        return Ok(());
    }
    let mut lines: Vec<String> = new.iter().map(Difference::to_string).collect();
    lines.extend(outdated.iter().map(|known| {
        format!("listed, but no longer a difference: {} {} {}", known.topic, known.exchange, known.pointer)
    }));
    let exchanges: std::collections::BTreeSet<&str> = new.iter().map(|one| one.label.as_str()).collect();
    let count = format!("{} differences in {} exchanges", new.len(), exchanges.len());
    Err(Failure::new(format!("{count}\n{}", lines.join("\n"))))
}

fn shown(said: &Transcript) -> String {
    let one = |answer: &crate::transcript::Answer| {
        let text = serde_json::to_string_pretty(&answer.said).unwrap_or_default();
        format!("== {}: {}\n{text}\n", answer.label, answer.request)
    };
    said.iter().map(one).collect()
}

fn file(topic: &Topic) -> PathBuf {
    let folder = env::var_os("TENANTRY_PROTOCOL_FOLDER")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("protocol"), PathBuf::from);
    folder.join(format!("{}.json", topic.name))
}

fn record(topic: &Topic, said: &Transcript) -> Result<(), Failure> {
    let path = file(topic);
    let wrong = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(wrong)?;
    let text = serde_json::to_string_pretty(said).map_err(|error| Failure::new(error.to_string()))?;
    fs::write(&path, text).map_err(wrong)
}

fn recorded(topic: &Topic) -> Result<Transcript, Failure> {
    let path = file(topic);
    let wrong = |error: String| Failure::new(format!("{}: {error} (see TENANTRY_PROTOCOL=record)", path.display()));
    let text = fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
}
