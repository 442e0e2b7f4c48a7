//! What is listed, in pages, by namespace, by selector, one by one and as it was before, is one and the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answer::{Answer, send};
use super::dice::Dice;
use super::request::{Request, collection, place};
use crate::demo::cluster::Cluster;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::stamp;
use crate::demo::schema::kind::Kind;

/// Objects by namespace and name, with their types.
pub type Objects = BTreeMap<(String, String), Object>;

/// A list that has been got, and the version it was got at.
#[derive(Debug, Default, Clone)]
pub struct Snapshot {
    /// The list's version.
    pub version: String,
    /// What was in it.
    pub objects: Objects,
}

/// Objects by what they are called.
pub fn by_name(kind: &Kind, items: &[Object]) -> Objects {
    let typed = items.iter().cloned().map(|mut object| {
        stamp(kind, &mut object);
        ((object.namespace().to_owned(), object.name().to_owned()), object)
    });
    typed.collect()
}

/// Gets what must be there to get.
pub fn get(cluster: &Arc<Cluster>, path: &str) -> Result<Answer, String> {
    let answer = send(cluster, &Request::of_root("GET", path)).map_err(|what| format!("GET {path}: {what}"))?;
    let answer = answer.ok_or_else(|| format!("GET {path} cannot be said"))?;
    if answer.code == 200 { Ok(answer) } else { Err(format!("GET {path}: {} {}", answer.code, answer.value)) }
}

/// A list, whole.
pub fn snapshot(cluster: &Arc<Cluster>, kind: &Kind) -> Result<Snapshot, String> {
    let answer = get(cluster, &collection(kind, None))?;
    let objects = by_name(kind, answer.items());
    if objects.len() != answer.items().len() {
        return Err(format!("{} lists an object twice", kind.qualified()));
    }
    Ok(Snapshot { version: answer.value.version().to_owned(), objects })
}

/// A list in pages. `between` is called after the first.
fn paged(cluster: &Arc<Cluster>, kind: &Kind, query: &str, limit: usize) -> Result<Vec<Object>, String> {
    let mut items = Vec::new();
    let mut token = String::new();
    loop {
        let path = format!("{}?limit={limit}{query}{token}", collection(kind, None));
        let answer = get(cluster, &path)?;
        if answer.items().len() > limit {
            return Err(format!("{path} has {} items", answer.items().len()));
        }
        items.extend_from_slice(answer.items());
        match answer.value.text(&["metadata", "continue"]).filter(|token| !token.is_empty()) {
            Some(next) => token = format!("&continue={next}"),
            None => return Ok(items),
        }
    }
}

/// Compares what should be the same.
pub fn same(what: &str, expected: &Objects, found: &Objects) -> Result<(), String> {
    for (key, object) in expected {
        match found.get(key) {
            None => return Err(format!("{what}: {key:?} is missing: {object}")),
            Some(other) if other != object => {
                return Err(format!("{what}: {key:?} differs:\n  {object}\n  {other}"));
            }
            Some(_) => {}
        }
    }
    match found.iter().find(|(key, _)| !expected.contains_key(*key)) {
        Some((key, object)) => Err(format!("{what}: {key:?} is too many: {object}")),
        None => Ok(()),
    }
}

/// Looks at the objects of a kind in every way there is. `before` is what was listed earlier. Answers with what is listed now.
pub fn check(cluster: &Arc<Cluster>, kind: &Kind, before: &Snapshot, dice: &mut Dice) -> Result<Snapshot, String> {
    let name = kind.qualified();
    let now = snapshot(cluster, kind)?;
    let all = &now.objects;
    let limit = 1 + dice.below(all.len().max(4));
    same(&format!("{name} in pages of {limit}"), all, &by_name(kind, &paged(cluster, kind, "", limit)?))?;

    let is_said = |version: &str| !version.is_empty() && version != "0";
    if is_said(&before.version) {
        let path = format!("{}?resourceVersionMatch=Exact&resourceVersion={}", collection(kind, None), before.version);
        match get(cluster, &path) {
            Ok(then) => same(&format!("{name} at {}", before.version), &before.objects, &by_name(kind, then.items()))?,
            Err(what) if what.contains(": 410 ") => {}
            Err(what) => return Err(what),
        }
    }
    if kind.namespaced {
        let mut sum = Objects::new();
        let namespaces: std::collections::BTreeSet<&str> =
            all.keys().map(|(namespace, _)| namespace.as_str()).collect();
        for namespace in namespaces {
            sum.append(&mut by_name(kind, get(cluster, &collection(kind, Some(namespace)))?.items()));
        }
        same(&format!("{name} by namespace"), all, &sum)?;
    }
    for object in all.values().filter(|_| dice.once_in(4)) {
        let path = place(kind, object);
        let alone = get(cluster, &path)?.value;
        if alone != *object {
            return Err(format!("{path} differs from the list:\n  {object}\n  {alone}"));
        }
    }
    selected(cluster, kind, all, dice)?;
    shown(cluster, kind, all)?;
    Ok(now)
}

/// Lists in other forms: a row or an entry for each object.
fn shown(cluster: &Arc<Cluster>, kind: &Kind, all: &Objects) -> Result<(), String> {
    let form = |name: &str, value: &str| {
        let mut request = Request::of_root("GET", collection(kind, None));
        request.headers.push(("accept", format!("application/json;as={name};v=v1;g=meta.k8s.io")));
        let answer = send(cluster, &request).map_err(|what| format!("{name} of {}: {what}", kind.qualified()))?;
        answer
            .map(|answer| answer.value)
            .filter(|list| list.list(&[value]).len() == all.len())
            .ok_or_else(|| format!("{name} of {} has not {} {value}", kind.qualified(), all.len()))
    };
    form("PartialObjectMetadataList", "items")?;
    let table = form("Table", "rows")?;
    let columns = table.list(&["columnDefinitions"]).len();
    for (row, object) in table.list(&["rows"]).iter().zip(all.values()) {
        if row.list(&["cells"]).len() != columns || row.text(&["object", "metadata", "uid"]) != Some(object.uid()) {
            return Err(format!("a row of {} does not fit its object or its columns: {row}", kind.qualified()));
        }
    }
    Ok(())
}

/// Lists with selectors that some of the objects answer to.
fn selected(cluster: &Arc<Cluster>, kind: &Kind, all: &Objects, dice: &mut Dice) -> Result<(), String> {
    let objects: Vec<&Object> = all.values().collect();
    let Some(object) = dice.any(&objects) else { return Ok(()) };
    let labels = object.at(&["metadata", "labels"]).and_then(serde_json::Value::as_object);
    let label = labels.and_then(|labels| labels.iter().nth(dice.below(labels.len())));
    let (key, value) = label.map_or(("app", "web"), |(key, value)| (key.as_str(), value.as_str().unwrap_or_default()));
    let (name, namespace) = (object.name(), object.namespace());
    let is = |one: &Object| one.label(key) == Some(value);
    let has = |one: &Object| one.label(key).is_some();
    type Rule<'a> = Box<dyn Fn(&Object) -> bool + 'a>;
    let rules: [(String, Rule<'_>); 8] = [
        (format!("labelSelector={key}%3D{value}"), Box::new(is)),
        (format!("labelSelector={key}!%3D{value}"), Box::new(|one| !is(one))),
        (format!("labelSelector={key}"), Box::new(has)),
        (format!("labelSelector=!{key}"), Box::new(|one| !has(one))),
        (format!("labelSelector={key}+in+({value},other)"), Box::new(|one| is(one) || one.label(key) == Some("other"))),
        (format!("fieldSelector=metadata.name%3D{name}"), Box::new(|one| one.name() == name)),
        (format!("fieldSelector=metadata.name!%3D{name}"), Box::new(|one| one.name() != name)),
        (format!("fieldSelector=metadata.namespace%3D{namespace}"), Box::new(|one| one.namespace() == namespace)),
    ];
    for (query, rule) in rules.iter().filter(|(query, _)| kind.namespaced || !query.contains("metadata.namespace")) {
        let wanted: Objects =
            all.iter().filter(|(_, one)| rule(one)).map(|(key, one)| (key.clone(), one.clone())).collect();
        let limit = 1 + dice.below(all.len());
        let found = paged(cluster, kind, &format!("&{query}"), limit)?;
        same(&format!("{} with {query}", kind.qualified()), &wanted, &by_name(kind, &found))?;
    }
    Ok(())
}
