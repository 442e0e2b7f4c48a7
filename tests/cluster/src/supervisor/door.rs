//! The way in: connections to the outer port, passed on to the API server's inner one.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use rustix::net::{Shutdown, listen, shutdown};
use tokio::io::copy_bidirectional_with_sizes;
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use super::INNER_PORT;

const BACKLOG: i32 = 1024;
const BUFFER: usize = 64 * 1024;

/// A listening socket that can be shut without losing its port, as if its server were gone.
pub(super) struct Door {
    listener: TcpListener,
    accepting: Option<JoinHandle<()>>,
}

impl Door {
    /// A door that is still shut. The listener must be bound to a port by its number: the kernel releases a port that
    /// it chose itself as soon as the socket stops listening.
    pub(super) fn new(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        shutdown(&listener, Shutdown::Both)?;
        Ok(Self { listener, accepting: None })
    }

    pub(super) fn open(&mut self) -> io::Result<()> {
        if self.accepting.is_none() {
            listen(&self.listener, BACKLOG)?;
            let listener = tokio::net::TcpListener::from_std(self.listener.try_clone()?)?;
            self.accepting = Some(tokio::spawn(accept(listener)));
        }
        Ok(())
    }

    /// Ends all connections too.
    pub(super) async fn close(&mut self) -> io::Result<()> {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
            // Only says that it was aborted.
            let _ = accepting.await;
            shutdown(&self.listener, Shutdown::Both)?;
        }
        Ok(())
    }
}

async fn accept(listener: tokio::net::TcpListener) {
    // Owned by this task: the connections end with it.
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((outer, _)) => drop(connections.spawn(pass_on(outer))),
            // Out of descriptors, most likely: some will come back.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Copies both ways until both sides have said that nothing more comes; one side may say so long before the other.
async fn pass_on(mut outer: TcpStream) {
    let Ok(mut inner) = TcpStream::connect((Ipv4Addr::LOCALHOST, INNER_PORT)).await else {
        return;
    };
    // Best effort, both: without it small packets are late, no more.
    let _ = (outer.set_nodelay(true), inner.set_nodelay(true));
    // A broken connection is told to the other side by dropping both.
    let _ = copy_bidirectional_with_sizes(&mut outer, &mut inner, BUFFER, BUFFER).await;
}
