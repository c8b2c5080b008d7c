//! The figures of one trial's window, before anybody judges them.

use scenario::{Phase, Scenario};

use super::budget;
use super::dispatch;
use super::ids;
use super::open::Run;
use super::pairing::Seen;
use super::percentile::{percentile, supports};
use super::waits::{self, Waits};
use super::warmup;
use super::{Identity, MockCpus};
use crate::exchange::{Fate, MockLog};
use crate::histograms::{self, TrialHistograms};
use crate::ids::IdAccount;
use crate::output::{Account, TrialOutput, Window};
use crate::record::{Outcome, RequestRecord};
use crate::row::TrialRow;

/// What is known of one trial whose window has a beginning and an end.
#[derive(Debug)]
pub struct Facts<'a> {
    pub(super) scenario: &'a Scenario,
    /// Closed loop: requests in flight.
    pub(super) concurrency: Option<u32>,
    pub(super) account: &'a Account,
    pub(super) window: Window,
    /// Records of the window's requests, by id.
    pub(super) records: &'a [RequestRecord],
    pub(super) warmup: &'a [RequestRecord],
    /// What each upstream saw of them.
    pub(super) seen: [Seen<'a>; 2],
    /// The account of ids, per upstream and phase.
    pub(super) ids: Vec<IdAccount>,
    pub(super) log: &'a MockLog,
    pub(super) upstream_cpus: MockCpus,
    /// The upstreams' own time of the window's ids, from their draws.
    pub(super) waits: Waits,
    /// Where the time of sampled requests went.
    pub(super) time: budget::Account,
    /// Open loop: the schedule, and how it was run.
    pub(super) open: Option<Run<'a>>,
    /// How long each of the window's requests waited for its dispatcher, by id.
    lags_ns: Vec<u64>,
}

/// A closed loop that keeps fewer than this share of its places filled says so.
const FULL_SHARE: f64 = 0.9;

impl<'a> Facts<'a> {
    /// The facts, where the trial came to a window and through it.
    pub fn of(
        scenario: &'a Scenario,
        identity: &Identity,
        output: &'a TrialOutput,
        log: &'a MockLog,
        upstream_cpus: MockCpus,
    ) -> Option<Self> {
        let window = output.account.window?;
        let count = output.window.len().max(output.account.started[1] as usize);
        let seen = [0, 1].map(|leg| Seen::of(&log.exchanges, leg, Phase::Window, count));
        Some(Self {
            scenario,
            concurrency: identity.level.concurrency(),
            account: &output.account,
            window,
            records: &output.window,
            warmup: &output.warmup,
            time: budget::Account::of(&output.sample, &output.window, &seen),
            seen,
            ids: ids::accounts(scenario, output, log),
            log,
            upstream_cpus,
            waits: waits::of(scenario, identity.repeat, output, &window),
            open: Run::of(scenario, identity, output),
            lags_ns: dispatch::lags_ns(identity.level, &output.warmup, &output.window),
        })
    }

    /// Completions inside the window, by the counters.
    pub(super) fn completions(&self) -> u64 {
        self.window.end.ended - self.window.start.ended
    }

    /// Completions inside the window per second.
    pub(super) fn throughput_rps(&self) -> f64 {
        self.completions() as f64 / self.window.seconds()
    }

    /// ∫ in-flight dt over the window, by the counters.
    pub(super) fn in_flight_ns(&self) -> i128 {
        self.window.end.in_flight_ns - self.window.start.in_flight_ns
    }

    /// Time average of requests in flight over the window, by the counters.
    pub(super) fn inflight_mean(&self) -> f64 {
        self.in_flight_ns() as f64 / (self.window.end.at_ns - self.window.start.at_ns) as f64
    }

    /// N̄ ÷ (X·R̄) − 1, where every request of the window was seen to end.
    pub(super) fn little_residual(&self) -> Option<f64> {
        let (_, expected_ns) = self.little()?;
        Some(self.in_flight_ns() as f64 / expected_ns - 1.0)
    }

    /// How much of that the long draws account for that the window's edges cut.
    pub(super) fn little_drawn(&self) -> Option<f64> {
        let (mean_ns, expected_ns) = self.little()?;
        Some(self.waits.cut.beyond_ns(mean_ns) / expected_ns)
    }

    /// R̄, and what X·R̄ makes ∫ in-flight dt, nanoseconds.
    fn little(&self) -> Option<(f64, f64)> {
        let ended = self.records.iter().filter(|record| record.is_ended());
        let latencies: Vec<u64> = ended.map(RequestRecord::latency_ns).collect();
        let mean_ns = mean(&latencies).filter(|_| latencies.len() == self.requests())?;
        let expected_ns = self.completions() as f64 * mean_ns;
        (expected_ns > 0.0).then_some((mean_ns, expected_ns))
    }

    /// From when a request's place was free to its combined answer.
    pub(super) fn response_ns(&self, id: usize, record: &RequestRecord) -> u64 {
        record.latency_ns() + self.lags_ns.get(id).copied().unwrap_or(0)
    }

    /// The response times of the window's requests that ended.
    fn responses_ns(&self) -> impl Iterator<Item = u64> {
        let ended = self.records.iter().enumerate().filter(|(_, record)| record.is_ended());
        ended.map(|(id, record)| self.response_ns(id, record))
    }

    /// Upper bound that a pool of blocking workers sets: workers ÷ worker-seconds per request.
    pub(super) fn pool_ceiling_rps(&self) -> Option<f64> {
        let workers = self.account.pool_workers?;
        let blocked_ns = self.waits.completed_sum_mean + self.account.besides.pool_ns;
        (blocked_ns > 0.0).then(|| workers as f64 / (blocked_ns / 1e9))
    }

    /// What the mock's event loop did inside the window.
    pub(super) fn loop_slots(&self) -> impl Iterator<Item = &crate::exchange::LoopSlot> {
        let length = crate::exchange::LoopSlot::LENGTH_NS;
        let range = self.window.start.at_ns / length..=self.window.end.at_ns / length;
        self.log.loop_slots.iter().filter(move |slot| range.contains(&slot.slot))
    }

    /// How late the window's answered fetches were released, with the delay that this is judged
    /// by, nanoseconds. What a stall kept back is not late; but all of it is released at one
    /// instant and goes out one after the other, which is judged by the stall's whole length.
    pub(super) fn hold_errors(&self) -> Vec<(u64, u64)> {
        let answered = self.seen.iter().flat_map(Seen::exchanges);
        answered
            .filter(|exchange| exchange.fate == Fate::Answered)
            .map(|exchange| {
                let upstream = self.scenario.upstreams.get(usize::from(exchange.upstream));
                let stall = upstream.and_then(|upstream| upstream.stall);
                let stalled = stall.filter(|_| exchange.stalled_ns > 0);
                let length_ns = stalled.map_or(0, |stall| stall.length.as_nanos() as u64);
                (exchange.late_ns(), exchange.requested_ns + length_ns)
            })
            .collect()
    }

    /// Writes every figure into the row.
    pub(super) fn fill(&self, row: &mut TrialRow) {
        let seconds = self.window.seconds();
        row.duration_s = Some(seconds);
        row.throughput_rps = Some(self.throughput_rps());
        self.fill_outcomes(row, seconds);
        self.fill_latency(row);
        self.fill_added(row);
        self.fill_cost(row, seconds);
        self.fill_upstream(row);
        self.fill_ideals(row);
        self.fill_work(row);
        self.fill_blocking(row);
        self.fill_held(row);
        self.fill_shared(row);
        if let Some(run) = &self.open {
            run.fill(self, row);
        }
        row.budget.clone_from(&self.time.budget);
    }

    fn fill_outcomes(&self, row: &mut TrialRow, seconds: f64) {
        row.requests = self.requests() as u64;
        for record in self.records.iter().filter(|record| record.is_ended()) {
            match record.outcome() {
                Outcome::Ok => row.ok += 1,
                Outcome::Degraded => row.degraded += 1,
                Outcome::Failed => row.failed += 1,
            }
            for leg in record.legs.iter().filter(|leg| !leg.outcome.is_fetched()) {
                *row.errors.entry(leg.outcome.name().to_owned()).or_default() += 1;
            }
        }
        row.censored = row.requests - row.ok - row.degraded - row.failed;
        let (from, to) = (self.window.start.at_ns, self.window.end.at_ns);
        let mut good = 0_u64;
        row.completions_by_tenth = vec![0; 10];
        for record in self.all_records().filter(|record| (from..to).contains(&record.ended_ns)) {
            good += u64::from(record.outcome() == Outcome::Ok);
            let tenth = u128::from(record.ended_ns - from) * 10 / u128::from(to - from);
            row.completions_by_tenth[tenth as usize] += 1;
        }
        row.goodput_rps = Some(good as f64 / seconds);
        if self.account.started[1] > row.requests {
            // Requests beyond the room for records stand in the counters alone.
            row.goodput_rps = None;
            row.completions_by_tenth.clear();
        }
        row.warmup_completions = warmup::completions(self);
    }

    fn fill_latency(&self, row: &mut TrialRow) {
        let mut sorted: Vec<u64> = self.responses_ns().collect();
        sorted.sort_unstable();
        let missing = self.requests() - sorted.len();
        let at = |q: f64| {
            let value = supports(self.requests(), q).then(|| percentile(&sorted, missing, q));
            value.flatten().map(ms)
        };
        row.latency_p50_ms = at(0.5);
        row.latency_p90_ms = at(0.9);
        row.latency_p99_ms = at(0.99);
        row.latency_p999_ms = at(0.999);
        let inflight_mean = self.inflight_mean();
        row.inflight_mean = Some(inflight_mean);
        if let Some(wanted) = self.concurrency.map(f64::from)
            && inflight_mean < FULL_SHARE * wanted
        {
            row.notes.push(format!(
                "on average {inflight_mean:.0} of {wanted} requests were in flight, the others waited for the dispatcher, which shares the CPU with them: their latency counts that wait"
            ));
        }
        if missing == 0 {
            row.latency_max_ms = sorted.last().copied().map(ms);
            row.latency_mean_ms = mean(&sorted).map(|ns| ns / 1e6);
            row.little_residual = self.little_residual();
        } else if self.completions() > 0 {
            row.latency_mean_ms = Some(inflight_mean / self.throughput_rps() * 1e3);
            row.notes.push(
                "the mean latency is N\u{304} ÷ X (Little's law), since requests were censored"
                    .to_owned(),
            );
        }
    }

    fn fill_added(&self, row: &mut TrialRow) {
        let mut undefined = 0_u64;
        let mut sorted: Vec<u64> = Vec::with_capacity(self.records.len());
        for (id, record) in self.records.iter().enumerate().filter(|(_, r)| r.is_ended()) {
            match self.added_ns(id, record) {
                Some(added) => sorted.push(added),
                None => undefined += 1,
            }
        }
        sorted.sort_unstable();
        let missing = row.censored as usize;
        let at = |q: f64| {
            let value =
                supports(sorted.len() + missing, q).then(|| percentile(&sorted, missing, q));
            value.flatten().map(ms)
        };
        row.added_p50_ms = at(0.5);
        row.added_p99_ms = at(0.99);
        row.added_mean_ms = mean(&sorted).filter(|_| missing == 0).map(|ns| ns / 1e6);
        if undefined > 0 {
            row.notes.push(format!(
                "added latency is undefined for {undefined} requests with a fetch that never reached the mock"
            ));
        }
    }

    /// Latency, added latency and upstream time, in open loop the other clocks as well, as
    /// histograms.
    pub fn histograms(&self) -> crate::Result<TrialHistograms> {
        let ended = || self.records.iter().enumerate().filter(|(_, record)| record.is_ended());
        Ok(TrialHistograms {
            latency: histograms::of(self.responses_ns())?,
            added: histograms::of(ended().filter_map(|(id, record)| self.added_ns(id, record)))?,
            held: histograms::of(ended().filter_map(|(id, record)| self.held_ns(id, record)))?,
            clocks: self
                .open
                .as_ref()
                .map_or(Ok(Vec::new()), |_| super::open::clocks(self.records))?,
            window: std::time::Duration::from_secs_f64(self.window.seconds()),
        })
    }

    /// Latency less the longer held time.
    pub(super) fn added_ns(&self, id: usize, record: &RequestRecord) -> Option<u64> {
        Some(self.response_ns(id, record).saturating_sub(self.held_ns(id, record)?))
    }

    /// The longer of the two held times, each capped at the fetch deadline; `None` where a fetch
    /// never reached the mock.
    fn held_ns(&self, id: usize, record: &RequestRecord) -> Option<u64> {
        let timeout_ns = self.scenario.combine.timeout.as_nanos() as u64;
        let mut longer = 0;
        for (leg, seen) in record.legs.iter().zip(&self.seen) {
            let held_ns = match (leg.held_ns, seen.get(id)) {
                (0, None) => return None,
                (0, Some(exchange)) => exchange.held_ns,
                (held_ns, _) => held_ns,
            };
            longer = longer.max(held_ns.min(timeout_ns));
        }
        Some(longer)
    }

    fn fill_cost(&self, row: &mut TrialRow, seconds: f64) {
        let (start, end) = (&self.window.start, &self.window.end);
        let (user, system) = self.cpu_ns();
        row.cpu_user_s = Some(user as f64 / 1e9);
        row.cpu_system_s = Some(system as f64 / 1e9);
        row.cpu_us_per_request = (self.completions() > 0)
            .then(|| (user + system) as f64 / 1e3 / self.completions() as f64);
        row.cpu_utilisation = Some(self.cpu_utilisation());
        row.client_cpu_had_s = self.client_had_s();
        row.threads_spawned = Some(end.threads_spawned - start.threads_spawned);
        row.ctx_voluntary = Some(end.ctx_voluntary.saturating_sub(start.ctx_voluntary));
        row.ctx_involuntary = Some(end.ctx_involuntary.saturating_sub(start.ctx_involuntary));
        if let Some(time) = self.account.thread_time.filter(|time| time.requests > 0) {
            let per_request_ms = |ns: u64| Some(ms(ns) / time.requests as f64);
            let busy_ns = time.running_ns + time.runnable_ns;
            row.thread_running_ms = per_request_ms(time.running_ns);
            row.thread_runnable_ms = per_request_ms(time.runnable_ns);
            row.thread_waiting_ms = per_request_ms(time.life_ns.saturating_sub(busy_ns));
        }
        row.kernel_forks = end.kernel_forks.zip(start.kernel_forks).map(|(e, s)| e - s);
        let mock = self.upstream_cpus;
        let cpus = (self.account.cpus as usize + mock.count - mock.shared) as f64;
        row.steal = end
            .steal_ticks
            .zip(start.steal_ticks)
            .map(|(e, s)| e.saturating_sub(s) as f64 * 0.01 / (seconds * cpus));
        row.pressure = end
            .pressure_us
            .zip(start.pressure_us)
            .map(|(e, s)| (e.saturating_sub(s) as f64 / 1e6 / seconds).min(1.0));
    }

    fn fill_ideals(&self, row: &mut TrialRow) {
        let waits = &self.waits;
        if let Some(places) = self.concurrency.filter(|_| waits.longer_mean > 0.0) {
            let ideal = f64::from(places) / (waits.longer_mean / 1e9);
            row.ideal_rps = Some(ideal);
            row.efficiency = Some(self.throughput_rps() / ideal);
        }
        row.pool_ceiling_rps = self.pool_ceiling_rps();
        row.floor_mean_ms = (!waits.longer.is_empty()).then(|| waits.longer_mean / 1e6);
        let at = |q: f64| {
            let value = supports(waits.longer.len(), q).then(|| percentile(&waits.longer, 0, q));
            value.flatten().map(ms)
        };
        row.floor_p50_ms = at(0.5);
        row.floor_p99_ms = at(0.99);
    }
}

pub(super) fn mean(values: &[u64]) -> Option<f64> {
    let sum: u128 = values.iter().map(|&value| u128::from(value)).sum();
    (!values.is_empty()).then(|| sum as f64 / values.len() as f64)
}

fn ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}
