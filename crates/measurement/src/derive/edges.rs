//! Little's law over a window whose edges cut long requests: a hang that was drawn is luck, one that
//! was not is a model or a machine that got stuck.

use scenario::{Draws, FaultKind, Phase};

use super::tests::{MS, START, Trial, exchange, record, scenario};
use crate::exchange::{Exchange, Fate};
use crate::record::{LegOutcome, LegRecord, RequestRecord};
use crate::row::{CheckOutcome, TrialRow, Verdict};

/// One fetch in ten hangs until its deadline of 400 ms.
fn overrides() -> Vec<String> {
    vec!["upstream.a.hangs=10%".to_owned(), "combine.timeout=400ms".to_owned()]
}

/// The first index from `least` on that draws a hang, or none.
fn drawn(phase: Phase, least: u64, hangs: bool) -> u64 {
    let scenario = scenario(&overrides());
    let draws = Draws::new(scenario.seed, 0, 0, &scenario.upstreams[0]);
    let hung = |index: &u64| draws.draw(phase.id(*index)).fault == Some(FaultKind::Hang);
    (least..least + 1_000).find(|index| hung(index) == hangs).unwrap()
}

/// Has a request and what the mock saw of it last 400 ms: as a hang, or because the client took so
/// long over an answer that was there.
fn lengthen(request: &mut RequestRecord, seen: &mut Exchange, hangs: bool) {
    request.ended_ns = request.started_ns + 400 * MS;
    if hangs {
        request.legs[0] = LegRecord { outcome: LegOutcome::Timeout, ..LegRecord::default() };
        (seen.fate, seen.held_ns) = (Fate::Abandoned, 400 * MS);
    }
}

/// 100 ms before the window a request begins that takes 400 ms; ten more of 11 ms follow.
fn cut_by_the_beginning(hangs: bool) -> TrialRow {
    let last = drawn(Phase::Warmup, 3, hangs);
    let mut trial = Trial::of(10);
    trial.overrides = overrides();
    for request in &mut trial.output.window {
        request.started_ns += 300 * MS;
        request.intended_ns = request.started_ns;
        request.ended_ns += 300 * MS;
    }
    let warmup = |index: u64| {
        let started_ns = START - 100 * MS - (last - index) * 11 * MS;
        let (intended_ns, ended_ns) = (started_ns, started_ns + 11 * MS);
        RequestRecord { intended_ns, started_ns, ended_ns, ..record(0) }
    };
    trial.output.warmup = (0..=last).map(warmup).collect();
    let seen = (0..=last).flat_map(|index| {
        [0, 1].map(|leg| Exchange { id: Phase::Warmup.id(index), ..exchange(index, leg) })
    });
    let mut seen: Vec<Exchange> = seen.collect();
    let at = seen.len() - 2;
    lengthen(trial.output.warmup.last_mut().unwrap(), &mut seen[at], hangs);
    trial.log.exchanges.extend(seen);
    trial.output.account.started[0] = last + 1;
    trial.output.account.ended[0] = last + 1;
    let end = trial.end();
    end.at_ns += 300 * MS;
    end.in_flight_ns += i128::from(300 * MS);
    end.ended += 1;
    trial.row()
}

/// The last of some sixty requests of 11 ms takes 400 ms, almost all of it after the window.
fn cut_by_the_end(hangs: bool) -> TrialRow {
    let last = drawn(Phase::Window, 60, hangs);
    let mut trial = Trial::of(last + 1);
    trial.overrides = overrides();
    let at = trial.log.exchanges.len() - 2;
    let seen = &mut trial.log.exchanges[at];
    lengthen(trial.output.window.last_mut().unwrap(), seen, hangs);
    trial.row()
}

fn little(row: &TrialRow) -> (CheckOutcome, &str) {
    let check = row.checks.iter().find(|check| check.name.starts_with("steady: N"));
    let check = check.expect("the check is made");
    (check.outcome, &check.value)
}

#[test]
fn a_hang_that_an_edge_cuts_is_luck() {
    for row in [cut_by_the_beginning(true), cut_by_the_end(true)] {
        let (outcome, value) = little(&row);
        assert_eq!(outcome, CheckOutcome::Passed, "{value}");
        assert_eq!((row.verdict, row.reason.as_str()), (Verdict::Valid, ""));
        assert!(value.contains("with the long draws that its edges cut"), "{value}");
        assert!(row.little_residual.is_some_and(|off| off.abs() > 0.2), "the row has it as it is");
    }
}

#[test]
fn a_request_that_gets_stuck_at_an_edge_is_refused() {
    for row in [cut_by_the_beginning(false), cut_by_the_end(false)] {
        let (outcome, value) = little(&row);
        assert_eq!(outcome, CheckOutcome::Failed, "{value}");
        assert_eq!(row.verdict, Verdict::Unsteady, "{}", row.reason);
        assert!(row.reason.contains("a longer window tells more"), "{}", row.reason);
        assert!(super::spoilt_by_machine(&row), "the same draws may well end otherwise");
    }
}

#[test]
fn a_window_in_which_nothing_starts_stands() {
    let mut trial = Trial::of(1);
    trial.output.window.clear();
    trial.log.exchanges.clear();
    trial.output.account.started[1] = 0;
    trial.output.account.ended[1] = 0;
    let end = trial.end();
    (end.at_ns, end.in_flight) = (START + 1_000 * MS, 0);
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Unsteady, "{}", row.reason);
    assert!(row.reason.contains("no request started"), "{}", row.reason);
    assert!(!super::spoilt_by_machine(&row));
}
