//! Which key does what. `keymap.toml` beside the sources is the shipped map; a user's file may change any line of it.
//!
//! A [`Key`] is pressed while some [`Layer`]s are open, topmost first, and the first of them that knows the key names the
//! [`Command`]. The hint line, the help page and the documentation read the same map, so that they cannot disagree with
//! what a key does.

pub mod command;
pub mod fault;
pub mod key;
pub mod layer;
mod load;

pub use command::{Command, Group};
pub use fault::Fault;
pub use key::{Code, Held, Key};
pub use layer::Layer;

use load::Reader;
use std::collections::BTreeMap;

/// The text of the shipped keymap file.
pub const SHIPPED: &str = include_str!("../../../keymap.toml");

/// Which key does what in which layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    layers: BTreeMap<Layer, BTreeMap<Command, Vec<Key>>>,
}

impl Keymap {
    /// The map that comes with the program.
    pub fn shipped() -> Self {
        // A test holds that it has no faults.
        Self::from_entries(&Reader::read(SHIPPED, "keymap.toml"))
    }

    /// Reads a whole map. All mistakes are found at once; `origin` names the file in them.
    pub fn parse(text: &str, origin: &str) -> Result<Self, Vec<Fault>> {
        let reader = Reader::read(text, origin);
        if reader.faults.is_empty() { Ok(Self::from_entries(&reader)) } else { Err(reader.faults) }
    }

    /// This map with the lines of a user's file in place of its own: a command that the file names in a layer has there the
    /// keys that the file gives it and no others, and a key that the file gives away is taken from the command that had it.
    ///
    /// What is right in the file holds even if something else in it is wrong: a person who moved a dangerous key must not
    /// find it back in its old place because of a slip three lines below. The faults tell what does not hold, and which
    /// commands lost their last key without the file saying so.
    #[must_use]
    pub fn overlay(mut self, text: &str, origin: &str) -> (Self, Vec<Fault>) {
        let mut reader = Reader::read(text, origin);
        let mut taken = Vec::new();
        for entry in &reader.entries {
            let layer = self.layers.entry(entry.layer).or_default();
            layer.insert(entry.command, entry.keys.iter().map(|(key, _)| *key).collect());
            for (key, span) in &entry.keys {
                let others = layer.iter_mut().filter(|(command, _)| **command != entry.command);
                for (loser, keys) in others.filter(|(_, keys)| keys.contains(key)) {
                    keys.retain(|kept| kept != key);
                    taken.push((*loser, *key, entry.layer, span.clone()));
                }
            }
        }
        for (loser, key, layer, span) in taken {
            let named = reader.entries.iter().any(|entry| entry.layer == layer && entry.command == loser);
            if !named && !self.is_bound(loser) {
                let help = format!("give it another, or write `{loser} = []` in [{layer}] if that is meant");
                reader.fault(&span, format!("`{key}` was the last key of `{loser}`: {help}"));
            }
        }
        reader.faults.sort_by_key(|fault| (fault.line, fault.column));
        (self, reader.faults)
    }

    fn from_entries(reader: &Reader<'_>) -> Self {
        let mut map = Self::default();
        for entry in &reader.entries {
            let keys = entry.keys.iter().map(|(key, _)| *key).collect();
            map.layers.entry(entry.layer).or_default().insert(entry.command, keys);
        }
        map
    }

    /// What `key` does while `layers` are open, the topmost first.
    pub fn resolve(&self, layers: &[Layer], key: Key) -> Option<Command> {
        layers.iter().find_map(|layer| {
            self.layers.get(layer)?.iter().find(|(_, keys)| keys.contains(&key)).map(|(command, _)| *command)
        })
    }

    /// The keys of `command` in one layer, the first of them being the one to show.
    pub fn keys_of(&self, layer: Layer, command: Command) -> &[Key] {
        self.layers.get(&layer).and_then(|commands| commands.get(&command)).map_or(&[], Vec::as_slice)
    }

    /// The keys that do `command` while `layers` are open: those of all these layers that no layer above gives another
    /// meaning. The hint line and the help page show these.
    pub fn keys(&self, layers: &[Layer], command: Command) -> Vec<Key> {
        let candidates = layers.iter().flat_map(|layer| self.keys_of(*layer, command));
        candidates.copied().filter(|key| self.resolve(layers, *key) == Some(command)).collect()
    }

    /// The commands of one layer with their keys, in the order of the help page. Commands without a key are among them if
    /// the file names them.
    pub fn commands(&self, layer: Layer) -> impl Iterator<Item = (Command, &[Key])> {
        self.layers.get(&layer).into_iter().flatten().map(|(command, keys)| (*command, keys.as_slice()))
    }

    fn is_bound(&self, command: Command) -> bool {
        Layer::ALL.iter().any(|layer| !self.keys_of(*layer, command).is_empty())
    }
}

#[cfg(test)]
mod tests;
