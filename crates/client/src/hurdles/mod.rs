//! What a request does besides fetching: CPU work, a blocking call.
//!
//! Each part is one branch where the scenario does not ask for it. What must not hold up the
//! others of an event loop comes in two forms: for a thread of the request's own, and for a task.
//! Deliberately not here: in which thread a model does its CPU work, which is the model's.

mod blocking;
mod work;

use measurement::record::LegRecord;
use scenario::Combine;

use self::blocking::BlockingCalls;
pub(crate) use self::blocking::{BlockingPool, MOST_BLOCKING_THREADS};
pub use self::work::spin;

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

/// The hurdles of a scenario, one set for all requests of a trial.
#[derive(Debug)]
pub(crate) struct Hurdles {
    /// CPU work of a request; 0: none.
    work_iterations: u64,
    blocking: Option<BlockingCalls>,
}

impl Hurdles {
    /// Those of `combine`, its CPU work calibrated to so many iterations.
    pub(crate) fn new(combine: &Combine, work_iterations: u64) -> Self {
        Self { work_iterations, blocking: combine.blocking.map(BlockingCalls::new) }
    }

    /// The CPU work, wherever the model does it.
    pub(crate) fn work(&self, done: &mut Done) {
        if self.work_iterations > 0 {
            done.work_ns = work::timed(self.work_iterations);
        }
    }

    /// All that follows the CPU work, on a thread that nobody else needs.
    pub(crate) fn on_thread(&self, id: u64, _done: &mut Done) {
        if let Some(calls) = &self.blocking {
            calls.on_thread(id);
        }
    }

    /// All that follows the CPU work, in a task on a runtime that has this pool.
    pub(crate) async fn in_task(&self, id: u64, pool: &BlockingPool, _done: &mut Done) {
        if let Some(calls) = &self.blocking {
            calls.in_task(id, pool).await;
        }
    }
}
