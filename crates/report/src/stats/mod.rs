//! Statistics over a handful of repeats: pure functions, values in, values out.
//!
//! The unit of inference is the repeat. Times and rates are positive and skewed, so they are
//! averaged and compared on the log scale: an interval of logs becomes an interval of ratios.
//! Deliberately not here: knowledge of rows, models or levels.

mod decision;
mod distribution;
mod holm;
mod interval;
mod median;
mod quantile;
mod ratio;
mod welch;

pub use decision::{Decision, EQUIVALENCE_BOUND, LEAST_EFFECT, decide, decide_on};
pub use distribution::{Distribution, LEAST_BEYOND};
pub use holm::holm;
pub use interval::{LEAST_REPEATS, LEVEL, half_width, t_interval_of_logs};
pub use median::{median, range};
pub use quantile::rank_interval;
pub use ratio::{PairedRatio, paired_ratio};
pub use welch::{UnpairedRatio, unpaired_ratio};
