//! `loadgen compare`: a run against itself, and against one with a slower upstream.

use std::sync::LazyLock;

use serde_json::Value;

use crate::bench::{Ended, Place, alone, files, rows};

/// One model at one level. What is judged here is a comparison, not a trial: the checks allow what a
/// busy machine does to one.
const SCENARIO: &str = r#"title = "Before and after"
seed = 3
[upstream.api1]
latency = "10ms"
[upstream.api2]
latency = "5ms"
[load]
concurrency = [4]
warmup = "50ms"
duration = "250ms"
repeats = 3
reruns = 0
[checks]
hold_error = "100%"
hold_error_floor = "100ms"
turn_p99 = "100ms"
upstream_cpu = "100%"
drift = "100%"
little = "100%"
[[model]]
kind = "tokio"
workers = 1
"#;

/// The run before, and the same with an upstream four times as slow.
struct Runs {
    place: Place,
    trusted: bool,
}

static RUNS: LazyLock<Runs> = LazyLock::new(|| {
    let place = Place::new();
    place.file("pair.toml", SCENARIO);
    let _alone = alone();
    place.loadgen(&["pair.toml", "--out", "before"]);
    place.loadgen(&["pair.toml", "--out", "after", "--set", "upstream.api1.latency=40ms"]);
    let good = |run: &str| {
        let rows = rows(&place.path().join(run));
        rows.len() == 3 && rows.iter().all(|row| row.verdict.trusted())
    };
    let trusted = good("before") && good("after");
    Runs { place, trusted }
});

fn compare(arguments: &[&str]) -> Ended {
    RUNS.place.loadgen(&[&["compare"], arguments].concat())
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).expect("stdout is JSON")
}

#[test]
fn a_run_against_itself_is_one_everywhere_and_no_regression() {
    let ended = compare(&["before", "before", "--json", "--fail-on-regression", "5%"]);
    if !RUNS.trusted {
        return;
    }
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let found = json(&ended);
    assert_eq!(found["pairing"]["paired"], true);
    assert_eq!(found["differs"], Value::Array(Vec::new()));
    let figures = found["points"][0]["figures"].as_array().expect("has figures");
    assert!(figures.iter().all(|figure| figure["ratio"] == 1.0), "{figures:?}");
    assert!(figures.iter().all(|figure| figure["decision"] == "alike"), "{figures:?}");
}

#[test]
fn a_slower_upstream_is_a_regression_and_another_scenario() {
    if !RUNS.trusted {
        return;
    }
    let flag = ["--fail-on-regression", "5%"];
    let ended = compare(&[&["before", "after", "--out", "pair"], &flag[..]].concat());
    assert_eq!(ended.code, Some(3), "{ended:?}");
    for words in ["! scenario overrides", "WARNING: The two runs are of different scenarios"] {
        assert!(ended.stdout.contains(words), "{words}: {}", ended.stdout);
    }
    assert!(ended.stdout.contains("Not paired, since the upstreams differ"), "{}", ended.stdout);
    assert!(ended.stderr.contains("regression: throughput of tokio at N = 4"), "{}", ended.stderr);
    let written = files(&RUNS.place.path().join("pair"));
    for name in ["compare.md", "compare.html", "compare.json", "charts/throughput-ratio.svg"] {
        assert!(written.contains_key(name), "{name} among {:?}", written.keys());
    }
    compare(&["before", "after", "--out", "again"]);
    let again = files(&RUNS.place.path().join("again"));
    assert_eq!(written.keys().collect::<Vec<_>>(), again.keys().collect::<Vec<_>>());
    assert!(written == again, "the same bytes");
    // Without the flag it is no failure; turned round it is no regression; nor is it one of 99 %.
    assert_eq!(compare(&["before", "after"]).code, Some(0));
    assert_eq!(compare(&[&["after", "before"], &flag[..]].concat()).code, Some(0));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let wrong = compare(&["before", "after", "--fail-on-regression", "five"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.stderr.contains("five"), "{}", wrong.stderr);
    let missing = compare(&["before", "nowhere"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
    for words in ["nowhere is no run directory", "nowhere/run.json", "expected is"] {
        assert!(missing.stderr.contains(words), "{words}: {}", missing.stderr);
    }
    std::fs::create_dir(RUNS.place.path().join("broken")).expect("the folder is writable");
    RUNS.place.file("broken/run.json", "{ \"schema_version\": 1,\n \"status\": 7 }");
    let broken = compare(&["before", "broken"]);
    assert_eq!(broken.code, Some(1), "{broken:?}");
    assert!(broken.stderr.contains("broken/run.json:2: "), "{}", broken.stderr);
    let _alone = alone();
    let set = ["--set", "load.repeats=1", "--out", "other"];
    RUNS.place.file(
        "other.toml",
        &SCENARIO.replace("kind = \"tokio\"", "label = \"else\"\nkind = \"tokio\""),
    );
    RUNS.place.loadgen(&[&["other.toml"], &set[..]].concat());
    let labels = compare(&["before", "other"]);
    assert_eq!(labels.code, Some(1), "{labels:?}");
    assert!(labels.stderr.contains("no model has the same label in both: tokio against else"));
}

#[test]
fn a_sweep_is_matched_by_its_values_and_the_rest_is_said() {
    let place = Place::new();
    let swept = "\n[sweep]\nkey = \"model.tokio.workers\"\nvalues = [1, 2]\n";
    place.file("swept.toml", &(SCENARIO.replace("workers = 1\n", "") + swept));
    let _alone = alone();
    let short = ["swept.toml", "--set", "load.repeats=1"];
    place.loadgen(&[&short[..], &["--out", "a"]].concat());
    place.loadgen(&[&short[..], &["--out", "b", "--set", "sweep.values=[1,3]"]].concat());
    let read = |run: &str| rows(&place.path().join(run));
    if read("a").iter().chain(&read("b")).any(|row| !row.verdict.trusted()) {
        return;
    }
    let ended = place.loadgen(&["compare", "a", "b", "--fail-on-regression", "5%"]);
    assert_eq!(ended.code, Some(0), "one repeat is no regression: {ended:?}");
    assert!(ended.stderr.contains("too few repeats"), "{}", ended.stderr);
    assert!(!ended.stdout.contains("WARNING"), "the same scenario: {}", ended.stdout);
    for words in ["workers", "only the run before has this", "only the run after has this"] {
        assert!(ended.stdout.contains(words), "{words}: {}", ended.stdout);
    }
    let found = json(&place.loadgen(&["compare", "a", "b", "--json"]));
    let points = found["points"].as_array().expect("has points");
    assert_eq!(points.len(), 1, "{points:?}");
    let words = points[0]["swept"].as_str().expect("is swept");
    assert_eq!(words.replace('\u{a0}', " "), "workers = 1");
    assert_eq!(points[0]["figures"][0]["decision"], "not-enough-repeats");
}
