//! A blocking call inside some requests, and the threads a runtime keeps for such calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use scenario::{Blocking, Phase, Via};

use crate::admission::Threads;

/// tokio's own default for the threads of a runtime's blocking pool.
pub(crate) const MOST_BLOCKING_THREADS: u64 = 512;

/// Which requests block, how long, and on which thread.
#[derive(Debug)]
pub(super) struct BlockingCalls(Blocking);

impl BlockingCalls {
    pub(super) fn new(blocking: Blocking) -> Self {
        debug_assert!(blocking.every > 0, "the scenario's parser refuses 0");
        Self(blocking)
    }

    /// Blocks the calling thread, if this request does.
    pub(super) fn on_thread(&self, id: u64) {
        if self.concerns(id) {
            std::thread::sleep(self.0.duration);
        }
    }

    /// Blocks, if this request does: the runtime's worker, or a thread of its pool for that.
    pub(super) async fn in_task(&self, id: u64, pool: &BlockingPool) {
        if self.concerns(id) {
            match self.0.via {
                Via::Inline => std::thread::sleep(self.0.duration),
                Via::SpawnBlocking => pool.sleep(self.0.duration).await,
            }
        }
    }

    fn concerns(&self, id: u64) -> bool {
        Phase::index(id).is_multiple_of(self.0.every)
    }
}

/// The threads that a runtime starts for blocking calls: one whenever a call finds none idle. They
/// are admitted as they may come to be, one for each call at once, up to the pool's size.
#[derive(Debug)]
pub(crate) struct BlockingPool {
    threads: Arc<Threads>,
    most: u64,
    calls: AtomicU64,
    admitted: AtomicU64,
}

impl BlockingPool {
    /// No thread yet, and never more than `most`.
    pub(crate) fn new(threads: Arc<Threads>, most: u64) -> Self {
        Self { threads, most, calls: AtomicU64::new(0), admitted: AtomicU64::new(0) }
    }

    /// Admits the threads of so many calls at once; `false`: make no call.
    pub(crate) fn admits(&self, calls: u64) -> bool {
        let wanted = calls.min(self.most);
        if wanted <= self.admitted.load(Ordering::Relaxed) {
            return true;
        }
        let before = self.admitted.fetch_max(wanted, Ordering::Relaxed);
        before >= wanted || self.threads.admit(wanted - before)
    }

    /// Sleeps on a thread of the pool; not at all where that is not to be had, which has been
    /// noted then and ends the trial.
    async fn sleep(&self, duration: Duration) {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if self.admits(calls) {
            // An error says that the runtime ends, and the trial with it.
            drop(tokio::task::spawn_blocking(move || std::thread::sleep(duration)).await);
        }
        self.calls.fetch_sub(1, Ordering::Relaxed);
    }
}
