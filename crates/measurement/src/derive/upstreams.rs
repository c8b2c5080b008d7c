//! What the row says of the mock beyond its account, and of the table that requests share, over
//! made-up trials.

use scenario::Phase;

use super::tests::{MS, START, Trial, exchange};
use crate::exchange::Exchange;
use crate::row::Verdict;

fn with(overrides: &[&str]) -> Trial {
    let overrides = overrides.iter().map(ToString::to_string).collect();
    Trial { overrides, ..Trial::of(1_000) }
}

#[test]
fn held_fetches_count_for_as_long_as_they_are_in_the_window() {
    let mut trial = Trial::sound();
    // The window is 1,089 ms long: one fetch all of it, one half before it, one after it.
    let held = |phase: Phase, from: u64, to: u64| Exchange {
        id: phase.id(5_000),
        received_ns: from,
        ended_ns: to,
        ..exchange(0, 0)
    };
    let end = START + 1_089 * MS;
    trial.log.exchanges = vec![
        held(Phase::Warmup, START - 5_000 * MS, end + MS),
        held(Phase::Window, START - 100 * MS, START + 1_089 * MS / 2),
        held(Phase::Cooldown, end, end + 7 * MS),
    ];
    let mean = trial.row().held_mean.expect("a window has one");
    assert!((mean - 1.5).abs() < 1e-9, "{mean}");
}

#[test]
fn a_leg_has_the_percentiles_of_its_held_times_up_to_the_deadline() {
    let mut trial = with(&["upstream.a.latency={ uniform = { min = \"0ms\", max = \"100ms\" } }"]);
    for exchange in trial.log.exchanges.iter_mut().filter(|exchange| exchange.upstream == 0) {
        exchange.held_ns = (exchange.id + 1) * MS / 10;
    }
    let row = trial.row();
    let [first, second] = row.legs.as_slice() else { panic!("two legs") };
    assert_eq!((first.upstream.as_str(), second.upstream.as_str()), ("a", "b"));
    assert_eq!((first.held_p50_ms, first.held_p99_ms), (Some(50.0), Some(50.0)), "the deadline");
    assert_eq!((second.held_p50_ms, second.law_p99_ms), (Some(4.0), Some(4.0)));
    assert_eq!(first.law_p99_ms, Some(50.0), "the deadline");
    assert_eq!(first.held_pair_p99_ms, None, "half a percent of 1,000 is not ten");
}

#[test]
fn a_pair_has_its_p99_where_each_of_two_alike_legs_has_this() {
    let law = "upstream.a.latency={ uniform = { min = \"0ms\", max = \"10ms\" } }";
    let row = with(&[law]).row();
    let value = row.legs[0].law_pair_p99_ms.expect("known of the law");
    assert!(((value / 10.0).powi(2) - 0.99).abs() < 1e-5, "{value}");
}

#[test]
fn each_fetch_comes_on_a_connection_of_its_own_where_it_should() {
    let mut trial = with(&["combine.connections=per-request"]);
    for exchange in &mut trial.log.exchanges {
        exchange.opened = true;
    }
    let row = trial.row();
    assert_eq!((row.verdict, row.upstream_connects), (Verdict::Valid, Some(2_000)));
    assert!(row.checks.iter().any(|check| check.name == "connections"));
    trial.log.exchanges[7].opened = false;
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Inconsistent);
    assert_eq!(row.reason, "1999 connections accepted for 2000 fetches received");
    trial.overrides.clear();
    let row = trial.row();
    assert_eq!((row.verdict, row.upstream_connects), (Verdict::Valid, Some(1_999)));
    assert!(row.checks.iter().all(|check| check.name != "connections"));
}

#[test]
fn waits_for_the_shared_table_are_of_the_requests_that_ended() {
    let mut trial = with(&["combine.shared_state={ guard = \"moat\" }"]);
    for (id, record) in (0..).zip(&mut trial.output.window) {
        (record.wait_ns, record.hold_ns) = ((id + 1) * 1_000, 5_000);
        record.wrote = id % 4 == 0;
    }
    let row = trial.row();
    let shared = row.hurdles.and_then(|hurdles| hurdles.shared).expect("asked for");
    assert_eq!((shared.guard.as_str(), shared.reads, shared.writes), ("moat", 750, 250));
    assert_eq!(shared.wait_mean_us, Some(500.5));
    assert_eq!((shared.wait_p50_us, shared.wait_p99_us), (Some(500.0), Some(990.0)));
    assert_eq!((shared.wait_max_us, shared.hold_mean_us), (Some(1_000.0), Some(5.0)));
    assert_eq!(Trial::sound().row().hurdles, None);
    for record in trial.output.window.iter_mut().skip(980) {
        record.ended_ns = 0;
    }
    let censored = trial.row().hurdles.and_then(|hurdles| hurdles.shared).expect("asked for");
    assert_eq!((censored.wait_p50_us, censored.wait_p99_us), (Some(500.0), None));
    assert_eq!((censored.wait_max_us, censored.wait_mean_us), (None, None));
}
