//! Which trials are run again: those that the machine spoilt, with the same draws and arrivals.
//!
//! A point that has lost some of its repeats gets them back. One of which no repeat is to be
//! trusted has most likely a reason of its own (the mock is too slow for that load, the dispatcher
//! is late there), and all of it again would cost minutes for nothing. Yet with one repeat that
//! may as well have been a hiccup: one of them is tried once more, and only where that
//! comes out well are the others.

use std::collections::BTreeMap;

use measurement::derive::spoilt_by_machine;
use measurement::row::TrialRow;
use scenario::PlannedTrial;
use scenario::plan::again;

use super::Settings;
use super::added::Added;

/// The trials that are due again after those that have `ran`, each with its row; `None` where
/// there is none.
pub(super) fn next(settings: &Settings, ran: &[PlannedTrial], rows: &[TrialRow]) -> Option<Added> {
    let due = due(rows, settings.plan.timing.reruns);
    if due.is_empty() {
        return None;
    }
    let due: Vec<PlannedTrial> = due.into_iter().map(|at| ran[at]).collect();
    let what =
        if due.len() == 1 { "1 trial is".to_owned() } else { format!("{} trials are", due.len()) };
    Some(Added {
        trials: again(settings.scenario, &due, ran.len()),
        why: format!("{what} run again: not to be trusted because of the machine"),
    })
}

/// Positions of the rows whose trials are to run once more, where each may be run again `reruns`
/// times.
fn due(rows: &[TrialRow], reruns: u32) -> Vec<usize> {
    let mut points: BTreeMap<_, BTreeMap<u32, usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let swept = row.swept.as_ref().map(|swept| swept.index);
        let point = points.entry((row.model_index, row.level_index, swept)).or_default();
        // Of the attempts at a repeat the last one stands.
        point.insert(row.repeat, at);
    }
    let mut due: Vec<usize> =
        points.values().flat_map(|point| of_point(point, rows, reruns)).collect();
    due.sort_unstable();
    due
}

/// The same of one point, by the row that stands for each of its repeats.
fn of_point(point: &BTreeMap<u32, usize>, rows: &[TrialRow], reruns: u32) -> Vec<usize> {
    let standing = || point.values().map(|&at| &rows[at]);
    let spoilt = point
        .values()
        .copied()
        .filter(|&at| spoilt_by_machine(&rows[at]) && rows[at].attempt <= reruns);
    if standing().any(|row| row.verdict.trusted()) {
        spoilt.collect()
    } else if standing().all(|row| row.attempt == 1) {
        spoilt.take(1).collect()
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use measurement::row::Verdict::{self, Exhausted, Unsteady, UpstreamLimited, Valid};

    use super::*;

    /// A row of a point: its repeat, its attempt and its verdict.
    fn row(level: u32, (repeat, attempt, verdict): (u32, u32, Verdict)) -> TrialRow {
        TrialRow { level_index: level, repeat, attempt, verdict, ..TrialRow::default() }
    }

    fn of(rows: &[(u32, u32, Verdict)], reruns: u32) -> Vec<usize> {
        due(&rows.iter().map(|&trial| row(0, trial)).collect::<Vec<_>>(), reruns)
    }

    #[test]
    fn lost_repeats_are_run_again_until_they_are_back_or_have_had_their_turns() {
        let lost = [(0, 1, Valid), (1, 1, Unsteady), (2, 1, UpstreamLimited)];
        assert_eq!(of(&lost, 2), [1, 2]);
        assert!(of(&lost, 0).is_empty());
        let [a, b, c] = lost;
        let once = [a, b, c, (2, 2, Unsteady), (1, 2, Valid)];
        assert_eq!(of(&once, 2), [3], "the attempt that stands, and not the one before it");
        assert!(of(&once, 1).is_empty());
        assert!(of(&[&once[..], &[(2, 3, Unsteady)]].concat(), 2).is_empty());
        assert!(of(&[&once[..], &[(2, 3, Valid)]].concat(), 2).is_empty());
    }

    #[test]
    fn of_a_point_without_a_trusted_repeat_one_is_tried_once() {
        let lost = [(1, 1, Unsteady), (0, 1, Unsteady)];
        assert_eq!(of(&lost, 2), [1], "the lowest repeat, whenever it ran");
        let [a, b] = lost;
        assert!(of(&[a, b, (0, 2, Unsteady)], 2).is_empty(), "it is the point's own doing");
        assert_eq!(of(&[a, b, (0, 2, Valid)], 2), [0], "it was not: the other one, too");
        // Repeats that a precision adds bring no second try.
        assert!(of(&[a, b, (0, 2, Unsteady), (2, 1, Unsteady)], 2).is_empty());
    }

    #[test]
    fn what_the_machine_did_not_do_stands() {
        assert_eq!(of(&[(0, 1, Valid), (1, 1, Exhausted), (2, 1, Unsteady)], 2), [2]);
        assert!(of(&[(0, 1, Exhausted), (1, 1, Exhausted)], 2).is_empty());
    }

    #[test]
    fn points_are_judged_each_by_itself() {
        let mut rows = vec![row(0, (0, 1, Valid)), row(1, (0, 1, Unsteady))];
        rows.extend([row(0, (1, 1, Unsteady)), row(1, (1, 1, Unsteady))]);
        let mut swept = row(0, (1, 1, Unsteady));
        swept.swept = Some(measurement::row::Swept { index: 1, ..Default::default() });
        rows.push(swept);
        assert_eq!(due(&rows, 1), [1, 2, 4]);
    }
}
