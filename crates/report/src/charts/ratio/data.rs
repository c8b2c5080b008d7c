//! The figures behind the ratio chart.

use super::super::prose::table;
use super::super::{DataTable, TableGroup, TableRow};
use super::Row;
use crate::analysis::metric::{CPU_PER_REQUEST, LATENCY_P99};
use crate::analysis::{Analysis, Comparison, Metric, Series};
use crate::format;

/// A group per rival: the ratios to the baseline at every level.
pub(super) fn table(
    analysis: &Analysis,
    base: &Series,
    rivals: &[(&Series, Vec<Row>)],
) -> DataTable {
    let name = &base.model.label;
    let columns = vec![
        table::level_heading(analysis),
        format!("throughput, {name} ÷ model"),
        format!("p99, model ÷ {name}"),
        format!("CPU per request, model ÷ {name}"),
    ];
    let groups = rivals.iter().map(|(series, rows)| {
        let base = series.again.and_then(|of| analysis.series.get(of)).unwrap_or(base);
        let rows = rows.iter().map(|row| {
            let against = |metric: &Metric| {
                cell(analysis.compare(metric, series.index, base.index, row.level).as_ref())
            };
            let cells = vec![
                analysis.axis().word(row.level),
                cell(Some(&row.comparison)),
                against(&LATENCY_P99),
                against(&CPU_PER_REQUEST),
            ];
            TableRow { cells, trusted: row.trusted }
        });
        TableGroup { model: series.look, label: series.model.label.clone(), rows: rows.collect() }
    });
    DataTable { columns, groups: groups.collect() }
}

fn cell(comparison: Option<&Comparison>) -> String {
    let Some(comparison) = comparison else { return format::MISSING.to_owned() };
    let ratio = format::ratio(comparison.ratio.ratio);
    match comparison.ratio.interval {
        Some((low, high)) => format!("{ratio} [{}, {}]", format::digits(low), format::digits(high)),
        None => ratio,
    }
}
