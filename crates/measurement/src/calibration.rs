//! What a machine can do, measured without any scenario: below these figures a result says
//! nothing of the models.

use serde::{Deserialize, Serialize};

/// The result of `loadgen calibrate` on one machine with one CPU split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Calibration {
    /// When it was made, UTC, RFC 3339.
    pub made: String,
    /// How long it took, s.
    pub took_s: f64,
    /// What it holds for: CPU model, kernel, CPU split, version and build of loadgen.
    pub machine: String,
    /// Every figure, in the order of the report.
    pub figures: Vec<CalibrationFigure>,
    /// Highest rate at which the mock and the client leave each other room, requests/s, and why.
    pub highest_rate_rps: Option<f64>,
    /// Latency differences below this are the machine's, us.
    pub least_latency_us: Option<f64>,
    /// What the two limits rest on, a sentence each.
    pub limits: Vec<String>,
}

/// One calibrated figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct CalibrationFigure {
    /// Machine-readable name: `clock-read`, `timer-lateness`, `client-ceiling/tokio` …
    pub name: String,
    /// What was measured, in words.
    pub doc: String,
    /// Unit of the values: `ns`, `us`, `/s`.
    pub unit: String,
    /// Median over `samples`.
    pub p50: f64,
    /// 99th percentile, where there are samples enough.
    pub p99: Option<f64>,
    /// Measurements it rests on.
    pub samples: u64,
    /// Why it could not be measured, where it could not; the values then mean nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

impl Calibration {
    /// A measured figure by its name.
    pub fn figure(&self, name: &str) -> Option<&CalibrationFigure> {
        self.figures.iter().find(|figure| figure.name == name && figure.failed.is_none())
    }
}
