//! `histograms.hlog`: latency, added latency and upstream time of every trial, in open loop its
//! other clocks as well, in the interval log that HdrHistogram's own tools read and merge.
//!
//! Values are nanoseconds with three significant digits (ranges of 1 ns to 1 hour); each trial
//! has the tags `<order>/latency`, `<order>/added` and `<order>/held`, one in open loop also
//! `<order>/service`, `<order>/uncorrected` and `<order>/lag`; its interval is its window.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};

use crate::{Error, Result};

#[cfg(test)]
mod properties;
mod read;

#[cfg(test)]
pub(crate) use read::counts;
pub use read::{Logged, read};

/// Name of the file in a run directory.
pub const HISTOGRAMS_HLOG: &str = "histograms.hlog";

/// Highest value kept apart; a longer latency counts as this.
const HIGHEST_NS: u64 = 3_600_000_000_000;
const DIGITS: u8 = 3;
/// Latencies are logged in ns; the log's own maximum column is in ms, for people.
const NS_PER_MS: f64 = 1e6;

/// What one trial adds to the log.
#[derive(Debug, Clone)]
pub struct TrialHistograms {
    /// Request latency of the window's requests that ended.
    pub latency: Histogram<u64>,
    /// Their added latency, where it is defined.
    pub added: Histogram<u64>,
    /// Of the same requests: the longer of the two times that the mock held a response back, each
    /// capped at the fetch deadline. What the upstreams alone would have taken.
    pub held: Histogram<u64>,
    /// Open loop: its other clocks, each with its tag.
    pub clocks: Vec<(&'static str, Histogram<u64>)>,
    /// Length of the window.
    pub window: Duration,
}

/// An empty histogram of this log's range and precision.
pub fn empty() -> Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, HIGHEST_NS, DIGITS)
        .map_err(|error| Error::Histogram(error.to_string()))
}

/// A histogram of these values, in ns.
pub fn of(values_ns: impl IntoIterator<Item = u64>) -> Result<Histogram<u64>> {
    let mut histogram = empty()?;
    for value in values_ns {
        histogram.saturating_record(value);
    }
    Ok(histogram)
}

/// The log being written.
#[derive(Debug)]
pub struct HistogramLog {
    path: PathBuf,
    file: File,
}

impl HistogramLog {
    /// Begins the log in a fresh run directory.
    pub fn create(directory: &Path) -> Result<Self> {
        let path = directory.join(HISTOGRAMS_HLOG);
        let io = |source| Error::Io { path: path.clone(), source };
        let mut file = OpenOptions::new().append(true).create_new(true).open(&path).map_err(io)?;
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let head = format!(
            "#[Histogram log format version 1.3]\n\
             #[StartTime: {:.3} (seconds since epoch)]\n\
             #[values in ns, 3 digits; tags: <order of the trial>/latency, <order>/added, <order>/held, in open loop <order>/service, <order>/uncorrected, <order>/lag]\n\
             \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
            seconds.as_secs_f64()
        );
        file.write_all(head.as_bytes()).map_err(io)?;
        Ok(Self { path, file })
    }

    /// Appends the histograms of the trial at `order`, whose window ended just now.
    pub fn append(&mut self, order: u32, trial: &TrialHistograms) -> Result<()> {
        let ended = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let began = ended.saturating_sub(trial.window);
        let mut lines = Vec::new();
        let always = [("latency", &trial.latency), ("added", &trial.added), ("held", &trial.held)];
        let clocks = trial.clocks.iter().map(|(name, histogram)| (*name, histogram));
        for (name, histogram) in always.into_iter().chain(clocks) {
            line(&mut lines, &format!("{order}/{name}"), began, trial.window, histogram)?;
        }
        self.file
            .write_all(&lines)
            .and_then(|()| self.file.flush())
            .map_err(|source| Error::Io { path: self.path.clone(), source })
    }
}

fn line(
    out: &mut Vec<u8>,
    tag: &str,
    began: Duration,
    window: Duration,
    histogram: &Histogram<u64>,
) -> Result<()> {
    let refused = |error: String| Error::Histogram(error);
    let mut serializer = V2DeflateSerializer::new();
    let mut builder = IntervalLogWriterBuilder::new();
    builder.with_max_value_divisor(NS_PER_MS);
    let mut writer =
        builder.begin_log_with(out, &mut serializer).map_err(|error| refused(error.to_string()))?;
    writer
        .write_histogram(histogram, began, window, Tag::new(tag))
        .map_err(|error| refused(format!("{error:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = HistogramLog::create(folder.path()).unwrap();
        let latency = of((1..=1_000).map(|n| n * 1_000_000)).unwrap();
        let added = of([5, 5, HIGHEST_NS * 2]).unwrap();
        let held = of([6, 7]).unwrap();
        let window = Duration::from_secs(1);
        let mut trial = TrialHistograms { latency, added, held, clocks: Vec::new(), window };
        log.append(0, &trial).unwrap();
        trial.clocks = vec![("service", of([7, 8]).unwrap())];
        log.append(1, &trial).unwrap();
        assert!(HistogramLog::create(folder.path()).is_err(), "a log is never written over");
        let path = folder.path().join(HISTOGRAMS_HLOG);
        let bytes = std::fs::read(&path).unwrap();
        let mut tags = Vec::new();
        let cut_short = read(&path, &bytes, |logged| {
            let written = match logged.what.as_str() {
                "latency" => &trial.latency,
                "added" => &trial.added,
                "held" => &trial.held,
                _ => &trial.clocks[0].1,
            };
            let read: Histogram<u64> = {
                let mut histogram = empty().unwrap();
                for &(value, count) in &logged.counts {
                    histogram.record_n(value, count).unwrap();
                }
                histogram
            };
            assert!(&read == written, "{}", logged.what);
            tags.push(format!("{}/{}", logged.order, logged.what));
        });
        assert!(!cut_short.unwrap());
        let expected =
            ["0/latency", "0/added", "0/held", "1/latency", "1/added", "1/held", "1/service"];
        assert_eq!(tags, expected);
    }
}
