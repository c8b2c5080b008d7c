//! The rules on shared state, connections, thousands in flight and fan-out, over made-up runs.

use measurement::row::{LegFigures, TrialRow, Verdict};

use super::*;
use crate::testing::Fixture;

/// The texts of one rule's findings, with ordinary spaces, and whether they tell of a difference.
fn said(fixture: Fixture, key: &str) -> Vec<(String, bool)> {
    let analysis = fixture.analysis();
    let found = all(&analysis).into_iter().filter(|finding| finding.key == key);
    let text = |finding: &Finding| format!("{} | {}", finding.figure, finding.text(&analysis));
    found.map(|finding| (format::plain(&text(&finding)), finding.different)).collect()
}

fn has(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
}

/// Rows of the guard at this position.
fn guard_at(row: &TrialRow, index: u32) -> bool {
    row.swept.as_ref().is_some_and(|swept| swept.index == index)
}

#[test]
fn each_guard_is_set_against_none() {
    let slowed = || {
        let mut fixture = Fixture::guards();
        for row in fixture.rows.iter_mut().filter(|row| guard_at(row, 1)) {
            row.throughput_rps = row.throughput_rps.map(|rps| rps / 2.0);
        }
        fixture
    };
    let found = said(slowed(), "shared_state");
    assert_eq!(found.len(), 2, "one for each model: {found:?}");
    let (text, different) = &found[0];
    has(
        text,
        &[
            "0.50× | ",
            "Throughput of tokio with a shared table over",
            ": mutex 0.50×, p99 of the wait 2.0 ms (95 %: 0.5",
        ],
    );
    has(text, &["rwlock 1.00×, p99 of the wait ", "; alike)"]);
    assert!(different);
    let mut spoilt = slowed();
    for row in spoilt.rows.iter_mut().filter(|row| guard_at(row, 1)) {
        row.verdict = Verdict::UpstreamLimited;
    }
    has(&said(spoilt, "shared_state")[0].0, &["Not to be trusted here: mutex."]);
}

#[test]
fn guards_that_cost_nothing_are_alike() {
    let mut fixture = Fixture::guards();
    let none: Vec<_> = fixture.rows.iter().filter(|row| guard_at(row, 0)).cloned().collect();
    for row in &mut fixture.rows {
        let same = none.iter().find(|one| one.model == row.model && one.repeat == row.repeat);
        row.throughput_rps = same.and_then(|one| one.throughput_rps);
    }
    let (text, different) = &said(fixture, "shared_state")[0];
    has(
        text,
        &["mutex 1.00×, p99 of the wait", "; alike)", "How it is guarded decides nothing here."],
    );
    assert!(!different);
}

#[test]
fn one_guard_alone_says_how_long_requests_wait() {
    let alone = Fixture::guards().keep(|row| guard_at(row, 1));
    let found = said(alone, "shared_state");
    has(&found[0].0, &["tokio waits 250 µs on average, 2.0 ms at p99", "guard = mutex"]);
    assert!(said(Fixture::high_latency(), "shared_state").is_empty());
}

#[test]
fn a_connection_per_fetch_is_set_against_kept_ones_and_against_the_model() {
    let found = said(Fixture::connections(), "connections");
    assert_eq!(found.len(), 2, "{found:?}");
    has(
        &found[0].0,
        &["A connection per fetch costs tokio 2.5× the CPU of a kept one, 119 µs against 47.1 µs"],
    );
    has(&found[0].0, &["; thread-per-request 1.19× the CPU", "the throughput (95 %: "]);
    has(
        &found[1].0,
        &[
            "adds 7",
            "of CPU to a request under tokio",
            ": the choice of model costs more CPU than a connection per fetch.",
        ],
    );
    let one = Fixture::connections().keep(|row| guard_at(row, 1));
    assert!(said(one, "connections").is_empty());
}

#[test]
fn thousands_in_flight_are_set_against_the_same_rate_with_few() {
    let found = said(Fixture::c10k(), "c10k");
    assert_eq!(found.len(), 1, "{found:?}");
    has(
        &found[0].0,
        &[
            "18,000 | With 9,000 requests in flight tokio keeps 18,000",
            "100 %",
            "KiB a fetch",
            "Compared with 100 in flight",
        ],
    );
    assert!(said(Fixture::grid(), "c10k").is_empty());
}

#[test]
fn two_alike_tails_make_one_worse() {
    let leg = |name: &str, p99: f64| LegFigures {
        upstream: name.to_owned(),
        held_p50_ms: Some(50.0),
        held_p99_ms: Some(p99),
        held_p999_ms: None,
        held_pair_p99_ms: Some(395.0),
        law_p99_ms: Some(300.0),
        law_pair_p99_ms: Some(399.0),
    };
    let with = |p99: [f64; 2]| {
        let mut fixture = Fixture::high_latency().models(&["tokio", "thread-per-request"]);
        for row in &mut fixture.rows {
            row.legs = vec![leg("api1", p99[0]), leg("api2", p99[1])];
        }
        fixture
    };
    let found = said(with([300.0, 310.0]), "fanout");
    assert_eq!(found.len(), 1);
    has(
        &found[0].0,
        &[
            "has a p99 of 400 ms, api1 alone 300 ms, api2 310 ms",
            "399 ms by the law, 395 ms and 395 ms",
            "No model can change that",
        ],
    );
    assert!(
        said(with([400.0, 10.0]), "fanout").is_empty(),
        "the pair is no worse than the slower leg"
    );
    assert!(said(Fixture::high_latency(), "fanout").is_empty(), "a run without legs");
}
