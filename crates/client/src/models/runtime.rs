//! The tokio runtimes of the models that have one.

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};

use crate::admission::Threads;
use crate::{Error, Result};

/// A runtime of `workers` threads: for one, the current-thread runtime on the caller's own.
/// `None` if so many more threads are not to be had, which has been noted then.
pub(super) fn of(
    model: &'static str,
    workers: usize,
    threads: &Arc<Threads>,
    adjust: impl FnOnce(&mut Builder),
) -> Result<Option<Runtime>> {
    let mut builder =
        if workers == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    if workers > 1 {
        if !threads.admit(workers as u64) {
            return Ok(None);
        }
        builder.worker_threads(workers);
    }
    adjust(&mut builder);
    builder.enable_io().enable_time().build().map(Some).map_err(|error| Error::Start {
        model,
        what: "runtime",
        problem: error.to_string(),
    })
}

/// Runs the dispatcher to its end where the runtime's tasks run: as a task of its own beside
/// them, as a server's accept loop would be.
pub(super) fn drive(
    runtime: Runtime,
    workers: usize,
    dispatcher: impl Future<Output = ()> + Send + 'static,
) {
    if workers == 1 {
        runtime.block_on(dispatcher);
    } else {
        let ended = runtime.block_on(runtime.spawn(dispatcher));
        debug_assert!(ended.is_ok(), "the dispatcher neither panics nor is cancelled");
    }
    runtime.shutdown_background();
}
