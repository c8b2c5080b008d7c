//! Two runs compared, for the terminal.

use std::path::Path;

use comfy_table::presets;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use report::comparison::{Change, QUANTITIES, Regression, RunComparison, Weight};
use report::format;

/// Columns of words before the figures.
const WORDS: usize = 2;

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
pub(crate) fn regressions(compared: &RunComparison, found: &[Regression<'_>]) -> Vec<String> {
    let line = |one: &Regression<'_>| {
        format::plain(&format!(
            "regression: {} of {} at {}: {} ({})",
            one.change.quantity.metric.name,
            one.point.label,
            one.point.spot.words(compared.load()),
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

/// A row per model and point.
fn figures(compared: &RunComparison) -> String {
    let mut table = bare();
    let mut head = vec!["model".to_owned(), "at".to_owned()];
    for quantity in QUANTITIES {
        let name = quantity.metric.name;
        head.push(if quantity.primary { name.to_owned() } else { format!("{name} (exploratory)") });
        head.push("B ÷ A".to_owned());
    }
    table.set_header(head);
    for point in &compared.points {
        let mut cells = vec![point.label.clone(), point.spot.short(compared.load())];
        for quantity in QUANTITIES {
            cells.extend(cells_of(point.change(&quantity.metric)));
        }
        table.add_row(cells);
    }
    for column in (WORDS..WORDS + 2 * QUANTITIES.len()).step_by(2) {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// `1.20k/s → 1.31k/s` and `1.09× (95 %: 1.06 to 1.12) better`.
fn cells_of(change: Option<&Change>) -> [String; 2] {
    let Some(change) = change else { return [format::MISSING.to_owned(), String::new()] };
    [change.shown(), change.verdict()]
}

fn left_out(compared: &RunComparison) -> Option<String> {
    if compared.left_out.is_empty() {
        return None;
    }
    let mut table = bare();
    for out in &compared.left_out {
        table.add_row([out.place(compared.load()), out.what.to_owned(), out.reason.clone()]);
    }
    Some(format!("Not compared:\n{}", table.trim_fmt()))
}

fn bare() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}
