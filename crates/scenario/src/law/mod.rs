//! Latency laws: how long an upstream takes, as a distribution.
//!
//! A law is one file here and one entry in [`LAWS`]. It brings its parameters, their parser, its
//! piece of the JSON Schema and its quantile function, which is what draws use and what tests
//! compare with. Shared here: what every law has, such as caps.

mod caps;
mod exponential;
mod fixed;
mod lognormal;
mod mixture;
mod normal;
mod pareto;
mod percentiles;
mod read;
mod replay;
pub(crate) mod standard_normal;
mod uniform;

use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::error::Result;
use crate::keys::Key;
use crate::tree::Node;

pub use caps::CAPS;
pub(crate) use mixture::PART;
pub(crate) use read::{Context, read};

/// Every law, by the word that selects it.
pub const LAWS: &[LawKind] = &[
    fixed::KIND,
    uniform::KIND,
    exponential::KIND,
    normal::KIND,
    lognormal::KIND,
    pareto::KIND,
    mixture::KIND,
    percentiles::KIND,
    replay::KIND,
];

/// Longest latency a draw may have: a day, in nanoseconds. Heavy tails end there, so that no sum
/// of times overflows.
pub const LONGEST_NS: f64 = 86_400e9;

/// A latency distribution.
#[derive(Clone)]
pub struct Law(Arc<dyn Distribution>);

/// What a law must be able to do.
pub trait Distribution: fmt::Debug + Send + Sync {
    /// The quantile function in nanoseconds: the latency that a share `u` of (0, 1) stays below.
    fn quantile_ns(&self, u: f64) -> f64;

    /// The share of latencies of at most `ns` nanoseconds: the inverse of the quantile function.
    fn cdf(&self, ns: f64) -> f64;

    /// The mean in nanoseconds, where it exists in closed form.
    fn mean_ns(&self) -> Option<f64> {
        None
    }

    /// The law in words, for reports: `"lognormal, p50 80 ms, p99 400 ms"`.
    fn describe(&self) -> String;
}

/// One entry of [`LAWS`].
#[derive(Clone, Copy)]
pub struct LawKind {
    /// The word in the scenario: `latency = { <name> = … }`.
    pub name: &'static str,
    /// One line: what it looks like, and when to use it.
    pub summary: &'static str,
    /// Its parameters; empty where it takes a single value or a list.
    pub parameters: &'static [Key],
    /// A `latency` value that uses it, in TOML.
    pub example: &'static str,
    /// Parser of the value after `<name> =`.
    pub(crate) parse: fn(&Node, &Context<'_>) -> Result<Law>,
    /// JSON Schema of that value.
    pub(crate) schema: fn(&LawKind) -> Json,
}

impl fmt::Debug for LawKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LawKind").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Law {
    /// Wraps a distribution.
    pub fn new(distribution: impl Distribution + 'static) -> Self {
        Self(Arc::new(distribution))
    }

    /// The latency in whole nanoseconds that a share `u` of (0, 1) stays below; never negative,
    /// never above [`LONGEST_NS`].
    pub fn quantile_ns(&self, u: f64) -> u64 {
        debug_assert!(u > 0.0 && u < 1.0, "a quantile's share lies inside (0, 1): {u}");
        self.0.quantile_ns(u).clamp(0.0, LONGEST_NS).round() as u64
    }

    /// The share of latencies of at most `ns` nanoseconds, 0 to 1.
    pub fn cdf(&self, ns: f64) -> f64 {
        if ns >= LONGEST_NS { 1.0 } else { self.0.cdf(ns).clamp(0.0, 1.0) }
    }

    /// The mean in nanoseconds, where it exists in closed form.
    pub fn mean_ns(&self) -> Option<f64> {
        self.0.mean_ns()
    }

    /// The law in words: `"lognormal, p50 80 ms, p99 400 ms"`.
    pub fn describe(&self) -> String {
        self.0.describe()
    }
}

impl fmt::Debug for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Nanoseconds for people.
fn text(ns: f64) -> String {
    let ns = ns.clamp(0.0, LONGEST_NS).round() as u64;
    crate::units::duration_text(std::time::Duration::from_nanos(ns))
}
