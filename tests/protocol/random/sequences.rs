//! Many short topics, held side by side; of each only the first exchange that differs counts, as the rest follows from it.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use tenantry_cluster::{Cluster, Failure};

use super::loosened::loosen;
use crate::compare::{self, Difference};
use crate::differences;
use crate::mode::Mode;
use crate::run;
use crate::side::{Embedded, Real, Side};
use crate::summary::Summary;
use crate::topic::{Condition, Era, Patch, Step, Topic};
use crate::transcript::Transcript;

/// How many are under way at the same time.
const AT_ONCE: usize = 12;

/// How many that differ are shown.
const SHOWN: usize = 40;

/// Sequences of steps that have nothing to do with each other, and what is done before all of them.
pub struct Sequences {
    /// What comes before.
    pub before: Vec<Step>,
    /// The steps of each. The id of a step begins with the number of its sequence, a dot and its own number.
    pub each: Vec<Vec<Step>>,
}

/// A request with an id.
pub fn request(id: String, line: String) -> Step {
    Step { id: Some(id), request: Some(line), ..Step::default() }
}

/// A patch of that kind.
pub fn patch(id: String, line: String, kind: Patch, body: serde_json::Value) -> Step {
    // Go tells conflicts with several managers in the order of a map.
    let sort = BTreeMap::from([("/details/causes".to_owned(), String::new())]);
    Step { patch: Some(kind), body: Some(body), sort, ..request(id, line) }
}

/// Asks until the controllers have done what they do.
pub fn settled(id: String, path: &str) -> Step {
    Step { until: Some(Condition::default()), ..request(id, format!("GET {path}")) }
}

/// Where a controller writes: how far it has come when it is looked at is a matter of load. A template that comes together with
/// another number of replicas is counted as a revision only after the generation is said to be observed: the number goes first
/// (`isScalingEvent` in kubernetes' `pkg/controller/deployment`), and the next write may come before that. `controllers.yaml`
/// holds revisions to the number.
const WRITTEN_LATER: [&str; 4] = [
    "/body/metadata/resourceVersion",
    "/body/metadata/annotations/deployment.kubernetes.io~1revision",
    "/body/status",
    "/body/metadata/managedFields/*/fieldsV1/f:status/**",
];

/// Leaves out what a controller writes.
pub fn written_later(steps: &mut [Step]) {
    for step in steps {
        let later = WRITTEN_LATER.map(|place| (place.to_owned(), "a controller writes when it comes to it".to_owned()));
        step.ignore.extend(later);
    }
}

/// Holds them with both sides.
pub async fn hold(
    name: &str,
    sequences: Sequences,
    mode: Mode,
    cluster: Arc<Cluster>,
    list: &Path,
    summary: &Summary,
) -> Result<(), Failure> {
    let topics = topics(name, &sequences);
    let first = Real(Arc::clone(&cluster));
    let (mut real, mut other) = match mode {
        Mode::Twice => {
            let second = Real(mode.second(cluster.options()).await?);
            tokio::try_join!(all(&topics, &first), all(&topics, &second))?
        }
        _ => {
            let demo = Embedded::start(Era::Now);
            tokio::try_join!(all(&topics, &first), all(&topics, &demo))?
        }
    };
    loosen(&mut real, &mut other);
    let found: Vec<Difference> =
        real.iter().zip(&other).flat_map(|(real, other)| compare::differences(real, other)).collect();
    let known = differences::of(name, list).map_err(Failure::new)?;
    let judged = differences::judge(found, known);
    summary.add(name, real.iter().map(Vec::len).sum(), judged.known);
    let outdated = judged.outdated.iter().map(|known| format!("listed, but no longer a difference: {}", known.pointer));
    let first = first_of_each(judged.new);
    let count = first.len();
    let shown = first.iter().take(SHOWN).map(|found| shown(found, &sequences));
    let lines: Vec<String> = outdated.chain(shown).collect();
    if lines.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{count} of {} sequences differ\n{}", sequences.each.len(), lines.join("\n"))))
}

fn topics(name: &str, sequences: &Sequences) -> Vec<Topic> {
    let topic =
        |steps: &Vec<Step>| Topic { name: name.to_owned(), about: String::new(), era: Era::Now, steps: steps.clone() };
    [&sequences.before].into_iter().chain(&sequences.each).map(topic).collect()
}

/// The first topic goes before all others.
async fn all<S: Side>(topics: &[Topic], side: &S) -> Result<Vec<Transcript>, Failure> {
    let Some((before, each)) = topics.split_first() else { return Ok(Vec::new()) };
    let mut said = vec![run::topic(before, side).await?];
    let rest = stream::iter(each).map(|topic| run::topic(topic, side)).buffered(AT_ONCE);
    said.extend(rest.try_collect::<Vec<_>>().await?);
    Ok(said)
}

fn sequence_of(label: &str) -> &str {
    label.split_once('.').map_or(label, |(number, _)| number)
}

/// The differences of the first exchange of each sequence that has any.
fn first_of_each(found: Vec<Difference>) -> Vec<Vec<Difference>> {
    let mut done = HashSet::new();
    let mut first: Vec<Vec<Difference>> = Vec::new();
    for one in found {
        match first.last_mut() {
            Some(last) if last[0].label == one.label => last.push(one),
            _ if done.insert(sequence_of(&one.label).to_owned()) => first.push(vec![one]),
            _ => {}
        }
    }
    first
}

/// The differences of an exchange, below all that was sent in its sequence so far.
fn shown(found: &[Difference], sequences: &Sequences) -> String {
    let label = &found[0].label;
    let steps = sequences.each.iter().find(|steps| steps.iter().any(|step| step.id.as_ref() == Some(label)));
    let mut lines = vec![format!("-- {label}")];
    for step in steps.into_iter().flatten() {
        let line = step.request.as_deref().unwrap_or_default();
        if !line.starts_with("GET ") {
            let kind = step.patch.map(|kind| format!(" ({kind:?})")).unwrap_or_default();
            let body = step.body.as_ref().map(ToString::to_string);
            let change =
                step.change.as_ref().map(|change| json!(change.set.iter().collect::<BTreeMap<_, _>>()).to_string());
            lines.push(format!("   {line}{kind} {}", body.or(change).unwrap_or_default()));
        }
        if step.id.as_ref() == Some(label) {
            break;
        }
    }
    lines.extend(found.iter().map(ToString::to_string));
    lines.join("\n")
}
