//! What can keep a trial from running at all. A failing request is data, not an error.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A runtime or a pool could not be built.
    #[error("cannot start the {what} of {model}: {problem}")]
    Start {
        /// The model's kind.
        model: &'static str,
        /// Which part of it.
        what: &'static str,
        /// What was said.
        problem: String,
    },
    /// No model of this kind.
    #[error("no model is called {0:?}")]
    UnknownModel(String),
    /// The trial cannot be set up.
    #[error("{0}")]
    Setup(String),
    /// Its output could not be written.
    #[error("cannot hand over the trial's output: {0}")]
    Output(#[from] std::io::Error),
}

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
