//! The kubeconfig files: found, read and merged as kubectl does it, and never written.
//!
//! Only kube's parser is used, on one file's text at a time: its reader of the `KUBECONFIG` list fails on a missing
//! file (kubectl skips it), and its errors quote the file's lines, which may hold secrets. Here a fault is told by file
//! and line alone.

mod entry;
mod private;
mod read;

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use http::Uri;
use kube::config::{AuthInfo, Cluster, Context, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext};

use crate::text::distance::nearest;
use crate::world::trouble::{Trouble, TroubleKind};

use super::embedded::{Embedded, IN_PROCESS, Transport};
use super::failure::{quoted_list, seal};
pub use entry::Entry;
use read::{ADVICE_NO_FILE, malformed, nothing_there, read_file};

/// The name of the context (and of its cluster) that a ServiceAccount mounted into a pod gives.
pub const IN_CLUSTER: &str = "in-cluster";

/// Where the kubelet mounts a pod's ServiceAccount.
const MOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The kubeconfig files that were found, merged. Relative paths inside them are absolute already.
#[derive(Clone)]
pub struct Files {
    /// All files merged: the first to define a name or the current context wins.
    pub kubeconfig: Kubeconfig,
    /// The files read, in order. Empty in a pod without a kubeconfig.
    pub paths: Vec<PathBuf>,
    /// Files of the `KUBECONFIG` list that do not exist; kubectl skips them too.
    pub missing: Vec<PathBuf>,
    /// The file that each context was taken from.
    homes: HashMap<String, PathBuf>,
    source: Source,
}

/// What has to be read again by [`Files::reload`].
#[derive(Clone)]
enum Source {
    Explicit(PathBuf),
    List(Vec<PathBuf>),
    Pod(Pod),
    Embedded(Box<Embedded>),
}

/// A pod's ServiceAccount: the environment variables and the mounted folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// `KUBERNETES_SERVICE_HOST`: a name or an address, IPv6 without brackets.
    pub host: String,
    /// `KUBERNETES_SERVICE_PORT`.
    pub port: String,
    /// The folder with `token`, `ca.crt` and `namespace`.
    pub mount: PathBuf,
}

/// A context as a list of contexts shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextEntry {
    /// The context's name.
    pub name: String,
    /// The name of its cluster entry.
    pub cluster: String,
    /// `host:port` of the cluster's API server; empty if no file defines the cluster or it names no usable server.
    pub server: String,
    /// The name of its user entry; empty for none.
    pub user: String,
    /// Its namespace, if it sets one.
    pub namespace: Option<String>,
    /// The file that defines it.
    pub file: PathBuf,
}

/// The entries that a context stands for.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    pub context_name: &'a str,
    pub context: &'a Context,
    pub cluster: &'a Cluster,
    /// The address of the API server, with scheme.
    pub server: Uri,
    /// `None` if the context names no user: then requests are anonymous, as with kubectl.
    pub user: Option<&'a AuthInfo>,
    /// The user entry's name; empty for none.
    pub user_name: &'a str,
    /// The file that defines the context, as text.
    pub file: String,
}

impl fmt::Debug for Files {
    /// Without the contents: auth providers keep their tokens in plain strings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("paths", &self.paths).field("missing", &self.missing).finish_non_exhaustive()
    }
}

impl Files {
    /// Finds the files as kubectl does, from the command line and the environment: see [`Files::load`], and without any
    /// file the ServiceAccount of the pod that we run in.
    ///
    /// `env` reads an environment variable, usually `|name| std::env::var_os(name)`.
    pub fn find(explicit: Option<&Path>, env: impl Fn(&str) -> Option<OsString>) -> Result<Self, Trouble> {
        let home = env("HOME").or_else(|| env("USERPROFILE")).filter(|home| !home.is_empty()).map(PathBuf::from);
        let found = Self::load(explicit, env("KUBECONFIG").as_deref(), home.as_deref());
        match found {
            // A file that was asked for by name has to exist, whatever else there is.
            Err(trouble) if trouble.kind == TroubleKind::NoKubeconfig && explicit.is_none() => {
                Pod::from_env(&env).map_or(Err(trouble), |pod| Self::in_pod(&pod))
            }
            found => found,
        }
    }

    /// Reads and merges the files: `explicit` (`--kubeconfig`) alone, else those in the `KUBECONFIG` list (missing ones
    /// skipped, empty names ignored), else `.kube/config` under `home`.
    ///
    /// Without any file, `NoKubeconfig`; for a file that is none, `MalformedKubeconfig` with its name and line.
    pub fn load(explicit: Option<&Path>, env_kubeconfig: Option<&OsStr>, home: Option<&Path>) -> Result<Self, Trouble> {
        if let Some(path) = explicit {
            return Self::read(Source::Explicit(path.to_owned()));
        }
        let listed: Vec<PathBuf> = env_kubeconfig
            .map(|list| std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect())
            .unwrap_or_default();
        match (listed.is_empty(), home) {
            (false, _) => Self::read(Source::List(listed)),
            (true, Some(home)) => Self::read(Source::List(vec![home.join(".kube").join("config")])),
            (true, None) => {
                Err(Trouble::new(TroubleKind::NoKubeconfig, "there is no kubeconfig and no home directory")
                    .advise(ADVICE_NO_FILE))
            }
        }
    }

    /// What a pod's ServiceAccount gives, in the shape of a kubeconfig with one context, [`IN_CLUSTER`].
    pub fn in_pod(pod: &Pod) -> Result<Self, Trouble> {
        let host = if pod.host.contains(':') { format!("[{}]", pod.host) } else { pod.host.clone() };
        let file = |name: &str| Some(pod.mount.join(name).to_string_lossy().into_owned());
        let namespace = std::fs::read_to_string(pod.mount.join("namespace")).map_err(|error| {
            let what = format!("cannot read the namespace of this pod's ServiceAccount: {}", in_words(&error));
            Trouble::new(TroubleKind::NoKubeconfig, what).advise("mount the ServiceAccount, or give a kubeconfig")
        })?;
        let cluster = Cluster {
            server: Some(format!("https://{host}:{}", pod.port)),
            certificate_authority: file("ca.crt"),
            ..Cluster::default()
        };
        let context = Context {
            cluster: IN_CLUSTER.to_owned(),
            user: Some("service-account".to_owned()),
            namespace: Some(namespace.trim().to_owned()),
            ..Context::default()
        };
        let kubeconfig = Kubeconfig {
            clusters: vec![NamedCluster { name: IN_CLUSTER.into(), cluster: Some(cluster), ..NamedCluster::default() }],
            contexts: vec![NamedContext { name: IN_CLUSTER.into(), context: Some(context), ..NamedContext::default() }],
            auth_infos: vec![NamedAuthInfo {
                name: "service-account".into(),
                auth_info: Some(AuthInfo { token_file: file("token"), ..AuthInfo::default() }),
                ..NamedAuthInfo::default()
            }],
            current_context: Some(IN_CLUSTER.to_owned()),
            ..Kubeconfig::default()
        };
        Ok(Self {
            kubeconfig,
            paths: Vec::new(),
            missing: Vec::new(),
            homes: HashMap::from([(IN_CLUSTER.to_owned(), pod.mount.clone())]),
            source: Source::Pod(pod.clone()),
        })
    }

    /// The contexts of clusters in this process.
    pub fn embedded(embedded: &Embedded) -> Self {
        let contexts = embedded.kubeconfig.contexts.iter();
        Self {
            kubeconfig: embedded.kubeconfig.clone(),
            paths: Vec::new(),
            missing: Vec::new(),
            homes: contexts.map(|named| (named.name.clone(), PathBuf::from(&embedded.name))).collect(),
            source: Source::Embedded(Box::new(embedded.clone())),
        }
    }

    /// What stands in place of the network for a server, if it is in this process.
    pub(super) fn transport(&self, server: &Uri) -> Option<Transport> {
        match &self.source {
            Source::Embedded(embedded) => embedded.transport(server),
            _ => None,
        }
    }

    /// Where a server is, in a word: host and port, or that it is in this process.
    pub(super) fn address(&self, server: &Uri) -> String {
        if self.transport(server).is_some() { IN_PROCESS.to_owned() } else { host_port(server) }
    }

    /// The file that was asked for by name, if one was.
    pub fn explicit(&self) -> Option<&Path> {
        match &self.source {
            Source::Explicit(path) => Some(path),
            _ => None,
        }
    }

    /// Reads the same files again: after a login tool may have changed them.
    pub fn reload(&self) -> Result<Self, Trouble> {
        match &self.source {
            Source::Pod(pod) => Self::in_pod(pod),
            Source::Embedded(embedded) => Ok(Self::embedded(embedded)),
            source => Self::read(source.clone()),
        }
    }

    /// All contexts, in the order of the files.
    pub fn contexts(&self) -> Vec<ContextEntry> {
        let defined = self.kubeconfig.contexts.iter().filter_map(|named| Some((named, named.context.as_ref()?)));
        defined
            .map(|(named, context)| ContextEntry {
                name: named.name.clone(),
                cluster: context.cluster.clone(),
                server: self
                    .cluster(&context.cluster)
                    .and_then(|cluster| server_uri(cluster).ok())
                    .map_or_else(String::new, |uri| self.address(&uri)),
                user: context.user.clone().unwrap_or_default(),
                namespace: context.namespace.clone().filter(|namespace| !namespace.is_empty()),
                file: self.homes.get(&named.name).cloned().unwrap_or_default(),
            })
            .collect()
    }

    /// The current context's name, which need not exist.
    pub fn current(&self) -> Option<&str> {
        self.kubeconfig.current_context.as_deref().filter(|name| !name.is_empty())
    }

    /// The entries of the context `name`, or of the current one.
    pub(super) fn entries(&self, name: Option<&str>) -> Result<Entries<'_>, Trouble> {
        let Some(wanted) = name.or_else(|| self.current()) else {
            let what = format!("no context is current in {}", self.describe());
            return Err(Trouble::new(TroubleKind::UnknownContext, what).advise(self.advise_contexts("")));
        };
        let Some((context_name, context)) = self.context(wanted) else {
            let what = format!("there is no context \"{wanted}\" in {}", self.describe());
            return Err(Trouble::new(TroubleKind::UnknownContext, what).advise(self.advise_contexts(wanted)));
        };
        let file = self.homes.get(context_name).map_or_else(|| self.describe(), |path| path.display().to_string());
        let cluster = self.cluster(&context.cluster).ok_or_else(|| {
            let what = format!(
                "context \"{context_name}\" ({file}) names the cluster \"{}\", which no file defines",
                context.cluster
            );
            let names = self.kubeconfig.clusters.iter().map(|named| named.name.as_str());
            Trouble::new(TroubleKind::UnknownCluster, what).advise(advise_names("clusters", &context.cluster, names))
        })?;
        let server = server_uri(cluster).map_err(|reason| {
            let what = format!("cluster \"{}\" ({file}) {reason}", context.cluster);
            Trouble::new(TroubleKind::MalformedKubeconfig, what)
                .advise("its `server` has to read like https://host:6443")
        })?;
        let (user_name, user) = self.user_of(context_name, context, &file)?;
        Ok(Entries { context_name, context, cluster, server, user, user_name, file })
    }

    /// kube takes a user that nobody defines for an anonymous one, and so hides a typing error: we do not.
    fn user_of<'a>(
        &'a self,
        context_name: &str,
        context: &'a Context,
        file: &str,
    ) -> Result<(&'a str, Option<&'a AuthInfo>), Trouble> {
        let Some(name) = context.user.as_deref().filter(|name| !name.is_empty()) else {
            return Ok(("", None));
        };
        let found = self.kubeconfig.auth_infos.iter().find(|named| named.name == name);
        let Some(named) = found else {
            let what = format!("context \"{context_name}\" ({file}) names the user \"{name}\", which no file defines");
            let names = self.kubeconfig.auth_infos.iter().map(|named| named.name.as_str());
            return Err(Trouble::new(TroubleKind::UnknownUser, what).advise(advise_names("users", name, names)));
        };
        Ok((name, named.auth_info.as_ref()))
    }

    fn context(&self, name: &str) -> Option<(&str, &Context)> {
        let named = self.kubeconfig.contexts.iter().find(|named| named.name == name)?;
        Some((&named.name, named.context.as_ref()?))
    }

    fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.kubeconfig.clusters.iter().find(|named| named.name == name)?.cluster.as_ref()
    }

    fn advise_contexts(&self, wanted: &str) -> String {
        let names = self.kubeconfig.contexts.iter().map(|named| named.name.as_str());
        advise_names("contexts", wanted, names)
    }

    /// The files in words, for a sentence.
    fn describe(&self) -> String {
        match self.paths.as_slice() {
            [] => match &self.source {
                Source::Embedded(embedded) => embedded.name.clone(),
                _ => "this pod's ServiceAccount".to_owned(),
            },
            [path] => path.display().to_string(),
            [first, rest @ ..] => format!("{} and {} more", first.display(), files(rest.len())),
        }
    }

    fn read(source: Source) -> Result<Self, Trouble> {
        let (wanted, explicit) = match &source {
            Source::Explicit(path) => (std::slice::from_ref(path), true),
            Source::List(paths) => (paths.as_slice(), false),
            Source::Pod(pod) => return Self::in_pod(pod),
            Source::Embedded(embedded) => return Ok(Self::embedded(embedded)),
        };
        let (mut paths, mut missing, mut homes) = (Vec::new(), Vec::new(), HashMap::new());
        let mut merged = Kubeconfig::default();
        for path in wanted {
            let Some(one) = read_file(path).map_err(seal)? else {
                missing.push(path.clone());
                continue;
            };
            for named in &one.contexts {
                homes.entry(named.name.clone()).or_insert_with(|| path.clone());
            }
            merged = merged.merge(one).map_err(|error| seal(malformed(path, "", &error)))?;
            paths.push(path.clone());
        }
        if paths.is_empty() {
            return Err(seal(nothing_there(&missing, explicit)));
        }
        Ok(Self { kubeconfig: merged, paths, missing, homes, source })
    }
}

impl Pod {
    /// The pod that we run in, if the environment and the mounted token say so.
    pub fn from_env(env: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let text = |name| env(name)?.into_string().ok().filter(|value| !value.is_empty());
        let pod = Self {
            host: text("KUBERNETES_SERVICE_HOST")?,
            port: text("KUBERNETES_SERVICE_PORT")?,
            mount: MOUNT.into(),
        };
        pod.mount.join("token").is_file().then_some(pod)
    }
}

/// `did you mean "x"? known contexts: "a", "b"`
fn advise_names<'a>(kind: &str, wanted: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    let known: Vec<&str> = names.clone().collect();
    if known.is_empty() {
        return format!("the files define no {kind} at all");
    }
    let meant = nearest(wanted, names).map_or_else(String::new, |name| format!("did you mean \"{name}\"? "));
    format!("{meant}known {kind}: {}", quoted_list(&known, 8))
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// An I/O error in the system's words, without the error number that Rust appends.
pub(super) fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// The address of the API server. A missing scheme is completed as client-go does: `https` if anything says TLS.
///
/// The error continues a sentence: `cluster "x" ...`.
pub(super) fn server_uri(cluster: &Cluster) -> Result<Uri, String> {
    let server = cluster.server.as_deref().map(str::trim).filter(|server| !server.is_empty());
    let server = server.ok_or_else(|| "names no server".to_owned())?;
    let tls = cluster.insecure_skip_tls_verify.unwrap_or(false)
        || cluster.certificate_authority.is_some()
        || cluster.certificate_authority_data.is_some();
    let whole = if server.contains("://") {
        server.to_owned()
    } else {
        format!("{}://{server}", if tls { "https" } else { "http" })
    };
    let uri: Uri = whole.parse().map_err(|_| "has a server address that cannot be read".to_owned())?;
    match uri.scheme_str() {
        Some("https" | "http") if uri.host().is_some_and(|host| !host.is_empty()) => Ok(uri),
        Some("https" | "http") => Err("has a server address without a host".to_owned()),
        _ => Err("has a server address that is neither https nor http".to_owned()),
    }
}

/// `host:port` of an address; the port is the scheme's where none is given. Credentials in the address are left out.
pub(super) fn host_port(uri: &Uri) -> String {
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
    format!("{}:{port}", uri.host().unwrap_or_default())
}

#[cfg(test)]
mod tests;
