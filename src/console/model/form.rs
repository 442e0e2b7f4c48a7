//! The form beside a plan that makes a tenant from a blueprint: what can be decided, and what is wrong with it.

use crate::blueprint::create::{Asked, Identity};
use crate::blueprint::parameter::Kind;
use crate::blueprint::sheet::{Field, Sheet, TENANT};

use super::plan::Draft;

/// A form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    /// The blueprint, by name.
    pub name: String,
    /// What has been decided.
    pub asked: Asked,
    /// What comes of it, as far as it has been looked at.
    pub sheet: Sheet,
    /// The blueprints that there are.
    pub names: Vec<String>,
    /// The row under the cursor.
    pub cursor: usize,
    /// What the row held before it was typed in.
    pub before: Option<String>,
}

/// A row of a form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Row<'a> {
    /// Which blueprint.
    Blueprint,
    /// A parameter, or the tenant's name.
    Field(&'a Field),
    /// As whom namespaces are made.
    Identity,
}

/// The words for whom namespaces are made as.
const AUTO: &str = "auto";
const OURSELVES: &str = "me";

impl Form {
    /// What its plan is made of.
    pub fn draft(&self) -> Draft {
        Draft::Blueprint { name: self.name.clone(), asked: self.asked.clone() }
    }

    /// The rows: what is not asked has none.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let fields = self.sheet.fields.iter().filter(|field| field.asked).map(Row::Field);
        std::iter::once(Row::Blueprint).chain(fields).chain([Row::Identity]).collect()
    }

    /// The row under the cursor.
    pub fn row(&self) -> Row<'_> {
        self.rows().get(self.cursor).copied().unwrap_or(Row::Blueprint)
    }

    /// What a row is called.
    pub fn label<'a>(&self, row: Row<'a>) -> &'a str {
        match row {
            Row::Blueprint => "blueprint",
            Row::Field(field) => &field.name,
            Row::Identity => "namespaces as",
        }
    }

    /// What a row holds, as it would be typed.
    pub fn text(&self, row: Row<'_>) -> String {
        match row {
            Row::Blueprint => self.name.clone(),
            Row::Field(field) if field.name == TENANT => self.asked.tenant.clone(),
            Row::Field(field) => self.asked.given.get(&field.name).unwrap_or(&field.text).clone(),
            Row::Identity => match &self.asked.identity {
                Identity::Auto => AUTO.to_owned(),
                Identity::Ourselves => OURSELVES.to_owned(),
                Identity::Owner(owner) => owner.clone(),
            },
        }
    }

    /// What a row means.
    pub fn meaning<'a>(&'a self, row: Row<'a>) -> &'a str {
        match row {
            Row::Blueprint => &self.sheet.description,
            Row::Field(field) => &field.description,
            Row::Identity => "as whom namespaces are made: what the server lets, ourselves, or an owner",
        }
    }

    /// What a row can be, one after the other; nothing, if it is typed.
    pub fn options(&self, row: Row<'_>) -> Vec<String> {
        match row {
            Row::Blueprint => self.names.clone(),
            Row::Field(field) => match field.kind {
                Kind::Bool => vec!["yes".to_owned(), "no".to_owned()],
                Kind::Choice => field.choices.iter().map(|choice| choice.value.clone()).collect(),
                Kind::String | Kind::Int | Kind::List => Vec::new(),
            },
            Row::Identity => {
                let owners = self.sheet.field("owners").map(|field| field.value.clone()).unwrap_or_default();
                let owners = owners.as_array().cloned().unwrap_or_default();
                let owners = owners.iter().filter_map(|owner| owner.as_str().map(str::to_owned));
                [AUTO.to_owned(), OURSELVES.to_owned()].into_iter().chain(owners).collect()
            }
        }
    }

    /// What is offered for a row that is typed.
    pub fn suggestions(&self, row: Row<'_>) -> Vec<String> {
        match row {
            Row::Field(field) if !matches!(field.kind, Kind::Choice | Kind::Bool) => {
                field.choices.iter().map(|choice| choice.value.clone()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Puts something into the row under the cursor.
    pub fn set(&mut self, text: &str) {
        let name = match self.row() {
            Row::Blueprint => {
                // What was decided for one may mean nothing for another; who owns it does.
                text.clone_into(&mut self.name);
                self.asked.given.retain(|name, _| matches!(name.as_str(), "owners" | "namespaces" | "quota"));
                return;
            }
            Row::Identity => {
                self.asked.identity = match text {
                    AUTO => Identity::Auto,
                    OURSELVES => Identity::Ourselves,
                    owner => Identity::Owner(owner.to_owned()),
                };
                return;
            }
            Row::Field(field) => field.name.clone(),
        };
        if name == TENANT {
            text.clone_into(&mut self.asked.tenant);
        } else {
            self.asked.given.insert(name, text.to_owned());
        }
    }

    /// Takes in what comes of what was decided; the cursor stays on its row.
    pub fn take(&mut self, sheet: Sheet, names: Vec<String>) {
        let label = self.label(self.row()).to_owned();
        (self.sheet, self.names) = (sheet, names);
        let at = self.rows().iter().position(|row| self.label(*row) == label);
        self.cursor = at.unwrap_or(self.cursor).min(self.rows().len().saturating_sub(1));
    }
}
