//! The files in `exchanges`: what is asked, by whom, in which order.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use tenantry_cluster::Capsule;

impl Era {
    /// The Capsule of a control plane of this era.
    pub fn capsule(self) -> Capsule {
        match self {
            Self::Now => Capsule::V0_14,
            Self::Old => Capsule::V0_4,
        }
    }
}

/// Exchanges about one subject, in namespaces of their own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// The file's name.
    #[serde(skip)]
    pub name: String,
    /// What it is about, for people.
    #[expect(dead_code, reason = "for readers of the file")]
    pub about: String,
    /// Which Capsule runs.
    #[serde(default)]
    pub era: Era,
    /// In order; later ones may use what earlier ones were answered.
    pub steps: Vec<Step>,
}

/// Which Capsule runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Era {
    /// 0.14.0
    #[default]
    #[serde(rename = "0.14")]
    Now,
    /// 0.4.2
    #[serde(rename = "0.4")]
    Old,
}

/// One exchange: a request (`do`), or a watch that is open while others are made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// By which later steps and the list of differences refer to it.
    pub id: Option<String>,
    /// Method and path with query, such as `GET /api/v1/namespaces?limit=2`.
    #[serde(rename = "do")]
    pub request: Option<String>,
    /// The path of a watch.
    pub watch: Option<String>,
    /// Who asks; the administrator if nobody is named.
    #[serde(rename = "as")]
    pub who: Who,
    /// Such as `Content-Type`; empty text leaves out one that would be sent by default.
    pub headers: BTreeMap<String, String>,
    /// A body that is sent as JSON.
    pub body: Option<Value>,
    /// A body that is sent as it stands.
    pub raw: Option<String>,
    /// A body made from an earlier answer.
    pub change: Option<Change>,
    /// What kind of patch the body is.
    pub patch: Option<Patch>,
    /// What form of answer is asked for.
    pub accept: Option<Accept>,
    /// Asks again until all of this holds and the answer stays the same.
    pub until: Option<Condition>,
    /// JSON pointers into the answer that are not compared, each with its reason. `*` stands for any one part.
    pub ignore: BTreeMap<String, String>,
    /// Lists in the body whose order means nothing, and the JSON pointer in their items by which they are ordered here.
    /// `*` stands for any one part.
    pub sort: BTreeMap<String, String>,
    /// A path that lists what is served: the real answer is reduced to what the demo serves.
    pub served: bool,
    /// What is done while the watch is open.
    pub during: Vec<Step>,
    /// How many events the watch is to bring.
    pub events: usize,
    /// Milliseconds to wait before.
    pub pause: u64,
}

/// Who asks.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Who {
    /// `admin`, `alice`, `bob` and `carol` prove who they are, `nobody` does not; `sa:<namespace>/<name>` is impersonated.
    Named(String),
    /// Impersonated by the administrator.
    Impersonated {
        /// The user.
        user: String,
        /// The groups.
        #[serde(default)]
        groups: Vec<String>,
    },
}

impl Default for Who {
    fn default() -> Self {
        Self::Named("admin".to_owned())
    }
}

/// An earlier answer's body with changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The `id` of the step.
    pub of: String,
    /// JSON pointers and what is to stand there.
    #[serde(default)]
    pub set: BTreeMap<String, Value>,
    /// JSON pointers to what is left out.
    #[serde(default)]
    pub remove: Vec<String>,
}

/// Kinds of patches.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Patch {
    /// `application/merge-patch+json`
    Merge,
    /// `application/json-patch+json`
    Json,
    /// `application/strategic-merge-patch+json`
    Strategic,
    /// `application/apply-patch+yaml`
    Apply,
}

impl Patch {
    /// As a `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Merge => "application/merge-patch+json",
            Self::Json => "application/json-patch+json",
            Self::Strategic => "application/strategic-merge-patch+json",
            Self::Apply => "application/apply-patch+yaml",
        }
    }
}

/// Forms of answers.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accept {
    /// Columns, as kubectl asks for them.
    Table,
    /// One object's metadata.
    Partial,
    /// A list's metadata.
    Partials,
    /// Aggregated discovery.
    Discovery,
}

impl Accept {
    /// As an `Accept` header.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Table => "application/json;as=Table;v=v1;g=meta.k8s.io",
            Self::Partial => "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
            Self::Partials => "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
            Self::Discovery => "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        }
    }
}

/// What an answer is waited for to say: all that is given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// The status code.
    code: Option<u16>,
    /// Each JSON pointer leads to this value.
    is: BTreeMap<String, Value>,
    /// The JSON pointer leads somewhere.
    exists: Option<String>,
    /// The JSON pointer leads nowhere.
    missing: Option<String>,
    /// The list has so many items.
    items: Option<usize>,
    /// The first JSON pointer leads to what the second leads to.
    same: Option<(String, String)>,
}

impl Condition {
    /// That a controller has seen an object's last generation.
    pub fn observed() -> Self {
        let same = ("/status/observedGeneration".to_owned(), "/metadata/generation".to_owned());
        Self { same: Some(same), ..Self::default() }
    }

    /// Whether it holds of an answer.
    pub fn holds(&self, code: u16, body: &Value) -> bool {
        let items = body["items"].as_array().map(Vec::len);
        self.code.is_none_or(|wanted| code == wanted)
            && self.is.iter().all(|(pointer, value)| body.pointer(pointer) == Some(value))
            && self.exists.as_ref().is_none_or(|pointer| body.pointer(pointer).is_some())
            && self.missing.as_ref().is_none_or(|pointer| body.pointer(pointer).is_none())
            && self.items.is_none_or(|wanted| items == Some(wanted))
            && self.same.as_ref().is_none_or(|(one, other)| body.pointer(one) == body.pointer(other))
    }
}

/// All topics, by name.
pub fn read_all(folder: &Path) -> Result<Vec<Topic>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut topics = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            topics.push(read(&path).map_err(|error| format!("{}: {error}", path.display()))?);
        }
    }
    topics.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(topics)
}

fn read(path: &Path) -> Result<Topic, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let topic: Topic = serde_yaml::from_str(&text).map_err(|error| error.to_string())?;
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    Ok(Topic { name: name.to_owned(), ..topic })
}
