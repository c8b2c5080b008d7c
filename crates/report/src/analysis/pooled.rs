//! Percentiles over the pooled requests of a point's repeats, where one trial has too few.

use std::collections::BTreeMap;

use measurement::row::TrialRow;

use super::metric::{
    ADDED_P50, ADDED_P99, LATENCY_P50, LATENCY_P90, LATENCY_P99, LATENCY_P999, Metric,
};
use crate::stats::Distribution;

/// What `histograms.hlog` holds of one trial: counts of values in ns.
#[derive(Debug, Clone, Default)]
pub struct TrialCounts {
    /// Request latency of the window's requests that ended.
    pub latency: Vec<(u64, u64)>,
    /// Their added latency, where it is defined.
    pub added: Vec<(u64, u64)>,
}

/// The histograms of a run by the `order` of their trial.
pub type Histograms = BTreeMap<u32, TrialCounts>;

/// The requests of all rows that figures of a point come from, taken together.
#[derive(Debug, Clone, Default)]
pub struct Pooled {
    /// Request latency.
    pub latency: Distribution,
    /// What model and machine added to it.
    pub added: Distribution,
}

impl Pooled {
    /// Of the rows that figures come from; empty where one of them has no histogram, since a pool
    /// of the others would be another sample.
    pub(super) fn of<'a>(
        rows: impl Iterator<Item = &'a TrialRow>,
        histograms: &Histograms,
    ) -> Self {
        let mut parts = Vec::new();
        for row in rows {
            let Some(counts) = histograms.get(&row.order) else { return Self::default() };
            parts.push((
                Distribution::new(counts.latency.clone(), row.censored),
                Distribution::new(counts.added.clone(), row.censored),
            ));
        }
        Self {
            latency: Distribution::merged(parts.iter().map(|(latency, _)| latency)),
            added: Distribution::merged(parts.iter().map(|(_, added)| added)),
        }
    }

    /// The distribution and quantile that a metric is of; `None` where it is no percentile of them.
    pub(super) fn quantile(&self, metric: &Metric) -> Option<(&Distribution, f64)> {
        let (latency, added) = (&self.latency, &self.added);
        let known = [
            (LATENCY_P50, latency, 0.5),
            (LATENCY_P90, latency, 0.9),
            (LATENCY_P99, latency, 0.99),
            (LATENCY_P999, latency, 0.999),
            (ADDED_P50, added, 0.5),
            (ADDED_P99, added, 0.99),
        ];
        known.into_iter().find(|(own, ..)| own.key == metric.key).map(|(_, of, q)| (of, q))
    }
}
