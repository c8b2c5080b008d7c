//! A request is a job on a rayon pool; its two fetches are the two sides of a `rayon::join`.
//!
//! A worker that waits in `join` for a side another worker took may run *another request* on its
//! own stack meanwhile; how deep that goes is noted.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use scenario::{ModelKind, OptionKind, OptionSpec, Options};

use super::Model;
use crate::trial::Job;
use crate::{Error, Result};

pub(crate) struct Rayon;

impl Model for Rayon {
    fn kind(&self) -> ModelKind {
        ModelKind {
            kind: "rayon",
            summary: "a request is a job on a rayon pool, its fetches a rayon::join; a worker each waits in poll(2)",
            options: &[OptionSpec {
                key: "threads",
                kind: OptionKind::Pool { min: 1, max: 4096, default: None },
                doc: "workers of the pool (default: rayon's own, one per CPU)",
            }],
        }
    }

    fn drive(&self, options: &Options, job: Job) -> Result<()> {
        let workers = self.pool_workers(options).unwrap_or(1);
        if !job.threads().admit(workers as u64) {
            return Ok(());
        }
        let pool =
            ::rayon::ThreadPoolBuilder::new().num_threads(workers).build().map_err(|error| {
                Error::Start { model: "rayon", what: "pool", problem: error.to_string() }
            })?;
        let deepest = job.join_depth();
        // The arrivals come from outside the pool, as a server's would: a job spawned by a worker
        // would go to that worker's own deque, ahead of everybody else's.
        let (mut arrivals, workload) = job.blocking()?;
        while let Some(ticket) = arrivals.next_blocking() {
            let (workload, deepest) = (Arc::clone(&workload), Arc::clone(&deepest));
            pool.spawn(move || {
                workload.begin(&ticket);
                let _nested = Nested::enter(&deepest);
                let (first, second) =
                    ::rayon::join(|| workload.fetch(&ticket, 0), || workload.fetch(&ticket, 1));
                workload.finish(&ticket, [first, second]);
            });
        }
        Ok(())
    }
}

/// Counts requests on the current worker's stack while it lives.
struct Nested;

thread_local! {
    static DEPTH: Cell<u64> = const { Cell::new(0) };
}

impl Nested {
    fn enter(deepest: &AtomicU64) -> Self {
        let depth = DEPTH.get() + 1;
        DEPTH.set(depth);
        if depth > deepest.load(Ordering::Relaxed) {
            deepest.fetch_max(depth, Ordering::Relaxed);
        }
        Self
    }
}

impl Drop for Nested {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}
