//! The blueprints that are built in.

use super::read::read;
use super::{Blueprint, File};
use crate::text::fault::Fault;

macro_rules! shipped {
    ($($name:literal: [$($file:literal),* $(,)?];)*) => {
        /// Name, and files by name and text. The simplest first; what another extends goes before it.
        const ALL: &[(&str, &[(&str, &str)])] = &[$(
            ($name, &[$((concat!($name, "/", $file), include_str!(concat!("shipped/", $name, "/", $file)))),*]),
        )*];
    };
}

shipped! {
    "empty": ["blueprint.yaml", "templates/10-tenant.yaml", "templates/20-namespaces.yaml"];
    "web": [
        "blueprint.yaml",
        "templates/10-tenant.yaml",
        "templates/20-namespaces.yaml",
        "templates/30-protection.yaml",
        "templates/40-application.yaml",
        "templates/50-address.yaml",
    ];
    "mesh": ["blueprint.yaml", "templates/20-namespaces.yaml", "templates/25-mesh.yaml"];
}

/// Their names.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|(name, _)| *name).collect()
}

/// The files of one, as one would begin another with.
pub fn files(name: &str) -> Option<Vec<File>> {
    let (_, files) = ALL.iter().find(|(known, _)| *known == name)?;
    Some(files.iter().map(|(name, text)| File { name: (*name).to_owned(), text: (*text).to_owned() }).collect())
}

/// One of them, read.
pub fn named(name: &str) -> Option<Result<Blueprint, Vec<Fault>>> {
    Some(read(&files(name)?))
}
