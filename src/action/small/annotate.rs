//! Annotations.

use super::{Small, set_entries};

/// `:annotate note=checked old-`
pub const ANNOTATE: Small = Small {
    word: "annotate",
    argument: "KEY=VALUE... KEY-...",
    meaning: "set annotations of what is selected, or remove them",
    make: |object, asked| set_entries(object, "annotations", asked.arguments),
};
