//! Remarks below a chart: what is hollow, crossed or left out, and why.

use measurement::row::Verdict;

use super::curve::Curve;
use crate::analysis::{Analysis, Point, Series};
use crate::format;

/// More remarks than this are summed up.
const MOST: usize = 4;

/// A sentence per model and verdict for the points that are not to be trusted.
pub(crate) fn doubts(analysis: &Analysis) -> Vec<String> {
    among(analysis, |_| true)
}

/// The same for a chart of one level.
pub(crate) fn doubts_at(analysis: &Analysis, level: f64) -> Vec<String> {
    among(analysis, |point| point.level.to_bits() == level.to_bits())
}

fn among(analysis: &Analysis, shown: impl Fn(&Point) -> bool) -> Vec<String> {
    let mut lines = Vec::new();
    for series in &analysis.series {
        let mut doubtful: Vec<&Point> =
            series.points.iter().filter(|p| !p.trusted() && shown(p)).collect();
        while let Some(first) = doubtful.first().copied() {
            let (same, rest): (Vec<&Point>, Vec<&Point>) =
                doubtful.into_iter().partition(|p| p.verdict == first.verdict);
            lines.push(sentence(analysis, series, &same));
            doubtful = rest;
        }
    }
    if lines.len() > MOST {
        let more = lines.len() - (MOST - 1);
        lines.truncate(MOST - 1);
        lines.push(format!(
            "{more} more are marked the same way; the reasons stand in the report’s run health"
        ));
    }
    lines
}

fn sentence(analysis: &Analysis, series: &Series, points: &[&Point]) -> String {
    let levels: Vec<f64> = points.iter().map(|p| p.level).collect();
    let at = analysis.axis().at_each(&levels);
    let (label, first) = (&series.model.label, points[0]);
    let reason = if first.reason.is_empty() { first.verdict.name() } else { &first.reason };
    // Reasons carry figures: the first stands for the others.
    let same = points.iter().all(|point| point.reason == first.reason);
    let reason = if same {
        reason.to_owned()
    } else {
        format!("{reason} (at {})", analysis.axis().word(levels[0]))
    };
    match first.verdict {
        Verdict::Exhausted => {
            format!("×: {label} at {at}: {}", exhausted(first).unwrap_or(reason))
        }
        Verdict::Failed => format!("Without a figure: {label} at {at}: {reason}"),
        _ => format!("Hollow: {label} at {at} is not to be trusted: {reason}"),
    }
}

/// `no threads beyond 9,800`.
pub(crate) fn exhausted(point: &Point) -> Option<String> {
    let most =
        point.rows.iter().filter_map(|row| row.exhausted.as_ref()).max_by_key(|out| out.reached)?;
    Some(format!("no {} beyond {}", most.resource, format::count(most.reached as f64)))
}

/// Which figures have no place on a log axis: a sentence for all models with the same levels.
pub(crate) fn dropped(analysis: &Analysis, what: &str, curves: &[Curve]) -> Vec<String> {
    let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for curve in curves.iter().filter(|curve| !curve.dropped.is_empty()) {
        let levels: Vec<String> =
            curve.dropped.iter().map(|level| analysis.axis().word(*level)).collect();
        let label = analysis.series[curve.model.index].model.label.clone();
        match groups.iter_mut().find(|(own, _)| *own == levels) {
            Some((_, labels)) => labels.push(label),
            None => groups.push((levels, vec![label])),
        }
    }
    let sentence = |(levels, labels): &(Vec<String>, Vec<String>)| {
        let (levels, labels) = (format::list(levels), format::list(labels));
        format!(
            "Not drawn: {what} of {labels} at {levels}, zero or less, which has no place on a log axis"
        )
    };
    groups.iter().map(sentence).collect()
}
