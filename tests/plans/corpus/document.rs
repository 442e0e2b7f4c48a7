//! The manifests: as they are written, and what becomes of them.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Map, Value};
use tenantry::plan::ObjectRef;
use tenantry::plan::manifest::{self, Text};
use tenantry::world::resource::Resources;
use tenantry_cluster::Cluster;
use tokio::process::Command;

/// An object.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file and the line.
    pub place: String,
    /// As somebody wrote it.
    pub text: String,
    /// What it becomes.
    pub changed: Value,
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// The words in which the server refuses to let the change be taken back, if it does.
    pub one_way: Option<String>,
    /// Others stand on it: it is made before them.
    pub is_ground: bool,
    name: String,
    namespace: Option<String>,
}

impl Document {
    /// Whether this is the object of a step.
    pub fn is(&self, object: &ObjectRef) -> bool {
        let here = self.namespace.as_deref().unwrap_or(super::NAMESPACE);
        self.api_version == object.api_version()
            && self.kind == object.kind
            && self.name == object.name
            && object.namespace.as_deref().is_none_or(|namespace| namespace == here)
    }
}

/// All manifests of the folder.
pub fn read_all() -> Result<Vec<Document>, String> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/corpus"));
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    let mut documents = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        documents.extend(split(&name, &text)?);
    }
    Ok(documents)
}

/// The documents of a file, each with the changes that stand below it.
fn split(file: &str, text: &str) -> Result<Vec<Document>, String> {
    let mut documents = Vec::new();
    let mut line = 1;
    for part in text.split("\n---\n") {
        let place = format!("{file}:{line}");
        line += part.lines().count() + 1;
        let changes = part.lines().filter_map(|line| line.strip_prefix("#~ "));
        let one_way = part.lines().find_map(|line| line.strip_prefix("#! ")).map(str::to_owned);
        let text: String = part.lines().filter(|line| !line.starts_with("#~")).flat_map(|line| [line, "\n"]).collect();
        let made = document(&place, text, changes, file.starts_with("00-"))?;
        documents.push(Document { one_way, ..made });
    }
    Ok(documents)
}

fn document<'t>(
    place: &str,
    text: String,
    changes: impl Iterator<Item = &'t str>,
    is_ground: bool,
) -> Result<Document, String> {
    let read = manifest::read(&[Text { name: place.to_owned(), built: false, text: text.clone() }]);
    let read = read.map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let [manifest] = read.as_slice() else { return Err(format!("{place}: {} objects", read.len())) };
    let mut changed = manifest.value();
    for change in changes {
        alter(&mut changed, change).map_err(|why| format!("{place}: {change}: {why}"))?;
    }
    let manifest::Manifest { api_version, kind, name, namespace, .. } = manifest;
    Ok(Document {
        place: place.to_owned(),
        text,
        changed,
        api_version: api_version.clone(),
        kind: kind.clone(),
        one_way: None,
        is_ground,
        name: name.clone(),
        namespace: namespace.clone(),
    })
}

/// Makes one change, as the files have it.
fn alter(object: &mut Value, change: &str) -> Result<(), String> {
    let (pointer, rest) = change.split_once(' ').ok_or("what is to be done?")?;
    let (operation, value) = rest.split_at_checked(1).ok_or("what is to be done?")?;
    let value: Value = serde_yaml::from_str(value.trim()).map_err(|error| error.to_string())?;
    let (around, last) = pointer.rsplit_once('/').ok_or("no path")?;
    let last = last.replace("~1", "/").replace("~0", "~");
    let mut parent = object;
    for step in around.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        parent = match parent {
            Value::Array(items) => {
                items.get_mut(step.parse::<usize>().map_err(|error| error.to_string())?).ok_or("no such item")?
            }
            other => {
                if !other.is_object() {
                    *other = Value::Object(Map::new());
                }
                other.as_object_mut().ok_or("no map")?.entry(step).or_insert(Value::Null)
            }
        };
    }
    match (operation, &mut *parent) {
        ("=", Value::Array(items)) => {
            *items.get_mut(last.parse::<usize>().map_err(|error| error.to_string())?).ok_or("no such item")? = value;
        }
        ("-", Value::Array(items)) => drop(items.remove(last.parse().map_err(|_| "no number")?)),
        ("-", Value::Object(fields)) => drop(fields.remove(&last).ok_or("it is not there")?),
        ("=", other) => {
            if !other.is_object() {
                *other = Value::Object(Map::new());
            }
            other.as_object_mut().ok_or("no map")?.insert(last, value);
        }
        ("+", other) => {
            let list = other.as_object_mut().ok_or("no map")?.entry(last).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().ok_or("no list")?.push(value);
        }
        _ => return Err("what is to be done?".to_owned()),
    }
    Ok(())
}

/// The objects of Capsule's own chart that the server has kinds for, as helm renders it; each gets a label as its change.
pub async fn chart(cluster: &Cluster, served: &Resources) -> Result<Vec<Document>, String> {
    let chart = cluster.chart().map_err(|failure| failure.to_string())?;
    let helm = cluster.bin_dir().map_err(|failure| failure.to_string())?.join("helm");
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let copy = home.path().join("chart");
    let run = async |program: &Path, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).env("HOME", home.path()).stdin(Stdio::null()).output().await;
        let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(String::from_utf8_lossy(&output.stdout).into_owned()) } else { Err(said) }
    };
    let (from, to) = (chart.display().to_string(), copy.display().to_string());
    run(Path::new("cp"), &["-r", &from, &to]).await?;
    // Another chart, of no use here, would have to be fetched for it.
    let about = fs::read_to_string(copy.join("Chart.yaml")).map_err(|error| error.to_string())?;
    let mut about: Value = serde_yaml::from_str(&about).map_err(|error| error.to_string())?;
    about.as_object_mut().ok_or("a chart that is no map")?.remove("dependencies");
    fs::write(copy.join("Chart.yaml"), about.to_string()).map_err(|error| error.to_string())?;
    fs::remove_file(copy.join("Chart.lock")).map_err(|error| error.to_string())?;
    let text = run(&helm, &["template", "corpus-chart", &to, "-n", super::NAMESPACE, "--no-hooks"]).await?;
    let mut documents = Vec::new();
    for (number, part) in text.split("\n---\n").enumerate() {
        let object: Value = serde_yaml::from_str(part).map_err(|error| error.to_string())?;
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        // There is one configuration, and it is in use.
        if text("/kind") == "CapsuleConfiguration" || served.find(text("/apiVersion"), text("/kind")).is_none() {
            continue;
        }
        let change = "/metadata/labels/corpus.example.com~1changed = \"yes\"";
        documents.push(document(&format!("chart:{number}"), part.to_owned(), std::iter::once(change), false)?);
    }
    Ok(documents)
}
