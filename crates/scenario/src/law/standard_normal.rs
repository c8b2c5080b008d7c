//! The standard normal law, on which normal and lognormal stand.
//!
//! Both functions go through the complementary error function, whose relative precision holds in
//! the far tail, where one minus a probability would have lost its digits.

use std::f64::consts::SQRT_2;

use statrs::function::erf::{erfc, erfc_inv};

/// The 99th percentile of the standard normal law.
pub(crate) fn z99() -> f64 {
    quantile(0.99)
}

/// The quantile of a share `u` of (0, 1).
pub(crate) fn quantile(u: f64) -> f64 {
    if u <= 0.5 { -SQRT_2 * erfc_inv(2.0 * u) } else { upper_quantile(1.0 - u) }
}

/// What a share `tail` of (0, 1) lies above.
pub(super) fn upper_quantile(tail: f64) -> f64 {
    SQRT_2 * erfc_inv(2.0 * tail)
}

/// The share below `z`.
pub(crate) fn cdf(z: f64) -> f64 {
    0.5 * erfc(-z / SQRT_2)
}

/// The density at `z`.
pub(super) fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (std::f64::consts::TAU).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from tables of the normal law (Abramowitz & Stegun 26.2).
    #[test]
    fn agrees_with_tables() {
        for (u, z) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.99, 2.326_347_874_040_841),
            (0.01, -2.326_347_874_040_841),
            (0.999_999, 4.753_424_308_822_899),
            (1e-12, -7.034_483_825_301_132),
        ] {
            assert!((quantile(u) - z).abs() < 1e-9, "{u}: {} {z}", quantile(u));
            assert!((cdf(z) - u).abs() < 1e-9 * u.max(1e-3), "{z}");
        }
    }
}
