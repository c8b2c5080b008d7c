//! How much of the upstream's ideal the best model reaches where it serves most.

use super::{Finding, Rule, at_level};
use crate::analysis::Analysis;
use crate::analysis::metric::{CPU_UTILISATION, EFFICIENCY};
use crate::format;
use crate::sentence::Sentence;
use measurement::row::LoadKind;

pub(super) const RULE: Rule = Rule {
    key: "efficiency",
    doc: "share of the ideal that the best model reaches at its peak",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    of(analysis).into_iter().collect()
}

fn of(analysis: &Analysis) -> Option<Finding> {
    // In open loop throughput follows the offer: there is no ideal to fall short of. Over a sweep
    // the peak is the easiest value.
    if analysis.load() == LoadKind::Open || !analysis.axis().is_load() {
        return None;
    }
    let best = analysis.baseline()?;
    let peak = best.peak()?;
    let share = peak.point.median(&EFFICIENCY)?;
    let busy = peak
        .point
        .median(&CPU_UTILISATION)
        .map(|busy| format!(", its CPU {} busy", format::percent(busy)))
        .unwrap_or_default();
    let before = best
        .trusted_points()
        .rfind(|point| point.level < peak.point.level)
        .and_then(|point| {
            let share = format::percent(point.median(&EFFICIENCY)?);
            Some(format!("; at {} it was {share}", analysis.axis().word(point.level)))
        })
        .unwrap_or_default();
    let sentence = Sentence::new()
        .text("Of its ideal (N ÷ the upstream's own time) is what ")
        .model(best.index)
        .text(format!(" reaches at {}{busy}{before}.", at_level(analysis, peak.point.level)));
    Some(Finding {
        key: RULE.key,
        figure: format::percent(share),
        sentence: sentence.done(),
        different: share < 0.95,
    })
}
