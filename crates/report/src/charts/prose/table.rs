//! Tables behind charts: a row per level, grouped by model.

use crate::analysis::{Analysis, Basis, Estimate, Metric, Point, Series};
use crate::charts::{DataTable, TableGroup, TableRow};
use crate::format;

/// `1,254/s – 1,265/s`, or missing; one from ranks says so, and where it is a lower bound.
pub(crate) fn interval(estimate: Option<&Estimate>, show: impl Fn(f64) -> String) -> String {
    let Some(estimate) = estimate else { return format::MISSING.to_owned() };
    let Some((low, high)) = estimate.interval else { return format::MISSING.to_owned() };
    let kind = match estimate.basis {
        Basis::Repeats => "",
        Basis::Ranks { lower_bound: false } | Basis::Pooled { lower_bound: false, .. } => {
            " (ranks)"
        }
        Basis::Ranks { lower_bound: true } | Basis::Pooled { lower_bound: true, .. } => {
            " (ranks; at least)"
        }
    };
    format!("{} – {}{kind}", show(low), show(high))
}

/// `1,261/s · 1,261/s · 1,257/s`.
pub(crate) fn repeats(estimate: Option<&Estimate>, show: impl Fn(f64) -> String) -> String {
    let Some(estimate) = estimate else { return format::MISSING.to_owned() };
    estimate.repeats.iter().map(|(_, value)| show(*value)).collect::<Vec<_>>().join(" · ")
}

/// What the first column is called.
pub(crate) fn level_heading(analysis: &Analysis) -> String {
    analysis.axis().heading().to_owned()
}

/// A table with a row per model and level; `cells` gives all but the level.
pub(crate) fn by_level(
    analysis: &Analysis,
    columns: &[&str],
    cells: impl Fn(&Series, &Point) -> Vec<String>,
) -> DataTable {
    let groups = analysis.series.iter().map(|series| {
        let rows = series.points.iter().map(|point| {
            let mut row = vec![analysis.axis().word(point.level)];
            row.extend(cells(series, point));
            TableRow { cells: row, trusted: point.trusted() }
        });
        TableGroup { model: series.look, label: series.model.label.clone(), rows: rows.collect() }
    });
    let mut headings = vec![level_heading(analysis)];
    headings.extend(columns.iter().map(|column| (*column).to_owned()));
    DataTable { columns: headings, groups: groups.collect() }
}

/// Median, interval and repeats of a metric.
pub(crate) fn estimate_cells(point: &Point, metric: &Metric) -> [String; 3] {
    let estimate = point.estimate(metric);
    let median = estimate.as_ref().map_or(format::MISSING.to_owned(), |e| e.show(metric));
    [
        median,
        interval(estimate.as_ref(), |v| metric.show(v)),
        repeats(estimate.as_ref(), |v| metric.show(v)),
    ]
}

/// Median of a metric, or missing.
pub(crate) fn median(point: &Point, metric: &Metric) -> String {
    point.show(metric).unwrap_or_else(|| format::MISSING.to_owned())
}

/// Median, interval and repeats of each metric, a row per model and level.
pub(crate) fn of_metrics(analysis: &Analysis, metrics: &[Metric]) -> DataTable {
    let headings: Vec<String> = metrics
        .iter()
        .flat_map(|metric| {
            ["", " 95 % interval", " repeats"].map(|suffix| format!("{}{suffix}", metric.name))
        })
        .collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    by_level(analysis, &headings, |_, point| {
        metrics.iter().flat_map(|metric| estimate_cells(point, metric)).collect()
    })
}
