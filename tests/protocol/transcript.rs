//! What a side answered to the exchanges of a topic, made comparable.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The `id` of the step, or its number.
    pub label: String,
    /// The request as it stands in the file.
    pub request: String,
    /// Status, headers and body, normalised.
    pub said: Value,
    /// JSON pointers that are not compared, and why.
    #[serde(default)]
    pub ignored: BTreeMap<String, String>,
    /// Whether only what both serve is compared.
    #[serde(default)]
    pub served: bool,
}

/// All answers to a topic, in order.
pub type Transcript = Vec<Answer>;
