//! That there are too few repeats for an interval, and what follows.

use super::{Finding, Rule};
use crate::analysis::{Analysis, Series};
use crate::sentence::Sentence;
use crate::stats::LEAST_REPEATS;

pub(super) const RULE: Rule = Rule {
    key: "repeats",
    doc: "that there are too few repeats for intervals, and what follows",
    find,
    answer: None,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    let points = analysis.series.iter().flat_map(Series::trusted_points);
    let most = points.map(|point| point.rows_used().count()).max().unwrap_or(0);
    if most == 0 || most >= LEAST_REPEATS {
        return Vec::new();
    }
    let plural = if most == 1 { "Repeat" } else { "Repeats" };
    let quick = if analysis.run.quick { " The run was shortened by --quick." } else { "" };
    let sentence = Sentence::new().text(format!(
        "{plural} of a trial to be trusted, at most: too few for an interval, which takes \
         {LEAST_REPEATS}, so no ratio here is a verdict.{quick}"
    ));
    vec![Finding {
        key: RULE.key,
        figure: most.to_string(),
        sentence: sentence.done(),
        different: false,
    }]
}
