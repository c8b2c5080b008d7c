//! The crate's error: a scenario that cannot be read, or one that is wrong at some place.

use std::io;
use std::path::PathBuf;

use crate::diagnostic::Diagnostic;

/// What can be wrong with a scenario. Its text is the whole message, ready for a terminal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file.
    #[error("error: there is no scenario file at {path:?}")]
    NotFound {
        /// As given.
        path: PathBuf,
    },
    /// It is a folder.
    #[error("error: {path:?} is a folder; expected is the path of one scenario file, *.toml")]
    Folder {
        /// As given.
        path: PathBuf,
    },
    /// The file is there and cannot be read.
    #[error("error: cannot read the scenario file {path:?}: {source}")]
    Unreadable {
        /// As given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is longer than any scenario is.
    #[error("error: {path:?} is longer than {limit_bytes} bytes: is it a scenario file?")]
    TooLong {
        /// As given.
        path: PathBuf,
        /// Greatest length read.
        limit_bytes: u64,
    },
    /// Something in the text, or in a `--set`, is wrong.
    #[error("{0}")]
    Invalid(Box<Diagnostic>),
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Invalid(Box::new(diagnostic))
    }
}

/// Shorthand.
pub type Result<T> = std::result::Result<T, Error>;
