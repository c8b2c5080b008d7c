//! One figure after ÷ before: paired by repeat where both runs meet the same luck.

use measurement::run::RunInfo;

use crate::analysis::{Estimate, Metric, Point};
use crate::stats::{paired_ratio, unpaired_ratio};

/// Whether repeats are paired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pairing {
    /// Same seed and same draws: repeat k of one run met the luck of repeat k of the other.
    Paired,
    /// Not so; why, as a fragment: `the seeds differ (1 and 2)`.
    Unpaired(String),
}

impl Pairing {
    /// In two words.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Paired => "paired by repeat",
            Self::Unpaired(_) => "not paired",
        }
    }

    /// The draws are a function of seed, repeat, upstream and id; in an open loop arrivals are one of
    /// seed, repeat and rate. They are the same where the scenario is, or where all of that is.
    pub(super) fn of(before: &RunInfo, after: &RunInfo) -> Self {
        let (a, b) = (&before.scenario, &after.scenario);
        if a.seed != b.seed {
            return Self::Unpaired(format!("the seeds differ ({} and {})", a.seed, b.seed));
        }
        if a.hash == b.hash {
            return Self::Paired;
        }
        if a.upstreams != b.upstreams {
            return Self::Unpaired("the upstreams differ".to_owned());
        }
        if (&a.arrivals, &a.stages) != (&b.arrivals, &b.stages) {
            return Self::Unpaired("the arrivals differ".to_owned());
        }
        Self::Paired
    }
}

/// After ÷ before.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRatio {
    /// Geometric mean of the pairs' ratios, or the ratio of the geometric means; of a pooled
    /// percentile the ratio of the two.
    pub ratio: f64,
    /// 95 % interval; `None` with fewer than three repeats on either side.
    pub interval: Option<(f64, f64)>,
    /// Two-sided p value of "the ratio is 1", not corrected.
    pub p: Option<f64>,
    /// Ratio of each pair: (repeat, after ÷ before); empty where not paired.
    pub pairs: Vec<(u32, f64)>,
    /// Least and greatest ratio that the repeats make; `None` for a pooled percentile.
    pub range: Option<(f64, f64)>,
    /// Repeats before and after that it rests on.
    pub repeats: (usize, usize),
}

impl RunRatio {
    /// Of two points; `None` where either has no such figure, or none above zero, or where repeats are
    /// paired and none has a partner.
    pub(super) fn of(
        metric: &Metric,
        before: &Point,
        after: &Point,
        pairing: &Pairing,
    ) -> Option<Self> {
        let (a, b) = (before.estimate(metric)?, after.estimate(metric)?);
        let positive = |estimate: &Estimate| estimate.median.is_finite() && estimate.median > 0.0;
        if !positive(&a) || !positive(&b) {
            return None;
        }
        if a.pooled() || b.pooled() {
            return Some(Self::pooled(&a, &b));
        }
        if *pairing == Pairing::Paired {
            let paired = paired_ratio(&b.repeats, &a.repeats)?;
            let n = paired.pairs.len();
            return Some(Self {
                ratio: paired.ratio,
                interval: paired.interval,
                p: paired.p,
                range: Some(paired.range),
                pairs: paired.pairs,
                repeats: (n, n),
            });
        }
        let values = |estimate: &Estimate| -> Vec<f64> {
            estimate.repeats.iter().map(|&(_, value)| value).collect()
        };
        let unpaired = unpaired_ratio(&values(&b), &values(&a))?;
        Some(Self {
            ratio: unpaired.ratio,
            interval: unpaired.interval,
            p: unpaired.p,
            pairs: Vec::new(),
            range: Some(unpaired.range),
            repeats: (a.n(), b.n()),
        })
    }

    /// A percentile that single trials have too few requests for is one figure on each side: there
    /// is no scatter between repeats to judge it by.
    fn pooled(before: &Estimate, after: &Estimate) -> Self {
        Self {
            ratio: after.median / before.median,
            interval: None,
            p: None,
            pairs: Vec::new(),
            range: None,
            repeats: (before.n(), after.n()),
        }
    }
}
