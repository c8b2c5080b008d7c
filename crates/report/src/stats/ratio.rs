//! Comparing two models by the ratio of their figures, paired by repeat.
//!
//! Both models of a repeat meet the same draws, so the difference of logs within a repeat leaves
//! the shared luck out (common random numbers; the paired t test on logs).

use super::interval::LogMean;
use super::median::range;

/// a ÷ b over the repeats both have.
#[derive(Debug, Clone, PartialEq)]
pub struct PairedRatio {
    /// Ratio of each repeat: (repeat, a ÷ b).
    pub pairs: Vec<(u32, f64)>,
    /// Geometric mean of the ratios.
    pub ratio: f64,
    /// 95 % t interval on logs; `None` with fewer than three pairs.
    pub interval: Option<(f64, f64)>,
    /// Two-sided p value of "the ratio is 1"; `None` with fewer than three pairs.
    pub p: Option<f64>,
    /// Least and greatest ratio: what is shown where there is no interval.
    pub range: (f64, f64),
}

/// The ratio a ÷ b of `(repeat, value)` lists, over the repeats that both have; values that are
/// not positive cannot be compared and are left out. `None` if no pair remains.
pub fn paired_ratio(a: &[(u32, f64)], b: &[(u32, f64)]) -> Option<PairedRatio> {
    let fit = |value: f64| value.is_finite() && value > 0.0;
    let pairs: Vec<(u32, f64)> = a
        .iter()
        .filter_map(|&(repeat, of_a)| {
            let &(_, of_b) = b.iter().find(|(other, _)| *other == repeat)?;
            (fit(of_a) && fit(of_b)).then_some((repeat, of_a / of_b))
        })
        .collect();
    let ratios: Vec<f64> = pairs.iter().map(|&(_, ratio)| ratio).collect();
    let range = range(&ratios)?;
    let mean = ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64;
    let spread = LogMean::of(&ratios);
    Some(PairedRatio {
        pairs,
        ratio: mean.exp(),
        interval: spread.and_then(|spread| spread.interval()),
        p: spread.and_then(|spread| spread.p_value()),
        range,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pairs_by_repeat_and_leaves_out_what_has_no_partner() {
        let a = [(0, 10.0), (1, 20.0), (2, 30.0)];
        let b = [(2, 3.0), (0, 2.0), (7, 1.0)];
        let ratio = paired_ratio(&a, &b).expect("two pairs");
        assert_eq!(ratio.pairs, [(0, 5.0), (2, 10.0)]);
        assert!((ratio.ratio - 50_f64.sqrt()).abs() < 1e-12);
        assert_eq!(ratio.interval, None);
        assert_eq!(ratio.range, (5.0, 10.0));
        assert_eq!(paired_ratio(&a, &[(9, 1.0)]), None);
        assert_eq!(paired_ratio(&a, &[(0, 0.0)]), None);
    }

    proptest! {
        #[test]
        fn turning_it_round_gives_the_reciprocal(
            values in prop::collection::vec((0.1..1e4_f64, 0.1..1e4_f64), 3..8),
        ) {
            let list = |pick: fn(&(f64, f64)) -> f64| -> Vec<(u32, f64)> {
                values.iter().enumerate().map(|(at, pair)| (at as u32, pick(pair))).collect()
            };
            let (a, b) = (list(|p| p.0), list(|p| p.1));
            let there = paired_ratio(&a, &b).expect("pairs");
            let back = paired_ratio(&b, &a).expect("pairs");
            prop_assert!((there.ratio * back.ratio - 1.0).abs() < 1e-9);
            let ((low, high), (low2, high2)) =
                (there.interval.expect("three"), back.interval.expect("three"));
            prop_assert!((low * high2 - 1.0).abs() < 1e-6 && (high * low2 - 1.0).abs() < 1e-6);
        }
    }
}
