//! Every rule speaks where it should and is silent where it should be.

use std::collections::BTreeSet;

use measurement::open::GapTest;
use measurement::row::Verdict;

use super::*;
use crate::testing::Fixture;

/// The texts of one rule's findings, with ordinary spaces.
fn said(fixture: Fixture, key: &str) -> Vec<String> {
    let analysis = fixture.analysis();
    let found = all(&analysis).into_iter().filter(|finding| finding.key == key);
    found
        .map(|finding| format::plain(&format!("{} | {}", finding.figure, finding.text(&analysis))))
        .collect()
}

/// Whether the rule's findings are told as a difference.
fn differences(fixture: Fixture, key: &str) -> Vec<bool> {
    let analysis = fixture.analysis();
    all(&analysis).iter().filter(|found| found.key == key).map(|found| found.different).collect()
}

fn two_models() -> Fixture {
    Fixture::high_latency().models(&["tokio", "thread-per-request"])
}

#[test]
fn rules_are_unique_documented_and_speak_under_their_own_key() {
    let keys: BTreeSet<&str> = RULES.iter().map(|rule| rule.key).collect();
    assert_eq!(keys.len(), RULES.len());
    let analysis = Fixture::flaky().analysis();
    for rule in RULES {
        assert!(!rule.doc.is_empty(), "{}", rule.key);
        for finding in (rule.find)(&analysis) {
            assert_eq!(finding.key, rule.key);
            assert!(!finding.figure.is_empty() && !finding.sentence.is_empty(), "{}", rule.key);
            let text = finding.text(&analysis);
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            assert!(!text.contains("  ") && !text.contains('?'), "{text}");
        }
    }
}

#[test]
fn comparisons_carry_an_interval_and_the_difference() {
    let peak = said(two_models(), "peak");
    assert_eq!(peak.len(), 1);
    assert!(peak[0].contains("k/s | tokio serves the most, 7,"), "{peak:?}");
    assert!(peak[0].contains("× as much as thread-per-request (2,"), "{peak:?}");
    assert!(peak[0].contains("/s at N = 512; 95 %: "), "{peak:?}");
    assert_eq!(differences(two_models(), "peak"), [true]);
    assert!(said(two_models(), "tail")[0].contains("p99 latency at N = 512: tokio "));
    let costs = said(two_models(), "costs");
    let names =
        ["CPU per request", "Peak memory above the baseline", "Context switches per request"];
    assert_eq!(costs.len(), names.len(), "{costs:?}");
    for (cost, name) in costs.iter().zip(names) {
        let begins = format!("| {name}, the least first, at N = 512: tokio ");
        assert!(cost.contains(&begins) && cost.contains("95 %: "), "{cost}");
    }
    assert!(costs[1].contains(" of the kernel’s (95 %: "), "{costs:?}");
}

#[test]
fn every_rival_stands_in_the_one_finding() {
    for (key, words) in [("peak", "as much as "), ("break-even", "with "), ("costs", "")] {
        let found = said(Fixture::high_latency(), key);
        assert_eq!(found.len(), if key == "costs" { 3 } else { 1 }, "{found:?}");
        for rival in ["thread-per-request", "rayon", "rayon-256"] {
            assert!(found[0].contains(&format!("{words}{rival} ")), "{found:?}");
        }
    }
}

#[test]
fn in_a_grid_only_models_at_the_same_value_are_set_beside_each_other() {
    let peak = said(Fixture::grid(), "peak");
    assert_eq!(peak.len(), 1, "{peak:?}");
    assert_eq!(peak[0].matches("× as much as ").count(), 2, "two models at two values: {peak:?}");
}

#[test]
fn what_the_scenario_asks_comes_first_and_is_the_verdict() {
    let first = |fixture: Fixture| {
        let analysis = fixture.analysis();
        let answer = answer(&analysis).map(|own| to_text(&own.done(), &analysis, str::to_owned));
        (all(&analysis)[0].key, answer.map(|text| format::plain(&text)).unwrap_or_default())
    };
    let (key, text) = first(Fixture::c10k());
    assert_eq!(key, "c10k");
    assert!(text.starts_with("With 9,000 requests in flight tokio keeps 18,000"), "{text}");
    assert!(text.contains(" ends with 4,368 in flight, where 13,104 threads are in use"), "{text}");
    let (key, text) = first(Fixture::connections());
    assert_eq!(key, "connections");
    assert!(text.contains("At 64 in flight the choice of model costs more CPU than"), "{text}");
    let (key, text) = first(Fixture::pool_size());
    assert_eq!(key, "pool-size");
    assert!(text.contains(" of workers ÷ blocked time: "), "{text}");
    let (key, text) = first(Fixture::flaky());
    assert_eq!(key, "outcomes");
    assert!(text.contains(" degraded to one answer, "), "{text}");
    let (key, _) = first(Fixture::guards());
    assert_eq!(key, "shared_state");
    let (key, text) = first(Fixture::high_latency());
    assert_eq!((key, text.as_str()), ("peak", ""));
}

#[test]
fn alike_up_to_the_last_level_without_a_difference() {
    let alike = said(two_models(), "alike");
    assert_eq!(alike.len(), 1, "{alike:?}");
    assert!(
        alike[0].contains("Up to N = 256 tokio and thread-per-request are alike in throughput: "),
        "{alike:?}"
    );
    assert_eq!(differences(two_models(), "alike"), [false]);
    let apart = Fixture::high_latency().models(&["tokio", "rayon"]);
    assert_eq!(said(apart.keep(|row| row.concurrency > Some(1)), "alike").len(), 0);
}

#[test]
fn a_lost_repeat_makes_no_likeness_of_what_is_not_told_apart() {
    let mut fixture = two_models().keep(|row| row.concurrency <= Some(256));
    let tokio = fixture.rows.iter_mut().filter(|row| row.model == "tokio");
    for row in tokio {
        match (row.concurrency, row.repeat) {
            (Some(1), 0) => row.verdict = Verdict::Unsteady,
            (Some(64), 1) => row.throughput_rps = row.throughput_rps.map(|rps| rps * 1.4),
            _ => {}
        }
    }
    let alike = said(fixture, "alike");
    assert!(alike[0].contains(" are not told apart in throughput: "), "{alike:?}");
}

#[test]
fn nobody_serves_the_most_where_no_difference_may_be_called() {
    let low = two_models().keep(|row| row.concurrency <= Some(64));
    assert!(said(low, "peak")[0].contains("| No difference may be called: "));
    let mixed = Fixture::high_latency().keep(|row| row.concurrency <= Some(64));
    let mixed = &said(mixed, "peak")[0];
    assert!(mixed.contains(" serves ") && !mixed.contains("serves the most"), "{mixed}");
}

#[test]
fn arrivals_of_a_full_model_are_not_held_against_the_generator() {
    let with = |distance: f64| {
        let mut fixture = Fixture::open();
        for row in &mut fixture.rows {
            let saturated = row.verdict == Verdict::Saturated;
            let distance = if saturated { distance } else { 0.02 };
            let gaps = GapTest { gaps: 1_000, a_squared: 1.0, p_value: 0.5, distance };
            row.open.get_or_insert_default().gaps = Some(gaps);
        }
        assert!(fixture.rows.iter().any(|row| row.verdict == Verdict::Saturated));
        said(fixture, "generator")
    };
    assert!(
        with(0.9)[0].starts_with("2 % | Where no CPU or pool is full, gaps"),
        "{:?}",
        with(0.9)
    );
}

#[test]
fn no_winner_without_an_interval() {
    let quick = || {
        let mut fixture = two_models().keep(|row| row.repeat == 0);
        fixture.run.quick = true;
        fixture
    };
    for key in ["peak", "tail", "costs"] {
        assert!(differences(quick(), key).iter().all(|different| !different), "{key}");
        assert!(said(quick(), key)[0].contains("one repeat)"), "{key}");
    }
    assert!(said(quick(), "alike")[0].contains("lie within 5 % of each other"));
    assert!(said(quick(), "repeats")[0].contains("shortened by --quick"));
    let two = two_models().keep(|row| row.repeat < 2);
    assert!(said(two.clone(), "peak")[0].contains("; 2 repeats: "));
    assert_eq!(said(two, "repeats").len(), 1);
    assert!(said(two_models(), "repeats").is_empty());
}

#[test]
fn threads_are_counted_per_request_and_checked_against_the_kernel() {
    let waiting = said(Fixture::high_latency(), "waiting");
    assert_eq!(waiting.len(), 1);
    assert!(
        waiting[0].contains("| Threads of thread-per-request spend ")
            && waiting[0].contains(" of their life waiting at N = 512: of ")
    );
    assert!(waiting[0].contains(" (3 threads started, "), "{waiting:?}");
    assert!(waiting[0].contains("by the kernel, for the whole machine"));
    let none = said(Fixture::high_latency().models(&["tokio"]), "waiting");
    assert!(none.iter().all(|text| !text.contains("started")), "{none:?}");
}

#[test]
fn a_swept_pool_is_held_against_its_cap_at_every_size() {
    let sizes = Fixture::pool_size;
    let held = said(sizes(), "pool-size");
    assert_eq!(held.len(), 1, "{held:?}");
    assert!(held[0].contains(" of workers ÷ blocked time with 4 to 1,024 workers: "), "{held:?}");
    assert!(held[0].contains("None passes its cap by more than 2 %, and all "), "{held:?}");
    assert!(held[0].contains("Without a pool, at the same load: tokio "), "{held:?}");
    let bound = said(sizes(), "binding");
    assert!(bound.iter().all(|text| !text.contains("that its pool allows")), "{bound:?}");
    let scaled = |factor: f64| {
        let mut fixture = sizes();
        for row in fixture.rows.iter_mut().filter(|row| row.pool_workers == Some(16)) {
            row.throughput_rps = row.pool_ceiling_rps.map(|cap| cap * factor);
        }
        said(fixture, "pool-size")
    };
    assert!(scaled(1.05)[0].contains("The cap did not hold here"), "{:?}", scaled(1.05));
    assert!(scaled(0.8)[0].contains("yet with 16 workers it stays more than 10 % below"));
    assert!(said(sizes().models(&["tokio"]), "pool-size").is_empty());
    assert!(said(Fixture::high_latency(), "pool-size").is_empty());
}

#[test]
fn nesting_speaks_only_where_requests_were_stacked() {
    assert!(said(Fixture::high_latency(), "nesting").is_empty());
    let mut nested = Fixture::high_latency();
    nested.rows.iter_mut().filter(|row| row.model == "rayon").for_each(|row| {
        row.join_depth_max = Some(u64::from(row.concurrency.unwrap_or(1)));
    });
    assert!(
        said(nested, "nesting")[0]
            .starts_with("1,024 | One worker of rayon had up to 1,024 requests on its stack")
    );
}

#[test]
fn failures_are_told_with_the_deadline() {
    assert!(said(Fixture::high_latency(), "outcomes").is_empty());
    let outcomes = said(Fixture::flaky(), "outcomes");
    assert!(outcomes[0].contains("degraded") && outcomes[0].contains("status"), "{outcomes:?}");
    assert!(outcomes[0].contains("did not bound every request of "), "{outcomes:?}");
    let mut held = Fixture::flaky();
    held.rows.iter_mut().for_each(|row| row.latency_max_ms = Some(512.0));
    assert!(
        said(held, "outcomes")[0].contains("500 ms a fetch held: the longest request took 512 ms")
    );
}

#[test]
fn a_point_with_far_more_failures_is_named() {
    assert!(!said(Fixture::flaky(), "outcomes")[0].contains("The largest share"));
    let mut worse = Fixture::flaky();
    let at = |row: &&mut measurement::row::TrialRow| row.concurrency == Some(512);
    for row in worse.rows.iter_mut().filter(|row| row.model == "tokio").filter(at) {
        row.failed += row.ok;
        row.ok = 0;
    }
    assert!(
        said(worse, "outcomes")[0].contains("The largest share, 100 %, fell to tokio at N = 512.")
    );
}

#[test]
fn the_slo_is_told_per_model() {
    assert!(said(Fixture::high_latency(), "slo").is_empty());
    let slo = said(Fixture::flaky(), "slo");
    assert!(slo[0].contains("tokio up to N = 1,024"), "{slo:?}");
    // One trial of it has too few requests for a p99: the three repeats together have not.
    assert!(slo[0].contains("rayon-256 up to N = 64"), "{slo:?}");
    assert!(slo[0].contains("rayon meets it at no level"), "{slo:?}");
}

#[test]
fn limits_and_doubts_are_told() {
    let bound = |fixture, words: &str| {
        let found = said(fixture, "binding");
        found.into_iter().find(|text| text.contains(words)).unwrap_or_default()
    };
    let exhausted = bound(Fixture::high_latency(), "ends below");
    assert!(
        exhausted.starts_with("2,400 threads | thread-per-request ends below N = 1,024"),
        "{exhausted}"
    );
    assert!(
        said(Fixture::high_latency(), "trust")[0]
            .contains("7 | 7 of 72 trials are not to be trusted")
    );
    let clean = || Fixture::high_latency().models(&["tokio"]);
    for key in ["trust", "peak", "alike", "tail", "break-even"] {
        assert!(said(clean(), key).is_empty(), "{key}");
    }
    let mut below = Fixture::high_latency().models(&["tokio"]);
    for row in below.rows.iter_mut().filter(|row| row.concurrency == Some(8)) {
        row.verdict = Verdict::UpstreamLimited;
    }
    assert_eq!(bound(below, "the mock did not keep up"), "");
    let mut limited = clean();
    for row in limited.rows.iter_mut().filter(|row| row.concurrency == Some(1024)) {
        row.verdict = Verdict::UpstreamLimited;
    }
    let limited = bound(limited, "the mock did not keep up");
    assert!(limited.contains("| tokio reaches at least "), "{limited}");
}

#[test]
fn noise_is_told_with_the_steal_where_there_was_any() {
    assert_eq!(said(Fixture::high_latency(), "noise").len(), 1);
    let mut stolen = Fixture::high_latency();
    stolen.rows[5].steal = Some(0.2);
    assert!(said(stolen, "noise")[1].contains("in 1 of 72 trials"));
    assert!(said(two_models().keep(|row| row.repeat == 0), "noise").is_empty());
}

#[test]
fn without_trusted_figures_only_the_doubt_is_told() {
    let failed = Fixture::high_latency().all_failed().analysis();
    let keys: Vec<&str> = all(&failed).iter().map(|finding| finding.key).collect();
    assert_eq!(keys, ["trust"]);
    assert!(all(&Fixture::high_latency().keep(|_| false).analysis()).is_empty());
}
