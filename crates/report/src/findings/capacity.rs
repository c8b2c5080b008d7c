//! Open loop: the highest offered rate that each model keeps up with, and what lies past it.

use super::{Finding, Rule};
use crate::analysis::{Analysis, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "capacity",
    doc: "open loop: the highest offered rate that each model keeps up with",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    if !analysis.open() || analysis.staged() {
        return Vec::new();
    }
    analysis.series.iter().filter(|series| series.again.is_none()).filter_map(of).collect()
}

fn of(series: &Series) -> Option<Finding> {
    let (figure, sentence) = match (series.capacity(), series.overload_rps()) {
        (Some(capacity), over) => {
            let start =
                Sentence::new().text("Offered is the highest rate that ").model(series.index);
            let achieved = format::rate_full(capacity.achieved_rps);
            let sentence = start.text(format!(" keeps up with: it achieves {achieved}"));
            let sentence = match over {
                Some(over) => sentence.text(format!(
                    ". At {} it does not: past its capacity latency grows with the length of the run, and there is no steady state.",
                    format::rate_full(over)
                )),
                None => sentence.text(", and no higher rate was offered."),
            };
            (format::rate(capacity.offered_rps), sentence)
        }
        (None, Some(over)) => {
            let sentence = Sentence::new()
                .text("Offered, the lowest rate, is more than ")
                .model(series.index)
                .text(" keeps up with: latency grows with the length of the run, and there is no steady state.");
            (format::rate(over), sentence)
        }
        (None, None) => return None,
    };
    let how = "kept up with: at most 1\u{a0}% of what was due is missing, or what the window’s edges cut, and neither CPU nor pool is full";
    Some(Finding { key: RULE.key, figure, sentence: sentence.muted(how).done(), different: true })
}
