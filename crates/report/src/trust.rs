//! How far the run is to be trusted: its checks in sum, and the points that failed one.
//!
//! Deliberately not here: making checks; rows bring theirs.

use measurement::ids::IdAccount;
use measurement::row::{Check, CheckOutcome, TrialRow, Verdict};

use crate::analysis::{Analysis, Point, Series};
use crate::format;

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
    /// The value that came nearest to the threshold or went furthest beyond it, and where; where
    /// no trial could be checked, why not.
    pub worst: String,
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
    /// What of the point is left out.
    pub left_out: LeftOut,
}

/// What is left out of verdict and findings where a row is not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// The whole point.
    Point,
    /// Some of its repeats.
    Repeats,
    /// Attempts alone: every one of its repeats was run again and is to be trusted now.
    Attempts,
}

/// Every check that some row made, in the order rows make them.
pub fn checks(analysis: &Analysis) -> Vec<CheckSummary> {
    let mut names: Vec<&str> = Vec::new();
    for check in analysis.rows.iter().flat_map(|row| &row.checks) {
        if !names.contains(&check.name.as_str()) {
            names.push(&check.name);
        }
    }
    names.into_iter().map(|name| summary(analysis, name)).collect()
}

fn summary(analysis: &Analysis, name: &str) -> CheckSummary {
    let of_name = |row: &'_ TrialRow| row.checks.iter().position(|check| check.name == name);
    let made: Vec<(&TrialRow, &Check)> =
        analysis.rows.iter().filter_map(|row| Some((row, &row.checks[of_name(row)?]))).collect();
    let count = |outcome| made.iter().filter(|(_, check)| check.outcome == outcome).count();
    let first = made.first().map_or("", |(_, check)| &check.threshold);
    let differs = made.iter().any(|(_, check)| check.threshold != first);
    CheckSummary {
        name: name.to_owned(),
        threshold: format!("{first}{}", if differs { " (differs between trials)" } else { "" }),
        passed: count(CheckOutcome::Passed),
        failed: count(CheckOutcome::Failed),
        not_checked: count(CheckOutcome::NotChecked),
        worst: worst(analysis, &made),
    }
}

/// The check that used most of what is allowed; of checks without such a number, one that failed.
fn worst(analysis: &Analysis, made: &[(&TrialRow, &Check)]) -> String {
    let measured = made.iter().filter_map(|(row, check)| Some((check.of_threshold?, row, check)));
    let most = measured.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, row, check)| (*row, *check));
    let with = |outcome| made.iter().find(|(_, check)| check.outcome == outcome).copied();
    match most.or_else(|| with(CheckOutcome::Failed)) {
        Some((row, check)) => format!("{}: {}", place(analysis, row), check.value),
        // Nothing to rank: what most trials say, or why they say nothing.
        None => made.first().map(|(_, check)| check.value.clone()).unwrap_or_default(),
    }
}

/// Which trial a row is, in words: `tokio at 64, repeat 2`.
pub fn place(analysis: &Analysis, row: &TrialRow) -> String {
    let level = analysis
        .axis()
        .place(row)
        .map_or(format::MISSING.to_owned(), |level| analysis.axis().word(level));
    format!("{} at {level}, repeat {}", row.model, repeat(row))
}

/// Which repeat a row is of, counted from 1, and which attempt at it: `2`, `2, attempt 3`.
pub fn repeat(row: &TrialRow) -> String {
    match row.attempt {
        0 | 1 => (row.repeat + 1).to_string(),
        attempt => format!("{}, attempt {attempt}", row.repeat + 1),
    }
}

/// How many trials were run again, and what came of it; `None` where none was.
pub fn again(analysis: &Analysis) -> Option<String> {
    let (all, mended) = analysis.run_again();
    let (trials, them) = match all {
        0 => return None,
        1 => ("1 trial was".to_owned(), "it is"),
        n => (format!("{} trials were", format::count(n as f64)), "of them are"),
    };
    let now = match (mended, all) {
        (0, 1) => "it is not to be trusted for all that".to_owned(),
        (0, _) => "none of them is to be trusted for all that".to_owned(),
        (1, 1) => format!("{them} to be trusted now"),
        (1, _) => "one of them is to be trusted now".to_owned(),
        (n, _) if n == all => "all of them are to be trusted now".to_owned(),
        (n, _) => format!("{} {them} to be trusted now", format::count(n as f64)),
    };
    Some(format!(
        "{trials} run again with the same draws, since the machine had spoilt the first attempt: \
         {now}. The refused attempts are kept as rows, hollow, and enter no figure."
    ))
}

/// The account of ids of all trials together, per upstream and phase, in the order rows have it.
pub fn ids(analysis: &Analysis) -> Vec<IdAccount> {
    let mut sums: Vec<IdAccount> = Vec::new();
    for account in analysis.rows.iter().flat_map(|row| &row.ids) {
        let same =
            |sum: &IdAccount| (&sum.upstream, &sum.phase) == (&account.upstream, &account.phase);
        match sums.iter_mut().find(|sum| same(sum)) {
            Some(sum) => add(sum, account),
            None => sums.push(IdAccount { mismatches: Vec::new(), ..account.clone() }),
        }
    }
    sums
}

fn add(sum: &mut IdAccount, account: &IdAccount) {
    let pairs = [
        (&mut sum.planned, account.planned),
        (&mut sum.sent, account.sent),
        (&mut sum.received, account.received),
        (&mut sum.answered, account.answered),
        (&mut sum.recorded, account.recorded),
        (&mut sum.censored, account.censored),
        (&mut sum.unreached, account.unreached),
        (&mut sum.mismatched, account.mismatched),
    ];
    for (own, more) in pairs {
        *own = own.saturating_add(more);
    }
}

/// The headings and the counts of an account of ids, for tables.
pub fn id_columns(account: &IdAccount) -> [(&'static str, u64); 8] {
    [
        ("planned", account.planned),
        ("sent", account.sent),
        ("received", account.received),
        ("answered", account.answered),
        ("recorded", account.recorded),
        ("censored", account.censored),
        ("never arrived", account.unreached),
        ("mismatched", account.mismatched),
    ]
}

/// A line for every trial, upstream and phase whose ids disagree: where, how many, the first ones.
pub fn id_mismatches(analysis: &Analysis) -> Vec<String> {
    let accounts = analysis.rows.iter().flat_map(|row| row.ids.iter().map(move |ids| (row, ids)));
    accounts
        .filter(|(_, ids)| ids.mismatched > 0)
        .map(|(row, ids)| {
            format!(
                "{}, {} of {}: {} ids disagree ({})",
                place(analysis, row),
                ids.phase,
                ids.upstream,
                format::count(ids.mismatched as f64),
                ids.mismatches.join("; ")
            )
        })
        .collect()
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
                left_out: match (point.trusted(), point.lost_repeats()) {
                    (false, _) => LeftOut::Point,
                    (true, 0) => LeftOut::Attempts,
                    (true, _) => LeftOut::Repeats,
                },
            })
        })
        .collect()
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
    fn the_worst_value_is_told_with_its_place() {
        let mut fixture = Fixture::high_latency();
        for (at, row) in fixture.rows.iter_mut().enumerate() {
            row.checks[1].of_threshold = Some(if at == 5 { 0.9 } else { 0.4 });
        }
        "p99 0.90 ms".clone_into(&mut fixture.rows[5].checks[1].value);
        let checks = checks(&fixture.analysis());
        assert_eq!(checks[1].worst, "tokio at 1,024, repeat 1: p99 0.90 ms");
    }

    #[test]
    fn ids_are_summed_and_mismatches_are_named_by_trial() {
        let mut fixture = Fixture::high_latency();
        let account = IdAccount {
            upstream: "api1".to_owned(),
            phase: "window".to_owned(),
            planned: 10,
            ..IdAccount::default()
        };
        for row in &mut fixture.rows {
            row.ids = vec![account.clone()];
        }
        fixture.rows[2].ids[0].mismatched = 1;
        fixture.rows[2].ids[0].mismatches = vec!["id 7: received twice".to_owned()];
        let analysis = fixture.analysis();
        let sums = ids(&analysis);
        assert_eq!((sums.len(), sums[0].planned, sums[0].mismatched), (1, 720, 1));
        assert_eq!(
            id_mismatches(&analysis),
            ["tokio at 64, repeat 1, window of api1: 1 ids disagree (id 7: received twice)"]
        );
    }

    #[test]
    fn doubts_name_whole_points_and_single_rows() {
        let analysis = Fixture::high_latency().analysis();
        let seen: Vec<_> = doubts(&analysis)
            .iter()
            .map(|doubt| (doubt.point.level, doubt.verdict, doubt.rows, doubt.left_out))
            .collect();
        let expected = [
            (1024.0, Verdict::Exhausted, 3, LeftOut::Point),
            (8.0, Verdict::UpstreamLimited, 1, LeftOut::Repeats),
            (1024.0, Verdict::Unsteady, 3, LeftOut::Point),
        ];
        assert_eq!(seen, expected);
    }
}
