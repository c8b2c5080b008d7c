//! Was the window in a steady state? Little's law over it, and its first third against its last.
//!
//! N̄ = X·R̄ is exact over a window at whose ends nobody is in flight. Else the two sides differ by
//! the requests that its edges cut: those from before it are in flight inside it, but their latency is
//! not the window's, and those that outlast it have their whole latency counted. That counters and
//! records agree is another check's matter; what is judged here is whether the window's two ends are
//! alike. Where latency grows, a queue builds up or the model gets stuck, what is cut at the end
//! outweighs what was cut at the beginning, and throughput and latency are not of one state.
//!
//! Each request cut weighs its time beyond the edge less one mean latency, so that one generation's
//! edge is allowed. A long draw weighs more: a hang of several mean latencies that an edge cuts is
//! luck, known before anything ran, and the same under every model and in every attempt. A trial
//! refused for it would be one refused for its draws, and what remains would be selected by them. So
//! the time beyond one mean that was drawn is taken off. What the model or the machine add to a
//! request is not: only that is judged.

use scenario::Checks;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{Facts, Found, percent, share};
use crate::record::RequestRecord;
use crate::row::Verdict;

pub(super) const LITTLE: &str = "steady: N\u{304} against X·R\u{304}";
/// Stands alone: the same draws keep the next window without a start as well.
const STARTED: &str = "steady: requests started";
pub(super) const DRIFT: &str = "steady: first against last third";

/// Batches a third of the window is cut into.
const BATCHES: usize = 10;
/// Least completions per batch, on average, that carry a comparison.
const LEAST_PER_BATCH: u64 = 5;
/// With fewer completions than this, a few delayed requests are no small matter.
const FEW: u64 = 100;
/// Share of N̄ from which on what was taken off is said.
const WORTH_SAYING: f64 = 0.01;

pub(super) fn check(facts: &Facts, limits: &Checks) -> Vec<Found> {
    let found = vec![little(facts, limits), drift(facts, limits)];
    match facts.open.as_ref().and_then(|run| run.no_steady_state(facts)) {
        None => found,
        Some(why) => found.into_iter().map(|found| found.left_out(why)).collect(),
    }
}

/// N̄ against X·R̄, the long draws that the window's edges cut taken off.
fn little(facts: &Facts, limits: &Checks) -> Found {
    let completions = facts.completions();
    let edge = facts.inflight_mean() / completions.max(1) as f64;
    let allowed = limits.little + edge;
    let threshold = format!(
        "within {} and one generation’s edge, N ÷ completions; long draws cut by an edge taken off",
        share(|checks| checks.little, limits)
    );
    if facts.records.is_empty() {
        return Found::new(STARTED, "none".to_owned(), "at least one".to_owned()).failed_if(
            true,
            Verdict::Unsteady,
            || "no request started inside the window".to_owned(),
        );
    }
    let Some((residual, drawn)) = facts.little_residual().zip(facts.little_drawn()) else {
        return Found::not_checked(LITTLE, "requests were censored: no mean latency", threshold);
    };
    let off = (residual - drawn).abs();
    let with_draws = if drawn.abs() < WORTH_SAYING {
        String::new()
    } else {
        format!(" ({} with the long draws that its edges cut)", percent(residual.abs()))
    };
    let said = format!("{} off{with_draws}, {} allowed", percent(off), percent(allowed));
    Found::new(LITTLE, said.clone(), threshold).measured(off / allowed).failed_if(
        off > allowed,
        Verdict::Unsteady,
        || {
            let few = if completions < FEW {
                format!("; of {completions} completions few delayed ones decide: a longer window tells more")
            } else {
                String::new()
            };
            format!("requests in flight and throughput × latency: {said}{few}")
        },
    )
}

/// Welch's interval of the difference between the throughputs of the last and the first third,
/// over batches of equal time (B. L. Welch, Biometrika 34, 1947), against the overall mean.
fn drift(facts: &Facts, limits: &Checks) -> Found {
    let name = DRIFT;
    let threshold = format!("95 % interval touches ±{}", share(|checks| checks.drift, limits));
    let batches = completions_by_batch(facts);
    let total: u64 = batches.iter().sum();
    let needed = LEAST_PER_BATCH * batches.len() as u64;
    if total < needed {
        let why = format!("too few requests: {total} completions, {needed} needed");
        return Found::not_checked(name, &why, threshold);
    }
    let (first, last) = (&batches[..BATCHES], &batches[2 * BATCHES..]);
    let mean = total as f64 / batches.len() as f64;
    let (low, high) = welch(first, last);
    let (low, high) = (low / mean, high / mean);
    let said = format!("throughput changed by {} to {}", percent(low), percent(high));
    // How far the interval's end that lies nearer to no change is away from it.
    let changed = low.max(-high).max(0.0);
    Found::new(name, said.clone(), threshold).measured(changed / limits.drift).failed_if(
        changed > limits.drift,
        Verdict::Unsteady,
        || format!("{said} from the window’s first third to its last"),
    )
}

fn completions_by_batch(facts: &Facts) -> Vec<u64> {
    let (from, to) = (facts.window.start.at_ns, facts.window.end.at_ns);
    let mut batches = vec![0; 3 * BATCHES];
    let inside = |record: &&RequestRecord| (from..to).contains(&record.ended_ns);
    for record in facts.all_records().filter(inside) {
        let batch = u128::from(record.ended_ns - from) * batches.len() as u128;
        batches[(batch / u128::from(to - from)) as usize] += 1;
    }
    batches
}

/// The 95 % interval of mean(last) − mean(first).
fn welch(first: &[u64], last: &[u64]) -> (f64, f64) {
    let [(mean_first, error_first), (mean_last, error_last)] = [first, last].map(|batch| {
        let n = batch.len() as f64;
        let mean = batch.iter().sum::<u64>() as f64 / n;
        let squares: f64 = batch.iter().map(|&count| (count as f64 - mean).powi(2)).sum();
        (mean, squares / (n - 1.0) / n)
    });
    let difference = mean_last - mean_first;
    let error = error_first + error_last;
    if error == 0.0 {
        return (difference, difference);
    }
    let freedom = |n: usize| n as f64 - 1.0;
    let degrees = error.powi(2)
        / (error_first.powi(2) / freedom(first.len()) + error_last.powi(2) / freedom(last.len()));
    let t = StudentsT::new(0.0, 1.0, degrees).map_or(f64::INFINITY, |t| t.inverse_cdf(0.975));
    (difference - t * error.sqrt(), difference + t * error.sqrt())
}

#[cfg(test)]
mod tests {
    use super::welch;

    #[test]
    fn welch_by_hand() {
        // Variances 2.5 and 10 over five batches each: error² = 2.5, degrees = 2.5² / (0.25/4 + 4/4).
        let (low, high) = welch(&[1, 2, 3, 4, 5], &[2, 4, 6, 8, 10]);
        let half = (high - low) / 2.0;
        assert!((f64::midpoint(low, high) - 3.0).abs() < 1e-12);
        assert!((half / 2.5_f64.sqrt() - 2.364_6).abs() < 0.1, "t of 5.9 degrees: {half}");
        assert_eq!(welch(&[3, 3], &[5, 5]), (2.0, 2.0));
    }
}
