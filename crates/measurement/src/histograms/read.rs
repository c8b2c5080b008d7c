//! Reading `histograms.hlog` back: every trial's histograms as counts of values.
//!
//! A run that was killed leaves its last line half written: that line is left out and told of.
//! Any other line that does not parse is an error with its place.

use std::path::Path;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

use crate::{Error, Result};

/// One histogram of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The trial's position in the run's shuffled order.
    pub order: u32,
    /// What was counted: `latency`, `added`, `held`, in open loop also `service`,
    /// `uncorrected` and `lag`.
    pub what: String,
    /// Middle of each cell that holds values, ns, with how many it holds; ascending.
    pub counts: Vec<(u64, u64)>,
}

/// Calls `each` with every histogram of the log's text, in its order; `true` where the last line
/// was cut short. Lines with tags that are not `<order>/<what>` are others' and passed over.
///
/// # Errors
///
/// [`Error::Malformed`] for a line that is not of an interval log, or whose histogram is broken.
pub fn read(path: &Path, bytes: &[u8], mut each: impl FnMut(Logged)) -> Result<bool> {
    let mut deserializer = Deserializer::new();
    for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if !line.ends_with(b"\n") {
            return Ok(true);
        }
        let malformed = |problem: &str| Error::Malformed {
            path: path.to_path_buf(),
            line: at + 1,
            problem: problem.to_owned(),
        };
        for entry in IntervalLogIterator::new(line) {
            let entry = entry.map_err(|_| malformed("not a line of an interval log"))?;
            let LogEntry::Interval(interval) = entry else { continue };
            let tag = interval.tag().map_or("", |tag| tag.as_str());
            let Some((order, what)) = tag.split_once('/') else { continue };
            let Ok(order) = order.parse() else { continue };
            let encoded = decode(interval.encoded_histogram())
                .ok_or_else(|| malformed("the histogram is not base64"))?;
            let histogram: Histogram<u64> = deserializer
                .deserialize(&mut encoded.as_slice())
                .map_err(|error| malformed(&format!("the histogram is broken: {error}")))?;
            each(Logged { order, what: what.to_owned(), counts: counts(&histogram) });
        }
    }
    Ok(false)
}

/// Middle of each cell that holds values, ns, with how many it holds; ascending.
pub(crate) fn counts(histogram: &Histogram<u64>) -> Vec<(u64, u64)> {
    histogram
        .iter_recorded()
        .map(|cell| {
            let middle = histogram.median_equivalent(cell.value_iterated_to());
            (middle, cell.count_at_value())
        })
        .collect()
}

/// Base64 (RFC 4648 §4): hdrhistogram hands over the text and exports no decoder.
fn decode(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for &byte in four {
            bits = bits << 6 | u32::from(digit(byte)?);
        }
        let bits = bits << (6 * (4 - four.len()));
        out.extend(bits.to_be_bytes().into_iter().skip(1).take(four.len() - 1));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "Tag=0/latency,1.0,1.0,80.0,";

    fn problem(text: &str) -> String {
        read(Path::new("h.hlog"), text.as_bytes(), |_| ()).expect_err("is refused").to_string()
    }

    #[test]
    fn base64_is_read_as_the_standard_has_it() {
        // RFC 4648 §10.
        for (text, bytes) in [("Zg==", "f"), ("Zm8=", "fo"), ("Zm9vYmFy", "foobar"), ("", "")] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(decode("Zm8*"), None);
    }

    #[test]
    fn broken_lines_are_named_and_a_cut_one_is_told_of() {
        assert!(problem("#comment\nnonsense\n").contains("h.hlog:2: not a line"));
        assert!(
            problem(&format!("{LINE}!!!!\n")).contains("h.hlog:1: the histogram is not base64")
        );
        assert!(problem(&format!("{LINE}Zm9v\n")).contains("h.hlog:1: the histogram is broken"));
        let cut = read(Path::new("h"), format!("#comment\n{LINE}HIS").as_bytes(), |_| ());
        assert!(cut.expect("a cut line is left out"));
        assert!(!read(Path::new("h"), b"", |_| ()).expect("an empty log"));
    }
}
