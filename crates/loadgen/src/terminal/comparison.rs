//! Two runs compared, for the terminal.

use std::path::Path;

use comfy_table::presets;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use report::comparison::{Change, QUANTITIES, Regression, RunComparison, Weight};
use report::format;

/// The columns of level, throughput and p99, which stand to the right.
const RIGHT: [usize; 3] = [1, 2, 4];

/// What differs between the runs, the answer, the table of ratios, what was left out, and where the
/// files lie.
pub(crate) fn of(compared: &RunComparison, out: Option<&Path>) -> String {
    let mut blocks = vec![runs(compared)];
    let warnings = compared.warnings();
    if !warnings.is_empty() {
        blocks
            .push(warnings.iter().map(|w| format!("WARNING: {w}")).collect::<Vec<_>>().join("\n"));
    }
    blocks.push(compared.headline());
    blocks.push(figures(compared));
    blocks.extend(left_out(compared));
    blocks.push(compared.remarks().join("\n"));
    if let Some(out) = out {
        blocks.push(format!("comparison: {}", out.join("compare.html").display()));
    }
    format::plain(&blocks.join("\n\n")) + "\n"
}

/// A line for every regression, the largest first.
pub(crate) fn regressions(found: &[Regression<'_>]) -> Vec<String> {
    let line = |one: &Regression<'_>| {
        format::plain(&format!(
            "regression: {} of {} at {}: {} ({})",
            one.change.quantity.metric.name,
            one.point.label,
            one.point.spot.text,
            format::ratio(one.change.ratio.ratio),
            one.change.evidence(),
        ))
    };
    found.iter().map(line).collect()
}

/// Points that the run before has trusted, and the run after has not or not trusted.
pub(crate) fn lost(compared: &RunComparison) -> usize {
    compared.left_out.iter().filter(|out| out.lost).count()
}

/// The two runs and what differs between them.
fn runs(compared: &RunComparison) -> String {
    let mut table = bare();
    table.add_row(["", "before", "after"]);
    table.add_row(["run", &compared.before.name, &compared.after.name]);
    for condition in &compared.conditions {
        let mark = if condition.weight == Weight::Grave { "! " } else { "" };
        table.add_row([&format!("{mark}{}", condition.what), &condition.before, &condition.after]);
    }
    table.trim_fmt()
}

/// A row per model and point: primary figures with their verdict, of the others the ratio alone.
fn figures(compared: &RunComparison) -> String {
    let mut table = bare();
    let mut head = vec!["model", "at"];
    for quantity in QUANTITIES {
        head.push(quantity.metric.name);
        if quantity.primary {
            head.push("after ÷ before");
        }
    }
    table.set_header(head);
    for point in &compared.points {
        let mut cells = vec![point.label.clone(), point.spot.short(compared.load())];
        for quantity in QUANTITIES {
            let change = point.change(&quantity.metric);
            let or = |text: Option<String>| text.unwrap_or_else(|| format::MISSING.to_owned());
            if quantity.primary {
                cells.push(or(change.map(Change::shown)));
                cells.push(change.map(Change::verdict).unwrap_or_default());
            } else {
                cells.push(or(change.map(exploratory)));
            }
        }
        table.add_row(cells);
    }
    for figures in RIGHT {
        if let Some(column) = table.column_mut(figures) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let names: Vec<String> = QUANTITIES
        .iter()
        .filter(|quantity| !quantity.primary)
        .map(|quantity| quantity.metric.name.to_owned())
        .collect();
    format!("{}\nExploratory, not corrected: {}.", table.trim_fmt(), format::list(&names))
}

/// `0.45× (0.224 to 0.912)`: the ratio of an exploratory figure.
fn exploratory(change: &Change) -> String {
    let ratio = format::ratio(change.ratio.ratio);
    match change.ratio.interval {
        Some(interval) => format!("{ratio} ({})", format::interval(interval)),
        None => ratio,
    }
}

fn left_out(compared: &RunComparison) -> Option<String> {
    if compared.left_out.is_empty() {
        return None;
    }
    let mut table = bare();
    for line in compared.left_out_lines() {
        table.add_row(line);
    }
    Some(format!("Not compared:\n{}", table.trim_fmt()))
}

fn bare() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}
