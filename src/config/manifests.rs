//! Files of YAML and JSON as they are named on a command line: files, folders with all that is in them, kustomizations, standard
//! input.

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{fs, io::ErrorKind};

use tokio::process::Command;

use crate::plan::manifest::Text;
use crate::plan::manifest::node;
use crate::world::trouble::{Trouble, TroubleKind};

/// The names that make a folder a kustomization.
const KUSTOMIZATION: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// What is read in a folder.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];
/// How many files are read, and how large one may be: an object of more than 3 MiB is refused by every server.
const MOST: usize = 10_000;
const LARGEST: u64 = 64 << 20;
/// How long a kustomization may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Reads them all. What cannot be read is told with its name, everything at once.
pub async fn read(paths: &[PathBuf]) -> Result<Vec<Text>, Vec<Trouble>> {
    let (mut texts, mut faults) = (Vec::new(), Vec::new());
    for path in paths {
        let read = if is_kustomization(path) {
            build(path).await.map(|text| vec![text])
        } else {
            let path = path.clone();
            let reading = tokio::task::spawn_blocking(move || {
                let mut reading = Reading::default();
                reading.path(&path).map(|()| reading.texts)
            });
            reading.await.unwrap_or_else(|error| Err(Trouble::new(TroubleKind::Other, error.to_string())))
        };
        match read {
            Ok(read) => texts.extend(read),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(texts) } else { Err(faults) }
}

/// As people name them together.
pub fn title(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ")
}

/// The folders in which a change can matter, and whether that goes for all that is below them.
pub fn watched(paths: &[PathBuf]) -> BTreeSet<(PathBuf, bool)> {
    let mut folders = BTreeSet::new();
    for path in paths {
        if is_kustomization(path) {
            follow(path, &mut folders);
        } else if path.is_dir() {
            folders.insert((path.clone(), true));
        } else {
            // The file itself is replaced by most editors.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            folders.insert((folder.to_owned(), false));
        }
    }
    folders
}

/// Whether a change of this file can matter.
pub fn matters(path: &Path) -> bool {
    let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
    !hidden && !path.to_string_lossy().ends_with('~')
}

fn is_kustomization(path: &Path) -> bool {
    KUSTOMIZATION.iter().any(|name| path.join(name).is_file())
}

/// A kustomization's own folder and those of the others that it is made of.
fn follow(folder: &Path, folders: &mut BTreeSet<(PathBuf, bool)>) {
    const MOST: usize = 100;
    if folders.len() >= MOST || !folders.insert((folder.to_owned(), true)) {
        return;
    }
    let text = KUSTOMIZATION.iter().find_map(|name| fs::read_to_string(folder.join(name)).ok()).unwrap_or_default();
    let Some(document) = node::documents(&text).ok().and_then(|all| all.into_iter().next()) else { return };
    for field in ["resources", "bases", "components"] {
        let items = document.get(field).and_then(|node| node.items()).unwrap_or_default();
        for path in items.iter().filter_map(|item| item.text(&[])).map(|name| folder.join(name)) {
            if path.is_dir() {
                follow(&path, folders);
            } else if let Some(parent) = path.parent().filter(|_| path.is_file()) {
                folders.insert((parent.to_owned(), false));
            }
        }
    }
}

/// Builds a kustomization with whichever program for it is there.
async fn build(folder: &Path) -> Result<Text, Trouble> {
    let name = folder.display().to_string();
    let trouble = |words: String| Trouble::new(TroubleKind::File, words);
    for (program, arguments) in [("kustomize", ["build"].as_slice()), ("kubectl", &["kustomize"])] {
        let mut command = Command::new(program);
        command.args(arguments).arg(folder).stdin(Stdio::null()).kill_on_drop(true);
        let output = match tokio::time::timeout(PATIENCE, command.output()).await {
            Err(_) => {
                return Err(trouble(format!("{name}: {program} has not built it within {} s", PATIENCE.as_secs())));
            }
            Ok(Err(error)) if error.kind() == ErrorKind::NotFound => continue,
            Ok(output) => output.map_err(|error| trouble(format!("{name}: {program} cannot be run: {error}")))?,
        };
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it failed without a word");
            return Err(trouble(format!("{name}: {program}: {first}")).detailed(said.trim()));
        }
        let text = String::from_utf8(output.stdout)
            .map_err(|_| trouble(format!("{name}: what {program} wrote is no text")))?;
        return Ok(Text { name, built: true, text });
    }
    Err(trouble(format!("{name} is a kustomization, and neither kustomize nor kubectl is there to build it"))
        .advise("install one of them, or name the files themselves"))
}

#[derive(Default)]
struct Reading {
    texts: Vec<Text>,
    seen: BTreeSet<PathBuf>,
}

impl Reading {
    fn path(&mut self, path: &Path) -> Result<(), Trouble> {
        let name = path.display().to_string();
        if name == "-" {
            let mut bytes = Vec::new();
            io::stdin()
                .lock()
                .take(LARGEST + 1)
                .read_to_end(&mut bytes)
                .map_err(|error| cannot("standard input", &error))?;
            return self.add("standard input".to_owned(), bytes);
        }
        if name.starts_with("https://") || name.starts_with("http://") {
            let words = format!("{name} is an address, and only files are read");
            return Err(Trouble::new(TroubleKind::File, words).advise("save it to a file, and look at that first"));
        }
        let about = fs::metadata(path).map_err(|error| cannot(&name, &error))?;
        if about.is_dir() {
            self.folder(path)?;
            return if self.texts.is_empty() {
                Err(Trouble::new(TroubleKind::File, format!("{name}: there is no YAML or JSON in it")))
            } else {
                Ok(())
            };
        }
        self.file(path)
    }

    fn folder(&mut self, folder: &Path) -> Result<(), Trouble> {
        let name = folder.display().to_string();
        let told = |error: io::Error| cannot(&name, &error);
        // Links may go round in circles.
        if !self.seen.insert(fs::canonicalize(folder).map_err(told)?) {
            return Ok(());
        }
        let mut inside: Vec<PathBuf> = fs::read_dir(folder)
            .map_err(told)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(told)?;
        inside.sort();
        for path in inside {
            let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
            // A link to nowhere is nobody's file.
            let Some(about) = fs::metadata(&path).ok().filter(|_| !hidden) else { continue };
            if about.is_dir() {
                if is_kustomization(&path) {
                    let words = format!("{} is a kustomization within a folder", path.display());
                    return Err(
                        Trouble::new(TroubleKind::File, words).advise("name it by itself: it is built, not read")
                    );
                }
                self.folder(&path)?;
            } else if about.is_file() && path.extension().is_some_and(|end| ENDINGS.iter().any(|known| end == *known)) {
                self.file(&path)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), Trouble> {
        let name = path.display().to_string();
        let mut bytes = Vec::new();
        let file = fs::File::open(path).map_err(|error| cannot(&name, &error))?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| cannot(&name, &error))?;
        self.add(name, bytes)
    }

    fn add(&mut self, name: String, bytes: Vec<u8>) -> Result<(), Trouble> {
        let trouble = |words: String| Err(Trouble::new(TroubleKind::File, words));
        if bytes.len() as u64 > LARGEST {
            return trouble(format!("{name} is larger than {} MiB", LARGEST >> 20));
        }
        if self.texts.len() >= MOST {
            return trouble(format!("there are more than {MOST} files; {name} was one too many"));
        }
        match String::from_utf8(bytes) {
            Ok(text) => self.texts.push(Text { name, built: false, text }),
            Err(error) => {
                let line =
                    error.as_bytes().iter().take(error.utf8_error().valid_up_to()).filter(|c| **c == b'\n').count() + 1;
                return trouble(format!("{name}:{line}: this is no text in UTF-8"));
            }
        }
        Ok(())
    }
}

fn cannot(name: &str, error: &io::Error) -> Trouble {
    Trouble::new(TroubleKind::File, format!("cannot read {name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(texts: &[Text], folder: &Path) -> Vec<String> {
        let begin = format!("{}/", folder.display());
        texts.iter().map(|text| text.name.strip_prefix(&begin).unwrap_or(&text.name).to_owned()).collect()
    }

    #[tokio::test]
    async fn folders_are_read_with_all_that_is_in_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("sub/.git")).unwrap();
        for name in ["b.yaml", "a.yml", "c.json", "notes.txt", ".hidden.yaml", "sub/x.yaml", "sub/.git/y.yaml"] {
            fs::write(root.join(name), "a: 1\n").unwrap();
        }
        std::os::unix::fs::symlink(root, root.join("sub/loop")).unwrap();
        std::os::unix::fs::symlink("/nowhere/at/all", root.join("dead.yaml")).unwrap();
        let texts = read(&[root.to_owned()]).await.unwrap();
        assert_eq!(names(&texts, root), ["a.yml", "b.yaml", "c.json", "sub/x.yaml"]);
        assert_eq!(watched(&[root.to_owned()]), [(root.to_owned(), true)].into());
        assert_eq!(watched(&[root.join("b.yaml")]), [(root.to_owned(), false)].into());
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_told_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("empty")).unwrap();
        fs::create_dir_all(root.join("over/lay")).unwrap();
        fs::write(root.join("over/lay/kustomization.yaml"), "resources: [x.yaml]\n").unwrap();
        fs::write(root.join("bytes.yaml"), b"a: 1\nb: \xff\n").unwrap();
        let paths = ["none.yaml", "empty", "bytes.yaml", "over"].map(|name| root.join(name));
        let faults = read(&[&paths[..], &[PathBuf::from("https://example.com/x.yaml")]].concat()).await.unwrap_err();
        let told: Vec<String> =
            faults.into_iter().map(|fault| fault.what.replace(&root.display().to_string(), "")).collect();
        assert!(told[0].starts_with("cannot read /none.yaml: "), "{told:?}");
        assert_eq!(
            told[1..],
            [
                "/empty: there is no YAML or JSON in it",
                "/bytes.yaml:2: this is no text in UTF-8",
                "/over/lay is a kustomization within a folder",
                "https://example.com/x.yaml is an address, and only files are read",
            ]
        );
    }

    #[test]
    fn a_kustomization_is_followed_to_what_it_is_made_of() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("base")).unwrap();
        fs::create_dir_all(root.join("over")).unwrap();
        fs::write(root.join("base/kustomization.yaml"), "resources: [x.yaml, ../over]\n").unwrap();
        fs::write(root.join("over/kustomization.yaml"), "resources: [../base]\n").unwrap();
        let found = watched(&[root.join("over")]);
        assert!(
            found.contains(&(root.join("over"), true)) && found.contains(&(root.join("over/../base"), true)),
            "{found:?}"
        );
    }
}
