//! Idle connections, last used first, behind one short lock; and the count of open sockets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::connection::Connection;
use crate::transport::Transport;

/// The idle connections to one upstream.
pub(super) struct Pool<T: Transport>(Mutex<Vec<Box<Connection<T>>>>);

impl<T: Transport> Pool<T> {
    /// An empty pool.
    pub(super) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Takes the connection used last: the likeliest to be warm in every cache.
    pub(super) fn take(&self) -> Option<Box<Connection<T>>> {
        self.lock().pop()
    }

    /// Gives a connection back.
    pub(super) fn put(&self, connection: Box<Connection<T>>) {
        self.lock().push(connection);
    }

    /// A panic elsewhere leaves the list whole: a push or a pop is all that happens under the lock.
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Box<Connection<T>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sockets of one trial: how many are open, how many may be.
#[derive(Debug)]
pub(crate) struct Sockets {
    open: AtomicU64,
    limit: u64,
    connects: AtomicU64,
    stale: AtomicU64,
}

impl Sockets {
    /// None open yet, `limit` allowed at once.
    pub(crate) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self {
            open: AtomicU64::new(0),
            limit,
            connects: AtomicU64::new(0),
            stale: AtomicU64::new(0),
        })
    }

    /// Admits one more socket, or tells how many are open.
    pub(super) fn admit(self: &Arc<Self>) -> Result<OpenSocket, u64> {
        let before = self.open.fetch_add(1, Ordering::Relaxed);
        let socket = OpenSocket(Arc::clone(self));
        if before >= self.limit {
            return Err(before);
        }
        self.connects.fetch_add(1, Ordering::Relaxed);
        Ok(socket)
    }

    /// Notes that an idle connection had been closed by its upstream.
    pub(super) fn note_stale(&self) {
        self.stale.fetch_add(1, Ordering::Relaxed);
    }

    /// Connections opened so far.
    pub(crate) fn connects(&self) -> u64 {
        self.connects.load(Ordering::Relaxed)
    }

    /// Idle connections found closed so far.
    pub(crate) fn stale(&self) -> u64 {
        self.stale.load(Ordering::Relaxed)
    }
}

/// Counts one socket for as long as it lives.
#[derive(Debug)]
pub(super) struct OpenSocket(Arc<Sockets>);

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
