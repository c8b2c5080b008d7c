//! Trials refused because client or mock was late, in a run that may not go before others on its
//! CPUs: a note that the two may have to do with each other.

use measurement::row::{CheckOutcome, TrialRow};
use measurement::run::Environment;
use measurement::scheduling::Scheduling;

/// Checks that other processes on the same CPUs may cause to fail.
const CHECKS: [&str; 3] = ["mock: hold error", "mock: event loop", "generator: lag"];

/// The note, where there is reason for it.
pub(super) fn note(environment: &Environment, rows: &[TrialRow]) -> Option<String> {
    let Some(Scheduling::First { standing, .. }) = &environment.scheduling else { return None };
    let (refused, group) = (standing.refused.as_ref(), standing.control_group.as_ref());
    let inside = || group.map(|group| format!("it counts inside the control group {group} alone"));
    let why = refused.cloned().or_else(inside)?;
    let count = rows.iter().filter(|row| late(row)).count();
    let trials = match count {
        0 => return None,
        1 => "one trial is".to_owned(),
        n => format!("{n} trials are"),
    };
    Some(format!(
        "{trials} refused because client or mock was late. Other processes may have kept them waiting: a run goes before others where the OS lets it, and here {why}"
    ))
}

fn late(row: &TrialRow) -> bool {
    let failed = row.checks.iter().filter(|check| check.outcome == CheckOutcome::Failed);
    !row.verdict.trusted()
        && failed.map(|check| &check.name).any(|name| CHECKS.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use measurement::row::{Check, Verdict};
    use measurement::scheduling::Standing;

    use super::*;
    use crate::testing::Fixture;

    /// A row refused by the check of this name.
    fn refused_by(name: &str) -> TrialRow {
        let check = Check {
            name: name.to_owned(),
            value: String::new(),
            threshold: String::new(),
            outcome: CheckOutcome::Failed,
            of_threshold: None,
        };
        TrialRow { verdict: Verdict::UpstreamLimited, checks: vec![check], ..TrialRow::default() }
    }

    #[test]
    fn only_late_trials_of_a_run_that_may_not_go_first_are_a_note() {
        let mut environment = Fixture::high_latency().read().info.environment;
        let standing =
            Standing { nice: 0, session_nice: Some(0), control_group: None, refused: None };
        let first = |standing: &Standing| {
            Some(Scheduling::First { client_only: false, standing: standing.clone() })
        };
        let late = [refused_by(CHECKS[0]), TrialRow::default()];
        let refused = Standing { refused: Some("the OS says no".to_owned()), ..standing.clone() };
        let inside = Standing { control_group: Some("/docker".to_owned()), ..standing.clone() };
        for (standing, words) in [(refused, "the OS says no"), (inside, "/docker")] {
            environment.scheduling = first(&standing);
            let text = note(&environment, &late).expect("one was late");
            assert!(text.starts_with("one trial is") && text.contains(words), "{text}");
            assert_eq!(note(&environment, &late[1..]), None, "none was late");
            // The mock used that CPU itself.
            assert_eq!(note(&environment, &[refused_by("mock: CPU")]), None);
        }
        for scheduling in [first(&standing), None, Some(Scheduling::Shared { mock_first: false })] {
            environment.scheduling = scheduling;
            assert_eq!(note(&environment, &late), None);
        }
    }
}
