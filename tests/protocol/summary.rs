//! What is said at the end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use crate::differences::Known;

/// Counts and accepted differences of all topics that ran.
#[derive(Debug, Default)]
pub struct Summary {
    topics: Mutex<BTreeMap<String, (usize, Vec<Known>)>>,
}

impl Summary {
    /// Adds a topic.
    pub fn add(&self, topic: &str, exchanges: usize, known: Vec<Known>) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.insert(topic.to_owned(), (exchanges, known));
    }

    /// For the end of the output.
    pub fn text(&self) -> String {
        let topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        if topics.is_empty() {
            return text;
        }
        let total: usize = topics.values().map(|(exchanges, _)| exchanges).sum();
        let _ = writeln!(text, "exchanges: {total} in {} topics", topics.len());
        for (topic, (exchanges, _)) in topics.iter() {
            let _ = writeln!(text, "{exchanges:6}  {topic}");
        }
        let known: Vec<&Known> = topics.values().flat_map(|(_, known)| known).collect();
        let _ = writeln!(text, "accepted differences: {}", known.len());
        for Known { topic, exchange, pointer, reason } in known {
            let _ = writeln!(text, "  {topic} {exchange} {pointer}: {reason}");
        }
        text
    }
}

/// Prints.
pub fn say(text: &str) {
    // Nobody to tell if the terminal is gone.
    let _ = io::stdout().lock().write_all(text.as_bytes());
}
