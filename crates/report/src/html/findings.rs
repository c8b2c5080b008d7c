//! The findings: a figure and a sentence each.

use std::fmt::Write as _;

use super::parts;
use crate::analysis::Analysis;
use crate::charts::svg::escape;
use crate::findings::Finding;

pub(super) fn render(analysis: &Analysis, findings: &[Finding]) -> String {
    let mut body = String::from(
        "<p class=\"sub\">Ratios are paired by repeat; intervals are t intervals of the mean of logs. Grey: no difference to call.</p>\n",
    );
    if findings.is_empty() {
        body.push_str(&parts::note("Nothing: no two points to be trusted can be compared"));
        return parts::section("findings", "Findings", &body);
    }
    // `list-style: none` takes the list's role away in some browsers: stated again.
    body.push_str("<ol class=\"findings\" role=\"list\">\n");
    for finding in findings {
        let class = if finding.different { "n" } else { "n same" };
        let figure = escape(&finding.figure);
        let sentence = parts::sentence(analysis, &finding.sentence);
        let _ = writeln!(body, "<li><span class=\"{class}\">{figure}</span><p>{sentence}</p></li>");
    }
    body.push_str("</ol>\n");
    parts::section("findings", "Findings", &body)
}
