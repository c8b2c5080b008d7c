//! Whole reports from whole directories: the edge cases of a run, and that bytes repeat.

use std::collections::BTreeSet;

use measurement::row::{TrialRow, Verdict};
use measurement::run::RunStatus;

use super::*;
use crate::testing::Fixture;

fn rendered(fixture: &Fixture) -> Rendered {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fixture.write(dir.path()).expect("writes");
    render(dir.path()).expect("renders")
}

fn text<'a>(rendered: &'a Rendered, path: &str) -> &'a str {
    let (_, bytes) =
        rendered.files.iter().find(|(own, _)| own == path).expect("is among the files");
    std::str::from_utf8(bytes).expect("is text")
}

#[test]
fn the_same_directory_renders_to_the_same_bytes_wherever_it_lies() {
    let first = rendered(&Fixture::flaky());
    let second = rendered(&Fixture::flaky());
    assert_eq!(first.files, second.files);
    let paths: BTreeSet<&str> = first.files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths.len(), first.files.len(), "paths are unique");
    for path in ["trials.csv", "verdict.json", "summary.md", "report.html", "charts/throughput.svg"]
    {
        assert!(paths.contains(path), "{path}");
    }
}

#[test]
fn rows_in_any_order_render_to_the_same_bytes() {
    let sorted = rendered(&Fixture::high_latency());
    let mut shuffled = Fixture::high_latency();
    shuffled.rows.reverse();
    shuffled.rows.swap(3, 40);
    assert_eq!(rendered(&shuffled).files, sorted.files);
}

#[test]
fn writing_over_a_report_leaves_the_same_report() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    Fixture::high_latency().write(dir.path()).expect("writes");
    let first = render(dir.path()).expect("renders");
    write(dir.path(), &first).expect("writes");
    let second = render(dir.path()).expect("renders again");
    assert_eq!(first.files, second.files);
    for (path, bytes) in &first.files {
        assert_eq!(&fs::read(dir.path().join(path)).expect("was written"), bytes);
    }
}

#[test]
fn charts_of_an_earlier_rendering_go_and_nothing_else_does() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    Fixture::high_latency().write(dir.path()).expect("writes");
    write(dir.path(), &render(dir.path()).expect("renders")).expect("writes");
    let own = dir.path().join("charts/mine.svg");
    fs::write(&own, "<svg/>").expect("writes");
    fs::write(dir.path().join("charts/latency.png"), "an older picture").expect("writes");
    let one = Choices { charts: vec!["throughput".to_owned()], ..Choices::default() };
    let few = render_chosen(dir.path(), &one).expect("renders");
    write(dir.path(), &few).expect("writes");
    let names = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(dir.path().join(folder)).expect("a folder");
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    };
    let expected = ["dark", "mine.svg", "throughput.svg"].map(str::to_owned);
    assert_eq!(names("charts"), BTreeSet::from(expected));
    assert_eq!(names("charts/dark"), BTreeSet::from(["throughput.svg".to_owned()]));
}

#[test]
fn every_kind_of_short_run_renders() {
    let one = |n| Fixture::high_latency().keep(move |row| row.concurrency == Some(n));
    let cases: Vec<(&str, Fixture, u8)> = vec![
        ("one trial", Fixture::high_latency().keep(|row| row.order == 3), 0),
        ("one level", one(64), 0),
        ("one model", Fixture::high_latency().models(&["tokio"]), 0),
        ("one repeat", Fixture::high_latency().keep(|row| row.repeat == 0), 0),
        ("two repeats", Fixture::high_latency().keep(|row| row.repeat < 2), 0),
        ("all failed", Fixture::high_latency().all_failed(), 1),
        ("no trial", Fixture::high_latency().keep(|_| false), 1),
        ("only doubtful", one(1024).models(&["thread-per-request", "rayon-256"]), 1),
        ("a model without rows", Fixture::high_latency().keep(|row| row.model != "tokio"), 0),
    ];
    for (name, fixture, exit_status) in cases {
        let rendered = rendered(&fixture);
        assert_eq!(rendered.verdict.exit_status(), exit_status, "{name}");
        for (path, bytes) in &rendered.files {
            let text = std::str::from_utf8(bytes).expect("is text");
            // Words that a hole in the figures would leave behind.
            for hole in ["NaN", "inf/", "-inf", ">inf", " inf "] {
                assert!(!text.contains(hole), "{hole:?} in {path} of {name}");
            }
        }
    }
}

#[test]
fn trials_without_their_histograms_are_counted() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let fixture = Fixture::high_latency();
    fixture.write(dir.path()).expect("writes");
    assert_eq!(render(dir.path()).expect("renders").remarks, Vec::<String>::new());
    fs::remove_file(dir.path().join("histograms.hlog")).expect("was there");
    let remarks = render(dir.path()).expect("renders all the same").remarks;
    let measured = fixture.rows.iter().filter(|row| row.latency_p50_ms.is_some()).count();
    let said = format!("holds nothing of {measured} of {measured} trials");
    assert!(remarks.len() == 1 && remarks[0].contains(&said), "{remarks:?}");
}

#[test]
fn a_trial_that_counts_twice_is_refused() {
    let twice = |attempt: u32, verdict: Verdict| {
        let mut fixture = Fixture::high_latency().models(&["tokio"]);
        let again = TrialRow { attempt, verdict, order: 99, ..fixture.rows[4].clone() };
        fixture.rows.push(TrialRow { reason: "late".to_owned(), ..again });
        let dir = tempfile::tempdir().expect("a temporary directory");
        fixture.write(dir.path()).expect("writes");
        render(dir.path()).expect_err("is refused").to_string()
    };
    for (attempt, verdict) in [(1, Verdict::Valid), (2, Verdict::Valid), (2, Verdict::Unsteady)] {
        let said = twice(attempt, verdict);
        assert!(said.contains(": another row is of the same repeat"), "{attempt}: {said}");
    }
}

#[test]
fn an_interrupted_run_says_so_and_drops_a_line_cut_short() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut fixture = Fixture::high_latency().keep(|row| row.order < 20);
    fixture.run.status = RunStatus::Running;
    fixture.write(dir.path()).expect("writes");
    let path = dir.path().join("trials.jsonl");
    let mut lines = fs::read_to_string(&path).expect("was written");
    lines += "{\"scenario\":\"made_up\",\"model\":\"tok";
    fs::write(&path, lines).expect("writes");
    let rendered = render(dir.path()).expect("renders");
    let summary = text(&rendered, "summary.md");
    assert!(summary.contains("line 21) was cut short"), "{summary}");
    assert!(summary.contains("20 of 72 trials have a row"), "{summary}");
}

#[test]
fn a_malformed_line_is_named_with_file_and_line() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    Fixture::high_latency().write(dir.path()).expect("writes");
    let path = dir.path().join("trials.jsonl");
    let lines = fs::read_to_string(&path).expect("was written");
    let refused = |from: &str, to: &str| {
        fs::write(&path, lines.replacen(from, to, 1)).expect("writes");
        render(dir.path()).expect_err("is refused").to_string()
    };
    let error = refused("\n{\"scenario\"", "\n{scenario");
    assert!(error.contains("trials.jsonl:2: not a trial row: "), "{error}");
    let error = refused("\"model\":\"tokio\"", "\"model\":\"tokyo\"");
    assert!(error.contains("trials.jsonl:1: model `tokyo` is none of those"), "{error}");
    let error = refused("\"concurrency\":1,", "\"concurrency\":null,");
    assert!(error.contains("trials.jsonl:1: the row has no load level"), "{error}");
    let error = refused("\"latency_mean_ms\":", "\"latency_mean_ms\":9");
    let named = "trials.jsonl:1: the row contradicts itself: latency_mean_ms is 9";
    assert!(error.contains(named) && error.contains("histograms.hlog"), "{error}");
    // Unknown fields come from a later version, and are nobody's mistake.
    fs::write(&path, lines.replacen("{\"scenario\"", "{\"new\":[1],\"scenario\"", 1))
        .expect("writes");
    assert!(render(dir.path()).is_ok());
}

#[test]
fn run_json_must_be_there_whole_and_of_a_known_version() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let error = || render(dir.path()).expect_err("is refused").to_string();
    assert!(error().contains("run.json: "), "{}", error());
    let mut fixture = Fixture::high_latency();
    fixture.run.schema_version = 99;
    fixture.write(dir.path()).expect("writes");
    assert!(error().contains("schema version 99, this program reads up to 1"), "{}", error());
    fs::write(dir.path().join("run.json"), "{\n  \"schema_version\": 1,\n").expect("writes");
    assert!(error().contains("run.json:"), "{}", error());
    Fixture::high_latency().write(dir.path()).expect("writes");
    fs::remove_file(dir.path().join("trials.jsonl")).expect("removes");
    assert_eq!(render(dir.path()).expect("a run without trials").verdict.exit_status(), 1);
}

#[test]
fn an_open_loop_speaks_of_offered_rates() {
    let mut fixture = Fixture::high_latency().models(&["tokio", "thread-per-request"]);
    fixture.run.scenario.load = measurement::row::LoadKind::Open;
    for row in &mut fixture.rows {
        row.load = measurement::row::LoadKind::Open;
        row.offered_rps = row.concurrency.take().map(f64::from);
    }
    let rendered = rendered(&fixture);
    assert!(format_plain(text(&rendered, "summary.md")).contains("512/s offered"));
}

#[test]
fn a_histogram_log_is_read_cut_short_or_refused_with_its_line() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    Fixture::high_latency().write(dir.path()).expect("writes");
    let path = dir.path().join("histograms.hlog");
    let pooled = |rendered: &Rendered| text(rendered, "verdict.json").contains("\"pooled\"");
    assert!(pooled(&render(dir.path()).expect("renders")));
    let log = fs::read_to_string(&path).expect("was written");
    fs::write(&path, &log[..log.len() - 9]).expect("writes");
    let rendered = render(dir.path()).expect("renders");
    assert!(text(&rendered, "summary.md").contains("histograms.hlog was cut short"));
    fs::write(&path, log.replacen("HIST", "H*ST", 1)).expect("writes");
    let error = render(dir.path()).expect_err("is refused").to_string();
    assert!(error.contains("histograms.hlog:6: the histogram is not base64"), "{error}");
    fs::remove_file(&path).expect("removes");
    assert!(!pooled(&render(dir.path()).expect("a run of old")));
}

fn format_plain(text: &str) -> String {
    crate::format::plain(text)
}
