//! The run as statistics: per model and level, every repeat, its median and its interval.

use measurement::row::{TrialRow, Verdict};
use measurement::run::{ModelInfo, RunInfo};

/// What every renderer works from.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// The run.
    pub run: RunInfo,
    /// All rows, sorted by model, level, repeat.
    pub rows: Vec<TrialRow>,
    /// One series per model, in scenario order.
    pub series: Vec<Series>,
}

/// One model over the load levels.
#[derive(Debug, Clone)]
pub struct Series {
    /// Position in the scenario: decides colour, marker and dash.
    pub index: usize,
    /// The model.
    pub model: ModelInfo,
    /// One point per level that has at least one row, ascending.
    pub points: Vec<Point>,
}

/// One model at one level.
#[derive(Debug, Clone)]
pub struct Point {
    /// Concurrency (closed loop) or offered requests per second (open loop).
    pub level: f64,
    /// The rows of this point, one per repeat.
    pub rows: Vec<TrialRow>,
    /// The verdict most rows share; a point is as good as the worse half of its rows.
    pub verdict: Verdict,
    /// Why the point is not `valid`; empty if valid.
    pub reason: String,
}

/// A figure read off a row.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Key in `verdict.json`.
    pub key: &'static str,
    /// Reads it.
    pub of: fn(&TrialRow) -> Option<f64>,
}

/// A figure over the repeats of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Value of each repeat that has one: (repeat, value). Trusted rows only, unless none is.
    pub repeats: Vec<(u32, f64)>,
    /// Their median.
    pub median: f64,
    /// 95 % interval (t on logs), for three repeats or more, all positive.
    pub interval: Option<(f64, f64)>,
}
