//! A latency law drawn in the terminal: its percentiles as bars.

use std::time::Duration;

use scenario::Law;
use scenario::units::duration_text;

/// Percentiles shown, from the fastest to the slowest.
const SHARES: [(f64, &str); 9] = [
    (0.01, "p1"),
    (0.10, "p10"),
    (0.25, "p25"),
    (0.50, "p50"),
    (0.75, "p75"),
    (0.90, "p90"),
    (0.99, "p99"),
    (0.999, "p99.9"),
    (0.9999, "p99.99"),
];

/// Width of the longest bar.
const COLUMNS: f64 = 50.0;

/// A line per percentile; bars are linear from zero to the 99.9th, what is longer ends in `▸`.
pub(crate) fn law(law: &Law) -> Vec<String> {
    let full_ns = law.quantile_ns(0.999).max(1) as f64;
    SHARES
        .iter()
        .map(|&(share, name)| {
            let ns = law.quantile_ns(share);
            let columns = (ns as f64 / full_ns * COLUMNS).round();
            let bar = "█".repeat(columns.min(COLUMNS) as usize);
            let more = if columns > COLUMNS { "▸" } else { "" };
            let value = duration_text(Duration::from_nanos(round(ns)));
            format!("    {name:>6} {value:>10}  {bar}{more}")
        })
        .collect()
}

/// Four significant digits are all a bar can show.
fn round(ns: u64) -> u64 {
    let unit = 10_u64.pow(ns.checked_ilog10().unwrap_or(0).saturating_sub(3));
    ns.div_euclid(unit) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_four_digits() {
        assert_eq!(round(0), 0);
        assert_eq!(round(123_456_789), 123_400_000);
        assert_eq!(round(999), 999);
    }
}
