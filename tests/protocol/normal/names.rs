//! Numbers by first appearance.

use std::collections::HashMap;

/// Texts and the number of their first appearance.
#[derive(Debug, Default)]
pub struct Numbers {
    seen: HashMap<String, usize>,
}

impl Numbers {
    /// The number of a text, from 1.
    pub fn of(&mut self, text: &str) -> usize {
        let next = self.seen.len() + 1;
        *self.seen.entry(text.to_owned()).or_insert(next)
    }
}
