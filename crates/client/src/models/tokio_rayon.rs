//! A request is a spawned task whose fetches wait in epoll; its CPU work, parsing and combining,
//! goes to a rayon pool, and comes back over a oneshot channel.

use std::sync::Arc;

use rayon::{ThreadPool, ThreadPoolBuilder};
use scenario::{ModelKind, OptionKind, OptionSpec, Options};
use tokio::sync::oneshot;

use super::{Model, one_per_cpu, runtime};
use crate::transport::Reactor;
use crate::trial::{AsyncArrivals, Job};
use crate::workload::Workload;
use crate::{Error, Result};

pub(crate) struct TokioRayon;

impl Model for TokioRayon {
    fn kind(&self) -> ModelKind {
        ModelKind {
            kind: "tokio-rayon",
            summary: "a request is a spawned task, its fetches a tokio::join! in epoll; its CPU work is a job on a rayon pool",
            options: &[
                OptionSpec {
                    key: "workers",
                    kind: OptionKind::Count { min: 1, max: 1024 },
                    doc: "runtime threads; 1 (default): the current-thread runtime",
                },
                OptionSpec {
                    key: "cpu_threads",
                    kind: OptionKind::Count { min: 1, max: 1024 },
                    doc: "workers of the rayon pool (default: one per CPU)",
                },
            ],
        }
    }

    fn event_loops(&self, options: &Options) -> Option<usize> {
        Some(options.count("workers").unwrap_or(1))
    }

    fn drive(&self, options: &Options, job: Job) -> Result<()> {
        let workers = options.count("workers").unwrap_or(1);
        let cpu_threads = options.count("cpu_threads").unwrap_or_else(one_per_cpu);
        let threads = job.threads();
        if !threads.admit(cpu_threads as u64) {
            return Ok(());
        }
        let pool = ThreadPoolBuilder::new().num_threads(cpu_threads).build().map_err(|error| {
            Error::Start { model: "tokio-rayon", what: "pool", problem: error.to_string() }
        })?;
        let Some(runtime) = runtime::of("tokio-rayon", workers, &threads, |_| {})? else {
            return Ok(());
        };
        let (arrivals, workload) = job.asynchronous(runtime.handle())?;
        runtime::drive(runtime, workers, dispatch(arrivals, workload, Arc::new(pool)));
        Ok(())
    }
}

async fn dispatch(
    mut arrivals: AsyncArrivals,
    workload: Arc<Workload<Reactor>>,
    pool: Arc<ThreadPool>,
) {
    while let Some(ticket) = arrivals.next().await {
        let (workload, pool) = (Arc::clone(&workload), Arc::clone(&pool));
        tokio::spawn(async move {
            workload.begin(&ticket);
            let (first, second) =
                tokio::join!(workload.fetch(&ticket, 0), workload.fetch(&ticket, 1));
            let (tell, answer) = oneshot::channel();
            let worker = Arc::clone(&workload);
            pool.spawn(move || {
                // Nobody to tell: the trial is over.
                let _ = tell.send(worker.combine(&ticket, [first, second]));
            });
            if let Ok(done) = answer.await {
                workload.settle(&ticket, done).await;
            }
        });
    }
}
