//! What can go wrong between a run directory and its report.

use std::path::PathBuf;

/// An error of this crate; texts stand alone.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the run directory could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the OS said.
        source: std::io::Error,
    },
    /// A file of the run directory does not hold what it should.
    #[error("{}:{line}: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line in it, from 1.
        line: usize,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// The run directory comes from a later version of the program.
    #[error("{}: schema version {found}, this program reads up to {known}", path.display())]
    TooNew {
        /// `run.json`.
        path: PathBuf,
        /// Version it states.
        found: u32,
        /// Newest version known here.
        known: u32,
    },
    /// A flag names something that the run does not have.
    #[error("{flag} {given}: the run has none of this name; expected one of {known}")]
    Choice {
        /// The flag.
        flag: &'static str,
        /// What it was given.
        given: String,
        /// What there is.
        known: String,
    },
    /// A renderer refused its input; the text says which and why.
    #[error("{output}: {problem}")]
    Render {
        /// The output file.
        output: String,
        /// What is wrong.
        problem: String,
    },
}

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
