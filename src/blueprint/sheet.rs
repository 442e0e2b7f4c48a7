//! A blueprint's parameters as they are filled in: what each is now, what can be chosen, and what is wrong with it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Blueprint;
use super::facts::{Facts, HOSTS};
use super::format::Format;
use super::parameter::{Choice, Choices, Kind, Parameter};
use super::{namespace, render};
use crate::plan::owner::Owner;
use crate::text::label::label_fault;
use crate::world::trouble::{Trouble, TroubleKind};

/// What was typed, by parameter; what is not there is as the blueprint has it.
pub type Given = BTreeMap<String, String>;

/// The name of the field that every sheet begins with.
pub const TENANT: &str = "tenant";

/// A blueprint as it is filled in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet {
    /// The blueprint's name.
    pub blueprint: String,
    /// What it makes.
    pub description: String,
    /// The fields: the tenant's name first.
    pub fields: Vec<Field>,
    /// What is wrong with the whole.
    pub faults: Vec<String>,
}

/// A parameter as it is filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What it is called.
    pub name: String,
    /// What it means.
    pub description: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it is asked: a parameter of what this cluster lacks, or that means nothing now, is not.
    pub asked: bool,
    /// Why not, if the cluster is why.
    pub lacking: Option<String>,
    /// What it is now; nothing, where that is left open.
    pub value: Value,
    /// The same as it would be typed.
    pub text: String,
    /// Somebody has typed it.
    pub typed: bool,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// Why nothing can be made of it.
    pub fault: Option<String>,
    /// What had better be known about it.
    pub notes: Vec<String>,
}

impl Sheet {
    /// What is wrong, everything at once.
    pub fn troubles(&self) -> Vec<Trouble> {
        let of_field = |field: &Field| Some(format!("{}: {}", field.name, field.fault.as_ref()?));
        let all =
            self.faults.iter().cloned().chain(self.fields.iter().filter(|field| field.asked).filter_map(of_field));
        all.map(|what| Trouble::new(TroubleKind::Invalid, what)).collect()
    }

    /// The values, for templates: every parameter has one.
    pub fn values(&self) -> Map<String, Value> {
        self.fields.iter().map(|field| (field.name.clone(), field.value.clone())).collect()
    }

    /// A field.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The tenant's name.
    pub fn tenant(&self) -> &str {
        self.field(TENANT).and_then(|field| field.value.as_str()).unwrap_or_default()
    }

    /// What had better be known.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(|field| field.asked || field.typed)
            .flat_map(|field| field.notes.iter().map(String::as_str))
    }
}

/// Fills in a blueprint. `tenant`: its name, as typed.
pub fn sheet(blueprint: &Blueprint, tenant: &str, given: &Given, facts: &Facts) -> Sheet {
    let mut values = Map::new();
    values.insert(TENANT.to_owned(), tenant.into());
    let mut faults: Vec<String> = facts.lacking(&blueprint.needs).into_iter().collect();
    let known = |name: &String| blueprint.parameters.iter().any(|parameter| parameter.name == *name);
    faults.extend(given.keys().filter(|name| !known(name)).map(|name| {
        let names = blueprint.parameters.iter().map(|parameter| parameter.name.as_str());
        let meant = crate::text::distance::nearest(name, names.clone()).map(|near| format!("did you mean {near}?"));
        let all = || format!("it has {}", names.collect::<Vec<_>>().join(", "));
        format!("{} has no parameter {name}; {}", blueprint.name, meant.unwrap_or_else(all))
    }));
    let mut fields = vec![known_tenant_field(tenant, facts)];
    for parameter in &blueprint.parameters {
        let filling = Filling { parameter, tenant, values: &values, facts };
        let field = filling.field(given.get(&parameter.name).map(String::as_str));
        values.insert(parameter.name.clone(), field.value.clone());
        fields.push(field);
    }
    Sheet { blueprint: blueprint.name.clone(), description: blueprint.description.clone(), fields, faults }
}

/// The field for the tenant's name, before anything is known of it.
pub fn tenant_field(tenant: &str) -> Field {
    Field {
        name: TENANT.to_owned(),
        description: "the tenant's name".to_owned(),
        kind: Kind::String,
        asked: true,
        lacking: None,
        value: tenant.into(),
        text: tenant.to_owned(),
        typed: true,
        choices: Vec::new(),
        fault: None,
        notes: Vec::new(),
    }
}

fn known_tenant_field(tenant: &str, facts: &Facts) -> Field {
    let is_there = facts.tenants.iter().any(|known| known == tenant);
    let note = is_there.then(|| {
        format!("there is a tenant {tenant} already: what it lacks is added, and what is set another way is changed")
    });
    Field { fault: label_fault(tenant), notes: note.into_iter().collect(), ..tenant_field(tenant) }
}

/// One parameter being filled in.
struct Filling<'a> {
    parameter: &'a Parameter,
    tenant: &'a str,
    /// What stands above it.
    values: &'a Map<String, Value>,
    facts: &'a Facts,
}

impl Filling<'_> {
    fn field(&self, given: Option<&str>) -> Field {
        let Parameter { name, description, kind, .. } = self.parameter;
        let lacking = self.facts.lacking(&self.parameter.needs);
        let mut field = Field {
            name: name.clone(),
            description: description.clone(),
            kind: *kind,
            asked: lacking.is_none(),
            lacking,
            value: Value::Null,
            text: String::new(),
            typed: given.is_some(),
            choices: self.choices(),
            fault: None,
            notes: Vec::new(),
        };
        if let Some(when) = self.parameter.when.as_ref().filter(|_| field.asked) {
            match render::holds(when, self.values, self.facts) {
                Ok(holds) => field.asked = holds,
                Err(why) => field.fault = Some(format!("whether it is asked cannot be told: {why}")),
            }
        }
        if !field.asked {
            if given.is_some() {
                let why = field.lacking.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
                field.notes.push(format!("{name} means nothing here, and is left out{why}"));
            }
            return field;
        }
        let value = match given {
            Some(text) => self.read(text),
            None => self.default(&field.choices),
        };
        match value {
            Ok(value) => {
                field.text = spelt(&value);
                field.value = value;
            }
            Err(fault) => {
                given.unwrap_or_default().clone_into(&mut field.text);
                field.value = Value::from(field.text.as_str());
                field.fault = field.fault.or(Some(fault));
                return field;
            }
        }
        field.fault = field.fault.take().or_else(|| self.fault(&field));
        if field.fault.is_none() {
            field.notes = self.notes(&field.value);
        }
        field
    }

    fn choices(&self) -> Vec<Choice> {
        match &self.parameter.choices {
            Choices::None => Vec::new(),
            Choices::These(all) => {
                all.iter().filter(|choice| self.facts.lacking(&choice.needs).is_none()).cloned().collect()
            }
            Choices::Of(list) => {
                let choice =
                    |value: &String| Choice { value: value.clone(), description: String::new(), needs: Vec::new() };
                self.facts.list(list).iter().map(choice).collect()
            }
        }
    }

    /// What was typed, as a value.
    fn read(&self, text: &str) -> Result<Value, String> {
        Ok(match self.parameter.kind {
            Kind::String | Kind::Choice => match text.trim() {
                "" => Value::Null,
                // What comes from a file keeps its lines.
                _ if text.contains('\n') => text.into(),
                text => text.into(),
            },
            Kind::Int => match text.trim() {
                "" => Value::Null,
                text => text.parse::<i64>().map_err(|_| format!("{text} is no whole number"))?.into(),
            },
            Kind::Bool => match text.trim().to_ascii_lowercase().as_str() {
                "" => Value::Null,
                "true" | "yes" | "y" | "on" => true.into(),
                "false" | "no" | "n" | "off" => false.into(),
                other => return Err(format!("{other} is neither yes nor no")),
            },
            Kind::List => {
                let items = text.split([',', '\n']).map(str::trim).filter(|item| !item.is_empty());
                items.map(Value::from).collect()
            }
        })
    }

    fn default(&self, choices: &[Choice]) -> Result<Value, String> {
        let filled = |text: &str| render::text(text, self.values, self.facts).map(Value::from);
        match &self.parameter.default {
            Some(Value::String(text)) => {
                let value = filled(text)?;
                let is_offered = |choice: &Choice| Some(choice.value.as_str()) == value.as_str();
                // What this cluster lacks is not chosen for anybody.
                match self.parameter.kind {
                    Kind::Choice if !choices.iter().any(is_offered) => Ok(first(choices)),
                    _ => Ok(value),
                }
            }
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(filled).collect(),
            Some(value) => Ok(value.clone()),
            None => Ok(match self.parameter.kind {
                Kind::List => Value::Array(Vec::new()),
                Kind::Bool => false.into(),
                Kind::Choice | Kind::String if self.parameter.required || self.parameter.kind == Kind::Choice => {
                    first(choices)
                }
                _ => Value::Null,
            }),
        }
    }

    fn fault(&self, field: &Field) -> Option<String> {
        let Parameter { kind, pattern, min, max, .. } = self.parameter;
        let is_empty = match &field.value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        if is_empty {
            let why = match &self.parameter.choices {
                Choices::Of(list) if field.choices.is_empty() => self.facts.lacking(&[(*list).to_owned()]),
                _ => None,
            };
            let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
            return self.parameter.required.then(|| format!("it is missing, and nothing can be made without it{why}"));
        }
        if *kind == Kind::Choice {
            let chosen = field.value.as_str().unwrap_or_default();
            if !field.choices.iter().any(|choice| choice.value == chosen) {
                return Some(self.no_choice(chosen, &field.choices));
            }
        }
        let (size, what) = match &field.value {
            Value::Number(number) => (number.as_i64().unwrap_or_default(), ""),
            Value::Array(items) => (items.len() as i64, " of them"),
            Value::String(text) => (text.chars().count() as i64, " characters"),
            _ => (0, ""),
        };
        if let Some(min) = min.filter(|min| size < *min) {
            return Some(format!("{min}{what} at least, and not {size}"));
        }
        if let Some(max) = max.filter(|max| size > *max) {
            return Some(format!("{max}{what} at most, and not {size}"));
        }
        let items: Vec<&str> = match &field.value {
            Value::String(text) => vec![text],
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if let Some(twice) = items.iter().enumerate().find(|(at, item)| items[..*at].contains(item)) {
            return Some(format!("{} is there twice", twice.1));
        }
        items.iter().find_map(|item| {
            if item.chars().any(|c| ('\u{e000}'..='\u{e003}').contains(&c)) {
                return Some(format!("{item:?} holds characters that stand for nothing"));
            }
            let unlike = pattern.as_ref().filter(|pattern| !pattern.is_match(item)).map(|pattern| {
                let shape = pattern.as_str().trim_start_matches("^(?:").trim_end_matches(")$");
                format!("{item} does not look like {shape}")
            });
            unlike.or_else(|| self.parameter.format?.fault(item)).or_else(|| self.collision(item))
        })
    }

    fn no_choice(&self, chosen: &str, offered: &[Choice]) -> String {
        if let Choices::These(all) = &self.parameter.choices
            && let Some(why) =
                all.iter().find(|choice| choice.value == chosen).and_then(|choice| self.facts.lacking(&choice.needs))
        {
            return format!("{chosen} cannot be had: {why}");
        }
        let names: Vec<&str> = offered.iter().map(|choice| choice.value.as_str()).collect();
        match (&self.parameter.choices, names.as_slice()) {
            (Choices::Of(list), []) => {
                let why = self.facts.lacking(&[(*list).to_owned()]).unwrap_or_default();
                format!("{chosen} cannot be had: {why}")
            }
            (_, names) => format!("{chosen} is none of {}", names.join(", ")),
        }
    }

    /// What of the cluster a text runs into.
    fn collision(&self, text: &str) -> Option<String> {
        let tenant = self.tenant;
        match self.parameter.format? {
            Format::Namespace => namespace::fault(text, tenant, self.facts),
            Format::Host => {
                let own = |namespace: &str, _: &str| {
                    self.facts.namespaces.get(namespace).is_some_and(|of| of.as_deref() == Some(tenant))
                };
                self.facts.taken(text, own)
            }
            _ => None,
        }
    }

    fn notes(&self, value: &Value) -> Vec<String> {
        let unread = |list: &str| {
            let why = self.facts.unread.get(list).filter(|_| !value.is_null())?;
            Some(format!("whether somebody has this already is not known: {why}"))
        };
        match self.parameter.format {
            Some(Format::Host) => unread(HOSTS).into_iter().collect(),
            Some(Format::Namespace) => unread("namespaces").into_iter().collect(),
            Some(Format::Owner) if self.parameter.name == "owners" => {
                let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
                let owners = items.iter().filter_map(Value::as_str).filter_map(|text| Owner::read(text).ok());
                owners.filter_map(|owner| owner.stranger(self.facts.configuration.as_ref())).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn first(choices: &[Choice]) -> Value {
    choices.first().map_or(Value::Null, |choice| choice.value.as_str().into())
}

/// A value as it would be typed.
pub fn spelt(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) => items.iter().map(spelt).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
