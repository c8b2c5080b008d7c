//! The time budget of sampled requests: closed, in order, and the mock's share where it belongs.

use measurement::budget::Budget;
use measurement::row::{CheckOutcome, TrialRow, Verdict};

use crate::bench::{FLAKY_RUN, Place, TINY_RUN, alone, rows};

/// Every model in the same 50 ms.
const FIFTY: &str = r#"# Fixed delays.
title = "Fifty"

[upstream.api1]
latency = "50ms"

[upstream.api2]
latency = "20ms"

[combine]
timeout = "10s"

[load]
concurrency = [4]
warmup = "100ms"
duration = "500ms"
repeats = 1
reruns = 0

[[model]]
kind = "tokio"

[[model]]
kind = "thread-per-request"

[[model]]
kind = "rayon"
threads = 16

[[model]]
kind = "thread-pool"
threads = 16
"#;

#[test]
fn the_parts_of_a_request_add_up_and_the_longest_is_the_upstreams() {
    let place = Place::new();
    place.file("fifty.toml", FIFTY);
    {
        let _alone = alone();
        place.loadgen(&["fifty.toml", "--out", "run"]);
    }
    let rows = rows(&place.path().join("run"));
    assert_eq!(rows.len(), 4);
    for row in &rows {
        let budget = closed(row);
        let held = part(budget, "held");
        // Never less than was asked for; how much more is up to the machine.
        assert!((50_000.0..500_000.0).contains(&held), "{}: held {held} us", row.model);
        let latency_us = row.latency_mean_ms.expect("every request ended") * 1e3;
        assert!(budget.total_mean_us <= latency_us * (1.0 + 1e-9), "{}: {row:?}", row.model);
        assert_eq!(budget.left_out, 0, "{}: every fetch is answered", row.model);
    }
}

#[test]
fn every_trial_has_a_budget_of_its_answered_requests() {
    for row in rows(&TINY_RUN.dir) {
        assert_eq!(closed(&row).left_out, 0, "{}", row.model);
    }
    for row in rows(&FLAKY_RUN.dir) {
        let budget = closed(&row);
        assert_eq!(budget.every, 1, "a small trial samples every request");
        assert_eq!(budget.sampled + budget.left_out, row.requests, "{}", row.model);
        assert!(budget.left_out > 0, "{}: a hang has no answer", row.model);
    }
}

/// The row's budget, which adds up and whose points are in order.
fn closed(row: &TrialRow) -> &Budget {
    assert_ne!(row.verdict, Verdict::Inconsistent, "{}: {}", row.model, row.reason);
    let check = row.checks.iter().find(|check| check.name.starts_with("time budget"));
    assert_eq!(check.map(|check| check.outcome), Some(CheckOutcome::Passed), "{}", row.model);
    let budget = row.budget.as_ref().expect("requests were sampled");
    assert!(budget.sampled > 0, "{}", row.model);
    let sum: f64 = budget.parts.iter().map(|part| part.mean_us).sum();
    assert!((sum / budget.total_mean_us - 1.0).abs() < 1e-9, "{}: {budget:?}", row.model);
    // Two CPUs read the one clock within a microsecond of each other.
    assert!(budget.parts.iter().all(|part| part.mean_us > -1.0), "{}: {budget:?}", row.model);
    budget
}

fn part(budget: &Budget, name: &str) -> f64 {
    let part = budget.parts.iter().find(|part| part.name == name);
    part.unwrap_or_else(|| panic!("no {name} in {budget:?}")).mean_us
}
