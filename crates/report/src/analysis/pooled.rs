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
    /// What the upstreams alone took of the latter; empty in runs of older versions.
    pub held: Vec<(u64, u64)>,
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
    /// What the upstreams alone took; empty where a trial has none logged.
    pub held: Distribution,
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
                // Of a request that did not end it is not known, and not known to be long.
                Distribution::new(counts.held.clone(), 0),
            ));
        }
        Self {
            latency: Distribution::merged(parts.iter().map(|(latency, ..)| latency)),
            added: Distribution::merged(parts.iter().map(|(_, added, _)| added)),
            held: if parts.iter().all(|(.., held)| held.samples() > 0) {
                Distribution::merged(parts.iter().map(|(.., held)| held))
            } else {
                Distribution::default()
            },
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
