//! Where the mock, not the model, is the limit: the model reaches at least what was measured.

use measurement::row::Verdict;

use super::{Finding, Rule, at_level};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Bound, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "upstream-limited",
    doc: "where the mock did not keep up, so that a model reaches at least what was measured",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    analysis.series.iter().filter_map(|series| of(analysis, series)).collect()
}

fn of(analysis: &Analysis, series: &Series) -> Option<Finding> {
    if series.bound() != Bound::Upstream {
        return None;
    }
    // Below the peak such a point takes nothing away: the count of doubtful trials tells of it.
    let trusted = series.peak();
    let above = trusted.as_ref().map_or(0.0, |peak| peak.point.level);
    let point = series
        .points
        .iter()
        .find(|point| point.verdict == Verdict::UpstreamLimited && point.level > above)?;
    let (figure, what) = match &trusted {
        Some(peak) => (
            format::rate(peak.throughput.median),
            format!(" reaches at least this, at {}: from", at_level(analysis, peak.point.level)),
        ),
        None => (
            format::rate(point.median(&THROUGHPUT)?),
            " was measured at this where the mock was the limit: at".to_owned(),
        ),
    };
    let sentence = Sentence::new()
        .model(series.index)
        .text(format!(
            "{what} {} the mock did not keep up, so the figures there say nothing of the model.",
            at_level(analysis, point.level)
        ))
        .muted(&point.reason);
    Some(Finding { key: RULE.key, figure, sentence: sentence.done(), different: true })
}
