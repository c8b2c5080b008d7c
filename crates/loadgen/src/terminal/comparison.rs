//! Two runs compared, for the terminal.

use std::path::Path;

use comfy_table::presets;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use report::comparison::{QUANTITIES, Quantity, Regression, RunComparison, Weight};
use report::format;

/// What differs between the runs, the answer, a table of ratios for each figure, what was left out,
/// and where the files lie.
pub(crate) fn of(compared: &RunComparison, out: Option<&Path>) -> String {
    let mut blocks = vec![runs(compared)];
    let warnings = compared.warnings();
    if !warnings.is_empty() {
        blocks
            .push(warnings.iter().map(|w| format!("WARNING: {w}")).collect::<Vec<_>>().join("\n"));
    }
    blocks.push(compared.plain(&compared.headline()));
    blocks.extend(QUANTITIES.iter().filter_map(|quantity| figures(compared, quantity)));
    blocks.extend(left_out(compared));
    blocks.push(compared.caveats().join("\n"));
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

/// A row per model and point with one figure; `None` where no point has it.
fn figures(compared: &RunComparison, quantity: &Quantity) -> Option<String> {
    let mut table = bare();
    let ratio = "after ÷ before";
    let heading = compared.at_heading();
    table.set_header(["model", &heading, "before", "after", ratio, "95 % interval", ""]);
    let mut model = None;
    for point in &compared.points {
        let Some(change) = point.change(&quantity.metric) else { continue };
        // Of a model's rows the first alone names it.
        let label = if model == Some(point.index) { "" } else { point.label.as_str() };
        model = Some(point.index);
        table.add_row([
            label.to_owned(),
            point.spot.word.clone(),
            change.before.show(&quantity.metric),
            change.after.show(&quantity.metric),
            format::ratio(change.ratio.ratio),
            change.evidence().replace("95\u{a0}%: ", ""),
            change.words().to_owned(),
        ]);
    }
    model?;
    for column in table.column_iter_mut().skip(1).take(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let exploratory = if quantity.primary { "" } else { " (exploratory, not corrected)" };
    Some(format!("{}{exploratory}\n{}", quantity.metric.name, table.trim_fmt()))
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
