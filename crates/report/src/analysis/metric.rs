//! The figures a report knows how to read off a row: one constant each, and [`METRICS`].

use measurement::row::TrialRow;

use crate::format::Unit;

/// A figure read off a row.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Key in `verdict.json`.
    pub key: &'static str,
    /// What a table or an axis calls it.
    pub name: &'static str,
    /// Unit of the value that `of` returns.
    pub unit: Unit,
    /// Reads it.
    pub of: fn(&TrialRow) -> Option<f64>,
}

impl Metric {
    /// A value of this metric, for people.
    pub fn show(&self, value: f64) -> String {
        self.unit.show(value)
    }
}

/// Completions per second.
pub const THROUGHPUT: Metric = Metric {
    key: "throughput_rps",
    name: "throughput",
    unit: Unit::Rate,
    of: |row| row.throughput_rps,
};
/// `ok` completions per second.
pub const GOODPUT: Metric =
    Metric { key: "goodput_rps", name: "goodput", unit: Unit::Rate, of: |row| row.goodput_rps };
/// Throughput ÷ what the upstream's own time would allow.
pub const EFFICIENCY: Metric = Metric {
    key: "efficiency",
    name: "share of the ideal",
    unit: Unit::Share,
    of: |row| row.efficiency,
};
/// Mean request latency, ms.
pub const LATENCY_MEAN: Metric = Metric {
    key: "latency_mean_ms",
    name: "mean latency",
    unit: Unit::Milliseconds,
    of: |row| row.latency_mean_ms,
};
/// Median request latency, ms.
pub const LATENCY_P50: Metric = Metric {
    key: "latency_p50_ms",
    name: "p50",
    unit: Unit::Milliseconds,
    of: |row| row.latency_p50_ms,
};
/// 90th percentile of the request latency, ms.
pub const LATENCY_P90: Metric = Metric {
    key: "latency_p90_ms",
    name: "p90",
    unit: Unit::Milliseconds,
    of: |row| row.latency_p90_ms,
};
/// 99th percentile of the request latency, ms.
pub const LATENCY_P99: Metric = Metric {
    key: "latency_p99_ms",
    name: "p99",
    unit: Unit::Milliseconds,
    of: |row| row.latency_p99_ms,
};
/// 99.9th percentile of the request latency, ms.
pub const LATENCY_P999: Metric = Metric {
    key: "latency_p999_ms",
    name: "p99.9",
    unit: Unit::Milliseconds,
    of: |row| row.latency_p999_ms,
};
/// Exact maximum of the request latency, ms.
pub const LATENCY_MAX: Metric = Metric {
    key: "latency_max_ms",
    name: "maximum",
    unit: Unit::Milliseconds,
    of: |row| row.latency_max_ms,
};
/// Median of what model and machine added to the upstream's own time, ms.
pub const ADDED_P50: Metric = Metric {
    key: "added_p50_ms",
    name: "added p50",
    unit: Unit::Milliseconds,
    of: |row| row.added_p50_ms,
};
/// 99th percentile of the same, ms.
pub const ADDED_P99: Metric = Metric {
    key: "added_p99_ms",
    name: "added p99",
    unit: Unit::Milliseconds,
    of: |row| row.added_p99_ms,
};
/// User and system CPU time per completion, µs.
pub const CPU_PER_REQUEST: Metric = Metric {
    key: "cpu_us_per_request",
    name: "CPU per request",
    unit: Unit::Microseconds,
    of: |row| row.cpu_us_per_request,
};
/// CPU time in user mode per completion, µs.
pub const CPU_USER_PER_REQUEST: Metric = Metric {
    key: "cpu_user_us_per_request",
    name: "user CPU per request",
    unit: Unit::Microseconds,
    of: |row| per_completion(row, row.cpu_user_s.map(|s| s * 1e6)),
};
/// CPU time in the kernel per completion, µs.
pub const CPU_SYSTEM_PER_REQUEST: Metric = Metric {
    key: "cpu_system_us_per_request",
    name: "system CPU per request",
    unit: Unit::Microseconds,
    of: |row| per_completion(row, row.cpu_system_s.map(|s| s * 1e6)),
};
/// Share of the client's CPUs used, 0 to 1.
pub const CPU_UTILISATION: Metric = Metric {
    key: "cpu_utilisation",
    name: "CPU used",
    unit: Unit::Share,
    of: |row| row.cpu_utilisation,
};
/// Peak resident memory above the baseline before load, bytes.
pub const RSS_PEAK: Metric = Metric {
    key: "rss_peak_bytes",
    name: "peak memory",
    unit: Unit::Bytes,
    of: |row| row.rss_peak_bytes.map(|bytes| bytes as f64),
};
/// Kernel memory (stacks, page tables, slabs) at peak above the baseline, bytes.
pub const KERNEL_MEMORY: Metric = Metric {
    key: "kernel_memory_bytes",
    name: "kernel memory",
    unit: Unit::Bytes,
    of: |row| row.kernel_memory_bytes.map(|bytes| bytes as f64),
};
/// Most threads alive at once.
pub const THREADS_PEAK: Metric = Metric {
    key: "threads_peak",
    name: "threads",
    unit: Unit::Count,
    of: |row| row.threads_peak.map(|threads| threads as f64),
};
/// Threads started inside the window per completion.
pub const THREADS_PER_REQUEST: Metric = Metric {
    key: "threads_spawned_per_request",
    name: "threads started per request",
    unit: Unit::PerRequest,
    of: |row| per_completion(row, row.threads_spawned.map(|threads| threads as f64)),
};
/// Context switches of both kinds inside the window per completion.
pub const SWITCHES_PER_REQUEST: Metric = Metric {
    key: "ctx_switches_per_request",
    name: "context switches per request",
    unit: Unit::PerRequest,
    of: |row| {
        let both = row.ctx_voluntary.zip(row.ctx_involuntary).map(|(a, b)| a as f64 + b as f64);
        per_completion(row, both)
    },
};
/// Thread-time of a request on a CPU.
pub const THREAD_RUNNING: Metric = Metric {
    key: "thread_running_ms",
    name: "thread-time running",
    unit: Unit::Milliseconds,
    of: |row| row.thread_running_ms,
};
/// Thread-time of a request ready and waiting for a CPU.
pub const THREAD_RUNNABLE: Metric = Metric {
    key: "thread_runnable_ms",
    name: "thread-time runnable",
    unit: Unit::Milliseconds,
    of: |row| row.thread_runnable_ms,
};
/// Thread-time of a request waiting for anything else.
pub const THREAD_WAITING: Metric = Metric {
    key: "thread_waiting_ms",
    name: "thread-time waiting",
    unit: Unit::Milliseconds,
    of: |row| row.thread_waiting_ms,
};
/// Time average of requests in flight.
pub const INFLIGHT_MEAN: Metric = Metric {
    key: "inflight_mean",
    name: "mean in flight",
    unit: Unit::PerRequest,
    of: |row| row.inflight_mean,
};
/// Share of the window's ended requests that were `degraded` (one fetch answered).
pub const DEGRADED_SHARE: Metric = Metric {
    key: "degraded_share",
    name: "degraded",
    unit: Unit::Share,
    of: |row| share(row.degraded as f64, row),
};
/// Share of the window's ended requests that `failed` (no fetch answered).
pub const FAILED_SHARE: Metric = Metric {
    key: "failed_share",
    name: "failed",
    unit: Unit::Share,
    of: |row| share(row.failed as f64, row),
};
/// Share of the window's ended requests that were not `ok`: what `[slo] errors` limits.
pub const NOT_OK_SHARE: Metric = Metric {
    key: "not_ok_share",
    name: "not ok",
    unit: Unit::Share,
    of: |row| share(row.degraded as f64 + row.failed as f64, row),
};
/// Open loop: requests offered per second, by the schedule.
pub const OFFERED: Metric =
    Metric { key: "offered_rps", name: "offered", unit: Unit::Rate, of: |row| row.offered_rps };
/// Open loop: share of the requests due in the window that were shed.
pub const SHED_SHARE: Metric = Metric {
    key: "shed_share",
    name: "shed",
    unit: Unit::Share,
    of: |row| {
        let open = row.open.as_ref().filter(|open| open.due > 0)?;
        Some(open.shed as f64 / open.due as f64)
    },
};
/// Open loop: share of the requests due in the window that were not seen to end: still waiting to
/// start, or under way, when the trial did.
pub const UNFINISHED_SHARE: Metric = Metric {
    key: "unfinished_share",
    name: "unfinished",
    unit: Unit::Share,
    of: |row| {
        let open = row.open.as_ref().filter(|open| open.due > 0)?;
        Some(row.censored as f64 / open.due as f64)
    },
};
/// Open loop: median of completion − dispatch.
pub const SERVICE_P50: Metric = Metric {
    key: "service_p50_ms",
    name: "service p50",
    unit: Unit::Milliseconds,
    of: |row| row.open.as_ref()?.service.p50_ms,
};
/// Open loop: 99th percentile of the same.
pub const SERVICE_P99: Metric = Metric {
    key: "service_p99_ms",
    name: "service p99",
    unit: Unit::Milliseconds,
    of: |row| row.open.as_ref()?.service.p99_ms,
};
/// Open loop: median of completion − beginning by the model's own unit.
pub const UNCORRECTED_P50: Metric = Metric {
    key: "uncorrected_p50_ms",
    name: "uncorrected p50",
    unit: Unit::Milliseconds,
    of: |row| row.open.as_ref()?.uncorrected.p50_ms,
};
/// Open loop: 99th percentile of the same.
pub const UNCORRECTED_P99: Metric = Metric {
    key: "uncorrected_p99_ms",
    name: "uncorrected p99",
    unit: Unit::Milliseconds,
    of: |row| row.open.as_ref()?.uncorrected.p99_ms,
};
/// rayon: time per request for which others on its worker's stack held it up, ms.
pub const JOIN_NESTED: Metric = Metric {
    key: "join_nested_ms",
    name: "held up on the stack",
    unit: Unit::Milliseconds,
    of: |row| row.join_nested_ms,
};
/// Open loop: 99th percentile of dispatch − intended start.
pub const LAG_P99: Metric = Metric {
    key: "send_lag_p99_ms",
    name: "lag p99",
    unit: Unit::Milliseconds,
    of: |row| row.send_lag_p99_ms.or_else(|| row.open.as_ref()?.lag.p99_ms),
};
/// Median of the mock's held − requested, µs.
pub const HOLD_ERROR_P50: Metric = Metric {
    key: "hold_error_p50_us",
    name: "hold error p50",
    unit: Unit::Microseconds,
    of: |row| row.hold_error_p50_us,
};
/// 99th percentile of the mock's held − requested, µs.
pub const HOLD_ERROR_P99: Metric = Metric {
    key: "hold_error_p99_us",
    name: "hold error p99",
    unit: Unit::Microseconds,
    of: |row| row.hold_error_p99_us,
};

/// Fetches that the mock held at once, both upstreams together, as a time average.
pub const HELD_MEAN: Metric =
    Metric { key: "held_mean", name: "held fetches", unit: Unit::Count, of: |row| row.held_mean };
/// Time from asking for the table that requests share to having it: mean, µs.
pub const SHARED_WAIT_MEAN: Metric = Metric {
    key: "shared_wait_mean_us",
    name: "mean wait for shared state",
    unit: Unit::Microseconds,
    of: |row| row.hurdles.as_ref()?.shared.as_ref()?.wait_mean_us,
};
/// 99th percentile of the same, µs.
pub const SHARED_WAIT_P99: Metric = Metric {
    key: "shared_wait_p99_us",
    name: "p99 wait for shared state",
    unit: Unit::Microseconds,
    of: |row| row.hurdles.as_ref()?.shared.as_ref()?.wait_p99_us,
};

/// Every metric, in the order of `verdict.json`.
pub const METRICS: &[Metric] = &[
    THROUGHPUT,
    GOODPUT,
    EFFICIENCY,
    LATENCY_MEAN,
    LATENCY_P50,
    LATENCY_P90,
    LATENCY_P99,
    LATENCY_P999,
    LATENCY_MAX,
    ADDED_P50,
    ADDED_P99,
    CPU_PER_REQUEST,
    CPU_USER_PER_REQUEST,
    CPU_SYSTEM_PER_REQUEST,
    CPU_UTILISATION,
    RSS_PEAK,
    KERNEL_MEMORY,
    THREADS_PEAK,
    THREADS_PER_REQUEST,
    SWITCHES_PER_REQUEST,
    THREAD_RUNNING,
    THREAD_RUNNABLE,
    THREAD_WAITING,
    INFLIGHT_MEAN,
    DEGRADED_SHARE,
    FAILED_SHARE,
    NOT_OK_SHARE,
    HOLD_ERROR_P50,
    HOLD_ERROR_P99,
    SHED_SHARE,
    UNFINISHED_SHARE,
    SERVICE_P50,
    SERVICE_P99,
    UNCORRECTED_P50,
    UNCORRECTED_P99,
    LAG_P99,
    JOIN_NESTED,
    HELD_MEAN,
    SHARED_WAIT_MEAN,
    SHARED_WAIT_P99,
];

/// Completions inside the window, which is what CPU and threads were spent on.
fn completions(row: &TrialRow) -> Option<f64> {
    Some(row.throughput_rps? * row.duration_s?).filter(|count| *count > 0.0)
}

fn per_completion(row: &TrialRow, value: Option<f64>) -> Option<f64> {
    Some(value? / completions(row)?)
}

/// Sums as floats: a row from outside may hold counts whose sum no integer holds.
fn share(count: f64, row: &TrialRow) -> Option<f64> {
    let ended = row.ok as f64 + row.degraded as f64 + row.failed as f64;
    (ended > 0.0).then(|| count / ended)
}
