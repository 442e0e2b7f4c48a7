//! Labels.

use super::{Small, set_entries};

/// `:label team=red old-`
pub const LABEL: Small = Small {
    word: "label",
    argument: "KEY=VALUE... KEY-...",
    meaning: "set labels of what is selected, or remove them",
    make: |object, asked| set_entries(object, "labels", asked.arguments),
};
