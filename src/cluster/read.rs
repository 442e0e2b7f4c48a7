//! Reads once what rights follow from: tenants, namespaces, roles and their bindings.

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use tokio::sync::mpsc;

use super::discover::discover;
use super::gate::Gate;
use super::kind::{self, Source};
use super::link::Link;
use super::outlet::Outlet;
use super::review;
use super::watch::{Surroundings, once};
use crate::world::World;
use crate::world::feed::{Feed, Scope};
use crate::world::name::{Interner, Name};
use crate::world::store::Row;

/// How much may be on its way from the readers.
const ON_THE_WAY: usize = 64;

/// Reads it. `known`: the namespaces that stand in where a list of the whole cluster is refused. What could not be read is in the
/// world as such. `told` is called with the world as it grows.
pub async fn rights(gate: &Gate, known: &[Name], now: i64, mut told: impl FnMut(&World)) -> World {
    let (sender, mut news) = mpsc::channel(ON_THE_WAY);
    let outlet = Outlet::new(0, sender);
    let link = Link::default();
    let around = Surroundings {
        gate: gate.clone(),
        outlet: outlet.clone(),
        names: Arc::new(Mutex::new(Interner::default())),
        link: link.watch(),
    };
    let asking = async {
        // When all have ended nobody sends any more, and the world is whole.
        let (around, outlet) = (around, outlet);
        tokio::join!(
            cover(kind::TENANTS, &[], &around),
            cover(kind::NAMESPACES, known, &around),
            cover(kind::BINDINGS, known, &around),
            cover(kind::CLUSTER_BINDINGS, &[], &around),
            cover(kind::ROLES, known, &around),
            cover(kind::CLUSTER_ROLES, &[], &around),
            cover(kind::CONFIGURATIONS, &[], &around),
            async { outlet.send(Feed::Resources(discover(gate).await.map(Box::new))).await },
            async {
                let answer = review::identity(gate).await;
                outlet.send(answer.map_or_else(Feed::IdentityRefused, Feed::Identity)).await
            },
        );
    };
    let gathering = async {
        let mut world = World::default();
        while let Some(envelope) = news.recv().await {
            world.apply(envelope.feed, now);
            told(&world);
        }
        world
    };
    tokio::join!(asking, gathering).1
}

/// Reads a kind in the whole cluster, or, where that is refused, in the namespaces that are known.
async fn cover<S: Source>(kind: S, known: &[Name], around: &Surroundings)
where
    <S::Row as Row>::Key: Send,
{
    if !once(kind.clone(), Scope::Cluster, around.clone()).await {
        let each = known.iter().map(|name| once(kind.clone(), Scope::Namespace(name.clone()), around.clone()));
        join_all(each).await;
    }
}
