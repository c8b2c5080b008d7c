//! Anderson and Darling's test that gaps are exponential with a known mean: the fully specified
//! case (T. W. Anderson & D. A. Darling, Annals of Mathematical Statistics 23, 1952), its p-value
//! by G. and J. Marsaglia, "Evaluating the Anderson-Darling Distribution", Journal of Statistical
//! Software 9(2), 2004. Beside it Kolmogorov's distance, which says how far off, not how surely.

use crate::open::GapTest;

/// Fewest gaps that are worth a test.
const LEAST: usize = 20;
/// A gap of nothing, in means: two arrivals in one nanosecond at 1,000/s. Its logarithm is finite.
const SMALLEST: f64 = 1e-6;

/// Tests that `gaps`, in units of their planned mean, are exponential; `None`: too few.
pub(super) fn exponential(mut gaps: Vec<f64>) -> Option<GapTest> {
    if gaps.len() < LEAST {
        return None;
    }
    gaps.sort_unstable_by(f64::total_cmp);
    let count = gaps.len();
    let n = count as f64;
    // With u = 1 − e^(−x): A² = −n − (1/n) Σ (2i − 1) (ln u_i + ln(1 − u_(n+1−i))), where the second
    // logarithm is −x itself and loses nothing in the tail.
    let share_below = |gap: f64| -(-gap).exp_m1();
    let mut sum = 0.0;
    let mut distance = 0.0_f64;
    for (index, &gap) in gaps.iter().enumerate() {
        let weight = (2 * index + 1) as f64;
        sum += weight * (share_below(gap.max(SMALLEST)).ln() - gaps[count - 1 - index]);
        let below = share_below(gap);
        distance = distance.max(below - index as f64 / n).max((index + 1) as f64 / n - below);
    }
    let a_squared = -n - sum / n;
    Some(GapTest {
        gaps: count as u64,
        a_squared,
        p_value: (1.0 - distribution(count, a_squared)).clamp(0.0, 1.0),
        distance,
    })
}

/// P(A² < z) for `n` values: the limit for many, and the correction for few.
fn distribution(n: usize, z: f64) -> f64 {
    if z <= 0.0 {
        return 0.0;
    }
    let limit = limit(z);
    limit + correction(n as f64, limit)
}

/// Marsaglia and Marsaglia's `adinf`: P(A² < z) for infinitely many, to within 2e-5.
fn limit(z: f64) -> f64 {
    if z < 2.0 {
        let series = [2.00012, 0.247_105, -0.064_982_1, 0.034_796_2, -0.011_672_0, 0.001_686_91];
        (-1.233_714_1 / z).exp() / z.sqrt() * polynomial(&series, z)
    } else {
        let series = [1.0776, -2.306_95, 0.434_24, -0.082_433, 0.008_056, -0.000_314_6];
        (-polynomial(&series, z).exp()).exp()
    }
}

/// Their `errfix`: what is to be added to the limit `x` for `n` values, good to four digits.
fn correction(n: f64, x: f64) -> f64 {
    if x > 0.8 {
        let series = [-130.2137, 745.2337, -1_705.091, 1_950.646, -1_116.360, 255.7844];
        return polynomial(&series, x) / n;
    }
    let split = 0.01265 + 0.1757 / n;
    if x < split {
        let t = x / split;
        let shape = t.sqrt() * (1.0 - t) * (49.0 * t - 102.0);
        return shape * (0.0037 / (n * n) + 0.00078 / n + 0.00006) / n;
    }
    let t = (x - split) / (0.8 - split);
    let shape = polynomial(&[-0.000_226_33, 6.540_34, -14.6538, 14.458, -8.259, 1.918_64], t);
    shape * (0.04213 + 0.01365 / n) / n
}

/// Σ cᵢ xⁱ.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, &coefficient| sum * x + coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Anderson and Darling's own series (1952), summed elsewhere. At the customary levels these
    /// are the critical values that tables print: 1.933, 2.492, 3.077, 3.878.
    #[test]
    fn the_limit_is_anderson_and_darlings() {
        for (z, below) in [
            (0.3, 0.061_842_364),
            (0.7, 0.441_176_797),
            (1.248, 0.750_049_496),
            (1.610, 0.847_741_599),
            (1.932_957_833, 0.90),
            (2.492_367, 0.95),
            (3.0775, 0.975_001_043),
            (3.878_125, 0.99),
            (4.5, 0.995_009_974),
            (6.0, 0.999_032_548),
        ] {
            assert!((limit(z) - below).abs() < 2e-5, "{z}: {}", limit(z));
        }
    }

    /// For one value A² < z means u(1 − u) > e^(−1−z), an interval of known length. The correction
    /// is made for larger n, so this is a coarse check of its sign and size.
    #[test]
    fn few_values_against_what_can_be_worked_out() {
        for z in [1.0_f64, 1.5, 2.0] {
            let exact = (1.0 - 4.0 * (-1.0 - z).exp()).sqrt();
            assert!((distribution(1, z) - exact).abs() < 0.06, "{z}");
            assert!((distribution(1_000_000, z) - limit(z)).abs() < 1e-4, "{z}");
        }
    }

    /// A generator of its own, so that the test depends on no library's.
    fn uniforms(seed: u64) -> impl Iterator<Item = f64> {
        let mut state = seed;
        std::iter::repeat_with(move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + 1e-17
        })
    }

    #[test]
    fn p_values_of_true_gaps_are_uniform_and_of_false_ones_small() {
        let trials = 2_000;
        let mut below = [0_u32; 3];
        let mut detected = 0;
        for seed in 0..trials {
            let gaps: Vec<f64> = uniforms(seed).take(50).map(|u| -u.ln()).collect();
            let test = exponential(gaps.clone()).expect("enough");
            for (count, level) in below.iter_mut().zip([0.01, 0.05, 0.5]) {
                *count += u32::from(test.p_value < level);
            }
            // The same luck at a rate a half too high.
            let wrong = gaps.into_iter().map(|gap| gap / 1.5).collect();
            detected += u32::from(exponential(wrong).expect("enough").p_value < 0.05);
        }
        // Four standard deviations of a binomial count.
        for (count, level) in below.into_iter().zip([0.01, 0.05, 0.5]) {
            let expected = trials as f64 * level;
            let allowed = 4.0 * (expected * (1.0 - level)).sqrt();
            assert!((f64::from(count) - expected).abs() < allowed, "{count} below {level}");
        }
        assert!(u64::from(detected) > trials / 2, "{detected}");
    }

    #[test]
    fn the_statistic_by_hand() {
        // Twenty values at the centres of twenty equal cells: A² as small as a sample's may be,
        // and Kolmogorov's distance half a cell.
        let u = |index: i32| (f64::from(index) + 0.5) / 20.0;
        let gaps = (0..20).map(|index| -(1.0 - u(index)).ln()).collect();
        let by_definition: f64 = (0..20)
            .map(|index| f64::from(2 * index + 1) * (u(index).ln() + (1.0 - u(19 - index)).ln()))
            .sum();
        let test = exponential(gaps).expect("enough");
        assert!((test.a_squared - (-20.0 - by_definition / 20.0)).abs() < 1e-9);
        assert!((test.distance - 0.025).abs() < 1e-12);
        assert!(test.p_value > 0.99);
        assert!(exponential(vec![0.0; 100]).is_some_and(|test| test.p_value < 1e-4));
        assert_eq!(exponential(vec![1.0; 19]), None);
    }
}
