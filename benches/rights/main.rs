//! Rights in a large cluster: how long until who may do what is known, and what knowing it costs.
//!
//! ```sh
//! cargo bench --bench rights                 # missed bounds are told
//! cargo bench --bench rights -- --strict     # and fail
//! ```
//!
//! 1,000 tenants, 5,000 namespaces, 30,000 bindings that name 100,000 subjects, no two alike.

#![allow(clippy::print_stdout, reason = "figures are what it is for")]
#![allow(clippy::panic, reason = "what is made here must be readable: else nothing is measured")]

#[path = "../console/figures.rs"]
mod figures;

use std::env;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use figures::{Series, Verdict, millis};
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use tenantry::cluster::wire::rbac::{decode_binding, decode_role};
use tenantry::world::World;
use tenantry::world::binding::{Binding, Subject};
use tenantry::world::feed::{Change, Feed, Scope, What};
use tenantry::world::name::Interner;
use tenantry::world::namespace::Namespace;
use tenantry::world::resource::Resources;
use tenantry::world::rights::person::Person;
use tenantry::world::rights::question::{Question, Where};
use tenantry::world::role::Role;
use tenantry::world::store::Row;
use tenantry::world::tenant::{Owner, Tenant};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const TENANTS: usize = 1_000;
const NAMESPACES: usize = 5_000;
const BINDINGS: usize = 30_000;
const SUBJECTS: usize = 100_000;

/// How many rows a reader hands on at once.
const BATCH: usize = 256;

/// How often each is measured.
const TIMES: usize = 15;

/// What must hold.
mod bound {
    use std::time::Duration;

    /// From the lists to the grants.
    pub(super) const INDEX: Duration = Duration::from_millis(150);
    /// A question who may do something.
    pub(super) const WHO: Duration = Duration::from_millis(20);
    /// A binding changes, and what follows from it in its tenant is known.
    pub(super) const CHANGE: Duration = Duration::from_millis(1);
    /// What bindings, roles and the index keep.
    pub(super) const MEMORY: f64 = 40.0;
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // `cargo test --benches` runs it without this: nothing is measured in a debug build.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let verdicts = measure();
    println!();
    for verdict in &verdicts {
        println!("{verdict}");
    }
    let missed = verdicts.iter().any(|verdict| !verdict.held);
    let strict = arguments.iter().any(|argument| argument == "--strict");
    if strict && missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn measure() -> Vec<Verdict> {
    let mut names = Interner::default();
    let ground = || {
        let mut world = World::default();
        tell(&mut world, Feed::Namespaces, (0..NAMESPACES).map(namespace).collect());
        tell(&mut world, Feed::Tenants, (0..TENANTS).map(tenant).collect());
        world
    };
    let mut world = ground();
    let before = HEAP.current_usage();
    let mut rows = read(&mut names);
    let mut indexed = Vec::new();
    for round in 0..TIMES {
        let begin = Instant::now();
        furnish(&mut world, rows);
        indexed.push(millis(begin.elapsed()));
        if round + 1 < TIMES {
            world = ground();
        }
        rows = if round + 1 < TIMES { read(&mut names) } else { Rows::default() };
    }
    names.prune();
    drop(rows);
    let kept = HEAP.current_usage().saturating_sub(before) as f64 / f64::from(1 << 20);
    println!(
        "{} subjects are named by {} bindings",
        world.subjects().len(),
        world.bindings.len() + world.cluster_bindings.len()
    );
    let series = Series::of(indexed.into_iter());
    println!("{}", series.line("lists taken in and indexed", "ms"));
    let mut verdicts = vec![
        Verdict::time("lists taken in and indexed", series.median, bound::INDEX),
        Verdict::new(
            "kept in memory",
            format!("{kept:.1} MiB"),
            format!("{:.0} MiB", bound::MEMORY),
            kept <= bound::MEMORY,
        ),
    ];
    let questions = [
        ("delete", "pods", Where::Tenant("tenant-7".into())),
        ("delete", "pods", Where::Namespace("space-4321".into())),
        // What one role of a hundred allows; then what all of them do: everybody is in the answer.
        ("get", "kind-7-3", Where::Everywhere),
        ("delete", "pods", Where::Everywhere),
    ];
    for (verb, object, place) in questions {
        let what = format!("who may {verb} {object} {}", place.words());
        let question = ask(verb, object, place);
        let rights = world.rights();
        let series = timed(|| {
            black_box(rights.who(&question));
        });
        println!("{} ({} subjects)", series.line(&what, "ms"), rights.who(&question).holders.len());
        verdicts.push(Verdict::time(&what, series.median, bound::WHO));
        // As if somebody looked at each of them.
        let series = timed(|| {
            let who = rights.who(&question);
            black_box(who.holders.each().map(|holder| holder.ways().chains.len()).sum::<usize>());
        });
        println!("{}", series.line("  with the ways of each of them", "ms"));
    }
    let somebody = Person::of(&Subject::User("user-54321@corp.example".into()));
    let question = ask("get", "secrets", Where::Everywhere);
    let series = timed(|| {
        black_box(world.rights().can(&somebody, &question));
    });
    println!("{}", series.line("may somebody, in 5,000 namespaces", "ms"));
    let series = timed(|| {
        black_box(world.rights().risks(&Where::Everywhere));
    });
    println!("{}", series.line("all that should be looked at", "ms"));
    let tenant = "tenant-7".into();
    let question = ask("delete", "pods", Where::Tenant("tenant-7".into()));
    let mut round = 0;
    let series = timed(|| {
        round += 1;
        let mut changed: Binding = decode_binding(binding(7, round).to_string().as_bytes(), &mut names)
            .unwrap_or_else(|error| panic!("{error}"));
        changed.created += 1;
        world.apply(Feed::Bindings(Change { scope: Scope::Cluster, what: What::Rows(vec![changed]) }), 0);
        let rights = world.rights();
        black_box(rights.who(&question));
        black_box(rights.matrix(&tenant, false));
    });
    println!("{}", series.line("a binding changes: who may, and the matrix, anew", "ms"));
    verdicts.push(Verdict::time("a binding changes", series.median, bound::CHANGE));
    verdicts
}

fn timed(mut work: impl FnMut()) -> Series {
    Series::of((0..TIMES).map(|_| {
        let begin = Instant::now();
        work();
        millis(begin.elapsed().max(Duration::ZERO))
    }))
}

fn ask(verb: &str, what: &str, place: Where) -> Question {
    Question::read(&Resources::default(), verb, what, None, place).unwrap_or_else(|words| panic!("{words}"))
}

/// What is listed, as it was read.
#[derive(Default)]
struct Rows {
    bindings: Vec<Binding>,
    cluster_bindings: Vec<Binding>,
    roles: Vec<Role>,
    cluster_roles: Vec<Role>,
}

/// Decodes it all, as from the wire.
fn read(names: &mut Interner) -> Rows {
    let mut decode =
        |value: Value| decode_binding(value.to_string().as_bytes(), names).unwrap_or_else(|error| panic!("{error}"));
    let bindings = (0..BINDINGS - 100).map(|number| decode(binding(number, 0))).collect();
    let cluster_bindings = (BINDINGS - 100..BINDINGS).map(|number| decode(cluster_binding(number))).collect();
    let mut decode =
        |value: Value| decode_role(value.to_string().as_bytes(), names).unwrap_or_else(|error| panic!("{error}"));
    let cluster_roles = (0..100).map(|number| decode(role(number, None))).collect();
    let roles = (0..NAMESPACES).map(|number| decode(role(number % 20, Some(number)))).collect();
    Rows { bindings, cluster_bindings, roles, cluster_roles }
}

fn furnish(world: &mut World, rows: Rows) {
    let Rows { bindings, cluster_bindings, roles, cluster_roles } = rows;
    tell(world, Feed::ClusterRoles, cluster_roles);
    tell(world, Feed::Roles, roles);
    tell(world, Feed::ClusterBindings, cluster_bindings);
    tell(world, Feed::Bindings, bindings);
}

/// Takes in a list, as it comes.
fn tell<R: Row>(world: &mut World, feed: fn(Change<R>) -> Feed, rows: Vec<R>) {
    let scope = || Scope::Cluster;
    world.apply(feed(Change { scope: scope(), what: What::Begin }), 0);
    let mut rows = rows.into_iter();
    loop {
        let batch: Vec<R> = rows.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        world.apply(feed(Change { scope: scope(), what: What::Rows(batch) }), 0);
    }
    world.apply(feed(Change { scope: scope(), what: What::Synced }), 0);
}

fn namespace(number: usize) -> Namespace {
    Namespace {
        name: format!("space-{number}").as_str().into(),
        uid: format!("uid-{number}").as_str().into(),
        tenant: Some(format!("tenant-{}", number % TENANTS).as_str().into()),
        ..Namespace::default()
    }
}

/// A tenant, of somebody who is bound in it.
fn tenant(number: usize) -> Tenant {
    let owner = Owner {
        subject: Subject::User(format!("user-{}@corp.example", number * SUBJECTS / BINDINGS / 3 * 3).as_str().into()),
        cluster_roles: vec!["admin".into()],
    };
    Tenant {
        name: format!("tenant-{number}").as_str().into(),
        uid: format!("uid-{number}").as_str().into(),
        owners: vec![owner],
        ..Tenant::default()
    }
}

const RBAC: &str = "rbac.authorization.k8s.io";

/// The subjects of a binding: each its own.
fn subjects(number: usize, turn: usize) -> Vec<Value> {
    let range = number * SUBJECTS / BINDINGS..(number + 1) * SUBJECTS / BINDINGS;
    let subject = |at: usize| match at % 3 {
        0 => json!({"apiGroup": RBAC, "kind": "User", "name": format!("user-{}@corp.example", at + turn)}),
        1 => json!({"apiGroup": RBAC, "kind": "Group", "name": format!("/teams/group-{at}")}),
        _ => {
            json!({"kind": "ServiceAccount", "namespace": format!("space-{}", at % NAMESPACES), "name": format!("robot-{at}")})
        }
    };
    range.map(subject).collect()
}

fn binding(number: usize, turn: usize) -> Value {
    let namespace = format!("space-{}", number % NAMESPACES);
    let role = match number % 4 {
        0 => json!({"apiGroup": RBAC, "kind": "Role", "name": "own"}),
        other => json!({"apiGroup": RBAC, "kind": "ClusterRole", "name": format!("role-{}", other * 7 % 100)}),
    };
    json!({
        "metadata": {
            "name": format!("binding-{}", number / NAMESPACES), "namespace": namespace, "creationTimestamp": "2026-11-30T08:00:00Z",
            "labels": {"app.kubernetes.io/managed-by": "Helm"}, "annotations": {"meta.helm.sh/release-name": "access"},
            "managedFields": [{"manager": "helm", "operation": "Update", "time": "2026-11-30T08:00:00Z", "fieldsV1": {"f:subjects": {}}}],
        },
        "roleRef": role, "subjects": subjects(number, turn),
    })
}

fn cluster_binding(number: usize) -> Value {
    json!({
        "metadata": {"name": format!("binding-{number}"), "creationTimestamp": "2026-11-30T08:00:00Z"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": format!("role-{}", number % 100)},
        "subjects": subjects(number, 0),
    })
}

/// Every role lets its people delete pods: all of them are in the answer.
fn role(number: usize, namespace: Option<usize>) -> Value {
    let rules: Vec<Value> = (0..10)
        .map(|at| json!({"apiGroups": ["", "apps"], "resources": [format!("kind-{number}-{at}"), format!("kind-{at}/status")], "verbs": ["get", "list", "watch"]}))
        .chain([json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "delete"]})])
        .collect();
    match namespace {
        Some(at) => json!({"metadata": {"name": "own", "namespace": format!("space-{at}")}, "rules": rules}),
        None => json!({"metadata": {"name": format!("role-{number}")}, "rules": rules}),
    }
}
