//! Is the row to be trusted? Checks in a fixed order; the first that fails names the verdict.
//!
//! A check is one file and one entry in [`CHECKS`]. `exhausted` comes first (what ran out explains
//! whatever else looks odd), `saturated` last (it is a finding on a row that is otherwise sound).

mod bookkeeping;
mod exhausted;
mod ledger;
mod mock;
mod saturated;
mod steady;

use super::facts::Facts;
use crate::row::{Check, CheckOutcome, TrialRow, Verdict};

/// When a check fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Bookkeeping: counters against records, relative.
    pub bookkeeping: f64,
    /// Mock: hold error allowed, as a share of the delay …
    pub hold_error_share: f64,
    /// … but never less than this.
    pub hold_error_least_ns: u64,
    /// Mock: share of its CPUs, spinning left out.
    pub upstream_cpu: f64,
    /// Mock: share of event-loop turns longer than 1 ms.
    pub long_turns: f64,
    /// Steady: N̄ against X·R̄, relative, on top of one generation's edge.
    pub steady_little: f64,
    /// Steady: change of throughput from the window's first to its last third.
    pub steady_drift: f64,
    /// Share of the client's CPUs above which the model is saturated.
    pub saturated_cpu: f64,
    /// Share of the pool's ceiling above which it has no idle worker.
    pub saturated_pool: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            bookkeeping: 0.001,
            hold_error_share: 0.02,
            hold_error_least_ns: 1_000_000,
            upstream_cpu: 0.85,
            long_turns: 0.01,
            steady_little: 0.05,
            steady_drift: 0.10,
            saturated_cpu: 0.90,
            saturated_pool: 0.95,
        }
    }
}

/// What a check found.
struct Found {
    check: Check,
    /// The verdict a failure names, and why.
    failure: Option<(Verdict, String)>,
}

impl Found {
    fn new(name: &str, value: String, threshold: String) -> Self {
        let check =
            Check { name: name.to_owned(), value, threshold, outcome: CheckOutcome::Passed };
        Self { check, failure: None }
    }

    fn failed_if(
        mut self,
        failed: bool,
        verdict: Verdict,
        reason: impl FnOnce() -> String,
    ) -> Self {
        if failed {
            self.check.outcome = CheckOutcome::Failed;
            self.failure = Some((verdict, reason()));
        }
        self
    }

    fn not_checked(name: &str, why: &str, threshold: String) -> Self {
        let mut found = Self::new(name, why.to_owned(), threshold);
        found.check.outcome = CheckOutcome::NotChecked;
        found
    }
}

type CheckFn = fn(&Facts, &Thresholds) -> Vec<Found>;

/// All checks of a closed-loop trial, in order.
const CHECKS: &[CheckFn] = &[
    exhausted::check,
    ledger::check,
    bookkeeping::check,
    mock::check,
    steady::check,
    saturated::check,
];

/// Makes every check and gives the row its verdict.
pub(super) fn apply(facts: &Facts, thresholds: &Thresholds, row: &mut TrialRow) {
    row.verdict = Verdict::Valid;
    row.reason.clear();
    for found in CHECKS.iter().flat_map(|check| check(facts, thresholds)) {
        conclude(found, row);
    }
}

/// For a trial that never came to its window.
pub(super) fn exhausted_only(row: &mut TrialRow) {
    row.verdict = Verdict::Valid;
    conclude(exhausted::found(row.exhausted.as_ref()), row);
    if row.verdict == Verdict::Valid {
        row.verdict = Verdict::Failed;
        "the trial never came to its window".clone_into(&mut row.reason);
    }
}

fn conclude(found: Found, row: &mut TrialRow) {
    if let Some((verdict, reason)) = found.failure
        && row.verdict == Verdict::Valid
    {
        row.verdict = verdict;
        row.reason = reason;
    }
    let mut check = found.check;
    if check.outcome == CheckOutcome::Failed && row.verdict == Verdict::Saturated {
        // A finding, not a fault: the check itself is what it should be.
        check.outcome = CheckOutcome::Passed;
    }
    row.checks.push(check);
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
