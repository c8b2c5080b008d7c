//! A run from the scenario to the report: its rows, its files, where they lie, what is printed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use measurement::run::RunStatus;

use crate::bench::{
    Place, TINY, TINY_RUN, alone, assert_sound, assert_status_fits, files, rows, run_info,
};

/// The columns that `trials.csv` promises, in order; more may follow.
const COLUMNS: &str = "scenario,model,load,concurrency,offered_rps,repeat,order,verdict,reason,\
    duration_s,requests,ok,degraded,failed,censored,throughput_rps,goodput_rps,ideal_rps,\
    efficiency,latency_mean_ms,latency_p50_ms,latency_p90_ms,latency_p99_ms,latency_p999_ms,\
    latency_max_ms,added_mean_ms,added_p50_ms,added_p99_ms,cpu_user_s,cpu_system_s,\
    cpu_us_per_request,cpu_utilisation,rss_peak_bytes,threads_peak,threads_spawned,ctx_voluntary,\
    ctx_involuntary,inflight_mean,little_residual,upstream_received,upstream_answered,\
    upstream_cpu_s,hold_error_p50_us,hold_error_p99_us,send_lag_p99_ms";

/// What `report` writes, beside the charts.
const RENDERED: [&str; 4] = ["trials.csv", "verdict.json", "summary.md", "report.html"];

#[test]
fn every_planned_trial_has_its_row() {
    let run = &*TINY_RUN;
    let rows = rows(&run.dir);
    assert_status_fits(&run.ended, &rows);
    let points: BTreeSet<_> =
        rows.iter().map(|row| (row.model.clone(), row.concurrency, row.repeat)).collect();
    let models = ["rayon", "thread-per-request", "tokio"];
    let expected: BTreeSet<_> = models
        .iter()
        .flat_map(|model| [2, 16].map(|level| ((*model).to_owned(), Some(level), 0)))
        .collect();
    assert_eq!(points, expected);
    assert_eq!(rows.len(), expected.len(), "no trial twice");
    assert!(rows.iter().map(|row| row.order).eq(0..6), "appended in the order they ran");
    rows.iter().for_each(assert_sound);
}

#[test]
fn the_run_directory_is_whole() {
    let run = &*TINY_RUN;
    let info = run_info(&run.dir);
    assert_eq!(info.status, RunStatus::Complete);
    assert_eq!((info.trials_planned, info.quick), (6, false));
    assert_eq!(info.scenario.text, TINY);
    let files = files(&run.dir);
    let text = |name: &str| {
        let bytes = files.get(name).unwrap_or_else(|| panic!("no {name} among {:?}", files.keys()));
        String::from_utf8(bytes.clone()).expect("is text")
    };
    let csv = text("trials.csv");
    assert!(csv.lines().next().is_some_and(|head| head.starts_with(COLUMNS)), "{csv}");
    assert_eq!(csv.lines().count(), 1 + 6);
    let verdict: serde_json::Value = serde_json::from_str(&text("verdict.json")).expect("is JSON");
    assert!(verdict.is_object());
    let page = text("report.html");
    assert!(page.contains("<svg") && page.trim_end().ends_with("</html>"), "charts are inside");
    let charts = |folder: &str| -> BTreeSet<String> {
        let names = files.keys().filter_map(|name| name.strip_prefix(folder));
        names.filter(|name| !name.contains('/')).map(str::to_owned).collect()
    };
    let light = charts("charts/");
    assert!(light.len() >= 5, "throughput, latency, added, CPU, threads or memory: {light:?}");
    assert_eq!(light, charts("charts/dark/"));
    for name in files.keys().filter(|name| name.starts_with("charts/")) {
        let svg = text(name);
        assert!(svg.contains("<svg") && svg.trim_end().ends_with("</svg>"), "{name}");
    }
    let summary = text("summary.md");
    let linked: BTreeSet<&str> =
        summary.split(['(', ')', '"']).filter(|part| part.starts_with("charts/")).collect();
    assert!(!linked.is_empty());
    for link in linked {
        assert!(files.contains_key(link), "summary.md links {link}, which is not there");
    }
}

#[test]
fn a_run_without_a_terminal_prints_its_table_and_nothing_else() {
    let run = &*TINY_RUN;
    assert_eq!(run.ended.stderr, "");
    for word in ["thread-per-request", "rayon", "tokio", "run/report.html"] {
        assert!(run.ended.stdout.contains(word), "{word} in {}", run.ended.stdout);
    }
    assert!(!run.ended.stdout.contains('\u{1b}'), "no escape sequences into a pipe");
}

#[test]
fn the_report_renders_to_the_same_bytes_again() {
    let run = &*TINY_RUN;
    let before = files(&run.dir);
    let copy = Place::new();
    let rendered = |name: &str| name.starts_with("charts/") || RENDERED.contains(&name);
    for (name, bytes) in before.iter().filter(|(name, _)| !rendered(name)) {
        fs::write(copy.path().join(name), bytes).expect("writable");
    }
    let again = copy.loadgen(&["report", "."]);
    assert_eq!(again.code, run.ended.code, "{again:?}");
    let after = files(copy.path());
    assert!(before.keys().eq(after.keys()), "{:?} and {:?}", before.keys(), after.keys());
    let differing: Vec<&String> =
        before.keys().filter(|&name| before[name] != after[name]).collect();
    assert!(differing.is_empty(), "{differing:?}");
}

/// What the answer has to name, and the edit.
type Edit<'a> = (&'a str, &'a dyn Fn(&mut serde_json::Value));

#[test]
fn an_edited_row_is_refused_with_its_line_and_its_figure() {
    let run = &*TINY_RUN;
    let refused = |edit: &dyn Fn(&mut serde_json::Value)| {
        let copy = Place::new();
        for name in ["run.json", "histograms.hlog"] {
            fs::copy(run.dir.join(name), copy.path().join(name)).expect("copies");
        }
        let text = fs::read_to_string(run.dir.join("trials.jsonl")).expect("has rows");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut row = serde_json::from_str(&lines[1]).expect("a row is JSON");
        edit(&mut row);
        lines[1] = row.to_string();
        fs::write(copy.path().join("trials.jsonl"), lines.join("\n") + "\n").expect("writable");
        copy.loadgen(&["report", "."])
    };
    assert_eq!(refused(&|_| ()).code, run.ended.code, "a row as it was is taken");
    let times = |row: &mut serde_json::Value, key: &str, factor: f64| {
        row[key] = (row[key].as_f64().expect("was measured") * factor).into();
    };
    let less_by_one = |count: &mut serde_json::Value| {
        *count = (count.as_u64().expect("is a count") - 1).into();
    };
    let cases: [Edit; 4] = [
        ("latency_mean_ms is", &|row| times(row, "latency_mean_ms", 0.98)),
        ("efficiency is", &|row| times(row, "throughput_rps", 1.001)),
        ("ids of api1, window", &|row| less_by_one(&mut row["ids"][1]["received"])),
        ("errors add up to 0 fetches", &|row| {
            less_by_one(&mut row["ok"]);
            row["degraded"] = 1.into();
        }),
    ];
    for (named, edit) in cases {
        let ended = refused(edit);
        assert_eq!(ended.code, Some(1), "{named}: {ended:?}");
        let place = "trials.jsonl:2: the row contradicts itself: ";
        assert!(ended.stderr.contains(place) && ended.stderr.contains(named), "{ended:?}");
    }
}

#[test]
fn a_folder_that_holds_a_run_is_not_written_into() {
    let run = &*TINY_RUN;
    let before = rows(&run.dir).len();
    let again = run.place.loadgen(&["tiny.toml", "--out", "run"]);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(again.stderr.contains("holds a run already"), "{}", again.stderr);
    assert_eq!(rows(&run.dir).len(), before);
}

#[test]
fn a_quick_run_of_one_model_with_a_key_overridden_as_json() {
    let place = Place::new();
    // Two repeats and a longer window, for --quick to cut.
    let text = TINY.replace("repeats = 1", "repeats = 2").replace("\"300ms\"", "\"600ms\"");
    place.file("short.toml", &text);
    let ended = {
        let _alone = alone();
        let flags = ["--json", "--quick", "--model", "tokio", "--set", "load.concurrency=[3]"];
        place.loadgen(&[&["short.toml"], &flags[..]].concat())
    };
    let verdict: serde_json::Value = serde_json::from_str(&ended.stdout).expect("only JSON");
    assert_eq!(ended.stderr, "");

    let folder = place.path().join("results").join("short");
    let latest = fs::read_link(folder.join("latest")).expect("a link to the latest run");
    let name = latest.to_str().expect("is text").to_owned();
    assert!(is_utc_start(&name), "results/short/{name}");
    let dir = folder.join(&name);
    assert_eq!(entries(&folder), ["latest".to_owned(), name].into_iter().rev().collect());
    let written = fs::read(dir.join("verdict.json")).expect("there is a verdict");
    assert_eq!(verdict, serde_json::from_slice::<serde_json::Value>(&written).expect("is JSON"));

    let (info, rows) = (run_info(&dir), rows(&dir));
    assert_status_fits(&ended, &rows);
    assert!(info.quick);
    assert_eq!((info.scenario.repeats, info.trials_planned), (1, 1));
    assert!((info.scenario.duration_ms - 300.0).abs() < 1e-9, "{}", info.scenario.duration_ms);
    assert_eq!(info.scenario.overrides, ["load.concurrency=[3]"]);
    let ran: Vec<_> = rows.iter().map(|row| (row.model.as_str(), row.concurrency)).collect();
    assert_eq!(ran, [("tokio", Some(3))]);
    rows.iter().for_each(assert_sound);
}

/// `20261122T130501Z`, perhaps with `-2` behind it.
fn is_utc_start(name: &str) -> bool {
    let shape: String =
        name.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).take(16).collect();
    shape == "00000000T000000Z"
}

fn entries(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder can be read").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
