//! The table at the end of a run.

use std::path::Path;

use comfy_table::presets;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use report::verdict::Verdict;

/// The verdict's sentence and table, and where the report lies.
pub(crate) fn of(verdict: &Verdict, dir: &Path) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "model",
        "peak",
        "at N",
        "p50",
        "p99",
        "CPU/request",
        "threads",
        "memory",
        "bound by",
        "flags",
    ]);
    for row in verdict.table() {
        let flags: Vec<&str> = row.flags.iter().map(|flag| flag.text.as_str()).collect();
        table.add_row([
            row.label,
            row.throughput,
            row.level,
            row.p50,
            row.p99,
            row.cpu,
            row.threads,
            row.memory,
            row.bound,
            flags.join(", "),
        ]);
    }
    for column in 1..8 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let report = dir.join("report.html");
    format!("{}\n\n{table}\n\nreport: {}\n", verdict.headline, report.display())
}
