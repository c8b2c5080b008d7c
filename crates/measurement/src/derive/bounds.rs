//! Where each check draws its line: the last value that passes, the first that does not.

use super::MockCpus;
use super::tests::{MS, START, Trial, record};
use crate::exchange::LoopSlot;
use crate::row::{CheckOutcome, TrialRow, Verdict};

fn outcome(row: &TrialRow, name: &str) -> CheckOutcome {
    let check = row.checks.iter().find(|check| check.name.starts_with(name));
    check.unwrap_or_else(|| panic!("no check {name}")).outcome
}

/// A sound trial of `requests` requests, two responses each, of which `late` came late.
fn with_late(requests: u64, late: usize) -> TrialRow {
    let mut trial = Trial::of(requests);
    for exchange in trial.log.exchanges.iter_mut().take(late) {
        exchange.held_ns += MS + 1;
    }
    trial.row()
}

#[test]
fn one_response_in_a_hundred_may_be_late_and_no_more() {
    for (requests, late) in [(500, 10), (550, 11), (100, 2), (50, 1)] {
        assert_eq!(with_late(requests, late).verdict, Verdict::Valid, "{late} of {requests} × 2");
        let row = with_late(requests, late + 1);
        assert_eq!(row.verdict, Verdict::UpstreamLimited, "{} of {requests} × 2", late + 1);
    }
}

#[test]
fn of_few_responses_the_p99_is_the_longest_and_is_judged() {
    let row = with_late(12, 1);
    assert_eq!(row.verdict, Verdict::UpstreamLimited);
    assert!(row.reason.contains("one late one decides"), "{}", row.reason);
    assert_eq!(outcome(&with_late(12, 0), "mock: hold error"), CheckOutcome::Passed);
}

#[test]
fn what_a_response_is_allowed_grows_with_its_delay() {
    let mut trial = Trial::sound();
    let slow = trial.log.exchanges.iter_mut().filter(|exchange| exchange.upstream == 0);
    for exchange in slow {
        // 2 % of 100 ms.
        (exchange.requested_ns, exchange.held_ns) = (100 * MS, 102 * MS);
    }
    assert_eq!(outcome(&trial.row(), "mock: hold error"), CheckOutcome::Passed);
    trial.log.exchanges[0].held_ns += 1;
    trial.log.exchanges[2].held_ns += 1;
    assert_eq!(outcome(&trial.row(), "mock: hold error"), CheckOutcome::Passed);
    trial.log.exchanges[4].held_ns += 1;
    assert_eq!(outcome(&trial.row(), "mock: hold error"), CheckOutcome::Failed);
}

#[test]
fn one_turn_in_a_hundred_may_be_long_and_no_more() {
    let row = |turns: u32, long: u32| {
        let mut trial = Trial::sound();
        trial.log.loop_slots = vec![LoopSlot {
            slot: START / LoopSlot::LENGTH_NS,
            turns,
            turns_long: long,
            turn_max_ns: 3 * MS,
            ..LoopSlot::default()
        }];
        trial.row()
    };
    for (turns, long) in [(1_000, 10), (100, 1), (99, 0), (1, 0)] {
        assert_eq!(outcome(&row(turns, long), "mock: event loop"), CheckOutcome::Passed);
        assert_eq!(outcome(&row(turns, long + 1), "mock: event loop"), CheckOutcome::Failed);
    }
    assert_eq!(outcome(&Trial::sound().row(), "mock: event loop"), CheckOutcome::NotChecked);
}

/// Throughput and in-flight time stand, but one request of the window outlasts it by far: R̄ is
/// longer than N̄ ÷ X.
fn with_a_hang(requests: u64, hang_ns: u64) -> TrialRow {
    let mut trial = Trial::of(requests);
    trial.overrides = vec!["combine.timeout=10s".to_owned()];
    let last = trial.output.window.last_mut().unwrap();
    last.ended_ns = last.started_ns + hang_ns;
    trial.row()
}

#[test]
fn little_s_law_allows_five_percent_and_one_generation_s_edge() {
    let name = "steady: N\u{304}";
    // 99 completions of 11 ms in flight one at a time: 6.01 % are allowed, of 1,089 ms.
    assert_eq!(outcome(&with_a_hang(100, 70 * MS), name), CheckOutcome::Passed);
    let row = with_a_hang(100, 90 * MS);
    assert_eq!((outcome(&row, name), row.verdict), (CheckOutcome::Failed, Verdict::Unsteady));
    assert!(row.reason.contains("a longer window tells more"), "{}", row.reason);
    // The same hang is a matter of course in a window ten times as long.
    assert_eq!(with_a_hang(1_000, 90 * MS).verdict, Verdict::Valid);
}

#[test]
fn throughput_that_changes_is_unsteady_and_too_few_requests_are_not_checked() {
    let name = "steady: first against last third";
    assert_eq!(outcome(&Trial::of(140).row(), name), CheckOutcome::NotChecked);
    assert_eq!(outcome(&Trial::of(600).row(), name), CheckOutcome::Passed);
    let mut trial = Trial::of(600);
    // In the last third two of three requests end later, after the window.
    let end_ns = START + 599 * 11 * MS;
    for index in (400..600).filter(|index| index % 3 != 0) {
        trial.output.window[index as usize] = record(index);
        trial.output.window[index as usize].ended_ns = end_ns + MS;
    }
    assert_eq!(outcome(&trial.row(), name), CheckOutcome::Failed);
}

#[test]
fn thresholds_are_the_scenario_s() {
    let mut trial = Trial::of(30);
    trial.log.exchanges[0].held_ns += 2 * MS;
    assert_eq!(trial.row().verdict, Verdict::UpstreamLimited);
    trial.overrides = vec!["checks.hold_error=20%".to_owned()];
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Valid);
    let check = row.checks.iter().find(|check| check.name == "mock: hold error").unwrap();
    assert!(check.threshold.contains("20 % (default 2 %)"), "{}", check.threshold);
    trial.overrides = vec!["checks.saturated_cpu=10%".to_owned()];
    trial.log.exchanges[0].held_ns -= 2 * MS;
    assert_eq!(trial.row().verdict, Verdict::Saturated);
}

#[test]
fn a_mock_on_the_client_s_cpu_has_what_the_client_leaves() {
    let mut trial = Trial::of(100);
    trial.upstream_cpus = MockCpus { count: 1, shared: 1, first: false };
    let window_ns = 99 * 11 * MS;
    // Sound by itself: the mock's 200 ms of 1,089 ms, the client's 198 ms.
    assert_eq!(outcome(&trial.row(), "mock: CPU"), CheckOutcome::Passed);
    (trial.end().cpu_user_ns, trial.end().cpu_system_ns) = (window_ns - 230 * MS, 0);
    assert_eq!(outcome(&trial.row(), "mock: CPU"), CheckOutcome::Failed, "200 of 230 ms");
    trial.upstream_cpus.shared = 0;
    assert_eq!(outcome(&trial.row(), "mock: CPU"), CheckOutcome::Passed);
}

#[test]
fn a_mock_that_goes_first_has_its_cpu_and_leaves_the_client_the_rest() {
    let mut trial = Trial::of(100);
    trial.upstream_cpus = MockCpus { count: 1, shared: 1, first: true };
    let window_ns = 99 * 11 * MS;
    (trial.end().cpu_user_ns, trial.end().cpu_system_ns) = (window_ns - 230 * MS, 0);
    let row = trial.row();
    assert_eq!(outcome(&row, "mock: CPU"), CheckOutcome::Passed, "200 of 1,089 ms");
    // 859 of the 889 ms that the mock left.
    assert!(row.cpu_utilisation.is_some_and(|used| (used - 859.0 / 889.0).abs() < 1e-9));
    assert_eq!(row.verdict, Verdict::Saturated);
}

#[test]
fn a_part_of_the_cpu_time_that_seems_to_shrink_leaves_the_sum() {
    let mut trial = Trial::of(100);
    trial.output.account.window.as_mut().unwrap().start.cpu_user_ns = 110 * MS;
    let row = trial.row();
    // From 110 + 0 to 100 + 98 ms: 88 ms in all.
    assert_eq!((row.cpu_user_s, row.cpu_system_s), (Some(0.0), Some(0.088)));
    assert_eq!(crate::contradiction::contradiction(&row), None);
}
