//! Is it the machine that spoilt a trial, so that the same trial may come out well a moment later?
//!
//! Told by which checks failed. The rule: only what the same draws and arrivals could end otherwise.
//! Those listed here watch the mock, the host and the window: a virtual CPU that was not run for a
//! while makes any of them fail, and none judges what was drawn (an error is held − requested,
//! Little's law has the long draws that an edge cuts taken off). All others, those of later versions
//! included, are about books that do not balance, limits of the OS, or draws that leave nothing to
//! measure: trying again would only hide it.

use super::{capacity, generator, mock, saturated, steady, stopped};
use crate::row::{CheckOutcome, TrialRow, Verdict};

/// Checks that a hiccup of the machine makes fail, by name, and with them those whose failing is a
/// finding on the model.
const NO_BUG: &[&str] = &[
    mock::HOLD_ERROR,
    mock::CPU,
    mock::TURNS,
    stopped::NAME,
    generator::LAG,
    capacity::NAME,
    steady::LITTLE,
    steady::DRIFT,
    saturated::CPU,
    saturated::POOL,
];

/// Whether the row is not to be trusted, and nothing against it is more than the machine may have
/// done.
pub fn spoilt_by_machine(row: &TrialRow) -> bool {
    let judged =
        matches!(row.verdict, Verdict::UpstreamLimited | Verdict::Unsteady | Verdict::Inconsistent);
    let mut failed = row.checks.iter().filter(|check| check.outcome == CheckOutcome::Failed);
    judged && failed.all(|check| NO_BUG.contains(&check.name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Check;

    fn row(verdict: Verdict, failed: &[&str]) -> TrialRow {
        let check = |name: &&str| Check {
            name: (*name).to_owned(),
            value: String::new(),
            threshold: String::new(),
            outcome: CheckOutcome::Failed,
            of_threshold: None,
        };
        TrialRow { verdict, checks: failed.iter().map(check).collect(), ..TrialRow::default() }
    }

    #[test]
    fn a_late_mock_an_unsteady_window_and_a_late_generator_are_the_machines() {
        for (verdict, failed) in [
            (Verdict::UpstreamLimited, &[mock::HOLD_ERROR, mock::TURNS][..]),
            (Verdict::UpstreamLimited, &[mock::CPU, saturated::CPU]),
            (Verdict::Unsteady, &[stopped::NAME, generator::LAG, steady::DRIFT]),
            (Verdict::Unsteady, &[capacity::NAME]),
            (Verdict::Inconsistent, &[generator::LAG]),
        ] {
            assert!(spoilt_by_machine(&row(verdict, failed)), "{verdict:?}, {failed:?}");
        }
    }

    #[test]
    fn whatever_may_be_a_bug_stands() {
        let account = "generator: every request that was due";
        for (verdict, failed) in [
            (Verdict::Inconsistent, &["ledger of api1"][..]),
            (Verdict::Inconsistent, &["bookkeeping: counters against records"]),
            (Verdict::Inconsistent, &["time budget: order of points"]),
            (Verdict::Inconsistent, &["connections"]),
            (Verdict::Inconsistent, &["a check of a later version"]),
            // The draws have it so.
            (Verdict::Unsteady, &["steady: requests started"]),
            // The first check that fails names the verdict; what fails after it counts as well.
            (Verdict::UpstreamLimited, &[mock::HOLD_ERROR, account]),
            (Verdict::Exhausted, &["threads, descriptors, ports"]),
            (Verdict::Failed, &[]),
            (Verdict::Valid, &[]),
            (Verdict::Saturated, &[saturated::CPU]),
        ] {
            assert!(!spoilt_by_machine(&row(verdict, failed)), "{verdict:?}, {failed:?}");
        }
    }
}
