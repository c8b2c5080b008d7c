//! Comparing two samples that share no luck, by the ratio of their geometric means.
//!
//! Source: B. L. Welch, "The generalization of 'Student's' problem when several different
//! population variances are involved", Biometrika 34 (1947), on logs: the difference of means over
//! √(s₁²/n₁ + s₂²/n₂), with the degrees of freedom of Welch and Satterthwaite.

use super::interval::LogMean;

/// a ÷ b of two samples that are not paired.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnpairedRatio {
    /// Ratio of the geometric means.
    pub ratio: f64,
    /// 95 % Welch interval on logs; `None` where either sample has fewer than three values.
    pub interval: Option<(f64, f64)>,
    /// Two-sided p value of "the ratio is 1"; `None` likewise.
    pub p: Option<f64>,
    /// Least of `a` over greatest of `b`, and the reverse: what is shown where there is no interval.
    pub range: (f64, f64),
}

/// The ratio a ÷ b of two samples; values that are not positive are left out. `None` if nothing
/// remains of either.
pub fn unpaired_ratio(a: &[f64], b: &[f64]) -> Option<UnpairedRatio> {
    let fit = |values: &[f64]| -> Vec<f64> {
        values.iter().copied().filter(|value| value.is_finite() && *value > 0.0).collect()
    };
    let (a, b) = (fit(a), fit(b));
    let ((least_a, most_a), (least_b, most_b)) = (super::range(&a)?, super::range(&b)?);
    let mean =
        |values: &[f64]| values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64;
    let difference = LogMean::of(&a).zip(LogMean::of(&b)).map(|(a, b)| welch(&a, &b));
    Some(UnpairedRatio {
        ratio: (mean(&a) - mean(&b)).exp(),
        interval: difference.and_then(|welch| welch.interval()),
        p: difference.and_then(|welch| welch.p_value()),
        range: (least_a / most_b, most_a / least_b),
    })
}

/// The difference of two means of logs with its error and degrees of freedom.
fn welch(a: &LogMean, b: &LogMean) -> LogMean {
    let (of_a, of_b) = (a.standard_error.powi(2), b.standard_error.powi(2));
    let both = of_a + of_b;
    let freedom = both.powi(2) / (of_a.powi(2) / a.freedom + of_b.powi(2) / b.freedom);
    // Without any scatter the degrees of freedom do not matter.
    let freedom = if freedom.is_finite() { freedom } else { a.freedom + b.freedom };
    LogMean { mean: a.mean - b.mean, standard_error: both.sqrt(), freedom }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::*;
    use crate::stats::LEVEL;

    #[test]
    fn agrees_with_the_sums_done_by_hand() {
        // Logs 1, 2, 3 and 1, 1.5, 4, 5.5. By hand: variances 1 and 4.5, standard error
        // √(1/3 + 4.5/4) = 1.20761, freedom 1.45833² ÷ (0.33333²/2 + 1.125²/3) = 4.45455.
        let of = |logs: &[f64]| logs.iter().map(|log| log.exp()).collect::<Vec<f64>>();
        let seen = unpaired_ratio(&of(&[1.0, 2.0, 3.0]), &of(&[1.0, 1.5, 4.0, 5.5])).expect("fit");
        assert!((seen.ratio.ln() + 1.0).abs() < 1e-12);
        let (low, high) = seen.interval.expect("three of each");
        let reach = (high.ln() - low.ln()) / 2.0;
        let law = StudentsT::new(0.0, 1.0, 4.454_545).expect("a law");
        assert!((reach / 1.207_615 - law.inverse_cdf(f64::midpoint(1.0, LEVEL))).abs() < 1e-4);
        let p = 2.0 * law.sf(1.0 / 1.207_615);
        assert!((seen.p.expect("three of each") - p).abs() < 1e-5);
    }

    #[test]
    fn fewer_than_three_give_a_range_and_no_interval() {
        let seen = unpaired_ratio(&[2.0, 4.0], &[1.0, 2.0, 2.0]).expect("positive");
        assert_eq!((seen.interval, seen.p, seen.range), (None, None, (1.0, 4.0)));
        assert_eq!(unpaired_ratio(&[0.0], &[1.0]), None);
        assert_eq!(unpaired_ratio(&[], &[1.0]), None);
    }

    #[test]
    fn a_sample_against_itself_without_scatter_is_one_exactly() {
        let seen = unpaired_ratio(&[3.0; 3], &[3.0; 4]).expect("positive");
        assert_eq!((seen.ratio, seen.interval, seen.p), (1.0, Some((1.0, 1.0)), Some(1.0)));
    }

    proptest! {
        #[test]
        fn turning_it_round_gives_the_reciprocal(
            a in prop::collection::vec(0.1..1e4_f64, 3..8),
            b in prop::collection::vec(0.1..1e4_f64, 3..8),
        ) {
            let there = unpaired_ratio(&a, &b).expect("positive");
            let back = unpaired_ratio(&b, &a).expect("positive");
            prop_assert!((there.ratio * back.ratio - 1.0).abs() < 1e-9);
            let ((low, _), (_, high)) =
                (there.interval.expect("three"), back.interval.expect("three"));
            prop_assert!((low * high - 1.0).abs() < 1e-6);
        }
    }
}
