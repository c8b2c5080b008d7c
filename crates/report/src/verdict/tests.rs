//! The verdict's bytes, its exit status and its table.

use super::*;
use crate::findings;
use crate::testing::Fixture;

fn of(fixture: Fixture) -> Verdict {
    let analysis = fixture.analysis();
    Verdict::of(&analysis, &findings::all(&analysis))
}

fn json(verdict: &Verdict) -> serde_json::Value {
    serde_json::from_slice(&verdict.to_json().expect("serialises")).expect("is JSON")
}

#[test]
fn every_model_and_level_has_its_figures() {
    let value = json(&of(Fixture::high_latency()));
    assert_eq!(value["schema_version"], 1);
    assert_eq!(value["baseline"], "tokio");
    assert_eq!(value["trials"]["trusted"], 65);
    assert_eq!(value["models"].as_array().map(Vec::len), Some(4));
    let threads = &value["models"][1];
    assert_eq!(threads["levels"].as_array().map(Vec::len), Some(6));
    assert_eq!(threads["levels"][5]["verdict"], "exhausted");
    assert_eq!(threads["bound"]["by"], "cpu");
    let figure = &threads["levels"][3]["figures"]["throughput_rps"];
    assert_eq!(figure["n"], 3);
    assert!(figure["low"].as_f64() < figure["value"].as_f64());
    assert!(figure["value"].as_f64() < figure["high"].as_f64());
    assert_eq!(value["models"][2]["bound"]["by"], "pool");
}

#[test]
fn the_exit_status_follows_trust_and_slo() {
    assert_eq!(of(Fixture::high_latency()).exit_status(), 0);
    assert_eq!(of(Fixture::high_latency().all_failed()).exit_status(), 1);
    assert_eq!(of(Fixture::high_latency().keep(|_| false)).exit_status(), 1);
    assert_eq!(of(Fixture::flaky()).exit_status(), 0);
    assert_eq!(of(Fixture::flaky()).slo_met_by, ["tokio", "thread-per-request", "rayon-256"]);
    let mut strict = Fixture::flaky();
    strict.run.scenario.slo_p99_ms = Some(10.0);
    assert_eq!(of(strict).exit_status(), 3);
    // At N = 1 no p99 is supported: not judged is not missed.
    let mut strict = Fixture::flaky().keep(|row| row.concurrency == Some(1));
    strict.run.scenario.slo_errors = None;
    assert_eq!(of(strict).exit_status(), 0);
}

#[test]
fn the_table_reads_as_people_read() {
    let table = of(Fixture::high_latency()).table();
    let plain = |text: &str| format::plain(text);
    assert_eq!(table.len(), 4);
    assert_eq!((table[0].label.as_str(), table[0].level.as_str()), ("tokio", "1,024"));
    assert!(plain(&table[0].cpu).ends_with(" µs") && plain(&table[0].memory).ends_with(" MB"));
    assert_eq!(table[0].bound, "nothing within the range");
    assert!(plain(&table[1].bound).starts_with("CPU: its core 9"), "{}", table[1].bound);
    assert_eq!(plain(&table[1].flags[1].text), "exhausted at N = 1,024");
    assert_eq!(plain(&table[2].bound), "pool of 1: at most 4.46/s");
    let doubts: Vec<String> = table[3].flags.iter().map(|flag| plain(&flag.text)).collect();
    let at =
        ["saturated at N = 256, 512", "not trusted at N = 1,024", "a repeat left out at N = 8"];
    assert_eq!(doubts, at);
}

#[test]
fn a_peak_of_answers_that_are_not_ok_is_flagged() {
    let flag = |fixture| of(fixture).table()[0].flags.pop();
    assert_eq!(flag(Fixture::high_latency()), None);
    let few = flag(Fixture::flaky()).expect("3 % are degraded");
    assert_eq!((format::plain(&few.text).as_str(), few.doubt), ("3 % not ok at the peak", false));
    let mut broken = Fixture::flaky();
    broken.rows.iter_mut().for_each(|row| row.failed += row.ok);
    assert!(flag(broken).expect("half failed").doubt);
}

#[test]
fn a_run_without_figures_has_a_table_of_dashes() {
    let row = &of(Fixture::high_latency().all_failed()).table()[0];
    assert_eq!((row.throughput.as_str(), row.p99.as_str()), (format::MISSING, format::MISSING));
    let row = &of(Fixture::high_latency().keep(|_| false)).table()[0];
    assert_eq!(format::plain(&row.flags[0].text), "no trial at N = 1 to 1,024");
}

#[test]
fn a_percentile_of_pooled_repeats_says_so() {
    let verdict = of(Fixture::high_latency());
    let json: serde_json::Value =
        serde_json::from_slice(&verdict.to_json().expect("renders")).expect("is JSON");
    let point = |model: usize, level: usize| &json["models"][model]["levels"][level]["figures"];
    // rayon-256 at N = 64: some 920 requests a trial.
    let pooled = &point(3, 2)["latency_p99_ms"];
    assert!(pooled["pooled"].as_u64().is_some_and(|samples| samples > 2_000), "{pooled}");
    assert_eq!(pooled["interval_from"], "ranks");
    assert!(pooled["low"].as_f64() < pooled["value"].as_f64());
    let own = &point(0, 4)["latency_p99_ms"];
    assert!(own["pooled"].is_null() && own["interval_from"].is_null(), "{own}");
    let one = of(Fixture::high_latency().keep(|row| row.repeat == 0));
    let json: serde_json::Value =
        serde_json::from_slice(&one.to_json().expect("renders")).expect("is JSON");
    let saturated = &json["models"][0]["levels"][5]["figures"]["latency_p99_ms"];
    assert!(saturated["interval_from"].as_str().is_some_and(|from| from.starts_with("ranks")));
}

#[test]
fn a_model_restricted_to_some_levels_misses_none_and_a_twin_is_named() {
    let verdict = of(Fixture::high_latency().twin("tokio", "tokio-again", &[256]));
    let row = &verdict.table()[4];
    let texts: Vec<&str> = row.flags.iter().map(|flag| flag.text.as_str()).collect();
    assert_eq!(texts, ["tokio again, for comparison with itself"]);
    let json = json(&verdict);
    let pairs: Vec<_> = json["comparisons"].as_array().into_iter().flatten().collect();
    assert_eq!(pairs.iter().filter(|pair| pair["a_a"] == true).count(), 2);
    assert!(pairs.iter().all(|pair| (pair["a_a"] == true) == (pair["over"] == "tokio-again")));
}
