//! What the upstreams' own time allows: ideals and floors, from the draws as they came.

use measurement::row::TrialRow;

use super::{Analysis, Series};
use crate::stats::median;

/// Figures further apart than this are not one.
const SAME: f64 = 1.02;

impl Analysis {
    /// What the upstream's own time would allow at a level, requests per second: the median over
    /// the rows of all models, whose draws are the same. `None` in a grid whose values have ideals
    /// of their own: see [`Self::ideal_rps_of`].
    pub fn ideal_rps(&self, level: f64) -> Option<f64> {
        self.over_level(level, |row| row.ideal_rps)
    }

    /// The same for a model at its own value of a grid.
    pub fn ideal_rps_of(&self, series: &Series, level: f64) -> Option<f64> {
        self.over_own(series, level, |row| row.ideal_rps)
    }

    /// Median of max(min(L1,T), min(L2,T)) over the realised draws, ms: no p50 can be lower.
    /// `None` in a grid whose values have floors of their own.
    pub fn floor_p50_ms(&self, level: f64) -> Option<f64> {
        self.over_level(level, |row| row.floor_p50_ms)
    }

    /// The same for a model at its own value of a grid.
    pub fn floor_p50_ms_of(&self, series: &Series, level: f64) -> Option<f64> {
        self.over_own(series, level, |row| row.floor_p50_ms)
    }

    /// 99th percentile of the same, ms: no p99 can be lower. `None` in a grid whose values have
    /// floors of their own.
    pub fn floor_p99_ms(&self, level: f64) -> Option<f64> {
        self.over_level(level, |row| row.floor_p99_ms)
    }

    /// The same for a model at its own value of a grid.
    pub fn floor_p99_ms_of(&self, series: &Series, level: f64) -> Option<f64> {
        self.over_own(series, level, |row| row.floor_p99_ms)
    }

    /// Mean of the same, ms; `None` in a grid whose values have floors of their own.
    pub fn floor_mean_ms(&self, level: f64) -> Option<f64> {
        self.over_level(level, |row| row.floor_mean_ms)
    }

    /// Whether the values of a grid have ideals and floors of their own: then charts that all of
    /// them share have none.
    pub fn own_floors(&self) -> bool {
        self.levels().into_iter().any(|level| {
            self.floor_mean_ms(level).is_none()
                && self
                    .series
                    .iter()
                    .any(|series| self.over_own(series, level, |row| row.floor_mean_ms).is_some())
        })
    }

    /// The figure that all values share at a level; `None` where they do not.
    fn over_level(&self, level: f64, of: fn(&TrialRow) -> Option<f64>) -> Option<f64> {
        let mut values: Vec<Option<usize>> =
            self.series.iter().filter_map(|s| s.point(level).map(|_| s.value)).collect();
        values.sort_unstable();
        values.dedup();
        // By the mean, which every row has: a percentile that few requests support may be missing
        // at one value, and is not the other's for that.
        let own = |value: &Option<usize>| {
            self.over(level, |row| row.floor_mean_ms, |series| series.value == *value)
        };
        let means: Vec<f64> = values.iter().filter_map(own).collect();
        let apart = crate::stats::range(&means).is_some_and(|(a, b)| b > a * SAME);
        if apart && means.len() > 1 {
            return None;
        }
        self.over(level, of, |_| true)
    }

    fn over_own(
        &self,
        series: &Series,
        level: f64,
        of: fn(&TrialRow) -> Option<f64>,
    ) -> Option<f64> {
        self.over(level, of, |other| other.value == series.value)
    }

    /// Median of a reference figure over the trusted rows of a level, or over all where none is.
    fn over(
        &self,
        level: f64,
        of: fn(&TrialRow) -> Option<f64>,
        which: impl Fn(&Series) -> bool,
    ) -> Option<f64> {
        let here = || {
            let points =
                self.series.iter().filter(|s| which(s)).filter_map(|series| series.point(level));
            points.flat_map(|point| &point.rows)
        };
        let values = |trusted_only: bool| -> Vec<f64> {
            here()
                .filter(|row| row.verdict.trusted() || !trusted_only)
                .filter_map(of)
                .filter(|value| value.is_finite())
                .collect()
        };
        median(&values(true)).or_else(|| median(&values(false)))
    }
}
