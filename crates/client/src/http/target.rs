//! One upstream as the client knows it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::Uri;
use hyper::header::HeaderValue;
use measurement::record::LegOutcome;

use super::Fetched;
use super::connection::Connection;
use super::pool::{OpenSocket, Pool, Sockets};
use crate::admission::Exhaustion;
use crate::transport::Transport;
use crate::trial::LegWatch;

/// An upstream's address, path and idle connections.
pub(crate) struct Target<T: Transport> {
    address: SocketAddr,
    uri: Uri,
    host: HeaderValue,
    idle: Option<Pool<T>>,
    sockets: Arc<Sockets>,
    exhaustion: Arc<Exhaustion>,
}

impl<T: Transport> Target<T> {
    /// `GET /<name>` at `address`; connections are kept where `keep_alive` says so.
    pub(crate) fn new(
        name: &str,
        address: SocketAddr,
        keep_alive: bool,
        sockets: Arc<Sockets>,
        exhaustion: Arc<Exhaustion>,
    ) -> crate::Result<Self> {
        let refuse = |problem: String| crate::Error::Setup(format!("upstream {name:?}: {problem}"));
        Ok(Self {
            address,
            uri: format!("/{name}").parse().map_err(|error| refuse(format!("{error}")))?,
            host: HeaderValue::try_from(address.to_string())
                .map_err(|error| refuse(format!("{error}")))?,
            idle: keep_alive.then(Pool::new),
            sockets,
            exhaustion,
        })
    }

    /// Fetches the answer to `id`, on an idle connection where there is one. Without a deadline.
    pub(crate) async fn fetch(&self, id: u64, watch: LegWatch<'_>) -> Fetched {
        let mut connection = match self.reuse() {
            Some(connection) => connection,
            None => match self.open().await {
                Ok(connection) => connection,
                Err(outcome) => return Fetched::failed(outcome),
            },
        };
        watch.connected();
        let fetched = connection.exchange(&self.uri, &self.host, id, watch).await;
        if let Some(idle) = &self.idle
            && connection.is_reusable()
        {
            idle.put(connection);
        }
        watch.ended();
        fetched
    }

    /// An idle connection that its upstream has not closed.
    fn reuse(&self) -> Option<Box<Connection<T>>> {
        let idle = self.idle.as_ref()?;
        while let Some(mut connection) = idle.take() {
            if !connection.is_stale() {
                return Some(connection);
            }
            self.sockets.note_stale();
        }
        None
    }

    async fn open(&self) -> Result<Box<Connection<T>>, LegOutcome> {
        let socket = self.sockets.admit().map_err(|open| {
            self.exhaustion.descriptors(open);
            LegOutcome::Connect
        })?;
        self.connect(socket).await.map_err(|error| {
            self.exhaustion.refused(&error);
            match error.kind() {
                io::ErrorKind::ConnectionReset => LegOutcome::Reset,
                _ => LegOutcome::Connect,
            }
        })
    }

    async fn connect(&self, socket: OpenSocket) -> io::Result<Box<Connection<T>>> {
        let io = T::connect(self.address).await?;
        Connection::over(io, socket).await.map_err(io::Error::other)
    }
}
