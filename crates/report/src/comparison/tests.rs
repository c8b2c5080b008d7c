//! Two made-up runs against each other.

use std::path::Path;

use measurement::row::Verdict;

use super::*;
use crate::analysis::metric::{LATENCY_P99, THROUGHPUT};
use crate::format;
use crate::testing::Fixture;

fn compared(before: Fixture, after: Fixture) -> RunComparison {
    let (before, after) = (("a".to_owned(), before.read()), ("b".to_owned(), after.read()));
    RunComparison::of(before, after).expect("can be compared")
}

/// The headline as text, with ordinary spaces.
fn said(compared: &RunComparison) -> String {
    format::plain(&compared.plain(&compared.headline()))
}

fn tokio() -> Fixture {
    Fixture::high_latency().models(&["tokio", "thread-per-request"])
}

/// The rows of `model` with a throughput times `by` and a p99 over it, each repeat a little apart.
fn moved(mut fixture: Fixture, model: &str, by: f64) -> Fixture {
    for row in fixture.rows.iter_mut().filter(|row| row.model == model) {
        let by = by * (1.0 + 0.002 * f64::from(row.repeat));
        row.throughput_rps = row.throughput_rps.map(|rps| rps * by);
        row.latency_p99_ms = row.latency_p99_ms.map(|ms| ms / by);
    }
    fixture
}

#[test]
fn a_run_against_itself_is_one_everywhere() {
    let same = compared(tokio(), tokio());
    assert!(same.primary().count() > 10);
    for one in same.primary() {
        assert!((one.change.ratio.ratio - 1.0).abs() < 1e-12);
        assert_ne!(one.change.decision, Decision::Different);
    }
    assert!(same.conditions.is_empty() && same.same_run());
    assert_eq!(same.warnings(), ["Both are the same run: every ratio is 1 and says nothing."]);
    assert_eq!(same.pairing, Pairing::Paired);
    assert!(same.regressions(0.0).is_empty());
    let text = said(&same);
    let told = "Throughput is alike at all 11 points. p99: no difference to call; alike at 5 of 7 points, too few requests in a repeat at 2.";
    assert_eq!(text, told);
}

#[test]
fn a_slower_model_is_a_regression_in_both_primary_figures() {
    let slower = compared(tokio(), moved(tokio(), "tokio", 0.8));
    let found = slower.regressions(0.05);
    assert!(!found.is_empty());
    assert!(found.iter().all(|one| one.point.label == "tokio" && one.change.words() == "worse"));
    for metric in [THROUGHPUT, LATENCY_P99] {
        assert!(found.iter().any(|one| one.change.quantity.metric.key == metric.key));
    }
    assert!(slower.regressions(0.5).is_empty(), "25 % is less than 50 %");
    let faster = compared(moved(tokio(), "tokio", 0.8), tokio());
    assert!(faster.regressions(0.0).is_empty(), "better is no regression");
    let text = said(&faster);
    assert!(text.starts_with("tokio at N = 1 serves 1.25× what it did before (95 %: "), "{text}");
    assert!(
        text.contains("), the largest of 6 rises; alike elsewhere. tokio’s p99 at N"),
        "{text}"
    );
    assert!(text.contains("p99 at N = 256 is 0.80× what it was before"), "{text}");
}

#[test]
fn two_repeats_give_a_range_and_no_claim() {
    let few = |fixture: Fixture| fixture.keep(|row| row.repeat < 2);
    let slower = compared(few(tokio()), few(moved(tokio(), "tokio", 0.5)));
    assert!(slower.regressions(0.0).is_empty() && !slower.decidable());
    assert!(slower.primary().all(|one| one.change.words() == "no claim"));
    assert!(said(&slower).contains("nothing can be called, too few repeats at 11 points"));
}

/// tokio's throughput at 64 in flight.
fn at_64(compared: &RunComparison) -> &RunRatio {
    let own = |point: &&MatchedPoint| (point.label.as_str(), point.across) == ("tokio", 64.0);
    let found: Vec<&MatchedPoint> = compared.points.iter().filter(own).collect();
    assert_eq!(found.len(), 1, "one point, however many attempts");
    &found[0].change(&THROUGHPUT).expect("was measured").ratio
}

#[test]
fn of_the_attempts_at_a_repeat_the_trusted_one_is_paired() {
    for (before, after) in [(tokio(), tokio().mended()), (tokio().mended(), tokio())] {
        let seen = compared(before, after);
        let ratio = at_64(&seen);
        let repeats: Vec<u32> = ratio.pairs.iter().map(|&(repeat, _)| repeat).collect();
        assert_eq!(repeats, [0, 1, 2]);
        assert!(ratio.pairs.iter().all(|&(_, pair)| (pair - 1.0).abs() < 1e-12), "{ratio:?}");
        assert!(seen.left_out.iter().all(|out| !out.lost), "{:?}", seen.left_out);
        assert!(seen.regressions(0.0).is_empty());
    }
}

#[test]
fn a_repeat_without_a_trusted_attempt_has_no_pair() {
    let mut after = tokio().mended();
    for row in after.rows.iter_mut().filter(|row| row.attempt == 3) {
        row.verdict = Verdict::UpstreamLimited;
    }
    let seen = compared(tokio(), after);
    let ratio = at_64(&seen);
    let repeats: Vec<u32> = ratio.pairs.iter().map(|&(repeat, _)| repeat).collect();
    assert_eq!((repeats, ratio.interval), (vec![0, 1], None), "a range, and no claim");
    assert!((ratio.ratio - 1.0).abs() < 1e-12);
}

#[test]
fn repeats_without_a_partner_are_left_out_and_not_taken_for_pairs() {
    let (before, after) = (
        tokio().keep(|row| row.repeat == 0),
        tokio().keep(|row| row.repeat == 1 || row.concurrency == Some(1)),
    );
    let seen = compared(before, after);
    let lone = |out: &&LeftOut| out.reason == "no repeat is to be trusted in both runs";
    assert!(seen.left_out.iter().filter(lone).count() > 4, "{:?}", seen.left_out);
    assert!(seen.primary().all(|one| one.change.ratio.pairs.len() == 1));
}

#[test]
fn other_luck_is_not_paired_and_other_upstreams_are_warned_of() {
    let mut other = tokio();
    other.run.scenario.seed = 2;
    other.run.scenario.hash = "ff".to_owned();
    other.run.scenario.overrides = vec!["seed=2".to_owned()];
    let seeds = compared(tokio(), other);
    assert_eq!(seeds.pairing, Pairing::Unpaired("the seeds differ (1 and 2)".to_owned()));
    assert!(seeds.primary().all(|one| one.change.ratio.pairs.is_empty()));
    assert!(seeds.warnings().is_empty(), "another seed is the same scenario");
    let mut other = tokio();
    other.run.scenario.hash = "ff".to_owned();
    other.run.scenario.text.push_str("latency = \"9ms\"\n");
    other.run.scenario.upstreams[1].latency = "fixed 9 ms".to_owned();
    other.run.environment.cpu_model = "Another".to_owned();
    other.run.environment.kernel = "6.0".to_owned();
    let upstreams = compared(tokio(), other);
    assert_eq!(upstreams.pairing, Pairing::Unpaired("the upstreams differ".to_owned()));
    assert_eq!(upstreams.warnings().len(), 2, "{:?}", upstreams.warnings());
    let seen: Vec<&str> = upstreams.conditions.iter().map(|c| c.what.as_str()).collect();
    assert_eq!(seen, ["scenario text", "machine", "kernel"]);
    assert_eq!(upstreams.conditions[0].after, "latency = \"9ms\"");
}

#[test]
fn what_has_no_partner_is_listed_with_its_reason() {
    let mut after =
        Fixture::high_latency().models(&["tokio"]).keep(|row| row.concurrency != Some(8));
    for row in after.rows.iter_mut().filter(|row| row.concurrency == Some(64)) {
        row.verdict = Verdict::UpstreamLimited;
        row.reason = "late".to_owned();
    }
    let seen = compared(tokio(), after);
    let listed: Vec<String> = seen
        .left_out
        .iter()
        .map(|out| format::plain(&format!("{}: {}", out.place(), out.reason)))
        .collect();
    assert!(listed.contains(&"thread-per-request: only the run before has this model".to_owned()));
    assert!(listed.contains(&"tokio at N = 8: only the run before has this point".to_owned()));
    assert!(
        listed.contains(
            &"tokio at N = 64: not to be trusted after: upstream-limited (late)".to_owned()
        ),
        "{listed:?}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused_with_its_reason() {
    let refused = |a: Fixture, b: Fixture| {
        let (a, b) = (("a".to_owned(), a.read()), ("b".to_owned(), b.read()));
        RunComparison::of(a, b).expect_err("cannot be compared").to_string()
    };
    assert_eq!(refused(tokio(), Fixture::open()), "a is a run of a closed loop, b of an open loop");
    let rayon = || Fixture::high_latency().models(&["rayon"]);
    assert_eq!(
        refused(tokio(), rayon()),
        "no model has the same label in both: tokio and thread-per-request against rayon"
    );
    let text = refused(tokio(), tokio().all_failed());
    assert!(text.starts_with("no point is in both runs and to be trusted in both: tokio at"));
}

#[test]
fn a_sweep_is_matched_by_its_values() {
    let swept = |fixture: Fixture, value: &str| {
        let mut fixture = fixture;
        let sweep = fixture.run.scenario.sweep.as_mut().expect("is swept");
        let at = sweep.values.iter().position(|own| own == "5 ms").expect("has it");
        value.clone_into(&mut sweep.values[at]);
        for row in &mut fixture.rows {
            let own = row.swept.as_mut().expect("is swept");
            if own.value == "5 ms" {
                value.clone_into(&mut own.value);
            }
        }
        fixture
    };
    let seen = compared(Fixture::swept(), swept(Fixture::swept(), "6 ms"));
    let at = |one: &Regression<'_>| format::plain(&one.point.spot.text);
    assert!(seen.primary().any(|one| at(&one) == "CPU work = 1 ms"));
    assert!(seen.primary().all(|one| at(&one) != "CPU work = 5 ms"));
    assert_eq!(seen.at_heading(), "CPU work");
    let lone: Vec<String> =
        seen.left_out_lines().iter().map(|line| format::plain(&line.join(": "))).collect();
    for words in ["5 ms: everything: only the run before", "6 ms: everything: only the run after"] {
        assert!(lone.iter().any(|line| line.contains(words)), "{words} in {lone:?}");
    }
}

#[test]
fn points_of_loads_and_swept_values_are_worded_in_full() {
    let grid = compared(Fixture::grid(), Fixture::grid());
    let first = grid.points.first().expect("has points");
    assert_eq!(format::plain(&first.spot.text), "N = 1, CPU work = 200 µs");
    assert_eq!(grid.at_heading(), "at");
    let other = (("a".to_owned(), Fixture::grid().read()), ("b".to_owned(), tokio().read()));
    let refused = RunComparison::of(other.0, other.1).expect_err("b sweeps nothing").to_string();
    assert_eq!(refused, "a sweeps `combine.work`, b nothing");
}

#[test]
fn findings_call_what_is_called_and_group_the_rest() {
    let slower = compared(tokio(), moved(tokio(), "tokio", 0.8));
    let told: Vec<(bool, String)> = slower
        .findings()
        .iter()
        .map(|one| (one.different, format::plain(&slower.plain(&one.sentence))))
        .collect();
    let (different, text) = &told[0];
    assert!(different, "{text}");
    assert!(text.starts_with("tokio serves less at all 6 points, most at N = "), "{text}");
    let (different, text) = &told[1];
    assert!(!different, "{text}");
    let expected =
        "Throughput of thread-per-request is alike at all 5 points; furthest from 1: 1.00× at N";
    assert!(text.starts_with(expected), "{text}");
    let title = slower.counted(&PRIMARY[0]).expect("is measured");
    assert_eq!(title, "Of 11 ratios of throughput 6 are lower and 5 alike");
}

#[test]
fn an_interval_that_does_not_hold_after_the_correction_is_explained() {
    // Repeats 10 %, 20 % and 30 % lower: the interval leaves out 1, barely; there are eleven tests.
    let mut after = tokio();
    for row in after.rows.iter_mut().filter(|row| row.model == "tokio") {
        let by = 0.9 - 0.05 * f64::from(row.repeat);
        row.throughput_rps = row.throughput_rps.map(|rps| rps * by);
    }
    let seen = compared(tokio(), after);
    let own = |one: &Regression<'_>| {
        one.point.label == "tokio" && one.change.quantity.metric.key == THROUGHPUT.key
    };
    for one in seen.primary().filter(own) {
        assert!(one.change.ratio.interval.is_some_and(|(_, high)| high < 1.0));
        assert_eq!(one.change.decision, Decision::NotToldApart);
    }
    assert!(seen.caveats().iter().any(|text| text.contains("Holm’s correction")));
}

/// The files of a comparison of two runs with hostile names.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut before = tokio();
    before.run.scenario.title = "A <title> & more".to_owned();
    before.run.environment.kernel = "<kernel>".to_owned();
    let (before, after) =
        (("a <b>".to_owned(), before.read()), ("c & d".to_owned(), tokio().read()));
    crate::output::comparison::render(&RunComparison::of(before, after).expect("can be compared"))
        .expect("renders")
}

fn is(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

#[test]
fn every_file_is_there_well_formed_and_the_same_again() {
    let written = files();
    let names: Vec<&str> = written.iter().map(|(name, _)| name.as_str()).collect();
    let expected = ["throughput", "throughput-ratio", "p99", "p99-ratio"];
    let charts = expected
        .iter()
        .flat_map(|name| [format!("charts/{name}.svg"), format!("charts/dark/{name}.svg")]);
    let expected: Vec<String> = ["compare.json", "compare.md", "compare.html"]
        .map(str::to_owned)
        .into_iter()
        .chain(charts)
        .collect();
    assert_eq!(names, expected);
    for (name, bytes) in &written {
        let text = String::from_utf8(bytes.clone()).expect("is text");
        if is(name, "svg") {
            let parsed = roxmltree::Document::parse(&text).expect("is well-formed");
            let has = |tag| {
                parsed
                    .descendants()
                    .any(|node| node.has_tag_name(("http://www.w3.org/2000/svg", tag)))
            };
            assert!(has("title") && has("desc"), "{name}");
        } else if is(name, "json") {
            serde_json::from_str::<serde_json::Value>(&text).expect("is JSON");
        } else {
            let escaped = if is(name, "md") { "\\<kernel>" } else { "&lt;kernel&gt;" };
            assert!(text.contains(escaped), "{name}");
        }
    }
    assert!(written == files(), "the same bytes");
}

#[test]
fn no_text_of_its_charts_lies_over_another() {
    let slower = compared(tokio(), moved(tokio(), "tokio", 0.8));
    for chart in crate::charts::compared::all(&slower) {
        let crate::charts::Outcome::Drawn(drawing) = chart.outcome else {
            panic!("{} is left out", chart.key);
        };
        for plot in [&drawing.wide, &drawing.narrow] {
            let areas: Vec<_> = plot
                .texts
                .iter()
                .flat_map(|text| text.areas.iter().map(move |a| (text, *a)))
                .collect();
            for (at, (text, a)) in areas.iter().enumerate() {
                assert!(a.0 >= 0.0 && a.2 <= plot.width, "{}: {}", chart.key, text.text);
                let over =
                    |b: &(f64, f64, f64, f64)| a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3;
                for (other, b) in &areas[at + 1..] {
                    let same = std::ptr::eq(*text, *other);
                    assert!(same || !over(b), "{}: {} and {}", chart.key, text.text, other.text);
                }
            }
        }
    }
}
