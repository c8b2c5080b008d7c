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

use scenario::{ModelKind, Options};

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
    fn pool_workers(&self, _options: &Options) -> Option<usize> {
        None
    }

    /// Runs a request for each ticket until the arrivals end.
    fn drive(&self, options: &Options, job: Job) -> Result<()>;
}

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
