//! What the machine can do by its calibration, or that it has none.

use super::parts::{self, Column, Kind, Table};
use crate::analysis::Analysis;
use crate::calibration::{meaning, value, worst};
use crate::charts::drawing::svg::escape;
use crate::format;

const HEADING: &str = "<h3>What this machine can do</h3>\n";

/// A table with the limits below it; a remark where none was found; nothing in an older run.
pub(super) fn render(analysis: &Analysis) -> String {
    let Some(calibration) = &analysis.run.calibration else {
        let why = analysis.run.not_calibrated.as_deref().map(format::capital);
        return why.map_or(String::new(), |why| format!("{HEADING}{}", parts::note(&why)));
    };
    let mut table = Table::new(vec![
        Column { heading: "figure", kind: Kind::Word },
        Column { heading: "median", kind: Kind::Figure },
        Column { heading: "p99", kind: Kind::Figure },
        Column { heading: "what it is", kind: Kind::Sentence },
    ]);
    for figure in &calibration.figures {
        let cells = [figure.name.clone(), value(figure), worst(figure), meaning(figure)];
        table.row(&cells.map(|cell| escape(&cell)), figure.failed.is_none());
    }
    let limits: String = calibration.limits.iter().map(|limit| parts::note(limit)).collect();
    let made = parts::note(&format!("Calibrated on {}", format::date(&calibration.made)));
    format!("{HEADING}{limits}{}{made}", table.done("Figures of the machine's calibration", ""))
}
