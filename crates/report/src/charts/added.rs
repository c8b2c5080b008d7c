//! Added latency over the levels: what model and machine add to the upstream's own time.

use std::fmt::Write as _;

use super::lines::{self, Lines};
use super::prose::{over_sweep, takeaway};
use super::{Chart, Outcome};
use crate::analysis::metric::{ADDED_P50, ADDED_P99};
use crate::analysis::{Analysis, Metric};
use crate::format;

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "added", section: "Added latency", short: "Added latency", draw };

fn draw(analysis: &Analysis) -> Outcome {
    let best = [ADDED_P99, ADDED_P50]
        .into_iter()
        .find_map(|metric| Some((metric, takeaway::versus(analysis, &metric)?)));
    let percentiles =
        [(ADDED_P99, "the p99 of added latency"), (ADDED_P50, "the median of added latency")];
    let swept = over_sweep::title_of_one(analysis, &percentiles);
    let (title, cited) = match best {
        _ if swept.is_some() => (swept.unwrap_or_default(), Vec::new()),
        Some((metric, versus)) => {
            let head = analysis.axis().opening(versus.level);
            let ((a, x), (b, y)) = (versus.best, versus.rival);
            let (a, b) = (&a.model.label, &b.model.label);
            let same = metric.show(x) == metric.show(y);
            let title = if same {
                format!("{head} {a} and {b} both add {} at {}", metric.show(x), percentile(&metric))
            } else {
                format!(
                    "{head} {a} adds {} at {}, {b} {}",
                    metric.show(x),
                    percentile(&metric),
                    metric.show(y)
                )
            };
            (title, vec![versus.level])
        }
        None => ("What the model adds to the upstream’s own time".to_owned(), Vec::new()),
    };
    let lone = (!analysis.open() && analysis.axis().is_load() && analysis.levels().contains(&1.0))
        .then_some("At one request in flight most of it is the machine’s: idle CPUs waking up");
    let lines = Lines {
        panels: vec![(ADDED_P50, "p50"), (ADDED_P99, "p99")],
        shared: Some("Added latency (log)"),
        what: "Request latency less the longer of its two held times, p50 and p99,",
        desc: desc(analysis),
        title,
        notes: lone.map(str::to_owned).into_iter().collect(),
        cited,
        heights: (300.0, 250.0),
    };
    lines::draw(analysis, lines)
}

fn percentile(metric: &Metric) -> &'static str {
    if metric.key == ADDED_P99.key { "p99" } else { "p50" }
}

fn desc(analysis: &Analysis) -> String {
    let mut text = "Two panels, p50 and p99, with shared logarithmic axes.".to_owned();
    for series in &analysis.series {
        for metric in [ADDED_P50, ADDED_P99] {
            let last =
                series.trusted_points().rev().find_map(|p| Some((p.level, p.median(&metric)?)));
            if let Some((level, value)) = last {
                let _ = write!(
                    text,
                    " {} adds {} at {} {}.",
                    series.model.label,
                    format::millis(value),
                    percentile(&metric),
                    analysis.axis().amid(level)
                );
            }
        }
    }
    text
}
