//! The table at the end of a run.

use std::path::Path;

use comfy_table::presets;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use report::verdict::{TableRow, Verdict};

use super::width;

/// The verdict's sentence and table, what to know before believing it, and where the report lies.
/// Flags stand below the table: inside, they would make it wider than a terminal. Where the terminal
/// is narrower still, so does what bounds each model.
pub(crate) fn of(verdict: &Verdict, dir: &Path) -> String {
    let columns = width::columns();
    let fits = |table: &String| {
        columns.is_none_or(|most| table.lines().all(|line| line.chars().count() <= most))
    };
    let whole = Some(rows(verdict, true)).filter(fits);
    let bound_below = whole.is_none();
    let below = below(verdict, bound_below);
    let mut blocks = vec![
        width::wrapped(&verdict.headline, columns, 0),
        whole.unwrap_or_else(|| rows(verdict, false)),
    ];
    if !below.is_empty() {
        let lines: Vec<String> =
            below.iter().map(|line| width::wrapped(line, columns, 2)).collect();
        blocks.push(lines.join("\n"));
    }
    blocks.push(format!("report: {}\n", dir.join("report.html").display()));
    blocks.join("\n\n")
}

/// What stands below the table: the flags of each model and, where the table has no room for it,
/// what bounds the model.
fn below(verdict: &Verdict, bound: bool) -> Vec<String> {
    let line = |row: TableRow| {
        let bound = (bound && row.bound != "–").then(|| format!("bound by {}", row.bound));
        let words: Vec<String> =
            bound.into_iter().chain(row.flags.into_iter().map(|flag| flag.text)).collect();
        (!words.is_empty()).then(|| format!("{}: {}", row.label, words.join("; ")))
    };
    verdict.table().into_iter().filter_map(line).collect()
}

fn rows(verdict: &Verdict, bound: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let at = match (verdict.run.load, &verdict.run.sweep) {
        (_, Some(sweep)) if sweep.across => format!("at {}", verdict.run.heading),
        ("open", _) => "of".to_owned(),
        _ => "at N".to_owned(),
    };
    let heading = ["model", "peak", &at, "p50", "p99", "CPU/req", "threads", "memory", "bound by"];
    let shown = if bound { heading.len() } else { heading.len() - 1 };
    table.set_header(&heading[..shown]);
    for row in verdict.table() {
        let cells = [
            row.label,
            row.throughput,
            row.level,
            row.p50,
            row.p99,
            row.cpu,
            row.threads,
            row.memory,
            row.bound,
        ];
        table.add_row(&cells[..shown]);
    }
    for column in 1..8 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}
