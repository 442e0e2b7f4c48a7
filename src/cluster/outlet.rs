//! Where everything that comes from one cluster leaves for the console.

use tokio::sync::mpsc;

use crate::world::feed::Feed;

/// News from one world, with the generation that was current when it was opened: what comes from an abandoned connection is
/// told from what comes from the present one by that number alone.
#[derive(Debug)]
pub struct Envelope {
    /// Which opening of the world this belongs to.
    pub generation: u64,
    /// The news.
    pub feed: Feed,
}

/// The sending end. Bounded, so that a slow console slows the watches down instead of filling memory.
#[derive(Debug, Clone)]
pub struct Outlet {
    generation: u64,
    sender: mpsc::Sender<Envelope>,
}

impl Outlet {
    /// An outlet whose news bear `generation`.
    pub const fn new(generation: u64, sender: mpsc::Sender<Envelope>) -> Self {
        Self { generation, sender }
    }

    /// Hands on a piece of news; `false` if nobody listens any more.
    pub async fn send(&self, feed: Feed) -> bool {
        self.sender.send(Envelope { generation: self.generation, feed }).await.is_ok()
    }

    /// Whether nobody listens any more.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}
