//! The summary as text.

use super::*;
use crate::testing::Fixture;

fn summary(fixture: Fixture) -> String {
    format::plain(&render(&Report::of(fixture.analysis())))
}

#[test]
fn it_has_its_sections_in_order() {
    let text = summary(Fixture::high_latency());
    let mut from = 0;
    for section in [
        "# Made-up figures",
        "**On one core tokio served up to ",
        "| model ",
        "## Findings",
        "<picture>",
        "## Every level",
        "## How far to trust this",
        "## Machine",
        "## Run it again",
    ] {
        let at = text[from..].find(section).unwrap_or_else(|| panic!("{section} after {from}"));
        from += at;
    }
    assert!(text.contains("cargo run -p loadgen -- scenarios/made_up.toml"));
    assert!(text.ends_with(".\n") && !text.contains("\n\n\n"));
}

#[test]
fn every_table_row_has_as_many_cells_as_its_heading() {
    let mut fixture = Fixture::flaky();
    fixture.rows[0].reason = "a | b".to_owned();
    fixture.rows[0].verdict = measurement::row::Verdict::Failed;
    let text = summary(fixture);
    let mut wanted = None;
    for line in text.lines() {
        if line.starts_with('|') {
            let cells = line.replace("\\|", "").matches('|').count();
            assert_eq!(cells, *wanted.get_or_insert(cells), "{line}");
        } else {
            wanted = None;
        }
    }
}

#[test]
fn an_objective_is_told_with_who_meets_it() {
    let text = summary(Fixture::flaky());
    assert!(text.contains("met by tokio, thread-per-request and rayon-256."), "{text}");
    assert!(!summary(Fixture::high_latency()).contains("Objective"));
}

#[test]
fn a_run_without_trials_still_tells_its_machine() {
    let text = summary(Fixture::high_latency().keep(|_| false));
    assert!(text.contains("No trial ended."), "{text}");
    assert!(text.contains("Imaginary CPU"));
}
