//! The person's own files: read at once, with all that is wrong in them, and again whenever one of them changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use notify::{RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use toml::Spanned;

use crate::config::paths::Paths;
use crate::config::settings::{self, Config};
use crate::console::keymap::{Keymap, Preset};
use crate::console::view::theme::file::ThemeFile;
use crate::console::view::theme::looks::{self, AUTO, Wish};
use crate::text::fault::Fault;
use crate::world::trouble::{Trouble, TroubleKind};

/// What the files say.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// What was decided.
    pub config: Config,
    /// The keys.
    pub keymap: Keymap,
    /// The looks that are wished for.
    pub wish: Wish,
    /// What is wrong in them.
    pub faults: Vec<Trouble>,
    /// What was decided is not known: what was to be read-only must not become writable by a slip in the file that says so.
    pub unsure: bool,
}

/// Reads all of them. What the command line says of the looks (`asked`) goes before what files say.
pub fn load(paths: &Paths, asked: &Wish) -> Loaded {
    let mut loaded = Loaded::default();
    let mut preset = Preset::default();
    match Config::load(&paths.settings()) {
        Ok((config, text)) => {
            let origin = paths.settings().display().to_string();
            let mut check = |word: &Spanned<String>, checked: Result<(), String>| {
                if let Err(message) = checked {
                    loaded.faults.push(settings::trouble(&Fault::at(&origin, &text, &word.span(), message)));
                }
            };
            if let Some(name) = &config.theme {
                check(name, looks::check(name.get_ref()));
            }
            for name in config.contexts.values().filter_map(|rule| rule.theme.as_ref()) {
                check(name, looks::check(name.get_ref()));
            }
            if let Some(word) = config.colours.as_ref().filter(|word| word.get_ref() != AUTO) {
                let palette = word.get_ref().parse();
                check(word, palette.clone().map(|_| ()));
                loaded.wish.palette = palette.ok();
            }
            if let Some(word) = &config.keys {
                let named = word.get_ref().parse::<Preset>();
                check(word, named.clone().map(|_| ()));
                preset = named.unwrap_or_default();
            }
            loaded.wish.theme = config.theme.as_ref().map(|name| name.get_ref().clone());
            loaded.wish.ascii = config.ascii;
            loaded.config = config;
        }
        Err(trouble) => {
            loaded.unsure = true;
            loaded.faults.push(trouble.advise("the console is read-only until this is mended"));
        }
    }
    let (keymap, faults) = keymap(&paths.keymap(), preset);
    loaded.keymap = keymap;
    loaded.faults.extend(faults);
    match theme(&paths.theme()) {
        Ok(own) => loaded.wish.own = own,
        Err(trouble) => loaded.faults.push(trouble),
    }
    if asked.theme.is_some() {
        loaded.wish.theme.clone_from(&asked.theme);
        loaded.wish.own = None;
    }
    loaded.wish.palette = asked.palette.or(loaded.wish.palette);
    loaded.wish.ascii |= asked.ascii;
    loaded
}

/// A file's text; nothing if there is none.
fn read(path: &Path) -> Result<Option<String>, Trouble> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Trouble::new(TroubleKind::File, format!("cannot read {}: {error}", path.display()))),
    }
}

/// The shipped keys under the person's own, and what is wrong with the latter.
fn keymap(path: &Path, preset: Preset) -> (Keymap, Vec<Trouble>) {
    let shipped = Keymap::preset(preset);
    match read(path) {
        Ok(None) => (shipped, Vec::new()),
        Ok(Some(text)) => {
            let (keymap, faults) = shipped.overlay(&text, &path.display().to_string());
            (keymap, faults.iter().map(settings::trouble).collect())
        }
        Err(trouble) => (shipped, vec![trouble.advise("the shipped keys are in force")]),
    }
}

/// The person's own theme.
fn theme(path: &Path) -> Result<Option<ThemeFile>, Trouble> {
    let Some(text) = read(path)? else { return Ok(None) };
    let theme = ThemeFile::parse(&text, &path.display().to_string());
    theme.map(Some).map_err(|fault| settings::trouble(&fault).advise("this theme is not used until it is mended"))
}

/// How long files must have been left alone before they are read: editors write in several steps.
const QUIET: Duration = Duration::from_millis(80);

/// Tells whenever one of these files changes, until `told` says that nobody listens. Where that cannot be had it is logged, and
/// files are read at the next start.
pub async fn watch(files: Vec<PathBuf>, mut told: impl FnMut() -> bool) {
    let (changed, mut changes) = mpsc::unbounded_channel();
    // A file that is a link may be changed behind it, and be made to lead elsewhere.
    let behind: Vec<PathBuf> = files.iter().filter_map(|file| file.canonicalize().ok()).collect();
    let files: BTreeSet<PathBuf> = files.into_iter().chain(behind).collect();
    let folders: BTreeSet<PathBuf> = files.iter().filter_map(|file| Some(file.parent()?.to_owned())).collect();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access() && event.paths.iter().any(|path| files.contains(path))) {
            let _ = changed.send(());
        }
    });
    let mut watcher = match watcher {
        Ok(watcher) => watcher,
        Err(error) => return tracing::info!(%error, "files are not watched"),
    };
    for folder in &folders {
        if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
            tracing::info!(%error, folder = %folder.display(), "files are not watched here");
        }
    }
    while changes.recv().await.is_some() {
        while tokio::time::timeout(QUIET, changes.recv()).await.is_ok_and(|change| change.is_some()) {}
        if !told() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_in_all_files_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths { config: folder.path().to_owned(), state: folder.path().to_owned() };
        assert!(load(&paths, &Wish::default()).faults.is_empty());
        fs::write(
            paths.settings(),
            "theme = \"drak\"\ncolours = \"12\"\nkeys = \"vim\"\n[contexts.a]\ntheme = \"x\"\n",
        )
        .unwrap();
        fs::write(paths.keymap(), "[table]\nopne = \"o\"\n").unwrap();
        fs::write(paths.theme(), "grounds = [\"#000000\"]\n").unwrap();
        let loaded = load(&paths, &Wish::default());
        let told: Vec<&str> = loaded.faults.iter().map(|fault| fault.what.rsplit('/').next().unwrap()).collect();
        let begin = [
            "config.toml:1:9: ",
            "config.toml:5:9: ",
            "config.toml:2:11: ",
            "config.toml:3:8: ",
            "keymap.toml:2:1: ",
            "theme.toml:1:1: ",
        ];
        assert_eq!(told.len(), begin.len(), "{told:#?}");
        for (told, begin) in told.iter().zip(begin) {
            assert!(told.starts_with(begin), "{told} is no {begin}");
        }
        assert!(!loaded.unsure && loaded.wish.palette.is_none());
        fs::write(paths.settings(), "ascii = maybe\n").unwrap();
        assert!(load(&paths, &Wish::default()).unsure);
    }
}
