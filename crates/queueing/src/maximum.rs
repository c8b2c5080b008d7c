//! The longer of two independent waits.
//!
//! P(max ≤ t) = F1(t)·F2(t), and for waits that are never negative E\[max\] = ∫ 1 − F1(t)·F2(t) dt.

/// Nodes and weights of Gauss and Legendre's rule on (−1, 1), ten points; the other half is the
/// mirror image (Abramowitz & Stegun, table 25.4).
const HALF_RULE: [(f64, f64); 5] = [
    (0.148_874_338_981_631_2, 0.295_524_224_714_752_9),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_4),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];

/// The law of the longer of two independent waits, each given by its distribution function and
/// its quantile function, which are each other's inverse.
pub struct Max<'a> {
    cdf: [&'a dyn Fn(f64) -> f64; 2],
    quantile: [&'a dyn Fn(f64) -> f64; 2],
}

impl<'a> Max<'a> {
    /// Of a first and a second wait, neither ever negative.
    pub fn new(cdf: [&'a dyn Fn(f64) -> f64; 2], quantile: [&'a dyn Fn(f64) -> f64; 2]) -> Self {
        Self { cdf, quantile }
    }

    /// P(max ≤ t).
    pub fn cdf(&self, t: f64) -> f64 {
        (self.cdf[0])(t) * (self.cdf[1])(t)
    }

    /// The least t with P(max ≤ t) ≥ `q`, `q` in (0, 1).
    pub fn quantile(&self, q: f64) -> f64 {
        // The longer exceeds t at least as often as either, at most as often as both together.
        let mut low = self.quantile.iter().map(|of| of(q)).fold(0.0, f64::max);
        let mut high = self.quantile.iter().map(|of| of(f64::midpoint(q, 1.0))).fold(low, f64::max);
        if self.cdf(low) >= q {
            return low;
        }
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if self.cdf(middle) >= q {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }

    /// E\[max\], by quadrature between the quantiles of both: no panel spans a jump at a quantile,
    /// and each holds a small share of the probability, out to a share of 1e-12.
    pub fn mean(&self) -> f64 {
        let mut ends: Vec<f64> = [0.0].into();
        for quantile in self.quantile {
            ends.extend(shares().map(quantile).filter(|end| end.is_finite() && *end > 0.0));
        }
        ends.sort_by(f64::total_cmp);
        ends.windows(2).map(|panel| self.panel(panel[0], panel[1])).sum()
    }

    /// ∫ 1 − F1·F2 between two times.
    fn panel(&self, from: f64, to: f64) -> f64 {
        let (middle, half) = (f64::midpoint(from, to), (to - from) / 2.0);
        if half <= 0.0 {
            return 0.0;
        }
        let exceeds = |node: f64| 1.0 - self.cdf(middle + half * node);
        let sum: f64 = HALF_RULE
            .iter()
            .map(|(node, weight)| weight * (exceeds(*node) + exceeds(-*node)))
            .sum();
        half * sum
    }
}

/// Shares of probability between which to integrate: a hundredth each in the middle, and halves
/// of what is left towards both ends.
fn shares() -> impl Iterator<Item = f64> {
    let tail = (0..33).map(|halvings| 0.01 / f64::from(2_u32).powi(halvings));
    let lower: Vec<f64> = tail.clone().collect();
    lower
        .into_iter()
        .chain((1..100).map(|percent| f64::from(percent) / 100.0))
        .chain(tail.map(|left| 1.0 - left))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64, relative: f64) {
        assert!((value / expected - 1.0).abs() < relative, "{value} is not {expected}");
    }

    #[test]
    fn two_exponentials_have_a_closed_form() {
        let (a, b) = (0.2, 0.05);
        let cdf_a = move |t: f64| 1.0 - (-a * t).exp();
        let cdf_b = move |t: f64| 1.0 - (-b * t).exp();
        let quantile_a = move |u: f64| -(1.0 - u).ln() / a;
        let quantile_b = move |u: f64| -(1.0 - u).ln() / b;
        let max = Max::new([&cdf_a, &cdf_b], [&quantile_a, &quantile_b]);
        close(max.mean(), 1.0 / a + 1.0 / b - 1.0 / (a + b), 1e-9);
        for q in [0.01, 0.5, 0.99] {
            close(max.cdf(max.quantile(q)), q, 1e-12);
        }
    }

    #[test]
    fn uniform_beside_a_fixed_wait() {
        // max(U, 4) with U on 0 to 10: 4 · 0.4 + the mean of what lies above, 7 · 0.6.
        let uniform = |t: f64| (t / 10.0).clamp(0.0, 1.0);
        let fixed = |t: f64| f64::from(u8::from(t >= 4.0));
        let max = Max::new([&uniform, &fixed], [&|u| 10.0 * u, &|_| 4.0]);
        close(max.mean(), 5.8, 1e-9);
        close(max.quantile(0.2), 4.0, 1e-12);
        close(max.quantile(0.9), 9.0, 1e-12);
    }

    /// The p99 of the longer of two equal waits is the p99.499 of each.
    #[test]
    fn the_tail_of_a_pair_is_further_out() {
        let cdf = |t: f64| 1.0 - (-t).exp();
        let quantile = |u: f64| -(1.0 - u).ln();
        let max = Max::new([&cdf, &cdf], [&quantile, &quantile]);
        close(max.quantile(0.99), quantile(0.99_f64.sqrt()), 1e-9);
        close(0.99_f64.sqrt(), 0.994_99, 1e-5);
    }
}
