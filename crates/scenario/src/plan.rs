//! The plan of a run: which trials, in which order, and about how long they will take.
//!
//! A pure function of the scenario. Deliberately not here: anything that depends on how trials
//! go; the estimate assumes that nothing but the upstreams takes time.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::load::{Level, Precision};
use crate::types::Scenario;
use crate::waits::MeanWaits;

/// What a process per trial costs besides its load: starting two children, collecting.
const OVERHEAD: Duration = Duration::from_millis(300);

/// Generations (N completions each) that a warm-up and a window last at least.
const WARMUP_GENERATIONS: u32 = 2;
const WINDOW_GENERATIONS: u32 = 5;

/// How often a phase may exceed its stated length to see those generations.
const CAP: u32 = 4;

/// All trials of a run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// In the order they are to run.
    pub trials: Vec<PlannedTrial>,
    /// How long each phase lasts at least, and how often each point is repeated; at a value of a
    /// sweep, see [`Self::timing_at`].
    pub timing: Timing,
    /// Whether this is a shortened first look.
    pub quick: bool,
    /// About how long the whole run takes, with the least number of repeats.
    pub estimate: Duration,
    /// About how long it takes with the most repeats, where a precision may add some.
    pub estimate_most: Option<Duration>,
}

/// One trial: one model at one level, and at one value of a sweep, in one repeat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlannedTrial {
    /// Position of the model in the scenario.
    pub model_index: usize,
    /// Position of the level among the ascending levels.
    pub level_index: usize,
    /// The level.
    pub level: Level,
    /// Position of the swept value, where something is swept.
    pub sweep: Option<usize>,
    /// Which repeat, from 0.
    pub repeat: u32,
    /// Which attempt at this repeat, from 1: all of them meet the same draws and arrivals.
    pub attempt: u32,
    /// Position in the run, from 0.
    pub order: usize,
}

/// Lengths in force: the scenario's, or what a quick run makes of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// Least length of the warm-up.
    pub warmup: Duration,
    /// Least length of the measured window; exactly its length in open loop.
    pub duration: Duration,
    /// Trials per model and level; the least number where a precision is asked for.
    pub repeats: u32,
    /// How sure the throughputs must be; never of a quick run, which has one repeat.
    pub precision: Option<Precision>,
    /// How often a trial that the machine spoilt is run again at most; never in a quick run.
    pub reruns: u32,
    /// The upstreams' p99 that the warm-up reckons with: it lasts two of these at least.
    pub upstream_p99: Duration,
}

/// About how long the phases of one trial take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialEstimate {
    /// Before the window.
    pub warmup: Duration,
    /// The measured window.
    pub window: Duration,
    /// Until the last measured request has ended.
    pub cooldown: Duration,
}

impl TrialEstimate {
    /// All phases and the processes around them.
    pub fn total(&self) -> Duration {
        self.warmup + self.window + self.cooldown + OVERHEAD
    }
}

impl Timing {
    /// The timing of a run. A quick one has one repeat, 0.4 of the window (at least 300 ms), a
    /// quarter of the warm-up (at most 250 ms), and settles in half the time; nothing is made
    /// longer than stated. Stages are shortened like the window that they make up; a window that
    /// a stall is scheduled in is not, since the stall has its time in it.
    pub fn of(scenario: &Scenario, quick: bool) -> Self {
        let load = &scenario.load;
        let upstream_p99 = scenario.p99_upstream();
        if !quick {
            let (warmup, duration) = (load.warmup, load.duration);
            let (repeats, precision, reruns) = (load.repeats, load.precision, load.reruns);
            return Self { warmup, duration, repeats, precision, reruns, upstream_p99 };
        }
        let stalls = scenario.upstreams.iter().any(|upstream| upstream.stall.is_some());
        let floor =
            if stalls { load.duration } else { Duration::from_millis(300).min(load.duration) };
        Self {
            warmup: (load.warmup / 4).min(Duration::from_millis(250)),
            duration: load.duration.mul_f64(0.4).max(floor),
            repeats: 1,
            precision: None,
            reruns: 0,
            upstream_p99: upstream_p99 / 2,
        }
    }

    /// The least length of the warm-up, until the first answers have come: the stated one, or two
    /// upstream p99s. An open loop warms up for just that long.
    pub fn settle(&self) -> Duration {
        self.warmup.max(self.upstream_p99 * 2)
    }
}

impl Plan {
    /// Plans a run. `client_cpus` is how many CPUs a trial gets: the size of a pool that states
    /// none.
    pub fn of(scenario: &Scenario, quick: bool, client_cpus: usize) -> Self {
        let timing = Timing::of(scenario, quick);
        let blocks = (0..timing.repeats).flat_map(|repeat| block(scenario, repeat));
        let trials: Vec<PlannedTrial> = blocks.collect();
        // A repeat's waits are about another's, and reckoning them takes its time.
        let at: Vec<(&Scenario, Timing, MeanWaits)> = values(scenario)
            .into_iter()
            .map(|value| scenario.at(value))
            .map(|scenario| (scenario, Timing::of(scenario, quick), scenario.mean_waits(0)))
            .collect();
        let total = |trial: &PlannedTrial| {
            let (scenario, timing, waits) = at[trial.sweep.unwrap_or(0)];
            let room = Room::of(scenario, trial, client_cpus);
            estimate(scenario, timing, waits, room, trial.level).total()
        };
        let estimate: Duration = trials.iter().map(total).sum();
        let most = |precision: Precision| {
            estimate.mul_f64(f64::from(precision.max_repeats) / f64::from(timing.repeats.max(1)))
        };
        Self { trials, timing, quick, estimate, estimate_most: timing.precision.map(most) }
    }
}

impl Plan {
    /// The lengths in force at a value of the sweep: a warm-up reckons with that value's upstreams.
    pub fn timing_at(&self, scenario: &Scenario, value: Option<usize>) -> Timing {
        match value {
            None => self.timing,
            Some(_) => Timing::of(scenario.at(value), self.quick),
        }
    }
}

impl PlannedTrial {
    /// About how long this trial takes, with the lengths that are in force for it.
    pub fn estimate(
        &self,
        scenario: &Scenario,
        timing: Timing,
        client_cpus: usize,
    ) -> TrialEstimate {
        let scenario = scenario.at(self.sweep);
        let room = Room::of(scenario, self, client_cpus);
        estimate(scenario, timing, scenario.mean_waits(self.repeat), room, self.level)
    }
}

/// One repeat of every point, in the order of the run. Every repeat has such a block, those added
/// for the sake of precision too.
pub fn block(scenario: &Scenario, repeat: u32) -> Vec<PlannedTrial> {
    let (levels, values) = (scenario.levels(), values(scenario));
    let mut block = Vec::with_capacity(scenario.models.len() * levels.len() * values.len());
    for (model_index, model) in scenario.models.iter().enumerate() {
        for (level_index, &level) in levels.iter().enumerate() {
            if model.runs_at(level_index) {
                let here = values.iter().filter(|value| runs_at(scenario, **value, level_index));
                block.extend(here.map(|&sweep| PlannedTrial {
                    model_index,
                    level_index,
                    level,
                    sweep,
                    repeat,
                    attempt: 1,
                    order: 0,
                }));
            }
        }
    }
    shuffle(&mut block, scenario.seed, repeat, *b"order of trials.");
    let before = repeat as usize * block.len();
    for (position, trial) in block.iter_mut().enumerate() {
        trial.order = before + position;
    }
    block
}

/// Whether a value of the sweep runs at this level.
fn runs_at(scenario: &Scenario, value: Option<usize>, level_index: usize) -> bool {
    let sweep = scenario.sweep.as_ref().zip(value);
    sweep.is_none_or(|(sweep, value)| sweep.runs_at(value, level_index))
}

/// These trials once more, each at its next attempt, as the run goes on after `ran` trials: in an
/// order of their own, which depends on the seed, on `ran` and on nothing else.
pub fn again(scenario: &Scenario, trials: &[PlannedTrial], ran: usize) -> Vec<PlannedTrial> {
    let mut again = trials.to_vec();
    shuffle(&mut again, scenario.seed, ran as u32, *b"order of reruns.");
    for (position, trial) in again.iter_mut().enumerate() {
        trial.attempt += 1;
        trial.order = ran + position;
    }
    again
}

/// Positions of the values of a sweep; one trial without a value where nothing is swept.
fn values(scenario: &Scenario) -> Vec<Option<usize>> {
    match &scenario.sweep {
        None => vec![None],
        Some(sweep) => (0..sweep.scenarios.len()).map(Some).collect(),
    }
}

/// What a model has to run requests with.
#[derive(Debug, Clone, Copy)]
struct Room {
    /// Workers of a model that waits in a pool; `None` for one that has no such bound.
    pool: Option<f64>,
    cpus: f64,
}

impl Room {
    fn of(scenario: &Scenario, trial: &PlannedTrial, client_cpus: usize) -> Self {
        let model = scenario.models.get(trial.model_index);
        let workers = model.and_then(|model| {
            let kind = scenario.kinds.models.iter().find(|kind| kind.kind == model.kind)?;
            kind.pool_workers(&model.options, client_cpus)
        });
        let count = |count: usize| count.max(1) as f64;
        Self { pool: workers.map(count), cpus: count(client_cpus) }
    }

    /// Seconds that a request keeps the whole model busy at least: its pool with waiting and
    /// working, its CPUs with working.
    fn busy_s(self, scenario: &Scenario, waits: MeanWaits) -> f64 {
        let combine = &scenario.combine;
        let held = waits.sum + combine.work + combine.blocking_mean();
        let pool = self.pool.map_or(0.0, |workers| held.as_secs_f64() / workers);
        pool.max(combine.work.as_secs_f64() / self.cpus)
    }
}

fn estimate(
    scenario: &Scenario,
    timing: Timing,
    waits: MeanWaits,
    room: Room,
    level: Level,
) -> TrialEstimate {
    match level {
        Level::Concurrency(places) => closed(scenario, timing, waits, room, places),
        Level::Rate(_) | Level::Stages => open(scenario, timing, waits, room, level),
    }
}

/// Phases are as long as the schedule says; what has queued for a pool or a CPU by the window's
/// end is waited for, at most for the fetch deadline.
fn open(
    scenario: &Scenario,
    timing: Timing,
    waits: MeanWaits,
    room: Room,
    level: Level,
) -> TrialEstimate {
    let offered_rps = scenario.offered_rps(level).unwrap_or(0.0);
    // Seconds of work that a second brings, less the second itself.
    let late = offered_rps * room.busy_s(scenario, waits) - 1.0;
    let backlog = timing.duration.mul_f64(late.clamp(0.0, 1e3)).min(scenario.combine.timeout);
    TrialEstimate {
        warmup: timing.settle(),
        window: timing.duration,
        cooldown: backlog.max(scenario.p99_upstream()),
    }
}

fn closed(
    scenario: &Scenario,
    timing: Timing,
    waits: MeanWaits,
    room: Room,
    level: u32,
) -> TrialEstimate {
    let combine = &scenario.combine;
    let waiting = (waits.longer + combine.work + combine.blocking_mean()).as_secs_f64();
    // N completions take the mean wait where N wait at once; in a pool, or with CPU work, N times
    // what one of them takes of it.
    let queued = f64::from(level) * room.busy_s(scenario, waits);
    let generation = Duration::try_from_secs_f64(waiting.max(queued)).unwrap_or(Duration::MAX);
    let window_cap = timing.duration * CAP;
    let window = timing.duration.max(generation.saturating_mul(WINDOW_GENERATIONS));
    // What queues ends a generation later. Where the cap cut generations short, the
    // tail is lost anyway, and is not waited for longer than a window.
    let cooldown = if window > window_cap {
        timing.duration.min(scenario.combine.timeout)
    } else if queued > waiting {
        generation.max(scenario.p99_upstream())
    } else {
        scenario.p99_upstream()
    };
    TrialEstimate {
        warmup: timing
            .settle()
            .max(generation.saturating_mul(WARMUP_GENERATIONS))
            .min((timing.warmup * CAP).max(timing.settle())),
        window: window.min(window_cap),
        cooldown,
    }
}

/// Fisher and Yates' shuffle by `ChaCha8`, keyed by the seed, a number and what is shuffled.
/// Written out, so that a plan stays the same whatever a library's own shuffle becomes.
fn shuffle<T>(items: &mut [T], seed: u64, number: u32, what: [u8; 16]) {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..12].copy_from_slice(&number.to_le_bytes());
    key[16..].copy_from_slice(&what);
    let mut random = ChaCha8Rng::from_seed(key);
    for last in (1..items.len()).rev() {
        items.swap(last, below(&mut random, last as u64 + 1) as usize);
    }
}

/// A whole number below `bound`, every one equally likely: draws from the remainder that would
/// favour small numbers are drawn anew.
fn below(random: &mut ChaCha8Rng, bound: u64) -> u64 {
    let fair = u64::MAX - u64::MAX % bound;
    loop {
        let draw = random.next_u64();
        if draw < fair {
            return draw % bound;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders(seed: u64, repeat: u32) -> Vec<usize> {
        let mut items: Vec<usize> = (0..12).collect();
        shuffle(&mut items, seed, repeat, *b"order of trials.");
        items
    }

    /// Pinned: a plan must not change with a library's version, or runs of one seed would no
    /// longer be comparable.
    #[test]
    fn the_order_of_a_block_is_pinned() {
        // From an implementation of ChaCha8 (RFC 8439 with 8 rounds) written independently.
        assert_eq!(orders(1, 0), [8, 10, 0, 3, 9, 4, 7, 5, 2, 11, 6, 1]);
        assert_eq!(orders(1, 1), [10, 8, 9, 11, 2, 6, 4, 5, 7, 0, 1, 3]);
        assert_eq!(orders(2, 0), [2, 7, 11, 0, 9, 5, 10, 6, 4, 1, 8, 3]);
    }

    /// Every order equally likely: each item at each place in a twelfth of many shuffles, within
    /// five standard deviations.
    #[test]
    fn the_shuffle_favours_nothing() {
        let shuffles = 6_000;
        let mut counts = [[0_u32; 12]; 12];
        for seed in 0..shuffles {
            for (place, item) in orders(seed, 0).into_iter().enumerate() {
                counts[item][place] += 1;
            }
        }
        let expected = shuffles as f64 / 12.0;
        let deviation = (expected * (11.0 / 12.0)).sqrt();
        for count in counts.into_iter().flatten() {
            assert!((f64::from(count) - expected).abs() < 5.0 * deviation, "{count}");
        }
    }
}
