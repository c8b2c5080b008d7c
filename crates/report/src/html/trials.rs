//! Every trial as a row.

use std::fmt::Write as _;

use measurement::row::TrialRow;

use super::parts::{self, Column, Kind, Table};
use crate::analysis::metric::{
    ADDED_P50, ADDED_P99, CPU_PER_REQUEST, CPU_UTILISATION, EFFICIENCY, HOLD_ERROR_P99,
    INFLIGHT_MEAN, KERNEL_MEMORY, LAG_P99, LATENCY_MAX, LATENCY_P50, LATENCY_P99, RSS_PEAK,
    SERVICE_P99, SHED_SHARE, SWITCHES_PER_REQUEST, THREADS_PEAK, THROUGHPUT,
};
use crate::analysis::{Analysis, Metric};
use crate::charts::drawing::svg::escape;
use crate::format;

/// The metrics, with their headings.
const COLUMNS: [(&str, Metric); 15] = [
    ("throughput", THROUGHPUT),
    ("of ideal", EFFICIENCY),
    ("p50", LATENCY_P50),
    ("p99", LATENCY_P99),
    ("max", LATENCY_MAX),
    ("added p50", ADDED_P50),
    ("added p99", ADDED_P99),
    ("CPU per request", CPU_PER_REQUEST),
    ("CPU used", CPU_UTILISATION),
    ("threads", THREADS_PEAK),
    ("memory", RSS_PEAK),
    ("kernel memory", KERNEL_MEMORY),
    ("switches per request", SWITCHES_PER_REQUEST),
    ("mean in flight", INFLIGHT_MEAN),
    ("hold error p99", HOLD_ERROR_P99),
];

/// The same for an open loop alone.
const OPEN_COLUMNS: [(&str, Metric); 3] =
    [("service p99", SERVICE_P99), ("lag p99", LAG_P99), ("shed", SHED_SHARE)];

/// What this run has.
fn columns(analysis: &Analysis) -> Vec<(&'static str, Metric)> {
    let mut columns = COLUMNS.to_vec();
    if analysis.open() {
        columns.extend(OPEN_COLUMNS);
    }
    columns
}

pub(super) fn render(analysis: &Analysis) -> String {
    let count = analysis.rows.len();
    let trials = if count == 1 {
        "1 trial".to_owned()
    } else {
        format!("{} trials", format::count(count as f64))
    };
    let mut body = format!(
        "<p class=\"sub\">{trials}, as measured; grey: not to be trusted. The same, with more columns, in <code>trials.csv</code>.</p>\n"
    );
    if count > 0 {
        let _ = writeln!(
            body,
            "<details><summary>Show the trials</summary>\n{}</details>",
            table(analysis)
        );
    }
    parts::section("trials", "Every trial", &body)
}

fn table(analysis: &Analysis) -> String {
    let level = analysis.axis().heading();
    let mut columns = parts::figures(&[level, "repeat", "order"]);
    columns.push(Column { heading: "verdict", kind: Kind::Word });
    columns.extend(parts::figures(&["ok", "degraded", "failed", "censored"]));
    let shown = self::columns(analysis);
    columns.extend(shown.iter().map(|(heading, _)| Column { heading, kind: Kind::Figure }));
    columns.push(Column { heading: "reason", kind: Kind::Word });
    let mut table = Table::new(columns);
    for series in &analysis.series {
        table.group(&parts::named(series.look, &series.model.label));
        for (level, row) in
            series.points.iter().flat_map(|p| p.rows.iter().map(move |row| (p.level, row)))
        {
            table.row(&cells(analysis, level, row), row.verdict.trusted());
        }
    }
    table.done("The trials, a row each", "dense")
}

fn cells(analysis: &Analysis, level: f64, row: &TrialRow) -> Vec<String> {
    let count = |value: u64| format::count(value as f64);
    let mut cells = vec![
        analysis.axis().word(level),
        crate::trust::repeat(row),
        (row.order + 1).to_string(),
        row.verdict.name().to_owned(),
        count(row.ok),
        count(row.degraded),
        count(row.failed),
        count(row.censored),
    ];
    cells.extend(columns(analysis).iter().map(|(_, metric)| {
        let value = (metric.of)(row).filter(|value| value.is_finite());
        value.map_or(format::MISSING.to_owned(), |value| metric.show(value))
    }));
    cells.push(row.reason.clone());
    cells.iter().map(|cell| escape(cell)).collect()
}
