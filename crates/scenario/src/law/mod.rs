//! Latency laws: how long an upstream takes, as a distribution.
//!
//! A law is one file here and one entry in [`LAWS`]. It brings its parameters, their parser and
//! its quantile function, which is what draws use and what tests compare with.

use std::fmt;
use std::sync::Arc;

/// A latency distribution.
#[derive(Clone)]
pub struct Law(Arc<dyn Distribution>);

/// What a law must be able to do.
pub trait Distribution: fmt::Debug + Send + Sync {
    /// The quantile function in nanoseconds: the latency that a share `u` of (0, 1) stays below.
    fn quantile_ns(&self, u: f64) -> f64;

    /// The mean in nanoseconds, where it exists in closed form.
    fn mean_ns(&self) -> Option<f64> {
        None
    }

    /// The law in words, for reports: `"lognormal, p50 80 ms, p99 400 ms"`.
    fn describe(&self) -> String;
}

impl Law {
    /// Wraps a distribution.
    pub fn new(distribution: impl Distribution + 'static) -> Self {
        Self(Arc::new(distribution))
    }

    /// The latency in whole nanoseconds that a share `u` of (0, 1) stays below; never negative.
    pub fn quantile_ns(&self, u: f64) -> u64 {
        debug_assert!(u > 0.0 && u < 1.0, "a quantile's share lies inside (0, 1): {u}");
        self.0.quantile_ns(u).max(0.0).round() as u64
    }

    /// The law in words.
    pub fn describe(&self) -> String {
        self.0.describe()
    }
}

impl fmt::Debug for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
