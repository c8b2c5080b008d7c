//! Keeps the phases of a trial and reads its accounts.
//!
//! How long the phases last is the load's: [`closed`] waits for completions, [`scheduled`] for
//! times. In both, the load goes on after the window, unrecorded, until the window's requests have
//! ended: stopping it would measure the tail under a falling load.

mod closed;
mod cpu;
mod scheduled;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use measurement::account;
use measurement::clock::now_ns;
use measurement::output::{Account, Besides, Snapshot, ThreadTime, Window};
use scenario::{Phase, TrialLoad};

use self::cpu::CpuReadings;
use super::naps::Naps;
use super::{Counters, Job, Progress, TrialSpec};
use crate::admission::Threads;
use crate::load;
use crate::models::Model;
use crate::nesting::Nesting;
use crate::thread_time::LongLived;
use crate::workload::Upstreams;
use crate::{Error, Result};

/// Most threads that are read one by one at the window's ends.
const MOST_READ: u64 = 600;
/// Most that is waited for the last requests in flight, which no figure needs.
const MOST_DRAIN: Duration = Duration::from_secs(2);
/// How often conditions are looked at when no time is known for them.
const LOOK: Duration = Duration::from_millis(10);
/// How often progress is told and memory and threads are sampled.
const SAMPLE: Duration = Duration::from_millis(250);

/// The supervisor of one trial.
pub(super) struct Supervisor<'a> {
    spec: &'a TrialSpec,
    upstreams: &'a Upstreams,
    threads: &'a Arc<Threads>,
    counters: &'a Arc<Counters>,
    nesting: Arc<Nesting>,
    baseline_rss: u64,
    baseline_kernel: u64,
    peak_rss: u64,
    peak_kernel: u64,
    peak_threads: u64,
    sampled: Instant,
    naps: Naps,
    /// Of long-lived threads, over the window.
    thread_time: Option<ThreadTime>,
    /// CPU time as the window goes by, where the load asks for it.
    cpu: CpuReadings,
}

/// What is looked at while a phase lasts, and who is told.
struct Watch<'a> {
    running: &'a JoinHandle<Result<()>>,
    progress: &'a mut dyn FnMut(Progress),
}

/// What the phases came to.
struct Course {
    /// Absent where the trial never came to it.
    window: Option<Window>,
    /// The window's cap came before its generations.
    generations_cut: bool,
    /// What is in flight at the end ends soon; otherwise it is a queue, and not waited for.
    settles: bool,
}

/// Why a wait ended.
enum Ended {
    /// Its condition holds.
    Reached,
    /// Its longest time has passed.
    Capped,
    /// Something ran out, or the model stopped by itself.
    Broken,
}

impl<'a> Supervisor<'a> {
    pub(super) fn new(
        spec: &'a TrialSpec,
        upstreams: &'a Upstreams,
        threads: &'a Arc<Threads>,
        counters: &'a Arc<Counters>,
    ) -> Self {
        account::reset_peak_rss();
        let baseline_rss = account::status().map_or(0, |status| status.rss_bytes);
        let baseline_kernel = account::kernel_memory_bytes().unwrap_or(0);
        Self {
            spec,
            upstreams,
            threads,
            counters,
            nesting: Arc::new(Nesting::new()),
            baseline_rss,
            baseline_kernel,
            peak_rss: baseline_rss,
            peak_kernel: baseline_kernel,
            peak_threads: 0,
            sampled: Instant::now(),
            naps: Naps::new(),
            thread_time: None,
            cpu: CpuReadings::default(),
        }
    }

    /// Starts the model and sees it through.
    pub(super) fn run(
        mut self,
        model: &'static dyn Model,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Account> {
        let job = Job {
            load: load::of(&self.spec.load, self.spec.mean_wait),
            upstreams: self.upstreams.clone(),
            counters: Arc::clone(self.counters),
            threads: Arc::clone(self.threads),
            nesting: Arc::clone(&self.nesting),
        };
        let spec = self.spec.model.clone();
        let running = std::thread::Builder::new()
            .name("model".to_owned())
            .spawn(move || super::drive(model, &spec, job))
            .map_err(|error| Error::Setup(format!("cannot start the model's thread: {error}")))?;
        let course = self.phases(&mut Watch { running: &running, progress });
        let thread_time = self.threads.times().get().or(self.thread_time);
        self.sample(progress);
        let drain = if course.settles { MOST_DRAIN } else { Duration::ZERO };
        self.counters.stop(drain.min(self.upstreams.timeout));
        let exhausted =
            self.upstreams.exhaustion.get().map(|exhausted| measurement::row::Exhausted {
                in_flight: self.counters.in_flight(),
                ..exhausted.clone()
            });
        if exhausted.is_none() || running.is_finished() {
            running
                .join()
                .map_err(|_| Error::Setup("the model's thread panicked".to_owned()))??;
        }
        Ok(Account {
            window: course.window,
            started: self.counters.started(),
            shed: self.counters.shed_by_phase(),
            open: self.open_account(),
            exhausted,
            generations_cut: course.generations_cut,
            load_ns: (self.counters.began_ns(), now_ns()),
            rss_peak_bytes: Some(self.peak_rss.saturating_sub(self.baseline_rss)),
            kernel_memory_bytes: Some(self.peak_kernel.saturating_sub(self.baseline_kernel)),
            // The supervisor is no part of the model; the dispatcher is.
            threads_peak: (self.peak_threads.saturating_sub(1)).max(self.threads.peak() + 1),
            connects: self.upstreams.sockets.connects(),
            stale_connections: self.upstreams.sockets.stale(),
            pool_workers: model.pool_workers(&self.spec.model.options).map(|n| n as u64),
            besides: self.besides(model),
            thread_time,
            join_depth_max: self.nesting.deepest(),
            ended: self.counters.ended_by_phase(),
            stops: self.naps.into_stops(),
            cpus: std::thread::available_parallelism().map_or(1, |n| n.get() as u32),
            notes: Vec::new(),
        })
    }

    fn besides(&self, model: &dyn Model) -> Besides {
        let options = &self.spec.model.options;
        Besides {
            work_iterations: self.upstreams.hurdles.work_iterations(),
            pool_ns: model.pool_time_besides(self.upstreams.hurdles.combine()).as_nanos() as f64,
            event_loops: model.event_loops(options).map(|count| count as u64),
        }
    }

    /// Warm-up, window, cool-down, as the load has them.
    fn phases(&mut self, watch: &mut Watch<'_>) -> Course {
        let load = self.spec.load.clone();
        match &load {
            TrialLoad::Closed { concurrency } => self.closed(*concurrency, watch),
            TrialLoad::Open(schedule) => self.scheduled(schedule, watch),
        }
    }

    /// Reads all accounts, lets the window pass, and reads them again.
    fn window(&mut self, pass: impl FnOnce(&mut Self, &Snapshot) -> Ended) -> (Window, Ended) {
        let start = self.snapshot();
        let from = long_lived();
        let ended = pass(self, &start);
        let end = self.snapshot();
        let requests = end.ended - start.ended;
        self.thread_time =
            from.and_then(|from| from.until(&long_lived()?, end.at_ns - start.at_ns, requests));
        (Window { start, end }, ended)
    }

    /// Sleeps until `done`, which is told whether `least` has passed, but no longer than `most`.
    fn wait(
        &mut self,
        watch: &mut Watch<'_>,
        least: Duration,
        most: Duration,
        done: &dyn Fn(bool) -> bool,
    ) -> Ended {
        let began = Instant::now();
        loop {
            let elapsed = began.elapsed();
            if self.upstreams.exhaustion.get().is_some() || watch.running.is_finished() {
                return Ended::Broken;
            }
            if done(elapsed >= least) {
                return Ended::Reached;
            }
            if elapsed >= most {
                return Ended::Capped;
            }
            if self.spec.recording && self.sampled.elapsed() >= SAMPLE {
                self.sample(watch.progress);
            }
            self.cpu.note_if_due();
            let next = match least.saturating_sub(elapsed) {
                Duration::ZERO => LOOK.min(most.saturating_sub(elapsed)),
                left => left,
            };
            let next = next.min(self.cpu.next());
            if self.spec.recording {
                self.naps.take(next);
            } else {
                std::thread::park_timeout(next);
            }
        }
    }

    /// Tells progress, and notes memory and threads.
    fn sample(&mut self, progress: &mut dyn FnMut(Progress)) {
        self.sampled = Instant::now();
        if let Some(status) = account::status() {
            self.peak_rss = self.peak_rss.max(status.rss_peak_bytes);
            self.peak_threads = self.peak_threads.max(status.threads);
        }
        let kernel = account::kernel_memory_bytes().unwrap_or(0);
        self.peak_kernel = self.peak_kernel.max(kernel);
        let tally = self.counters.tally();
        progress(Progress {
            phase: match self.counters.phase_at(tally.at_ns) {
                Phase::Warmup => "warm-up",
                Phase::Window => "window",
                _ => "cool-down",
            },
            ended: tally.ended,
            in_flight: tally.started.saturating_sub(tally.ended),
            elapsed: Duration::from_nanos(tally.at_ns - self.counters.began_ns()),
        });
    }

    /// All accounts now; the counters first, since they move fastest.
    fn snapshot(&self) -> Snapshot {
        let tally = self.counters.tally();
        // The supervisor's own naps and samples are the instrument, not the model.
        let own = account::usage_of_thread();
        let usage = account::usage().without(&own);
        let machine = account::machine();
        Snapshot {
            at_ns: tally.at_ns,
            ended: tally.ended,
            in_flight: tally.started.saturating_sub(tally.ended),
            in_flight_ns: tally.in_flight_ns,
            cpu_user_ns: usage.user_ns,
            cpu_system_ns: usage.system_ns,
            supervisor_cpu_ns: own.user_ns + own.system_ns,
            ctx_voluntary: usage.ctx_voluntary,
            ctx_involuntary: usage.ctx_involuntary,
            threads_spawned: self.threads.spawned(),
            nested_ns: self.nesting.nested_ns(),
            upstream_cpu_ns: self.spec.upstream_pid.and_then(account::cpu_of),
            kernel_forks: machine.map(|machine| machine.forks),
            steal_ticks: machine.map(|machine| machine.steal_ticks),
            pressure_us: account::cpu_pressure_us(),
        }
    }
}

/// The threads as they stand, unless there are too many to read: where each request starts its
/// own, they sample themselves.
fn long_lived() -> Option<LongLived> {
    let threads = account::status()?.threads;
    (threads <= MOST_READ).then(LongLived::read)
}
