//! The highest throughput of the best model over that of each other one.

use super::{Finding, Rule, at_level, evidence};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Place, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::Decision;

pub(super) const RULE: Rule = Rule {
    key: "peak",
    doc: "highest throughput of the best model over that of each other one",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    // In open loop throughput is what was offered: capacity tells models apart. Over a sweep the
    // highest throughput is that of the easiest value.
    if analysis.open() || !analysis.axis().is_load() {
        return Vec::new();
    }
    let Some(best) = analysis.baseline() else { return Vec::new() };
    analysis.rivals().into_iter().filter_map(|other| over(analysis, best, other)).collect()
}

fn over(analysis: &Analysis, best: &Series, other: &Series) -> Option<Finding> {
    let comparison = analysis.comparison(&THROUGHPUT, other.index, Place::Peaks)?;
    let (ours, theirs) = (best.peak()?, other.peak()?);
    let remark = match comparison.decision {
        Decision::NotToldApart => "; no difference to call",
        Decision::Alike => "; alike",
        Decision::Different | Decision::NotEnoughRepeats => "",
        Decision::CutShort => "; at most this: the mock, not the model, ended the lower one",
    };
    let sentence = Sentence::new()
        .text("The highest throughput of ")
        .model(best.index)
        .text(" over that of ")
        .model(other.index)
        .text(format!(
            ": {} at {} against {} at {}.",
            format::rate_full(ours.throughput.median),
            at_level(analysis, ours.point.level),
            format::rate_full(theirs.throughput.median),
            at_level(analysis, theirs.point.level),
        ))
        .muted(format!("{}{remark}", evidence(&comparison.ratio)));
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(comparison.ratio.ratio),
        sentence: sentence.done(),
        different: comparison.decision == Decision::Different,
    })
}
