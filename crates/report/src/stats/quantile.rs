//! The interval of a quantile from ranks, where there are too few repeats for a t interval.
//!
//! Source: order statistics and the binomial law, e.g. Conover, "Practical nonparametric
//! statistics", §3.2; Le Boudec, "Performance evaluation of computer and communication systems",
//! §2.2: j = ⌊np − 1.96·√(np(1−p))⌋, k = ⌈np + 1.96·√(np(1−p))⌉ + 1. It assumes independent
//! samples; under saturation latencies are correlated and the true interval is wider.

/// Ranks (from 1) of the order statistics that enclose the `p` quantile of `n` samples with 95 %
/// confidence; `None` where the sample is too small for such ranks to exist.
pub fn rank_interval(n: u64, p: f64) -> Option<(u64, u64)> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let centre = n as f64 * p;
    let reach = 1.96 * (centre * (1.0 - p)).sqrt();
    let low = (centre - reach).floor();
    let high = (centre + reach).ceil() + 1.0;
    (low >= 1.0 && high <= n as f64).then_some((low as u64, high as u64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn agrees_with_the_published_table() {
        // Le Boudec, appendix A: n = 100, median: ranks 40 and 61.
        assert_eq!(rank_interval(100, 0.5), Some((40, 61)));
        assert_eq!(rank_interval(100, 0.99), None);
        assert_eq!(rank_interval(0, 0.5), None);
        assert_eq!(rank_interval(100, f64::NAN), None);
    }

    proptest! {
        #[test]
        fn encloses_the_quantile_within_the_sample(n in 1_u64..1_000_000, p in 0.0..1.0_f64) {
            if let Some((low, high)) = rank_interval(n, p) {
                prop_assert!(1 <= low && low < high && high <= n);
                prop_assert!(low as f64 <= n as f64 * p && n as f64 * p <= high as f64);
            }
        }
    }
}
