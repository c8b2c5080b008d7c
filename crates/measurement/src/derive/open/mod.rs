//! The figures that only an open loop has: its three clocks, what was shed, the timeline, whether
//! arrivals came as planned, and whether the offered rate was more than the system takes.
//!
//! Lives here: values. What they say of the row's worth is for the checks.

mod anderson_darling;
mod gaps;
#[cfg(test)]
mod tests;
mod timeline;

use std::ops::Range;

use hdrhistogram::Histogram;
use scenario::{Phase, Scenario, Schedule};

use self::gaps::Passage;
use self::timeline::Material;
use super::Identity;
use super::facts::Facts;
use super::percentile::{percentile, supports};
use crate::histograms;
use crate::open::{Distribution, OpenFigures};
use crate::output::{OpenAccount, TrialOutput};
use crate::record::RequestRecord;
use crate::row::TrialRow;

/// The schedule of one trial, laid onto the clock it ran by.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) schedule: Schedule,
    pub(super) account: &'a OpenAccount,
    /// The window by the schedule, CLOCK_MONOTONIC. The supervisor reads its accounts a moment
    /// after either end.
    pub(super) window_ns: Range<u64>,
    /// When the window's requests were due, in the order of their ids.
    pub(super) due_ns: Vec<u64>,
    /// Records of the first requests due after the window.
    pub(super) cooldown: &'a [RequestRecord],
    /// Whether the rate changes within the window.
    pub(super) staged: bool,
}

/// What was offered against what was done, where the rate is meant to stay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    pub(super) offered_rps: f64,
    pub(super) achieved_rps: f64,
    /// Share of the offered requests that is missing from the completed ones.
    pub(super) shortfall: f64,
    /// Share that chance may keep in flight at the window's end beyond what its start had.
    pub(super) chance: f64,
    /// Share of the offered requests that was shed.
    pub(super) shed: f64,
    /// Share that may be missing, by the scenario, beyond chance.
    pub(super) allowed: f64,
}

impl<'a> Run<'a> {
    /// The run of an open-loop trial; `None` for a closed loop, or where the load never began.
    pub(super) fn of(
        scenario: &Scenario,
        identity: &Identity,
        output: &'a TrialOutput,
    ) -> Option<Self> {
        let account = output.account.open.as_ref()?;
        let read = output.account.window?;
        let schedule =
            scenario.trial_schedule(identity.level, &identity.timing, identity.repeat)?;
        let window = schedule.window_ns();
        let start_ns = account.began_ns + window.start;
        // A trial that broke off has no more of its window than its accounts and records cover.
        let covered_ns = output.window.last().map_or(0, |record| record.intended_ns + 1);
        let covered_ns = covered_ns.max(read.end.at_ns).max(start_ns + 1);
        let end_ns = (account.began_ns + window.end).min(covered_ns);
        let due_ns = schedule
            .dues()
            .filter(|due| due.phase != Phase::Warmup)
            .map(|due| account.began_ns + due.at_ns)
            .take_while(|&due_ns| due_ns < end_ns)
            .collect();
        Some(Self {
            account,
            window_ns: start_ns..end_ns,
            due_ns,
            cooldown: &output.cooldown,
            staged: !scenario.load.shape.stages().is_empty(),
            schedule,
        })
    }

    /// Length of the window by the schedule, seconds.
    pub(super) fn seconds(&self) -> f64 {
        (self.window_ns.end - self.window_ns.start) as f64 / 1e9
    }

    /// Length of a slice of the timeline.
    pub(super) fn slice_ns(&self) -> u64 {
        OpenFigures::slice_ns(self.window_ns.end - self.window_ns.start)
    }

    /// Requests due in the window, per second: the rate that was really asked for.
    pub(super) fn due_rps(&self) -> f64 {
        self.due_ns.len() as f64 / self.seconds()
    }

    /// Requests of the window that the dispatcher never came to.
    pub(super) fn undispatched(&self, records: &[RequestRecord]) -> u64 {
        self.due_ns.len().saturating_sub(records.len()) as u64
    }

    /// Offered against achieved; `None` where the rate changes.
    ///
    /// In a steady state arrivals and completions of a window differ by what is in flight at its
    /// ends: two Poisson counts of mean λ·E\[wait\] at least. Four standard deviations of their
    /// difference are chance.
    pub(super) fn kept(&self, facts: &Facts) -> Option<Kept> {
        let due = self.due_ns.len() as f64;
        if self.staged || self.due_ns.is_empty() {
            return None;
        }
        let (offered_rps, achieved_rps) = (self.due_rps(), facts.throughput_rps());
        let in_flight = offered_rps * facts.waits.longer_mean / 1e9;
        Some(Kept {
            offered_rps,
            achieved_rps,
            shortfall: 1.0 - achieved_rps / offered_rps,
            chance: 4.0 * (2.0 * in_flight).sqrt() / due,
            shed: shed(facts.records) as f64 / due,
            allowed: facts.scenario.checks.shortfall,
        })
    }

    /// Why there is no steady state to look for.
    pub(super) fn no_steady_state(&self, facts: &Facts) -> Option<&'static str> {
        if self.staged {
            return Some("the rate changes within the window");
        }
        let kept = self.kept(facts).filter(|kept| !kept.keeps_up());
        kept.map(|_| "more is offered than the system takes")
    }

    /// The window's slices, for a timeline or to judge them one by one.
    pub(super) fn timeline(&self, facts: &Facts) -> Vec<crate::open::TimeSlice> {
        timeline::of(&Material {
            window_ns: self.window_ns.clone(),
            slice_ns: self.slice_ns(),
            due_ns: &self.due_ns,
            records: facts.records,
            others: [facts.warmup, self.cooldown],
            cpu_ns: &self.account.cpu_ns,
            cpus: facts.account.cpus,
        })
    }

    /// Writes every figure into the row.
    pub(super) fn fill(&self, facts: &Facts, row: &mut TrialRow) {
        let undispatched = self.undispatched(facts.records);
        let started = || facts.records.iter().filter(|record| record.is_started());
        let lags: Vec<u64> =
            started().map(|r| r.started_ns.saturating_sub(r.intended_ns)).collect();
        let services: Vec<u64> =
            started().filter(|r| r.is_ended()).map(RequestRecord::latency_ns).collect();
        let uncorrected: Vec<u64> = started().filter_map(RequestRecord::uncorrected_ns).collect();
        let unended = lags.len() as u64 - services.len() as u64 + undispatched;
        let passages = self.passages(facts);
        let mut open = OpenFigures {
            arrivals: self.schedule.arrivals().name().to_owned(),
            max_in_flight: u64::from(self.schedule.max_in_flight()),
            due: self.due_ns.len() as u64,
            shed: shed(facts.records),
            undispatched,
            queue_grows: self.kept(facts).is_some_and(|kept| kept.queue_grows()),
            lag: distribution(lags, undispatched),
            service: distribution(services, unended),
            uncorrected: distribution(uncorrected, unended),
            timeline: self.timeline(facts),
            ..OpenFigures::default()
        };
        gaps::fill(&mut open, &self.schedule, &passages);
        row.send_lag_p99_ms = open.lag.p99_ms;
        row.ideal_rps = Some(self.due_rps()).filter(|&rps| rps > 0.0);
        row.efficiency = row.ideal_rps.map(|ideal| facts.throughput_rps() / ideal);
        if open.queue_grows {
            row.notes.push(
                "the offered rate is more than the system takes: a queue grows all through the window, and latency grows with the window’s length"
                    .to_owned(),
            );
        }
        if undispatched > 0 {
            row.notes.push(format!(
                "{undispatched} requests were due, and the dispatcher had not come to them when the trial ended: they count as censored"
            ));
        }
        row.open = Some(open);
    }

    fn passages(&self, facts: &Facts) -> Vec<Passage> {
        let began_ns = self.account.began_ns;
        (0..self.due_ns.len())
            .map(|id| {
                let record = facts.records.get(id);
                let received = facts.seen.iter().filter_map(|seen| seen.get(id));
                let first_ns = received.map(|exchange| exchange.received_ns).min();
                Passage {
                    started: record.is_some_and(RequestRecord::is_started),
                    received_ns: first_ns.map(|ns| ns.saturating_sub(began_ns)),
                }
            })
            .collect()
    }
}

impl<'a> Facts<'a> {
    /// Requests of the window that started or, in open loop, were due and not shed.
    pub(super) fn requests(&self) -> usize {
        let started = self.records.iter().filter(|record| record.is_started()).count();
        started + self.open.as_ref().map_or(0, |run| run.undispatched(self.records) as usize)
    }

    /// Every request that may have been in flight in the window, whatever phase it belongs to.
    pub(super) fn all_records(&self) -> impl Iterator<Item = &'a RequestRecord> {
        let cooldown = self.open.as_ref().map_or(&[][..], |run| run.cooldown);
        let all = self.warmup.iter().chain(self.records).chain(cooldown);
        all.filter(|record| record.is_started())
    }
}

impl Kept {
    /// Whether the system took what was offered.
    pub(super) fn keeps_up(&self) -> bool {
        self.shortfall <= self.allowed + self.chance
    }

    /// Whether what is missing was neither completed nor shed: it piles up.
    pub(super) fn queue_grows(&self) -> bool {
        self.shortfall - self.shed > self.allowed + self.chance
    }
}

/// Requests that were shed.
pub(super) fn shed(records: &[RequestRecord]) -> u64 {
    records.iter().filter(|record| !record.is_started()).count() as u64
}

/// The times by each clock but the response's, with its tag.
pub(super) fn clocks(
    records: &[RequestRecord],
) -> crate::Result<Vec<(&'static str, Histogram<u64>)>> {
    let started = || records.iter().filter(|record| record.is_started());
    let service = started().filter(|r| r.is_ended()).map(RequestRecord::latency_ns);
    let uncorrected = started().filter_map(RequestRecord::uncorrected_ns);
    let lags = started().map(|r| r.started_ns.saturating_sub(r.intended_ns));
    Ok(vec![
        ("service", histograms::of(service)?),
        ("uncorrected", histograms::of(uncorrected)?),
        ("lag", histograms::of(lags)?),
    ])
}

/// The figures of some times; `missing` more are known only to be longer than all.
fn distribution(mut values_ns: Vec<u64>, missing: u64) -> Distribution {
    values_ns.sort_unstable();
    let missing = missing as usize;
    let ms = |ns: u64| ns as f64 / 1e6;
    let at = |q: f64| {
        let carried = supports(values_ns.len() + missing, q);
        carried.then(|| percentile(&values_ns, missing, q)).flatten().map(ms)
    };
    let all = missing == 0 && !values_ns.is_empty();
    let sum: u128 = values_ns.iter().map(|&ns| u128::from(ns)).sum();
    Distribution {
        mean_ms: all.then(|| sum as f64 / values_ns.len() as f64 / 1e6),
        p50_ms: at(0.5),
        p90_ms: at(0.9),
        p99_ms: at(0.99),
        p999_ms: at(0.999),
        max_ms: values_ns.last().copied().filter(|_| all).map(ms),
    }
}
