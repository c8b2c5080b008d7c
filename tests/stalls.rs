//! A mock that stalls in the middle of a trial: the row says so, and is not to be trusted.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use measurement::row::Verdict;
use rustix::process::Signal;

use crate::bench::{Place, alone, assert_status_fits, rows, until};
use crate::processes::{children, signal};

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

[[model]]
kind = "tokio"
workers = 1
"#;

/// From the load's first connections until well inside the window, far from both its ends.
const INTO_THE_WINDOW: Duration = Duration::from_millis(500);
const STALL: Duration = Duration::from_millis(300);

/// Sockets that a process has open.
fn sockets(pid: u32) -> usize {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let targets = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}

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
