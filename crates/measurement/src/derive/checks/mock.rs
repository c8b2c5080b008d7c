//! Did the mock keep up? Its hold error, its CPU, its event loop.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::{Facts, Found, Thresholds, percent};
use crate::row::Verdict;

/// Share of responses that may be late: a p99 inside what is allowed.
const LATE_SHARE: f64 = 0.01;
/// Turns that a share of them means something for.
const LEAST_TURNS: u64 = 100;

pub(super) fn check(facts: &Facts, thresholds: &Thresholds) -> Vec<Found> {
    vec![hold_error(facts, thresholds), cpu(facts, thresholds), turns(facts, thresholds)]
}

/// A p99 above what is allowed means that more than one response in a hundred was late. With few
/// responses a single late one is more than that and proves nothing, so the count has to be more
/// than chance makes of one in a hundred.
fn hold_error(facts: &Facts, thresholds: &Thresholds) -> Found {
    let threshold = format!(
        "at most {} of responses held {} ms or {} of their delay too long (binomial, 95 %)",
        percent(LATE_SHARE),
        thresholds.hold_error_least_ns / 1_000_000,
        percent(thresholds.hold_error_share)
    );
    let name = "mock: hold error";
    let errors = facts.hold_errors();
    if errors.is_empty() {
        return Found::not_checked(name, "no response in the window", threshold);
    }
    let late = errors.iter().filter(|&&(error_ns, delay_ns)| {
        let share_ns = (delay_ns as f64 * thresholds.hold_error_share) as u64;
        error_ns > share_ns.max(thresholds.hold_error_least_ns)
    });
    let (late, all) = (late.count() as u64, errors.len() as u64);
    let worst_ns = errors.iter().map(|&(error_ns, _)| error_ns).max().unwrap_or(0);
    let said =
        format!("{late} of {all} responses too late, the worst by {:.2} ms", worst_ns as f64 / 1e6);
    Found::new(name, said.clone(), threshold).failed_if(
        more_than_chance(late, all),
        Verdict::UpstreamLimited,
        || format!("the mock held responses too long: {said}"),
    )
}

/// Whether `late` of `all` is more than a true share of [`LATE_SHARE`] gives one time in twenty.
fn more_than_chance(late: u64, all: u64) -> bool {
    let expected = all as f64 * LATE_SHARE;
    let at_least = |late: u64| {
        let below = late.checked_sub(1);
        Binomial::new(LATE_SHARE, all).map_or(0.0, |law| below.map_or(1.0, |below| law.sf(below)))
    };
    late as f64 > expected && at_least(late) < 0.05
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
    if turns < LEAST_TURNS {
        return Found::not_checked(name, "too few turns timed", threshold);
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

#[cfg(test)]
mod tests {
    use super::more_than_chance;

    #[test]
    fn one_late_response_of_few_is_chance_and_three_are_not() {
        assert!(!more_than_chance(0, 0));
        assert!(!more_than_chance(1, 16));
        assert!(more_than_chance(2, 16));
        assert!(!more_than_chance(10, 1_000));
        assert!(more_than_chance(20, 1_000));
        assert!(!more_than_chance(0, 100_000));
    }
}
