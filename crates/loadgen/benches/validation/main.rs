//! Known answers, measured: whole trials through the real program beside what arithmetic and
//! queueing theory say they must yield.
//!
//! `cargo bench -p loadgen --bench validation` runs every section (under six minutes) and writes
//! `results/validation.md`. With names of sections behind `--` it runs those and prints the page
//! instead. It judges figures, so it wants a machine with nothing else to do; what it finds out of
//! bounds it says, and changes nothing.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its figures")]

mod closed;
mod lab;
mod open;
mod page;
mod recursion;
mod stats;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use lab::Lab;
use page::Section;

/// A section of the page: its name on the command line, and what measures it.
type Entry = (&'static str, fn(&mut Lab) -> Result<Section>);

const SECTIONS: &[Entry] = &[
    ("fixed", closed::fixed),
    ("longer", closed::longer),
    ("pool", closed::pool),
    ("queue", open::queue),
    ("unqueued", open::unqueued),
    ("stall", open::stall),
    ("rates", open::rates),
];

fn main() -> Result<()> {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let known = |word: &String| SECTIONS.iter().any(|(name, _)| name == word);
    if let Some(strange) = wanted.iter().find(|word| !known(word)) {
        let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
        anyhow::bail!("no section {strange}, only {}", names.join(", "));
    }
    let chosen = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    let began = Instant::now();
    let mut lab = Lab::new()?;
    let mut sections = Vec::new();
    for (name, measure) in SECTIONS.iter().filter(|(name, _)| chosen(name)) {
        eprintln!("{:4.0} s  {name}", began.elapsed().as_secs_f64());
        sections.push(measure(&mut lab).with_context(|| format!("section {name}"))?);
    }
    let page = page::render(&sections, &lab, began.elapsed());
    if wanted.is_empty() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/validation.md");
        std::fs::write(&path, &page).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("results/validation.md: {}", page::tally(&sections));
    } else {
        print!("{page}");
    }
    Ok(())
}
