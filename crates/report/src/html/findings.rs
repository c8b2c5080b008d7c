//! The findings: a figure and a sentence each.

use std::fmt::Write as _;

use super::parts;
use crate::analysis::Analysis;
use crate::charts::drawing::svg::escape;
use crate::findings::Finding;

/// Figures of more characters are words: they are set smaller.
const SHORT: usize = 9;

pub(super) fn render(analysis: &Analysis, findings: &[Finding]) -> String {
    let mut body = String::from(
        "<p class=\"sub\">Ratios are paired by repeat; intervals are t intervals of the mean of logs; fewer than three repeats give their range and no call. Grey: no difference to call.</p>\n",
    );
    if findings.is_empty() {
        body.push_str(&parts::note("Nothing: no two points to be trusted can be compared"));
        return parts::section("findings", "Findings", &body);
    }
    let items = findings.iter().map(|finding| {
        let sentence = parts::sentence(analysis, &finding.sentence);
        (finding.figure.as_str(), finding.different, sentence)
    });
    body.push_str(&list(items));
    parts::section("findings", "Findings", &body)
}

/// A list of findings: the figure that leads each, whether it tells of a difference, its sentence as
/// markup.
pub(super) fn list<'a>(items: impl Iterator<Item = (&'a str, bool, String)>) -> String {
    // `list-style: none` takes the list's role away in some browsers: stated again.
    let mut out = String::from("<ol class=\"findings\" role=\"list\">\n");
    for (figure, different, sentence) in items {
        let same = if different { "" } else { " same" };
        let long = if figure.chars().count() > SHORT { " long" } else { "" };
        let figure = escape(figure);
        let _ = writeln!(
            out,
            "<li><span class=\"n{same}{long}\">{figure}</span><p>{sentence}</p></li>"
        );
    }
    out.push_str("</ol>\n");
    out
}
