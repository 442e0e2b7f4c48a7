//! Blueprints of the person's own: folders with a `blueprint.yaml` and `templates/`.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::plan::manifest::Text;
use crate::world::trouble::{Trouble, TroubleKind};

/// How many templates a blueprint may have, and how large a file may be.
const MOST: usize = 1000;
const LARGEST: u64 = 4 << 20;

/// The names of those in a folder of blueprints.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let own = entries.filter(|entry| entry.path().join("blueprint.yaml").is_file());
    let mut names: Vec<String> = own.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The files of one: what it is first, then its templates in their order.
pub fn read(folder: &Path) -> Result<Vec<Text>, Trouble> {
    let begin = folder.parent().unwrap_or(folder);
    let mut texts = vec![file(&folder.join("blueprint.yaml"), begin)?];
    let templates = folder.join("templates");
    let mut paths: Vec<PathBuf> = match fs::read_dir(&templates) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_template(path)).collect(),
        // What another is extended by may have none of its own.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(cannot(&templates, &error)),
    };
    paths.sort();
    if paths.len() > MOST {
        let words = format!("{} holds more than {MOST} templates", templates.display());
        return Err(Trouble::new(TroubleKind::File, words));
    }
    for path in paths {
        texts.push(file(&path, begin)?);
    }
    Ok(texts)
}

fn is_template(path: &Path) -> bool {
    let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
    !hidden && path.is_file() && path.extension().is_some_and(|end| end == "yaml" || end == "yml")
}

fn file(path: &Path, begin: &Path) -> Result<Text, Trouble> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| cannot(path, &error))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| cannot(path, &error))?;
    if bytes.len() as u64 > LARGEST {
        let words = format!("{} is larger than {} MiB", path.display(), LARGEST >> 20);
        return Err(Trouble::new(TroubleKind::File, words));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Trouble::new(TroubleKind::File, format!("{} is no text in UTF-8", path.display())))?;
    let name = path.strip_prefix(begin).unwrap_or(path).display().to_string();
    Ok(Text { name, built: false, text })
}

fn cannot(path: &Path, error: &io::Error) -> Trouble {
    Trouble::new(TroubleKind::File, format!("cannot read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("shop");
        fs::create_dir_all(own.join("templates")).unwrap();
        fs::create_dir_all(folder.path().join("no-blueprint")).unwrap();
        for name in ["blueprint.yaml", "templates/b.yaml", "templates/a.yml", "templates/.c.yaml", "templates/d.txt"] {
            fs::write(own.join(name), "a: 1\n").unwrap();
        }
        let read: Vec<String> = read(&own).unwrap().into_iter().map(|text| text.name).collect();
        assert_eq!(read, ["shop/blueprint.yaml", "shop/templates/a.yml", "shop/templates/b.yaml"]);
        assert_eq!(names(folder.path()), ["shop"]);
        let gone = super::read(&folder.path().join("none")).unwrap_err().what;
        assert!(gone.starts_with("cannot read ") && gone.contains("none/blueprint.yaml"), "{gone}");
    }
}
