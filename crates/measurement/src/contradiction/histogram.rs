//! A row's times against the histograms that were logged of the same trial.

use crate::derive::rank;
use crate::histograms::HISTOGRAMS_HLOG;
use crate::row::TrialRow;

/// A logged value has three digits: it lies within this share of the true one.
const DIGITS: f64 = 1e-3;
/// What lies above the log's range is logged as its highest value.
const BEYOND_MS: f64 = 3_590_000.0;

/// What a row's latencies say that its trial's histograms do not; `None`: nothing found. The
/// histograms are (value in ns, count) pairs, ascending; those of added latency and of held times,
/// written last, are empty where the run was killed in between, the latter in older runs too.
pub fn histogram_contradiction(
    row: &TrialRow,
    latency: &[(u64, u64)],
    added: &[(u64, u64)],
    held: &[(u64, u64)],
) -> Option<String> {
    let ended = [row.degraded, row.failed].iter().fold(row.ok, |sum, &n| sum.saturating_add(n));
    let logged = total(latency);
    if logged != ended {
        return Some(format!(
            "ok + degraded + failed is {ended}, but {HISTOGRAMS_HLOG} has {logged} latencies of this trial"
        ));
    }
    let of_latency = [
        ("latency_p50_ms", row.latency_p50_ms, at(latency, row.censored, 0.5)),
        ("latency_p90_ms", row.latency_p90_ms, at(latency, row.censored, 0.9)),
        ("latency_p99_ms", row.latency_p99_ms, at(latency, row.censored, 0.99)),
        ("latency_p999_ms", row.latency_p999_ms, at(latency, row.censored, 0.999)),
        ("latency_max_ms", row.latency_max_ms, at(latency, 0, 1.0)),
        // With censored requests the mean is another figure: N̄ ÷ X.
        ("latency_mean_ms", row.latency_mean_ms.filter(|_| row.censored == 0), mean(latency)),
    ];
    let of_added = [
        ("added_p50_ms", row.added_p50_ms, at(added, row.censored, 0.5)),
        ("added_p99_ms", row.added_p99_ms, at(added, row.censored, 0.99)),
        ("added_mean_ms", row.added_mean_ms, mean(added)),
    ];
    let of_added = of_added.into_iter().filter(|_| !added.is_empty());
    of_latency
        .into_iter()
        .chain(of_added)
        .find_map(|(name, stated, logged)| {
            let stated = stated?;
            let logged = logged.unwrap_or(f64::NAN);
            // A nanosecond for values so small that a digit is less than one.
            let near = (stated - logged).abs() <= DIGITS * stated.abs() + 1e-6;
            let beyond = stated > BEYOND_MS;
            (!near && !beyond).then(|| {
                let logged =
                    if logged.is_nan() { "none".to_owned() } else { format!("{logged:.6}") };
                format!("{name} is {stated}, but by {HISTOGRAMS_HLOG} it is {logged}")
            })
        })
        .or_else(|| held_contradiction(latency, added, held))
}

/// Held times are of the requests that have an added latency, and no latency is longer than the
/// two together.
fn held_contradiction(
    latency: &[(u64, u64)],
    added: &[(u64, u64)],
    held: &[(u64, u64)],
) -> Option<String> {
    if held.is_empty() {
        return None;
    }
    if total(held) != total(added) {
        return Some(format!(
            "{HISTOGRAMS_HLOG} has {} held times and {} added latencies of this trial",
            total(held),
            total(added)
        ));
    }
    if total(held) != total(latency) {
        return None;
    }
    let (whole, parts) = (mean(latency)?, mean(added)? + mean(held)?);
    (whole > parts * (1.0 + 2.0 * DIGITS) + 1e-6).then(|| {
        format!(
            "by {HISTOGRAMS_HLOG} the mean latency is {whole:.6} ms, but added and held make {parts:.6} ms"
        )
    })
}

fn total(counts: &[(u64, u64)]) -> u64 {
    counts.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
}

/// The `q`-quantile in ms by nearest rank; `missing` more values lie above all.
fn at(counts: &[(u64, u64)], missing: u64, q: f64) -> Option<f64> {
    let rank = rank(total(counts).saturating_add(missing) as usize, q) as u64;
    let mut upto = 0_u64;
    let cell = counts.iter().find(|(_, count)| {
        upto = upto.saturating_add(*count);
        upto >= rank
    });
    cell.map(|(value_ns, _)| *value_ns as f64 / 1e6)
}

fn mean(counts: &[(u64, u64)]) -> Option<f64> {
    let sum: f64 = counts.iter().map(|&(value_ns, count)| value_ns as f64 * count as f64).sum();
    let total = total(counts);
    (total > 0).then(|| sum / total as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histograms::{counts, of};

    /// 2,000 latencies from 1 ms to 2 s, of which the highest ten are known to be high alone.
    fn sound() -> (TrialRow, Vec<(u64, u64)>) {
        let values: Vec<u64> = (1..=1_990).map(|n| n * 1_000_000).collect();
        let row = TrialRow {
            requests: 2_000,
            ok: 1_990,
            censored: 10,
            latency_p50_ms: Some(1_000.0),
            latency_p99_ms: Some(1_980.0),
            added_p50_ms: Some(1_000.0),
            ..TrialRow::default()
        };
        (row, counts(&of(values).unwrap()))
    }

    /// An edit, and what the answer has to name.
    type Edit = (fn(&mut TrialRow), &'static str);

    #[test]
    fn an_edited_latency_is_found_and_named() {
        let (row, logged) = sound();
        assert_eq!(histogram_contradiction(&row, &logged, &logged, &[]), None);
        let edits: [Edit; 7] = [
            (|row| row.latency_p50_ms = Some(1_003.0), "latency_p50_ms is 1003"),
            (|row| row.latency_p99_ms = Some(1_880.0), "latency_p99_ms is 1880"),
            (|row| row.latency_p999_ms = Some(1_990.0), "by histograms.hlog it is none"),
            (|row| row.latency_max_ms = Some(2_100.0), "latency_max_ms is 2100"),
            (|row| row.added_p50_ms = Some(10.0), "added_p50_ms is 10"),
            (|row| row.added_mean_ms = Some(900.0), "added_mean_ms is 900"),
            (|row| row.ok += 1, "has 1990 latencies"),
        ];
        for (edit, expected) in edits {
            let mut row = row.clone();
            edit(&mut row);
            let found = histogram_contradiction(&row, &logged, &logged, &[]).unwrap_or_default();
            assert!(found.contains(expected), "{expected}: {found}");
        }
    }

    #[test]
    fn an_edited_mean_is_found_where_none_is_censored() {
        let (row, logged) = sound();
        let whole = TrialRow { requests: 1_990, censored: 0, ..TrialRow::default() };
        let mean = |ms| TrialRow { ok: row.ok, latency_mean_ms: Some(ms), ..whole.clone() };
        assert_eq!(histogram_contradiction(&mean(995.5), &logged, &[], &[]), None);
        assert!(histogram_contradiction(&mean(999.5), &logged, &[], &[]).is_some());
    }

    #[test]
    fn held_times_must_explain_the_latency() {
        let (row, logged) = sound();
        let (added, held) = ([(1_000, 1_990)], logged.clone());
        let row = TrialRow { added_p50_ms: None, ..row };
        let check = |held: &[(u64, u64)]| histogram_contradiction(&row, &logged, &added, held);
        assert_eq!(check(&held), None);
        assert_eq!(check(&[]), None, "a run of an older version has none");
        assert!(check(&held[1..]).unwrap_or_default().contains("1989 held times"));
        let shorter = [(1_000, 1_990)];
        assert!(check(&shorter).unwrap_or_default().contains("added and held make"));
    }
}
