//! Student's t interval of a mean of logs.
//!
//! Source: any text on the paired t test; for systems benchmarks, Kalibera & Jones, "Rigorous
//! benchmarking in reasonable time" (ISMM 2013), which also argues for ratios on the log scale.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Fewest repeats an interval is computed from: with two, t has one degree of freedom and its
/// interval spans a factor of thousands.
pub const LEAST_REPEATS: usize = 3;

/// Confidence of every interval in a report.
pub const LEVEL: f64 = 0.95;

/// Mean and spread of a sample of logs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LogMean {
    /// Mean of the logs.
    pub(crate) mean: f64,
    /// Standard error of that mean.
    pub(crate) standard_error: f64,
    /// n − 1.
    pub(crate) freedom: f64,
}

impl LogMean {
    /// Of three positive values or more; `None` otherwise.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let fit = |value: &f64| value.is_finite() && *value > 0.0;
        if values.len() < LEAST_REPEATS || !values.iter().all(fit) {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().map(|value| value.ln()).sum::<f64>() / n;
        let squares = values.iter().map(|value| (value.ln() - mean).powi(2)).sum::<f64>();
        Some(Self { mean, standard_error: (squares / (n - 1.0) / n).sqrt(), freedom: n - 1.0 })
    }

    /// The interval of the mean, back on the original scale.
    pub(crate) fn interval(&self) -> Option<(f64, f64)> {
        let law = StudentsT::new(0.0, 1.0, self.freedom).ok()?;
        let reach = law.inverse_cdf(f64::midpoint(1.0, LEVEL)) * self.standard_error;
        Some(((self.mean - reach).exp(), (self.mean + reach).exp()))
    }

    /// Two-sided p value of the hypothesis that the mean of logs is 0, i.e. the ratio is 1.
    pub(crate) fn p_value(&self) -> Option<f64> {
        if self.standard_error == 0.0 {
            return Some(if self.mean == 0.0 { 1.0 } else { 0.0 });
        }
        let law = StudentsT::new(0.0, 1.0, self.freedom).ok()?;
        Some((2.0 * law.sf((self.mean / self.standard_error).abs())).min(1.0))
    }
}

/// 95 % t interval of the geometric mean: `exp(mean ± t·s/√n)` over the logs. `None` for fewer
/// than [`LEAST_REPEATS`] values, or where one is not positive.
pub fn t_interval_of_logs(values: &[f64]) -> Option<(f64, f64)> {
    LogMean::of(values)?.interval()
}

/// Half of an interval of logs as a share: how far its ends lie from the middle, `√(high ÷ low) − 1`.
pub fn half_width((low, high): (f64, f64)) -> f64 {
    (high / low).sqrt() - 1.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn agrees_with_a_table_of_t() {
        // Logs 0, 1, 2: mean 1, s = 1, t(0.975, 2) = 4.302653 (any table of Student's t).
        let values = [1.0, 1_f64.exp(), 2_f64.exp()];
        let (low, high) = t_interval_of_logs(&values).expect("three positive values");
        let reach = 4.302_653 / 3_f64.sqrt();
        assert!((low.ln() - (1.0 - reach)).abs() < 1e-5, "{low}");
        assert!((high.ln() - (1.0 + reach)).abs() < 1e-5, "{high}");
    }

    #[test]
    fn half_of_an_interval_is_what_lies_on_either_side_of_the_middle() {
        assert!((half_width((100.0 / 1.02, 100.0 * 1.02)) - 0.02).abs() < 1e-12);
    }

    #[test]
    fn needs_three_positive_values() {
        assert_eq!(t_interval_of_logs(&[1.0, 2.0]), None);
        assert_eq!(t_interval_of_logs(&[1.0, 0.0, 2.0]), None);
        assert_eq!(t_interval_of_logs(&[1.0, f64::INFINITY, 2.0]), None);
    }

    proptest! {
        #[test]
        fn holds_the_geometric_mean_and_scales(
            values in prop::collection::vec(1e-3..1e6_f64, 3..12),
            scale in 1e-3..1e3_f64,
        ) {
            let (low, high) = t_interval_of_logs(&values).expect("positive values");
            let mean = values.iter().map(|v| v.ln()).sum::<f64>() / values.len() as f64;
            prop_assert!(low <= mean.exp() * (1.0 + 1e-9) && mean.exp() <= high * (1.0 + 1e-9));
            let scaled: Vec<f64> = values.iter().map(|v| v * scale).collect();
            let (low2, high2) = t_interval_of_logs(&scaled).expect("positive values");
            prop_assert!((low2 / (low * scale) - 1.0).abs() < 1e-6);
            prop_assert!((high2 / (high * scale) - 1.0).abs() < 1e-6);
        }

        #[test]
        fn p_is_below_5_percent_exactly_where_the_interval_leaves_out_1(
            values in prop::collection::vec(0.2..5.0_f64, 3..8),
        ) {
            let mean = LogMean::of(&values).expect("positive values");
            let p = mean.p_value().expect("freedom is positive");
            let (low, high) = mean.interval().expect("freedom is positive");
            prop_assume!((p - 0.05).abs() > 1e-4);
            prop_assert_eq!(p < 0.05, low > 1.0 || high < 1.0);
        }
    }
}
