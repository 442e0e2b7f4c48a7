//! Blueprints by name: the person's own, or built in.

use std::path::{Path, PathBuf};

use crate::blueprint::{Blueprint, File, read, shipped};
use crate::config::blueprints;
use crate::config::memory::tilde;
use crate::plan::work::together;
use crate::text::distance::nearest;
use crate::text::fault::Fault;
use crate::world::trouble::{Trouble, TroubleKind};

/// Where a blueprint comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is built in.
    Shipped,
    /// It is in this folder.
    Folder(PathBuf),
}

impl Origin {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Shipped => "built in".to_owned(),
            Self::Folder(path) => tilde(path),
        }
    }
}

/// All there are, the person's own first: what is called as one that is built in takes its place.
pub fn all(folder: Option<&Path>) -> Vec<(String, Origin)> {
    let own = folder.map(|folder| (folder, blueprints::names(folder)));
    let mut all: Vec<(String, Origin)> = own
        .into_iter()
        .flat_map(|(folder, names)| {
            names.into_iter().map(move |name| (name.clone(), Origin::Folder(folder.join(name))))
        })
        .collect();
    for name in shipped::names() {
        if !all.iter().any(|(known, _)| known == name) {
            all.push((name.to_owned(), Origin::Shipped));
        }
    }
    all
}

/// One of them: by name, or by the path of its folder. Several faults are told as one, see [`together`].
pub fn find(folder: Option<&Path>, which: &str) -> Result<Blueprint, Trouble> {
    faulty(&files(folder, which)?).map_err(|faults| {
        together(faults.iter().map(|fault| Trouble::new(TroubleKind::Invalid, fault.to_string())).collect())
    })
}

/// The files of one.
pub fn files(folder: Option<&Path>, which: &str) -> Result<Vec<File>, Trouble> {
    let is_path = which.contains('/') || which.starts_with(['.', '~']);
    let origin = if is_path {
        let home = std::env::var_os("HOME").filter(|_| which.starts_with("~/"));
        Origin::Folder(home.map_or_else(|| PathBuf::from(which), |home| PathBuf::from(home).join(&which[2..])))
    } else {
        let all = all(folder);
        let found = all.iter().find(|(name, _)| name == which).map(|(_, origin)| origin.clone());
        found.ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
            let meant = nearest(which, names.iter().copied()).map(|near| format!("; did you mean {near}?"));
            let words = format!("there is no blueprint {which}{}", meant.unwrap_or_default());
            Trouble::new(TroubleKind::Other, words).advise(format!("there are {}", names.join(", ")))
        })?
    };
    Ok(match origin {
        Origin::Shipped => shipped::files(which).unwrap_or_default(),
        Origin::Folder(path) => {
            blueprints::read(&path)?.into_iter().map(|text| File { name: text.name, text: text.text }).collect()
        }
    })
}

/// Reads the files of one, with all that is wrong in them.
pub fn faulty(files: &[File]) -> Result<Blueprint, Vec<Fault>> {
    read::read(files)
}
