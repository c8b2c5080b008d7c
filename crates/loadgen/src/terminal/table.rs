//! The table at the end of a run.

use std::path::Path;

use comfy_table::presets;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use report::verdict::Verdict;

/// The verdict's sentence and table, what to know before believing it, and where the report lies.
/// Flags stand below the table: inside, they would make it wider than a terminal.
pub(crate) fn of(verdict: &Verdict, dir: &Path) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let at = match (verdict.run.load, &verdict.run.sweep) {
        (_, Some(sweep)) if sweep.across => format!("at {}", verdict.run.heading),
        ("open", _) => "of".to_owned(),
        _ => "at N".to_owned(),
    };
    table.set_header([
        "model", "peak", &at, "p50", "p99", "CPU/req", "threads", "memory", "bound by",
    ]);
    let mut flags = Vec::new();
    for row in verdict.table() {
        if !row.flags.is_empty() {
            let texts: Vec<&str> = row.flags.iter().map(|flag| flag.text.as_str()).collect();
            flags.push(format!("{}: {}", row.label, texts.join("; ")));
        }
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
        ]);
    }
    for column in 1..8 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut blocks = vec![verdict.headline.clone(), table.trim_fmt()];
    if !flags.is_empty() {
        blocks.push(flags.join("\n"));
    }
    blocks.push(format!("report: {}\n", dir.join("report.html").display()));
    blocks.join("\n\n")
}
