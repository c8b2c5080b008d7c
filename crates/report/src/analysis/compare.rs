//! Model against model: ratios paired by repeat, and what may be said of them.

use super::metric::{LATENCY_P99, Metric, THROUGHPUT};
use super::{Analysis, Bound, Point, keeps_up};
use crate::stats::{Decision, PairedRatio, decide, holm, paired_ratio};

/// A ratio of two models with its decision.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// What is compared.
    pub metric: Metric,
    /// Position in `Analysis::series` of the model above the line.
    pub of: usize,
    /// Position of the model below it.
    pub over: usize,
    /// Where.
    pub place: Place,
    /// The ratio, paired by repeat.
    pub ratio: PairedRatio,
    /// What may be said.
    pub decision: Decision,
}

/// Where two models are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// At one level.
    Level(f64),
    /// Each at its own peak throughput.
    Peaks,
}

impl Analysis {
    /// The ratio `of ÷ over` of a metric at one level, by position in `series`; exploratory: not
    /// corrected for other tests. Works on untrusted points too; callers draw those hollow.
    pub fn compare(
        &self,
        metric: &Metric,
        of: usize,
        over: usize,
        level: f64,
    ) -> Option<Comparison> {
        let (a, b) = (self.series.get(of)?.point(level)?, self.series.get(over)?.point(level)?);
        let ratio = ratio_of(metric, a, b)?;
        let decision = decide(&ratio, None);
        Some(Comparison { metric: *metric, of, over, place: Place::Level(level), ratio, decision })
    }

    /// The primary comparison of the baseline with `other` at a place, if both are trusted there.
    pub fn comparison(&self, metric: &Metric, other: usize, place: Place) -> Option<&Comparison> {
        self.comparisons.iter().find(|comparison| {
            comparison.metric.key == metric.key
                && comparison.over == other
                && comparison.place == place
        })
    }
}

/// The primary comparisons of an analysis whose baseline is chosen: one family per metric.
pub(super) fn primary(analysis: &Analysis) -> Vec<Comparison> {
    let families = [THROUGHPUT, LATENCY_P99].map(|metric| candidates(analysis, &metric));
    families.into_iter().flat_map(corrected).collect()
}

/// One family with every decision after Holm's correction.
pub(super) fn corrected(mut tests: Vec<Comparison>) -> Vec<Comparison> {
    let with_p: Vec<usize> =
        (0..tests.len()).filter(|&at| tests[at].ratio.p.is_some() && open(&tests[at])).collect();
    let p_values: Vec<f64> = with_p.iter().filter_map(|&at| tests[at].ratio.p).collect();
    for (at, adjusted) in with_p.into_iter().zip(holm(&p_values)) {
        tests[at].decision = decide(&tests[at].ratio, Some(adjusted));
    }
    tests
}

/// Whether a test is still to be decided.
fn open(comparison: &Comparison) -> bool {
    comparison.decision != Decision::CutShort
}

fn candidates(analysis: &Analysis, metric: &Metric) -> Vec<Comparison> {
    let Some(of) = analysis.baseline else { return Vec::new() };
    let best = &analysis.series[of];
    let mut tests = Vec::new();
    let others = analysis.distinct().filter(|series| series.index != of);
    for other in others.filter(|series| analysis.comparable(best, series)) {
        let over = other.index;
        let mut push = |place, a: &Point, b: &Point| {
            if let Some(ratio) = ratio_of(metric, a, b) {
                // Where the mock ended the other's climb, its peak says nothing of its own.
                let cut_short = place == Place::Peaks && other.bound() == Bound::Upstream;
                let decision = if cut_short { Decision::CutShort } else { decide(&ratio, None) };
                tests.push(Comparison { metric: *metric, of, over, place, ratio, decision });
            }
        };
        // Peaks over different levels say nothing of each other, nor do those of a sweep.
        let peaks = metric.key == THROUGHPUT.key
            && analysis.axis().is_load()
            && best.model.levels == other.model.levels;
        if let (true, Some(a), Some(b)) = (peaks, best.peak(), other.peak()) {
            push(Place::Peaks, a.point, b.point);
        }
        for a in best.trusted_points() {
            if let Some(b) = other.point(a.level).filter(|b| both_fit(metric, a, b)) {
                push(Place::Level(a.level), a, b);
            }
        }
    }
    tests
}

/// Whether a metric of two points may be compared: both are to be trusted, and keep up with what is
/// offered if it is a latency. Where one does not, its latency is that of a window of this length.
pub(super) fn both_fit(metric: &Metric, a: &Point, b: &Point) -> bool {
    let any = metric.key == THROUGHPUT.key;
    [a, b].iter().all(|point| point.trusted() && (any || keeps_up(point) != Some(false)))
}

/// `None` also of a percentile pooled over repeats: those that have one of their own are the ones
/// with the most requests, and another sample than the pool.
pub(super) fn ratio_of(metric: &Metric, a: &Point, b: &Point) -> Option<PairedRatio> {
    let own = |point: &Point| point.estimate(metric).filter(|estimate| !estimate.pooled());
    paired_ratio(&own(a)?.repeats, &own(b)?.repeats)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Histograms, TrialCounts};
    use crate::testing::Fixture;

    fn places(analysis: &Analysis, metric: &Metric) -> Vec<(usize, f64)> {
        let own = analysis.comparisons().iter().filter(|c| c.metric.key == metric.key);
        own.filter_map(|c| match c.place {
            Place::Level(level) => Some((c.over, level)),
            Place::Peaks => None,
        })
        .collect()
    }

    #[test]
    fn latencies_are_compared_at_rates_that_both_keep_up_with() {
        let analysis = Fixture::open().analysis();
        let (rates, p99s) = (places(&analysis, &THROUGHPUT), places(&analysis, &LATENCY_P99));
        let over = |at: usize| analysis.series[at].overload_rps().unwrap_or(f64::INFINITY);
        let best = analysis.baseline().expect("has one").index;
        let kept = |&&(other, rate): &&(usize, f64)| rate < over(other).min(over(best));
        assert!(!p99s.is_empty() && p99s.len() < rates.len());
        assert_eq!(p99s, rates.iter().filter(kept).copied().collect::<Vec<_>>());
    }

    #[test]
    fn a_pooled_percentile_has_no_pairs() {
        let mut fixture = Fixture::high_latency().models(&["tokio", "rayon-256"]);
        let before = fixture.clone().analysis();
        let (other, level) = places(&before, &LATENCY_P99)[0];
        let mut histograms = Histograms::new();
        for row in &mut fixture.rows {
            let latency = (1..=2_000_u64).map(|ms| (ms * 1_000_000, 1)).collect();
            histograms.insert(row.order, TrialCounts { latency, ..TrialCounts::default() });
            if row.concurrency == Some(level as u32) && row.repeat == 1 {
                row.latency_p99_ms = None;
            }
        }
        let analysis = Analysis::with_histograms(fixture.run, fixture.rows, &histograms);
        let point = analysis.series[other].point(level).expect("measured");
        assert!(point.estimate(&LATENCY_P99).is_some_and(|estimate| estimate.pooled()));
        assert!(!places(&analysis, &LATENCY_P99).contains(&(other, level)));
        assert!(places(&analysis, &THROUGHPUT).contains(&(other, level)));
    }
}
