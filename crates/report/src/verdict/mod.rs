//! What the report concludes, for machines: `verdict.json`, the exit status, the closing table.
//!
//! Field order is key order, so that the same run gives the same bytes. Figures are those of the
//! analysis; derived ones are rounded to nine digits, below which the last bits of a logarithm
//! may differ between machines. Deliberately not here: how a figure looks to people, but for the
//! table, whose texts come from [`crate::format`].

mod figure;
mod parts;
mod table;

use std::collections::BTreeMap;

use measurement::run::RunStatus;
use serde::Serialize;

pub(crate) use figure::rounded;
pub use figure::{Figure, Figures};
pub use table::{Flag, TableRow, flags};

use crate::analysis::Analysis;
use crate::findings::Finding;
use crate::format;
use crate::headline::headline;
use crate::sentence::to_text;
use crate::slo::{Met, Slo};
use crate::stats::Decision;

use parts::{comparisons, finding_text, model_verdict, run_summary, slo_verdict, trial_counts};

/// Version of `verdict.json`; raised when an older reader would misread it.
pub const SCHEMA_VERSION: u32 = 1;

/// The content of `verdict.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The report in a sentence.
    pub headline: String,
    /// Which run.
    pub run: RunSummary,
    /// How many trials, and how many to be trusted.
    pub trials: TrialCounts,
    /// How to read `low` and `high`.
    pub interval: &'static str,
    /// The model that others are compared with: the highest peak throughput.
    pub baseline: Option<String>,
    /// The objective and who meets it; absent without an `[slo]`.
    pub slo: Option<SloVerdict>,
    /// Labels of the models that meet the objective at some load; empty without one.
    pub slo_met_by: Vec<String>,
    /// The models in scenario order.
    pub models: Vec<ModelVerdict>,
    /// The primary comparisons, baseline ÷ other; then each model that runs twice with itself.
    pub comparisons: Vec<ComparisonVerdict>,
    /// What was found, in the order of the report.
    pub findings: Vec<FindingText>,
    /// Remarks on the whole run.
    pub notes: Vec<String>,
    /// What results on this machine mean nothing, where it has been calibrated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationVerdict>,
    #[serde(skip)]
    table: Vec<TableRow>,
}

/// The limits of the machine's calibration.
#[derive(Debug, Clone, Serialize)]
pub struct CalibrationVerdict {
    /// When it was made, UTC, RFC 3339.
    pub made: String,
    /// Up to this rate mock and client leave each other room, requests/s.
    pub highest_rate_rps: Option<f64>,
    /// Differences in latency below this are the machine's, us.
    pub least_latency_us: Option<f64>,
    /// What the two rest on, a sentence each.
    pub limits: Vec<String>,
}

/// Which run a verdict is on.
#[derive(Debug, Clone, Serialize)]
pub struct RunSummary {
    /// File stem of the scenario.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Hash of its text and overrides.
    pub hash: String,
    /// Its seed.
    pub seed: u64,
    /// How far the run got.
    pub status: RunStatus,
    /// Whether `--quick` shortened it.
    pub quick: bool,
    /// UTC start, RFC 3339.
    pub started: String,
    /// `closed` or `open`: whether levels are requests in flight or requests offered per second.
    pub load: &'static str,
    /// CPUs of the trial processes.
    pub client_cpus: usize,
    /// What is swept besides the load, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<SweepVerdict>,
    /// Heading of a column of levels, for people.
    #[serde(skip)]
    pub heading: String,
}

/// What a run sweeps.
#[derive(Debug, Clone, Serialize)]
pub struct SweepVerdict {
    /// The swept key.
    pub key: String,
    /// Its values for people.
    pub values: Vec<String>,
    /// Whether the levels of this verdict are positions of the values, rather than loads.
    pub across: bool,
}

/// At which value of the sweep something stands.
#[derive(Debug, Clone, Serialize)]
pub struct SweptVerdict {
    /// The swept key.
    pub key: String,
    /// The value for people.
    pub value: String,
}

/// Trials by verdict.
#[derive(Debug, Clone, Serialize)]
pub struct TrialCounts {
    /// Planned.
    pub planned: u32,
    /// With a row; a trial that was run again counts once.
    pub ended: usize,
    /// Rows of further attempts at the same trials.
    pub again: usize,
    /// To be trusted.
    pub trusted: usize,
    /// Rows by verdict, those of all attempts.
    pub by_verdict: BTreeMap<&'static str, usize>,
}

/// One model.
#[derive(Debug, Clone, Serialize)]
pub struct ModelVerdict {
    /// Its label.
    pub model: String,
    /// Its kind.
    pub kind: String,
    /// In a grid of loads and swept values: which value this entry is at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<SweptVerdict>,
    /// Its highest trusted throughput, if it has one.
    pub peak: Option<PeakVerdict>,
    /// Open loop: the highest offered rate that it keeps up with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityVerdict>,
    /// What bounds it.
    pub bound: BoundVerdict,
    /// CPUs ÷ CPU-seconds per request at its peak, requests per second.
    pub cpu_ceiling_rps: Option<f64>,
    /// Workers ÷ blocked time per request, requests per second.
    pub pool_ceiling_rps: Option<f64>,
    /// Every level it has a trial at, ascending.
    pub levels: Vec<LevelVerdict>,
}

/// A peak.
#[derive(Debug, Clone, Serialize)]
pub struct PeakVerdict {
    /// The level.
    pub level: f64,
    /// Over a sweep: the value there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<SweptVerdict>,
    /// The throughput there.
    pub throughput_rps: Figure,
}

/// What a model keeps up with.
#[derive(Debug, Clone, Serialize)]
pub struct CapacityVerdict {
    /// Offered, requests per second.
    pub offered_rps: f64,
    /// Achieved there.
    pub achieved_rps: f64,
    /// The lowest rate offered that it does not keep up with: no steady state from there on.
    pub fails_at_rps: Option<f64>,
}

/// What bounds a model.
#[derive(Debug, Clone, Serialize)]
pub struct BoundVerdict {
    /// A fixed word: `cpu`, `pool`, `exhausted`, `upstream`, `nothing-within-range`, …
    pub by: &'static str,
    /// The same for people.
    pub words: String,
}

/// One model at one level.
#[derive(Debug, Clone, Serialize)]
pub struct LevelVerdict {
    /// Requests in flight or offered per second; over a sweep the position of the value.
    pub level: f64,
    /// Over a sweep: the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<SweptVerdict>,
    /// The point's verdict.
    pub verdict: measurement::row::Verdict,
    /// Why it is not `valid`.
    pub reason: String,
    /// Rows.
    pub trials: usize,
    /// Rows to be trusted: what the figures come from, unless none is.
    pub trusted: usize,
    /// What the upstream's own time would allow, requests per second.
    pub ideal_rps: Option<f64>,
    /// No p50 can be lower, ms.
    pub floor_p50_ms: Option<f64>,
    /// No p99 can be lower, ms.
    pub floor_p99_ms: Option<f64>,
    /// Every metric that was measured.
    pub figures: Figures,
}

/// A ratio of two models.
#[derive(Debug, Clone, Serialize)]
pub struct ComparisonVerdict {
    /// Key of the metric.
    pub metric: &'static str,
    /// Label of the model above the line.
    pub of: String,
    /// Label of the model below it.
    pub over: String,
    /// The level; absent where each model's own peak is meant.
    pub level: Option<f64>,
    /// Over a sweep: the value there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<SweptVerdict>,
    /// The ratio; its interval is not corrected for many tests, the decision is (Holm).
    pub ratio: Figure,
    /// What may be said.
    pub decision: Decision,
    /// Whether it compares a model with itself, run twice under two labels; absent where not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub a_a: bool,
}

/// The objective and its outcome.
#[derive(Debug, Clone, Serialize)]
pub struct SloVerdict {
    /// What is asked.
    pub objective: Slo,
    /// Each model in scenario order.
    pub models: Vec<SloModel>,
}

/// How one model fared.
#[derive(Debug, Clone, Serialize)]
pub struct SloModel {
    /// Its label.
    pub model: String,
    /// The highest load that meets the objective with no miss below; `null` if none does.
    /// Over a sweep: the last value that does.
    pub meets_up_to: Option<Met>,
    /// Over a sweep: how many values meet it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meets_at_values: Option<usize>,
    /// Levels judged.
    pub judged: usize,
    /// Levels that could not be: too few requests for a p99, or not to be trusted.
    pub not_judged: usize,
}

/// A finding as text.
#[derive(Debug, Clone, Serialize)]
pub struct FindingText {
    /// Which rule found it: a key of [`crate::findings::RULES`]. Readers take keys they do not know
    /// and miss some they do: rules come and go, and one finding may tell of several models.
    pub key: &'static str,
    /// Its leading figure.
    pub figure: String,
    /// What it says.
    pub text: String,
    /// Whether it tells of a difference or a limit.
    pub different: bool,
}

impl Verdict {
    /// Of an analysis and what was found in it.
    pub fn of(analysis: &Analysis, findings: &[Finding]) -> Self {
        let slo = Slo::of(analysis).map(|objective| slo_verdict(objective, analysis));
        let met = |slo: &SloVerdict| -> Vec<String> {
            let met = slo.models.iter().filter(|model| model.meets_up_to.is_some());
            met.map(|model| model.model.clone()).collect()
        };
        Self {
            schema_version: SCHEMA_VERSION,
            headline: format::plain(&to_text(&headline(analysis), analysis, str::to_owned)),
            run: run_summary(analysis),
            trials: trial_counts(analysis),
            interval: "low, high: 95 % t interval of the mean of logs over n repeats, n >= 3, but where `interval_from` says otherwise",
            baseline: analysis.baseline().map(|series| series.model.label.clone()),
            slo_met_by: slo.as_ref().map(met).unwrap_or_default(),
            slo,
            models: analysis.series.iter().map(|series| model_verdict(analysis, series)).collect(),
            comparisons: comparisons(analysis),
            findings: findings.iter().map(|finding| finding_text(analysis, finding)).collect(),
            notes: analysis.notes.clone(),
            calibration: analysis.run.calibration.as_ref().map(|made| CalibrationVerdict {
                made: made.made.clone(),
                highest_rate_rps: made.highest_rate_rps.map(rounded),
                least_latency_us: made.least_latency_us.map(rounded),
                limits: made.limits.clone(),
            }),
            table: table::rows(analysis),
        }
    }

    /// The end-of-run table: a row per model in scenario order, figures as people read them.
    pub fn table(&self) -> Vec<TableRow> {
        self.table.clone()
    }

    /// The exit status a run with this verdict deserves: 0; 1 where no trial is to be trusted;
    /// 3 where the `[slo]` could be judged and no model meets it.
    pub fn exit_status(&self) -> u8 {
        if self.trials.trusted == 0 {
            return 1;
        }
        let judged = |slo: &SloVerdict| slo.models.iter().any(|model| model.judged > 0);
        if self.slo.as_ref().is_some_and(judged) && self.slo_met_by.is_empty() { 3 } else { 0 }
    }

    /// The bytes of `verdict.json`.
    pub fn to_json(&self) -> crate::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|error| crate::Error::Render {
            output: "verdict.json".to_owned(),
            problem: error.to_string(),
        })?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests;
