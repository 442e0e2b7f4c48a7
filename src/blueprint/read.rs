//! A blueprint's files, read: everything that is wrong is told at once, each with its place.

use std::collections::BTreeSet;
use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

use super::facts::{Facts, LISTS};
use super::format::Format;
use super::lines::at_line;
use super::parameter::{Choice, Choices, Kind, Parameter};
use super::{Blueprint, File, render, shipped};
use crate::plan::manifest::node::{self, Content, Field, Node};
use crate::text::distance::nearest;
use crate::text::fault::Fault;
use crate::text::label::label_fault;

/// The file that says what a blueprint is.
pub const ABOUT: &str = "blueprint.yaml";

/// Reads a blueprint. `files`: all of its folder, the templates in their order.
pub fn read(files: &[File]) -> Result<Blueprint, Vec<Fault>> {
    let is_about = |file: &&File| file.name == ABOUT || file.name.ends_with("/blueprint.yaml");
    let Some(about) = files.iter().find(is_about) else {
        let name = files.first().map(|file| file.name.clone()).unwrap_or_default();
        let missing = File { name, text: String::new() };
        return Err(vec![at_line(&missing, 1, None, format!("there is no {ABOUT} beside it"))]);
    };
    let mut reading = Reading { file: about, faults: Vec::new() };
    let mut blueprint = reading.blueprint();
    for template in files.iter().filter(|file| file.name != about.name) {
        let own = base(&template.name);
        blueprint.templates.retain(|known| base(&known.name) != own);
        blueprint.templates.push(template.clone());
    }
    blueprint.templates.sort_by(|one, other| base(&one.name).cmp(base(&other.name)));
    let mut faults = reading.faults;
    if blueprint.templates.is_empty() && faults.is_empty() {
        let words = "it makes nothing: there are no templates/*.yaml beside it".to_owned();
        faults.push(at_line(about, 1, None, words));
    }
    faults.extend(render::check(&blueprint, about));
    if faults.is_empty() { Ok(blueprint) } else { Err(faults) }
}

/// A template's name within its blueprint.
fn base(name: &str) -> &str {
    name.rsplit_once("templates/").map_or(name, |(_, base)| base)
}

struct Reading<'a> {
    file: &'a File,
    faults: Vec<Fault>,
}

impl Reading<'_> {
    fn fault(&mut self, line: usize, word: Option<&str>, message: impl Into<String>) {
        self.faults.push(at_line(self.file, line, word, message.into()));
    }

    fn blueprint(&mut self) -> Blueprint {
        let mut blueprint = Blueprint {
            name: String::new(),
            description: String::new(),
            needs: Vec::new(),
            parameters: Vec::new(),
            templates: Vec::new(),
        };
        let documents = match node::documents(&self.file.text) {
            Ok(documents) => documents,
            Err(wrong) => {
                self.fault(wrong.line, None, wrong.what);
                return blueprint;
            }
        };
        let [root] = documents.as_slice() else {
            self.fault(1, None, "it must hold one document: name, description, parameters");
            return blueprint;
        };
        self.known(root, "a blueprint", &["name", "description", "extends", "needs", "parameters"]);
        if let Some(name) = self.text(root, "name") {
            if let Some(fault) = label_fault(&name) {
                self.fault(root.line_of("name"), Some(&name), fault);
            }
            blueprint.name = name;
        } else if root.get("name").is_none() {
            self.fault(root.line, None, "a name is missing: what is it called?");
        }
        blueprint.description = self.text(root, "description").unwrap_or_default();
        blueprint.needs = self.needs(root);
        if let Some(name) = self.text(root, "extends") {
            match shipped::named(&name).map(Result::ok) {
                Some(Some(base)) => {
                    blueprint.parameters = base.parameters;
                    blueprint.templates = base.templates;
                    let needs: Vec<String> =
                        base.needs.into_iter().filter(|need| !blueprint.needs.contains(need)).collect();
                    blueprint.needs.extend(needs);
                }
                _ => {
                    let names = shipped::names();
                    let words = format!("there is no built-in blueprint {name}; there are {}", names.join(", "));
                    self.fault(root.line_of("extends"), Some(&name), words);
                }
            }
        }
        let mut own = BTreeSet::new();
        for item in self.items(root, "parameters") {
            let Some(parameter) = self.parameter(&item) else { continue };
            if !own.insert(parameter.name.clone()) {
                let words = format!("there are two parameters {}", parameter.name);
                self.fault(item.line_of("name"), Some(&parameter.name), words);
            }
            match blueprint.parameters.iter_mut().find(|known| known.name == parameter.name) {
                Some(known) => *known = parameter,
                None => blueprint.parameters.push(parameter),
            }
        }
        blueprint
    }

    fn parameter(&mut self, node: &Node) -> Option<Parameter> {
        if !matches!(node.content, Content::Map(_)) {
            self.fault(node.line, None, "a parameter has at least a name: `- name: image`");
            return None;
        }
        const KEYS: &[&str] = &[
            "name",
            "description",
            "type",
            "format",
            "default",
            "required",
            "pattern",
            "min",
            "max",
            "choices",
            "needs",
            "when",
        ];
        self.known(node, "a parameter", KEYS);
        let Some(name) = self.text(node, "name") else {
            if node.get("name").is_none() {
                self.fault(node.line, None, "a parameter has at least a name: `- name: image`");
            }
            return None;
        };
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !starts || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let words =
                format!("{name} can be no parameter's name: those are letters, digits and _, as in replicaCount");
            self.fault(node.line_of("name"), Some(&name), words);
        }
        if name == "tenant" {
            let words = "the tenant's name is always asked for, and is no parameter of its own";
            self.fault(node.line_of("name"), Some(&name), words);
        }
        let kind = match self.text(node, "type") {
            None => Kind::String,
            Some(word) => self.word(node, "type", &word, Kind::ALL.map(|kind| (kind.word(), kind)))?,
        };
        let format = match self.text(node, "format") {
            None => None,
            Some(word) => self.word(node, "format", &word, Format::ALL.map(|format| (format.word(), format))),
        };
        let choices = self.choices(node);
        if kind == Kind::Choice && choices == Choices::None && node.get("choices").is_none() {
            self.fault(node.line_of("type"), None, format!("{name} is a choice, and there are no choices"));
        }
        let pattern = self.text(node, "pattern").and_then(|text| match Regex::new(&format!("^(?:{text})$")) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let why = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
                self.fault(node.line_of("pattern"), None, format!("{text} is no regular expression: {why}"));
                None
            }
        });
        let default = node.get("default").map(|node| node.value()).filter(|value| !value.is_null());
        if let Some(default) = &default {
            let fits = match kind {
                Kind::String | Kind::Choice => default.is_string(),
                Kind::Int => default.is_i64(),
                Kind::Bool => default.is_boolean(),
                Kind::List => default.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
            };
            if !fits {
                let words = format!("the default of {name} is {default}, which is no {}", kind.word());
                self.fault(node.line_of("default"), None, words);
            }
        }
        Some(Parameter {
            description: self.text(node, "description").unwrap_or_default(),
            required: self.flag(node, "required"),
            min: self.number(node, "min"),
            max: self.number(node, "max"),
            needs: self.needs(node),
            when: self.text(node, "when"),
            name,
            kind,
            format,
            default,
            pattern,
            choices,
        })
    }

    fn choices(&mut self, node: &Node) -> Choices {
        let Some(choices) = node.get("choices") else { return Choices::None };
        if let Content::Scalar(Value::String(word)) = &choices.content {
            let all = LISTS.iter().map(|(name, _)| (*name, *name)).collect::<Vec<_>>();
            return self.word(node, "choices", word, all).map_or(Choices::None, Choices::Of);
        }
        let mut these: Vec<Choice> = Vec::new();
        for item in self.items(node, "choices") {
            let choice = match &item.content {
                Content::Scalar(Value::String(value)) => {
                    Choice { value: value.clone(), description: String::new(), needs: Vec::new() }
                }
                Content::Map(_) => {
                    self.known(&item, "a choice", &["value", "description", "needs"]);
                    let Some(value) = self.text(&item, "value") else {
                        self.fault(item.line, None, "a choice has a value");
                        continue;
                    };
                    let description = self.text(&item, "description").unwrap_or_default();
                    Choice { value, description, needs: self.needs(&item) }
                }
                _ => {
                    self.fault(item.line, None, format!("a choice is a text, and {} is none", item.value()));
                    continue;
                }
            };
            if these.iter().any(|known| known.value == choice.value) {
                self.fault(item.line, Some(&choice.value), format!("{} is there twice", choice.value));
            }
            these.push(choice);
        }
        Choices::These(these)
    }

    fn needs(&mut self, node: &Node) -> Vec<String> {
        let Some(needs) = node.get("needs") else { return Vec::new() };
        let all = match &needs.content {
            Content::Scalar(Value::String(one)) => vec![(needs.line, one.clone())],
            _ => {
                let items = self.items(node, "needs");
                let mut all = Vec::new();
                for item in items {
                    match &item.content {
                        Content::Scalar(Value::String(one)) => all.push((item.line, one.clone())),
                        _ => self.fault(item.line, None, "what is needed is named by a text: meshes.kuma.io"),
                    }
                }
                all
            }
        };
        for (line, need) in &all {
            if Facts::list_named(need).is_none() && !need.contains('.') {
                let lists = LISTS.iter().map(|(name, _)| *name);
                let meant = nearest(need, lists).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                let words = format!("{need} is neither a kind with its group, as in meshes.kuma.io, nor a list{meant}");
                self.fault(*line, Some(need), words);
            }
        }
        all.into_iter().map(|(_, need)| need).collect()
    }

    /// One of several words.
    fn word<T>(
        &mut self,
        node: &Node,
        key: &str,
        word: &str,
        all: impl IntoIterator<Item = (&'static str, T)>,
    ) -> Option<T> {
        let mut known = Vec::new();
        for (name, one) in all {
            if name == word {
                return Some(one);
            }
            known.push(name);
        }
        let meant = nearest(word, known.iter().copied()).map(|near| format!("; did you mean {near}?"));
        let words =
            format!("there is no {key} {word}{}", meant.unwrap_or_else(|| format!("; there are {}", known.join(", "))));
        self.fault(node.line_of(key), Some(word), words);
        None
    }

    /// Tells of fields that nobody knows.
    fn known(&mut self, node: &Node, what: &str, keys: &[&str]) {
        let Content::Map(fields) = &node.content else {
            self.fault(node.line, None, format!("{what} is a map of {}", keys.join(", ")));
            return;
        };
        let strange: Vec<&Field> = fields.iter().filter(|field| !keys.contains(&field.name.as_str())).collect();
        for field in strange {
            let meant = nearest(&field.name, keys.iter().copied()).map(|near| format!("; did you mean {near}?"));
            let words = format!("{what} has no {}{}", field.name, meant.unwrap_or_default());
            self.fault(field.line, Some(&field.name), words);
        }
    }

    fn text(&mut self, node: &Node, key: &str) -> Option<String> {
        match &node.get(key)?.content {
            Content::Scalar(Value::String(text)) => Some(text.clone()),
            Content::Scalar(Value::Null) => None,
            _ => {
                self.fault(node.line_of(key), Some(key), format!("{key} must be a text"));
                None
            }
        }
    }

    fn flag(&mut self, node: &Node, key: &str) -> bool {
        match node.get(key).map(|node| node.value()) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.fault(node.line_of(key), Some(key), format!("{key} is true or false"));
                false
            }
        }
    }

    fn number(&mut self, node: &Node, key: &str) -> Option<i64> {
        let value = node.get(key)?.value();
        let number = value.as_i64();
        if number.is_none() {
            self.fault(node.line_of(key), Some(key), format!("{key} is a whole number"));
        }
        number
    }

    fn items(&mut self, node: &Node, key: &str) -> Vec<Arc<Node>> {
        let Some(list) = node.get(key) else { return Vec::new() };
        if let Some(items) = list.items() {
            return items.to_vec();
        }
        if !list.is_null() {
            self.fault(node.line_of(key), Some(key), format!("{key} must be a list"));
        }
        Vec::new()
    }
}
