//! Made-up histograms that agree with the made-up rows.

use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use measurement::histograms::{HISTOGRAMS_HLOG, HistogramLog, TrialHistograms};
use measurement::row::TrialRow;

use crate::analysis::{Histograms, TrialCounts};
use crate::stats::Distribution;

/// Of every row with requests that ended.
pub(super) fn of(rows: &[TrialRow]) -> Histograms {
    let with = rows.iter().filter(|row| row.requests > row.censored);
    with.map(|row| (row.order, counts(row))).collect()
}

/// The row with its times as its own histograms have them: what a run's files say of each other.
pub(super) fn agreeing(row: &TrialRow) -> TrialRow {
    if row.requests <= row.censored {
        return row.clone();
    }
    let TrialCounts { latency, added, .. } = counts(row);
    let mean = |counts: &[(u64, u64)]| {
        let sum: f64 = counts.iter().map(|&(value, n)| value as f64 * n as f64).sum();
        sum / 1e6 / (row.requests - row.censored) as f64
    };
    let means = [mean(&latency), mean(&added)];
    let [latency, added] = [latency, added].map(|all| Distribution::new(all, row.censored));
    let at = |stated: Option<f64>, of: &Distribution, q: f64| stated.and(of.quantile_ms(q));
    TrialRow {
        latency_mean_ms: row.latency_mean_ms.map(|_| means[0]),
        latency_p50_ms: at(row.latency_p50_ms, &latency, 0.5),
        latency_p90_ms: at(row.latency_p90_ms, &latency, 0.9),
        latency_p99_ms: at(row.latency_p99_ms, &latency, 0.99),
        latency_p999_ms: at(row.latency_p999_ms, &latency, 0.999),
        latency_max_ms: at(row.latency_max_ms, &latency, 1.0),
        added_mean_ms: row.added_mean_ms.map(|_| means[1]),
        added_p50_ms: at(row.added_p50_ms, &added, 0.5),
        added_p99_ms: at(row.added_p99_ms, &added, 0.99),
        ..row.clone()
    }
}

/// Writes them as a run does, over those that are there.
pub(super) fn write(rows: &[TrialRow], dir: &Path) -> io::Result<()> {
    let path = dir.join(HISTOGRAMS_HLOG);
    if path.exists() {
        fs::remove_file(&path)?;
    }
    let mut log = HistogramLog::create(dir).map_err(io::Error::other)?;
    for (order, counts) in of(rows) {
        let one = |counts: &[(u64, u64)]| {
            let values = counts.iter().flat_map(|&(value, n)| (0..n).map(move |_| value));
            measurement::histograms::of(values).map_err(io::Error::other)
        };
        let window = Duration::from_secs(2);
        let (latency, added) = (one(&counts.latency)?, one(&counts.added)?);
        let held = one(&counts.held)?;
        log.append(order, &TrialHistograms { latency, added, held, clocks: Vec::new(), window })
            .map_err(io::Error::other)?;
    }
    Ok(())
}

fn counts(row: &TrialRow) -> TrialCounts {
    let ended = row.requests - row.censored;
    let max = row.latency_max_ms.unwrap_or(1.0);
    let (p99, mean) = (max / 1.8, row.latency_mean_ms.unwrap_or(1.0));
    let p50 = row.latency_p50_ms.unwrap_or(mean.min(p99));
    let floor = row.floor_p50_ms.unwrap_or(0.0);
    // (quantile, value), straight between them on a log scale of values.
    let anchors = [(0.0, p50 * 0.67), (0.5, p50), (0.99, p99), (0.999, p99 * 1.5), (1.0, max)];
    let cells = ended.min(500);
    let cell = |at: u64| {
        let q = (at as f64 + 0.5) / cells as f64;
        let pair = anchors.windows(2).find(|pair| q <= pair[1].0).unwrap_or(&anchors[3..]);
        let share = (q - pair[0].0) / (pair[1].0 - pair[0].0);
        let value = pair[0].1 * (pair[1].1 / pair[0].1).powf(share);
        let upto = |at: u64| (u128::from(ended) * u128::from(at) / u128::from(cells)) as u64;
        ((value * 1e6) as u64, upto(at + 1) - upto(at))
    };
    let latency: Vec<(u64, u64)> = (0..cells).map(cell).collect();
    let above = |&(value, n): &(u64, u64)| ((value as f64 - floor * 1e6).max(1e3) as u64, n);
    let upto = |&(value, n): &(u64, u64)| (value.min((floor * 1e6) as u64), n);
    TrialCounts {
        added: latency.iter().map(above).collect(),
        held: latency.iter().map(upto).collect(),
        latency,
    }
}
