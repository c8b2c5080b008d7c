//! Where the time of a request goes: a closed account of a sample of requests.
//!
//! The parts follow each other in time, from a request's dispatch to its combined answer, along
//! the fetch that ended last. Their means add up to the mean total.

use serde::{Deserialize, Serialize};

/// The time budget of a trial's sampled requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Budget {
    /// Requests sampled, both of whose fetches were answered.
    pub sampled: u64,
    /// One in so many of the window's requests was sampled.
    pub every: u64,
    /// Requests sampled and left out: a fetch was not answered, or the end was not seen.
    pub left_out: u64,
    /// Mean time from dispatch to the combined answer, us.
    pub total_mean_us: f64,
    /// The parts in the order they happen.
    pub parts: Vec<BudgetPart>,
}

/// One part of a request's time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct BudgetPart {
    /// `start`, `fork`, `connection`, `send`, `held`, `wake-up`, `receive`, `join`, `combine`.
    pub name: String,
    /// What it spans, in words.
    pub doc: String,
    /// Mean, us.
    pub mean_us: f64,
    /// Median, us.
    pub p50_us: f64,
    /// 99th percentile, us, where the sample supports it.
    pub p99_us: Option<f64>,
}
