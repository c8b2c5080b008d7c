//! A figure in `verdict.json`: median, interval and number of repeats.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::analysis::metric::METRICS;
use crate::analysis::{Basis, Estimate, Point};
use crate::stats::PairedRatio;

/// A figure over repeats.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Figure {
    /// The median; of a ratio the geometric mean.
    pub value: f64,
    /// Lower end of the 95 % interval; `null` with fewer than three repeats, but for percentiles.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// Repeats behind it.
    pub n: usize,
    /// Requests pooled over the repeats, for a percentile that one trial has too few requests for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pooled: Option<u64>,
    /// What the interval is from, if not from the repeats: `ranks`, or `ranks-lower-bound` under
    /// saturation, where requests are not independent and the true interval is wider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_from: Option<&'static str>,
}

impl Figure {
    /// Of an estimate.
    pub fn of(estimate: &Estimate) -> Self {
        let (pooled, lower_bound) = match estimate.basis {
            Basis::Repeats => (None, None),
            Basis::Ranks { lower_bound } => (None, Some(lower_bound)),
            Basis::Pooled { samples, lower_bound } => (Some(samples), Some(lower_bound)),
        };
        let from = |lower| if lower { "ranks-lower-bound" } else { "ranks" };
        Self {
            pooled,
            interval_from: lower_bound.filter(|_| estimate.interval.is_some()).map(from),
            ..Self::new(estimate.median, estimate.interval, estimate.n())
        }
    }

    /// Of a ratio paired by repeat.
    pub fn of_ratio(ratio: &PairedRatio) -> Self {
        Self::new(ratio.ratio, ratio.interval, ratio.pairs.len())
    }

    fn new(value: f64, interval: Option<(f64, f64)>, n: usize) -> Self {
        Self {
            value: rounded(value),
            low: interval.map(|(low, _)| rounded(low)),
            high: interval.map(|(_, high)| rounded(high)),
            n,
            pooled: None,
            interval_from: None,
        }
    }
}

/// The metrics of a point, an object with their keys in the order of [`METRICS`].
#[derive(Debug, Clone, PartialEq)]
pub struct Figures(pub Vec<(&'static str, Figure)>);

impl Figures {
    /// Every metric that some row of the point has.
    pub fn of(point: &Point) -> Self {
        let measured = METRICS
            .iter()
            .filter_map(|metric| Some((metric.key, Figure::of(&point.estimate(metric)?))));
        Self(measured.collect())
    }

    /// The figure under a key.
    pub fn get(&self, key: &str) -> Option<Figure> {
        self.0.iter().find(|(own, _)| *own == key).map(|(_, figure)| *figure)
    }
}

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, figure) in &self.0 {
            map.serialize_entry(key, figure)?;
        }
        map.end()
    }
}

/// To nine significant digits: far beyond what was measured, short of the last bits in which
/// logarithms of two machines may differ.
pub(crate) fn rounded(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_nine_digits() {
        let shown = |value: f64| rounded(value).to_string();
        assert_eq!(shown(1.0 / 3.0), "0.333333333");
        assert_eq!(shown(123_456_789_012.0), "123456789000");
        assert_eq!(shown(0.0), "0");
        assert_eq!(shown(20.0), "20");
    }
}
