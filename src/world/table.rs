//! Objects of any kind as the server shows them in a table: cells of text under columns that it names.

use std::sync::Arc;

use super::feed::Change;
use super::labels::Labels;
use super::name::Name;
use super::store::Row;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading, in capitals.
    pub title: Name,
    /// It is shown where there is room.
    pub wide: bool,
    /// Its cells are numbers.
    pub number: bool,
    /// What its cells say.
    pub says: Says,
}

/// What the cells of a column say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// Anything.
    Anything,
    /// The name of the object.
    Name,
    /// How old the object is: the server said it when it was asked, and time goes on.
    Age,
}

/// What tells an object from others of its kind: its namespace and its name.
pub type Key = (Option<Name>, Name);

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Its namespace and name.
    pub key: Key,
    /// Its uid.
    pub uid: Name,
    /// When it was created (Unix seconds); 0 if the server does not say.
    pub created: i64,
    /// It is being deleted.
    pub deleting: bool,
    /// Its labels.
    pub labels: Labels,
    /// What stands in the columns.
    pub cells: Box<[Name]>,
}

impl Row for TableRow {
    type Key = Key;

    fn key(&self) -> Key {
        self.key.clone()
    }

    fn namespace(key: &Key) -> Option<&Name> {
        key.0.as_ref()
    }
}

/// News of a table that somebody looks at.
#[derive(Debug)]
pub enum Listed {
    /// Its columns.
    Columns(Arc<[Column]>),
    /// Its rows.
    Rows(Change<TableRow>),
}
