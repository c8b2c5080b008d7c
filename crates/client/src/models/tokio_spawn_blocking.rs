//! A request is a spawned task; its two fetches are blocking calls on tokio's pool for those. The
//! CPU work is done by the task, on its worker: only what blocks was sent away.

use std::sync::Arc;
use std::time::Duration;

use measurement::record::LegOutcome;
use scenario::{Blocking, Combine, ModelKind, OptionKind, OptionSpec, Options, Via};
use tokio::task::JoinHandle;

use super::{Model, STACK, runtime};
use crate::Result;
use crate::http::Fetched;
use crate::hurdles::MOST_BLOCKING_THREADS;
use crate::transport::Poll2;
use crate::trial::{AsyncArrivals, Job, Ticket};
use crate::workload::Workload;

pub(crate) struct TokioSpawnBlocking;

impl Model for TokioSpawnBlocking {
    fn kind(&self) -> ModelKind {
        ModelKind {
            kind: "tokio-spawn-blocking",
            summary: "a request is a spawned task, its fetches two spawn_blocking; a thread of the blocking pool each waits in poll(2)",
            options: &[
                OptionSpec {
                    key: "workers",
                    kind: OptionKind::Count { min: 1, max: 1024 },
                    doc: "runtime threads; 1 (default): the current-thread runtime",
                },
                OptionSpec {
                    key: "max_blocking_threads",
                    kind: OptionKind::Pool {
                        min: 1,
                        max: 16384,
                        default: Some(MOST_BLOCKING_THREADS),
                    },
                    doc: "most threads of the blocking pool (default: tokio's own, 512)",
                },
                STACK,
            ],
        }
    }

    /// The CPU work is done by the task, and so is an inline call.
    fn pool_time_besides(&self, combine: &Combine) -> Duration {
        match combine.blocking {
            Some(Blocking { via: Via::SpawnBlocking, .. }) => combine.blocking_mean(),
            _ => Duration::ZERO,
        }
    }

    fn event_loops(&self, options: &Options) -> Option<usize> {
        Some(options.count("workers").unwrap_or(1))
    }

    fn drive(&self, options: &Options, job: Job) -> Result<()> {
        let workers = options.count("workers").unwrap_or(1);
        let most = self.pool_workers(options).unwrap_or(MOST_BLOCKING_THREADS as usize);
        let started = runtime::of("tokio-spawn-blocking", workers, &job.threads(), |builder| {
            builder.max_blocking_threads(most);
            if let Some(bytes) = options.bytes(STACK.key) {
                builder.thread_stack_size(bytes);
            }
        });
        let Some(runtime) = started? else { return Ok(()) };
        let (arrivals, workload) = job.blocking_tasks(runtime.handle(), most as u64)?;
        runtime::drive(runtime, workers, dispatch(arrivals, workload));
        Ok(())
    }
}

async fn dispatch(mut arrivals: AsyncArrivals, workload: Arc<Workload<Poll2>>) {
    while let Some(ticket) = arrivals.next().await {
        // Two calls for each request in flight; one that blocks later has had both of its own.
        if !workload.blocking_pool().admits(2 * workload.in_flight()) {
            break;
        }
        let workload = Arc::clone(&workload);
        tokio::spawn(async move {
            workload.begin(&ticket);
            let (first, second) = (fetch(&workload, ticket, 0), fetch(&workload, ticket, 1));
            let (first, second) = tokio::join!(first, second);
            let fetched = [first, second]
                .map(|ended| ended.unwrap_or_else(|_| Fetched::failed(LegOutcome::Connect)));
            workload.finish_in_task(&ticket, fetched).await;
        });
    }
}

fn fetch(workload: &Arc<Workload<Poll2>>, ticket: Ticket, leg: usize) -> JoinHandle<Fetched> {
    let workload = Arc::clone(workload);
    tokio::task::spawn_blocking(move || workload.fetch(&ticket, leg))
}
