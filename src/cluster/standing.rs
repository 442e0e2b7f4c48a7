//! What we are to Capsule, asked once: for whoever follows nothing. It is judged by what the console judges by.

use http::Request;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::gate::{Class, Gate};
use super::kind::{self, Kind, Source as _};
use super::review::request;
use crate::world::World;
use crate::world::capsule::Standing;
use crate::world::feed::{Change, Scope, What};
use crate::world::identity::Identity;
use crate::world::name::{Interner, Name};
use crate::world::store::Row;
use crate::world::trouble::{Trouble, TroubleKind};

/// How many objects are asked for at once.
const PAGE: usize = 500;

/// What `identity` is to Capsule. `namespaces`: where its bindings are looked at, if tenants may not be listed.
pub async fn standing(gate: &Gate, identity: Identity, namespaces: &[Name]) -> Option<Standing> {
    let mut world = World::default();
    let home = identity.service_account().map(|(namespace, _)| Scope::Namespace(namespace.into()));
    world.identity = Some(identity);
    let (tenants, configurations) =
        tokio::join!(read(gate, kind::TENANTS, Scope::Cluster), read(gate, kind::CONFIGURATIONS, Scope::Cluster));
    take(&mut world, kind::TENANTS, &Scope::Cluster, tenants);
    take(&mut world, kind::CONFIGURATIONS, &Scope::Cluster, configurations);
    if let Some(home) = home {
        let found = read(gate, kind::NAMESPACES, home.clone()).await;
        take(&mut world, kind::NAMESPACES, &home, found);
    }
    if world.tenants.sources().refused().is_some() {
        for namespace in namespaces {
            let scope = Scope::Namespace(namespace.clone());
            let found = read(gate, kind::BINDINGS, scope.clone()).await;
            take(&mut world, kind::BINDINGS, &scope, found);
        }
    }
    world.standing()
}

/// Puts what was read, or why it was not, where the console would have it.
fn take<R: Row>(world: &mut World, kind: Kind<R>, scope: &Scope, found: Result<Vec<R>, Trouble>) {
    let what = match found {
        Ok(rows) => vec![What::Begin, What::Rows(rows), What::Synced],
        Err(trouble) if trouble.kind == TroubleKind::NotFound => vec![What::Absent],
        Err(trouble) => vec![What::Failed(trouble)],
    };
    for what in what {
        world.apply((kind.feed)(Change { scope: scope.clone(), what }), 0);
    }
}

async fn read<R>(gate: &Gate, kind: Kind<R>, scope: Scope) -> Result<Vec<R>, Trouble>
where
    R: Row + Send + 'static,
    R::Key: Send,
{
    #[derive(Deserialize)]
    struct Page {
        #[serde(default)]
        metadata: Head,
        items: Vec<Box<RawValue>>,
    }
    #[derive(Default, Deserialize)]
    struct Head {
        #[serde(default, rename = "continue")]
        next: Option<String>,
    }
    let (doing, path) = (format!("list {}", kind.plural), kind.path(&scope));
    let mut names = Interner::default();
    let mut rows = Vec::new();
    let mut keep = |item: &RawValue| {
        if let Ok(Some(row)) = (kind.decode)(item.get().as_bytes(), &mut names) {
            rows.push(row);
        }
    };
    if kind.is_single(&scope) {
        let item: Box<RawValue> = gate.ask(Class::Read, request(Request::get(path), Vec::new())?, &doing).await?;
        keep(&item);
        return Ok(rows);
    }
    let mut next = String::new();
    loop {
        let uri = format!("{path}?limit={PAGE}&continue={}", super::list::encode(&next));
        let page: Page = gate.ask(Class::Read, request(Request::get(uri), Vec::new())?, &doing).await?;
        page.items.iter().for_each(|item| keep(item));
        match page.metadata.next {
            Some(more) if !more.is_empty() => next = more,
            _ => return Ok(rows),
        }
    }
}
