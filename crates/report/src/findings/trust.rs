//! How many trials are not to be trusted, by verdict, and what that means.

use measurement::row::Verdict;

use super::{Finding, Rule};
use crate::analysis::Analysis;
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "trust",
    doc: "trials that are not to be trusted, by verdict, and what that means",
    find,
};

/// What a verdict against a trial means, in words.
pub(crate) const MEANINGS: &[(Verdict, &str)] = &[
    (Verdict::Exhausted, "a limit of the operating system ended it"),
    (Verdict::UpstreamLimited, "the mock did not keep up"),
    (Verdict::Unsteady, "no steady state inside the window"),
    (Verdict::Inconsistent, "its books do not balance"),
    (Verdict::Failed, "it did not finish"),
];

fn find(analysis: &Analysis) -> Vec<Finding> {
    let bad = analysis.rows.len() - analysis.trusted_rows();
    if bad == 0 {
        return Vec::new();
    }
    let parts: Vec<String> = MEANINGS
        .iter()
        .filter_map(|(verdict, meaning)| {
            let count = analysis.rows.iter().filter(|row| row.verdict == *verdict).count();
            (count > 0).then(|| format!("{count} {} ({meaning})", verdict.name()))
        })
        .collect();
    let verb = if bad == 1 { "trials is" } else { "trials are" };
    let sentence = Sentence::new()
        .text(format!(
            "Of {} {verb} not to be trusted: {}.",
            format::count(analysis.rows.len() as f64),
            format::list(&parts)
        ))
        .muted("They enter no median, no verdict and no finding but those on themselves, and are drawn hollow.");
    vec![Finding {
        key: RULE.key,
        figure: format::count(bad as f64),
        sentence: sentence.done(),
        different: true,
    }]
}
