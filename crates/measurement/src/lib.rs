//! What a trial yields, and the run directory that keeps it.
//!
//! ```text
//! request records ┐
//! mock's log      ├─▶ derive ─▶ TrialRow ─▶ run directory (run.json, trials.jsonl)
//! process account ┘
//! ```
//!
//! Lives here: the fixed-size records both children fill, the row derived from them, the checks
//! that say whether a row is to be trusted, the run directory, accounting read from the kernel.
//! Deliberately not here: sockets, models, statistics over several trials.

pub mod account;
pub mod budget;
pub mod calibration;
pub mod clock;
pub mod contradiction;
pub mod derive;
pub mod directory;
pub mod exchange;
pub mod histograms;
pub mod hurdles;
pub mod ids;
pub mod limits;
pub mod log2;
pub mod open;
pub mod output;
pub mod record;
pub mod row;
pub mod run;
pub mod scheduling;
pub mod stamps;

mod error;

pub use error::{Error, Result};
