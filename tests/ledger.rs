//! The books: what was sent, received, answered and recorded; which requests fail, and how long
//! they take; which threads were started.

use std::collections::BTreeMap;
use std::fs;

use measurement::row::{CheckOutcome, TrialRow, Verdict};
use scenario::{Draws, FaultKind, Phase, Scenario};

use crate::bench::{
    FLAKY_RUN, Place, TINY, TINY_RUN, alone, assert_sound, assert_status_fits, rows,
};

/// What the draws dictate for the window's first ids, whatever the model.
#[derive(Debug, Default, PartialEq, Eq)]
struct Dictated {
    ok: u64,
    degraded: u64,
    failed: u64,
    errors: BTreeMap<String, u64>,
}

impl Dictated {
    fn of(scenario: &Scenario, repeat: u32, requests: u64) -> Self {
        let upstreams = scenario.upstreams.iter().enumerate();
        let draws: Vec<Draws<'_>> = upstreams
            .map(|(position, upstream)| Draws::new(scenario.seed, repeat, position, upstream))
            .collect();
        let mut dictated = Self::default();
        for index in 0..requests {
            let faults: Vec<FaultKind> = draws
                .iter()
                .filter_map(|draws| draws.draw(Phase::Window.id(index)).fault)
                .collect();
            match faults.len() {
                0 => dictated.ok += 1,
                1 => dictated.degraded += 1,
                _ => dictated.failed += 1,
            }
            for fault in faults {
                let kind = match fault {
                    FaultKind::Status(_) => "status",
                    FaultKind::Hang => "timeout",
                };
                *dictated.errors.entry(kind.to_owned()).or_default() += 1;
            }
        }
        dictated
    }
}

#[test]
fn both_upstreams_saw_what_was_sent() {
    for row in [rows(&TINY_RUN.dir), rows(&FLAKY_RUN.dir)].concat() {
        assert_sound(&row);
        for upstream in ["api1", "api2"] {
            let name = format!("ledger of {upstream}");
            let check = row.checks.iter().find(|check| check.name == name).expect("was checked");
            assert_eq!(check.outcome, CheckOutcome::Passed, "{}: {check:?}", row.model);
        }
        let (received, answered) = (row.upstream_received, row.upstream_answered);
        let timeouts = row.errors.get("timeout").copied().unwrap_or(0);
        if row.censored == 0 {
            assert_eq!(received, Some(2 * row.requests), "{}", row.model);
            assert_eq!(answered, Some(2 * row.requests - timeouts), "{}", row.model);
        }
        assert_eq!(row.requests, row.started[1], "{}: every start is a record", row.model);
    }
}

#[test]
fn failures_are_those_the_seed_dictates() {
    let run = &*FLAKY_RUN;
    let rows = rows(&run.dir);
    assert_status_fits(&run.ended, &rows);
    assert_eq!(rows.len(), 3, "{rows:?}");
    for row in &rows {
        let dictated = Dictated::of(&run.scenario, row.repeat, row.requests);
        assert!(
            dictated.failed > 0 && dictated.errors.contains_key("timeout"),
            "the seed deals too little to {} requests: {dictated:?}",
            row.requests
        );
        let found = Dictated {
            ok: row.ok,
            degraded: row.degraded,
            failed: row.failed,
            errors: row.errors.clone(),
        };
        if row.censored == 0 {
            assert_eq!(found, dictated, "{}", row.model);
        } else {
            // A slow machine left some requests unfinished; nobody knows which.
            let within = found.ok <= dictated.ok
                && found.degraded <= dictated.degraded
                && found.failed <= dictated.failed;
            assert!(within, "{}: {found:?} of {dictated:?}", row.model);
        }
    }
}

#[test]
fn no_latency_is_below_what_the_upstreams_hold() {
    // The longer delay of both scenarios; an error is answered after its delay, too.
    let floor_ms = 20.0;
    for row in [rows(&TINY_RUN.dir), rows(&FLAKY_RUN.dir)].concat() {
        let floor = |what: &str, value: Option<f64>| {
            let holds = value.is_none_or(|ms| ms >= floor_ms);
            assert!(holds, "{}: {what} {value:?} under {floor_ms} ms", row.model);
        };
        floor("median", row.latency_p50_ms);
        floor("mean", row.latency_mean_ms);
        assert!(row.latency_mean_ms.is_some(), "{}", row.model);
        assert!(row.hold_error_p50_us.is_none_or(|us| us >= 0.0));
        let (throughput, ideal) = (row.throughput_rps.expect("counted"), row.ideal_rps);
        assert!(throughput > 0.0 && ideal.is_some(), "{}", row.model);
    }
}

#[test]
fn no_throughput_is_beyond_what_the_delays_allow() {
    for row in [rows(&TINY_RUN.dir), rows(&FLAKY_RUN.dir)].concat() {
        assert_within(&row, 0.020);
    }
}

/// Each place ends a request in `wait_s` at the soonest, one more at the window's edge.
fn assert_within(row: &TrialRow, wait_s: f64) {
    let duration_s = row.duration_s.expect("there was a window");
    let completed = row.throughput_rps.expect("counted") * duration_s;
    let places = f64::from(row.concurrency.expect("closed loop"));
    let most = places * (duration_s / wait_s + 1.0);
    assert!(completed <= most + 1e-6, "{completed} of {most} at most: {}", of(row));
}

#[test]
fn a_pool_of_one_worker_fetches_one_after_the_other() {
    let place = Place::new();
    place.file("one.toml", &TINY.replace("threads = 64", "threads = 1"));
    let ended = {
        let _alone = alone();
        let flags = ["--model", "rayon", "--set", "load.concurrency=[2]", "--out", "run"];
        place.loadgen(&[&["one.toml"], &flags[..]].concat())
    };
    let dir = place.path().join("run");
    let rows = rows(&dir);
    assert_status_fits(&ended, &rows);
    let [row] = rows.as_slice() else { panic!("one trial, not {rows:?}") };
    assert_sound(row);
    // 20 ms and 10 ms, in one thread: a request takes their sum, and the other one waits.
    let ceiling_rps = row.pool_ceiling_rps.expect("a pool has a ceiling");
    assert!((ceiling_rps - 1.0 / 0.030).abs() < 0.01, "{ceiling_rps}");
    let pool_of_one = TrialRow { concurrency: Some(1), ..row.clone() };
    assert_within(&pool_of_one, 0.030);
    assert!(row.latency_mean_ms.is_some_and(|ms| ms >= 30.0), "{:?}", row.latency_mean_ms);
    if row.verdict == Verdict::Saturated && row.reason.contains("no idle worker") {
        let summary = fs::read_to_string(dir.join("summary.md")).expect("was rendered");
        assert!(summary.contains("one fetch after the other"), "the report says so: {summary}");
    }
}

#[test]
fn a_thread_pool_runs_both_fetches_of_every_request_and_no_more_than_its_threads_allow() {
    let place = Place::new();
    let pool = "kind = \"thread-pool\"\nthreads = 2";
    place.file("pool.toml", &TINY.replace("kind = \"rayon\"\nthreads = 64", pool));
    let ended = {
        let _alone = alone();
        let flags = ["--model", "thread-pool", "--set", "load.concurrency=[1, 8]", "--out", "run"];
        place.loadgen(&[&["pool.toml"], &flags[..], &["--records", "records"]].concat())
    };
    let rows = rows(&place.path().join("run"));
    assert_status_fits(&ended, &rows);
    assert_eq!(rows.len(), 2, "{rows:?}");
    for row in &rows {
        assert_sound(row);
        assert_eq!((row.ok, row.degraded + row.failed), (row.requests - row.censored, 0));
        for upstream in ["api1", "api2"] {
            let name = format!("ledger of {upstream}");
            let check = row.checks.iter().find(|check| check.name == name).expect("was checked");
            assert_eq!(check.outcome, CheckOutcome::Passed, "{check:?}");
        }
        // 20 ms and 10 ms, on two threads.
        let ceiling_rps = row.pool_ceiling_rps.expect("a pool has a ceiling");
        assert!((ceiling_rps - 2.0 / 0.030).abs() < 0.01, "{ceiling_rps}");
        let completed = row.throughput_rps.expect("counted") * row.duration_s.expect("ran");
        // At the window's edges each thread may be as good as done with a request.
        assert!(completed <= ceiling_rps * row.duration_s.expect("ran") + 2.0, "{completed}");
        // One request alone has a thread for each of its fetches, and waits for the longer.
        assert!(row.latency_mean_ms.is_some_and(|ms| ms >= 20.0), "{}", of(row));
        if row.concurrency == Some(8) {
            // Little's law: eight in flight, at most the ceiling served.
            assert!(row.inflight_mean.is_some_and(|mean| mean > 4.0), "{}", of(row));
            assert!(row.latency_mean_ms.is_some_and(|ms| ms > 4e3 / ceiling_rps), "{}", of(row));
        }
        assert_eq!(row.threads_spawned, Some(0), "the pool is there before the window");
        let kept = place.path().join(format!("records/{:04}.csv", row.order));
        let kept = fs::read_to_string(kept).expect("every request was kept");
        let of_window = kept.lines().filter(|line| line.starts_with("window,")).count();
        assert_eq!(of_window as u64, row.requests, "{}", of(row));
    }
}

#[test]
fn a_hanging_upstream_holds_a_request_for_its_timeout() {
    let run = &*FLAKY_RUN;
    let timeout_ms = run.scenario.combine.timeout.as_secs_f64() * 1e3;
    for row in rows(&run.dir).iter().filter(|row| row.errors.contains_key("timeout")) {
        // That no timeout came early is the ledger's check; here is the longest of them.
        let Some(longest_ms) = row.latency_max_ms else { continue };
        assert!(longest_ms >= timeout_ms, "{}: {longest_ms} ms", row.model);
        assert!(longest_ms < 2.0 * timeout_ms, "{}: {longest_ms} ms", row.model);
    }
}

#[test]
fn threads_are_started_by_the_model_that_says_so() {
    for row in rows(&TINY_RUN.dir) {
        let spawned = row.threads_spawned.expect("counted");
        let edge = 3 * u64::from(row.concurrency.expect("closed loop"));
        let forks = row.kernel_forks.expect("the kernel counts");
        if row.kind == "thread-per-request" {
            assert!(spawned.abs_diff(3 * row.requests) <= edge, "{spawned}: {}", of(&row));
            // The kernel counts those of the whole machine, and these a little later.
            assert!(forks + edge >= spawned, "{forks} forks: {}", of(&row));
            assert!(row.threads_peak >= Some(3), "{}", of(&row));
        } else {
            assert_eq!(spawned, 0, "{}", of(&row));
            let most = if row.kind == "rayon" { 64 + 4 } else { 4 };
            assert!(row.threads_peak <= Some(most), "{:?}: {}", row.threads_peak, of(&row));
        }
    }
}

fn of(row: &TrialRow) -> String {
    format!("{} with {:?} in flight, {} requests", row.model, row.concurrency, row.requests)
}
