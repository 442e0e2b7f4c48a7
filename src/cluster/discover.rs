//! Which kinds a server has: aggregated discovery (two requests), or, from servers that do not aggregate it, the list of each
//! group.

use futures_util::StreamExt as _;
use futures_util::stream;
use http::Request;
use http::header::ACCEPT;
use serde::Deserialize;

use super::gate::{Class, Gate};
use super::review::request;
use crate::text::clean::clean;
use crate::world::resource::{Resource, Resources};
use crate::world::trouble::Trouble;

/// The forms that are understood, the best first: aggregated since Kubernetes 1.30, since 1.26, and as ever.
const FORMS: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
    application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

const DOING: &str = "ask which kinds there are";

/// How many groups are asked at once, where each must be asked.
const AT_ONCE: usize = 8;

/// Asks which kinds there are. Groups that cannot be asked are told among the result.
pub async fn discover(gate: &Gate) -> Result<Resources, Trouble> {
    let (core, named) = tokio::join!(part(gate, "/api"), part(gate, "/apis"));
    let mut found = core?;
    let named = named?;
    found.resources.extend(named.resources);
    found.missing.extend(named.missing);
    Ok(Resources::new(found.resources, found.missing))
}

/// What one of the two roots tells.
#[derive(Debug, Default)]
struct Found {
    resources: Vec<Resource>,
    missing: Vec<String>,
}

async fn part(gate: &Gate, root: &str) -> Result<Found, Trouble> {
    let asked = ask::<Answer>(gate, root, FORMS).await;
    let answer = match asked {
        // Something on the way (or a very old server) does not know the form.
        Err(trouble) if !trouble.is_transient() => ask(gate, root, "application/json").await?,
        other => other?,
    };
    match answer {
        Answer::Aggregated { items } => Ok(aggregated(items)),
        Answer::Groups { groups } => {
            let versions = groups.into_iter().flat_map(Group::versions).map(|version| format!("/apis/{version}"));
            Ok(each(gate, versions.collect()).await)
        }
        Answer::Core { versions } => {
            Ok(each(gate, versions.into_iter().map(|version| format!("/api/{version}")).collect()).await)
        }
    }
}

async fn ask<T: serde::de::DeserializeOwned>(gate: &Gate, path: &str, forms: &str) -> Result<T, Trouble> {
    gate.ask(Class::Read, request(Request::get(path).header(ACCEPT, forms), Vec::new())?, DOING).await
}

/// Asks each group and version for its list, several at once, and keeps their order.
async fn each(gate: &Gate, paths: Vec<String>) -> Found {
    let lists = stream::iter(paths).map(|path| async move {
        let list = ask::<List>(gate, &path, "application/json").await;
        (path, list)
    });
    let mut found = Found::default();
    for (path, list) in lists.buffered(AT_ONCE).collect::<Vec<_>>().await {
        match list {
            Ok(list) => found.resources.extend(list.resources()),
            Err(trouble) => {
                tracing::info!(%trouble, path, "a group of kinds cannot be read");
                found.missing.push(clean(path.trim_start_matches("/apis/").trim_start_matches("/api/")).into_owned());
            }
        }
    }
    found
}

/// What `/api` and `/apis` answer with.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Answer {
    /// `APIGroupDiscoveryList`.
    Aggregated { items: Vec<Discovered> },
    /// `APIGroupList`.
    Groups { groups: Vec<Group> },
    /// `APIVersions`.
    Core { versions: Vec<String> },
}

#[derive(Debug, Deserialize)]
struct Discovered {
    #[serde(default)]
    metadata: Named,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Debug, Default, Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

#[derive(Debug, Deserialize)]
struct Version {
    #[serde(rename = "version")]
    name: String,
    #[serde(default)]
    freshness: String,
    #[serde(default)]
    resources: Vec<Served>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Served {
    resource: String,
    #[serde(default)]
    response_kind: Option<Kind>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    singular_resource: String,
    #[serde(default)]
    short_names: Vec<String>,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Kind {
    #[serde(default)]
    kind: String,
}

/// Reads the aggregated form.
fn aggregated(groups: Vec<Discovered>) -> Found {
    let mut found = Found::default();
    for group in groups {
        for version in group.versions {
            let name = &group.metadata.name;
            // The server behind this group does not answer at present; what is told of it may be old.
            if version.freshness == "Stale" {
                found.missing.push(clean(&format!("{name}/{}", version.name)).into_owned());
            }
            let of = |served: Served| Resource {
                group: name.clone(),
                version: version.name.clone(),
                plural: served.resource,
                singular: served.singular_resource,
                short: served.short_names,
                kind: served.response_kind.unwrap_or_default().kind,
                namespaced: served.scope == "Namespaced",
                verbs: served.verbs,
                categories: served.categories,
            };
            found.resources.extend(version.resources.into_iter().map(of).filter_map(sound));
        }
    }
    found
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    #[serde(default)]
    versions: Vec<GroupVersion>,
    #[serde(default)]
    preferred_version: GroupVersion,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupVersion {
    #[serde(default)]
    group_version: String,
}

impl Group {
    /// `apps/v1`, the preferred one first.
    fn versions(self) -> impl Iterator<Item = String> {
        let preferred = self.preferred_version.group_version;
        let mut versions: Vec<String> = self.versions.into_iter().map(|version| version.group_version).collect();
        versions.sort_by_key(|version| *version != preferred);
        versions.into_iter()
    }
}

/// `APIResourceList`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(default)]
    group_version: String,
    #[serde(default)]
    resources: Vec<Listed>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    #[serde(default)]
    singular_name: String,
    #[serde(default)]
    namespaced: bool,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    short_names: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
}

impl List {
    /// The kinds; subresources are among the list under names with a slash.
    fn resources(self) -> impl Iterator<Item = Resource> {
        let (group, version) = match self.group_version.split_once('/') {
            Some((group, version)) => (group.to_owned(), version.to_owned()),
            None => (String::new(), self.group_version),
        };
        self.resources.into_iter().filter_map(move |listed| {
            sound(Resource {
                group: group.clone(),
                version: version.clone(),
                plural: listed.name,
                singular: listed.singular_name,
                short: listed.short_names,
                kind: listed.kind,
                namespaced: listed.namespaced,
                verbs: listed.verbs,
                categories: listed.categories,
            })
        })
    }
}

/// Only what can stand in a path and on a screen: what a server tells of itself is untrusted, too.
fn sound(resource: Resource) -> Option<Resource> {
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-.".contains(&c))
    };
    let is_sound = is_name(&resource.plural)
        && is_name(&resource.version)
        && (resource.group.is_empty() || is_name(&resource.group))
        && !resource.kind.is_empty()
        && resource.kind.bytes().all(|c| c.is_ascii_alphanumeric());
    if !is_sound {
        return None;
    }
    let mut resource = resource;
    if resource.singular.is_empty() {
        resource.singular = resource.kind.to_lowercase();
    }
    resource.singular = clean(&resource.singular).into_owned();
    for text in resource.short.iter_mut().chain(&mut resource.categories).chain(&mut resource.verbs) {
        *text = clean(text).into_owned();
    }
    Some(resource)
}

#[cfg(test)]
mod tests;
