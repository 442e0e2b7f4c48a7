//! What becomes of an event before it is written: counted up, combined with similar ones, or left out, so that nobody floods
//! a cluster. As client-go's `tools/record/events_cache.go`.

use std::collections::{BTreeSet, HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Event;

/// How many things are remembered of each sort.
const MOST: usize = 4096;
/// Different messages of one reason until they are combined.
const ALIKE: usize = 10;
/// How long they are remembered after the last one.
const SPAN: SignedDuration = SignedDuration::from_secs(600);
/// Events about one object that may come at once; then one in five minutes.
const BURST: f64 = 25.0;
const RATE: f64 = 1.0 / 300.0;

/// How an event is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// What it says: its own words, or those of many.
    pub message: String,
    /// Which event it counts up.
    pub name: Option<String>,
    /// How often it has been seen.
    pub count: i64,
    /// When it was first seen.
    pub first: Timestamp,
    /// By what it is remembered.
    key: String,
}

impl Writing {
    /// An event as it is, written once.
    pub fn plain(now: Timestamp, event: &Event<'_>) -> Self {
        Self { message: event.message.to_owned(), name: None, count: 1, first: now, key: String::new() }
    }
}

/// The memory of those who tell of events.
#[derive(Debug, Default)]
pub struct Recorder {
    known: Memory<(i64, String, Timestamp)>,
    alike: Memory<(BTreeSet<String>, Timestamp)>,
    tokens: Memory<(f64, Timestamp)>,
}

impl Recorder {
    /// How an event is to be written; nothing if there have been too many.
    pub fn observe(&mut self, now: Timestamp, about: &Object, event: &Event<'_>) -> Option<Writing> {
        let kind = if event.warning { "Warning" } else { "Normal" };
        let source = [event.component, about.text(&["kind"]).unwrap_or_default(), about.namespace(), about.name()];
        let source = format!("{}/{}/{kind}", source.join("/"), about.uid());
        let group = format!("{source}/{}", event.reason);
        let (mut messages, last) = self.alike.get(&group).cloned().unwrap_or_default();
        if now.duration_since(last) > SPAN {
            messages.clear();
        }
        messages.insert(event.message.to_owned());
        let is_one_of_many = messages.len() >= ALIKE;
        if is_one_of_many {
            messages.pop_first();
        }
        self.alike.put(group.clone(), (messages, now));
        let (key, message) = if is_one_of_many {
            (group, format!("(combined from similar events): {}", event.message))
        } else {
            (format!("{group}/{}", event.message), event.message.to_owned())
        };
        let writing = match self.known.get(&key) {
            Some((count, name, first)) => {
                Writing { message, name: Some(name.clone()), count: count.saturating_add(1), first: *first, key }
            }
            None => Writing { message, name: None, count: 1, first: now, key },
        };
        self.may(now, source).then_some(writing)
    }

    /// Remembers under which name an event was written.
    pub fn written(&mut self, writing: Writing, name: &str) {
        if writing.key.is_empty() {
            return;
        }
        self.known.put(writing.key, (writing.count, name.to_owned(), writing.first));
    }

    /// Takes a token, if there is one.
    fn may(&mut self, now: Timestamp, source: String) -> bool {
        let (tokens, last) = self.tokens.get(&source).copied().unwrap_or((BURST, now));
        let tokens = now.duration_since(last).as_secs_f64().mul_add(RATE, tokens).min(BURST);
        let may = tokens >= 1.0;
        self.tokens.put(source, (if may { tokens - 1.0 } else { tokens }, now));
        may
    }
}

/// A bounded memory: the oldest is forgotten.
#[derive(Debug)]
struct Memory<T> {
    map: HashMap<String, T>,
    order: VecDeque<String>,
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self { map: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T> Memory<T> {
    fn get(&self, key: &str) -> Option<&T> {
        self.map.get(key)
    }

    fn put(&mut self, key: String, value: T) {
        if self.map.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        while self.map.len() > MOST {
            let Some(oldest) = self.order.pop_front() else { return };
            self.map.remove(&oldest);
        }
    }
}
