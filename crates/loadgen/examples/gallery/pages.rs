//! The pages that show samples: their index, and the blocks of a design document.
//!
//! Everything with a figure is cut out of a sample's `summary.md`; only questions are written by hand.
//! A test makes the pages again and compares them with what lies in the repository.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Samples in the order of the index, what each asks, and its chart; others follow by name.
const ORDER: &[(&str, &str, &str)] = &[
    ("high_latency", "What does it cost to wait, with threads and without?", "throughput"),
    ("low_latency", "And when there is hardly anything to wait for?", "throughput"),
    ("cpu_bound", "And when the work is CPU?", "throughput"),
    (
        "c10k",
        "Where does a thread per request end, and what do thousands in flight cost?",
        "resources",
    ),
    ("pool_size", "How much does a pool carry whose threads wait?", "throughput"),
    ("flaky", "Does one bad upstream sink the answer?", "outcomes"),
    (
        "blocking_in_async",
        "What does one blocking call do to everybody on its event loop?",
        "latency",
    ),
    ("shared_state", "What does the guard of shared state decide?", "throughput"),
    ("connection_per_request", "What does a connection per fetch cost?", "cpu"),
    ("heavy_tail", "What does fan-out make of a tail?", "spectrum"),
    ("open_loop", "Which rate does each model hold?", "hockey"),
    (
        "coordinated_omission",
        "What does a stall look like to requests that come regardless?",
        "clocks",
    ),
    ("coordinated_omission_closed", "And to a closed loop?", "latency"),
];

/// Chart of a sample that is not listed, or lacks the one it is listed with.
const DEFAULT_CHART: &str = "throughput";

/// Every page made from the samples in a folder, with its path.
pub(crate) fn pages(samples: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let summaries = summaries(samples)?;
    let mut pages = vec![(samples.join("README.md"), index(&summaries))];
    let path = samples.join("design_doc.md");
    let text = fs::read_to_string(&path)?;
    pages.push((path, refreshed(&text, &summaries)?));
    Ok(pages)
}

/// `summary.md` of every sample.
fn summaries(samples: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(samples)?.flatten() {
        if let Ok(text) = fs::read_to_string(entry.path().join("summary.md")) {
            found.insert(entry.file_name().to_string_lossy().into_owned(), text);
        }
    }
    Ok(found)
}

/// The index: a question, an answer and a picture each.
fn index(summaries: &BTreeMap<String, String>) -> String {
    let mut out = String::from(
        "# Samples\n\n<!-- Made by `cargo run --release -p loadgen --example gallery`, from what the runs say. -->\n\n\
         One real run per scenario, each with its charts, `summary.md`, `verdict.json`, `trials.csv` and the page `report.html`.\n\
         [`design_doc.md`](design_doc.md) is a page of a design document made from them.\n",
    );
    let listed = ORDER.iter().filter(|(name, ..)| summaries.contains_key(*name)).copied();
    let others = summaries
        .keys()
        .map(String::as_str)
        .filter(|name| ORDER.iter().all(|(own, ..)| own != name))
        .map(|name| (name, "", DEFAULT_CHART));
    for (name, question, chart) in listed.chain(others) {
        let summary = &summaries[name];
        let title = heading(summary);
        let _ = write!(out, "\n## [{title}]({name}/summary.md)\n\n");
        if !question.is_empty() {
            let _ = write!(out, "{question} ");
        }
        let _ = write!(
            out,
            "([scenario](../../scenarios/{name}.toml), [page]({name}/report.html))\n\n{}\n",
            headline(summary)
        );
        let picture =
            picture(name, summary, chart).or_else(|| picture(name, summary, DEFAULT_CHART));
        if let Some(picture) = picture {
            let _ = write!(out, "\n{picture}\n");
        }
    }
    out
}

/// A document with every block between `<!-- from SAMPLE: PART -->` and `<!-- end -->` made again.
/// Parts: `headline`, `conditions`, `table`, `chart KEY`, `findings WORDS; WORDS…` (those whose
/// sentence begins with the words; one that the sample lacks is left out).
fn refreshed(text: &str, summaries: &BTreeMap<String, String>) -> io::Result<String> {
    let wrong = |problem: String| io::Error::new(io::ErrorKind::InvalidData, problem);
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(out, "{line}");
        let Some(order) = line.strip_prefix("<!-- from ").and_then(|l| l.strip_suffix(" -->"))
        else {
            continue;
        };
        let part = order.split_once(": ").and_then(|(name, part)| {
            let summary = summaries.get(name)?;
            part_of(name, summary, part)
        });
        let part = part.ok_or_else(|| wrong(format!("no sample has `{order}`")))?;
        let _ = write!(out, "\n{part}\n\n<!-- end -->\n");
        if !lines.by_ref().any(|line| line == "<!-- end -->") {
            return Err(wrong(format!("`{order}` has no end")));
        }
    }
    Ok(out)
}

fn part_of(name: &str, summary: &str, part: &str) -> Option<String> {
    let (kind, rest) = part.split_once(' ').unwrap_or((part, ""));
    match kind {
        "headline" => Some(headline(summary).to_owned()),
        "conditions" => summary.lines().find(|line| line.contains(" · seed ")).map(str::to_owned),
        "table" => {
            let rows: Vec<&str> = summary
                .lines()
                .skip_while(|line| !line.starts_with('|'))
                .take_while(|line| line.starts_with('|'))
                .collect();
            (!rows.is_empty()).then(|| rows.join("\n"))
        }
        "chart" => picture(name, summary, rest),
        "findings" => {
            let begins = |line: &str| {
                let sentence = line.strip_prefix("- ").and_then(|line| line.split_once(": "))?.1;
                // Figures are glued to their units; words of a document are not.
                let sentence = sentence.replace('\u{a0}', " ");
                rest.split("; ").find(|words| sentence.starts_with(*words))
            };
            let found: Vec<&str> = summary.lines().filter(|line| begins(line).is_some()).collect();
            if found.is_empty() {
                return Some("_The sample has no finding on this._".to_owned());
            }
            Some(found.join("\n"))
        }
        _ => None,
    }
}

fn heading(summary: &str) -> &str {
    summary.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default()
}

/// The sentence in bold below the heading, plain.
fn headline(summary: &str) -> &str {
    let bold = summary.lines().find_map(|line| line.strip_prefix("**")?.strip_suffix("**"));
    bold.unwrap_or_default()
}

/// A chart's `<picture>`, from a page beside the sample.
fn picture(name: &str, summary: &str, key: &str) -> Option<String> {
    let at = summary.find(&format!("src=\"charts/{key}.svg\""))?;
    let (start, end) = (summary[..at].rfind("<picture>")?, summary[at..].find("</picture>")? + at);
    let own = format!("\"{name}/charts/");
    Some(format!("{}</picture>", summary[start..end].replace("\"charts/", &own)))
}
