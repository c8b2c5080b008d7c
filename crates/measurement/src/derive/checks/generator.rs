//! Did the generator keep its own plan? Every request that was due is accounted for, and none was
//! sent late while the client had CPU time to spare.
//!
//! A late request is no error of the measurement: its lag counts in the response. But where the
//! client was not busy, it was the generator that was late and not the model.

use std::ops::Range;

use scenario::{Checks, LoadShape};

use super::super::open::{Run, shed};
use super::super::percentile::percentile;
use super::{Facts, Found, percent, share, time};
use crate::output::OpenAccount;
use crate::record::RequestRecord;
use crate::row::Verdict;

pub(super) const LAG: &str = "generator: lag";

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

/// The p99 of the lag, where the client had CPU to spare: at one rate over the window as a whole,
/// in stages of the requests that were due while the client was not busy.
///
/// A thousand threads of the model that wake at once keep the CPU for tens of milliseconds, and a
/// dispatcher stands in line with them as a server's would. That lag counts in the response and
/// against the row all the same; the words say how much of it there is.
fn lag(facts: &Facts, run: &Run, limits: &Checks) -> Found {
    let name = LAG;
    let threshold = format!(
        "p99 at most {} while the client uses less than {} of its CPU",
        time(|checks| checks.lag_p99, limits),
        share(|checks| checks.lag_cpu, limits)
    );
    let whole = facts.cpu_utilisation() >= limits.lag_cpu;
    let staged = matches!(facts.scenario.load.shape, LoadShape::Stages { .. });
    let spans = busy_spans(run.account, facts.account.cpus, limits.lag_cpu);
    let started = facts.records.iter().filter(|record| record.is_started());
    let (busy, mut judged): (Vec<u64>, Vec<u64>) = {
        let (busy, calm): (Vec<&RequestRecord>, Vec<&RequestRecord>) =
            started.partition(|record| waited_in(&spans, record));
        (busy.into_iter().map(lag_ns).collect(), calm.into_iter().map(lag_ns).collect())
    };
    let calm_p99_ns = p99(&mut judged);
    if !staged {
        judged.extend(&busy);
    }
    if judged.is_empty() || (whole && (!staged || spans.is_empty())) {
        return Found::not_checked(name, "the client had no CPU to spare", threshold);
    }
    let p99_ns = p99(&mut judged);
    let allowed_ns = limits.lag_p99.as_nanos() as u64;
    let ms = |ns: u64| ns as f64 / 1e6;
    let apart = match (busy.len(), staged) {
        (0, _) => String::new(),
        (left_out, true) => format!("; {left_out} due while the client was busy are left out"),
        (some, false) => format!(
            "; {some} of them were due while the client’s own threads had all of the CPU, the p99 of the others is {:.3} ms",
            ms(calm_p99_ns)
        ),
    };
    let said = format!("p99 {:.3} ms of {} requests{apart}", ms(p99_ns), judged.len());
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

/// The 99th percentile; 0 of nothing. Sorts.
fn p99(lags_ns: &mut [u64]) -> u64 {
    lags_ns.sort_unstable();
    percentile(lags_ns, 0, 0.99).unwrap_or(0)
}

fn lag_ns(record: &RequestRecord) -> u64 {
    record.started_ns.saturating_sub(record.intended_ns)
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

/// When the client used so much of its CPU, by the readings that were taken as the window passed,
/// each with the span after it: a queue left over is no fault of the generator.
fn busy_spans(account: &OpenAccount, cpus: u32, limit: f64) -> Vec<Range<u64>> {
    let mut spans: Vec<Range<u64>> = Vec::new();
    let mut before = false;
    for pair in account.cpu_ns.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let had = to.0.saturating_sub(from.0) as f64 * f64::from(cpus.max(1));
        let busy = had > 0.0 && to.1.saturating_sub(from.1) as f64 >= limit * had;
        if busy || before {
            spans.push(from.0..to.0);
        }
        before = busy;
    }
    spans
}

/// Whether any moment from when a request was due to its dispatch lies in one of these spans.
fn waited_in(spans: &[Range<u64>], record: &RequestRecord) -> bool {
    let next = spans.partition_point(|span| span.end <= record.intended_ns);
    spans.get(next).is_some_and(|span| span.start <= record.started_ns)
}
