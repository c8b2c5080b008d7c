//! `[sweep]`: one thing varied besides the load, from the scenario to rows, CSV and report.

use std::collections::BTreeSet;
use std::fs;

use measurement::row::TrialRow;

use crate::bench::{Place, alone, assert_sound, assert_status_fits, files, rows, run_info};

/// A pool of 2, then of 8 threads that wait 20 ms in all per request, beside a control.
const SWEEP: &str = r#"title = "A pool grows"
[upstream.api1]
latency = "10ms"
[upstream.api2]
latency = "10ms"
[load]
concurrency = [16]
warmup = "50ms"
duration = "300ms"
repeats = 1
reruns = 0
[[model]]
kind = "rayon"
[[model]]
kind = "tokio"
[sweep]
key = "model.rayon.threads"
values = [2, 8]
"#;

/// Which model, at which value.
fn point(row: &TrialRow) -> (String, Option<(u32, String)>) {
    let value = row.swept.as_ref().map(|swept| (swept.index, swept.value.clone()));
    (row.model.clone(), value)
}

#[test]
fn every_value_runs_under_every_model_and_every_row_says_which() {
    let place = Place::new();
    place.file("pool.toml", SWEEP);
    let _alone = alone();
    let ended = place.loadgen(&["pool.toml", "--out", "run", "--records", "records"]);
    let dir = place.path().join("run");
    let (rows, info) = (rows(&dir), run_info(&dir));
    assert_status_fits(&ended, &rows);
    let expected: BTreeSet<_> = ["rayon", "tokio"]
        .iter()
        .flat_map(|model| {
            [(0, "2"), (1, "8")]
                .map(|(at, value)| (model.to_string(), Some((at, value.to_owned()))))
        })
        .collect();
    assert_eq!(rows.iter().map(point).collect::<BTreeSet<_>>(), expected);
    assert_eq!((rows.len(), info.trials_planned), (4, 4), "{ended:?}");
    rows.iter().for_each(assert_sound);

    let sweep = info.scenario.sweep.expect("is said");
    assert_eq!(
        (sweep.key.as_str(), sweep.values),
        ("model.rayon.threads", ["2", "8"].map(str::to_owned).to_vec())
    );
    assert_eq!((sweep.positions, sweep.models), (vec![2.0, 8.0], vec!["rayon".to_owned()]));
    for row in &rows {
        let swept = row.swept.as_ref().expect("every row has its value");
        assert_eq!(swept.key, "model.rayon.threads");
        assert!((swept.position - [2.0, 8.0][swept.index as usize]).abs() < 1e-9, "{swept:?}");
        let workers = (row.model == "rayon").then(|| swept.value.parse().expect("a count"));
        assert_eq!(row.pool_workers, workers);
        within_the_pool(row);
    }
    assert_eq!(files(&place.path().join("records")).len(), 4, "of every trial");
    csv_has_the_values(&dir, &rows);
    renders_again(&place);
}

/// Twice the latency at twice as many in flight: the same rate.
const OWN_LEVELS: &str = r#"title = "The same rate"
[upstream.api1]
latency = "10ms"
[upstream.api2]
latency = "10ms"
[load]
concurrency = [4, 8]
warmup = "50ms"
duration = "300ms"
repeats = 1
reruns = 0
[[model]]
kind = "tokio"
[sweep]
key = "upstream.*.latency"
values = ["10ms", "20ms"]
levels = [4, 8]
"#;

#[test]
fn values_with_levels_of_their_own_lie_across_with_both() {
    let place = Place::new();
    place.file("rate.toml", OWN_LEVELS);
    let _alone = alone();
    let ended = place.loadgen(&["rate.toml", "--out", "run"]);
    let dir = place.path().join("run");
    let (rows, info) = (rows(&dir), run_info(&dir));
    assert_status_fits(&ended, &rows);
    let points: BTreeSet<_> = rows
        .iter()
        .map(|row| (row.swept.as_ref().map(|swept| swept.value.clone()), row.concurrency))
        .collect();
    let expected = [("10 ms", 4), ("20 ms", 8)];
    let expected = expected.map(|(value, n)| (Some(value.to_owned()), Some(n)));
    assert_eq!(points, BTreeSet::from(expected), "{ended:?}");
    assert_eq!((rows.len(), info.trials_planned), (2, 2));
    let sweep = info.scenario.sweep.expect("is said");
    assert_eq!(sweep.levels, [vec![4.0], vec![8.0]]);
    let summary = fs::read_to_string(dir.join("summary.md")).expect("was rendered");
    let summary = summary.replace('\u{a0}', " ");
    assert!(summary.contains("20 ms × 8"), "{summary}");
    assert!(!summary.contains("fixed 10 ms"), "the file's own value runs nowhere: {summary}");
}

/// Workers can wait for only so much in a window: workers × its length. What ends in it may have
/// waited before, but not more than was in flight.
fn within_the_pool(row: &TrialRow) {
    let (Some(workers), Some(seconds)) = (row.pool_workers, row.duration_s) else { return };
    let most = workers as f64 * seconds / 0.020 + f64::from(row.concurrency.expect("closed loop"));
    let completed = row.throughput_rps.expect("was measured") * seconds;
    assert!(completed <= most, "{completed} of {most} with {workers}");
    let ceiling_rps = row.pool_ceiling_rps.expect("a pool has one");
    assert!((ceiling_rps - workers as f64 / 0.020).abs() < 1e-6 * ceiling_rps, "{ceiling_rps}");
}

fn csv_has_the_values(dir: &std::path::Path, rows: &[TrialRow]) {
    let text = fs::read_to_string(dir.join("trials.csv")).expect("is written");
    let heads: Vec<&str> = text.lines().next().expect("a heading").split(',').collect();
    let column = |name| heads.iter().position(|head| *head == name).expect("is a column");
    let (key, value) = (column("sweep_key"), column("sweep_value"));
    let found: Vec<&str> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.rsplit(',').nth(heads.len() - 1 - value))
        .collect();
    let keys: BTreeSet<&str> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.rsplit(',').nth(heads.len() - 1 - key))
        .collect();
    assert_eq!(found, ["2", "8", "2", "8"], "by model, then value: {text}");
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["model.rayon.threads"]);
    assert_eq!(found.len(), rows.len());
}

fn renders_again(place: &Place) {
    let before = files(&place.path().join("run"));
    place.loadgen(&["report", "run"]);
    let after = files(&place.path().join("run"));
    let differing: Vec<&String> =
        before.keys().filter(|&name| after.get(name) != before.get(name)).collect();
    assert!(differing.is_empty() && after.len() == before.len(), "{differing:?}");
}

#[test]
fn check_tells_what_each_value_takes() {
    let place = Place::new();
    place.file("pool.toml", SWEEP);
    let text = place.loadgen(&["check", "pool.toml"]).stdout;
    assert!(text.contains("sweep: model.rayon.threads, 2 values (an option of rayon"), "{text}");
    assert!(text.contains("    2: 2 trials, about ") && text.contains("    8: 2 trials"), "{text}");
    let one = place.loadgen(&["check", "pool.toml", "--set", "sweep=false"]).stdout;
    assert!(!one.contains("sweep") && one.contains("  2 trials"), "{one}");
    let wrong = place.loadgen(&["check", "pool.toml", "--set", "sweep.key=model.rayn.threads"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("did you mean `rayon`?"), "{}", wrong.stderr);
}

#[test]
fn a_sweep_of_an_upstream_is_the_mocks_too_and_quick_and_one_model_do() {
    let place = Place::new();
    place.file("pool.toml", SWEEP);
    let _alone = alone();
    let values = "sweep.values=[\"2ms\", { uniform = { min = \"30ms\", max = \"40ms\" } }]";
    let set = ["--set", "sweep.key=upstream.api1.latency", "--set", values];
    let flags = ["--quick", "--model", "tokio", "--out", "run"];
    let ended = place.loadgen(&[&["pool.toml"], &set[..], &flags].concat());
    let (rows, info) = (rows(&place.path().join("run")), run_info(&place.path().join("run")));
    assert_status_fits(&ended, &rows);
    rows.iter().for_each(assert_sound);
    let points: BTreeSet<_> = rows.iter().map(point).collect();
    assert_eq!((rows.len(), points.len()), (2, 2), "{ended:?}");
    assert_eq!(info.scenario.sweep.expect("is said").positions, [1.0, 2.0], "not all numbers");
    for row in &rows {
        let floor_ms = row.floor_mean_ms.expect("from the draws");
        let slow = row.swept.as_ref().is_some_and(|swept| swept.index == 1);
        assert!(if slow {
            (30.0..=40.0).contains(&floor_ms)
        } else {
            (floor_ms - 10.0).abs() < 1e-6
        });
        assert!(row.latency_mean_ms.is_none_or(|mean_ms| mean_ms >= floor_ms * 0.999), "{row:?}");
    }
}
