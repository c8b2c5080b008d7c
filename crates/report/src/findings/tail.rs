//! The p99 of the closest rival against the best model's, over the floor.

use super::versus::Versus;
use super::{Finding, Rule, at_level};
use crate::analysis::Analysis;
use crate::analysis::metric::LATENCY_P99;
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "tail",
    doc: "p99 at the highest load where both models are trusted, with the floor",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    let Some(versus) = Versus::of(analysis, &LATENCY_P99) else { return Vec::new() };
    let floor = analysis
        .floor_p99_ms_of(&analysis.series[versus.best], versus.level)
        .map(|ms| format!(", over a floor of {}", format::millis(ms)))
        .unwrap_or_default();
    let sentence = Sentence::new()
        .text(format!(
            "The p99 at {}: {} under ",
            at_level(analysis, versus.level),
            format::millis(versus.rival_value)
        ))
        .model(versus.rival)
        .text(format!(" against {} under ", format::millis(versus.best_value)))
        .model(versus.best)
        .text(floor);
    let sentence = versus.others(sentence, &LATENCY_P99).text(".").muted(versus.evidence());
    vec![Finding {
        key: RULE.key,
        figure: format::ratio(versus.ratio.ratio),
        sentence: sentence.done(),
        different: versus.different(),
    }]
}
