//! Names for things by where they appeared first.

use std::collections::HashMap;

/// Texts and where each of them appeared first: a name that later exchanges keep, whatever else appears between.
#[derive(Debug, Default)]
pub struct Appearances {
    seen: HashMap<String, String>,
    exchange: String,
    here: usize,
}

impl Appearances {
    /// From now on new texts appear in this exchange.
    pub fn begin(&mut self, exchange: &str) {
        exchange.clone_into(&mut self.exchange);
        self.here = 0;
    }

    /// The name of a text: the exchange of its first appearance, and its number there from 1.
    pub fn of(&mut self, text: &str) -> String {
        if let Some(name) = self.seen.get(text) {
            return name.clone();
        }
        self.here += 1;
        let name = format!("{} of {}", self.here, self.exchange);
        self.seen.insert(text.to_owned(), name.clone());
        name
    }
}
