//! The parts of an image's name, as `pod/containerregistry_legacy_registry.go`.

use std::sync::LazyLock;

use regex::Regex;

/// Upstream's expression. It takes everything before the first slash for the registry, and has no image without a tag.
static PARTS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:([a-zA-Z0-9._-]+(?::[0-9]+)?)/)?(.*/)?([a-zA-Z0-9._-]+:([a-zA-Z0-9._-]+))?").ok());

/// An image's name in parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Image {
    /// Such as `ghcr.io`; may be empty.
    pub(super) registry: String,
    /// What stands between registry and name, with its last slash; may be empty.
    pub(super) repository: String,
    /// Name and tag, such as `web:1`; empty without a tag.
    pub(super) tagged: String,
}

impl Image {
    /// Reads a name.
    pub(super) fn parse(name: &str) -> Self {
        let Some(parts) = PARTS.as_ref().and_then(|regex| regex.captures(name)) else { return Self::default() };
        let part = |at: usize| parts.get(at).map_or_else(String::new, |part| part.as_str().to_owned());
        Self { registry: part(1), repository: part(2), tagged: part(3) }
    }

    /// The name with everything; empty without a tag.
    pub(super) fn qualified(&self) -> String {
        match (self.tagged.as_str(), self.registry.as_str()) {
            ("", _) => String::new(),
            (image, "") => format!("{}{image}", self.repository),
            (image, registry) => format!("{registry}/{}{image}", self.repository),
        }
    }
}
