//! Holm's correction for many tests at once.
//!
//! Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
//! Journal of Statistics 6 (1979): with the p values ascending, the i-th (from 1) of m becomes the
//! largest of (m − j + 1) times the j-th p value over j ≤ i, at most 1. It bounds the chance of any false call.

/// The adjusted p values, in the order given.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (rank, &at) in order.iter().enumerate() {
        largest = largest.max((p_values.len() - rank) as f64 * p_values[at]);
        adjusted[at] = largest.min(1.0);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn agrees_with_the_example_of_r() {
        // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") gives 0.03 0.06 0.06 0.02.
        let seen = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (seen, expected) in seen.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((seen - expected).abs() < 1e-12, "{seen} for {expected}");
        }
        assert!(holm(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn never_lowers_a_p_value_and_keeps_the_order(
            p_values in prop::collection::vec(0.0..=1.0_f64, 1..30),
        ) {
            let adjusted = holm(&p_values);
            for (a, &p) in adjusted.iter().zip(&p_values) {
                prop_assert!(*a >= p && *a <= 1.0);
                prop_assert!(*a <= p_values.len() as f64 * p + 1e-12);
            }
            for (i, j) in (0..p_values.len()).flat_map(|i| (0..p_values.len()).map(move |j| (i, j))) {
                prop_assert!(p_values[i] > p_values[j] || adjusted[i] <= adjusted[j]);
            }
        }
    }
}
