//! When a ratio is called a difference, when alike, and when neither.

use super::ratio::PairedRatio;

/// The least ratio (or its reciprocal) that counts as a difference.
pub const LEAST_EFFECT: f64 = 1.05;

/// An interval wholly within this ratio and its reciprocal, around an effect below
/// [`LEAST_EFFECT`], is called alike: the data would have shown a larger difference.
pub const EQUIVALENCE_BOUND: f64 = 1.10;

/// What may be said of a ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// The interval leaves out 1 (also after correction for many tests) and the effect is 5 % or
    /// more.
    Different,
    /// The effect is below 5 % and the interval within 10 %.
    Alike,
    /// Neither: the repeats scatter too much for the size of the effect.
    NotToldApart,
    /// Fewer than three pairs: no interval.
    NotEnoughRepeats,
    /// What stands below the line was cut short by the instrument: the ratio is at most this.
    CutShort,
}

/// Decides on a ratio. `p_adjusted` is its p value after correction for the other tests of its
/// family; `None` for exploratory figures, which stand on their own interval.
pub fn decide(ratio: &PairedRatio, p_adjusted: Option<f64>) -> Decision {
    decide_on(ratio.ratio, ratio.interval, p_adjusted)
}

/// The same of a ratio and its interval, however they came about.
pub fn decide_on(ratio: f64, interval: Option<(f64, f64)>, p_adjusted: Option<f64>) -> Decision {
    let Some((low, high)) = interval else { return Decision::NotEnoughRepeats };
    let effect = ratio.max(ratio.recip());
    let excludes_one = low > 1.0 || high < 1.0;
    let survives = p_adjusted.is_none_or(|p| p < 1.0 - super::LEVEL);
    if effect >= LEAST_EFFECT {
        if excludes_one && survives { Decision::Different } else { Decision::NotToldApart }
    } else if low >= EQUIVALENCE_BOUND.recip() && high <= EQUIVALENCE_BOUND {
        Decision::Alike
    } else {
        Decision::NotToldApart
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::paired_ratio;

    fn of(ratios: &[f64]) -> PairedRatio {
        let list = |values: &[f64]| -> Vec<(u32, f64)> {
            values.iter().enumerate().map(|(at, value)| (at as u32, *value)).collect()
        };
        paired_ratio(&list(ratios), &list(&vec![1.0; ratios.len()])).expect("positive")
    }

    #[test]
    fn a_difference_needs_an_interval_an_effect_and_the_correction() {
        let clear = of(&[2.0, 2.1, 1.9]);
        assert_eq!(decide(&clear, None), Decision::Different);
        assert_eq!(decide(&clear, Some(0.2)), Decision::NotToldApart);
        assert_eq!(decide(&of(&[2.0, 2.1]), None), Decision::NotEnoughRepeats);
        assert_eq!(decide(&of(&[0.5, 2.0, 4.0]), None), Decision::NotToldApart);
    }

    #[test]
    fn a_sure_but_small_effect_is_alike_and_an_unsure_small_one_is_not() {
        assert_eq!(decide(&of(&[1.02, 1.021, 1.019]), None), Decision::Alike);
        assert_eq!(decide(&of(&[0.8, 1.02, 1.2]), None), Decision::NotToldApart);
    }
}
