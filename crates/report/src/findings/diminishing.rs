//! From where on more load buys a model no more throughput.

use super::{Finding, Rule, at_level, evidence};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Bound, Point, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::{Decision, LEAST_EFFECT, decide, paired_ratio};
use measurement::row::LoadKind;

pub(super) const RULE: Rule = Rule {
    key: "diminishing",
    doc: "from where on more load buys a model no more throughput",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    if !analysis.axis().is_load() {
        return Vec::new();
    }
    analysis.series.iter().filter_map(|series| of(analysis, series)).collect()
}

/// The knee is the lowest level that reaches the peak to within 5 %; the highest trusted level is
/// compared with it.
fn of(analysis: &Analysis, series: &Series) -> Option<Finding> {
    let peak = series.peak()?.throughput.median;
    let reaches =
        |point: &&Point| point.median(&THROUGHPUT).is_some_and(|rps| rps * LEAST_EFFECT >= peak);
    let knee = series.trusted_points().find(reaches)?;
    let last = series.trusted_points().next_back().filter(|point| point.level > knee.level)?;
    let repeats = |point: &Point| point.estimate(&THROUGHPUT).map(|estimate| estimate.repeats);
    let ratio = paired_ratio(&repeats(last)?, &repeats(knee)?)?;
    if ratio.ratio >= LEAST_EFFECT {
        return None;
    }
    let decision = decide(&ratio, None);
    let more = match analysis.load() {
        LoadKind::Closed => "more in flight",
        LoadKind::Open => "a higher offer",
    };
    let effect = if decision == Decision::Different { "costs throughput" } else { "buys nothing" };
    let why = match series.bound() {
        bound @ (Bound::Cpu { .. } | Bound::Pool { .. }) => {
            format!(" Bound by {}.", bound.words())
        }
        _ => String::new(),
    };
    let sentence = Sentence::new()
        .text(format!("Beyond {} {more} {effect} under ", at_level(analysis, knee.level)))
        .model(series.index)
        .text(format!(
            ": its throughput at {} over that at {}.{why}",
            analysis.axis().word(last.level),
            analysis.axis().word(knee.level),
        ))
        .muted(evidence(&ratio));
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(ratio.ratio),
        sentence: sentence.done(),
        different: decision == Decision::Different,
    })
}
