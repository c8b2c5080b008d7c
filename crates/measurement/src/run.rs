//! `run.json`: what a run is, apart from its trials.

use serde::{Deserialize, Serialize};

/// Version of the run directory's files; raised when an older reader would misread them.
pub const SCHEMA_VERSION: u32 = 1;

/// The content of `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// [`SCHEMA_VERSION`] at the time of the run.
    pub schema_version: u32,
    /// How far the run got.
    pub status: RunStatus,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What was asked for, in words and numbers a report needs.
    pub scenario: ScenarioInfo,
    /// Whether `--quick` shortened it.
    pub quick: bool,
    /// The command line.
    pub argv: Vec<String>,
    /// UTC start, RFC 3339.
    pub started: String,
    /// UTC end, RFC 3339.
    pub ended: Option<String>,
    /// Wall time so far or in all.
    pub elapsed_s: f64,
    /// Trials planned.
    pub trials_planned: u32,
    /// The machine.
    pub environment: Environment,
    /// Remarks on the whole run: another run at the same time, say.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What this machine can do, where `loadgen calibrate` has been run on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<crate::calibration::Calibration>,
    /// Why there is none, where one was looked for and not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_calibrated: Option<String>,
    /// How much CPU work a microsecond is here, where the scenario asks for some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_rate: Option<crate::hurdles::WorkRate>,
    /// Whole repeats that ended, where a precision may add some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats_done: Option<u32>,
}

/// How far a run got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStatus {
    /// Under way, or killed without a chance to say so.
    Running,
    /// Every planned trial has its row.
    Complete,
    /// Ended by Ctrl-C or a signal; the rows so far are kept.
    Interrupted,
    /// Could not go on; the rows so far are kept.
    Failed,
}

/// The scenario, as far as reports need it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioInfo {
    /// File stem.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its reason.
    pub reason: Option<String>,
    /// Its seed.
    pub seed: u64,
    /// The file's text.
    pub text: String,
    /// `KEY=VALUE` overrides applied on top of the text.
    pub overrides: Vec<String>,
    /// 64-bit FNV-1a of text and overrides, hex: tells whether two runs ran the same scenario.
    pub hash: String,
    /// The upstreams in order.
    pub upstreams: Vec<UpstreamInfo>,
    /// The models in order.
    pub models: Vec<ModelInfo>,
    /// The load levels: concurrency (closed) or requests per second (open), ascending.
    pub levels: Vec<f64>,
    /// Closed or open.
    pub load: crate::row::LoadKind,
    /// Fetch deadline.
    pub timeout_ms: f64,
    /// `keep-alive` or `per-request`.
    pub connections: String,
    /// Warm-up, least length.
    pub warmup_ms: f64,
    /// Window, least length.
    pub duration_ms: f64,
    /// Repeats planned; the least number of them where a precision may add some.
    pub repeats: u32,
    /// The mock's timer: `hybrid`, `timerfd`, `tokio`.
    pub timer: String,
    /// SLO on p99.
    pub slo_p99_ms: Option<f64>,
    /// SLO on the share of requests not `ok`, 0 to 1.
    pub slo_errors: Option<f64>,
    /// Half-width of the throughput intervals that repeats are added for, as a share.
    #[serde(default)]
    pub precision: Option<f64>,
    /// Open loop: `poisson` or `constant`.
    #[serde(default)]
    pub arrivals: Option<String>,
    /// Open loop: the stages of each trial in words, where the rate changes in it.
    #[serde(default)]
    pub stages: Vec<String>,
    /// What is swept besides the load, if anything.
    #[serde(default)]
    pub sweep: Option<SweepInfo>,
    /// What of the machine's noise is noted.
    #[serde(default)]
    pub noise_limits: NoiseLimits,
    /// Most repeats, where a precision may add some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_repeats: Option<u32>,
}

/// From where on noise of the machine is noted on a trial: of the scenario's `[checks]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NoiseLimits {
    /// Stolen CPU time and CPU pressure, as a share of the window, 0 to 1.
    pub noise: f64,
    /// Share of the client's CPUs in use from which pressure is the model's own making, 0 to 1.
    pub saturated_cpu: f64,
}

impl Default for NoiseLimits {
    /// Those of a scenario that states none.
    fn default() -> Self {
        let checks = scenario::Checks::default();
        Self { noise: checks.noise, saturated_cpu: checks.saturated_cpu }
    }
}

/// A sweep in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepInfo {
    /// The swept key, as in the scenario file.
    pub key: String,
    /// Its values for people, in order.
    pub values: Vec<String>,
    /// Where each stands on an axis, in order.
    #[serde(default)]
    pub positions: Vec<f64>,
    /// The models whose scenario differs between values; others run as a control.
    #[serde(default)]
    pub models: Vec<String>,
    /// Per value the load levels it runs at, ascending; empty: every value runs at all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Vec<f64>>,
    /// What varies, in the scenario's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl SweepInfo {
    /// Whether the latency of the upstream of this name is what varies, or a part of it.
    pub fn varies_latency(&self, upstream: &str) -> bool {
        let mut parts = self.key.split('.').map(|part| part.trim().trim_matches(['"', '\'']));
        parts.next() == Some("upstream")
            && parts.next().is_some_and(|name| name == "*" || name == upstream)
            && parts.next() == Some("latency")
    }
}

/// One upstream in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpstreamInfo {
    /// Name.
    pub name: String,
    /// Law in words.
    pub latency: String,
    /// Body size.
    pub body_bytes: u64,
    /// Faults in words, e.g. `status 500 at 0.5 %`.
    pub faults: Vec<String>,
}

/// One model in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// Unique label.
    pub label: String,
    /// Kind.
    pub kind: String,
    /// The registry's line on it.
    pub summary: String,
    /// Stated options, as text.
    pub options: std::collections::BTreeMap<String, String>,
    /// The load levels it runs at, where those are not all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<f64>,
}

/// The machine a run ran on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Model name of the CPU.
    pub cpu_model: String,
    /// Hypervisor, if any: `KVM`.
    pub hypervisor: Option<String>,
    /// CPUs online.
    pub cpus: u32,
    /// CPUs of the trial processes.
    pub client_cpus: Vec<usize>,
    /// CPUs of the mock.
    pub upstream_cpus: Vec<usize>,
    /// Kernel release.
    pub kernel: String,
    /// Physical memory.
    pub memory_bytes: u64,
    /// Clock source of the kernel.
    pub clocksource: String,
    /// Descriptor limit in force (hard; the soft one is raised to it).
    pub descriptors: u64,
    /// Thread admission limit and the OS limit it derives from, in words.
    pub thread_limit: u64,
    /// The OS limit that `thread_limit` derives from, in words.
    pub thread_limit_because: String,
    /// Version of loadgen.
    pub version: String,
    /// Git revision of loadgen's sources, if known.
    pub revision: Option<String>,
    /// Cargo profile, target and compiler.
    pub build: String,
    /// How the run's processes stand beside others that want their CPUs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduling: Option<crate::scheduling::Scheduling>,
}

impl Environment {
    /// How the run's processes stand beside others, in words.
    pub fn scheduling_words(&self) -> String {
        self.scheduling.as_ref().map_or_else(|| "not recorded".to_owned(), ToString::to_string)
    }
}
