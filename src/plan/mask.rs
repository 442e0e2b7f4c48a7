//! What must never be shown or written down: secrets, and copies of them.

use serde_json::Value;

/// What stands in a masked place.
const MASK: &str = "(masked)";

/// Whether the value at this path (`metadata.annotations.…`) of an object of `kind` is shown as a mask.
pub fn is_masked(kind: &str, path: &[&str]) -> bool {
    match path {
        ["data" | "stringData" | "binaryData", _, ..] => kind == "Secret",
        ["metadata", "annotations", key, ..] => {
            let key = key.to_ascii_lowercase();
            key == "kubectl.kubernetes.io/last-applied-configuration"
                || ["token", "password", "secret", "credential"].iter().any(|word| key.contains(word))
        }
        _ => false,
    }
}

/// A value in a masked place, still telling how large it is.
pub fn mask(value: &Value) -> String {
    let size = value.as_str().map_or_else(|| value.to_string().len(), str::len);
    format!("{MASK} {size} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_and_their_copies_are_masked() {
        let last = "kubectl.kubernetes.io/last-applied-configuration";
        assert!(is_masked("Secret", &["data", "password"]));
        assert!(!is_masked("ConfigMap", &["data", "password"]));
        assert!(is_masked("Tenant", &["metadata", "annotations", last]));
        assert!(is_masked("Tenant", &["metadata", "annotations", "example.com/api-Token"]));
        assert!(!is_masked("Tenant", &["metadata", "labels", "token"]));
        assert_eq!(mask(&json!("hunter2")), "(masked) 7 bytes");
    }
}
