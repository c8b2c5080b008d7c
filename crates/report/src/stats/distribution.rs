//! Times of many requests as counts of values: merging them, their quantiles, and the interval of
//! a quantile from ranks.
//!
//! Requests that never ended are known only to lie above all others: they count towards ranks, and
//! a rank among them has no value.

use super::quantile::rank_interval;

/// A quantile needs this many samples beyond it, on average.
pub const LEAST_BEYOND: f64 = 10.0;

/// Counted values in ns, ascending, and how many more are missing at the upper end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distribution {
    counts: Vec<(u64, u64)>,
    seen: u64,
    missing: u64,
}

impl Distribution {
    /// Of (value in ns, count) pairs in whatever order; `missing` samples lie above all of them.
    pub fn new(mut counts: Vec<(u64, u64)>, missing: u64) -> Self {
        counts.sort_unstable();
        counts.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 = kept.1.saturating_add(later.1);
            }
            same
        });
        let seen = counts.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        Self { counts, seen, missing }
    }

    /// All of them taken together.
    pub fn merged<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut counts, mut missing) = (Vec::new(), 0_u64);
        for one in all {
            counts.extend(&one.counts);
            missing = missing.saturating_add(one.missing);
        }
        Self::new(counts, missing)
    }

    /// Samples, the missing ones included.
    pub fn samples(&self) -> u64 {
        self.seen.saturating_add(self.missing)
    }

    /// Whether the `q` quantile may be printed: enough samples lie beyond it.
    pub fn supports(&self, q: f64) -> bool {
        self.samples() as f64 * (1.0 - q) >= LEAST_BEYOND * (1.0 - 1e-9)
    }

    /// The `q` quantile in ms; `None` without samples, or where it lies among the missing.
    pub fn quantile_ms(&self, q: f64) -> Option<f64> {
        let rank = (self.samples() as f64 * q).ceil().max(1.0);
        self.at_rank_ms(rank as u64)
    }

    /// The 95 % interval of the `q` quantile from ranks, in ms. It assumes independent samples.
    pub fn interval_ms(&self, q: f64) -> Option<(f64, f64)> {
        let (low, high) = rank_interval(self.samples(), q)?;
        Some((self.at_rank_ms(low)?, self.at_rank_ms(high)?))
    }

    /// The value at a rank from 1, ms.
    fn at_rank_ms(&self, rank: u64) -> Option<f64> {
        let mut below = 0_u64;
        self.counts.iter().find_map(|&(value, count)| {
            below = below.saturating_add(count);
            (below >= rank).then_some(value as f64 / 1e6)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn missing_samples_count_and_have_no_value() {
        let all = Distribution::new((1..=90).map(|ms| (ms * 1_000_000, 1)).collect(), 10);
        assert_eq!(all.samples(), 100);
        assert_eq!(all.quantile_ms(0.5), Some(50.0));
        assert_eq!(all.quantile_ms(0.9), Some(90.0));
        assert_eq!(all.quantile_ms(0.95), None);
        assert!(all.supports(0.9) && !all.supports(0.95));
        assert_eq!(all.interval_ms(0.5), Some((40.0, 61.0)), "ranks as in the published table");
        assert_eq!(Distribution::default().quantile_ms(0.5), None);
    }

    proptest! {
        #[test]
        fn merging_is_the_same_as_counting_together(
            a in prop::collection::vec(1_u64..1_000, 1..60),
            b in prop::collection::vec(1_u64..1_000, 1..60),
            q in 0.0..1.0_f64,
        ) {
            let of = |values: &[u64]| {
                Distribution::new(values.iter().map(|v| (v * 1_000_000, 1)).collect(), 0)
            };
            let merged = Distribution::merged([&of(&a), &of(&b)]);
            let mut all = [a, b].concat();
            prop_assert_eq!(&merged, &of(&all));
            all.sort_unstable();
            let rank = ((all.len() as f64 * q).ceil() as usize).max(1);
            prop_assert_eq!(merged.quantile_ms(q), Some(all[rank - 1] as f64));
        }
    }
}
