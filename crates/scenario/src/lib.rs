//! The scenario file: what to offer, to whom, under which models.
//!
//! ```text
//! text ──parse──▶ tree (values with their place) ──overrides──▶ sections ──▶ Scenario
//! ```
//!
//! Lives here: the types of a scenario, units, latency laws, the draws (which delay, fault and
//! body an id meets), the plan made from it, and diagnostics that point into the file.
//! Deliberately not here: anything that runs, measures or draws; the only I/O is reading the
//! scenario file (and the files it names).

mod draw;
mod error;
mod model;
mod types;
pub mod law;
pub mod units;

pub use draw::{Draw, Draws, FaultKind, Phase};
pub use error::{Error, Result};
pub use model::{ModelKind, ModelSpec, OptionKind, OptionSpec, OptionValue, Options};
pub use types::{
    Combine, Connections, Cpus, Fault, Load, LoadShape, Mock, Scenario, Slo, Timer, Upstream,
};
