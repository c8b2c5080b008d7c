//! The combine workload under each concurrency model.
//!
//! ```text
//! load (when to start) ─▶ trial (arrivals, phases) ─▶ model (how to wait) ─▶ http (one fetch) ─▶ transport
//!                                   ▲                        │
//!                                   └──── combine, record ◀──┘
//! ```
//!
//! The load knows nothing of models and models nothing of the load: a model takes tickets through
//! its own door and runs a request for each. All models share one HTTP path, generic over how its
//! sockets wait. Deliberately not here: several trials, child processes, figures derived from the
//! records.

pub mod models;
pub mod trial;

mod admission;
mod combine;
mod error;
mod executor;
mod guards;
mod http;
mod hurdles;
mod lean_thread;
mod load;
mod nesting;
mod thread_time;
mod transport;
mod workload;

pub use error::{Error, Result};
pub use hurdles::spin;
pub use lean_thread::start_and_join;

/// What a scenario file may name: the models and the guards of shared state.
pub fn kinds() -> scenario::Kinds {
    scenario::Kinds { models: models::kinds(), guards: guards::kinds(), cpus: None }
}
