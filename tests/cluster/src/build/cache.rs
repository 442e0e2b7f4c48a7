//! The directory that keeps built artefacts, shared by all processes of a user.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::CACHE_VARIABLE;
use super::go::Toolchain;
use super::tools::{Artefact, Content};
use crate::error::{Context, Failure};
use crate::text::say;

/// The directory that holds one directory for each family of programs.
pub(super) fn root() -> Result<PathBuf, Failure> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set(CACHE_VARIABLE)
        .or_else(|| set("XDG_CACHE_HOME").map(|home| home.join("tenantry/control-plane")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/tenantry/control-plane")))
        .ok_or_else(|| Failure::new(format!("none of {CACHE_VARIABLE}, XDG_CACHE_HOME and HOME is set")))
        .and_then(|path| std::path::absolute(&path).context(format_args!("{} cannot be used", path.display())))
}

/// The directories of `root` that hold builds of the family `key`, whatever Go built them.
pub(super) fn directories(root: &Path, key: &str) -> Vec<PathBuf> {
    let prefix = format!("{key}-");
    let belongs = |path: &PathBuf| {
        path.is_dir() && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
    };
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(belongs).collect()
}

/// Puts `artefact` into `directory`, unless another process is faster, and returns its path.
pub(super) fn fill(directory: &Path, artefact: &Artefact, go: &Toolchain) -> Result<PathBuf, Failure> {
    let target = directory.join(artefact.name);
    let what = format!("{} cannot be put into {}", artefact.name, directory.display());
    fs::create_dir_all(directory).context(&what)?;
    let lock = File::create(directory.join(".lock")).context(&what)?;
    lock.lock().context(&what)?;
    // Someone else may have made it while we waited for the lock.
    if target.exists() {
        return Ok(target);
    }
    let module = directory.join("module");
    fs::create_dir_all(&module).context(&what)?;
    fs::write(module.join("go.mod"), artefact.module.go_mod).context(&what)?;
    fs::write(module.join("go.sum"), artefact.module.go_sum).context(&what)?;

    // Made under another name and renamed, for processes that look without taking the lock.
    let half = directory.join(format!(".{}.new", artefact.name));
    remove(&half).context(&what)?;
    make(artefact, go, &module, &half).context(&what)?;
    fs::rename(&half, &target).context(&what)?;
    Ok(target)
}

fn make(artefact: &Artefact, go: &Toolchain, module: &Path, output: &Path) -> Result<(), Failure> {
    match artefact.content {
        Content::Program { package } => {
            say(format_args!("building {} from {package} (the first build takes minutes)", artefact.name));
            let begin = Instant::now();
            go.build(module, artefact.module, package, output)?;
            say(format_args!("built {} in {:.0} s", artefact.name, begin.elapsed().as_secs_f64()));
            Ok(())
        }
        Content::Folder { module: source, path } => copy_yaml(&go.source(module, source)?.join(path), output),
        Content::Tree { module: source, path } => copy_all(&go.source(module, source)?.join(path), output),
        Content::Documents { module: source, paths } => {
            let folder = go.source(module, source)?;
            let documents = paths.iter().map(|path| {
                let path = folder.join(path);
                fs::read_to_string(&path).context(format_args!("{} cannot be read", path.display()))
            });
            let documents = documents.collect::<Result<Vec<_>, _>>()?;
            fs::write(output, documents.join("\n---\n")).context("the documents cannot be written")
        }
    }
}

fn copy_yaml(from: &Path, to: &Path) -> Result<(), Failure> {
    let what = format!("{} cannot be copied", from.display());
    fs::create_dir(to).context(&what)?;
    for entry in fs::read_dir(from).context(&what)? {
        let path = entry.context(&what)?.path();
        if let (Some("yaml"), Some(name)) = (path.extension().and_then(|ext| ext.to_str()), path.file_name()) {
            // Read and written rather than copied: the module cache's files are read-only.
            fs::write(to.join(name), fs::read(&path).context(&what)?).context(&what)?;
        }
    }
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> Result<(), Failure> {
    let what = format!("{} cannot be copied", from.display());
    fs::create_dir(to).context(&what)?;
    for entry in fs::read_dir(from).context(&what)? {
        let path = entry.context(&what)?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            copy_all(&path, &to.join(name))?;
        } else {
            fs::write(to.join(name), fs::read(&path).context(&what)?).context(&what)?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> std::io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
