//! From a run directory to statistics, findings, charts and pages.
//!
//! ```text
//! run.json + trials.jsonl ─load▶ Run ─analyse▶ Analysis ─▶ findings ─▶ verdict.json
//!                                                      ├▶ charts/*.svg
//!                                                      ├▶ summary.md, report.html, trials.csv
//! ```
//!
//! Everything here is a pure function of the run directory: the same directory renders to the
//! same bytes. Deliberately not here: anything that runs load; this crate knows neither the
//! client nor the mock.

pub mod analysis;
pub mod calibration;
pub mod charts;
pub mod choices;
pub mod comparison;
pub mod csv;
mod error;
pub mod findings;
pub mod format;
pub mod headline;
pub mod html;
pub mod load;
mod look;
pub mod markdown;
pub mod output;
#[cfg(feature = "png")]
mod png;
pub mod precision;
pub mod remarks;
pub mod sentence;
pub mod slo;
pub mod stats;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod testing;
pub mod trust;
pub mod verdict;

pub use choices::Choices;
pub use error::{Error, Result};
pub use look::Look;
pub use output::{Rendered, Report, render, render_chosen, write};
