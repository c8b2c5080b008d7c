//! A pool worker that waits in `join` may run another request on its own stack.

use super::{Finding, Rule, at_level};
use crate::analysis::{Analysis, Point, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "nesting",
    doc: "how many requests were stacked on one pool worker that waited in join",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    analysis.series.iter().filter_map(|series| of(analysis, series)).collect()
}

fn of(analysis: &Analysis, series: &Series) -> Option<Finding> {
    let deepest = |point: &Point| point.rows_used().filter_map(|row| row.join_depth_max).max();
    let (level, depth) = series
        .trusted_points()
        .filter_map(|point| Some((point.level, deepest(point)?)))
        .max_by_key(|(_, depth)| *depth)
        .filter(|(_, depth)| *depth > 1)?;
    let sentence = Sentence::new()
        .text("Requests stacked on one worker of ")
        .model(series.index)
        .text(format!(
            " at {}: while it waits in join it takes up another request, and the first cannot \
             end before that one.",
            at_level(analysis, level)
        ));
    Some(Finding {
        key: RULE.key,
        figure: format::count(depth as f64),
        sentence: sentence.done(),
        different: true,
    })
}
