//! Did the mock keep up? Its hold error, its CPU, its event loop.

use scenario::Checks;

use super::super::percentile::{rank, supports};
use super::{Facts, Found, percent, share, time};
use crate::row::Verdict;

pub(super) const HOLD_ERROR: &str = "mock: hold error";
pub(super) const CPU: &str = "mock: CPU";
pub(super) const TURNS: &str = "mock: event loop";

/// What is judged of held times and of turns.
const QUANTILE: f64 = 0.99;

pub(super) fn check(facts: &Facts, limits: &Checks) -> Vec<Found> {
    vec![hold_error(facts, limits), cpu(facts, limits), turns(facts, limits)]
}

/// The p99 over the window's responses of hold error ÷ what that response is allowed. By nearest
/// rank it exists for any number of responses; below 100 it is the largest.
fn hold_error(facts: &Facts, limits: &Checks) -> Found {
    let name = HOLD_ERROR;
    let threshold = format!(
        "p99 at most {} of the response’s delay, or {} if that is more",
        share(|checks| checks.hold_error, limits),
        time(|checks| checks.hold_error_floor, limits)
    );
    let mut errors: Vec<(f64, u64)> = facts
        .hold_errors()
        .into_iter()
        .map(|(error_ns, delay_ns)| (error_ns as f64 / allowed_ns(delay_ns, limits), error_ns))
        .collect();
    if errors.is_empty() {
        return Found::not_checked(name, "no response in the window", threshold);
    }
    errors.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (of_allowed, error_ns) = errors[rank(errors.len(), QUANTILE) - 1];
    let late = errors.iter().filter(|&&(of_allowed, _)| of_allowed > 1.0).count();
    let all = errors.len();
    let said = format!(
        "p99 {of_allowed:.2} × what is allowed ({:.2} ms); {late} of {all} responses above it",
        error_ns as f64 / 1e6
    );
    Found::new(name, said.clone(), threshold).measured(of_allowed).failed_if(
        of_allowed > 1.0,
        Verdict::UpstreamLimited,
        || format!("the mock held responses too long: {said}{}", few(all)),
    )
}

/// What a response may be held too long, ns; never 0, to divide by.
fn allowed_ns(delay_ns: u64, limits: &Checks) -> f64 {
    let floor_ns = limits.hold_error_floor.as_nanos() as f64;
    (delay_ns as f64 * limits.hold_error).max(floor_ns).max(1.0)
}

/// Why a p99 of few samples is judged all the same.
fn few(samples: usize) -> String {
    if supports(samples, QUANTILE) {
        return String::new();
    }
    let decide = samples - rank(samples, QUANTILE) + 1;
    let late = if decide == 1 {
        "one late one decides".to_owned()
    } else {
        format!("{decide} late ones decide")
    };
    format!("; of so few {late}: a longer window tells more")
}

fn cpu(facts: &Facts, limits: &Checks) -> Found {
    let name = CPU;
    let threshold = format!(
        "at most {} of what it has (what the client leaves it, where they share and it does not go first), spinning left out",
        share(|checks| checks.upstream_cpu, limits)
    );
    let Some(busy_s) = facts.upstream_busy_s() else {
        return Found::not_checked(name, "not measured", threshold);
    };
    let used = busy_s / facts.upstream_had_s().max(1e-9);
    Found::new(name, percent(used), threshold).measured(used / limits.upstream_cpu).failed_if(
        used > limits.upstream_cpu,
        Verdict::UpstreamLimited,
        || {
            format!(
                "the mock used {} of its CPU: at least this much, the mock is the limit",
                percent(used)
            )
        },
    )
}

/// The p99 of the event loop's turns is above the threshold exactly where more turns are longer
/// than a p99 leaves beyond it: the mock counts those.
fn turns(facts: &Facts, limits: &Checks) -> Found {
    let name = TURNS;
    let threshold = format!("p99 of its turns at most {}", time(|checks| checks.turn_p99, limits));
    let (turns, long, longest_ns) =
        facts.loop_slots().fold((0_usize, 0_usize, 0_u64), |sum, slot| {
            (
                sum.0 + slot.turns as usize,
                sum.1 + slot.turns_long as usize,
                sum.2.max(slot.turn_max_ns),
            )
        });
    if turns == 0 {
        return Found::not_checked(name, "no turn was timed", threshold);
    }
    let beyond = turns - rank(turns, QUANTILE);
    let said =
        format!("{long} of {turns} turns longer, the longest {:.2} ms", longest_ns as f64 / 1e6);
    // One more than may lie beyond it makes the p99 too long.
    Found::new(name, said.clone(), threshold).measured(long as f64 / (beyond + 1) as f64).failed_if(
        long > beyond,
        Verdict::UpstreamLimited,
        || {
            format!(
                "the mock’s event loop was slow: p99 over {}, {said}{}",
                time(|checks| checks.turn_p99, limits),
                few(turns)
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_few_samples_the_reason_says_how_many_decide() {
        assert_eq!(few(1_000), "");
        assert!(few(24).contains("one late one decides"));
        assert!(few(999).contains("10 late ones decide"), "{}", few(999));
    }

    #[test]
    fn what_is_allowed_is_the_larger_of_both() {
        let limits = Checks::default();
        assert!((allowed_ns(20_000_000, &limits) - 1e6).abs() < 1e-6);
        assert!((allowed_ns(100_000_000, &limits) - 2e6).abs() < 1e-6);
    }
}
