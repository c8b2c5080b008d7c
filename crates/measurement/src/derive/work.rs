//! How long the CPU work of requests took, as figures of the row.

use super::facts::{Facts, mean};
use super::percentile::{percentile, supports};
use crate::hurdles::WorkFigures;
use crate::row::TrialRow;

impl Facts<'_> {
    /// The work of the window's requests, into the row; nothing where none was asked for.
    pub(super) fn fill_work(&self, row: &mut TrialRow) {
        let asked = self.scenario.combine.work;
        if asked.is_zero() {
            return;
        }
        let ended = self.records.iter().filter(|record| record.is_ended());
        let mut took: Vec<u64> = ended.map(|record| record.work_ns).collect();
        took.sort_unstable();
        let missing = self.requests() - took.len();
        let p99 = supports(self.requests(), 0.99).then(|| percentile(&took, missing, 0.99));
        row.hurdles.get_or_insert_default().work = Some(WorkFigures {
            asked_us: asked.as_secs_f64() * 1e6,
            iterations: self.account.besides.work_iterations,
            mean_us: mean(&took).filter(|_| missing == 0).map(|ns| ns / 1e3),
            p99_us: p99.flatten().map(|ns| ns as f64 / 1e3),
        });
    }
}
