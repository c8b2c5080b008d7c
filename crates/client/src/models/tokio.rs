//! A request is a spawned task; its two fetches are the two sides of a `tokio::join!`.

use std::sync::Arc;

use scenario::{ModelKind, OptionKind, OptionSpec, Options};

use super::{Model, runtime};
use crate::Result;
use crate::transport::Reactor;
use crate::trial::{AsyncArrivals, Job};
use crate::workload::Workload;

pub(crate) struct Tokio;

impl Model for Tokio {
    fn kind(&self) -> ModelKind {
        ModelKind {
            kind: "tokio",
            summary: "a request is a spawned task, its fetches a tokio::join!; nobody is blocked, epoll waits for all",
            options: &[OptionSpec {
                key: "workers",
                kind: OptionKind::Count { min: 1, max: 1024 },
                doc: "runtime threads; 1 (default): the current-thread runtime",
            }],
        }
    }

    fn event_loops(&self, options: &Options) -> Option<usize> {
        Some(options.count("workers").unwrap_or(1))
    }

    fn drive(&self, options: &Options, job: Job) -> Result<()> {
        let workers = options.count("workers").unwrap_or(1);
        let Some(runtime) = runtime::of("tokio", workers, &job.threads(), |_| {})? else {
            return Ok(());
        };
        let (arrivals, workload) = job.asynchronous(runtime.handle())?;
        runtime::drive(runtime, workers, dispatch(arrivals, workload));
        Ok(())
    }
}

async fn dispatch(mut arrivals: AsyncArrivals, workload: Arc<Workload<Reactor>>) {
    while let Some(ticket) = arrivals.next().await {
        let workload = Arc::clone(&workload);
        tokio::spawn(async move {
            workload.begin(&ticket);
            let (first, second) =
                tokio::join!(workload.fetch(&ticket, 0), workload.fetch(&ticket, 1));
            workload.finish_in_task(&ticket, [first, second]).await;
        });
    }
}
