//! Coordinated omission: an upstream stalls for a second under 500 requests per second. An open
//! loop counts everybody who was due meanwhile; a closed loop asks no more than it has places.
//!
//! Only what arithmetic says is asserted: who was due in the stall has no answer before its end.
//! Noise may make others slow as well.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use measurement::row::{LoadKind, TrialRow, Verdict};

use crate::bench::{Place, alone, assert_status_fits, may_open, rows};

const STALLED: &str = r#"# A second of silence from one upstream.
title = "Stalled"

[upstream.api1]
latency = "10ms"
stall = { at = "1s", for = "1s" }

[upstream.api2]
latency = "10ms"

[combine]
timeout = "10s"

[load]
rate = "500/s"
arrivals = "constant"
warmup = "200ms"
duration = "3s"
repeats = 1
reruns = 0

[[model]]
kind = "tokio"
"#;

const MS: f64 = 1e6;

/// One request of the window, times in ns since the load began.
struct Request {
    intended: f64,
    begun: f64,
    ended: f64,
    /// Of the fetch from the upstream that stalls.
    received: f64,
    stalled: f64,
}

/// What was recorded of the window's requests.
fn requests(folder: &Path) -> Vec<Request> {
    let text = fs::read_to_string(folder.join("0000.csv")).expect("records were kept");
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let columns: HashMap<_, _> = lines.next().into_iter().flatten().zip(0..).collect();
    let number = |line: &[&str], column: &str| -> f64 {
        line[columns[column]].parse().unwrap_or_else(|_| panic!("{column} of {line:?}"))
    };
    lines
        .filter(|line| line[columns["phase"]] == "window")
        .map(|line| Request {
            intended: number(&line, "intended_ns"),
            begun: number(&line, "begun_ns"),
            ended: number(&line, "ended_ns"),
            received: number(&line, "leg1_received_ns"),
            stalled: number(&line, "leg1_stalled_ns"),
        })
        .collect()
}

fn run(text: &str) -> (TrialRow, Vec<Request>) {
    let place = Place::new();
    place.file("stalled.toml", text);
    let ended = {
        let _alone = alone();
        place.loadgen(&["stalled.toml", "--out", "run", "--records", "records"])
    };
    let rows = rows(&place.path().join("run"));
    assert_status_fits(&ended, &rows);
    let [row] = &rows[..] else { panic!("one trial: {ended:?}") };
    let late = row.verdict == Verdict::Inconsistent && row.reason.contains("sent late");
    let broken = matches!(row.verdict, Verdict::Inconsistent | Verdict::Failed) && !late;
    assert!(!broken, "{}: {}", row.verdict.name(), row.reason);
    (row.clone(), requests(&place.path().join("records")))
}

#[test]
fn an_open_loop_counts_everybody_who_was_due_in_a_stall() {
    // Those who are due in the stall are in flight together, a socket for each fetch.
    if !may_open(2_000) {
        return;
    }
    let (row, requests) = run(STALLED);
    assert_eq!((row.load, row.offered_rps, row.concurrency), (LoadKind::Open, Some(500.0), None));
    assert_eq!(requests.len(), 1_500, "3 s at 500 per second");
    // The schedule of the stall counts from the window's first request at the mock, give or take
    // the other fetch of that request.
    let end = requests.iter().map(|r| r.received + r.stalled + 10.0 * MS);
    let stalled: Vec<f64> =
        end.zip(&requests).filter(|(_, r)| r.stalled > 0.0).map(|(end, _)| end).collect();
    let end = stalled.iter().copied().fold(f64::NAN, f64::max);
    assert!(stalled.iter().all(|own| (own - end).abs() <= 1.0), "all go at one instant");
    let stall = end - 1_000.0 * MS..end;
    let due: Vec<&Request> =
        requests.iter().filter(|r| stall.contains(&(r.intended + 10.0 * MS))).collect();
    assert!((495..=505).contains(&due.len()), "{} were due in the stall", due.len());
    assert!(due.iter().all(|r| r.ended >= end), "nobody gets an answer before the stall's end");
    let waits = due.iter().map(|r| (r.ended - r.intended) / MS);
    let mean_ms = waits.sum::<f64>() / due.len() as f64;
    // Half the stall and the upstream's own 10 ms, and what the machine adds.
    assert!((505.0..1_500.0).contains(&mean_ms), "{mean_ms} ms");
    // A percent of 1,500 is 15, and those who wait longest are 2 ms apart.
    let p99_ms = row.latency_p99_ms.expect("fifteen lie beyond it");
    assert!(p99_ms >= 1_010.0 - 16.0 * 2.0, "{p99_ms} ms");
    // The stall is kept apart from the draws and from what the mock, model and machine add.
    assert!(row.floor_p99_ms.is_some_and(|floor_ms| (floor_ms - 10.0).abs() < 1e-9));
    assert!(row.hold_error_p50_us.is_some_and(|error_us| error_us < 250_000.0));
    assert!(row.added_p50_ms.is_some_and(|added_ms| added_ms < 250.0));
}

#[test]
fn a_pool_that_times_its_own_work_sees_no_more_of_a_stall_than_it_has_threads() {
    // Eight requests at a time: 800 a second, so that what piles up is gone well before the end.
    let threads = 16;
    let pool = STALLED
        .replace("kind = \"tokio\"", &format!("kind = \"thread-pool\"\nthreads = {threads}"))
        .replace("duration = \"3s\"", "duration = \"5s\"");
    let (row, requests) = run(&pool);
    // From the mock's side: which requests a stall can keep back are those with a fetch in it.
    let held = requests.iter().filter(|r| r.stalled > 0.0).count();
    assert!((1..=threads).contains(&held), "{held} of {} were held", requests.len());
    // Those were begun in the stall or just before; all others due in it waited for a thread, and
    // that wait is in the response and not in the uncorrected time.
    let end =
        requests.iter().filter(|r| r.stalled > 0.0).map(|r| r.received + r.stalled + 10.0 * MS);
    let end = end.fold(f64::NAN, f64::max);
    let kept_waiting = requests.iter().filter(|r| r.intended < end - 500.0 * MS && r.begun >= end);
    let kept_waiting = kept_waiting.count();
    // 250 are due in the stall's first half.
    assert!(kept_waiting >= 200, "{kept_waiting}");
    let open = row.open.as_ref().expect("an open loop");
    if row.censored == 0 {
        let (response, uncorrected) = (row.latency_mean_ms, open.uncorrected.mean_ms);
        let waited = response.zip(uncorrected).map(|(response, own)| response - own);
        // They waited half a second at least, and are a twelfth of all.
        assert!(waited.is_some_and(|ms| ms > 0.5 * 1e3 * 200.0 / 2_500.0), "{waited:?}");
    }
}

#[test]
fn a_closed_loop_asks_no_more_than_it_has_places() {
    let closed = STALLED.replace("rate = \"500/s\"\narrivals = \"constant\"", "concurrency = [5]");
    let (row, requests) = run(&closed);
    assert_eq!((row.load, row.concurrency), (LoadKind::Closed, Some(5)));
    let met = requests.iter().filter(|r| r.stalled > 0.0).count();
    assert!((1..=5).contains(&met), "{met} of {} met the stall", requests.len());
}
