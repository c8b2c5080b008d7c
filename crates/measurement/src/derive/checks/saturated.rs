//! Did the model use all its CPUs, or all its pool? A finding on a sound row.

use super::{Facts, Found, Thresholds, percent};
use crate::row::Verdict;

pub(super) fn check(facts: &Facts, thresholds: &Thresholds) -> Vec<Found> {
    let mut found = vec![cpu(facts, thresholds)];
    if let Some(ceiling) = facts.pool_ceiling_rps() {
        let share = facts.throughput_rps() / ceiling;
        let threshold =
            format!("saturated from {} of its ceiling", percent(thresholds.saturated_pool));
        let workers = facts.account.pool_workers.unwrap_or(0);
        found.push(Found::new("pool", percent(share), threshold).failed_if(
            share >= thresholds.saturated_pool,
            Verdict::Saturated,
            || {
                format!(
                    "the pool of {workers} has no idle worker: {} of its ceiling of {ceiling:.1}/s",
                    percent(share)
                )
            },
        ));
    }
    found
}

fn cpu(facts: &Facts, thresholds: &Thresholds) -> Found {
    let share = facts.cpu_utilisation();
    let threshold = format!("saturated from {}", percent(thresholds.saturated_cpu));
    Found::new("client CPU", percent(share), threshold).failed_if(
        share >= thresholds.saturated_cpu,
        Verdict::Saturated,
        || format!("CPU: {} of what the client has", percent(share)),
    )
}
