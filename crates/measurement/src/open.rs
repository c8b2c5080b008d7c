//! What only an open loop has: three clocks, shed requests, a timeline, and the generator's proof.
//!
//! A request has an intended start t, a dispatch d and a completion c. The row's own latency is
//! the *response* c − t. Here stand the *service* time c − d and the *lag* d − t beside it.
//!
//! The dispatch hands a request to the model and waits for nothing: what waits in the model's own
//! queue has been dispatched. From b, when the model's own unit runs its first instruction, counts
//! the *uncorrected* time c − b: what a client reports that starts its clock when it gets to a
//! request (wrk2's word for it), and so leaves out whatever kept it from getting there.

use serde::{Deserialize, Serialize};

/// The figures of one open-loop trial that a closed loop has not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct OpenFigures {
    /// How gaps between arrivals are drawn: `poisson` or `constant`.
    pub arrivals: String,
    /// Most requests that may be in flight; an arrival beyond is shed.
    pub max_in_flight: u64,
    /// Requests due inside the window, shed ones included.
    pub due: u64,
    /// Of those not started, because `max_in_flight` others were under way.
    pub shed: u64,
    /// Of those neither started nor shed when the trial ended: the dispatcher never came to them.
    /// They count as censored.
    pub undispatched: u64,
    /// The offered rate was more than the system took, and the difference piled up: there was no
    /// steady state, and response times depend on how long the window is.
    pub queue_grows: bool,
    /// Completion − dispatch of the window's requests that ended.
    pub service: Distribution,
    /// Completion − beginning by the model's own unit, of the same requests.
    #[serde(skip_serializing_if = "Distribution::is_empty")]
    pub uncorrected: Distribution,
    /// Dispatch − intended start of the window's requests.
    pub lag: Distribution,
    /// What the test below is of, in words, or why there is none.
    pub gaps_tested: String,
    /// Whether the gaps between arrivals at the mock follow the law they were planned by. With
    /// many gaps the test finds what matters to nobody: its distance says how far off they are.
    pub gaps: Option<GapTest>,
    /// The window second by second.
    pub timeline: Vec<TimeSlice>,
}

impl OpenFigures {
    /// Length of a slice of the timeline: a second, or a tenth of a window shorter than ten.
    pub fn slice_ns(window_ns: u64) -> u64 {
        (window_ns / 10).clamp(1, 1_000_000_000)
    }
}

/// A distribution of times by its usual figures; `None`: too few samples for that percentile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Distribution {
    /// Mean, ms.
    pub mean_ms: Option<f64>,
    /// Median, ms.
    pub p50_ms: Option<f64>,
    /// 90th percentile, ms.
    pub p90_ms: Option<f64>,
    /// 99th percentile, ms.
    pub p99_ms: Option<f64>,
    /// 99.9th percentile, ms.
    pub p999_ms: Option<f64>,
    /// Exact maximum, ms.
    pub max_ms: Option<f64>,
}

impl Distribution {
    /// Whether nothing is known of the times.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One slice of an open-loop window, by default a second long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TimeSlice {
    /// Its start since the window's start, s.
    pub at_s: f64,
    /// Its length, s.
    pub length_s: f64,
    /// Requests due in it, shed ones included.
    pub due: u64,
    /// Of those shed.
    pub shed: u64,
    /// Requests that completed in it, whenever due.
    pub completed: u64,
    /// Time average of requests in flight.
    pub in_flight: f64,
    /// 99th percentile of the response time of requests due in it (the maximum where fewer than
    /// 1,000 were), ms.
    pub p99_ms: Option<f64>,
    /// Share of the client's CPUs used in it, 0 to 1.
    pub cpu: Option<f64>,
}

/// Anderson and Darling's test that observed arrival gaps follow the law they were planned by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct GapTest {
    /// Gaps tested.
    pub gaps: u64,
    /// The statistic A².
    pub a_squared: f64,
    /// Probability of one at least as large if the law holds.
    pub p_value: f64,
    /// Kolmogorov's distance: by how much the share of gaps below any length differs from the
    /// law's at most, 0 to 1.
    pub distance: f64,
}
