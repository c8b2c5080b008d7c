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

#[cfg(test)]
mod tests {
    use super::super::tests::{MS, Trial};

    #[test]
    fn work_is_told_as_asked_and_as_it_took() {
        let mut trial = Trial::of(100);
        assert_eq!(trial.row().hurdles, None, "none asked for");
        trial.overrides = vec!["combine.work=200us".to_owned()];
        trial.output.account.besides.work_iterations = 130_000;
        for (record, took_us) in trial.output.window.iter_mut().zip(200..) {
            record.work_ns = took_us * MS / 1_000;
        }
        let work = trial.row().hurdles.and_then(|hurdles| hurdles.work).unwrap();
        assert_eq!((work.asked_us, work.iterations), (200.0, 130_000));
        assert_eq!((work.mean_us, work.p99_us), (Some(249.5), None), "100 have no p99");
    }
}
