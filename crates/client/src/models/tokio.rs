//! A request is a spawned task; its two fetches are the two sides of a `tokio::join!`.

use std::sync::Arc;

use scenario::{ModelKind, OptionKind, OptionSpec, Options};
use tokio::runtime::Builder;

use super::Model;
use crate::transport::Reactor;
use crate::trial::{AsyncArrivals, Job};
use crate::workload::Workload;
use crate::{Error, Result};

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

    fn drive(&self, options: &Options, job: Job) -> Result<()> {
        let workers = options.count("workers").unwrap_or(1);
        let mut builder =
            if workers == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
        if workers > 1 {
            if !job.threads().admit(workers as u64) {
                return Ok(());
            }
            builder.worker_threads(workers);
        }
        let runtime = builder.enable_io().enable_time().build().map_err(|error| Error::Start {
            model: "tokio",
            what: "runtime",
            problem: error.to_string(),
        })?;
        let (arrivals, workload) = job.asynchronous(runtime.handle())?;
        let dispatcher = dispatch(arrivals, workload);
        if workers == 1 {
            runtime.block_on(dispatcher);
        } else {
            // A task of the runtime, as a server's accept loop would be.
            let ended = runtime.block_on(runtime.spawn(dispatcher));
            debug_assert!(ended.is_ok(), "the dispatcher neither panics nor is cancelled");
        }
        runtime.shutdown_background();
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
            workload.finish(&ticket, [first, second]);
        });
    }
}
