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
    let cpu = one(&found, "Of what its CPU allows, ");
    assert!(cpu.contains("is what thread-per-request reaches at N = 512"), "{cpu}");
    let given = one(&found, "Of what the upstreams’ own time allows, ");
    assert!(given.contains("is what tokio reaches at N = 1,024"), "{given}");
    let pool = one(&found, "Of what its pool allows, ");
    for words in [
        "4.46/s (1 worker ÷ 224 ms blocked a request, one fetch after the other), is what rayon reaches",
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
    let cap = |fixture: Fixture| one(&said(fixture), "Of what its CPU allows, ");
    let threads = || Fixture::high_latency().models(&["thread-per-request"]);
    let whole = cap(threads());
    assert!(whole.contains("(1 core ÷ "), "{whole}");
    let mut shared = threads();
    for row in &mut shared.rows {
        row.client_cpus = 2;
        row.client_cpu_had_s = row.duration_s.map(|seconds| seconds * 1.2);
    }
    let left = one(&said(shared), "Of its lowest known bound, its CPU, ");
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
    let text = one(&said(fixture), "Of what its CPU allows, ");
    assert!(text.contains("(1 core, all that its threads can use, ÷ "), "{text}");
}
