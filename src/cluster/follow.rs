//! Follows objects: those of an open plan, or one that somebody looks at.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::Request;
use http::header::ACCEPT;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::gate::{Class, Gate};
use super::review::request;
use super::scan::{LineCutter, ListCutter};
use super::write;
use crate::plan::{ObjectRef, diff};
use crate::world::trouble::{Trouble, TroubleKind};

/// Follows one object; calls `seen` with what it is now and then with each new state (`None`: not there) until the watch ends.
///
/// The watch begins at a list of the present and not at a version that was read before: servers keep the changes of the last
/// minutes only, and the version of an object that nobody has touched for a day is older than that.
pub async fn follow(gate: &Gate, object: &ObjectRef, mut seen: impl FnMut(Option<Value>)) -> Result<(), Trouble> {
    let selector = format!("&fieldSelector=metadata.name%3D{}", object.name);
    let doing = format!("follow {}", object.title());
    list_and_watch(gate, &object.collection(), &selector, &doing, |news| match news {
        News::Listed(items) => seen(items.into_iter().next()),
        News::Is(object) => seen(Some(object)),
        News::Gone => seen(None),
    })
    .await
}

/// Follows one object until it is as wanted (`true`), or the watch has ended (`false`).
pub async fn follow_until(
    gate: &Gate,
    object: &ObjectRef,
    wanted: impl Fn(Option<&Value>) -> bool,
) -> Result<bool, Trouble> {
    let (told, mut heard) = mpsc::unbounded_channel();
    let seen = |now: Option<Value>| {
        if wanted(now.as_ref()) {
            // Whoever waits may have given up.
            let _ = told.send(());
        }
    };
    tokio::select! {
        ended = follow(gate, object, seen) => ended.map(|()| false),
        Some(()) = heard.recv() => Ok(true),
    }
}

/// An object that is followed among others: its number, and as it was read (`None`: it was not there).
pub type Wanted = (usize, ObjectRef, Option<Value>);

/// For how long news of one object are gathered before it is read.
const GATHER: Duration = Duration::from_millis(200);

/// Follows several objects of one list by their metadata: the others of that list, and what is in any of them, stay where they
/// are. One that has moved is read; `seen` hears its number and what it is now. `listed` hears when what is there is known.
pub async fn follow_many(
    gate: &Gate,
    collection: &str,
    wanted: &[Wanted],
    listed: impl Fn(),
    seen: impl Fn(usize, Option<Value>),
) -> Result<(), Trouble> {
    let doing = format!("follow {} objects of {collection}", wanted.len());
    let (told, heard) = mpsc::unbounded_channel();
    let mut known: BTreeMap<&str, (usize, Option<Value>)> = wanted
        .iter()
        .map(|(number, object, before)| {
            (object.name.as_str(), (*number, before.as_ref().and_then(|before| before.get("metadata")).cloned()))
        })
        .collect();
    let mut judge = |name: &str, metadata: Option<Value>| {
        let Some((number, last)) = known.get_mut(name) else { return };
        let moved = match (&*last, &metadata) {
            (Some(last), Some(now)) => has_moved(last, now),
            (None, None) => false,
            _ => true,
        };
        *last = metadata;
        if moved {
            // Whoever reads ends with us.
            let _ = told.send(*number);
        }
    };
    let watching = async {
        let (version, items) = list_metadata(gate, collection, &doing).await?;
        listed();
        for (_, object, _) in wanted {
            judge(&object.name, items.get(&object.name).cloned());
        }
        drop(items);
        let uri = format!("{collection}?watch=true&allowWatchBookmarks=true&resourceVersion={version}");
        let builder = Request::get(uri).header(ACCEPT, METADATA);
        watch_request(gate, request(builder, Vec::new())?, &doing, |gone, object| {
            let metadata = object.get("metadata").cloned().unwrap_or_default();
            let name = metadata.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            judge(&name, (!gone).then_some(metadata));
        })
        .await
    };
    tokio::select! {
        ended = watching => ended,
        () = read_moved(gate, wanted, heard, seen) => Ok(()),
    }
}

/// Reads what has moved, each object at most once in a while.
async fn read_moved(
    gate: &Gate,
    wanted: &[Wanted],
    mut heard: mpsc::UnboundedReceiver<usize>,
    seen: impl Fn(usize, Option<Value>),
) {
    while let Some(first) = heard.recv().await {
        sleep(GATHER).await;
        let mut numbers = BTreeSet::from([first]);
        while let Ok(number) = heard.try_recv() {
            numbers.insert(number);
        }
        for (number, object, _) in wanted.iter().filter(|(number, ..)| numbers.contains(number)) {
            match write::read(gate, object).await {
                Ok(now) => seen(*number, Some(now)),
                Err(trouble) if trouble.kind == TroubleKind::NotFound => seen(*number, None),
                // What is not known now is checked by the server when it is written.
                Err(_) => {}
            }
        }
    }
}

/// Whether an object has moved beyond its status, as far as its metadata tell. Where a kind counts the generations of its
/// objects they tell all.
fn has_moved(last: &Value, now: &Value) -> bool {
    let version = |metadata: &Value| metadata.get("resourceVersion").cloned();
    if version(last) == version(now) {
        return false;
    }
    let generation = |metadata: &Value| metadata.get("generation").and_then(Value::as_i64).unwrap_or_default();
    let rest = |metadata: &Value| diff::without_bookkeeping(&json!({"metadata": metadata}));
    generation(now) == 0 || generation(last) != generation(now) || rest(last) != rest(now)
}

/// The version of a list, and the metadata of its objects by their names, cut out of the body as it arrives.
async fn list_metadata(
    gate: &Gate,
    collection: &str,
    doing: &str,
) -> Result<(String, BTreeMap<String, Value>), Trouble> {
    #[derive(Deserialize)]
    struct Item {
        metadata: Value,
    }
    let listing = request(Request::get(collection).header(ACCEPT, METADATA_LIST), Vec::new())?;
    let mut body = gate.send(Class::Read, listing, doing).await?.into_body();
    let (mut cutter, mut items) = (ListCutter::default(), BTreeMap::new());
    let interrupted = |words: String| Trouble::new(TroubleKind::Interrupted, words);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| interrupted(error.to_string()))?.into_data() else { continue };
        let cut = cutter.push(&data, |item| {
            if let Ok(Item { metadata }) = serde_json::from_slice(item)
                && let Some(name) = metadata.get("name").and_then(Value::as_str)
            {
                items.insert(name.to_owned(), metadata);
            }
        });
        cut.map_err(|error| interrupted(error.to_string()))?;
    }
    let end = cutter.finish().map_err(|error| interrupted(error.to_string()))?;
    Ok((end.resource_version, items))
}

/// Metadata alone, where the server can say so.
const METADATA: &str = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";
const METADATA_LIST: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";

/// What a list that is followed tells.
enum News {
    /// What there is at first.
    Listed(Vec<Value>),
    /// An object is this now.
    Is(Value),
    /// An object is gone.
    Gone,
}

async fn list_and_watch(
    gate: &Gate,
    collection: &str,
    selector: &str,
    doing: &str,
    mut tell: impl FnMut(News),
) -> Result<(), Trouble> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct List {
        #[serde(default)]
        api_version: String,
        #[serde(default)]
        kind: String,
        #[serde(default)]
        metadata: Value,
        #[serde(default)]
        items: Vec<Value>,
    }
    let listing = request(Request::get(format!("{collection}?{}", selector.trim_start_matches('&'))), Vec::new())?;
    let list: List = gate.ask(Class::Read, listing, doing).await?;
    let version = list.metadata.get("resourceVersion").and_then(Value::as_str).unwrap_or("0").to_owned();
    // The items of a list do not say what they are.
    let (kind, mut items) = (list.kind.trim_end_matches("List"), list.items);
    for fields in items.iter_mut().filter_map(Value::as_object_mut) {
        fields.entry("apiVersion").or_insert_with(|| list.api_version.as_str().into());
        fields.entry("kind").or_insert_with(|| kind.into());
    }
    tell(News::Listed(items));
    let uri = format!("{collection}?watch=true&allowWatchBookmarks=true&resourceVersion={version}{selector}");
    watch(gate, uri, doing, |gone, object| tell(if gone { News::Gone } else { News::Is(object) })).await
}

/// Tells each change that a watch at `uri` brings: whether the object is gone, and what it is or was. Ends when the server ends
/// it, or says that it cannot go on.
pub async fn watch(gate: &Gate, uri: String, doing: &str, seen: impl FnMut(bool, Value)) -> Result<(), Trouble> {
    watch_request(gate, request(Request::get(uri), Vec::new())?, doing, seen).await
}

async fn watch_request(
    gate: &Gate,
    request: Request<Vec<u8>>,
    doing: &str,
    mut seen: impl FnMut(bool, Value),
) -> Result<(), Trouble> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(rename = "type")]
        what: String,
        object: Value,
    }
    let response = gate.send(Class::Read, request, doing).await?;
    let mut body = response.into_body();
    let mut cutter = LineCutter::default();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| Trouble::new(TroubleKind::Interrupted, error.to_string()))?.into_data()
        else {
            continue;
        };
        let mut broken = false;
        let cut = cutter.push(&data, |line| {
            if let Ok(Line { what, object }) = serde_json::from_slice::<Line>(line) {
                match what.as_str() {
                    "ADDED" | "MODIFIED" => seen(false, object),
                    "DELETED" => seen(true, object),
                    "ERROR" => broken = true,
                    _ => {}
                }
            }
        });
        cut.map_err(|error| Trouble::new(TroubleKind::Interrupted, error.to_string()))?;
        if broken {
            return Err(Trouble::new(TroubleKind::Gone, format!("cannot {doing} any further")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_that_never_rests_is_no_move() {
        let metadata = |version: &str, generation: i64, label: &str| json!({"name": "site", "resourceVersion": version, "generation": generation, "labels": {"a": label}});
        let planned = metadata("1", 3, "x");
        assert!(!has_moved(&planned, &metadata("1", 3, "x")));
        assert!(!has_moved(&planned, &metadata("2", 3, "x")));
        assert!(has_moved(&planned, &metadata("2", 3, "y")));
        assert!(has_moved(&planned, &metadata("2", 4, "x")));
        // Nothing counts its generations: what moved is not told by its metadata.
        assert!(has_moved(&metadata("1", 0, "x"), &metadata("2", 0, "x")));
    }
}
