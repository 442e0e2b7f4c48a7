//! Reads a keymap file into its entries, with all its mistakes at once.

use super::chord::Chord;
use super::command::Command;
use super::layer::Layer;
use crate::text::fault::{Fault, line_of};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// One line of a keymap file: the keys of a command in a layer.
pub(super) struct Entry {
    pub layer: Layer,
    pub command: Command,
    pub keys: Vec<(Chord, Range<usize>)>,
}

/// A file while it is read.
pub(super) struct Reader<'a> {
    origin: &'a str,
    text: &'a str,
    pub entries: Vec<Entry>,
    pub faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    /// Reads all of `text`, whatever mistakes stand in it.
    pub fn read(text: &'a str, origin: &'a str) -> Self {
        let mut reader = Self { origin, text, entries: Vec::new(), faults: Vec::new() };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            reader.fault(&error.span().unwrap_or_default(), error.message().trim_end_matches('.').to_owned());
        }
        for (name, value) in table.get_ref() {
            match (name.get_ref().parse::<Layer>(), value.get_ref()) {
                (Err(message), _) => reader.fault(&name.span(), message),
                (Ok(layer), DeValue::Table(commands)) => reader.commands(layer, None, commands),
                (Ok(layer), _) => reader.fault(&value.span(), format!("`{layer}` is a table: write `[{layer}]`")),
            }
        }
        reader.doubles();
        reader.faults.sort_by_key(|fault| (fault.line, fault.column));
        // What TOML could not read it reads on as if it were empty, and that is no mistake of its own.
        reader.faults.dedup_by_key(|fault| (fault.line, fault.column));
        reader
    }

    /// Notes a mistake.
    pub fn fault(&mut self, span: &Range<usize>, message: String) {
        self.faults.push(Fault::at(self.origin, self.text, span, message));
    }

    /// The commands of one table. TOML reads `tenant.cordon` as the `cordon` of a table `tenant`, so that names come in
    /// parts.
    fn commands(&mut self, layer: Layer, parent: Option<&str>, table: &DeTable<'_>) {
        for (part, value) in table {
            let (name, span) = match parent {
                None => (part.get_ref().to_string(), part.span()),
                Some(parent) => (format!("{parent}.{}", part.get_ref()), self.joined(parent, part.span())),
            };
            match value.get_ref() {
                DeValue::Table(deeper) => self.commands(layer, Some(&name), deeper),
                value_ref => match name.parse::<Command>() {
                    Err(unknown) => self.fault(&span, unknown.to_string()),
                    Ok(command) if !layer.holds(command) => {
                        self.fault(&span, format!("`{command}` does nothing in [{layer}]"));
                    }
                    Ok(command) => {
                        let keys = self.keys(value_ref, value.span());
                        self.entries.push(Entry { layer, command, keys });
                    }
                },
            }
        }
    }

    /// The bytes of a name in parts: all of them where they stand together, else those of the last part, since the first
    /// was written in the head of a table.
    fn joined(&self, parent: &str, last: Range<usize>) -> Range<usize> {
        let head = self.text.get(..last.start).and_then(|before| before.strip_suffix('.')?.strip_suffix(parent));
        head.map_or(last.start, str::len)..last.end
    }

    /// A key or a list of keys.
    fn keys(&mut self, value: &DeValue<'_>, span: Range<usize>) -> Vec<(Chord, Range<usize>)> {
        match value {
            DeValue::String(text) => self.key(text, span).into_iter().collect(),
            DeValue::Array(list) => {
                list.iter().filter_map(|item| self.keys_of_item(item.get_ref(), item.span())).collect()
            }
            _ => {
                self.fault(&span, "keys are written as \"ctrl-d\" or as a list, [\"j\", \"down\"]".to_owned());
                Vec::new()
            }
        }
    }

    fn keys_of_item(&mut self, item: &DeValue<'_>, span: Range<usize>) -> Option<(Chord, Range<usize>)> {
        if let DeValue::String(text) = item {
            return self.key(text, span);
        }
        self.fault(&span, "a key stands between quotes, as in \"ctrl-d\"".to_owned());
        None
    }

    fn key(&mut self, text: &str, span: Range<usize>) -> Option<(Chord, Range<usize>)> {
        match text.parse() {
            Ok(key) => Some((key, span)),
            Err(error) => {
                self.fault(&span, error.to_string());
                None
            }
        }
    }

    /// Finds keys that stand twice in one layer, and drops all but the first.
    fn doubles(&mut self) {
        self.entries.sort_by_key(|entry| entry.keys.first().map(|(_, span)| span.start));
        let mut seen: Vec<(Layer, Chord, Command, usize)> = Vec::new();
        let mut faults = Vec::new();
        for Entry { layer, command, keys } in &mut self.entries {
            keys.retain(|(key, span)| {
                let Some((.., owner, at)) = seen.iter().find(|(l, k, ..)| l == layer && k == key) else {
                    seen.push((*layer, key.clone(), *command, span.start));
                    return true;
                };
                let line = line_of(self.text, *at);
                faults.push((span.clone(), format!("`{key}` is already `{owner}` in [{layer}], on line {line}")));
                false
            });
        }
        for (span, message) in faults {
            self.fault(&span, message);
        }
    }
}
