//! `precision` in `[load]`: repeats are added until it is reached, or its cap.

use report::analysis::Analysis;
use report::load::Run;
use report::precision::Precision;

use crate::bench::{Place, alone, rows, run_info};

/// One model at one level; draws differ from repeat to repeat, so that throughputs do too.
const SCENARIO: &str = r#"title = "Until it is known"
[upstream.api1]
latency = { lognormal = { p50 = "10ms", p99 = "40ms" } }
[upstream.api2]
latency = "5ms"
[load]
concurrency = [4]
warmup = "50ms"
duration = "200ms"
repeats = 3
reruns = 0
[[model]]
kind = "tokio"
workers = 1
"#;

#[test]
fn repeats_are_added_up_to_the_cap_and_what_stayed_wide_is_said() {
    let place = Place::new();
    place.file("wide.toml", SCENARIO);
    let _alone = alone();
    let set = ["--set", "load.precision=0.1%", "--set", "load.max_repeats=4"];
    let ended = place.loadgen(&[&["wide.toml", "--out", "run"], &set[..]].concat());
    let (rows, info) = (rows(&place.path().join("run")), run_info(&place.path().join("run")));
    // Where noise spoiled the point, there is nothing that more repeats would mend.
    let trusted = rows[..3].iter().filter(|row| row.verdict.trusted()).count() >= 2;
    let repeats = if trusted { 4 } else { 3 };
    assert_eq!(rows.len(), repeats, "{ended:?}");
    let order: Vec<(u32, u32)> = rows.iter().map(|row| (row.order, row.repeat)).collect();
    assert_eq!(order, (0..repeats as u32).map(|at| (at, at)).collect::<Vec<_>>());
    assert_eq!((info.scenario.repeats, info.scenario.max_repeats), (3, Some(4)));
    assert_eq!(info.scenario.precision, Some(0.001));
    assert_eq!((info.trials_planned, info.repeats_done), (repeats as u32, Some(repeats as u32)));
    assert!(ended.stderr.contains("precision: "), "{}", ended.stderr);
    if trusted {
        assert!(ended.stderr.contains("; ±0.1 % is asked for"), "{}", ended.stderr);
        let summary = std::fs::read_to_string(place.path().join("run/summary.md"));
        let summary = summary.expect("is written").replace('\u{a0}', " ");
        assert!(summary.contains("after 4 repeats, the most allowed; ±0.1 % was asked for"));
        assert!(summary.contains("4 repeats (3 to 4, for ±0.1 %)"), "{summary}");
    }
}

#[test]
fn a_precision_that_is_reached_ends_the_run() {
    let place = Place::new();
    place.file("narrow.toml", SCENARIO);
    let _alone = alone();
    let set = ["--set", "load.precision=50%", "--set", "load.max_repeats=9"];
    let ended = place.loadgen(&[&["narrow.toml", "--out", "run"], &set[..]].concat());
    let info = run_info(&place.path().join("run"));
    let analysis = Analysis::of_run(Run::read(&place.path().join("run")).expect("is a run"));
    let precision = Precision::of(&analysis).expect("asked for");
    assert!(precision.reached(), "{ended:?}");
    let repeats = info.repeats_done.expect("said");
    assert!((3..=9).contains(&repeats) && info.trials_planned == repeats, "{info:?}");
}

#[test]
fn a_quick_run_does_not_wait_and_says_so() {
    let place = Place::new();
    place.file("quick.toml", SCENARIO);
    let _alone = alone();
    let set = ["--set", "load.precision=1%", "--quick", "--out", "run"];
    place.loadgen(&[&["quick.toml"], &set[..]].concat());
    let info = run_info(&place.path().join("run"));
    assert_eq!((info.trials_planned, info.scenario.precision), (1, None));
    assert!(info.notes.iter().any(|note| note.contains("--quick: the precision of 1 %")));
}

#[test]
fn check_tells_the_least_and_the_most() {
    let place = Place::new();
    place.file("check.toml", SCENARIO);
    let arguments = ["check", "check.toml", "--set", "load.precision=2%"];
    let text = place.loadgen(&arguments).stdout;
    assert!(text.contains("with 3 repeats, ") && text.contains(" with 15: repeats are added"));
    let quick = place.loadgen(&[&arguments[..], &["--quick"]].concat()).stdout;
    assert!(quick.contains("a quick run does not wait for the precision"), "{quick}");
}
