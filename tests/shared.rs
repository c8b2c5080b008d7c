//! Shared state, connections per fetch and thousands of waits through the whole program: what the
//! rows must say however slow the machine is.

use std::process::Command;

use measurement::hurdles::SharedFigures;
use measurement::row::{TrialRow, Verdict};

use crate::bench::{Place, Running, TINY, alone, assert_sound, rows};

/// A run of the tiny scenario with these settings.
fn run(settings: &[&str]) -> Vec<TrialRow> {
    let place = Place::new();
    place.file("tiny.toml", TINY);
    let mut args = vec!["tiny.toml", "--out", "run", "--no-progress"];
    args.extend(settings.iter().flat_map(|set| ["--set", set]));
    let _alone = alone();
    place.loadgen(&args);
    rows(&place.path().join("run"))
}

fn shared(row: &TrialRow) -> &SharedFigures {
    let hurdles = row.hurdles.as_ref().expect("asked for");
    hurdles.shared.as_ref().expect("asked for")
}

#[test]
fn every_request_visits_the_shared_table_under_each_swept_guard() {
    let rows = run(&[
        "load.concurrency=[16]",
        "combine.shared_state={ hold = \"20us\", write_ratio = \"50%\" }",
        "sweep={ key = \"combine.shared_state.guard\", values = [\"none\", \"mutex\", \"channel\", \"async-mutex\"] }",
    ]);
    assert_eq!(rows.len(), 3 * 4);
    for row in &rows {
        assert_sound(row);
        let shared = shared(row);
        assert_eq!(shared.guard, row.swept.as_ref().expect("is swept").value, "{}", row.model);
        assert_eq!(shared.reads + shared.writes, row.requests - row.censored, "{}", row.model);
        assert!(row.requests < 100 || (shared.reads > 0 && shared.writes > 0), "{}", row.model);
        if row.censored == 0 {
            // Calibrated on a CPU that others want as well: the order of size, no more.
            assert!(shared.hold_mean_us.is_some_and(|us| us > 1.0), "{shared:?}");
            assert!(shared.wait_mean_us <= shared.wait_max_us, "{shared:?}");
        }
    }
}

#[test]
fn a_connection_per_fetch_is_one_at_the_mock_too() {
    let rows = run(&[
        "load.concurrency=[16]",
        "sweep={ key = \"combine.connections\", values = [\"keep-alive\", \"per-request\"] }",
    ]);
    assert_eq!(rows.len(), 3 * 2);
    for row in &rows {
        assert_sound(row);
        let value = &row.swept.as_ref().expect("is swept").value;
        let (opened, received) = (row.upstream_connects, row.upstream_received);
        if value == "per-request" {
            assert_eq!(opened, received, "{}", row.model);
            assert!(row.checks.iter().any(|check| check.name == "connections"));
        } else {
            assert!(opened <= Some(32) || row.stale_connections > 0, "{} {opened:?}", row.model);
        }
    }
}

#[test]
fn what_the_mock_holds_is_what_is_in_flight() {
    let rows = run(&["upstream.*.latency=200ms", "load.concurrency=[64]"]);
    for row in rows.iter().filter(|row| row.model != "rayon") {
        let held = row.held_mean.expect("a window has one");
        // Never more than both fetches of every request.
        assert!(held > 0.0 && held <= 128.0 + 1e-6, "{}: {held}", row.model);
        assert_eq!(row.legs.len(), 2);
        assert_eq!(row.legs[0].law_p99_ms, Some(200.0));
        assert!(row.legs.iter().all(|leg| leg.held_p50_ms.is_none_or(|ms| ms >= 200.0)));
    }
}

/// Runs a command where there are a hundred local ports.
const SCRIPT: &str = "ip link set lo up && \
    echo 40000 40099 > /proc/sys/net/ipv4/ip_local_port_range && exec \"$@\"";

/// In a network namespace of its own, with a hundred ports. Left out where none is to be had.
#[test]
fn ports_that_run_out_end_a_trial_as_exhausted() {
    let place = Place::new();
    place.file("tiny.toml", TINY);
    let inside = |command: &[&str]| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--net", "sh", "-c", SCRIPT, "sh"]).args(command);
        place.settle(&mut unshare);
        unshare.spawn().map(|child| Running::of(child).wait())
    };
    if !inside(&["true"]).is_ok_and(|tried| tried.code == Some(0)) {
        return;
    }
    let _alone = alone();
    let mut command = vec![env!("CARGO_BIN_EXE_loadgen"), "tiny.toml", "--out", "run"];
    for set in ["combine.connections=per-request", "load.concurrency=[64]", "load.duration=2s"] {
        command.extend(["--set", set]);
    }
    let ended = inside(&command).expect("starts, as before");
    let rows = rows(&place.path().join("run"));
    assert_eq!(rows.len(), 3, "{}", ended.stderr);
    for row in &rows {
        assert_eq!(row.verdict, Verdict::Exhausted, "{}: {}", row.model, row.reason);
        let out = row.exhausted.as_ref().expect("says what ran out");
        assert_eq!((out.resource.as_str(), out.limit), ("ports", 100), "{}", row.reason);
    }
}
