//! `config.toml`: what a person has decided once. [`DEFAULT`] is the whole file, with every line explained.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use wildmatch::WildMatch;

use crate::plan::Confirm;
use crate::text::clean::clean;
use crate::text::fault::{self, Fault};
use crate::world::class::{Class, Colour};
use crate::world::trouble::{Trouble, TroubleKind};

/// The file that says what is so without one.
pub const DEFAULT: &str = include_str!("default.toml");

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The name of a theme.
    pub theme: Option<Spanned<String>>,
    /// How many colours: off, 16, 256, true, or as many as the terminal has: auto.
    pub colours: Option<Spanned<String>>,
    /// Nothing but ASCII is drawn.
    pub ascii: bool,
    /// The mouse is ours, and the terminal selects no text.
    pub mouse: bool,
    /// The name of a set of keys.
    pub keys: Option<Spanned<String>>,
    /// Rules, by a pattern of the context's name.
    pub contexts: BTreeMap<String, Rule>,
}

/// What was decided about contexts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// It holds only for user entries of the kubeconfig that fit this pattern.
    pub user: Option<String>,
    /// A word for what this is: `production`, say.
    pub class: Option<String>,
    /// How loud that word is.
    pub colour: Option<Colour>,
    /// The sign before it, for eyes that see no colours.
    pub glyph: Option<String>,
    /// Whether writes are refused here: `true`, `false`, or `"start"`: until somebody says otherwise.
    pub readonly: ReadOnly,
    /// Where writes are refused, the server may still be asked what they would do.
    pub dryrun: bool,
    /// How a plan is agreed to here: by nothing (`none`), by a key (`key`), by typing the context's name (`name`).
    pub confirm: Option<Confirm>,
    /// The name of a theme.
    pub theme: Option<Spanned<String>>,
    /// Namespaces to show where they may not be listed.
    pub namespaces: Vec<String>,
}

/// Whether writes are refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Said")]
pub enum ReadOnly {
    /// They are not.
    #[default]
    No,
    /// In the console, until somebody says otherwise for a session.
    Start,
    /// They are, whatever anybody says.
    Always,
}

/// How that is written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Plain(bool),
    Word(String),
}

impl TryFrom<Said> for ReadOnly {
    type Error = String;

    fn try_from(said: Said) -> Result<Self, String> {
        match said {
            Said::Plain(false) => Ok(Self::No),
            Said::Plain(true) => Ok(Self::Always),
            Said::Word(word) if word == "start" => Ok(Self::Start),
            Said::Word(word) => Err(format!("readonly is true, false or \"start\", and not \"{word}\"")),
        }
    }
}

/// What holds for one context as one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// What it was called.
    pub class: Option<Class>,
    /// Whether writes are refused here.
    pub readonly: ReadOnly,
    /// Where writes are refused, the server may still be asked what they would do.
    pub dryrun: bool,
    /// How a plan is agreed to here.
    pub confirm: Confirm,
    /// The name of a theme.
    pub theme: Option<String>,
    /// Namespaces to show where they may not be listed.
    pub namespaces: BTreeSet<String>,
}

impl Config {
    /// Reads the file; one that does not exist says nothing. Comes with the file's text, for what is wrong with its words.
    pub fn load(path: &Path) -> Result<(Self, String), Trouble> {
        match fs::read_to_string(path) {
            Ok(text) => Ok((Self::parse(&text, &path.display().to_string())?, text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Self::default(), String::new())),
            Err(error) => Err(Trouble::new(TroubleKind::File, format!("cannot read {}: {error}", path.display()))),
        }
    }

    /// Reads a text; `origin` names it in the failure, with line and column.
    pub fn parse(text: &str, origin: &str) -> Result<Self, Trouble> {
        fault::toml(text, origin)
            .map_err(|fault| trouble(&fault).advise("nothing in this file is in force until it is mended"))
    }

    /// What holds for this context and this user entry. All rules that fit hold together: one is enough to refuse writes;
    /// of several classes or themes that of the longest pattern holds.
    pub fn decide(&self, context: &str, user: &str) -> Decided {
        let fits = |(pattern, rule): &(&String, &Rule)| {
            WildMatch::new(pattern).matches(context)
                && rule.user.as_deref().is_none_or(|pattern| WildMatch::new(pattern).matches(user))
        };
        let mut rules: Vec<(&String, &Rule)> = self.contexts.iter().filter(fits).collect();
        rules.sort_by_key(|(pattern, rule)| (pattern.len(), rule.user.is_some()));
        let mut decided = Decided::default();
        let (mut class, mut colour, mut glyph) = (None, None, None);
        let mut confirms = Vec::new();
        for (_, rule) in rules {
            class = rule.class.as_deref().or(class);
            colour = rule.colour.or(colour);
            glyph = rule.glyph.as_deref().or(glyph);
            decided.theme = rule.theme.as_ref().map(|name| name.get_ref().clone()).or(decided.theme);
            decided.readonly = decided.readonly.max(rule.readonly);
            decided.dryrun |= rule.dryrun;
            // Unless nothing was said, the strongest holds.
            if let Some(confirm) = rule.confirm {
                confirms.push(confirm);
            }
            decided.namespaces.extend(rule.namespaces.iter().cloned());
        }
        let colour = colour.unwrap_or_default();
        decided.class = class.map(|word| Class {
            word: clean(word).into_owned(),
            glyph: clean(glyph.unwrap_or(colour.glyph())).into_owned(),
            colour,
        });
        decided.confirm = confirms.into_iter().max().unwrap_or_default();
        decided
    }
}

/// A mistake in a file, as something to be told.
pub fn trouble(fault: &Fault) -> Trouble {
    let text = fault.to_string();
    let first = text.lines().next().unwrap_or_default().to_owned();
    Trouble::new(TroubleKind::File, first).detailed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rules_that_fit_hold_together() {
        let text = "[contexts.\"*prod*\"]\nreadonly = true\ntheme = \"dusk\"\nconfirm = \"name\"\nclass = \"production\"\ncolour = \"danger\"\n\
                    [contexts.lke-prod]\nconfirm = \"none\"\nnamespaces = [\"oil-web\"]\ntheme = \"moss\"\n\
                    [contexts.\"lke-*\"]\nuser = \"ops@*\"\nclass = \"lab\"\nglyph = \"%\"\nreadonly = \"start\"\n";
        let config = Config::parse(text, "config.toml").unwrap();
        let decided = config.decide("lke-prod", "alice");
        let expected = Decided {
            class: Some(Class { word: "production".into(), glyph: "!!".into(), colour: Colour::Danger }),
            readonly: ReadOnly::Always,
            dryrun: false,
            confirm: Confirm::Name,
            theme: Some("moss".into()),
            namespaces: ["oil-web".to_owned()].into(),
        };
        assert_eq!(decided, expected);
        let lab = config.decide("lke-test", "ops@example.net");
        assert_eq!(lab.class.map(|class| class.to_string()).as_deref(), Some("% lab"));
        assert_eq!(lab.readonly, ReadOnly::Start);
        assert_eq!(config.decide("lke-test", "alice"), Decided::default());
        let (nothing, _) = Config::load(Path::new("/does/not/exist")).unwrap();
        assert_eq!(nothing.decide("a", "b"), Decided::default());
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let trouble = Config::parse("[contexts.a]\nread_only = true\n", "config.toml").unwrap_err();
        assert!(trouble.what.starts_with("config.toml:2:1: unknown field `read_only`"), "{trouble}");
        let trouble = Config::parse("[contexts.a]\nreadonly = \"maybe\"\n", "config.toml").unwrap_err();
        assert!(trouble.what.contains("readonly is true, false or \"start\""), "{trouble}");
    }

    #[test]
    fn the_explained_file_says_what_is_so_without_one() {
        let config = Config::parse(DEFAULT, "default.toml").unwrap();
        assert_eq!(config.theme.map(Spanned::into_inner).as_deref(), Some("auto"));
        assert!(config.contexts.is_empty() && !config.ascii);
        // What is only shown as an example can be read, too, once its signs of a comment are taken away.
        let example: String = DEFAULT
            .lines()
            .filter_map(|line| line.strip_prefix("# ").filter(|line| line.starts_with('[') || line.contains(" = ")))
            .fold(String::new(), |all, line| all + line + "\n");
        assert_eq!(Config::parse(&example, "example").unwrap().contexts.len(), 1, "{example}");
    }
}
