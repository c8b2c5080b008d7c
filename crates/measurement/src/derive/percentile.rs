//! Percentiles of exact values, and when there are enough of them.

/// The `q`-quantile of `sorted` values, of which `missing` more are known only to lie above all:
/// the smallest value that a share `q` of all stays at or below (nearest rank). `None` where that
/// value is missing, or where there is no value.
pub fn percentile(sorted: &[u64], missing: usize, q: f64) -> Option<u64> {
    let total = sorted.len() + missing;
    sorted.get(rank(total, q) - 1).copied()
}

/// The rank, from 1, of the `q`-quantile among `total` values: a share `q` of them has at most it.
pub(crate) fn rank(total: usize, q: f64) -> usize {
    ((q * total as f64).ceil() as usize).max(1)
}

/// Whether `count` samples carry the `q`-quantile: at least ten lie beyond it on average.
pub fn supports(count: usize, q: f64) -> bool {
    count as f64 * (1.0 - q) >= 10.0 - 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nearest_rank() {
        let values: Vec<u64> = (1..=100).collect();
        assert_eq!(percentile(&values, 0, 0.5), Some(50));
        assert_eq!(percentile(&values, 0, 0.99), Some(99));
        assert_eq!(percentile(&values, 0, 1.0), Some(100));
        assert_eq!(percentile(&values, 100, 0.5), Some(100));
        assert_eq!(percentile(&values, 100, 0.51), None, "beyond what was seen");
        assert_eq!(percentile(&[], 0, 0.5), None);
    }

    #[test]
    fn ten_beyond() {
        assert!(supports(1000, 0.99));
        assert!(!supports(999, 0.99));
        assert!(supports(20, 0.5));
    }

    proptest! {
        #[test]
        fn monotone_and_never_above_the_maximum(
            mut values in proptest::collection::vec(0_u64..1_000_000, 1..200),
            a in 0.0_f64..1.0,
            b in 0.0_f64..1.0,
        ) {
            values.sort_unstable();
            let (low, high) = (a.min(b), a.max(b));
            let (p, q) = (percentile(&values, 0, low), percentile(&values, 0, high));
            prop_assert!(p <= q);
            prop_assert!(q <= values.last().copied());
        }

        #[test]
        fn censored_values_raise_percentiles_until_they_are_unknown(
            mut values in proptest::collection::vec(0_u64..1_000_000, 1..200),
            missing in 0_usize..50,
            a in 0.0_f64..1.0,
            b in 0.0_f64..1.0,
        ) {
            values.sort_unstable();
            let of = |missing, q| percentile(&values, missing, q);
            // Unknown is above all that is known.
            let key = |value: Option<u64>| value.unwrap_or(u64::MAX);
            prop_assert!(key(of(missing, a.min(b))) <= key(of(missing, a.max(b))));
            prop_assert!(key(of(missing, a)) >= key(of(0, a)));
            let known = of(missing, a).is_none_or(|value| value <= values[values.len() - 1]);
            prop_assert!(known);
            // Whatever the missing values are, the percentile is what they leave of it.
            let mut all = values.clone();
            all.extend(std::iter::repeat_n(2_000_000, missing));
            prop_assert_eq!(of(missing, a), percentile(&all, 0, a).filter(|v| *v < 2_000_000));
        }
    }
}
