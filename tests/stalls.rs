//! A mock that stalls in the middle of a trial, a client that is stopped, a mock that is crowded
//! out of its CPU: the row says so, and is not to be trusted.

use std::fs;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use measurement::row::{CheckOutcome, TrialRow, Verdict};
use rustix::process::Signal;
use rustix::thread::{CpuSet, gettid, sched_getaffinity, sched_setaffinity};

use crate::bench::{Place, alone, assert_status_fits, may_open, rows, run_info, until};
use crate::processes::{children, signal, sockets};

/// Eight in flight. All sixteen responses that a stall finds held are late, out of some five
/// hundred: far more than one in a hundred, which is what an honest trial may have.
const STEADY: &str = r#"# One model, fixed delays.
title = "Steady"

[upstream.api1]
latency = "20ms"

[upstream.api2]
latency = "20ms"

[combine]
timeout = "10s"

[load]
concurrency = [8]
warmup = "200ms"
duration = "1s"
repeats = 1
reruns = 0

[[model]]
kind = "tokio"
workers = 1
"#;

/// From the load's first connections until well inside the window, far from both its ends.
const INTO_THE_WINDOW: Duration = Duration::from_millis(500);
const STALL: Duration = Duration::from_millis(300);

#[test]
fn a_stalled_mock_is_the_limit_and_the_row_says_so() {
    let place = Place::new();
    place.file("steady.toml", STEADY);
    let ended = {
        let _alone = alone();
        let running = place.start(&["steady.toml", "--out", "run"]);
        let mock =
            until("the mock is there", || children(&place, "child-upstream").first().copied());
        // Listeners alone are fewer.
        until("load has begun", || (sockets(mock) >= 8).then_some(()));
        sleep(INTO_THE_WINDOW);
        signal(mock, Signal::STOP);
        sleep(STALL);
        signal(mock, Signal::CONT);
        running.wait()
    };
    let rows = rows(&place.path().join("run"));
    assert_status_fits(&ended, &rows);
    let [row] = &rows[..] else { panic!("one trial: {ended:?}") };
    assert_eq!(row.verdict, Verdict::UpstreamLimited, "{}", row.reason);
    assert!(row.reason.contains("held responses too long"), "{}", row.reason);
    // Whoever waited at its beginning waited through it, but for the signals' own way.
    let longest_ms = row.latency_max_ms.expect("requests were answered");
    assert!(longest_ms > STALL.as_millis() as f64 * 0.9, "at most {longest_ms} ms");
    let summary = fs::read_to_string(place.path().join("run/summary.md")).expect("was rendered");
    assert!(summary.contains("held responses too long"), "{summary}");
}

/// Nothing is asked of the mock: the client alone is judged.
const PATIENT: &str =
    "[checks]\nhold_error = \"100%\"\nupstream_cpu = \"100%\"\nturn_p99 = \"10s\"\n";

#[test]
fn a_client_that_was_stopped_is_unsteady() {
    let place = Place::new();
    place.file("steady.toml", &format!("{STEADY}{PATIENT}"));
    let ended = {
        let _alone = alone();
        let running = place.start(&["steady.toml", "--out", "run"]);
        let client =
            until("the client is there", || children(&place, "child-trial").first().copied());
        until("load has begun", || (sockets(client) >= 8).then_some(()));
        sleep(INTO_THE_WINDOW);
        signal(client, Signal::STOP);
        sleep(STALL);
        signal(client, Signal::CONT);
        running.wait()
    };
    let rows = rows(&place.path().join("run"));
    assert_status_fits(&ended, &rows);
    let [row] = &rows[..] else { panic!("one trial: {ended:?}") };
    assert_eq!(row.verdict, Verdict::Unsteady, "{}", row.reason);
    assert!(row.reason.contains("did not run"), "{}", row.reason);
    let summary = fs::read_to_string(place.path().join("run/summary.md")).expect("was rendered");
    let changed = "`hold_error` is 100 %, the default is 2 %";
    assert!(summary.replace('\\', "").contains(changed), "loosened checks are told: {summary}");
}

/// The outcome of one check of a row.
fn outcome(row: &TrialRow, name: &str) -> CheckOutcome {
    row.checks.iter().find(|check| check.name == name).expect("was checked").outcome
}

#[test]
fn a_mock_on_the_cpu_that_the_client_saturates_is_the_limit() {
    // Of 256 in flight, two sockets each: else those run out first.
    if !may_open(1_000) {
        return;
    }
    let place = Place::new();
    let allowed = sched_getaffinity(None).expect("this process has CPUs");
    let cpu = (0..CpuSet::MAX_CPU).find(|&cpu| allowed.is_set(cpu)).expect("one at least");
    let text = STEADY
        .replace("20ms", "1ms")
        .replace("[8]", "[256]")
        .replace("workers = 1", "")
        .replace("kind = \"tokio\"", "kind = \"thread-per-request\"");
    place.file("shared.toml", &format!("{text}[cpus]\nclient = \"{cpu}\"\nupstream = \"{cpu}\"\n"));
    let ended = {
        let _alone = alone();
        place.loadgen(&["shared.toml", "--out", "run"])
    };
    let rows = rows(&place.path().join("run"));
    assert_status_fits(&ended, &rows);
    let [row] = &rows[..] else { panic!("one trial: {ended:?}") };
    assert_eq!(row.verdict, Verdict::UpstreamLimited, "{}", row.reason);
    assert_eq!(outcome(row, "ledger of api1"), CheckOutcome::Passed);
}

/// Threads that crowd everybody else out of these CPUs, before even the mock where they may.
fn crowd(cpus: &[usize], how_long: Duration) {
    let until = Instant::now() + how_long;
    let spin = move |cpus: Vec<usize>| {
        let mut set = CpuSet::new();
        for cpu in cpus {
            set.set(cpu);
        }
        sched_setaffinity(None, &set).expect("these CPUs are ours");
        let _ = rustix::process::setpriority_process(Some(gettid()), -20);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
    };
    let threads = (0..8 * cpus.len()).map(|_| {
        let cpus = cpus.to_vec();
        thread::spawn(move || spin(cpus))
    });
    let threads: Vec<_> = threads.collect();
    for thread in threads {
        thread.join().expect("spins to its end");
    }
}

#[test]
fn a_mock_crowded_out_of_its_cpu_is_the_limit() {
    let place = Place::new();
    place.file("steady.toml", STEADY);
    let ended = {
        let _alone = alone();
        // On CPUs of its own it would go before whatever crowds it.
        let running =
            place.start(&["steady.toml", "--set", "mock.priority=normal", "--out", "run"]);
        let mock =
            until("the mock is there", || children(&place, "child-upstream").first().copied());
        until("load has begun", || (sockets(mock) >= 8).then_some(()));
        sleep(INTO_THE_WINDOW);
        let cpus = run_info(&place.path().join("run")).environment.upstream_cpus;
        crowd(&cpus, Duration::from_millis(400));
        running.wait()
    };
    let rows = rows(&place.path().join("run"));
    assert_status_fits(&ended, &rows);
    let [row] = &rows[..] else { panic!("one trial: {ended:?}") };
    assert_eq!(row.verdict, Verdict::UpstreamLimited, "{}", row.reason);
    assert_eq!(outcome(row, "mock: hold error"), CheckOutcome::Failed);
}
