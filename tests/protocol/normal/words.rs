//! What is replaced wherever it stands in a text.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::normal::names::Appearances;

fn expression(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

static UID: LazyLock<Option<Regex>> =
    LazyLock::new(|| expression("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"));

/// Patterns and what stands for them.
static ANYWHERE: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let patterns = [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "<time>"),
        (r"\bkube-api-access-[a-z0-9]{5}\b", "kube-api-access-<suffix>"),
        // Events are named after their object and the nanosecond.
        (r"\.[0-9a-f]{16}$", ".<event>"),
        // The hash of a template depends on how a program prints its structures.
        (r#"(ReplicaSet \\?"[a-z0-9.-]+)-[bcdfghjklmnpqrstvwxz2456789]{5,10}\b"#, "$1-<hash>"),
        (r"X509SHA256=[0-9a-f]{64}", "X509SHA256=<digest>"),
        (r"hash=[0-9A-F]{32,}", "hash=<hash>"),
        (r"https://127\.0\.0\.1:\d+", "https://<server>"),
        (r"\b10\.0\.0\.\d{1,3}\b", "<ip>"),
    ];
    patterns.into_iter().filter_map(|(pattern, stands)| Some((expression(pattern)?, stands))).collect()
});

/// A sentence about resource versions.
static VERSIONS: LazyLock<Option<Regex>> = LazyLock::new(|| expression(r"\b\d{2,}\b"));

/// The text without times and the like; uids become numbers.
pub fn replace(text: &str, uids: &mut Appearances) -> String {
    let mut text = text.to_owned();
    if let Some(uid) = &*UID {
        text = uid.replace_all(&text, |found: &Captures<'_>| format!("<uid {}>", uids.of(&found[0]))).into_owned();
    }
    for (pattern, stands) in ANYWHERE.iter() {
        if pattern.is_match(&text) {
            text = pattern.replace_all(&text, *stands).into_owned();
        }
    }
    let of_versions = ["esource version", "esourceVersion"].iter().any(|word| text.contains(word));
    if of_versions && let Some(number) = &*VERSIONS {
        text = number.replace_all(&text, "<version>").into_owned();
    }
    text
}
