//! Did the mock keep up? Its hold error, its CPU, its event loop.

use super::{Facts, Found, Thresholds, percent};
use crate::derive::percentile::percentile;
use crate::row::Verdict;

pub(super) fn check(facts: &Facts, thresholds: &Thresholds) -> Vec<Found> {
    vec![hold_error(facts, thresholds), cpu(facts, thresholds), turns(facts, thresholds)]
}

fn hold_error(facts: &Facts, thresholds: &Thresholds) -> Found {
    let threshold = format!(
        "p99 within {} ms or {} of the delay",
        thresholds.hold_error_least_ns / 1_000_000,
        percent(thresholds.hold_error_share)
    );
    let name = "mock: hold error";
    // In thousandths of what is allowed for each response's own delay.
    let mut used: Vec<u64> = facts
        .hold_errors()
        .into_iter()
        .map(|(error_ns, delay_ns)| {
            let share = (delay_ns as f64 * thresholds.hold_error_share) as u64;
            error_ns * 1_000 / share.max(thresholds.hold_error_least_ns)
        })
        .collect();
    used.sort_unstable();
    let Some(p99) = percentile(&used, 0, 0.99) else {
        return Found::not_checked(name, "no response in the window", threshold);
    };
    let said = format!("p99 uses {:.1} % of what is allowed", p99 as f64 / 10.0);
    Found::new(name, said.clone(), threshold).failed_if(
        p99 > 1_000,
        Verdict::UpstreamLimited,
        || format!("the mock held responses too long: {said}"),
    )
}

fn cpu(facts: &Facts, thresholds: &Thresholds) -> Found {
    let threshold =
        format!("at most {} of what it has, spinning left out", percent(thresholds.upstream_cpu));
    let name = "mock: CPU";
    let Some(busy_s) = facts.upstream_busy_s() else {
        return Found::not_checked(name, "not measured", threshold);
    };
    let share = busy_s / (facts.window.seconds() * facts.upstream_cpus.max(1) as f64);
    Found::new(name, percent(share), threshold).failed_if(
        share > thresholds.upstream_cpu,
        Verdict::UpstreamLimited,
        || {
            format!(
                "the mock used {} of its CPU: at least this much, the mock is the limit",
                percent(share)
            )
        },
    )
}

fn turns(facts: &Facts, thresholds: &Thresholds) -> Found {
    let threshold = format!("at most {} of turns longer than 1 ms", percent(thresholds.long_turns));
    let name = "mock: event loop";
    let (turns, long, longest) = facts.loop_slots().fold((0_u64, 0_u64, 0_u64), |sum, slot| {
        (
            sum.0 + u64::from(slot.turns),
            sum.1 + u64::from(slot.turns_over_1ms),
            sum.2.max(slot.turn_max_ns),
        )
    });
    if turns == 0 {
        return Found::not_checked(name, "no turn timed", threshold);
    }
    let share = long as f64 / turns as f64;
    let said =
        format!("{} of {turns} turns, longest {:.2} ms", percent(share), longest as f64 / 1e6);
    Found::new(name, said.clone(), threshold).failed_if(
        share > thresholds.long_turns,
        Verdict::UpstreamLimited,
        || format!("the mock's event loop was slow: over 1 ms in {said}"),
    )
}
