//! A request is a spawned task that fetches with blocking calls: the mistake of calling a blocking
//! client from async code. Each wait keeps its worker, and every other task on it, waiting too. So
//! does its CPU work: who fetches like this combines in place as well.

use std::sync::Arc;
use std::time::Duration;

use scenario::{Blocking, Combine, ModelKind, OptionKind, OptionSpec, Options, Via};

use super::{Model, runtime};
use crate::Result;
use crate::hurdles::MOST_BLOCKING_THREADS;
use crate::transport::Poll2;
use crate::trial::{AsyncArrivals, Job};
use crate::workload::Workload;

pub(crate) struct TokioBlocking;

impl Model for TokioBlocking {
    fn kind(&self) -> ModelKind {
        ModelKind {
            kind: "tokio-blocking",
            summary: "a request is a spawned task that fetches with blocking calls, one after the other: the mistake; its worker waits in poll(2)",
            options: &[OptionSpec {
                key: "workers",
                kind: OptionKind::Pool { min: 1, max: 1024, default: Some(1) },
                doc: "runtime threads; 1 (default): the current-thread runtime",
            }],
        }
    }

    /// Its pool are the runtime's workers, which a call sent away leaves free.
    fn pool_time_besides(&self, combine: &Combine) -> Duration {
        match combine.blocking {
            Some(Blocking { via: Via::SpawnBlocking, .. }) => combine.work,
            _ => combine.work + combine.blocking_mean(),
        }
    }

    fn drive(&self, options: &Options, job: Job) -> Result<()> {
        let workers = self.pool_workers(options).unwrap_or(1);
        let Some(runtime) = runtime::of("tokio-blocking", workers, &job.threads(), |_| {})? else {
            return Ok(());
        };
        let (arrivals, workload) = job.blocking_tasks(runtime.handle(), MOST_BLOCKING_THREADS)?;
        runtime::drive(runtime, workers, dispatch(arrivals, workload));
        Ok(())
    }
}

async fn dispatch(mut arrivals: AsyncArrivals, workload: Arc<Workload<Poll2>>) {
    while let Some(ticket) = arrivals.next().await {
        let workload = Arc::clone(&workload);
        tokio::spawn(async move {
            // A queue of tasks that each block would keep the dispatcher from ever ending.
            if workload.is_given_up() {
                return;
            }
            workload.begin(&ticket);
            // Written as if they went on at once. They do not: neither ever yields.
            let (first, second) = tokio::join!(async { workload.fetch(&ticket, 0) }, async {
                workload.fetch(&ticket, 1)
            });
            workload.finish_in_task(&ticket, [first, second]).await;
        });
    }
}
