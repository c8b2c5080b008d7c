//! When the requests of an open-loop trial are due: a pure function of the rate, the seed and the
//! repeat. The client runs it, and whoever judges the trial knows by it what was planned.
//!
//! Lives here: the phases of an open-loop trial, its rate over time, and the arrivals. Deliberately
//! not here: clocks, and what became of a request.

mod course;
mod dues;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

pub use dues::{Due, Dues};

use crate::draw::Phase;
use crate::load::{Arrivals, Level, Stage};
use crate::plan::Timing;
use crate::types::Scenario;
use course::Course;

/// The phases of a trial in their order.
const PHASES: [Phase; 3] = [Phase::Warmup, Phase::Window, Phase::Cooldown];

/// The plan of one open-loop trial: which requests are due when.
///
/// All times are nanoseconds since the load's start. A request belongs to a phase by when it is
/// *due*, however late it starts: the warm-up is everything due before the window, the window its
/// stated length, and the cool-down, which has no end of its own, everything after.
///
/// Each phase draws from a stream of its own, so that the window's arrivals (counted from its
/// start) do not depend on how long the warm-up is. At another rate the same seed and repeat give
/// the same gaps, scaled.
#[derive(Debug, Clone)]
pub struct Schedule {
    arrivals: Arrivals,
    max_in_flight: u32,
    seed: u64,
    repeat: u32,
    /// Warm-up, window, cool-down.
    spans: Arc<[Span; 3]>,
}

/// Where a phase lies, and the rate in it.
#[derive(Debug)]
struct Span {
    ns: Range<u64>,
    course: Course,
}

/// What paces one trial.
#[derive(Debug, Clone)]
pub enum TrialLoad {
    /// So many requests in flight.
    Closed {
        /// Requests in flight.
        concurrency: u32,
    },
    /// Requests start when they are due.
    Open(Schedule),
}

impl Scenario {
    /// What paces a trial at this level in this repeat, with the lengths in force.
    pub fn trial_load(&self, level: Level, timing: &Timing, repeat: u32) -> TrialLoad {
        match level {
            Level::Concurrency(concurrency) => TrialLoad::Closed { concurrency },
            Level::Rate(rps) => TrialLoad::Open(self.schedule(
                &[Stage { from_rps: rps, to_rps: rps, length: timing.duration }],
                timing,
                repeat,
            )),
            Level::Stages => {
                TrialLoad::Open(self.schedule(self.load.shape.stages(), timing, repeat))
            }
        }
    }

    /// Open loop: which requests of a trial are due when.
    pub fn trial_schedule(&self, level: Level, timing: &Timing, repeat: u32) -> Option<Schedule> {
        match self.trial_load(level, timing, repeat) {
            TrialLoad::Open(schedule) => Some(schedule),
            TrialLoad::Closed { .. } => None,
        }
    }

    fn schedule(&self, stages: &[Stage], timing: &Timing, repeat: u32) -> Schedule {
        debug_assert!(self.load.shape.is_open(), "only an open loop has a schedule");
        let open = self.load.shape.open();
        let (arrivals, max_in_flight) = open.unwrap_or((Arrivals::Poisson, u32::MAX));
        let spans = Arc::new(spans(stages, timing));
        Schedule { arrivals, max_in_flight, seed: self.seed, repeat, spans }
    }
}

/// Warm-up at the rate the window begins with, the stages, and the last rate for ever. Where the
/// window begins at nothing, the warm-up runs at the first rate that is something.
fn spans(stages: &[Stage], timing: &Timing) -> [Span; 3] {
    let stated: Duration = stages.iter().map(|stage| stage.length).sum();
    // A quick run shortens every stage alike, and keeps the rates.
    let scale = timing.duration.as_secs_f64() / stated.as_secs_f64().max(f64::MIN_POSITIVE);
    let window = stages
        .iter()
        .map(|stage| (stage.from_rps, stage.to_rps, stage.length.as_secs_f64() * scale));
    let rates = || stages.iter().flat_map(|stage| [stage.from_rps, stage.to_rps]);
    let first_rps = rates().find(|&rps| rps > 0.0).unwrap_or(0.0);
    let last_rps = rates().last().unwrap_or(0.0);
    let warmup = timing.settle();
    let from_ns = warmup.as_nanos() as u64;
    let to_ns = from_ns + timing.duration.as_nanos() as u64;
    let steady = |rps, seconds| Course::new([(rps, rps, seconds)]);
    [
        Span { ns: 0..from_ns, course: steady(first_rps, warmup.as_secs_f64()) },
        Span { ns: from_ns..to_ns, course: Course::new(window) },
        Span { ns: to_ns..u64::MAX, course: steady(last_rps, f64::INFINITY) },
    ]
}

impl Schedule {
    /// Every request in the order of being due: warm-up, window, and a cool-down without an end
    /// (unless the last rate is zero). Takes the same little memory however many there are.
    pub fn dues(&self) -> Dues {
        Dues::new(self.clone())
    }

    /// When the window begins and ends, nanoseconds since the load's start.
    pub fn window_ns(&self) -> Range<u64> {
        self.spans[1].ns.clone()
    }

    /// The phase of a request due at this time.
    pub fn phase_at(&self, at_ns: u64) -> Phase {
        let window = self.window_ns();
        if at_ns < window.start {
            Phase::Warmup
        } else if at_ns < window.end {
            Phase::Window
        } else {
            Phase::Cooldown
        }
    }

    /// The planned rate at this time, requests per second.
    pub fn rate_rps_at(&self, at_ns: u64) -> f64 {
        let span = self.spans.iter().find(|span| span.ns.contains(&at_ns));
        span.map_or(0.0, |span| span.course.rate_at(seconds(at_ns - span.ns.start)))
    }

    /// Requests due on average in `from_ns..to_ns`: the integral of the rate.
    pub fn expected(&self, from_ns: u64, to_ns: u64) -> f64 {
        let inside = self.spans.iter().map(|span| {
            let until = |at_ns: u64| {
                let at_ns = at_ns.clamp(span.ns.start, span.ns.end);
                span.course.expected_until(seconds(at_ns - span.ns.start))
            };
            until(to_ns.max(from_ns)) - until(from_ns)
        });
        inside.sum()
    }

    /// Requests due on average in the window, per second.
    pub fn offered_rps(&self) -> f64 {
        let window = self.window_ns();
        let length_s = seconds(window.end - window.start);
        if length_s > 0.0 { self.expected(window.start, window.end) / length_s } else { 0.0 }
    }

    /// The highest rate planned, requests per second.
    pub fn peak_rps(&self) -> f64 {
        self.spans.iter().map(|span| span.course.peak()).fold(0.0, f64::max)
    }

    /// Most requests in flight; one that is due beyond is shed.
    pub fn max_in_flight(&self) -> u32 {
        self.max_in_flight
    }

    /// How the gaps between arrivals are drawn.
    pub fn arrivals(&self) -> Arrivals {
        self.arrivals
    }

    /// How many records to set aside for warm-up and window: the mean, eight standard deviations
    /// of a Poisson count, and a few where the mean is small.
    pub fn record_capacity(&self) -> [usize; 2] {
        [0, 1].map(|phase: usize| {
            let span = &self.spans[phase];
            let mean = span.course.expected_until(seconds(span.ns.end - span.ns.start));
            (mean + 8.0 * mean.sqrt()).ceil() as usize + 64
        })
    }
}

fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}
