//! How long requests waited for the table that all share, as figures of the row.

use super::facts::{Facts, mean};
use super::percentile::{percentile, supports};
use crate::hurdles::SharedFigures;
use crate::row::TrialRow;

impl Facts<'_> {
    /// The window's requests at the shared table, into the row; nothing where there is none.
    pub(super) fn fill_shared(&self, row: &mut TrialRow) {
        let Some(state) = &self.scenario.combine.shared_state else { return };
        let ended = || self.records.iter().filter(|record| record.is_ended());
        let writes = ended().filter(|record| record.wrote).count() as u64;
        let mut waits: Vec<u64> = ended().map(|record| record.wait_ns).collect();
        let holds: Vec<u64> = ended().map(|record| record.hold_ns).collect();
        waits.sort_unstable();
        let missing = self.requests() - waits.len();
        let at = |q: f64| {
            let value = supports(self.requests(), q).then(|| percentile(&waits, missing, q));
            value.flatten().map(us)
        };
        let whole = |value: Option<f64>| value.filter(|_| missing == 0);
        let figures = SharedFigures {
            guard: state.guard.clone(),
            reads: waits.len() as u64 - writes,
            writes,
            wait_mean_us: whole(mean(&waits)).map(|ns| ns / 1e3),
            wait_p50_us: at(0.5),
            wait_p99_us: at(0.99),
            wait_max_us: whole(waits.last().copied().map(us)),
            hold_mean_us: whole(mean(&holds)).map(|ns| ns / 1e3),
        };
        row.hurdles.get_or_insert_default().shared = Some(figures);
    }
}

fn us(ns: u64) -> f64 {
    ns as f64 / 1e3
}
