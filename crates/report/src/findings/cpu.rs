//! CPU time per request of the closest rival against the best model's.

use super::versus::Versus;
use super::{Finding, Rule, at_level};
use crate::analysis::Analysis;
use crate::analysis::metric::CPU_PER_REQUEST;
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "cpu",
    doc: "CPU per request at the highest load where both models are trusted",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    let Some(versus) = Versus::of(analysis, &CPU_PER_REQUEST) else { return Vec::new() };
    let sentence = Sentence::new()
        .text(format!(
            "CPU per request at {}: {} under ",
            at_level(analysis, versus.level),
            format::micros(versus.rival_value)
        ))
        .model(versus.rival)
        .text(format!(" against {} under ", format::micros(versus.best_value)))
        .model(versus.best);
    let sentence = versus.others(sentence, &CPU_PER_REQUEST).text(".").muted(versus.evidence());
    vec![Finding {
        key: RULE.key,
        figure: format::ratio(versus.ratio.ratio),
        sentence: sentence.done(),
        different: versus.different(),
    }]
}
