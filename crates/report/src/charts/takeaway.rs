//! What titles say: who leads, by how much, and up to where the models are alike.
//!
//! Titles follow the corrected comparisons of the analysis: no lead without an interval that leaves
//! out 1, alike only where the comparison says so.

use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Comparison, Metric, Place, Series};
use crate::stats::Decision;

/// The series that have any trusted point.
pub(crate) fn measured(analysis: &Analysis) -> Vec<&Series> {
    analysis.series.iter().filter(|series| series.trusted_points().next().is_some()).collect()
}

/// The highest level up to which the baseline and every other model are alike in throughput, at it and
/// at every lower level that was measured; `None` if they never are.
pub(crate) fn alike_up_to(analysis: &Analysis) -> Option<f64> {
    let base = analysis.baseline()?.index;
    let others: Vec<usize> =
        measured(analysis).iter().map(|s| s.index).filter(|i| *i != base).collect();
    if others.is_empty() {
        return None;
    }
    let alike = |level: &f64| {
        others.iter().all(|other| {
            analysis
                .comparison(&THROUGHPUT, *other, Place::Level(*level))
                .is_some_and(|comparison| comparison.decision == Decision::Alike)
        })
    };
    analysis.levels().into_iter().take_while(alike).last()
}

/// The largest difference called at peak throughput: the baseline over the model it beats the most.
pub(crate) fn widest_lead(analysis: &Analysis) -> Option<&Comparison> {
    analysis
        .comparisons()
        .iter()
        .filter(|c| c.metric.key == THROUGHPUT.key && c.place == Place::Peaks)
        .filter(|c| c.decision == Decision::Different)
        .max_by(|a, b| a.ratio.ratio.total_cmp(&b.ratio.ratio))
}

/// The pair that differs most in a metric at the highest level where all that can be compared are
/// trusted: the one with the most, the one with the least, that level.
pub(crate) fn extremes<'a>(analysis: &'a Analysis, metric: &Metric) -> Option<Extremes<'a>> {
    let measured = measured(analysis);
    let level = common_level(analysis, &measured)?;
    let mut at: Vec<(&Series, f64)> = measured
        .into_iter()
        .filter_map(|series| {
            Some((series, series.point(level).filter(|p| p.trusted())?.median(metric)?))
        })
        .collect();
    at.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (least, most) = (*at.first()?, *at.last()?);
    let comparison = (at.len() > 1)
        .then(|| analysis.compare(metric, most.0.index, least.0.index, level))
        .flatten();
    Some(Extremes { level, least, most, comparison })
}

/// See [`extremes`].
pub(crate) struct Extremes<'a> {
    /// Where.
    pub(crate) level: f64,
    /// The model with the least, and its median.
    pub(crate) least: (&'a Series, f64),
    /// The model with the most, and its median.
    pub(crate) most: (&'a Series, f64),
    /// Most ÷ least; `None` with one model or without pairs.
    pub(crate) comparison: Option<Comparison>,
}

impl Extremes<'_> {
    /// The ratio, if it may be called a difference.
    pub(crate) fn different(&self) -> Option<&Comparison> {
        self.comparison.as_ref().filter(|c| c.decision == Decision::Different)
    }
}

/// The highest level where every measured model is trusted, else where the most of them are.
fn common_level(analysis: &Analysis, measured: &[&Series]) -> Option<f64> {
    analysis.highest_common_trusted(measured).or_else(|| {
        let trusted = |level: f64| {
            measured.iter().filter(|s| s.point(level).is_some_and(|p| p.trusted())).count()
        };
        // `max_by_key` keeps the last of equals: the highest level.
        analysis
            .levels()
            .into_iter()
            .max_by_key(|level| trusted(*level))
            .filter(|level| trusted(*level) > 0)
    })
}
