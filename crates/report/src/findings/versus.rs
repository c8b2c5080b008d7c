//! Shared by several rules: the baseline against its closest rival by one metric, at the highest
//! level where both are to be trusted.

use super::{evidence, reciprocal};
use crate::analysis::metric::{LATENCY_P99, THROUGHPUT};
use crate::analysis::{Analysis, Comparison, Metric, Place, Point, Series, keeps_up};
use crate::sentence::Sentence;
use crate::stats::{Decision, PairedRatio};

/// The rival's figure over the baseline's, at one level.
pub(super) struct Versus {
    pub(super) best: usize,
    pub(super) rival: usize,
    pub(super) level: f64,
    /// Medians over the repeats.
    pub(super) best_value: f64,
    pub(super) rival_value: f64,
    /// Rival ÷ baseline.
    pub(super) ratio: PairedRatio,
    pub(super) decision: Decision,
    /// Other models trusted at that level, with their figures.
    pub(super) others: Vec<(usize, f64)>,
}

impl Versus {
    /// `None` where there is no second model, or no level at which both have the metric.
    pub(super) fn of(analysis: &Analysis, metric: &Metric) -> Option<Self> {
        let best = analysis.baseline()?;
        analysis.rivals().into_iter().find_map(|rival| Self::at(analysis, metric, best, rival))
    }

    fn at(analysis: &Analysis, metric: &Metric, best: &Series, rival: &Series) -> Option<Self> {
        let comparison = highest_common(analysis, metric, best, rival)?;
        let Place::Level(level) = comparison.place else { return None };
        let value = |series: &Series| trusted(series, level)?.median(metric);
        let others = analysis
            .distinct()
            .filter(|series| series.index != best.index && series.index != rival.index)
            .filter_map(|series| Some((series.index, value(series)?)))
            .collect();
        Some(Self {
            best: best.index,
            rival: rival.index,
            level,
            best_value: value(best)?,
            rival_value: value(rival)?,
            ratio: reciprocal(&comparison.ratio),
            decision: comparison.decision,
            others,
        })
    }

    /// Whether the figure is to be called a difference.
    pub(super) fn different(&self) -> bool {
        self.decision == Decision::Different
    }

    /// `95 %: 8.27 to 13.1`, and that the figure is not to be called a difference where it is not.
    pub(super) fn evidence(&self) -> String {
        let verdict = match self.decision {
            Decision::NotToldApart => "; no difference to call",
            Decision::Alike => "; alike",
            Decision::Different | Decision::NotEnoughRepeats => "",
            Decision::CutShort => "; at most this",
        };
        format!("{}{verdict}", evidence(&self.ratio))
    }

    /// Appends `; a 78 µs, b 12 µs` for the models beyond the two compared.
    pub(super) fn others(&self, mut sentence: Sentence, metric: &Metric) -> Sentence {
        for (at, &(model, value)) in self.others.iter().enumerate() {
            let joint = if at == 0 { "; " } else { ", " };
            sentence = sentence.text(joint).model(model).text(" ").text(metric.show(value));
        }
        sentence
    }
}

/// The model's point at a level, if it is to be trusted.
pub(super) fn trusted(series: &Series, level: f64) -> Option<&Point> {
    // In an open loop figures past a model's capacity grow with the length of the run.
    series.point(level).filter(|point| point.trusted() && keeps_up(point) != Some(false))
}

/// Baseline ÷ rival at the highest level where both are trusted and have the metric: from the
/// corrected comparisons for a primary metric, else on its own.
fn highest_common(
    analysis: &Analysis,
    metric: &Metric,
    best: &Series,
    rival: &Series,
) -> Option<Comparison> {
    let primary = [THROUGHPUT.key, LATENCY_P99.key].contains(&metric.key);
    analysis.single_levels().into_iter().find_map(|level| {
        trusted(best, level)?;
        trusted(rival, level)?;
        if primary {
            analysis.comparison(metric, rival.index, Place::Level(level)).cloned()
        } else {
            analysis.compare(metric, best.index, rival.index, level)
        }
    })
}
