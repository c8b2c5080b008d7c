//! A pool worker that waits in `join` may run another request on its own stack.

use super::{Finding, Rule, at_level};
use crate::analysis::metric::{JOIN_NESTED, LATENCY_MEAN};
use crate::analysis::{Analysis, Point, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "nesting",
    doc: "how many requests were stacked on one pool worker that waited in join, and for how long",
    find,
    answer: None,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    of(analysis).into_iter().collect()
}

fn of(analysis: &Analysis) -> Option<Finding> {
    let mut stacks: Vec<(&Series, &Point, u64)> =
        analysis.distinct().filter_map(|series| deepest(series)).collect();
    stacks.sort_by_key(|(_, _, depth)| std::cmp::Reverse(*depth));
    let (series, point, depth) = *stacks.first()?;
    let mut sentence = Sentence::new().text("One worker of ").model(series.index).text(format!(
        " had up to {} requests on its stack at {}: while it waits in join it takes up \
             another request, and the first cannot end before that one.{}",
        format::count(depth as f64),
        at_level(analysis, point.level),
        held_up(point)
    ));
    for (at, (series, point, depth)) in stacks[1..].iter().enumerate() {
        let joint = if at == 0 { " Of " } else { ", of " };
        sentence = sentence.text(joint).model(series.index).text(format!(
            " up to {} at {}",
            format::count(*depth as f64),
            at_level(analysis, point.level)
        ));
    }
    let sentence = if stacks.len() > 1 { sentence.text(".") } else { sentence };
    Some(Finding {
        key: RULE.key,
        figure: format::count(depth as f64),
        sentence: sentence.done(),
        different: true,
    })
}

/// The point with the deepest stack, if any is of more than one request.
fn deepest(series: &Series) -> Option<(&Series, &Point, u64)> {
    let deepest = |point: &Point| point.rows_used().filter_map(|row| row.join_depth_max).max();
    let points = series.trusted_points().filter_map(|point| Some((series, point, deepest(point)?)));
    points.max_by_key(|(_, _, depth)| *depth).filter(|(_, _, depth)| *depth > 1)
}

/// For how long, where the run says so.
fn held_up(point: &Point) -> String {
    let Some(held_ms) = point.median(&JOIN_NESTED) else { return String::new() };
    let of = point.median(&LATENCY_MEAN).filter(|latency_ms| *latency_ms > 0.0);
    let of =
        of.map_or(String::new(), |ms| format!(", of a mean latency of {}", format::millis(ms)));
    format!(" That held up a request for {} on average{of}.", format::millis(held_ms))
}
