//! How soon a change is seen by those who watch.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{WatchEvent, WatchParams};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::figures::{Series, millis};
use crate::{Found, Outcome, caller, client, cluster};

/// How many changes are timed.
const CHANGES: usize = 1_000;

/// Others who watch the same kind, as the panes of a console do.
const OTHERS: usize = 7;

pub async fn measure() -> Outcome<Found> {
    let demo = cluster();
    let config_maps: Api<ConfigMap> = Api::namespaced(client(&demo), "default");
    let (seen, mut news) = mpsc::unbounded_channel();
    let from = demo.cluster().lock().store.revision().to_string();
    for reader in 0..=OTHERS {
        let (config_maps, from, seen) = (config_maps.clone(), from.clone(), seen.clone());
        tokio::spawn(async move {
            let mut events = std::pin::pin!(config_maps.watch(&WatchParams::default(), &from).await?);
            while let Some(event) = events.try_next().await? {
                // The last one to be woken decides.
                if reader == OTHERS && matches!(event, WatchEvent::Added(_) | WatchEvent::Modified(_)) {
                    let _ = seen.send(Instant::now());
                }
            }
            Ok::<_, kube::Error>(())
        });
    }
    // So that all of them wait.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut took = Vec::with_capacity(CHANGES);
    for at in 0..CHANGES {
        write(&demo, at)?;
        let written = Instant::now();
        let seen = news.recv().await.ok_or("nobody watches any more")?;
        took.push(millis(seen.duration_since(written)));
    }
    took.sort_by(f64::total_cmp);
    let slow = took.get(CHANGES * 99 / 100).copied().unwrap_or_default();
    let series = Series::of(took.into_iter());
    let line = format!(
        "{:<52} {:>9.3} {:>18.3} ms",
        "an event, from the write to the last of 8 readers; 99 %", series.median, slow
    );
    Ok(Found { series, lines: vec![line] })
}

fn write(demo: &tenantry::demo::Demo, at: usize) -> Outcome<()> {
    let name = format!("change-{}", at % 10);
    let object = json!({"metadata": {"name": name}, "data": {"at": at.to_string()}});
    let mut registry = demo.cluster().lock();
    if at < 10 {
        let mut object = object;
        object["metadata"]["namespace"] = "default".into();
        registry.create(&mut caller(), "configmaps", object)?;
        return Ok(());
    }
    let mut change = |live: &Value| {
        let mut new = live.clone();
        new["data"] = object["data"].clone();
        Ok(new)
    };
    registry.update(&mut caller(), "configmaps", "", "default", &name, &mut change)?;
    Ok(())
}
