//! Means, percentiles and intervals of what one trial measured.

/// Values are cut into so many batches: few enough that neighbours hardly depend on each other.
const BATCHES: usize = 20;

/// Quantile 0.975 of Student's t with 19 and with 9 degrees of freedom.
const T_19: f64 = 2.093;
const T_9: f64 = 2.262;

/// The arithmetic mean.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The value that a share `q` stays within, by nearest rank.
pub(crate) fn percentile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// A 95 % interval of the mean, from the means of successive batches.
pub(crate) fn mean_interval(values: &[f64]) -> Option<(f64, f64)> {
    let length = values.len() / BATCHES;
    (length > 0).then(|| {
        let batches: Vec<f64> = values.chunks_exact(length).take(BATCHES).map(mean).collect();
        around(&batches, T_19)
    })
}

/// A 95 % interval of a rate per second, from the completions in each tenth of the window.
pub(crate) fn rate_interval(by_tenth: &[u64], window_s: f64) -> Option<(f64, f64)> {
    (by_tenth.len() == 10 && window_s > 0.0).then(|| {
        let rates: Vec<f64> =
            by_tenth.iter().map(|count| *count as f64 * 10.0 / window_s).collect();
        around(&rates, T_9)
    })
}

/// A 95 % interval of a percentile from ranks, as if values were independent of each other.
pub(crate) fn percentile_interval(values: &[f64], q: f64) -> Option<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let spread = 1.96 * (n * q * (1.0 - q)).sqrt();
    let (low, high) = ((n * q - spread).floor(), (n * q + spread).ceil() + 1.0);
    (low >= 1.0 && high <= n).then(|| (sorted[low as usize - 1], sorted[high as usize - 1]))
}

fn around(batches: &[f64], t: f64) -> (f64, f64) {
    let middle = mean(batches);
    let count = batches.len() as f64;
    let square: f64 = batches.iter().map(|batch| (batch - middle).powi(2)).sum();
    let half = t * (square / (count - 1.0) / count).sqrt();
    (middle - half, middle + half)
}
