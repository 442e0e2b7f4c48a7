//! `config.toml`: what a person has decided once, per context.
//!
//! ```toml
//! [contexts.lke-prod]
//! readonly = true
//! namespaces = ["oil-web", "oil-db"]
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use crate::world::trouble::{Trouble, TroubleKind};

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// By the context's name.
    pub contexts: BTreeMap<String, ContextConfig>,
}

/// What was decided about one context.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ContextConfig {
    /// Every write is refused here.
    pub readonly: bool,
    /// Namespaces to show where they may not be listed.
    pub namespaces: Vec<String>,
}

impl Config {
    /// Reads the file; one that does not exist says nothing.
    pub fn load(path: &Path) -> Result<Self, Trouble> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &path.display().to_string()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Trouble::new(TroubleKind::File, format!("cannot read {}: {error}", path.display()))),
        }
    }

    /// Reads a text; `origin` names it in the failure, with line and column.
    fn parse(text: &str, origin: &str) -> Result<Self, Trouble> {
        toml::from_str(text).map_err(|error| {
            let before = &text[..error.span().map_or(0, |span| span.start.min(text.len()))];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            Trouble::new(TroubleKind::File, format!("{origin}:{line}:{column}: {}", error.message()))
                .advise("nothing in this file is in force until it is mended")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_have_their_own_rules() {
        let text = "[contexts.lke-prod]\nreadonly = true\nnamespaces = [\"oil-web\"]\n";
        let config = Config::parse(text, "config.toml").unwrap();
        let expected = ContextConfig { readonly: true, namespaces: vec!["oil-web".into()] };
        assert_eq!(config.contexts["lke-prod"], expected);
        assert_eq!(Config::load(Path::new("/does/not/exist")).unwrap(), Config::default());
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let trouble = Config::parse("[contexts.a]\nread_only = true\n", "config.toml").unwrap_err();
        assert!(trouble.what.starts_with("config.toml:2:1: unknown field `read_only`"), "{trouble}");
    }
}
