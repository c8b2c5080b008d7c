//! A request is a job on a rayon pool; its two fetches are the two sides of a `rayon::join`.
//!
//! A worker that waits in `join` for a side another worker took may run *another request*, or
//! another's fetch, on its own stack meanwhile; how deep that goes and how long it takes is noted.

use std::sync::Arc;

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
        let nesting = job.nesting();
        // The arrivals come from outside the pool, as a server's would: a job spawned by a worker
        // would go to that worker's own deque, ahead of everybody else's.
        let (mut arrivals, workload) = job.blocking()?;
        while let Some(ticket) = arrivals.next_blocking() {
            let (workload, nesting) = (Arc::clone(&workload), Arc::clone(&nesting));
            pool.spawn(move || {
                workload.begin(&ticket);
                let _stacked = nesting.stack(worker());
                let (first, second) = ::rayon::join_context(
                    |_| workload.fetch(&ticket, 0),
                    |context| {
                        // Taken by another worker, perhaps by one that waits in a join itself.
                        let _stacked = context.migrated().then(|| nesting.stack(worker()));
                        workload.fetch(&ticket, 1)
                    },
                );
                workload.finish(&ticket, [first, second]);
            });
        }
        Ok(())
    }
}

/// The number of the calling worker in its pool.
fn worker() -> usize {
    ::rayon::current_thread_index().unwrap_or(0)
}
