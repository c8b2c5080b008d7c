//! What a sweep does: to each model, and between the best model and the others.

use super::{Finding, Rule, evidence};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Comparison, Place, Point, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::{Decision, decide, paired_ratio};

pub(super) const RULE: Rule = Rule {
    key: "swept",
    doc: "over a sweep at one load: what the swept value does to throughput, model by model",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    if analysis.axis().is_load() {
        return Vec::new();
    }
    // A control, whose scenario is the same at every value, shows no effect by design.
    let concerned = |series: &&Series| {
        let sweep = analysis.run.scenario.sweep.as_ref();
        sweep.is_some_and(|sweep| sweep.models.contains(&series.model.label))
    };
    let effects =
        analysis.distinct().filter(concerned).filter_map(|series| effect(analysis, series));
    let rivals = analysis.rivals().into_iter().filter_map(|other| apart(analysis, other));
    effects.chain(rivals).collect()
}

/// The value with a model's highest throughput against that with its lowest: both have the same
/// draws, repeat by repeat.
fn effect(analysis: &Analysis, series: &Series) -> Option<Finding> {
    let rps = |point: &&Point| point.median(&THROUGHPUT).unwrap_or(0.0);
    let by = |a: &&Point, b: &&Point| rps(a).total_cmp(&rps(b));
    let (most, least) = (series.trusted_points().max_by(by)?, series.trusted_points().min_by(by)?);
    if most.level.to_bits() == least.level.to_bits() {
        return None;
    }
    let (a, b) = (most.estimate(&THROUGHPUT)?, least.estimate(&THROUGHPUT)?);
    let ratio = paired_ratio(&a.repeats, &b.repeats)?;
    let decision = decide(&ratio, None);
    let remark = match decision {
        Decision::Alike => "; alike",
        Decision::NotToldApart => "; no difference to call",
        _ => "",
    };
    let axis = analysis.axis();
    let sentence = Sentence::new()
        .text("The highest over the lowest throughput of ")
        .model(series.index)
        .text(format!(
            ": {} at {} against {} at {}.",
            format::rate_full(a.median),
            axis.at(most.level),
            format::rate_full(b.median),
            axis.word(least.level),
        ))
        .muted(format!("{}{remark}", evidence(&ratio)));
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(ratio.ratio),
        sentence: sentence.done(),
        different: decision == Decision::Different,
    })
}

/// Where the baseline and another model are furthest apart, and at which other values the
/// difference may be called; nothing where it may be called nowhere.
fn apart(analysis: &Analysis, other: &Series) -> Option<Finding> {
    let best = analysis.baseline()?;
    let size = |c: &&Comparison| c.ratio.ratio.ln().abs();
    let called = called(analysis, other);
    let most = called.iter().copied().max_by(|a, b| size(a).total_cmp(&size(b)))?;
    let Place::Level(level) = most.place else { return None };
    let rps = |series: &Series| Some(format::rate_full(series.point(level)?.median(&THROUGHPUT)?));
    let judged = best.trusted_points().filter(|p| other.point(p.level).is_some_and(Point::trusted));
    let elsewhere = match (called.len(), judged.count()) {
        (called, judged) if called == judged => " A difference at every value.".to_owned(),
        (called, judged) => format!(" A difference at {called} of {judged} values."),
    };
    let sentence = Sentence::new()
        .text("The throughput of ")
        .model(best.index)
        .text(" over that of ")
        .model(other.index)
        .text(format!(
            " where they are furthest apart, at {}: {} against {}.{elsewhere}",
            analysis.axis().at(level),
            rps(best)?,
            rps(other)?,
        ))
        .muted(evidence(&most.ratio));
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(most.ratio.ratio),
        sentence: sentence.done(),
        different: true,
    })
}

/// The values at which the difference to the baseline may be called.
pub(crate) fn called<'a>(analysis: &'a Analysis, other: &Series) -> Vec<&'a Comparison> {
    let own = analysis.comparisons().iter().filter(|c| {
        c.metric.key == THROUGHPUT.key && c.over == other.index && c.place != Place::Peaks
    });
    own.filter(|c| c.decision == Decision::Different).collect()
}
