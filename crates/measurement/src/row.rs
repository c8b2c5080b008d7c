//! One trial as one row: the source of every figure in a report.

use serde::{Deserialize, Serialize};

/// A trial's row, one object in `trials.jsonl`. `None` is "not measured".
///
/// The order of the fields is the order of the columns of `trials.csv`; what follows
/// `send_lag_p99_ms` is only in the JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TrialRow {
    /// File stem of the scenario.
    pub scenario: String,
    /// The model's label.
    pub model: String,
    /// Closed or open loop.
    pub load: LoadKind,
    /// Closed loop: requests in flight.
    pub concurrency: Option<u32>,
    /// Open loop: requests offered per second.
    pub offered_rps: Option<f64>,
    /// Which repeat, from 0.
    pub repeat: u32,
    /// Position in the run's shuffled order, from 0.
    pub order: u32,
    /// Whether to trust the row.
    pub verdict: Verdict,
    /// Why not `valid`; empty if valid.
    pub reason: String,
    /// Length of the measured window.
    pub duration_s: Option<f64>,
    /// Requests started inside the window.
    pub requests: u64,
    /// Of those that ended: both fetches answered.
    pub ok: u64,
    /// Of those that ended: one fetch answered.
    pub degraded: u64,
    /// Of those that ended: no fetch answered.
    pub failed: u64,
    /// Started inside the window, never seen to end.
    pub censored: u64,
    /// Completions inside the window per second, whenever started.
    pub throughput_rps: Option<f64>,
    /// Of those the `ok` ones.
    pub goodput_rps: Option<f64>,
    /// What the upstream's own time would allow (MEASURING §6), without overhead or pool.
    pub ideal_rps: Option<f64>,
    /// `throughput_rps / ideal_rps`.
    pub efficiency: Option<f64>,
    /// Request latency of requests started inside the window.
    pub latency_mean_ms: Option<f64>,
    /// Median.
    pub latency_p50_ms: Option<f64>,
    /// 90th percentile; absent where fewer than 10 samples lie beyond it (so for every percentile).
    pub latency_p90_ms: Option<f64>,
    /// 99th percentile.
    pub latency_p99_ms: Option<f64>,
    /// 99.9th percentile.
    pub latency_p999_ms: Option<f64>,
    /// Exact maximum.
    pub latency_max_ms: Option<f64>,
    /// Request latency minus the longer held time: what model and machine added.
    pub added_mean_ms: Option<f64>,
    /// Median of the added latency.
    pub added_p50_ms: Option<f64>,
    /// 99th percentile of the added latency.
    pub added_p99_ms: Option<f64>,
    /// CPU time of the trial process inside the window, in user mode.
    pub cpu_user_s: Option<f64>,
    /// The same, in the kernel.
    pub cpu_system_s: Option<f64>,
    /// User and system CPU per completion.
    pub cpu_us_per_request: Option<f64>,
    /// Share of the client's CPUs used, 0 to 1.
    pub cpu_utilisation: Option<f64>,
    /// Peak resident memory above the baseline before load.
    pub rss_peak_bytes: Option<u64>,
    /// Most threads alive at once in the trial process.
    pub threads_peak: Option<u64>,
    /// Threads started inside the window.
    pub threads_spawned: Option<u64>,
    /// Voluntary context switches inside the window.
    pub ctx_voluntary: Option<u64>,
    /// Involuntary context switches inside the window.
    pub ctx_involuntary: Option<u64>,
    /// Time average of requests in flight over the window.
    pub inflight_mean: Option<f64>,
    /// `inflight_mean / (throughput × mean latency) − 1`.
    pub little_residual: Option<f64>,
    /// Fetches of window requests that the mock received.
    pub upstream_received: Option<u64>,
    /// Fetches of window requests that the mock answered.
    pub upstream_answered: Option<u64>,
    /// The mock's CPU time inside the window.
    pub upstream_cpu_s: Option<f64>,
    /// Median of held − requested.
    pub hold_error_p50_us: Option<f64>,
    /// 99th percentile of held − requested.
    pub hold_error_p99_us: Option<f64>,
    /// Open loop: 99th percentile of dispatch − intended start.
    pub send_lag_p99_ms: Option<f64>,

    // Below: not in the CSV's fixed columns.
    /// The model's kind (a label may differ).
    pub kind: String,
    /// Position of the model in the scenario.
    pub model_index: u32,
    /// Position of the load level in the scenario.
    pub level_index: u32,
    /// Every check made, in order, with value and threshold.
    pub checks: Vec<Check>,
    /// Remarks that do not change the verdict.
    pub notes: Vec<String>,
    /// Failed fetches by kind (`timeout`, `status`, …), both legs together, window requests.
    pub errors: std::collections::BTreeMap<String, u64>,
    /// For `exhausted`: what ran out, and the count reached.
    pub exhausted: Option<Exhausted>,
    /// Mean of max(min(L1,T), min(L2,T)) over the window's realised draws, ms: the latency floor.
    pub floor_mean_ms: Option<f64>,
    /// Median of the same: the floor behind the latency chart.
    pub floor_p50_ms: Option<f64>,
    /// 99th percentile of the same.
    pub floor_p99_ms: Option<f64>,
    /// Upper bound on throughput set by a pool of blocking workers, if the model has one.
    pub pool_ceiling_rps: Option<f64>,
    /// CPUs the trial process may use.
    pub client_cpus: u32,
    /// CPU time inside the window that they left it, where the mock shares some of them and goes
    /// first there; elsewhere it had all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_cpu_had_s: Option<f64>,
    /// Requests started per phase: warm-up, window, cool-down.
    pub started: [u64; 3],
    /// Whole length of the trial process's load, all phases.
    pub total_s: Option<f64>,
    /// Connections opened over the whole trial.
    pub connects: u64,
    /// Idle connections found closed by the upstream.
    pub stale_connections: u64,
    /// Threads the kernel says were started on the whole machine inside the window.
    pub kernel_forks: Option<u64>,
    /// Kernel memory (stacks, page tables, slabs) at peak above the baseline, whole machine.
    pub kernel_memory_bytes: Option<u64>,
    /// Share of CPU time stolen by the hypervisor inside the window, 0 to 1.
    pub steal: Option<f64>,
    /// Highest nesting of requests on one rayon worker's stack (1: none), where it applies.
    pub join_depth_max: Option<u64>,
    /// Thread-time per request on a CPU, ms (sampled where threads are short-lived).
    pub thread_running_ms: Option<f64>,
    /// Thread-time per request ready and waiting for a CPU, ms.
    pub thread_runnable_ms: Option<f64>,
    /// Thread-time per request waiting for something else, ms.
    pub thread_waiting_ms: Option<f64>,
    /// held − requested of the window's answered fetches, by size.
    pub hold_errors: crate::log2::Log2,
    /// Turns of the mock's event loop inside the window, by size.
    pub loop_turns: crate::log2::Log2,
    /// Completions in each tenth of the window.
    pub completions_by_tenth: Vec<u64>,
    /// Share of the window in which some runnable task of the machine had no CPU
    /// (`/proc/pressure/cpu`, `some`), 0 to 1.
    pub pressure: Option<f64>,
    /// The account of ids, per upstream and phase.
    pub ids: Vec<crate::ids::IdAccount>,
    /// Where the time of a sample of requests went.
    pub budget: Option<crate::budget::Budget>,
    /// What only an open loop has.
    pub open: Option<crate::open::OpenFigures>,
    /// Which value of the sweep it ran at, where something is swept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swept: Option<Swept>,
    /// Threads of the pool that the model waits in, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_workers: Option<u64>,
    /// What a request did besides fetching, where the scenario asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hurdles: Option<crate::hurdles::Hurdles>,
    /// rayon: time per request that a worker, waiting for a fetch of one request, spent running
    /// others on its stack, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join_nested_ms: Option<f64>,
    /// Fetches that the mock held, warm-up and cool-down included, as a time average over the
    /// window, both upstreams together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_mean: Option<f64>,
    /// Connections that the mock accepted for fetches of the window: fetches received there that
    /// were the first on theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_connects: Option<u64>,
    /// Held times of each upstream's answers in the window.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legs: Vec<LegFigures>,
    /// Completions before the window in slices as long as its tenths, in the order of time; the last
    /// ends where the window begins. Whole slices alone, and of a long warm-up the last ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warmup_completions: Vec<u64>,
    /// Which attempt at this repeat, from 1. A later one met the same draws and arrivals, after the
    /// machine had spoilt those before it: of the attempts at a repeat the last alone can be trusted.
    #[serde(default = "first_attempt")]
    pub attempt: u32,
}

/// Rows that say nothing of it come from runs that had no other.
fn first_attempt() -> u32 {
    1
}

/// One value of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Swept {
    /// The swept key, as in the scenario file.
    pub key: String,
    /// Position of the value in the file, from 0.
    pub index: u32,
    /// The value for people.
    pub value: String,
    /// Where it stands on an axis.
    pub position: f64,
}

/// How long one upstream held its answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct LegFigures {
    /// The upstream's name.
    pub upstream: String,
    /// Median of the held times, capped at the fetch deadline, ms.
    pub held_p50_ms: Option<f64>,
    /// 99th percentile.
    pub held_p99_ms: Option<f64>,
    /// 99.9th percentile.
    pub held_p999_ms: Option<f64>,
    /// The percentile that each of two alike, independent legs has where the longer of both has
    /// its 99th: the 99.4987th, since P(max ≤ t) = F(t)².
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_pair_p99_ms: Option<f64>,
    /// 99th percentile by the latency law, capped at the fetch deadline, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub law_p99_ms: Option<f64>,
    /// The 99.4987th by the law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub law_pair_p99_ms: Option<f64>,
}

/// Which side of the experiment paces the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum LoadKind {
    /// N in flight.
    #[default]
    Closed,
    /// On a schedule.
    Open,
}

impl LoadKind {
    /// The word in the CSV.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
        }
    }
}

/// Whether a row is to be trusted, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// To be trusted.
    Valid,
    /// Valid; the model used all its CPUs or all its pool.
    Saturated,
    /// The OS has, or would have, refused threads, descriptors or ports.
    Exhausted,
    /// The mock did not keep up.
    UpstreamLimited,
    /// The window was not in a steady state.
    Unsteady,
    /// The books do not balance.
    Inconsistent,
    /// The trial did not finish.
    #[default]
    Failed,
}

impl Verdict {
    /// The word in the CSV.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Saturated => "saturated",
            Self::Exhausted => "exhausted",
            Self::UpstreamLimited => "upstream-limited",
            Self::Unsteady => "unsteady",
            Self::Inconsistent => "inconsistent",
            Self::Failed => "failed",
        }
    }

    /// Whether the row's figures may enter medians, verdicts and findings.
    pub fn trusted(self) -> bool {
        matches!(self, Self::Valid | Self::Saturated)
    }
}

/// One check of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Its name, as in the report's table.
    pub name: String,
    /// What was seen, as text with its unit.
    pub value: String,
    /// What must hold.
    pub threshold: String,
    /// How it went.
    pub outcome: CheckOutcome,
    /// How much of what is allowed was used (above 1: it fails, or is a finding), where that is
    /// one number: finds the trial that came nearest to failing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_threshold: Option<f64>,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    /// Held.
    Passed,
    /// Did not hold.
    Failed,
    /// Could not be made; the value says why.
    NotChecked,
}

/// What ran out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exhausted {
    /// `threads`, `descriptors` or `ports`.
    pub resource: String,
    /// How many were in use when admission stopped.
    pub reached: u64,
    /// The admission limit.
    pub limit: u64,
    /// Which OS limit it derives from, in words.
    pub because: String,
    /// Requests in flight at that moment.
    pub in_flight: u64,
}
