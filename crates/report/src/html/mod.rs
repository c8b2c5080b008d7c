//! `report.html`: one self-contained page, without network; a policy in its head forbids any.
//!
//! Its one script shows a mark's figures at the pointer or on a key; nothing is lost without it.
//! Charts are inline, their colours CSS variables that follow
//! `prefers-color-scheme` and print light; each is there twice, wide and narrow, and CSS shows one.
//! A section is a file here. Deliberately not here: conclusions, which come from the verdict and the
//! findings, and figures for people, which come from `format`.

mod calibration;
mod compact;
mod comparison;
mod figures;
mod findings;
mod health;
mod parts;
mod paths;
mod reading;
mod trials;
mod verdict;

pub(crate) use comparison::compared;
pub(crate) use verdict::heads;

use std::fmt::Write as _;

use crate::analysis::Analysis;
use crate::charts::drawing::palette::variable;
use crate::charts::drawing::svg::escape;
use crate::charts::{Chart, Outcome, page_css};
use crate::findings::Finding;
use crate::look::COLOURS;
use crate::verdict::Verdict;

/// Nothing is fetched from anywhere; style and script stand in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// The page of an analysis with what was concluded from it; `charts` in the order of the page.
pub fn page(
    analysis: &Analysis,
    findings: &[Finding],
    verdict: &Verdict,
    charts: &[(&Chart, &Outcome)],
) -> String {
    let body = [
        verdict::render(analysis, verdict),
        findings::render(analysis, findings),
        figures::render(charts),
        health::render(analysis),
        trials::render(analysis),
        reading::render(analysis),
        reading::scenario(analysis),
    ];
    document(
        &analysis.run.scenario.title,
        "To the report",
        &contents(charts),
        &body.concat(),
        &crate::charts::source(analysis),
    )
}

/// A whole page: its head, the way to skip the contents, `body` between contents and footer.
/// `contents` and `body` are markup, the rest is plain text.
fn document(title: &str, skip: &str, contents: &str, body: &str, footer: &str) -> String {
    let (body, rules) = compact::compact(body, variable);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n\
         <title>{} · loadgen</title>\n<style>\n{}{}{rules}\n</style>\n</head>\n<body>\
         <a class=\"skip\" href=\"#main\">{}</a><div class=\"page\">\n{contents}<main id=\"main\">\n{body}\
         </main>\n<footer>{}</footer></div>\n<script>\n{}</script></body></html>\n",
        escape(title),
        colours(),
        include_str!("style.css"),
        escape(skip),
        escape(footer),
        include_str!("marks.js"),
    )
}

/// Variables, and a text class for each model colour.
fn colours() -> String {
    let mut css = page_css();
    for model in 0..COLOURS {
        let _ = write!(css, ".t{model}{{color:var(--t{model})}}");
    }
    css.push('\n');
    css
}

fn contents(charts: &[(&Chart, &Outcome)]) -> String {
    let drawn = charts.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Drawn(_)));
    let mut links = vec![("verdict", "Verdict"), ("findings", "Findings")];
    links.extend(drawn.map(|(chart, _)| (chart.key, chart.short)));
    links.extend([
        ("health", "Run health"),
        ("trials", "Every trial"),
        ("reading", "How to read"),
        ("scenario", "Scenario and machine"),
    ]);
    navigation(&links)
}

/// Links to the sections of a page: anchor and words of each.
fn navigation(links: &[(&str, &str)]) -> String {
    let mut out = String::from("<nav aria-label=\"Contents\">");
    for (anchor, words) in links {
        let _ = write!(out, "<a href=\"#{anchor}\">{}</a>", escape(words));
    }
    out.push_str("</nav>\n");
    out
}

#[cfg(test)]
mod tests;
