//! Errors.

use std::io;
use std::net::SocketAddr;

/// Why the mock could not serve. Nothing that a client does ends up here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address wanted; port 0 stands for "any".
        address: SocketAddr,
        /// What the OS said.
        source: io::Error,
    },
    /// `ports` does not give each upstream its own.
    #[error("{ports} port(s) given for {upstreams} upstream(s)")]
    Ports {
        /// Ports given.
        ports: usize,
        /// Upstreams to serve.
        upstreams: usize,
    },
    /// The log numbers upstreams in a byte.
    #[error("{0} upstreams; at most 256 can be served")]
    TooManyUpstreams(usize),
    /// A fault asks for a status that ends no exchange.
    #[error("upstream {upstream:?}: {status} is no status a response can end with (200 to 999)")]
    Status {
        /// The upstream's name.
        upstream: String,
        /// The status asked for.
        status: u16,
    },
    /// An event loop could not be set up.
    #[error("cannot set up an event loop: {0}")]
    EventLoop(#[source] io::Error),
    /// A worker thread could not be started.
    #[error("cannot start a worker thread: {0}")]
    Thread(#[source] io::Error),
    /// A worker thread ended in a panic: a bug of this crate.
    #[error("worker {0} panicked")]
    Worker(usize),
}
