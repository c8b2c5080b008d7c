//! What holds of every histogram of times, whatever the times.

use hdrhistogram::Histogram;
use proptest::prelude::*;

use super::{counts, of};

/// Times from a nanosecond to some minutes, of all sizes alike.
fn times() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(
        (0_u32..38, 0_u64..u64::MAX).prop_map(|(bits, n)| n >> (63 - bits)),
        1..80,
    )
}

fn merged(all: &[Histogram<u64>], order: impl Iterator<Item = usize>) -> Histogram<u64> {
    let mut sum = super::empty().unwrap();
    for at in order {
        sum.add(&all[at]).unwrap();
    }
    sum
}

const QUANTILES: [f64; 7] = [0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0];

proptest! {
    #[test]
    fn the_order_of_merging_changes_nothing(
        trials in prop::collection::vec(times(), 1..6),
        turn in 0_usize..6,
    ) {
        let all: Vec<_> = trials.iter().map(|times| of(times.iter().copied()).unwrap()).collect();
        let forwards = merged(&all, 0..all.len());
        let backwards = merged(&all, (0..all.len()).rev());
        let turned = merged(&all, (0..all.len()).map(|at| (at + turn) % all.len()));
        let at_once = of(trials.iter().flatten().copied()).unwrap();
        for other in [&backwards, &turned, &at_once] {
            prop_assert!(forwards == *other);
            prop_assert_eq!(counts(&forwards), counts(other));
            for q in QUANTILES {
                prop_assert_eq!(forwards.value_at_quantile(q), other.value_at_quantile(q));
            }
        }
    }

    #[test]
    fn percentiles_ascend_and_stay_below_the_maximum(times in times()) {
        let histogram = of(times.iter().copied()).unwrap();
        let exact_max = times.iter().copied().max().unwrap_or(0);
        let ascending: Vec<u64> =
            QUANTILES.iter().map(|&q| histogram.value_at_quantile(q)).collect();
        prop_assert!(ascending.is_sorted(), "{:?}", ascending);
        // Three digits: a cell's highest value may lie above the largest time inside it.
        prop_assert!(histogram.max() <= exact_max + exact_max / 1_000 + 1);
        prop_assert_eq!(histogram.len(), times.len() as u64);
    }

    #[test]
    fn counts_are_of_every_value_within_three_digits(times in times()) {
        let counted = counts(&of(times.iter().copied()).unwrap());
        let mut sorted = times;
        sorted.sort_unstable();
        let expanded = counted.iter().flat_map(|&(value, n)| (0..n).map(move |_| value));
        for (exact, logged) in sorted.iter().zip(expanded.clone()) {
            prop_assert!(exact.abs_diff(logged) <= exact / 1_000 + 1, "{} as {}", exact, logged);
        }
        prop_assert_eq!(expanded.count(), sorted.len());
    }
}
