//! The account of ids of made-up trials: every phase, and what it refuses.

use scenario::Phase;

use super::tests::{MS, START, Trial, exchange, record};
use crate::exchange::Exchange;
use crate::ids::IdAccount;
use crate::output::Stop;
use crate::row::{TrialRow, Verdict};

fn in_phase(phase: Phase, index: u64, upstream: u8) -> Exchange {
    Exchange { id: phase.id(index), ..exchange(0, upstream) }
}

/// 100 requests in the window, 3 before it, and of 2 after it one that ended.
fn three_phases() -> Trial {
    let mut trial = Trial::sound();
    let before = |index| {
        let mut record = record(index);
        for time in [&mut record.intended_ns, &mut record.started_ns, &mut record.ended_ns] {
            *time -= 100 * MS;
        }
        record
    };
    trial.output.warmup = (0..3).map(before).collect();
    trial.output.account.started = [3, 100, 2];
    trial.output.account.ended = [3, 100, 1];
    for leg in [0, 1] {
        trial.log.exchanges.extend((0..3).map(|index| in_phase(Phase::Warmup, index, leg)));
        trial.log.exchanges.extend((0..2).map(|index| in_phase(Phase::Cooldown, index, leg)));
    }
    trial
}

fn of<'a>(row: &'a TrialRow, upstream: &str, phase: &str) -> &'a IdAccount {
    let found = row.ids.iter().find(|ids| ids.upstream == upstream && ids.phase == phase);
    found.expect("every phase has its account")
}

#[test]
fn every_phase_has_its_account() {
    let row = three_phases().row();
    assert_eq!(row.verdict, Verdict::Valid, "{}", row.reason);
    assert_eq!(row.ids.len(), 6);
    for upstream in ["a", "b"] {
        for (phase, planned, recorded) in
            [("warm-up", 3, 3), ("window", 100, 100), ("cool-down", 2, 1)]
        {
            let expected = IdAccount {
                upstream: upstream.to_owned(),
                phase: phase.to_owned(),
                planned,
                sent: planned,
                received: planned,
                answered: planned,
                recorded,
                censored: planned - recorded,
                ..IdAccount::default()
            };
            assert_eq!(*of(&row, upstream, phase), expected);
        }
    }
}

#[test]
fn a_mismatch_in_any_phase_is_inconsistent_and_names_the_ids() {
    for (phase, name) in
        [(Phase::Warmup, "warm-up"), (Phase::Window, "window"), (Phase::Cooldown, "cool-down")]
    {
        let mut twice = three_phases();
        twice.log.exchanges.push(in_phase(phase, 1, 1));
        let mut unknown = three_phases();
        unknown.log.exchanges.push(in_phase(phase, 500, 1));
        for (trial, word) in [(twice, "id 1: received twice"), (unknown, "id 500: received, never")]
        {
            let row = trial.row();
            assert_eq!(row.verdict, Verdict::Inconsistent);
            assert!(row.reason.contains(&format!("{name} {word}")), "{}", row.reason);
            assert_eq!(of(&row, "b", name).mismatched, 1);
            assert_eq!(of(&row, "a", name).mismatched, 0);
        }
    }
    let mut lost = three_phases();
    lost.log.exchanges.retain(|seen| *seen != in_phase(Phase::Warmup, 2, 0));
    let row = lost.row();
    assert!(row.reason.contains("warm-up id 2: recorded as ok, never received"), "{}", row.reason);
}

#[test]
fn what_never_arrived_and_what_never_ended_are_told_apart() {
    let mut trial = three_phases();
    // Two requests that never ended: one arrived, one did not.
    for id in [98, 99] {
        trial.output.window[id].ended_ns = 0;
    }
    trial.log.exchanges.retain(|seen| seen.id != 99);
    let row = trial.row();
    let ids = of(&row, "a", "window");
    assert_eq!((ids.planned, ids.sent, ids.received), (100, 99, 99));
    assert_eq!((ids.recorded, ids.censored, ids.unreached, ids.mismatched), (98, 1, 0, 0));
    assert_eq!(row.censored, 2);
}

#[test]
fn a_stopped_client_is_unsteady_and_one_stopped_elsewhere_is_not() {
    let mut trial = Trial::of(600);
    let stop = |until_ms: u64, length_ms: u64| Stop {
        until_ns: START + until_ms * MS,
        length_ns: length_ms * MS,
    };
    trial.output.account.stops = vec![stop(500, 80), stop(900, 100)];
    assert_eq!(trial.row().verdict, Verdict::Valid);
    trial.output.account.stops.push(stop(2_000, 300));
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Unsteady);
    assert!(row.reason.contains("3 times, the longest 300 ms"), "{}", row.reason);
    trial.output.account.stops = vec![stop(0, 300), stop(60_000, 300)];
    assert_eq!(trial.row().verdict, Verdict::Valid, "before the window and after it");
}
