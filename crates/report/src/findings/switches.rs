//! Context switches per request: what waiting on a thread costs the scheduler.

use super::versus::Versus;
use super::{Finding, Rule, at_level};
use crate::analysis::Analysis;
use crate::analysis::metric::SWITCHES_PER_REQUEST;
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "switches",
    doc: "context switches per request at the highest load where both models are trusted",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    let Some(versus) = Versus::of(analysis, &SWITCHES_PER_REQUEST) else { return Vec::new() };
    let sentence = Sentence::new()
        .text(format!(
            "Context switches per request at {} under ",
            at_level(analysis, versus.level)
        ))
        .model(versus.rival)
        .text("; ")
        .model(versus.best)
        .text(format!(" takes {}", format::number(versus.best_value)));
    let sentence = versus.others(sentence, &SWITCHES_PER_REQUEST).text(".").muted(
        match versus.ratio.interval {
            Some(_) => format!("ratio {}", versus.evidence()),
            None => versus.evidence(),
        },
    );
    vec![Finding {
        key: RULE.key,
        figure: format::number(versus.rival_value),
        sentence: sentence.done(),
        different: versus.different(),
    }]
}
