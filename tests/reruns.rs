//! `reruns` in `[load]`: a trial that the machine spoilt is run again with the same draws.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use measurement::row::{TrialRow, Verdict};
use measurement::run::RunStatus;
use report::analysis::Analysis;
use report::load::Run;
use rustix::process::Signal;

use crate::bench::{Place, alone, assert_sound, assert_status_fits, rows, run_info, until};
use crate::processes::{children, signal, sockets};

/// One model at one rate: which requests are due, and what each of them meets, is known.
const SCENARIO: &str = r#"title = "Once more"
[upstream.api1]
latency = { lognormal = { p50 = "40ms", p99 = "80ms" } }
[upstream.api2]
latency = "40ms"
[load]
rate = ["200/s"]
warmup = "200ms"
duration = "1s"
repeats = 2
[[model]]
kind = "tokio"
workers = 1
"#;

/// No turn of any event loop is as short as the longest that these allow: every trial is refused.
const IMPOSSIBLE: [&str; 4] =
    ["--set", "checks.turn_p99=\"1us\"", "--set", "load.duration=\"300ms\""];

/// Repeat, attempt and place in the run.
fn attempts(rows: &[TrialRow]) -> Vec<(u32, u32, u32)> {
    rows.iter().map(|row| (row.repeat, row.attempt, row.order)).collect()
}

#[test]
fn a_spoilt_trial_is_run_again_and_the_pairs_stay() {
    let place = Place::new();
    place.file("again.toml", SCENARIO);
    let ended = {
        let _alone = alone();
        let running = place.start(&["again.toml", "--out", "run"]);
        let mock =
            until("the mock is there", || children(&place, "child-upstream").first().copied());
        until("load has begun", || (sockets(mock) >= 8).then_some(()));
        sleep(Duration::from_millis(500));
        signal(mock, Signal::STOP);
        sleep(Duration::from_millis(300));
        signal(mock, Signal::CONT);
        running.wait()
    };
    let dir = place.path().join("run");
    let (rows, info) = (rows(&dir), run_info(&dir));
    assert_status_fits(&ended, &rows);
    rows.iter().filter(|row| row.verdict != Verdict::Inconsistent).for_each(assert_sound);
    assert_eq!((info.trials_planned, info.status), (2, RunStatus::Complete), "{ended:?}");
    assert_eq!(attempts(&rows[..2]), [(0, 1, 0), (1, 1, 1)]);
    assert_eq!(rows[0].verdict, Verdict::UpstreamLimited, "{}", rows[0].reason);
    // Whatever became of the other repeat: this one is tried once at least.
    let again = rows[2..].iter().find(|row| row.repeat == 0).expect("was run again");
    assert_eq!(again.attempt, 2);
    let due = |row: &TrialRow| row.open.as_ref().map(|open| open.due);
    assert_eq!(due(again), due(&rows[0]), "the same arrivals");
    assert_eq!(again.floor_mean_ms, rows[0].floor_mean_ms, "the same draws");
    assert_ne!(again.floor_mean_ms, rows[1].floor_mean_ms, "not those of another repeat");

    let analysis = Analysis::of_run(Run::read(&dir).expect("is a run"));
    assert_eq!(analysis.ended(), 2);
    let [point] = &analysis.series[0].points[..] else { panic!("one point") };
    let repeats: Vec<u32> = point.rows_used().map(|row| row.repeat).collect();
    assert!(repeats.is_sorted_by(|a, b| a < b), "one row for each: {repeats:?}");
    let summary = fs::read_to_string(dir.join("summary.md")).expect("was rendered");
    let summary = summary.replace('\u{a0}', " ");
    assert!(summary.contains("2 of 2 planned trials ended"), "{summary}");
    assert!(summary.contains("run again with the same draws"), "{summary}");
    let csv = fs::read_to_string(dir.join("trials.csv")).expect("was written");
    assert!(csv.lines().next().is_some_and(|head| head.ends_with(",attempt")), "{csv}");
    assert_eq!(csv.lines().count(), 1 + rows.len(), "the refused attempts are kept");
}

#[test]
fn a_point_that_is_always_refused_is_tried_once_more_and_not_again() {
    let place = Place::new();
    place.file("never.toml", SCENARIO);
    let _alone = alone();
    for (set, expected) in [
        ("load.reruns=2", &[(0, 1, 0), (1, 1, 1), (0, 2, 2)][..]),
        ("load.reruns=0", &[(0, 1, 0), (1, 1, 1)]),
    ] {
        let out = ["--set", set, "--out", set];
        let ended = place.loadgen(&[&["never.toml"], &IMPOSSIBLE[..], &out].concat());
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let dir = place.path().join(set);
        let rows = rows(&dir);
        let mut seen = attempts(&rows);
        // The two repeats are one block each: in their order.
        seen.sort_by_key(|&(.., order)| order);
        assert_eq!(seen, expected);
        assert!(rows.iter().all(|row| row.verdict == Verdict::UpstreamLimited), "{rows:?}");
        let summary = fs::read_to_string(dir.join("summary.md")).expect("was rendered");
        assert_eq!(summary.contains("1 trial was run again"), expected.len() == 3, "{summary}");
    }
}

#[test]
fn an_interrupt_while_trials_are_run_again_keeps_what_had_ended() {
    let place = Place::new();
    place.file("never.toml", SCENARIO);
    let _alone = alone();
    let set = ["--set", "load.repeats=1", "--out", "run"];
    let running = place.start(&[&["never.toml"], &IMPOSSIBLE[..], &set].concat());
    let dir = place.path().join("run");
    until("the planned trial has ended", || (!rows(&dir).is_empty()).then_some(()));
    until("it is run again", || children(&place, "child-trial").first().copied());
    signal(running.pid(), Signal::INT);
    let ended = running.wait();
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert_eq!(children(&place, "child-"), Vec::<u32>::new());
    assert_eq!(attempts(&rows(&dir)), [(0, 1, 0)]);
    assert_eq!(run_info(&dir).status, RunStatus::Interrupted);
    let summary = fs::read_to_string(dir.join("summary.md")).expect("was rendered");
    assert!(summary.contains("The run was interrupted: 1 of 1 trials have a row."), "{summary}");
}

#[test]
fn check_says_that_it_may_take_longer_and_a_quick_run_takes_no_longer() {
    let place = Place::new();
    place.file("check.toml", SCENARIO);
    let text = |more: &[&str]| place.loadgen(&[&["check", "check.toml"], more].concat()).stdout;
    assert!(text(&[]).contains("those are run again 2 times at most"), "{}", text(&[]));
    for without in [&["--quick"][..], &["--set", "load.reruns=0"]] {
        assert!(!text(without).contains("run again"), "{}", text(without));
    }
}
