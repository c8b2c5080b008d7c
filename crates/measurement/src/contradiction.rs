//! Does a row agree with itself? Its rates and shares follow from its counts, so a row that was
//! edited, or written by a broken version, shows here before anybody believes it.

mod histogram;
mod ids;
mod open;

use std::ops::RangeInclusive;

use crate::row::TrialRow;

pub use histogram::histogram_contradiction;

/// Figures that must be equal may differ by this share: they went through decimal text.
const TOLERANCE: f64 = 1e-6;

/// Rates and times of a trial are 0 or in here, whatever their unit. Far wider than anything that
/// can be measured, and narrow enough for an axis.
const MEASURABLE: RangeInclusive<f64> = 1e-18..=1e18;

/// What a row says of itself that cannot all be true; `None`: nothing found.
pub fn contradiction(row: &TrialRow) -> Option<String> {
    counts(row)
        .or_else(|| magnitudes(row))
        .or_else(|| derived(row))
        .or_else(|| percentiles(row))
        .or_else(|| budget(row))
        .or_else(|| ids::contradiction(row))
        .or_else(|| open::contradiction(row))
}

fn counts(row: &TrialRow) -> Option<String> {
    let parts = [row.ok, row.degraded, row.failed, row.censored];
    let sum = parts.iter().fold(0_u64, |sum, &part| sum.saturating_add(part));
    if row.requests != sum {
        return Some(format!(
            "requests is {}, but ok + degraded + failed + censored is {sum}",
            row.requests
        ));
    }
    let errors = row.errors.values().fold(0_u64, |sum, &n| sum.saturating_add(n));
    let fetches = row.failed.saturating_mul(2).saturating_add(row.degraded);
    if errors != fetches {
        return Some(format!(
            "errors add up to {errors} fetches, but degraded + 2 × failed is {fetches}"
        ));
    }
    let (received, answered) = (row.upstream_received?, row.upstream_answered?);
    if answered > received {
        return Some(format!(
            "upstream_answered is {answered}, more than upstream_received, {received}"
        ));
    }
    let completed: u64 = row.completions_by_tenth.iter().fold(0, |sum, &n| sum.saturating_add(n));
    let counted = row.throughput_rps? * row.duration_s?;
    // Counters and records are read a moment apart, at both ends of the window.
    let allowed = (counted * 0.001).max(3.0) + f64::from(row.client_cpus);
    let recorded = !row.completions_by_tenth.is_empty();
    (recorded && (counted - completed as f64).abs() > allowed).then(|| {
        format!(
            "throughput_rps × duration_s is {counted:.1} completions, but completions_by_tenth adds up to {completed}"
        )
    })
}

fn magnitudes(row: &TrialRow) -> Option<String> {
    let figures = [
        ("duration_s", row.duration_s),
        ("throughput_rps", row.throughput_rps),
        ("goodput_rps", row.goodput_rps),
        ("ideal_rps", row.ideal_rps),
        ("pool_ceiling_rps", row.pool_ceiling_rps),
        ("latency_mean_ms", row.latency_mean_ms),
        ("latency_p50_ms", row.latency_p50_ms),
        ("latency_p90_ms", row.latency_p90_ms),
        ("latency_p99_ms", row.latency_p99_ms),
        ("latency_p999_ms", row.latency_p999_ms),
        ("latency_max_ms", row.latency_max_ms),
        ("added_mean_ms", row.added_mean_ms),
        ("added_p50_ms", row.added_p50_ms),
        ("added_p99_ms", row.added_p99_ms),
        ("cpu_user_s", row.cpu_user_s),
        ("cpu_system_s", row.cpu_system_s),
    ];
    figures.into_iter().find_map(|(name, value)| {
        let value = value.filter(|value| *value != 0.0 && !MEASURABLE.contains(value))?;
        Some(format!("{name} is {value:e}, which nothing measures"))
    })
}

fn derived(row: &TrialRow) -> Option<String> {
    let cpu_s = row.cpu_user_s.zip(row.cpu_system_s).map(|(user, system)| user + system);
    let completions = row.throughput_rps.zip(row.duration_s).map(|(rate, time)| rate * time);
    let all = row.duration_s.map(|time| time * f64::from(row.client_cpus.max(1)));
    let cpu_time = row.client_cpu_had_s.or(all);
    let quotients = [
        ("efficiency", row.efficiency, row.throughput_rps, row.ideal_rps),
        ("cpu_us_per_request", row.cpu_us_per_request, cpu_s.map(|s| s * 1e6), completions),
        ("cpu_utilisation", row.cpu_utilisation, cpu_s, cpu_time),
    ];
    quotients.into_iter().find_map(|(name, stated, over, under)| {
        let (stated, expected) = (stated?, over? / under?);
        let apart = (stated - expected).abs() > TOLERANCE * expected.abs().max(TOLERANCE);
        (expected.is_finite() && apart)
            .then(|| format!("{name} is {stated}, but what it is made of gives {expected}"))
    })
}

fn percentiles(row: &TrialRow) -> Option<String> {
    let latencies = [
        ("latency_p50_ms", row.latency_p50_ms),
        ("latency_p90_ms", row.latency_p90_ms),
        ("latency_p99_ms", row.latency_p99_ms),
        ("latency_p999_ms", row.latency_p999_ms),
        ("latency_max_ms", row.latency_max_ms),
    ];
    ascending(&latencies)
}

/// Figures that must not fall from one to the next.
fn ascending(figures: &[(&str, Option<f64>)]) -> Option<String> {
    let known: Vec<(&str, f64)> =
        figures.iter().filter_map(|&(name, value)| Some((name, value?))).collect();
    known
        .windows(2)
        .find(|pair| pair[0].1 > pair[1].1)
        .map(|pair| format!("{} is {}, above {}, {}", pair[0].0, pair[0].1, pair[1].0, pair[1].1))
}

/// A budget is closed: its parts add up, and it accounts for no more requests than there were.
fn budget(row: &TrialRow) -> Option<String> {
    let budget = row.budget.as_ref()?;
    let accounted = budget.sampled.saturating_add(budget.left_out);
    if accounted > row.requests {
        return Some(format!(
            "the time budget accounts for {accounted} requests of {}",
            row.requests
        ));
    }
    let sum: f64 = budget.parts.iter().map(|part| part.mean_us).sum();
    let apart = (sum - budget.total_mean_us).abs() > TOLERANCE * budget.total_mean_us.abs();
    apart.then(|| {
        format!(
            "the parts of the time budget add up to {sum} us, not to its total, {}",
            budget.total_mean_us
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Budget, BudgetPart};

    fn part(mean_us: f64) -> BudgetPart {
        BudgetPart { mean_us, ..BudgetPart::default() }
    }

    fn sound() -> TrialRow {
        TrialRow {
            requests: 100,
            ok: 90,
            degraded: 6,
            failed: 3,
            censored: 1,
            errors: [("timeout".to_owned(), 12)].into(),
            duration_s: Some(2.0),
            throughput_rps: Some(50.0),
            ideal_rps: Some(100.0),
            efficiency: Some(0.5),
            cpu_user_s: Some(0.1),
            cpu_system_s: Some(0.3),
            cpu_us_per_request: Some(4_000.0),
            cpu_utilisation: Some(0.2),
            client_cpus: 1,
            latency_p50_ms: Some(1.0),
            latency_p99_ms: Some(2.0),
            upstream_received: Some(200),
            upstream_answered: Some(199),
            completions_by_tenth: vec![10; 10],
            budget: Some(Budget {
                sampled: 9,
                every: 10,
                left_out: 1,
                total_mean_us: 3.0,
                parts: [1.0, 2.0].map(part).to_vec(),
            }),
            ..TrialRow::default()
        }
    }

    #[test]
    fn an_edited_figure_is_found() {
        assert_eq!(contradiction(&sound()), None);
        assert_eq!(contradiction(&TrialRow::default()), None);
        let edits: [fn(&mut TrialRow); 14] = [
            |row| row.ok += 1,
            |row| (row.ok, row.failed) = (row.ok - 1, row.failed + 1),
            |row| row.throughput_rps = Some(60.0),
            |row| row.efficiency = Some(0.51),
            |row| row.cpu_us_per_request = Some(3_999.0),
            |row| row.cpu_utilisation = Some(0.1),
            |row| row.client_cpu_had_s = Some(1.0),
            |row| row.latency_p50_ms = Some(2.1),
            |row| row.upstream_answered = Some(201),
            |row| row.latency_max_ms = Some(1e300),
            |row| row.added_p50_ms = Some(1e-300),
            |row| row.goodput_rps = Some(-50.0),
            |row| row.budget.as_mut().unwrap().left_out = 92,
            |row| row.budget.as_mut().unwrap().parts[0].mean_us = 1.1,
        ];
        for (number, edit) in edits.into_iter().enumerate() {
            let mut row = sound();
            edit(&mut row);
            assert!(contradiction(&row).is_some(), "edit {number}");
        }
    }
}
