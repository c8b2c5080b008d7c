//! The concurrency models: ways of running requests and of waiting.
//!
//! A model is one file and one line in `MODELS`. It takes tickets from its arrivals until there
//! are none, and runs for each: two fetches at once, then `finish`. It starts one unit of its own
//! kind per request, since the cost of starting is part of the model. It knows nothing of the load.

mod rayon;
mod runtime;
mod thread_per_core;
mod thread_per_request;
mod thread_pool;
mod tokio;
mod tokio_blocking;
mod tokio_rayon;
mod tokio_spawn_blocking;

use std::time::Duration;

use scenario::{Combine, ModelKind, OptionKind, OptionSpec, Options};

use crate::trial::Job;
use crate::{Error, Result};

/// Every model, in the order they are listed.
pub(crate) static MODELS: &[&dyn Model] = &[
    &thread_per_request::ThreadPerRequest,
    &rayon::Rayon,
    &thread_pool::ThreadPool,
    &tokio::Tokio,
    &thread_per_core::ThreadPerCore,
    &tokio_spawn_blocking::TokioSpawnBlocking,
    &tokio_blocking::TokioBlocking,
    &tokio_rayon::TokioRayon,
];

/// A way of running requests and of waiting.
pub(crate) trait Model: Sync {
    /// Its kind, options and documentation.
    fn kind(&self) -> ModelKind;

    /// Workers of its pool of blocking threads, where it has one: what bounds it.
    fn pool_workers(&self, options: &Options) -> Option<usize> {
        self.kind().pool_workers(options, one_per_cpu())
    }

    /// How long a request keeps a worker of that pool besides its two fetches, on average: for its
    /// CPU work and for the blocking call, as far as both are made there.
    fn pool_time_besides(&self, combine: &Combine) -> Duration {
        combine.work + combine.blocking_mean()
    }

    /// Event loops that its requests share, where they are tasks that leave theirs to others
    /// while they fetch.
    fn event_loops(&self, _options: &Options) -> Option<usize> {
        None
    }

    /// Runs a request for each ticket until the arrivals end.
    fn drive(&self, options: &Options, job: Job) -> Result<()>;
}

/// How large the stack of each of a model's threads is. Only what is touched of it takes memory;
/// a fetch needs less than the least. Not for rayon, whose workers nest requests on one stack.
const STACK: OptionSpec = OptionSpec {
    key: "stack",
    kind: OptionKind::Size { min: 64 << 10, max: 1 << 30 },
    doc: "stack of each thread (default: 2 MiB, as std has it)",
};

/// Threads where an option states none: one for each CPU that this process may use.
fn one_per_cpu() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The kinds of all models: what the scenario's parser and `loadgen models` need.
pub fn kinds() -> Vec<ModelKind> {
    MODELS.iter().map(|model| model.kind()).collect()
}

/// The model of this kind.
pub(crate) fn find(kind: &str) -> Result<&'static dyn Model> {
    MODELS
        .iter()
        .copied()
        .find(|model| model.kind().kind == kind)
        .ok_or_else(|| Error::UnknownModel(kind.to_owned()))
}
