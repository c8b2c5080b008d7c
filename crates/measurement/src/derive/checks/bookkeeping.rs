//! Do the counters and the records tell the same story? ∫ in-flight dt, counted once as requests
//! start and end, must equal the sum of the recorded requests' time inside the window.

use scenario::Checks;

use super::{Facts, Found, share};
use crate::row::Verdict;

pub(super) fn check(facts: &Facts, limits: &Checks) -> Vec<Found> {
    let threshold = format!("at most {} apart", share(|checks| checks.bookkeeping, limits));
    let name = "bookkeeping: counters against records";
    let account = facts.account;
    let arrived = |phase: usize| (account.started[phase] + account.shed[phase]) as usize;
    // Of the cool-down of an open loop, what started before the window's accounts were read.
    let after = facts.open.as_ref().is_none_or(|run| {
        let last = run.cooldown.iter().rfind(|record| record.is_started());
        arrived(2) <= run.cooldown.len()
            || last.is_some_and(|record| record.started_ns >= facts.window.end.at_ns)
    });
    let all = arrived(0) <= facts.warmup.len() && arrived(1) <= facts.records.len() && after;
    if !all {
        return vec![Found::not_checked(name, "more requests than records", threshold)];
    }
    let (from, to) = (facts.window.start.at_ns, facts.window.end.at_ns);
    let inside: u128 = facts
        .all_records()
        .map(|record| {
            let end = if record.is_ended() { record.ended_ns.min(to) } else { to };
            u128::from(end.saturating_sub(record.started_ns.max(from)))
        })
        .sum();
    let counted = facts.window.end.in_flight_ns - facts.window.start.in_flight_ns;
    let off = (counted as f64 - inside as f64).abs() / (inside as f64).max(1.0);
    let said = format!("{:.3} % apart", off * 100.0);
    let found = Found::new(name, said.clone(), threshold).measured(off / limits.bookkeeping);
    vec![found.failed_if(off > limits.bookkeeping, Verdict::Inconsistent, || {
        format!("in-flight time by counters and by records: {said}")
    })]
}
