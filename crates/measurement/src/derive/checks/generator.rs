//! Did the generator keep its own plan? Every request that was due is accounted for, and none was
//! sent late while the client had CPU time to spare.
//!
//! A late request is no error of the measurement: its lag counts in the response. But where the
//! client was not busy, it was the generator that was late and not the model.

use scenario::{Checks, LoadShape};

use super::super::open::{Run, shed};
use super::super::percentile::percentile;
use super::{Facts, Found, percent, share, time};
use crate::row::Verdict;

pub(super) fn check(facts: &Facts, limits: &Checks) -> Vec<Found> {
    let Some(run) = &facts.open else { return Vec::new() };
    vec![account(facts, run), lag(facts, run, limits)]
}

/// Planned, and dealt with: as sets, by the time each was due.
fn account(facts: &Facts, run: &Run) -> Found {
    let threshold = "due = started + shed + not reached, each at its planned time".to_owned();
    let due = run.due_ns.len();
    let (shed, dealt_with) = (shed(facts.records), facts.records.len());
    let counted = facts.account.started[1] + facts.account.shed[1];
    let moved =
        facts.records.iter().zip(&run.due_ns).position(|(record, &ns)| record.intended_ns != ns);
    let value = format!(
        "{due} due, {} started, {shed} shed, {} not reached",
        dealt_with as u64 - shed,
        run.undispatched(facts.records)
    );
    let problem = if let Some(id) = moved {
        Some(format!("request {id} is recorded with another time than it was planned for"))
    } else if dealt_with > due || counted != dealt_with as u64 {
        Some(format!("{value}, but the client counted {counted} arrivals"))
    } else {
        None
    };
    Found::new("generator: every request that was due", value, threshold).failed_if(
        problem.is_some(),
        Verdict::Inconsistent,
        || problem.unwrap_or_default(),
    )
}

/// The p99 of the lag, where the client had CPU to spare over the window. In stages, whose rate
/// changes, the slices are judged one by one; the one after a busy slice is left out as well,
/// since a queue left over is no fault of the generator.
fn lag(facts: &Facts, run: &Run, limits: &Checks) -> Found {
    let name = "generator: lag";
    let threshold = format!(
        "p99 at most {} while the client uses less than {} of its CPU",
        time(|checks| checks.lag_p99, limits),
        share(|checks| checks.lag_cpu, limits)
    );
    let idle = idle_slices(facts, run, limits.lag_cpu);
    let mut lags: Vec<u64> = facts
        .records
        .iter()
        .filter(|record| record.is_started())
        .filter(|record| {
            let after_ns = record.intended_ns.saturating_sub(run.window_ns.start);
            idle.get((after_ns / run.slice_ns()) as usize).copied().unwrap_or(false)
        })
        .map(|record| record.started_ns.saturating_sub(record.intended_ns))
        .collect();
    if lags.is_empty() {
        return Found::not_checked(name, "the client had no CPU to spare", threshold);
    }
    lags.sort_unstable();
    let p99_ns = percentile(&lags, 0, 0.99).unwrap_or(0);
    let allowed_ns = limits.lag_p99.as_nanos() as u64;
    let all = idle.iter().all(|&idle| idle);
    let said = format!(
        "p99 {:.3} ms of {} requests{}",
        p99_ns as f64 / 1e6,
        lags.len(),
        if all { "" } else { ", those due while the client was not busy" }
    );
    Found::new(name, said.clone(), threshold)
        .measured(p99_ns as f64 / allowed_ns.max(1) as f64)
        .failed_if(p99_ns > allowed_ns, Verdict::Inconsistent, || {
            format!(
                "requests were sent late, with the client’s CPU at {}: {said}{}",
                percent(facts.cpu_utilisation()),
                stopped(facts)
            )
        })
}

/// For how long the process did not run although it was due, where it was seen to: one part in a
/// hundred of a window that is lost so makes the p99 of the lag.
fn stopped(facts: &Facts) -> String {
    let window = facts.window.start.at_ns..facts.window.end.at_ns;
    let stops = facts.account.stops.iter().filter(|stop| window.contains(&stop.until_ns));
    let length_ns: u64 = stops.map(|stop| stop.length_ns).sum();
    if length_ns == 0 {
        return String::new();
    }
    format!(
        "; its process did not run for {:.0} ms of the window although it was due",
        length_ns as f64 / 1e6
    )
}

/// Which slices of the window left the client CPU to spare: at one rate all of them or none, in
/// stages those that did so themselves, and the one before each. Where a slice was not watched,
/// the whole window stands for it.
fn idle_slices(facts: &Facts, run: &Run, limit: f64) -> Vec<bool> {
    let slices = run.timeline(facts);
    if !matches!(facts.scenario.load.shape, LoadShape::Stages { .. }) {
        return vec![facts.cpu_utilisation() < limit; slices.len()];
    }
    let mut before = false;
    let idle = slices.iter().map(|slice| {
        let busy = slice.cpu.unwrap_or_else(|| facts.cpu_utilisation()) >= limit;
        let idle = !busy && !before;
        before = busy;
        idle
    });
    idle.collect()
}
