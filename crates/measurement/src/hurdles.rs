//! What a request did besides fetching: CPU work, blocking calls, a shared table.

use serde::{Deserialize, Serialize};

/// The figures of a trial's window; each part is there where the scenario asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Hurdles {
    /// `work`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<WorkFigures>,
    /// `blocking`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocking: Option<BlockingFigures>,
    /// `shared_state`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<SharedFigures>,
}

/// How much CPU work a microsecond is on the client's CPUs, with nothing else to do: measured once
/// for a run that asks for work.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct WorkRate {
    /// Iterations in a microsecond, by the shortest of all measurements.
    pub iterations_per_us: f64,
    /// Measurements that it is the best of.
    pub measurements: u64,
}

/// CPU work of a request, the same number of iterations for all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct WorkFigures {
    /// What the scenario asks for, microseconds on an idle CPU.
    pub asked_us: f64,
    /// Iterations that makes, as calibrated once for the run.
    pub iterations: u64,
    /// Mean wall-clock time that it took, interruptions included, microseconds.
    pub mean_us: Option<f64>,
    /// Its 99th percentile.
    pub p99_us: Option<f64>,
}

/// Blocking calls inside some requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct BlockingFigures {
    /// `inline` or `spawn-blocking`.
    pub via: String,
    /// One request in so many blocks.
    pub every: u64,
    /// For how long, milliseconds.
    pub duration_ms: f64,
    /// Requests of the window that blocked.
    pub blocked: u64,
    /// Share of the others that blocking calls on one event loop must hold up by more than a tenth
    /// of their duration, worked out from when this trial's requests were due and their answers
    /// came: each waits for the end of every call whose request's answer came before. `None` where
    /// it does not apply: several loops or none, or calls that are sent away.
    pub expected_share: Option<f64>,
    /// Share of the others whose added latency was more than a tenth of the blocking time above
    /// `unheld_p50_ms`.
    pub held_up_share: Option<f64>,
    /// Mean of what the others must wait for that reason, milliseconds.
    pub expected_mean_ms: Option<f64>,
    /// Mean added latency of the others, milliseconds.
    pub held_up_mean_ms: Option<f64>,
    /// Mean added latency of those that must not wait (where nothing is expected: of all others),
    /// milliseconds; `None` where there are fewer than 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unheld_mean_ms: Option<f64>,
    /// Median of the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unheld_p50_ms: Option<f64>,
}

/// What requests did with the table they share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct SharedFigures {
    /// The guard's name.
    pub guard: String,
    /// Requests that read.
    pub reads: u64,
    /// Requests that wrote.
    pub writes: u64,
    /// Time from asking for the table to having it, microseconds: mean.
    pub wait_mean_us: Option<f64>,
    /// Median.
    pub wait_p50_us: Option<f64>,
    /// 99th percentile.
    pub wait_p99_us: Option<f64>,
    /// Maximum.
    pub wait_max_us: Option<f64>,
    /// Mean time with the table in hand, microseconds.
    pub hold_mean_us: Option<f64>,
}
