//! The pages that show the samples say what the samples say.
//!
//! Figures in prose go stale: here they are made again from each sample's `summary.md` and compared.

#[path = "../crates/loadgen/examples/gallery/pages.rs"]
mod pages;

use std::fs;
use std::path::{Path, PathBuf};

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/samples")
}

#[test]
fn the_pages_are_those_that_the_samples_make() {
    for (path, made) in pages::pages(&samples()).expect("samples can be read") {
        let kept = fs::read_to_string(&path).expect("the page is there");
        assert!(
            kept == made,
            "{} is not what the samples make; `cargo run --release -p loadgen --example gallery -- --render`",
            path.display()
        );
    }
}

#[test]
fn the_design_document_quotes_no_figure_of_its_own() {
    let text = fs::read_to_string(samples().join("design_doc.md")).expect("the page is there");
    let mut inside = false;
    for line in text.lines() {
        match line {
            "<!-- end -->" => inside = false,
            _ if line.starts_with("<!-- from ") => inside = true,
            _ if !inside => assert!(!line.contains(|c: char| c.is_ascii_digit()), "{line}"),
            _ => {}
        }
    }
    let table = text.lines().filter(|line| line.starts_with('|'));
    let summary = fs::read_to_string(samples().join("high_latency/summary.md")).expect("is there");
    assert!(table.clone().count() > 2, "the verdict table is there");
    assert!(table.into_iter().all(|row| summary.contains(row)), "every row stands in the sample");
    assert!(text.matches("<picture>").count() >= 2, "two charts are there");
}

#[test]
fn every_sample_can_be_rendered_again_and_names_no_machine_path() {
    for entry in fs::read_dir(samples()).expect("samples can be read").flatten() {
        let path = entry.path();
        if !path.is_dir() {
            continue;
        }
        for name in ["run.json", "trials.jsonl", "histograms.hlog", "verdict.json", "summary.md"] {
            assert!(path.join(name).is_file(), "{} lacks {name}", path.display());
        }
        let run = fs::read_to_string(path.join("run.json")).expect("run.json can be read");
        let run: serde_json::Value = serde_json::from_str(&run).expect("run.json is JSON");
        let argv = run["argv"].as_array().expect("a command line");
        let absolute = argv.iter().any(|word| word.as_str().is_some_and(|w| w.starts_with('/')));
        assert!(!absolute, "{}: {argv:?}", path.display());
    }
}
