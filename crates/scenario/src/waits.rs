//! What a scenario's upstreams make a request wait: figures that plans and trials size
//! themselves by.
//!
//! All are functions of the draws alone; what models and machines add is measured, not guessed.

use std::time::Duration;

use crate::arrivals::TrialLoad;
use crate::draw::{Draws, FaultKind, Phase};
use crate::load::Level;
use crate::plan::Timing;
use crate::types::{Scenario, Upstream};

/// Window ids that means are taken over.
const SAMPLED_IDS: u64 = 4096;

/// Bytes of one request record, rounded up.
pub(crate) const RECORD_BYTES: u64 = 96;

/// Most memory that the records of one window may take.
pub(crate) const MAX_RECORD_BYTES: u64 = 2 << 30;

/// No client CPU completes more requests per second than this: twice what a bare HTTP client
/// does, so that records do not run out.
const MAX_RPS_PER_CPU: f64 = 150_000.0;

/// Mean waits of one repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeanWaits {
    /// Mean of max(L1, L2), each capped at the timeout: two fetches at once.
    pub longer: Duration,
    /// Mean of L1 + L2, each capped at the timeout: blocked thread-time of a request.
    pub sum: Duration,
}

impl Scenario {
    /// Mean of max(min(L1, T), min(L2, T)) over the first window ids of a repeat: what a request
    /// waits when nothing adds to it. A fetch that never gets an answer waits the timeout T.
    pub fn mean_wait(&self, repeat: u32) -> Duration {
        self.mean_waits(repeat).longer
    }

    /// Mean waits over the first window ids of a repeat.
    pub fn mean_waits(&self, repeat: u32) -> MeanWaits {
        let timeout = self.combine.timeout;
        let draws: Vec<Draws<'_>> = self
            .upstreams
            .iter()
            .enumerate()
            .map(|(position, upstream)| Draws::new(self.seed, repeat, position, upstream))
            .collect();
        let (mut longer, mut sum) = (Duration::ZERO, Duration::ZERO);
        for index in 0..SAMPLED_IDS {
            let id = Phase::Window.id(index);
            let waits = draws.iter().map(|draws| draws.draw(id).wait(timeout));
            longer += waits.clone().max().unwrap_or_default();
            sum += waits.sum::<Duration>();
        }
        MeanWaits { longer: longer / SAMPLED_IDS as u32, sum: sum / SAMPLED_IDS as u32 }
    }

    /// The larger of the two upstreams' 99th percentiles of a fetch's wait, capped at the
    /// timeout. Where hangs alone make up a percent, it is the timeout.
    pub fn p99_upstream(&self) -> Duration {
        let p99s = self.upstreams.iter().map(|upstream| p99(upstream, self.combine.timeout));
        p99s.max().unwrap_or_default()
    }

    /// How many request records to set aside for warm-up and window of a trial at a level.
    ///
    /// Closed loop: what the waits allow, or the client's CPUs at their very best, and five
    /// generations and those in flight on top; a window that is extended until five generations
    /// have passed stays inside, since the extension itself holds no more than these. Open loop:
    /// what the schedule may bring.
    pub fn record_capacity(&self, level: Level, timing: &Timing, client_cpus: usize) -> [usize; 2] {
        let places = match self.trial_load(level, timing, 0) {
            TrialLoad::Open(schedule) => return schedule.record_capacity(),
            TrialLoad::Closed { concurrency } => concurrency,
        };
        let mean_wait_s = (0..self.load.repeats.min(3))
            .map(|repeat| self.mean_wait(repeat).as_secs_f64())
            .fold(f64::INFINITY, f64::min);
        // A wait of zero gives infinity, of which the CPUs' bound is the smaller.
        let rate_rps = (f64::from(places) / mean_wait_s * 1.25)
            .min(MAX_RPS_PER_CPU * client_cpus.max(1) as f64);
        [timing.settle(), timing.duration].map(|length| {
            (rate_rps * length.as_secs_f64()).ceil() as usize + 8 * places as usize + 1024
        })
    }
}

fn p99(upstream: &Upstream, timeout: Duration) -> Duration {
    let hangs: f64 = upstream
        .faults
        .iter()
        .filter(|fault| fault.kind == FaultKind::Hang)
        .map(|fault| fault.rate)
        .sum();
    // P(wait ≤ t) = (1 − hangs) F(t) below the timeout.
    let share = 0.99 / (1.0 - hangs);
    if share < 1.0 {
        Duration::from_nanos(upstream.latency.quantile_ns(share)).min(timeout)
    } else {
        timeout
    }
}
