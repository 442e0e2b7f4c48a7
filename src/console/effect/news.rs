//! What clusters tell, on its way to the loop.

use tokio::sync::mpsc;

use crate::cluster::outlet::Envelope;
use crate::console::msg::Msg;

/// Room for news that were not taken in yet.
const ROOM: usize = 256;

/// What clusters tell, in the order in which it came.
#[derive(Debug)]
pub struct News(mpsc::Receiver<Envelope>);

impl News {
    /// The next piece of news; waits for it.
    pub async fn next(&mut self) -> Option<Msg> {
        self.0.recv().await.map(message)
    }

    /// The next piece of news, if there is one already.
    pub fn ready(&mut self) -> Option<Msg> {
        self.0.try_recv().ok().map(message)
    }
}

/// The way that news take, and where they arrive.
pub fn channel() -> (mpsc::Sender<Envelope>, News) {
    let (sender, receiver) = mpsc::channel(ROOM);
    (sender, News(receiver))
}

fn message(Envelope { generation, feed }: Envelope) -> Msg {
    Msg::Cluster(generation, feed)
}
