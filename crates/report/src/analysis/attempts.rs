//! A trial that the machine spoilt is run again, with the same draws: which of the attempts at a
//! repeat stands.
//!
//! The last one: only a trial that is not to be trusted is run again, so that no other can be.

use std::collections::BTreeSet;

use measurement::row::TrialRow;

use super::Analysis;

/// Which repeat of which point: what all attempts at it share.
type Repeat = (u32, u32, Option<u32>, u32);

/// Which repeat of which point a row is an attempt at.
fn repeat_of(row: &TrialRow) -> Repeat {
    (row.model_index, row.level_index, row.swept.as_ref().map(|swept| swept.index), row.repeat)
}

/// The order of rows everywhere: model, level and swept value as in the scenario, then repeat,
/// then time.
pub(crate) fn sort(rows: &mut [TrialRow]) {
    rows.sort_by(|a, b| {
        let swept = |row: &TrialRow| row.swept.as_ref().map(|swept| swept.index);
        let point = |row: &TrialRow| (row.model_index, row.level_index, swept(row));
        let key = |row: &TrialRow| (point(row), row.repeat, row.attempt, row.order);
        key(a).cmp(&key(b)).then_with(|| a.model.cmp(&b.model))
    });
}

/// The rows that stand for their repeats, of rows in the order of points, repeats and attempts.
pub(crate) fn standing(rows: &[TrialRow]) -> impl Iterator<Item = &TrialRow> {
    rows.iter().enumerate().filter_map(|(at, row)| {
        let tried_again = rows
            .get(at + 1)
            .is_some_and(|next| next.attempt > row.attempt && repeat_of(next) == repeat_of(row));
        (!tried_again).then_some(row)
    })
}

impl Analysis {
    /// Trials that ended, those run again counted once.
    pub fn ended(&self) -> usize {
        standing(&self.rows).count()
    }

    /// The rows that stand for their repeats.
    pub fn standing(&self) -> impl Iterator<Item = &TrialRow> {
        standing(&self.rows)
    }

    /// How many trials were run again, and how many of those are to be trusted now.
    pub fn run_again(&self) -> (usize, usize) {
        let again: BTreeSet<Repeat> =
            self.rows.iter().filter(|row| row.attempt > 1).map(repeat_of).collect();
        let mended = self.standing().filter(|row| row.attempt > 1 && row.verdict.trusted());
        (again.len(), mended.count())
    }
}

#[cfg(test)]
mod tests {
    use measurement::row::Verdict;

    use crate::analysis::metric::THROUGHPUT;
    use crate::analysis::{Analysis, Point};
    use crate::testing::Fixture;

    fn point(analysis: &Analysis) -> Point {
        let series = analysis.series.iter().find(|series| series.model.label == "tokio");
        series.and_then(|series| series.point(64.0)).expect("was measured").clone()
    }

    fn whole() -> Fixture {
        Fixture::high_latency().models(&["tokio", "thread-per-request"])
    }

    #[test]
    fn a_point_is_judged_by_the_attempts_that_stand() {
        let (whole, again) = (whole().analysis(), whole().mended().analysis());
        let (before, after) = (point(&whole), point(&again));
        assert_eq!((after.rows.len(), after.untrusted_rows(), after.lost_repeats()), (6, 3, 0));
        assert_eq!((after.verdict, after.reason.as_str()), (before.verdict, ""));
        // Same repeats, same figures: what is paired by repeat stays paired.
        assert_eq!(after.estimate(&THROUGHPUT), before.estimate(&THROUGHPUT));
        assert_eq!(again.comparisons().len(), whole.comparisons().len());
        assert_eq!((again.ended(), again.rows.len()), (whole.rows.len(), whole.rows.len() + 3));
        assert_eq!((again.run_again(), whole.run_again()), ((2, 2), (0, 0)));
    }

    #[test]
    fn where_no_attempt_is_trusted_figures_come_from_the_last_ones() {
        let mut fixture = whole().mended();
        for row in &mut fixture.rows {
            row.verdict = Verdict::Unsteady;
        }
        let analysis = fixture.analysis();
        let point = point(&analysis);
        assert_eq!(
            (point.verdict, point.lost_repeats(), point.rows.len()),
            (Verdict::Unsteady, 3, 6)
        );
        let repeats: Vec<_> = point.rows_used().map(|row| (row.repeat, row.attempt)).collect();
        assert_eq!(repeats, [(0, 1), (1, 2), (2, 3)]);
        assert_eq!(analysis.run_again(), (2, 0));
    }
}
