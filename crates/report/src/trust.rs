//! How far the run is to be trusted: its checks in sum, and the points that failed one.
//!
//! Deliberately not here: making checks; rows bring theirs.

use measurement::row::{CheckOutcome, Verdict};

use crate::analysis::{Analysis, Point, Series};

/// One check over all trials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckSummary {
    /// Its name.
    pub name: String,
    /// Its threshold in words; where trials differ, the first's.
    pub threshold: String,
    /// Trials it held in.
    pub passed: usize,
    /// Trials it did not hold in.
    pub failed: usize,
    /// Trials it could not be made in.
    pub not_checked: usize,
}

/// A point with a row that is not to be trusted.
#[derive(Debug, Clone)]
pub struct Doubt<'a> {
    /// The model.
    pub series: &'a Series,
    /// The point.
    pub point: &'a Point,
    /// The verdict against it: the point's own, or that of its first bad row.
    pub verdict: Verdict,
    /// Why.
    pub reason: &'a str,
    /// Rows against it.
    pub rows: usize,
    /// Whether the whole point is left out, or only those rows.
    pub whole: bool,
}

/// Every check that some row made, in the order rows make them.
pub fn checks(analysis: &Analysis) -> Vec<CheckSummary> {
    let mut summaries: Vec<CheckSummary> = Vec::new();
    for check in analysis.rows.iter().flat_map(|row| &row.checks) {
        let at = summaries.iter().position(|summary| summary.name == check.name);
        let at = at.unwrap_or_else(|| {
            summaries.push(CheckSummary {
                name: check.name.clone(),
                threshold: check.threshold.clone(),
                passed: 0,
                failed: 0,
                not_checked: 0,
            });
            summaries.len() - 1
        });
        match check.outcome {
            CheckOutcome::Passed => summaries[at].passed += 1,
            CheckOutcome::Failed => summaries[at].failed += 1,
            CheckOutcome::NotChecked => summaries[at].not_checked += 1,
        }
    }
    summaries
}

/// Every point with a row that is not to be trusted, by model and level.
pub fn doubts(analysis: &Analysis) -> Vec<Doubt<'_>> {
    let points = analysis.series.iter().flat_map(|s| s.points.iter().map(move |point| (s, point)));
    points
        .filter_map(|(series, point)| {
            let mut bad = point.rows.iter().filter(|row| !row.verdict.trusted());
            // The row that speaks for the point, or the first of the few against it.
            let row = point
                .rows
                .iter()
                .find(|row| !point.trusted() && row.verdict == point.verdict)
                .or_else(|| bad.next())?;
            Some(Doubt {
                series,
                point,
                verdict: row.verdict,
                reason: &row.reason,
                rows: point.untrusted_rows(),
                whole: !point.trusted(),
            })
        })
        .collect()
}

/// Remarks of single trials, each once, with the number of trials that make it.
pub fn remarks(analysis: &Analysis) -> Vec<(&str, usize)> {
    let mut remarks: Vec<(&str, usize)> = Vec::new();
    for note in analysis.rows.iter().flat_map(|row| &row.notes) {
        match remarks.iter_mut().find(|(words, _)| words == note) {
            Some((_, count)) => *count += 1,
            None => remarks.push((note, 1)),
        }
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn checks_are_summed_in_their_order() {
        let mut fixture = Fixture::high_latency();
        fixture.rows[3].checks[1].outcome = CheckOutcome::Failed;
        fixture.rows[4].checks[0].outcome = CheckOutcome::NotChecked;
        let checks = checks(&fixture.analysis());
        let seen: Vec<_> = checks.iter().map(|c| (c.passed, c.failed, c.not_checked)).collect();
        assert_eq!(seen, [(71, 0, 1), (71, 1, 0)]);
        assert_eq!(checks[0].name, "ledger");
    }

    #[test]
    fn doubts_name_whole_points_and_single_rows() {
        let analysis = Fixture::high_latency().analysis();
        let seen: Vec<_> = doubts(&analysis)
            .iter()
            .map(|doubt| (doubt.point.level, doubt.verdict, doubt.rows, doubt.whole))
            .collect();
        let expected = [
            (1024.0, Verdict::Exhausted, 3, true),
            (8.0, Verdict::UpstreamLimited, 1, false),
            (1024.0, Verdict::Unsteady, 3, true),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn remarks_are_counted_once_each() {
        let mut fixture = Fixture::high_latency();
        for row in &mut fixture.rows[..5] {
            row.notes.push("2 % of CPU time stolen".to_owned());
        }
        assert_eq!(remarks(&fixture.analysis()), [("2 % of CPU time stolen", 5)]);
    }
}
