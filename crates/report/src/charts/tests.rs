//! Every chart over every made-up run, odd ones included.

use super::*;
use crate::testing::{Fixture, odd};

fn outcomes(fixture: Fixture) -> Vec<(&'static str, Outcome)> {
    let analysis = fixture.analysis();
    CHARTS.iter().map(|chart| (chart.key, chart.drawn(&analysis))).collect()
}

/// Every drawing of every made-up run: (run, chart, drawing).
fn drawings() -> Vec<(&'static str, &'static str, Box<Drawing>)> {
    let mut all = Vec::new();
    // A calm run has no chart of its health.
    let mut loud = Fixture::flaky();
    loud.rows[3].steal = Some(0.2);
    for (run, fixture) in odd::all().into_iter().chain([("loud", loud)]) {
        for (key, outcome) in outcomes(fixture) {
            if let Outcome::Drawn(drawing) = outcome {
                all.push((run, key, drawing));
            }
        }
    }
    all
}

#[test]
fn charts_have_unique_keys_and_names() {
    for (at, chart) in CHARTS.iter().enumerate() {
        assert!(chart.key.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", chart.key);
        assert!(
            CHARTS[..at]
                .iter()
                .all(|other| other.key != chart.key && other.section != chart.section)
        );
    }
}

#[test]
fn the_plain_run_draws_every_chart_that_it_can_support() {
    // Nothing in these shares state, and no trial is over a threshold of health.
    let absent = ["shared", "trials-health"];
    let outcomes = |fixture| outcomes(fixture).into_iter().filter(|(key, _)| !absent.contains(key));
    for (key, outcome) in outcomes(Fixture::high_latency()) {
        // Everything in it is ok, and a closed loop has no schedule to lag behind.
        let drawn = !["outcomes", "clocks"].contains(&key);
        assert_eq!(matches!(outcome, Outcome::Drawn(_)), drawn, "{key}");
    }
    for (key, outcome) in outcomes(Fixture::flaky()) {
        assert_eq!(matches!(outcome, Outcome::Drawn(_)), key != "clocks", "{key}");
    }
    for (key, outcome) in outcomes(Fixture::open()) {
        assert!(matches!(outcome, Outcome::Drawn(_)), "{key}");
    }
    for (key, outcome) in outcomes(Fixture::staged()) {
        if key == "throughput" || key == "timeline" {
            assert_eq!(matches!(outcome, Outcome::Drawn(_)), key == "timeline", "{key}");
        }
    }
}

#[test]
fn a_run_without_a_figure_leaves_charts_out_with_a_reason() {
    for fixture in [Fixture::high_latency().all_failed(), Fixture::high_latency().keep(|_| false)] {
        for (key, outcome) in outcomes(fixture) {
            match outcome {
                Outcome::LeftOut(reason) => assert!(!reason.is_empty(), "{key}"),
                Outcome::Drawn(drawing) => panic!("{key} drew {}", drawing.title),
            }
        }
    }
}

#[test]
fn files_and_figures_are_well_formed_and_described() {
    for (run, key, drawing) in drawings() {
        let mut texts = vec![file(key, &drawing, Theme::Light), file(key, &drawing, Theme::Dark)];
        for (class, plot) in [("wide", &drawing.wide), ("narrow", &drawing.narrow)] {
            texts.push(inline(key, &drawing, class, plot));
        }
        for text in texts {
            let document =
                roxmltree::Document::parse(&text).unwrap_or_else(|e| panic!("{run}/{key}: {e}"));
            let root = document.root_element();
            assert_eq!(root.attribute("role"), Some("img"), "{run}/{key}");
            let first = root.first_element_child().map(|e| e.tag_name().name().to_owned());
            assert_eq!(first.as_deref(), Some("title"), "{run}/{key}");
            for child in ["title", "desc"] {
                let text =
                    root.children().find(|e| e.has_tag_name(("http://www.w3.org/2000/svg", child)));
                assert!(
                    text.and_then(|e| e.text()).is_some_and(|t| !t.is_empty()),
                    "{run}/{key}: {child}"
                );
            }
            for number in document.descendants().flat_map(|n| n.attributes()).map(|a| a.value()) {
                assert!(
                    !number.contains("NaN") && !number.contains("inf"),
                    "{run}/{key}: {number}"
                );
            }
        }
    }
}

#[test]
fn the_same_run_draws_the_same_bytes() {
    for fixture in [Fixture::high_latency, Fixture::flaky] {
        let draw = || -> Vec<String> {
            let mut texts = Vec::new();
            for (key, outcome) in outcomes(fixture()) {
                if let Outcome::Drawn(drawing) = outcome {
                    texts.push(file(key, &drawing, Theme::Light));
                    texts.push(inline(key, &drawing, "narrow", &drawing.narrow));
                }
            }
            texts
        };
        assert_eq!(draw(), draw());
    }
}

#[test]
fn no_text_lies_over_another_or_outside() {
    let mut wrong = Vec::new();
    for (run, key, drawing) in drawings() {
        for (layout, plot) in [("wide", &drawing.wide), ("narrow", &drawing.narrow)] {
            for (at, text) in plot.texts.iter().enumerate() {
                let place = format!("{run}/{key}/{layout}: {:?}", text.text);
                let outside = |a: &(f64, f64, f64, f64)| {
                    a.0 < 0.0 || a.1 < 0.0 || a.2 > plot.width || a.3 > plot.height
                };
                if text.areas.iter().any(outside) {
                    wrong.push(format!("{place} is cut off"));
                }
                for other in &plot.texts[..at] {
                    if text.areas.iter().any(|a| other.areas.iter().any(|b| overlap(a, b))) {
                        wrong.push(format!("{place} over {:?}", other.text));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn overlap(a: &(f64, f64, f64, f64), b: &(f64, f64, f64, f64)) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

#[test]
fn untrusted_points_are_hollow_and_exhausted_ones_crossed() {
    let drawn = outcomes(Fixture::high_latency());
    let Some((_, Outcome::Drawn(throughput))) =
        drawn.into_iter().find(|(key, _)| *key == "throughput")
    else {
        panic!("the chart is drawn")
    };
    let text = inline("throughput", &throughput, "wide", &throughput.wide);
    let document = roxmltree::Document::parse(&text).expect("well-formed");
    let mark = |words: &str| {
        document
            .descendants()
            .find(|n| {
                n.text().is_some_and(|t| t.contains(words))
                    && n.has_tag_name(("http://www.w3.org/2000/svg", "title"))
            })
            .and_then(|n| n.parent())
            .expect("the mark is there")
    };
    let unsteady = mark("rayon-256, N\u{a0}=\u{a0}1,024: median");
    assert_eq!(unsteady.attribute("fill"), Some(Ink::Background.hex()));
    let exhausted = mark("thread-per-request, N\u{a0}=\u{a0}1,024: median");
    assert_eq!(exhausted.attribute("stroke-linecap"), Some("round"));
    let ran_out = "no threads beyond 2,400, with 797 requests in flight";
    assert!(throughput.doubts.iter().any(|d| d.contains(ran_out)), "{:?}", throughput.doubts);
    assert!(throughput.doubts.iter().any(|d| d.contains("14 % apart")));
}

#[test]
fn every_model_with_a_mark_is_named() {
    for (run, key, drawing) in drawings() {
        // Rows and panels of these are headed; the forest draws the closest rivals only.
        let headed = [
            "latency",
            "outcomes",
            "ratio",
            "thread-time",
            "budget",
            "timeline",
            "clocks",
            "trials-health",
        ];
        if headed.contains(&key) {
            continue;
        }
        for plot in [&drawing.wide, &drawing.narrow] {
            let written: String =
                plot.texts.iter().map(|text| text.text.replace([' ', '\u{a0}'], "")).collect();
            for group in &drawing.table.groups {
                let class = format!("<g class=\"model m{}\"><", group.model.index);
                let marked = plot.markup.matches(&class).count() > 0;
                let name = group.label.replace(' ', "");
                // A word wider than the column is cut: its beginning is there.
                let cut = group.label.split([' ', '-']).any(|word| word.chars().count() > 20);
                let name = if cut { name.chars().take(8).collect() } else { name };
                assert!(!marked || written.contains(&name), "{run}/{key}: {}", group.label);
            }
        }
    }
}

#[test]
fn what_has_no_place_on_a_log_axis_is_noted() {
    let (_, fixture) =
        odd::all().into_iter().find(|(run, _)| *run == "zeros").expect("there is such a run");
    for (key, outcome) in outcomes(fixture) {
        if let Outcome::Drawn(drawing) = outcome
            && ["throughput", "latency", "cpu", "added"].contains(&key)
        {
            assert!(
                drawing.notes.iter().any(|note| note.contains("no place on a log axis")),
                "{key}"
            );
        }
    }
}
