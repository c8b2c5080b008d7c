//! A histogram small enough for every row: powers of two of a microsecond.

use serde::{Deserialize, Serialize};

/// Number of buckets: below 1 us, then one per doubling; the last holds everything from 1 s.
pub const BUCKETS: usize = 22;

/// Counts by size: bucket 0 holds values below 1 us, bucket `k` those in `2^(k-1) .. 2^k` us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Log2([u64; BUCKETS]);

impl Log2 {
    /// Counts one value.
    pub fn add(&mut self, ns: u64) {
        let bucket = (ns / 1_000).checked_ilog2().map_or(0, |log| log as usize + 1);
        self.0[bucket.min(BUCKETS - 1)] += 1;
    }

    /// Adds another histogram's counts.
    pub fn merge(&mut self, other: &Self) {
        for (own, more) in self.0.iter_mut().zip(other.0) {
            *own = own.saturating_add(more);
        }
    }

    /// Values counted.
    pub fn total(&self) -> u64 {
        self.0.iter().fold(0, |sum, &count| sum.saturating_add(count))
    }

    /// The buckets that hold anything, and those between: upper bound in us (`None`: none) and
    /// count.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<u64>, u64)> {
        let filled = |&(_, &count): &(usize, &u64)| count > 0;
        let first = self.0.iter().enumerate().find(filled).map_or(0, |(at, _)| at);
        let last = self.0.iter().enumerate().rfind(filled).map_or(0, |(at, _)| at + 1);
        let range = first..last.max(first);
        range.map(|at| ((at + 1 < BUCKETS).then(|| 1 << at), self.0[at]))
    }
}

impl FromIterator<u64> for Log2 {
    fn from_iter<T: IntoIterator<Item = u64>>(values_ns: T) -> Self {
        let mut histogram = Self::default();
        values_ns.into_iter().for_each(|ns| histogram.add(ns));
        histogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_below_their_bound() {
        let histogram: Log2 = [0, 999, 1_000, 1_999, 2_000, 7_999, u64::MAX].into_iter().collect();
        let buckets: Vec<_> = histogram.buckets().filter(|&(_, count)| count > 0).collect();
        assert_eq!(buckets, [(Some(1), 2), (Some(2), 2), (Some(4), 1), (Some(8), 1), (None, 1)]);
        assert_eq!(histogram.total(), 7);
        let mut twice = histogram;
        twice.merge(&histogram);
        assert_eq!(twice.total(), 14);
        assert_eq!(Log2::default().buckets().count(), 0);
    }
}
