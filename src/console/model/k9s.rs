//! What a key means in k9s where k9s has the same view and we do not do what it does there: it is told, and does nothing else.
//!
//! Hands that know k9s must not be surprised: on a page of pods `a` attaches there, so here it writes nothing new. The key is the
//! matter and not the command, which its word still runs; and a key that somebody has given a command of their own is theirs.

use super::Model;
use crate::console::keymap::{Chord, Command, Keymap};

/// A key of k9s on a page of one kind, what it does there, and a way to what it does elsewhere here.
type Key = (&'static str, &'static str, Command, &'static str);

/// The keys that would do something else here (k9s 0.51, `internal/view`): those that do nothing are no surprise.
const KEYS: &[Key] = &[
    ("pods", "a", Command::Add, "attaches to a pod"),
    ("pods", "v", Command::Events, "shows vulnerabilities"),
    ("nodes", "c", Command::Copy, "cordons a node"),
];

/// What `chord`, which would do `command` here, does in k9s instead.
pub fn meaning(model: &Model, chord: &Chord, command: Command) -> Option<&'static str> {
    let objects = model.objects()?;
    let here = KEYS.iter().filter(|(kind, ..)| *kind == objects.resource.plural && objects.resource.group.is_empty());
    let (.., words) = here.clone().find(|(_, key, does, _)| *does == command && chord.to_string() == *key)?;
    // Only as long as the key means what it does by k9s' grammar.
    (Keymap::shipped().does(model.layers(), chord) == Some(command)).then_some(*words)
}

/// What is said of it.
pub fn told(chord: &Chord, words: &str, command: Command) -> String {
    let name = super::command_line::word_of(command);
    format!("in k9s {chord} {words}; here :{name} does what the key does elsewhere")
}
