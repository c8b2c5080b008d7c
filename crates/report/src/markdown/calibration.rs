//! What the machine can do by its calibration, or that it has none.

use super::escape::escaped;
use super::table::{Align, Table};
use crate::analysis::Analysis;
use crate::calibration::{meaning, value, worst};
use crate::format;

/// The limits and the figures; one line where none was found; nothing in an older run.
pub(super) fn sections(analysis: &Analysis) -> Vec<String> {
    let Some(calibration) = &analysis.run.calibration else {
        // This program's own words: a command in them stands in backticks.
        let words = |why| escaped(&sentence(why)).replace("\\`", "`");
        return analysis.run.not_calibrated.as_deref().map(words).into_iter().collect();
    };
    let mut table = Table::new(&[
        ("figure", Align::Left),
        ("median", Align::Right),
        ("p99", Align::Right),
        ("what it is", Align::Left),
    ]);
    for figure in &calibration.figures {
        let cells = [figure.name.clone(), value(figure), worst(figure), meaning(figure)];
        table.row(cells.iter().map(|cell| escaped(cell)).collect());
    }
    let limits: Vec<String> =
        calibration.limits.iter().map(|limit| format!("- {}", escaped(limit))).collect();
    vec![
        format!("What this machine can do, calibrated on {}:", format::date(&calibration.made)),
        limits.join("\n"),
        table.render(),
    ]
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    format!("{}.", format::capital(text))
}
