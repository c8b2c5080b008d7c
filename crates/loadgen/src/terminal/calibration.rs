//! The table that `loadgen calibrate` prints.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use measurement::calibration::Calibration;
use report::calibration::{value, worst};
use report::format;

/// Figure, value, what it means; then the limits, a sentence each.
pub(crate) fn of(calibration: &Calibration) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["figure", "median", "p99", "what it is"]);
    for figure in &calibration.figures {
        let doc = match &figure.failed {
            None => figure.doc.clone(),
            Some(why) => format!("not measured: {why}"),
        };
        table.add_row([figure.name.clone(), value(figure), worst(figure), doc]);
    }
    for column in 1..3 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut blocks = vec![table.trim_fmt(), calibration.limits.join("\n")];
    blocks.push(format!("{}; took {:.0} s\n", calibration.machine, calibration.took_s));
    format::plain(&blocks.join("\n\n"))
}
