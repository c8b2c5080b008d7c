//! What binds each model, over made-up runs.

use super::*;
use crate::testing::Fixture;

fn said(fixture: Fixture) -> Vec<String> {
    let analysis = fixture.analysis();
    let text = |own: &Finding| format!("{} | {}", own.figure, own.text(&analysis));
    find(&analysis).iter().map(|own| format::plain(&text(own))).collect()
}

/// The one that begins so after its figure.
fn one(found: &[String], begins: &str) -> String {
    let own = found.iter().find(|text| text.contains(&format!("| {begins}")));
    own.unwrap_or_else(|| panic!("{begins:?} is not in: {found:?}")).clone()
}

#[test]
fn each_model_is_bound_by_the_least_it_has_and_each_bound_is_one_finding() {
    let found = said(Fixture::high_latency());
    assert_eq!(found.len(), 4, "{found:?}");
    let cpu = one(&found, "thread-per-request reaches 92 % of the ");
    assert!(
        cpu.contains("k/s that its CPU allows (1 core ÷ 369 µs a request), at N = 512"),
        "{cpu}"
    );
    let given = one(&found, "tokio reaches 99.2 % of the ");
    assert!(given.contains("k/s that the upstreams’ own time allows (N ÷ "), "{given}");
    assert!(given.contains("), at N = 1,024"), "{given}");
    let pool = one(&found, "rayon reaches 99 % of the ");
    for words in [
        "4.46/s that its pool allows (1 worker ÷ 224 ms blocked a request, one fetch after the other), from N = 1 on",
        "beyond N = 1 more in flight buys nothing: ",
        "; rayon-256 9",
        "256 workers ÷ ",
        "beyond N = 256 more in flight buys nothing: ",
    ] {
        assert!(pool.contains(words), "{words:?}: {pool}");
    }
    assert!(found[3].starts_with("2,400 threads | thread-per-request ends below"), "{found:?}");
}

#[test]
fn what_no_bound_explains_is_said_to_be_so() {
    let mut fixture = Fixture::high_latency().models(&["tokio"]);
    for row in &mut fixture.rows {
        row.throughput_rps = row.throughput_rps.map(|rps| rps * 0.5);
        row.cpu_utilisation = Some(0.3);
    }
    let text = &said(fixture)[0];
    assert!(
        text.ends_with(" (its CPU 30 % busy). No bound that is measured explains the rest."),
        "{text}"
    );
}

#[test]
fn the_cpu_that_a_sharing_mock_left_is_what_a_model_had() {
    let cap = |fixture: Fixture| one(&said(fixture), "thread-per-request reaches ");
    let threads = || Fixture::high_latency().models(&["thread-per-request"]);
    let whole = cap(threads());
    assert!(whole.contains("(1 core ÷ "), "{whole}");
    let mut shared = threads();
    for row in &mut shared.rows {
        row.client_cpus = 2;
        row.client_cpu_had_s = row.duration_s.map(|seconds| seconds * 1.2);
    }
    let left = cap(shared);
    assert!(left.contains(" of its lowest known bound, the "), "{left}");
    assert!(left.contains("(1.2 cores ÷ "), "{left}");
}

#[test]
fn one_thread_uses_no_more_than_one_core() {
    let mut fixture = Fixture::high_latency().models(&["thread-per-request"]);
    for row in &mut fixture.rows {
        row.client_cpus = 2;
        row.threads_peak = Some(1);
        row.cpu_utilisation = row.cpu_utilisation.map(|busy| busy / 2.0);
    }
    let analysis = fixture.clone().analysis();
    assert!(matches!(analysis.series[0].bound(), Bound::Threads { threads: 1, .. }));
    let text = one(&said(fixture), "thread-per-request reaches ");
    assert!(text.contains("(1 core, all that its threads can use, ÷ "), "{text}");
}

#[test]
fn of_trials_that_ended_at_the_same_limit_the_one_with_most_in_flight_is_told() {
    let mut fixture = Fixture::high_latency().models(&["thread-per-request"]);
    let ended = fixture.rows.iter_mut().filter_map(|row| row.exhausted.as_mut());
    for (out, in_flight) in ended.zip([700, 799, 750]) {
        out.in_flight = in_flight;
    }
    let ended = one(&said(fixture), "thread-per-request ends below N = 1,024: ");
    assert!(ended.contains("with 799 requests in flight 2,400 threads are in use"), "{ended}");
}

#[test]
fn a_stall_is_named_where_it_is_left_out_of_the_ideal() {
    let mut fixture = Fixture::high_latency().models(&["tokio"]);
    for row in &mut fixture.rows {
        row.throughput_rps = row.throughput_rps.map(|rps| rps * 0.5);
        row.cpu_utilisation = Some(0.3);
    }
    fixture.run.scenario.upstreams[0].latency.push_str("; stalls for 1 s");
    let text = &said(fixture)[0];
    assert!(text.contains(". The stall, left out of the upstreams’ own time, is part"), "{text}");
}
