//! The run directory: where it lies, how it is written.
//!
//! `run.json` is replaced whole, by rename, so that a reader never sees half of it; rows are
//! appended and flushed one by one, so that whatever ends a run keeps what had ended.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::histograms::{HistogramLog, TrialHistograms};
use crate::row::TrialRow;
use crate::run::RunInfo;
use crate::{Error, Result};

/// A run directory being written.
#[derive(Debug)]
pub struct RunDirectory {
    path: PathBuf,
    rows: File,
    histograms: HistogramLog,
}

/// Name of the run's description.
pub const RUN_JSON: &str = "run.json";
/// Name of the file of rows.
pub const TRIALS_JSONL: &str = "trials.jsonl";

impl RunDirectory {
    /// Makes `path` a fresh run directory; one that already holds a run is refused.
    pub fn create(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).map_err(|source| io(path, source))?;
        let rows_path = path.join(TRIALS_JSONL);
        let opened = OpenOptions::new().append(true).create_new(true).open(&rows_path);
        let rows = opened.map_err(|source| io(&rows_path, source))?;
        let histograms = HistogramLog::create(path)?;
        Ok(Self { path: path.to_owned(), rows, histograms })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces `run.json`.
    pub fn write_run(&self, run: &RunInfo) -> Result<()> {
        let path = self.path.join(RUN_JSON);
        let mut text = serde_json::to_string_pretty(run).map_err(|error| Error::Malformed {
            path: path.clone(),
            line: 0,
            problem: error.to_string(),
        })?;
        text.push('\n');
        let fresh = self.path.join(".run.json.new");
        fs::write(&fresh, text).and_then(|()| fs::rename(&fresh, &path)).map_err(|source| {
            let _ = fs::remove_file(&fresh);
            io(&path, source)
        })
    }

    /// Appends a row, and its trial's histograms where it has any.
    pub fn append(&mut self, row: &TrialRow, histograms: Option<&TrialHistograms>) -> Result<()> {
        let path = self.path.join(TRIALS_JSONL);
        let mut line = serde_json::to_vec(row).map_err(|error| Error::Malformed {
            path: path.clone(),
            line: 0,
            problem: error.to_string(),
        })?;
        line.push(b'\n');
        self.rows
            .write_all(&line)
            .and_then(|()| self.rows.flush())
            .map_err(|source| io(&path, source))?;
        histograms.map_or(Ok(()), |histograms| self.histograms.append(row.order, histograms))
    }
}

fn io(path: &Path, source: std::io::Error) -> Error {
    Error::Io { path: path.to_owned(), source }
}
