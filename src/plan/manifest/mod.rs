//! Manifests: the objects that texts of YAML or JSON describe, each with its file and line.

pub mod filling;
pub mod node;
pub mod scalar;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use filling::Filling;
use node::{Content, Node, Wrong};

use crate::text::clean::clean;
use crate::world::trouble::{Trouble, TroubleKind};

/// A file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its name, as a person would type it; `-` for standard input.
    pub name: String,
    /// It was not read but built (by kustomize), so that its lines are nobody's.
    pub built: bool,
    /// What is in it.
    pub text: String,
}

/// An object as it is written down.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`, if it says one.
    pub namespace: Option<String>,
    source: Source,
}

/// Where an object is written down. Displayed as `web.yaml:12`, without the line if nobody wrote that.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    file: Arc<str>,
    built: bool,
    /// What stands in the file is not what is sent: it is a template.
    template: bool,
    root: Arc<Node>,
}

impl Source {
    /// What it was read from.
    pub fn name(&self) -> &str {
        &self.file
    }

    /// The file, if it can be read again.
    pub fn file(&self) -> Option<&str> {
        (!self.built && !self.template).then_some(&*self.file)
    }

    /// Where a field stands, or would: see [`Node::line_of`].
    pub fn place_of(&self, field: &str) -> String {
        place(&self.file, self.built, self.root.line_of(field))
    }

    /// Where the field stands that the server's words name first; else where the object does.
    pub fn blame(&self, words: &[&str]) -> String {
        let split = |c: char| c.is_whitespace() || "'`,".contains(c);
        let tokens = words.iter().flat_map(|words| words.split(split));
        let fields = tokens
            .map(|token| token.trim_matches(['"', ':', '(', ')', ';']))
            .filter(|token| token.contains(['.', '[']));
        let known = fields.map(|field| field.trim_start_matches('.')).find(|field| {
            let top = field.split(['.', '[']).next().unwrap_or_default();
            self.root.get(top).is_some()
        });
        self.place_of(known.unwrap_or_default())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place_of(""))
    }
}

impl Manifest {
    /// Where it stands.
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// As it is sent. The kind may stand outside of it, in the list that it is an item of.
    pub fn value(&self) -> Value {
        let mut value = self.source.root.value();
        if let Some(fields) = value.as_object_mut() {
            fields.insert("apiVersion".to_owned(), self.api_version.as_str().into());
            fields.insert("kind".to_owned(), self.kind.as_str().into());
        }
        value
    }

    /// Something is wrong with it, at a field.
    pub fn fault(&self, field: &str, what: &str) -> Trouble {
        fault(&self.source.place_of(field), what)
    }
}

fn place(file: &str, built: bool, line: usize) -> String {
    if built { file.to_owned() } else { format!("{file}:{line}") }
}

fn fault(place: &str, what: &str) -> Trouble {
    Trouble::new(TroubleKind::Invalid, format!("{place}: {}", clean(what)))
}

/// Reads texts; what is wrong in any of them is told with its place, everything at once.
pub fn read(texts: &[Text]) -> Result<Vec<Manifest>, Vec<Trouble>> {
    let (mut manifests, mut faults) = (Vec::new(), Vec::new());
    for text in texts {
        let file: Arc<str> = clean(&text.name).into();
        let tell = |Wrong { line, what }: Wrong| fault(&place(&file, text.built, line), &what);
        match documents(&text.text) {
            Err(wrong) => faults.push(tell(wrong)),
            Ok(documents) => {
                for document in documents {
                    let mut reading =
                        Reading { file: &file, built: text.built, template: false, found: &mut manifests };
                    faults.extend(reading.object(&document, None).err().map(tell));
                }
            }
        }
    }
    if faults.is_empty() { Ok(manifests) } else { Err(faults) }
}

/// Reads what a template wrote; what is wrong is told with the line of the template.
pub fn rendered(file: &str, text: &str, filling: &Filling) -> Result<Vec<Manifest>, Vec<Wrong>> {
    let file: Arc<str> = clean(file).into();
    let documents = node::filled(text, filling).map_err(|wrong| vec![wrong])?;
    let (mut manifests, mut faults) = (Vec::new(), Vec::new());
    for document in documents {
        let mut reading = Reading { file: &file, built: false, template: true, found: &mut manifests };
        faults.extend(reading.object(&document, None).err());
    }
    if faults.is_empty() { Ok(manifests) } else { Err(faults) }
}

/// JSON is YAML, unless several documents stand behind each other.
fn documents(text: &str) -> Result<Vec<Arc<Node>>, Wrong> {
    let fault = match node::documents(text) {
        Err(fault) if text.trim_start().starts_with('{') => fault,
        result => return result,
    };
    let mut documents = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Box<serde_json::value::RawValue>>();
    loop {
        let rest = text.get(stream.byte_offset()..).unwrap_or_default();
        let begin = stream.byte_offset() + rest.len() - rest.trim_start().len();
        let before = text.get(..begin).unwrap_or_default().matches('\n').count();
        match stream.next() {
            None => return Ok(documents),
            Some(Err(_)) => return Err(fault),
            Some(Ok(document)) => {
                // The lines before it are kept, so that its own have their numbers.
                documents.extend(node::documents(&format!("{}{}", "\n".repeat(before), document.get()))?);
            }
        }
    }
}

struct Reading<'a> {
    file: &'a Arc<str>,
    built: bool,
    template: bool,
    found: &'a mut Vec<Manifest>,
}

impl Reading<'_> {
    /// Takes in an object, or those of a list; `list` is the version and kind of the list that it is in.
    fn object(&mut self, root: &Arc<Node>, list: Option<(&str, &str)>) -> Result<(), Wrong> {
        if !matches!(root.content, Content::Map(_)) {
            return Err(Wrong {
                line: root.line,
                what: "this is no object: apiVersion, kind and metadata are missing".into(),
            });
        }
        // The items of a ConfigMapList need not say what they are.
        let of_list = list.and_then(|(version, kind)| Some((version, kind.strip_suffix("List")?)));
        let own = |field: &str, other: Option<&str>| -> Result<String, Wrong> {
            let (line, text) = match root.get(field) {
                Some(node) => (node.line, root.text(&[field])),
                None => (root.line, other),
            };
            let fault = || Wrong { line, what: format!("{field} must be a text, and is missing or none") };
            text.filter(|text| !text.is_empty()).map(str::to_owned).ok_or_else(fault)
        };
        let api_version = own("apiVersion", of_list.map(|(version, _)| version))?;
        let kind = own("kind", of_list.map(|(_, kind)| kind))?;
        if kind.ends_with("List")
            && let Some(items) = root.get("items")
        {
            if items.is_null() {
                return Ok(());
            }
            let Some(items) = items.items() else {
                return Err(Wrong { line: items.line, what: "items must be a list".to_owned() });
            };
            return items.iter().try_for_each(|item| self.object(item, Some((&api_version, &kind))));
        }
        let name = match root.at(&["metadata", "name"]) {
            None if root.at(&["metadata", "generateName"]).is_some() => {
                let line = root.line_of("metadata.generateName");
                return Err(Wrong {
                    line,
                    what: "an object with generateName cannot be applied: give it a name".to_owned(),
                });
            }
            None => {
                return Err(Wrong {
                    line: root.line_of("metadata"),
                    what: format!("this {kind} has no metadata.name"),
                });
            }
            Some(node) => match root.text(&["metadata", "name"]) {
                Some(name) if is_segment(name) => name.to_owned(),
                // A number or a truth value, most likely.
                None if !node.is_null() => {
                    let words = format!("metadata.name is {}, not a text: write it in quotes", node.value());
                    return Err(Wrong { line: node.line, what: words });
                }
                _ => return Err(Wrong { line: node.line, what: "metadata.name can be no object's name".to_owned() }),
            },
        };
        let namespace = match root.at(&["metadata", "namespace"]) {
            None => None,
            Some(node) if node.is_null() => None,
            Some(node) => match root.text(&["metadata", "namespace"]) {
                Some("") => None,
                Some(name) if is_label(name) => Some(name.to_owned()),
                _ => {
                    let words = format!("metadata.namespace is {}, which is no namespace's name", node.value());
                    return Err(Wrong { line: node.line, what: words });
                }
            },
        };
        let source =
            Source { file: Arc::clone(self.file), built: self.built, template: self.template, root: Arc::clone(root) };
        self.found.push(Manifest { api_version, kind, name, namespace, source });
        Ok(())
    }
}

/// Whether it can stand in a path as one part of it, as it is.
fn is_segment(name: &str) -> bool {
    let is_fine = |c: u8| c.is_ascii_graphic() && !b"/%?#\\".contains(&c);
    !name.is_empty() && name.len() <= 253 && name.bytes().all(is_fine) && name != "." && name != ".."
}

/// RFC 1123 label.
fn is_label(name: &str) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    !name.is_empty() && name.len() <= 63 && name.bytes().all(inner) && !name.starts_with('-') && !name.ends_with('-')
}
