//! Tables, which come in pages and are then watched; and kinds that cannot be.

use super::*;
use crate::cluster::table::Table;
use crate::world::feed::Feed;
use crate::world::resource::Resource;
use crate::world::store::Store;
use crate::world::table::{Listed, TableRow};

fn row(name: &str, version: u32) -> String {
    format!(
        r#"{{"cells":["{name}",1],"object":{{"metadata":{{"name":"{name}","namespace":"oil","resourceVersion":"{version}"}}}}}}"#
    )
}

fn table(version: u32, next: &str, names: &[&str]) -> String {
    let rows: Vec<String> = names.iter().map(|name| row(name, version)).collect();
    format!(
        r#"{{"kind":"Table","metadata":{{"resourceVersion":"{version}","continue":"{next}"}},"columnDefinitions":[{{"name":"Name","type":"string","format":"name"}},{{"name":"Data","type":"integer"}}],"rows":[{}]}}"#,
        rows.join(",")
    )
}

fn seen(what: &str, name: &str, version: u32) -> String {
    let object = format!(
        r#"{{"kind":"Table","metadata":{{"resourceVersion":"{version}"}},"columnDefinitions":null,"rows":[{}]}}"#,
        row(name, version)
    );
    format!("{{\"type\":\"{what}\",\"object\":{object}}}\n")
}

fn resource(verbs: &[&str]) -> Resource {
    let verbs = verbs.iter().map(ToString::to_string).collect();
    Resource { version: "v1".into(), plural: "configmaps".into(), namespaced: true, verbs, ..Resource::default() }
}

/// What has come of a table, when `done` is true of its rows: the titles of its columns and its rows.
async fn until(server: &mut Server, rows: &mut Store<TableRow>, done: impl Fn(&[String]) -> bool) -> Vec<String> {
    let mut titles = Vec::new();
    loop {
        let names: Vec<String> = rows.iter().map(|row| row.key.1.to_string()).collect();
        if done(&names) {
            return titles;
        }
        match server.news.recv().await.expect("the watch goes on").feed {
            Feed::Listed(7, Listed::Columns(columns)) => {
                titles = columns.iter().map(|column| column.title.to_string()).collect();
            }
            Feed::Listed(7, Listed::Rows(change)) => rows.apply(change, 0, |_, _| {}),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_table_comes_in_pages_and_is_watched_from_its_version() {
    let acts = vec![
        Act::Answer(200, table(5, "more", &["a", "b"])),
        Act::Answer(200, table(5, "", &["c"])),
        Act::Stay(vec![seen("ADDED", "d", 6), seen("DELETED", "a", 7)]),
    ];
    let kind = Table { resource: resource(&["list", "watch"]), request: 7 };
    let mut server = Server::run(acts, |around| follow(kind, Scope::Namespace("oil".into()), around, || {}));
    let mut rows = Store::default();
    let titles = until(&mut server, &mut rows, |names| names == ["a", "b", "c"]).await;
    assert_eq!(titles, ["NAME", "DATA"]);
    until(&mut server, &mut rows, |names| names == ["b", "c", "d"]).await;
    let asked = server.asked();
    assert_eq!(asked[0], "/api/v1/namespaces/oil/configmaps?limit=500");
    assert_eq!(asked[1], "/api/v1/namespaces/oil/configmaps?limit=500&continue=more");
    assert!(asked[2].contains("watch=true") && asked[2].ends_with("resourceVersion=5"), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_watched_is_listed_again_after_a_while() {
    let acts = vec![Act::Answer(200, table(5, "", &["a"])), Act::Answer(200, table(6, "", &["b"]))];
    let kind = Table { resource: resource(&["list"]), request: 7 };
    let begun = Instant::now();
    let mut server = Server::run(acts, |around| follow(kind, Scope::Cluster, around, || {}));
    let mut rows = Store::default();
    until(&mut server, &mut rows, |names| names == ["a"]).await;
    until(&mut server, &mut rows, |names| names == ["b"]).await;
    assert!(begun.elapsed() >= UNWATCHED);
    assert!(server.asked().iter().all(|uri| !uri.contains("watch")), "{:?}", server.asked());
}
