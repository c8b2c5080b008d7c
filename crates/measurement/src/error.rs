//! What can go wrong between a trial and its row.

use std::path::PathBuf;

/// An error of this crate; texts are fragments that read after "failed to …" or stand alone.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the run directory could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the OS said.
        source: std::io::Error,
    },
    /// A file of the run directory does not hold what it should.
    #[error("{path}:{line}: {problem}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line in it, from 1.
        line: usize,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// A child's stream ended early or is not in the agreed form.
    #[error("stream of {from}: {problem}")]
    Stream {
        /// Which child.
        from: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A histogram could not be made or encoded.
    #[error("histogram: {0}")]
    Histogram(String),
}

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
