//! Did the model use all its CPUs, or all its pool? A finding on a sound row.

use scenario::Checks;

use super::{Facts, Found, percent, share};
use crate::row::Verdict;

pub(super) const CPU: &str = "client CPU";
pub(super) const POOL: &str = "pool";

pub(super) fn check(facts: &Facts, limits: &Checks) -> Vec<Found> {
    let mut found = vec![cpu(facts, limits)];
    if let Some(ceiling) = facts.pool_ceiling_rps() {
        let used = facts.throughput_rps() / ceiling;
        let threshold = format!(
            "saturated from {} of its ceiling",
            share(|checks| checks.saturated_pool, limits)
        );
        let workers = facts.account.pool_workers.unwrap_or(0);
        found.push(Found::new(POOL, percent(used), threshold).measured(used / limits.saturated_pool).failed_if(
            used >= limits.saturated_pool,
            Verdict::Saturated,
            || {
                format!(
                    "the pool of {workers} has no idle worker: {} of its ceiling of {ceiling:.1}/s",
                    percent(used)
                )
            },
        ));
    }
    found
}

fn cpu(facts: &Facts, limits: &Checks) -> Found {
    let used = facts.cpu_utilisation();
    let threshold = format!("saturated from {}", share(|checks| checks.saturated_cpu, limits));
    Found::new(CPU, percent(used), threshold).measured(used / limits.saturated_cpu).failed_if(
        used >= limits.saturated_cpu,
        Verdict::Saturated,
        || format!("CPU: {} of what the client has", percent(used)),
    )
}
