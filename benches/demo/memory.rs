//! What objects cost in memory while nothing happens to them.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tenantry::demo::Demo;
use tenantry::demo::life::nature::Nature;

use crate::figures::Series;
use crate::{Found, HEAP, Outcome, caller, cluster};

/// How many objects of each kind there are.
const COUNT: usize = 10_000;

/// The kinds that a cluster is full of.
const KINDS: [&str; 3] = ["configmaps", "pods", "rolebindings.rbac.authorization.k8s.io"];

pub fn measure() -> Outcome<Found> {
    let mut ratios = Vec::new();
    let mut lines = Vec::new();
    for kind in KINDS {
        let demo = cluster();
        demo.cluster().lock().nature = Nature::BARE;
        // What is there once, however many objects there are: tables, schemas that are read when first needed.
        create(&demo, kind, 0)?;
        let before = HEAP.current_usage();
        for at in 1..=COUNT {
            create(&demo, kind, at)?;
        }
        // What controllers had to do about them is done.
        demo.advance(SignedDuration::ZERO);
        let used = HEAP.current_usage().saturating_sub(before);
        let json = size(&demo, kind);
        let ratio = used as f64 / json as f64;
        let each = json / COUNT;
        let what = format!("{COUNT} {kind} of {each} bytes of JSON");
        lines.push(format!("{what:<52} {ratio:>9.2} x ({} bytes each)", used / COUNT));
        ratios.push(ratio);
    }
    // The dearest kind decides.
    ratios.sort_by(f64::total_cmp);
    let dearest = ratios.last().copied().unwrap_or(f64::NAN);
    Ok(Found { series: Series::of(std::iter::once(dearest)), lines })
}

/// The compact JSON of all of them.
fn size(demo: &Demo, kind: &str) -> usize {
    demo.cluster().lock().list(kind, Some("default")).map(|object| object.to_string().len()).sum()
}

fn create(demo: &Demo, kind: &str, at: usize) -> Outcome<()> {
    let metadata = json!({"name": format!("object-{at:05}"), "namespace": "default", "labels": {"app": "object"}});
    let object: Value = match kind {
        "pods" => json!({"metadata": metadata, "spec": {"containers": [{
            "name": "web", "image": "registry.example.com/web:1.4", "ports": [{"containerPort": 8080}],
            "env": [{"name": "LEVEL", "value": "info"}],
        }]}}),
        "configmaps" => json!({"metadata": metadata, "data": {"settings": "level = info\n".repeat(20)}}),
        _ => json!({
            "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice"}],
        }),
    };
    demo.cluster().lock().create(&mut caller(), kind, object)?;
    Ok(())
}
