//! A plan that is cut off at every request that it writes: what the journal tells is enough to finish it, and to take it back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::{Request, Response};
use kube::client::Body;
use serde_json::{Value, json};
use tenantry::apply::{self, Applied, Order, recover};
use tenantry::cluster::gate::{Gate, Mode};
use tenantry::cluster::write;
use tenantry::console::run::wall_clock;
use tenantry::journal::{self, history::history};
use tenantry::plan::history::Past;
use tenantry::plan::undo::Wish;
use tenantry::plan::{Answer, Before, Change, ObjectRef, Plan, Propagation, Stage, Step, Target};
use tenantry::world::identity::Place;
use tenantry_cluster::Cluster;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::desk::{Outcome, furnish, get, send};

const NAMESPACE: &str = "crash-web";

fn config(name: &str) -> ObjectRef {
    ObjectRef::namespaced("/api/v1", "configmaps", "ConfigMap", NAMESPACE, name)
}

fn manifest(name: &str, value: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"example.com/test": "crash"}},
        "data": {"key": value, "plain": "yes"},
    })
}

/// The twelve objects of the plan: six that are there before, six that are not.
fn objects() -> Vec<ObjectRef> {
    (0..12).map(|number| config(&format!("step-{number}"))).collect()
}

/// Sets the scene: the first six objects as they are before, and nothing else.
async fn scene(cluster: &Cluster) -> Outcome {
    for (number, object) in objects().iter().enumerate() {
        let path = object.path();
        let there = get(cluster, &path).await;
        if number >= 6 {
            if there.is_ok() {
                send(cluster, "DELETE", &path, &json!({})).await?;
            }
            continue;
        }
        let wanted = manifest(&object.name, "old");
        match there {
            Ok(found) if found["data"] == wanted["data"] => {}
            Ok(_) => {
                let data = json!({"data": {"key": "old", "plain": "yes", "added": null}});
                send(cluster, "PATCH", &path, &data).await?;
            }
            Err(_) => drop(send(cluster, "POST", &object.collection(), &wanted).await?),
        }
    }
    Ok(())
}

/// The plan: four are changed and two made, two are deleted and two made, two are made in a way of their own.
async fn plan(gate: &Gate, target: &Target) -> Result<Plan, String> {
    let all = objects();
    let now = write::read_all(gate, &all).await.map_err(|trouble| trouble.to_string())?;
    let step = |number: usize| {
        let object: ObjectRef = all[number].clone();
        let change = match number {
            0..=3 => Change::Merge(json!({"data": {"key": "new", "added": "yes", "plain": null}})),
            4 | 5 => Change::Delete(Propagation::Background),
            10 | 11 => Change::Create(manifest(&object.name, "new")),
            _ => Change::Apply { manifest: manifest(&object.name, "new"), force: false },
        };
        Step { object, change, before: now[number].clone(), answer: None, source: None }
    };
    let stage = |numbers: &[usize]| Stage { steps: numbers.iter().map(|number| step(*number)).collect(), goal: None };
    let stages = vec![stage(&[0, 1, 2, 3, 6, 7]), stage(&[4, 5, 8, 9]), stage(&[10, 11])];
    Ok(Plan { title: "Twelve steps".to_owned(), target: target.clone(), stages, ..Plan::default() })
}

/// What there is of the twelve: labels and data.
async fn state(gate: &Gate) -> Result<Vec<Option<Value>>, String> {
    let now = write::read_all(gate, &objects()).await.map_err(|trouble| trouble.to_string())?;
    let shown = |before: Before| {
        before.object().map(|object| json!({"data": object["data"], "labels": object["metadata"]["labels"]}))
    };
    Ok(now.into_iter().map(shown).collect())
}

/// The line to the cluster, cut at the n-th request that writes: before it arrives, or before its answer does. What has left
/// before is carried out all the same.
struct Line {
    writes: AtomicUsize,
    is_cut: AtomicBool,
    cut_at: usize,
    how: Cut,
    cut: Notify,
    under_way: tokio::sync::Mutex<JoinSet<()>>,
}

impl Line {
    /// What becomes of a request that finds the line cut.
    async fn fails<T>(&self) -> Result<T, tower::BoxError> {
        self.is_cut.store(true, Ordering::SeqCst);
        self.cut.notify_one();
        if self.how.kills() {
            std::future::pending::<()>().await;
        }
        Err("connection reset by peer".into())
    }
}

/// How a plan is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// The process dies before the request leaves, or before its answer comes.
    Killed { arrives: bool },
    /// The network breaks, just so.
    Broken { arrives: bool },
}

impl Cut {
    const fn arrives(self) -> bool {
        let (Self::Killed { arrives } | Self::Broken { arrives }) = self;
        arrives
    }

    const fn kills(self) -> bool {
        matches!(self, Self::Killed { .. })
    }
}

fn cut_line(cluster: &Cluster, cut_at: usize, how: Cut) -> (kube::Client, Arc<Line>) {
    let line = Arc::new(Line {
        writes: AtomicUsize::new(0),
        is_cut: AtomicBool::new(false),
        cut_at,
        how,
        cut: Notify::new(),
        under_way: tokio::sync::Mutex::default(),
    });
    let client = cluster.client();
    let through = Arc::clone(&line);
    let service = tower::service_fn(move |request: Request<Body>| {
        let (client, line) = (client.clone(), Arc::clone(&through));
        async move {
            let (answered, answer) = tokio::sync::oneshot::channel::<Result<Response<_>, tower::BoxError>>();
            let query = request.uri().query().unwrap_or_default().to_owned();
            let writes = *request.method() != http::Method::GET && !query.contains("dryRun");
            // The dry run of a deletion says so in its body only; it is none of ours to count here, since plans are previewed
            // over a whole line.
            let number = if writes { line.writes.fetch_add(1, Ordering::SeqCst) + 1 } else { 0 };
            let is_cut = line.is_cut.load(Ordering::SeqCst);
            if is_cut || (number == line.cut_at && !line.how.arrives()) {
                return line.fails().await;
            }
            line.under_way.lock().await.spawn(async move {
                let _ = answered.send(client.send(request).await.map_err(Into::into));
            });
            let answer = answer.await.map_err(|_| tower::BoxError::from("the line is gone"))??;
            if number > 0 && number == line.cut_at {
                return line.fails().await;
            }
            Ok(answer)
        }
    });
    (kube::Client::new(service, "default"), line)
}

/// Previews a plan and applies it.
async fn carry_out(gate: &Gate, mut plan: Plan, sending: &Gate, journal: &Path) -> Result<Applied, String> {
    write::preview(gate, &mut plan).await;
    let unanswered = plan.steps().find(|step| !step.answer.as_ref().is_some_and(Answer::is_good));
    if let Some(step) = unanswered {
        return Err(format!("{} of {}: {:?}", step.object.title(), plan.title, step.answer));
    }
    let shown = plan.digest().ok_or("no digest")?;
    let order = Order {
        plan,
        shown,
        trial: None,
        journal: journal.to_owned(),
        clock: wall_clock(),
        stop: Arc::default(),
        current: true,
    };
    Ok(apply::apply(sending, order, |_| {}).await)
}

fn last(journal: &Path) -> Result<Past, String> {
    let entries = journal::read(journal).map_err(|trouble| trouble.to_string())?;
    history(entries).pop().ok_or_else(|| "the journal is empty".to_owned())
}

/// The plan is cut off before and after each of its twelve writes. From what the journal and the cluster say then, *finish*
/// leads to the end, and *undo* to the beginning.
pub async fn a_cut_plan_is_finished_or_taken_back(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "crash", &[NAMESPACE]).await?;
    let place = Place { context: "admin".to_owned(), server: "here".to_owned(), ..Place::default() };
    let target = Target {
        context: "admin".to_owned(),
        server: "here".to_owned(),
        user: "admin".to_owned(),
        impersonation: None,
    };
    let gate = Gate::new(cluster.client(), place.clone(), Mode::Writes);
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;

    scene(&cluster).await?;
    let beginning = state(&gate).await?;
    // A journal on a disk that is full: nothing is sent.
    let full = carry_out(&gate, plan(&gate, &target).await?, &gate, Path::new("/dev/full")).await?;
    let trouble = full.failure.ok_or("it was applied all the same")?;
    assert!(trouble.what.contains("cannot be written"), "{trouble}");
    assert_eq!(state(&gate).await?, beginning);

    let whole = folder.path().join("whole.jsonl");
    let applied = carry_out(&gate, plan(&gate, &target).await?, &gate, &whole).await?;
    if let Some(trouble) = applied.failure {
        return Err(trouble.to_string());
    }
    let end = state(&gate).await?;
    assert!(!last(&whole)?.is_interrupted());
    assert_ne!(beginning, end);

    let cuts = [true, false].map(|arrives| [Cut::Killed { arrives }, Cut::Broken { arrives }]).concat();
    for cut_at in 1..=12 {
        for (how, wish) in cuts.iter().flat_map(|how| [(*how, Wish::Finish), (*how, UNDO)]) {
            scene(&cluster).await?;
            let what = format!("cut at {cut_at}, {how:?}, {wish:?}");
            assert_eq!(state(&gate).await?, beginning, "{what}");
            let journal = folder.path().join(format!("{cut_at}-{how:?}-{}.jsonl", wish == UNDO));
            let (client, line) = cut_line(&cluster, cut_at, how);
            let cut = Gate::new(client, place.clone(), Mode::Writes);
            let twelve = plan(&gate, &target).await?;
            tokio::select! {
                applied = carry_out(&gate, twelve, &cut, &journal) => match applied?.failure {
                    Some(_) if !how.kills() => {}
                    ended => return Err(format!("{what}: it came to an end: {ended:?}")),
                },
                () = line.cut.notified(), if how.kills() => {}
            }
            // What had left is carried out, whoever waits for its answer.
            while line.under_way.lock().await.join_next().await.is_some() {}

            let past = last(&journal)?;
            assert!(past.is_interrupted(), "{what}: {}", past.outcome());
            let (back, _) =
                recover::plan(&gate, &past, target.clone(), wish).await.map_err(|trouble| trouble.to_string())?;
            if back.steps().next().is_some() {
                let applied =
                    carry_out(&gate, back, &gate, &journal).await.map_err(|error| format!("{what}: {error}"))?;
                if let Some(trouble) = applied.failure {
                    return Err(format!("{what}: {trouble}"));
                }
            }
            let wanted = if wish == UNDO { &beginning } else { &end };
            assert_eq!(&state(&gate).await?, wanted, "{what}");
        }
    }
    Ok(())
}

const UNDO: Wish = Wish::Undo { also_theirs: false };
