//! The closing table: per model its peak, what it cost there, what bound it, and the doubts.

use measurement::row::Verdict;

use crate::analysis::metric::{
    CPU_PER_REQUEST, LAG_P99, LATENCY_P50, LATENCY_P99, Metric, NOT_OK_SHARE, RSS_PEAK, SHED_SHARE,
    THREADS_PEAK, THROUGHPUT,
};
use crate::analysis::{Analysis, Point, Series};
use crate::format;
use crate::look::Look;

/// One model's row. Texts carry non-breaking spaces ([`format::plain`] takes them out).
#[derive(Debug, Clone, PartialEq)]
pub struct TableRow {
    /// Position in `Analysis::series`.
    pub model: usize,
    /// Its colour and marker.
    pub look: Look,
    /// Its label.
    pub label: String,
    /// Highest trusted throughput: `21,210/s`.
    pub throughput: String,
    /// The same as a number, for bars.
    pub throughput_rps: Option<f64>,
    /// The level it was reached at.
    pub level: String,
    /// p50 there.
    pub p50: String,
    /// p99 there.
    pub p99: String,
    /// Open loop: share of the requests due that were shed there.
    pub shed: String,
    /// Open loop: p99 there of dispatch − intended start.
    pub lag: String,
    /// CPU per request there.
    pub cpu: String,
    /// The same in µs, for bars.
    pub cpu_us: Option<f64>,
    /// Most threads alive at once there.
    pub threads: String,
    /// Peak memory there, above the baseline before load.
    pub memory: String,
    /// What bounds it.
    pub bound: String,
    /// What to know before believing it; empty: nothing.
    pub flags: Vec<Flag>,
}

/// A remark on a model's points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The words.
    pub text: String,
    /// Whether it casts doubt (drawn dashed), rather than tells of a limit.
    pub doubt: bool,
}

/// The table of an analysis, in scenario order.
pub(super) fn rows(analysis: &Analysis) -> Vec<TableRow> {
    analysis.series.iter().map(|series| row(analysis, series)).collect()
}

fn row(analysis: &Analysis, series: &Series) -> TableRow {
    let peak = series.peak();
    // In open loop a peak past the capacity is nothing to run at.
    let kept = series.capacity().map(|capacity| capacity.point);
    let there = kept.or_else(|| peak.as_ref().map(|peak| peak.point));
    let value = |metric: &Metric| there.and_then(|point| point.median(metric));
    let text = |metric: &Metric| {
        let shown = there.and_then(|point| point.show(metric));
        shown.unwrap_or_else(|| format::MISSING.to_owned())
    };
    let throughput_rps = value(&THROUGHPUT);
    TableRow {
        model: series.index,
        look: series.look,
        label: series.model.label.clone(),
        throughput: throughput_rps.map_or_else(|| format::MISSING.to_owned(), format::rate_full),
        throughput_rps,
        level: there
            .map_or_else(|| format::MISSING.to_owned(), |point| analysis.axis().word(point.level)),
        p50: text(&LATENCY_P50),
        p99: text(&LATENCY_P99),
        shed: text(&SHED_SHARE),
        lag: text(&LAG_P99),
        cpu: text(&CPU_PER_REQUEST),
        cpu_us: value(&CPU_PER_REQUEST),
        threads: text(&THREADS_PEAK),
        memory: text(&RSS_PEAK),
        bound: series.bound().words(),
        flags: flags(analysis, series),
    }
}

/// The remarks on a model, by verdict, with the levels concerned.
pub fn flags(analysis: &Analysis, series: &Series) -> Vec<Flag> {
    /// Words, whether they cast doubt, and the points they concern.
    type Kind<'a> = (&'a str, bool, &'a dyn Fn(&Point) -> bool);
    let trusted = |point: &Point| point.trusted();
    let is = |verdict: Verdict| move |point: &Point| point.verdict == verdict;
    let kinds: [Kind<'_>; 4] = [
        ("saturated", false, &is(Verdict::Saturated)),
        ("exhausted", true, &is(Verdict::Exhausted)),
        ("not trusted", true, &|point| !trusted(point) && point.verdict != Verdict::Exhausted),
        ("a repeat left out", true, &|point| trusted(point) && point.lost_repeats() > 0),
    ];
    let planned = &analysis.planned(series);
    let mut flags = Vec::new();
    let mut push = |words: &str, doubt: bool, concerned: &dyn Fn(f64) -> bool| {
        let at = spans(analysis, planned, concerned);
        if !at.is_empty() {
            flags.push(Flag { text: format!("{words} at {at}"), doubt });
        }
    };
    for (words, doubt, concerns) in kinds {
        push(words, doubt, &|level| series.point(level).is_some_and(concerns));
    }
    push("no trial", true, &|level| series.point(level).is_none());
    if let Some(over) = series.overload_rps().filter(|_| !analysis.staged()) {
        let text = format!("no steady state from {}", format::rate_full(over));
        flags.push(Flag { text, doubt: false });
    }
    flags.extend(not_ok(series));
    flags.extend(twin(analysis, series));
    flags
}

/// That the model is another one again, there to show the noise.
fn twin(analysis: &Analysis, series: &Series) -> Option<Flag> {
    let itself = &analysis.series.get(series.again?)?.model.label;
    Some(Flag { text: format!("{itself} again, for comparison with itself"), doubt: false })
}

/// Where answers at the peak were degraded or failed: a throughput that is not all goodput.
fn not_ok(series: &Series) -> Option<Flag> {
    let share = series.peak()?.point.median(&NOT_OK_SHARE).filter(|share| *share > 0.0)?;
    // Beyond a tenth, requests that end early by failing may be what makes the peak.
    Some(Flag {
        text: format!("{} not ok at the peak", format::percent(share)),
        doubt: share > 0.1,
    })
}

/// The levels concerned, three and more in a row as `a to b`.
fn spans(analysis: &Analysis, levels: &[f64], concerned: &dyn Fn(f64) -> bool) -> String {
    let show = |level: &f64| analysis.axis().word(*level);
    let words: Vec<String> = levels
        .chunk_by(|a, b| concerned(*a) == concerned(*b))
        .filter(|run| run.first().is_some_and(|level| concerned(*level)))
        .flat_map(|run| match run {
            [first, _, .., last] => vec![format!("{} to {}", show(first), show(last))],
            short => short.iter().map(show).collect(),
        })
        .collect();
    if words.is_empty() { String::new() } else { analysis.axis().named(&words.join(", ")) }
}
