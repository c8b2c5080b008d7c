//! The mock upstream: an HTTP/1.1 server whose every delay is requested, measured and logged.
//!
//! ```text
//! listener per upstream ─▶ connection (hyper) ─▶ service: id ─▶ draw ─▶ held in the delay queue
//!                                                                 │            │
//!                        Report { log, stats } ◀── ledger ◀───────┴────────────┴─▶ answer
//! ```
//!
//! Each worker is a thread with an event loop, a delay queue, a ledger and listeners of its own;
//! workers share nothing that a request writes, and are merged when the mock stops.
//!
//! Lives here: listeners, connections and what they may take, the delay queue and its clockwork,
//! bodies and headers, the ledger. Deliberately not here: the luck of an id (a pure function in
//! `scenario`), the form of the log (`measurement`), processes, CPU affinity, signals, terminals.

mod body;
mod clock;
mod connection;
mod delay;
mod error;
mod exchange;
mod histogram;
mod ledger;
mod listen;
mod pages;
mod server;
mod service;
mod stall;
mod stats;
mod timing;
mod turns;
mod worker;

pub use error::Error;
pub use server::{Config, Report, serve};
pub use stats::{FaultStats, Percentiles, Stats, UpstreamStats};
