//! What a request does besides fetching: CPU work, a blocking call, a visit to a table all share.
//!
//! Each part is one branch where the scenario does not ask for it. What must not hold up the
//! others of an event loop comes in two forms: for a thread of the request's own, and for a task.
//! Deliberately not here: in which thread a model does its CPU work, which is the model's.

mod blocking;
mod work;

use std::time::Duration;

use measurement::record::LegRecord;
use scenario::{Combine, Scenario};

use self::blocking::BlockingCalls;
pub(crate) use self::blocking::{BlockingPool, MOST_BLOCKING_THREADS};
pub use self::work::spin;
use crate::Result;
use crate::admission::Threads;
use crate::guards::{SharedTable, Visited};

/// What the parts of a request leave behind for its record.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// What its two fetches came to.
    pub(crate) legs: [LegRecord; 2],
    /// Wall-clock time of its CPU work.
    pub(crate) work_ns: u64,
    /// Time from asking for the shared table to having it.
    pub(crate) wait_ns: u64,
    /// Time with the shared table in hand.
    pub(crate) hold_ns: u64,
    /// Whether it wrote to the shared table.
    pub(crate) wrote: bool,
}

impl Done {
    fn visited(&mut self, visited: Visited) {
        self.wait_ns = visited.wait_ns;
        self.hold_ns = visited.hold_ns;
        self.wrote = visited.wrote;
    }
}

/// The hurdles of a scenario, one set for all requests of a trial.
#[derive(Debug)]
pub(crate) struct Hurdles {
    /// What was asked for.
    combine: Combine,
    /// CPU work of a request; 0: none.
    work_iterations: u64,
    blocking: Option<BlockingCalls>,
    shared: Option<SharedTable>,
}

impl Hurdles {
    /// Those of a scenario, on a CPU that does so many iterations of work per microsecond.
    /// `threads` admits the one that a guard of shared state may bring.
    pub(crate) fn new(
        scenario: &Scenario,
        iterations_per_us: f64,
        threads: &Threads,
    ) -> Result<Self> {
        let combine = &scenario.combine;
        let shared = combine.shared_state.as_ref().map(|state| {
            let hold = work::iterations(state.hold, iterations_per_us);
            SharedTable::of(state, scenario.seed, hold, threads)
        });
        Ok(Self {
            combine: combine.clone(),
            work_iterations: work::iterations(combine.work, iterations_per_us),
            blocking: combine.blocking.map(BlockingCalls::new),
            shared: shared.transpose()?,
        })
    }

    /// What the scenario asks for.
    pub(crate) fn combine(&self) -> &Combine {
        &self.combine
    }

    /// How long a request may take once its fetches have ended, if nothing holds it up.
    pub(crate) fn longest(&self) -> Duration {
        let blocking = self.combine.blocking.map_or(Duration::ZERO, |blocking| blocking.duration);
        let hold = self.combine.shared_state.as_ref().map_or(Duration::ZERO, |state| state.hold);
        self.combine.work + blocking + hold
    }

    /// Iterations that the CPU work of a request comes to.
    pub(crate) fn work_iterations(&self) -> u64 {
        self.work_iterations
    }

    /// The CPU work, wherever the model does it.
    pub(crate) fn work(&self, done: &mut Done) {
        if self.work_iterations > 0 {
            done.work_ns = work::timed(self.work_iterations);
        }
    }

    /// All that follows the CPU work, on a thread that nobody else needs.
    pub(crate) fn on_thread(&self, id: u64, done: &mut Done) {
        if let Some(calls) = &self.blocking {
            calls.on_thread(id);
        }
        if let Some(table) = &self.shared {
            done.visited(table.visit(id, &done.legs));
        }
    }

    /// All that follows the CPU work, in a task on a runtime that has this pool.
    pub(crate) async fn in_task(&self, id: u64, pool: &BlockingPool, done: &mut Done) {
        if let Some(calls) = &self.blocking {
            calls.in_task(id, pool).await;
        }
        if let Some(table) = &self.shared {
            done.visited(table.visit_async(id, &done.legs).await);
        }
    }
}
