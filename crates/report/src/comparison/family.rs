//! What is compared, and what may be said of it after correction for all the tests made at once.

use super::points::MatchedPoint;
use super::ratio::{Pairing, RunRatio};
use crate::analysis::metric::{CPU_PER_REQUEST, LATENCY_P99, RSS_PEAK, THROUGHPUT};
use crate::analysis::{Estimate, Metric, Point};
use crate::format::{self, NBSP};
use crate::stats::{Decision, decide_on, holm};

/// A figure that runs are compared by.
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    /// How it is read off a row.
    pub metric: Metric,
    /// Whether more of it is better.
    pub more_is_better: bool,
    /// Primary figures are corrected for each other and may be called a regression; others are
    /// exploratory.
    pub primary: bool,
}

/// The figures, in the order of tables. The primary ones come first.
pub const QUANTITIES: [Quantity; 4] = [
    Quantity { metric: THROUGHPUT, more_is_better: true, primary: true },
    Quantity { metric: LATENCY_P99, more_is_better: false, primary: true },
    Quantity { metric: CPU_PER_REQUEST, more_is_better: false, primary: false },
    Quantity { metric: RSS_PEAK, more_is_better: false, primary: false },
];

/// The primary ones.
pub const PRIMARY: [Quantity; 2] = [QUANTITIES[0], QUANTITIES[1]];

/// One figure at one point, before and after.
#[derive(Debug, Clone)]
pub struct Change {
    /// Which.
    pub quantity: Quantity,
    /// Before.
    pub before: Estimate,
    /// After.
    pub after: Estimate,
    /// After ÷ before.
    pub ratio: RunRatio,
    /// What may be said of it.
    pub decision: Decision,
}

impl Change {
    /// Of two points; `None` where either lacks the figure.
    pub(super) fn of(
        quantity: Quantity,
        before: &Point,
        after: &Point,
        pairing: &Pairing,
    ) -> Option<Self> {
        let ratio = RunRatio::of(&quantity.metric, before, after, pairing)?;
        Some(Self {
            before: before.estimate(&quantity.metric)?,
            after: after.estimate(&quantity.metric)?,
            decision: decide_on(ratio.ratio, ratio.interval, None),
            ratio,
            quantity,
        })
    }

    /// How far the ratio lies from 1, whichever way: 1.25 for 25 %.
    pub fn effect(&self) -> f64 {
        self.ratio.ratio.max(self.ratio.ratio.recip())
    }

    /// Whether the change, if it is one, is for the worse.
    pub fn worse(&self) -> bool {
        (self.ratio.ratio < 1.0) == self.quantity.more_is_better
    }

    /// `1.20k/s → 1.31k/s`.
    pub fn shown(&self) -> String {
        let metric = &self.quantity.metric;
        format!("{} → {}", self.before.show(metric), self.after.show(metric))
    }

    /// `95 %: 0.78 to 0.83`; where there is no interval, the range of the repeats' ratios.
    pub fn evidence(&self) -> String {
        let ratio = &self.ratio;
        match (ratio.interval, ratio.range) {
            (Some(interval), _) => format!("95{NBSP}%: {}", format::interval(interval)),
            (None, Some(_)) if ratio.repeats == (1, 1) => "one repeat".to_owned(),
            (None, Some(range)) => format!("range {}", format::interval(range)),
            (None, None) => "pooled".to_owned(),
        }
    }

    /// `1.09× (95 %: 1.06 to 1.12) better`.
    pub fn verdict(&self) -> String {
        format!("{} ({}) {}", format::ratio(self.ratio.ratio), self.evidence(), self.words())
    }

    /// `better`, `worse`, `alike`, … in a word or two.
    pub fn words(&self) -> &'static str {
        match self.decision {
            Decision::Different if self.worse() => "worse",
            Decision::Different => "better",
            Decision::Alike => "alike",
            Decision::NotToldApart => "not told apart",
            Decision::NotEnoughRepeats | Decision::CutShort => "no claim",
        }
    }
}

/// The points with their primary figures decided after Holm's correction: one family per figure,
/// over all models and levels.
pub(super) fn decided(mut points: Vec<MatchedPoint>) -> Vec<MatchedPoint> {
    for quantity in PRIMARY {
        let own = |change: &&mut Change| change.quantity.metric.key == quantity.metric.key;
        let mut family: Vec<&mut Change> = points
            .iter_mut()
            .flat_map(|point| &mut point.changes)
            .filter(own)
            .filter(|change| change.ratio.p.is_some())
            .collect();
        let p_values: Vec<f64> = family.iter().filter_map(|change| change.ratio.p).collect();
        for (change, adjusted) in family.iter_mut().zip(holm(&p_values)) {
            change.decision = decide_on(change.ratio.ratio, change.ratio.interval, Some(adjusted));
        }
    }
    points
}
