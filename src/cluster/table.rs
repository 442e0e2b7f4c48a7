//! Objects of any kind, followed as the server shows them in a table.

use super::kind::Source;
use super::wire;
use crate::world::feed::{Change, Feed, Scope};
use crate::world::name::Interner;
use crate::world::resource::Resource;
use crate::world::table::{Listed, TableRow};

/// A kind that somebody looks at.
#[derive(Debug, Clone)]
pub struct Table {
    /// The kind.
    pub resource: Resource,
    /// The request under which it is told.
    pub request: u64,
}

impl Source for Table {
    type Row = TableRow;

    /// A table is made from the whole list before its first row is sent: pages of it come at once.
    const PAGE: Option<u32> = Some(500);
    const ACCEPT: &str = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";

    fn plural(&self) -> &str {
        &self.resource.plural
    }

    fn is_namespaced(&self) -> bool {
        self.resource.namespaced
    }

    fn path(&self, scope: &Scope) -> String {
        match scope {
            Scope::Namespace(namespace) => self.resource.path(Some(namespace)),
            Scope::Cluster => self.resource.path(None),
        }
    }

    fn can_be_watched(&self) -> bool {
        self.resource.can("watch")
    }

    fn decode(&self, item: &[u8], names: &mut Interner) -> serde_json::Result<Option<TableRow>> {
        wire::table::decode(item, names)
    }

    fn feed(&self, change: Change<TableRow>) -> Feed {
        Feed::Listed(self.request, Listed::Rows(change))
    }

    fn head(&self, around: &[u8]) -> Option<Feed> {
        Some(Feed::Listed(self.request, Listed::Columns(wire::table::columns(around))))
    }
}
