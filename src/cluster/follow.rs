//! Follows objects: those of an open plan, or one that somebody looks at.

use http::Request;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::Value;

use super::gate::{Class, Gate};
use super::review::request;
use super::scan::LineCutter;
use crate::plan::ObjectRef;
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
        News::Gone(_) => seen(None),
    })
    .await
}

/// Follows one object until it is as wanted (`true`), or the watch has ended (`false`).
pub async fn follow_until(
    gate: &Gate,
    object: &ObjectRef,
    wanted: impl Fn(Option<&Value>) -> bool,
) -> Result<bool, Trouble> {
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
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

/// Follows several objects of one list; calls `seen` with the number of the object and its state.
pub async fn follow_some(
    gate: &Gate,
    collection: &str,
    names: &[(usize, String)],
    mut seen: impl FnMut(usize, Option<Value>),
) -> Result<(), Trouble> {
    let doing = format!("follow {} objects of {collection}", names.len());
    let name = |object: &Value| object.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned);
    list_and_watch(gate, collection, "", &doing, |news| match news {
        News::Listed(items) => {
            for (number, wanted) in names {
                seen(*number, items.iter().find(|item| name(item).as_ref() == Some(wanted)).cloned());
            }
        }
        News::Is(object) => {
            let is = name(&object);
            for (number, _) in names.iter().filter(|(_, wanted)| is.as_ref() == Some(wanted)) {
                seen(*number, Some(object.clone()));
            }
        }
        News::Gone(object) => {
            let was = name(&object);
            for (number, _) in names.iter().filter(|(_, wanted)| was.as_ref() == Some(wanted)) {
                seen(*number, None);
            }
        }
    })
    .await
}

/// What a list that is followed tells.
enum News {
    /// What there is at first.
    Listed(Vec<Value>),
    /// An object is this now.
    Is(Value),
    /// An object is gone; this it was.
    Gone(Value),
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
    watch(gate, uri, doing, |gone, object| tell(if gone { News::Gone(object) } else { News::Is(object) })).await
}

/// Tells each change that a watch at `uri` brings: whether the object is gone, and what it is or was. Ends when the server ends
/// it, or says that it cannot go on.
pub async fn watch(gate: &Gate, uri: String, doing: &str, mut seen: impl FnMut(bool, Value)) -> Result<(), Trouble> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(rename = "type")]
        what: String,
        object: Value,
    }
    let response = gate.send(Class::Read, request(Request::get(uri), Vec::new())?, doing).await?;
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
