//! The page over every made-up run.

use super::page;
use crate::charts::{CHARTS, Outcome};
use crate::findings;
use crate::testing::{Fixture, odd};
use crate::verdict::Verdict;

fn render(fixture: Fixture) -> String {
    let analysis = fixture.analysis();
    let findings = findings::all(&analysis);
    let verdict = Verdict::of(&analysis, &findings);
    let outcomes: Vec<Outcome> = CHARTS.iter().map(|chart| chart.drawn(&analysis)).collect();
    let charts: Vec<_> = CHARTS.iter().zip(&outcomes).collect();
    page(&analysis, &findings, &verdict, &charts)
}

/// The page is XML but for its doctype, which makes this test easy.
fn parsed(text: &str) -> roxmltree::Document<'_> {
    let body = text.strip_prefix("<!doctype html>").expect("a doctype");
    roxmltree::Document::parse(body).expect("well-formed")
}

#[test]
fn every_run_renders_well_formed_without_a_way_out() {
    for (run, fixture) in odd::all() {
        let text = render(fixture);
        let document = parsed(&text);
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            // The page's own, and none else.
            let own =
                node.text().is_some_and(|text| text.trim() == include_str!("marks.js").trim());
            assert!(node.tag_name().name() != "script" || own, "{run}");
            for attribute in node.attributes() {
                let leaves = ["src", "href"].contains(&attribute.name())
                    && !attribute.value().starts_with('#');
                assert!(!leaves, "{run}: {} leaves the page", attribute.value());
            }
        }
        assert!(!text.contains("url(") && !text.contains("@import"), "{run}");
    }
}

#[test]
fn ids_are_unique_and_links_lead_somewhere() {
    for (run, fixture) in odd::all() {
        let text = render(fixture);
        let document = parsed(&text);
        let mut ids: Vec<&str> = document.descendants().filter_map(|n| n.attribute("id")).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{run}");
        for link in document.descendants().filter_map(|n| n.attribute("href")) {
            assert!(ids.binary_search(&link.trim_start_matches('#')).is_ok(), "{run}: {link}");
        }
        for names in document.descendants().filter_map(|n| n.attribute("aria-labelledby")) {
            assert!(
                names.split(' ').all(|name| ids.binary_search(&name).is_ok()),
                "{run}: {names}"
            );
        }
    }
}

#[test]
fn tables_are_rectangular_with_headers() {
    for (run, fixture) in odd::all() {
        let text = render(fixture);
        for table in parsed(&text).descendants().filter(|n| n.has_tag_name("table")) {
            let widths: Vec<usize> = table
                .descendants()
                .filter(|n| n.has_tag_name("tr"))
                .map(|row| {
                    row.children()
                        .filter(roxmltree::Node::is_element)
                        .map(|cell| {
                            cell.attribute("colspan").and_then(|n| n.parse().ok()).unwrap_or(1)
                        })
                        .sum()
                })
                .collect();
            assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{run}: {widths:?}");
            let scoped = table
                .descendants()
                .filter(|n| n.has_tag_name("th"))
                .all(|th| th.has_attribute("scope"));
            assert!(scoped && table.children().any(|n| n.has_tag_name("caption")), "{run}");
        }
    }
}

#[test]
fn text_from_outside_is_escaped() {
    let mut fixture = Fixture::high_latency();
    fixture.run.scenario.title = "<b>bold</b> & co".to_owned();
    fixture.run.scenario.text = "</code><script>alert(1)</script>".to_owned();
    fixture.rows[0].notes.push("<i>".to_owned());
    let text = render(fixture);
    assert!(!text.contains("<b>bold") && !text.contains("<script>alert"));
    parsed(&text);
}

#[test]
fn the_same_run_renders_the_same_bytes() {
    assert_eq!(render(Fixture::flaky()), render(Fixture::flaky()));
}

/// Twenty models with labels of some sixty characters; every figure is there twice, drawn and in a
/// table.
#[test]
fn a_hundred_trials_stay_small() {
    let (_, fixture) =
        odd::all().into_iter().find(|(run, _)| *run == "hundred-trials").expect("the run");
    assert_eq!(fixture.rows.len(), 100);
    assert!(render(fixture).len() < 1_450_000);
}
