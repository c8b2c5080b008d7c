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

pub mod arrivals;
mod checks;
mod combine;
mod diagnostic;
mod draw;
mod error;
mod fault;
mod keys;
mod kinds;
pub mod law;
mod load;
mod model;
mod overrides;
pub mod plan;
mod read;
mod schema;
mod size_law;
mod sweep;
mod tree;
mod types;
pub mod units;
mod value;
mod waits;

pub use arrivals::{Schedule, TrialLoad};
pub use checks::{Changed, Checks, Looser, THRESHOLDS, Threshold};
pub use combine::{Blocking, Combine, Connections, SharedState, Via};
pub use diagnostic::{Class, Diagnostic};
pub use draw::{Draw, Draws, FaultKind, Phase};
pub use error::{Error, Result};
pub use fault::{FAULTS, FaultEntry};
pub use keys::{Key, Shape};
pub use kinds::{GuardKind, Kinds};
pub use law::Law;
pub use load::{Arrivals, Level, Load, LoadShape, Precision, Stage};
pub use model::{ModelKind, ModelSpec, OptionKind, OptionSpec, OptionValue, Options};
pub use plan::{Plan, PlannedTrial};
pub use schema::schema;
pub use size_law::{SIZE_LAWS, SizeLaw, SizeLawKind};
pub use sweep::{Sweep, Swept};
pub use types::{Cpus, Fault, Framing, Mock, Priority, Scenario, Slo, Stall, Timer, Upstream};
pub use waits::MeanWaits;
