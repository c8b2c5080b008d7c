//! Is the row to be trusted? Checks in a fixed order; the first that fails names the verdict.
//!
//! A check is one file and one entry in [`CHECKS`]; its thresholds come from the scenario.
//! `exhausted` comes first (what ran out explains whatever else looks odd), `saturated` last (it is
//! a finding on a row that is otherwise sound).

mod bookkeeping;
mod budget;
mod capacity;
mod connections;
mod exhausted;
mod generator;
mod ledger;
mod machine;
mod mock;
mod saturated;
mod steady;
mod stopped;

use std::time::Duration;

use scenario::Checks;
use scenario::units::{duration_text, percentage_text};

use super::facts::Facts;
use crate::row::{Check, CheckOutcome, TrialRow, Verdict};

pub use machine::spoilt_by_machine;

/// What a check found.
struct Found {
    check: Check,
    /// The verdict a failure names, and why.
    failure: Option<(Verdict, String)>,
}

impl Found {
    fn new(name: &str, value: String, threshold: String) -> Self {
        let check = Check {
            name: name.to_owned(),
            value,
            threshold,
            outcome: CheckOutcome::Passed,
            of_threshold: None,
        };
        Self { check, failure: None }
    }

    /// How much of what is allowed was used: above 1 it fails.
    fn measured(mut self, of_threshold: f64) -> Self {
        // JSON has no infinity, and what is allowed may be nothing.
        self.check.of_threshold = Some(of_threshold.clamp(-1e9, 1e9)).filter(|of| !of.is_nan());
        self
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

    /// The same check, not made.
    fn left_out(self, why: &str) -> Self {
        Self::not_checked(&self.check.name, why, self.check.threshold)
    }

    fn not_checked(name: &str, why: &str, threshold: String) -> Self {
        let mut found = Self::new(name, why.to_owned(), threshold);
        found.check.outcome = CheckOutcome::NotChecked;
        found
    }
}

type CheckFn = fn(&Facts, &Checks) -> Vec<Found>;

/// All checks, in order. A capacity reached is judged before steadiness, which it rules out.
const CHECKS: &[CheckFn] = &[
    exhausted::check,
    ledger::check,
    connections::check,
    bookkeeping::check,
    budget::check,
    mock::check,
    stopped::check,
    generator::check,
    capacity::check,
    steady::check,
    saturated::check,
];

/// Makes every check and gives the row its verdict.
pub(super) fn apply(facts: &Facts, limits: &Checks, row: &mut TrialRow) {
    row.verdict = Verdict::Valid;
    row.reason.clear();
    for found in CHECKS.iter().flat_map(|check| check(facts, limits)) {
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

/// A threshold in words; one that was changed brings its default along.
fn share(of: fn(&Checks) -> f64, limits: &Checks) -> String {
    let [value, default] = [of(limits), of(&Checks::default())].map(percentage_text);
    stated(value, &default)
}

/// The same of a time.
fn time(of: fn(&Checks) -> Duration, limits: &Checks) -> String {
    let [value, default] = [of(limits), of(&Checks::default())].map(duration_text);
    stated(value, &default)
}

fn stated(value: String, default: &str) -> String {
    if value == default { value } else { format!("{value} (default {default})") }
}
