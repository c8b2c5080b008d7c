//! That there are too few repeats for an interval, and what follows.

use super::{Finding, Rule};
use crate::analysis::Analysis;
use crate::sentence::Sentence;
use crate::stats::LEAST_REPEATS;

pub(super) const RULE: Rule = Rule {
    key: "repeats",
    doc: "that there are too few repeats for intervals, and what follows",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    let points = analysis.series.iter().flat_map(|series| series.trusted_points());
    let most = points.map(|point| point.rows_used().count()).max().unwrap_or(0);
    if most == 0 || most >= LEAST_REPEATS {
        return Vec::new();
    }
    let (plural, quick) = (
        if most == 1 { "repeat" } else { "repeats" },
        if analysis.run.quick { " The run was shortened by --quick." } else { "" },
    );
    let sentence = Sentence::new().text(format!(
        "{plural} of a trial at most: too few for an interval, so ratios here are no verdict. \
         An interval takes {LEAST_REPEATS}.{quick}"
    ));
    vec![Finding {
        key: RULE.key,
        figure: most.to_string(),
        sentence: sentence.done(),
        different: false,
    }]
}
