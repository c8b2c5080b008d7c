//! How a socket waits: in tokio's reactor, or in `poll(2)` on its own thread.

mod poll;
mod reactor;

use std::future::Future;
use std::io;
use std::net::SocketAddr;

pub(crate) use poll::Poll2;
pub(crate) use reactor::Reactor;

/// A way of opening sockets that wait in one particular way.
pub(crate) trait Transport: Send + Sync + 'static {
    /// The socket.
    type Io: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static;

    /// Opens a connection with TCP_NODELAY.
    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Io>> + Send;

    /// Called before an idle connection is looked at for having been closed.
    fn before_idle_check() {}
}
