//! One fetch over HTTP/1.1: the code path all models share.
//!
//! A fetch owns a connection from its first byte to its last; idle connections are kept for reuse.
//! The connection is driven in the fetch's own future, so that no model needs a task or a thread
//! beside the request's own. Deadlines and waiting are the caller's ([`crate::workload`]).

mod connection;
mod pool;
mod server_timing;
mod target;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use measurement::record::{LegOutcome, LegRecord};

pub(crate) use pool::Sockets;
pub(crate) use target::Target;

/// What one fetch brought.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    /// Outcome and what the upstream said of its delay.
    pub(crate) leg: LegRecord,
    /// The body, where the outcome is `Fetched`.
    pub(crate) body: Bytes,
}

impl Fetched {
    /// A fetch that brought nothing.
    pub(crate) fn failed(outcome: LegOutcome) -> Self {
        Self { leg: LegRecord { outcome, ..LegRecord::default() }, body: Bytes::new() }
    }
}
