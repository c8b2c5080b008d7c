//! How far repeats of one point lie apart on this machine, and CPU time stolen by its host.

use super::{Finding, Rule, at_level};
use crate::analysis::Analysis;
use crate::analysis::metric::THROUGHPUT;
use crate::format;
use crate::sentence::Sentence;
use crate::stats::median;

pub(super) const RULE: Rule = Rule {
    key: "noise",
    doc: "how far repeats lie apart on this machine, and stolen CPU time",
    find,
};

/// Stolen CPU time from which a trial is worth a remark.
const STEAL: f64 = 0.05;

fn find(analysis: &Analysis) -> Vec<Finding> {
    spread(analysis).into_iter().chain(steal(analysis)).collect()
}

/// Highest over lowest throughput of the repeats of a point, over all trusted points.
fn spread(analysis: &Analysis) -> Option<Finding> {
    let mut apart = Vec::new();
    let mut widest: Option<(usize, f64, f64)> = None;
    for series in &analysis.series {
        for point in series.trusted_points() {
            let Some(estimate) = point.estimate(&THROUGHPUT).filter(|e| e.n() >= 2) else {
                continue;
            };
            let (low, high) = estimate.range();
            if low <= 0.0 {
                continue;
            }
            let by = high / low - 1.0;
            apart.push(by);
            if widest.is_none_or(|(_, _, most)| by > most) {
                widest = Some((series.index, point.level, by));
            }
        }
    }
    let (model, level, most) = widest?;
    let sentence = Sentence::new()
        .text(
            "Repeats of one point lie this far apart in throughput, by the median point; at most ",
        )
        .text(format::percent(most))
        .text(", under ")
        .model(model)
        .text(format!(" at {}. Smaller differences drown in it.", at_level(analysis, level)));
    Some(Finding {
        key: RULE.key,
        figure: format::percent(median(&apart)?),
        sentence: sentence.done(),
        different: false,
    })
}

fn steal(analysis: &Analysis) -> Option<Finding> {
    let rows: Vec<f64> = analysis.rows.iter().filter_map(|row| row.steal).collect();
    let over = rows.iter().filter(|share| **share > STEAL).count();
    let most = rows.iter().copied().fold(0.0, f64::max);
    (over > 0).then(|| Finding {
        key: RULE.key,
        figure: format::percent(most),
        sentence: Sentence::new()
            .text(format!(
                "Of CPU time stolen by the machine's host in the worst trial; over {} in {} of {} \
                 trials. Their figures carry that noise.",
                format::percent(STEAL),
                format::count(over as f64),
                format::count(rows.len() as f64)
            ))
            .done(),
        different: true,
    })
}
