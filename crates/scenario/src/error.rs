//! Errors.

/// What can be wrong with a scenario.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A diagnostic, rendered.
    #[error("{0}")]
    Invalid(String),
}

/// Shorthand.
pub type Result<T> = std::result::Result<T, Error>;
