//! Which key does what. `keymap.toml` beside the sources is the shipped map; a user's file may change any line of it.
//!
//! A [`Key`] is pressed while some [`Layer`]s are open, topmost first, and the first of them that knows the key names the
//! [`Command`]. The hint line, the help page and the documentation read the same map, so that they cannot disagree with
//! what a key does.

pub mod chord;
pub mod command;
pub mod key;
pub mod layer;
mod load;
pub mod mouse;

pub use chord::Chord;
pub use command::{Command, Group};
pub use key::{Code, Held, Key};
pub use layer::Layer;
pub use mouse::Mouse;

use crate::text::fault::Fault;
use load::Reader;
use std::collections::BTreeMap;

/// The text of the shipped keymap file.
pub const SHIPPED: &str = include_str!("../../../keymap.toml");

/// The text of the map of plain keys, which lies over the shipped one.
pub const PLAIN: &str = include_str!("plain.toml");

/// A set of keys that comes with the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// Those of k9s.
    #[default]
    K9s,
    /// Arrows and function keys; a letter means nothing.
    Plain,
}

impl std::str::FromStr for Preset {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "k9s" => Ok(Self::K9s),
            "plain" => Ok(Self::Plain),
            _ => Err(format!("`{name}` is no set of keys: there are k9s and plain")),
        }
    }
}

/// What keys mean that were pressed one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// They do this.
    Does(Command),
    /// They begin these chords.
    Begins(Vec<(Chord, Command)>),
    /// Nothing.
    Nothing,
}

/// Which key does what in which layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    layers: BTreeMap<Layer, BTreeMap<Command, Vec<Chord>>>,
}

impl Keymap {
    /// The map that comes with the program.
    pub fn shipped() -> Self {
        // A test holds that it has no faults.
        Self::from_entries(&Reader::read(SHIPPED, "keymap.toml"))
    }

    /// A map that comes with the program.
    pub fn preset(preset: Preset) -> Self {
        match preset {
            Preset::K9s => Self::shipped(),
            // A test holds that it has no faults.
            Preset::Plain => Self::shipped().overlay(PLAIN, "plain.toml").0,
        }
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
        let before = self.clone();
        let mut taken = Vec::new();
        for entry in &reader.entries {
            let layer = self.layers.entry(entry.layer).or_default();
            layer.insert(entry.command, entry.keys.iter().map(|(key, _)| key.clone()).collect());
            for (key, span) in &entry.keys {
                let others = layer.iter_mut().filter(|(command, _)| **command != entry.command);
                for (loser, keys) in others.filter(|(_, keys)| keys.contains(key)) {
                    keys.retain(|kept| kept != key);
                    taken.push((*loser, key.clone(), entry.layer, span.clone()));
                }
            }
        }
        for (loser, key, layer, span) in taken {
            let named = reader.entries.iter().any(|entry| entry.layer == layer && entry.command == loser);
            let lost = |layers: &&[Layer]| layers.contains(&layer) && self.keys(layers, loser).is_empty();
            if !named && Layer::OPEN.iter().any(lost) {
                let help = format!("give it another, or write `{loser} = []` in [{layer}] if that is meant");
                reader.fault(&span, format!("`{key}` was the last key of `{loser}`: {help}"));
            }
        }
        self.hidden(&before, &mut reader);
        reader.faults.sort_by_key(|fault| (fault.line, fault.column));
        (self, reader.faults)
    }

    /// Finds what a user's file makes unreachable: chords behind a key that does something by itself, and commands whose
    /// last key a layer above takes.
    fn hidden(&self, before: &Self, reader: &mut Reader<'_>) {
        let mut faults = Vec::new();
        for entry in &reader.entries {
            for (chord, span) in &entry.keys {
                for layers in Layer::OPEN.iter().filter(|layers| layers.contains(&entry.layer)) {
                    let behind =
                        (1..chord.keys().len()).find_map(|at| match self.resolve(layers, &chord.keys()[..at]) {
                            Meaning::Does(command) => Some(command),
                            _ => None,
                        });
                    if let Some(command) = behind {
                        faults
                            .push((span.clone(), format!("`{chord}` cannot be reached: its beginning is `{command}`")));
                        continue;
                    }
                    let below = layers.iter().skip_while(|layer| **layer != entry.layer).skip(1);
                    for (lost, keys) in below.flat_map(|layer| self.commands(*layer)) {
                        let was = before.keys(layers, lost);
                        let named = reader.entries.iter().any(|other| other.command == lost);
                        let hides = |key: &Chord| key.keys().starts_with(chord.keys());
                        if keys.iter().any(hides) && !was.is_empty() && !named && self.keys(layers, lost).is_empty() {
                            let help = format!("give it another in [{}]", entry.layer);
                            faults.push((
                                span.clone(),
                                format!("`{chord}` hides `{lost}`, which has no other key there: {help}"),
                            ));
                        }
                    }
                }
            }
        }
        faults.dedup();
        for (span, message) in faults {
            reader.fault(&span, message);
        }
    }

    fn from_entries(reader: &Reader<'_>) -> Self {
        let mut map = Self::default();
        for entry in &reader.entries {
            let keys = entry.keys.iter().map(|(key, _)| key.clone()).collect();
            map.layers.entry(entry.layer).or_default().insert(entry.command, keys);
        }
        map
    }

    /// What the keys pressed so far mean while `layers` are open, the topmost first. A layer that knows them, or chords that
    /// begin with them, goes before those below.
    pub fn resolve(&self, layers: &[Layer], pressed: &[Key]) -> Meaning {
        let mut begun = Vec::new();
        for commands in layers.iter().filter_map(|layer| self.layers.get(layer)) {
            let chords = || commands.iter().flat_map(|(command, chords)| chords.iter().map(|chord| (chord, *command)));
            if let Some((_, command)) = chords().find(|(chord, _)| chord.keys() == pressed)
                && begun.is_empty()
            {
                return Meaning::Does(command);
            }
            let longer = chords().filter(|(chord, _)| chord.goes_on_after(pressed));
            begun.extend(longer.map(|(chord, command)| (chord.clone(), command)));
        }
        if begun.is_empty() { Meaning::Nothing } else { Meaning::Begins(begun) }
    }

    /// The command that a chord does while `layers` are open.
    pub fn does(&self, layers: &[Layer], chord: &Chord) -> Option<Command> {
        // Each key on the way must lead on: else what comes after it is never reached.
        let leads_on = |at: usize| matches!(self.resolve(layers, &chord.keys()[..at]), Meaning::Begins(_));
        match self.resolve(layers, chord.keys()) {
            Meaning::Does(command) if (1..chord.keys().len()).all(leads_on) => Some(command),
            _ => None,
        }
    }

    /// The keys of `command` in one layer, the first of them being the one to show.
    pub fn keys_of(&self, layer: Layer, command: Command) -> &[Chord] {
        self.layers.get(&layer).and_then(|commands| commands.get(&command)).map_or(&[], Vec::as_slice)
    }

    /// The keys that do `command` while `layers` are open: those of all these layers that no layer above gives another
    /// meaning. The hint line and the help page show these.
    pub fn keys(&self, layers: &[Layer], command: Command) -> Vec<Chord> {
        let candidates = layers.iter().flat_map(|layer| self.keys_of(*layer, command));
        candidates.filter(|chord| self.does(layers, chord) == Some(command)).cloned().collect()
    }

    /// The commands of one layer with their keys, in the order of the help page. Commands without a key are among them if
    /// the file names them.
    pub fn commands(&self, layer: Layer) -> impl Iterator<Item = (Command, &[Chord])> {
        self.layers.get(&layer).into_iter().flatten().map(|(command, keys)| (*command, keys.as_slice()))
    }
}

#[cfg(test)]
mod tests;
