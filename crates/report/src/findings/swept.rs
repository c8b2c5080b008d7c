//! What a sweep does: to each model, and between the best model and the others.

use super::{Finding, Rule, brief, c10k, connections, cpu_work, pool_size, shared_state};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Comparison, Place, Point, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::{Decision, PairedRatio, decide, paired_ratio};

pub(super) const RULE: Rule = Rule {
    key: "swept",
    doc: "over a sweep at one load: what the swept value does to throughput, model by model",
    find,
    answer: None,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    if analysis.axis().is_load() {
        return Vec::new();
    }
    effects(analysis).into_iter().chain(apart(analysis)).collect()
}

/// What the swept value does to each model, in a sentence; a finding of its own says it where the
/// swept key is such a question.
fn effects(analysis: &Analysis) -> Option<Finding> {
    let own = [shared_state::RULE, connections::RULE, cpu_work::RULE, pool_size::RULE, c10k::RULE];
    if own.iter().any(|rule| rule.answer.is_some_and(|answer| answer(analysis).is_some())) {
        return None;
    }
    // A control, whose scenario is the same at every value, shows no effect by design.
    let concerned = |series: &&Series| {
        let sweep = analysis.run.scenario.sweep.as_ref();
        sweep.is_some_and(|sweep| sweep.models.contains(&series.model.label))
    };
    let mut all: Vec<Effect<'_>> =
        analysis.distinct().filter(concerned).filter_map(Effect::of).collect();
    all.sort_by(|a, b| b.ratio.ratio.total_cmp(&a.ratio.ratio));
    let most = all.first()?;
    let axis = analysis.axis();
    let mut sentence =
        Sentence::new().text(format!("Throughput by {}, highest against lowest: ", axis.heading()));
    for (at, own) in all.iter().enumerate() {
        sentence = if at == 0 { sentence } else { sentence.text("; ") };
        sentence = sentence
            .model(own.series.index)
            .text(format!(
                " {} at {}, {} at {}, {}",
                format::rate_full(own.most.1),
                axis.word(own.most.0),
                format::rate_full(own.least.1),
                axis.word(own.least.0),
                format::ratio(own.ratio.ratio),
            ))
            .muted(format!("({})", brief(&own.ratio, own.decision)));
    }
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(most.ratio.ratio),
        sentence: sentence.text(".").done(),
        different: most.decision == Decision::Different,
    })
}

/// The value with a model's highest throughput against that with its lowest: both have the same
/// draws, repeat by repeat.
struct Effect<'a> {
    series: &'a Series,
    /// Level and throughput.
    most: (f64, f64),
    least: (f64, f64),
    ratio: PairedRatio,
    decision: Decision,
}

impl<'a> Effect<'a> {
    fn of(series: &'a Series) -> Option<Self> {
        let rps = |point: &&Point| point.median(&THROUGHPUT).unwrap_or(0.0);
        let by = |a: &&Point, b: &&Point| rps(a).total_cmp(&rps(b));
        let (most, least) =
            (series.trusted_points().max_by(by)?, series.trusted_points().min_by(by)?);
        if most.level.to_bits() == least.level.to_bits() {
            return None;
        }
        let (a, b) = (most.estimate(&THROUGHPUT)?, least.estimate(&THROUGHPUT)?);
        let ratio = paired_ratio(&a.repeats, &b.repeats)?;
        let decision = decide(&ratio, None);
        let (most, least) = ((most.level, a.median), (least.level, b.median));
        Some(Self { series, most, least, ratio, decision })
    }
}

/// Over words: where the baseline and each other model are furthest apart, and at how many values
/// the difference may be called. Values in order have a break-even instead.
fn apart(analysis: &Analysis) -> Option<Finding> {
    let best = analysis.baseline().filter(|_| analysis.axis().categories())?;
    let size = |c: &&Comparison| c.ratio.ratio.ln().abs();
    let mut sentence = Sentence::new().model(best.index).text(" serves ");
    let mut first = None;
    for other in analysis.rivals() {
        let called = called(analysis, other);
        let most = called.iter().copied().max_by(|a, b| size(a).total_cmp(&size(b)));
        let Some((most, Place::Level(level))) = most.map(|own| (own, own.place)) else { continue };
        let rps = |series: &Series| series.point(level)?.median(&THROUGHPUT);
        let Some((ours, theirs)) = rps(best).zip(rps(other)) else { continue };
        let judged =
            best.trusted_points().filter(|p| other.point(p.level).is_some_and(Point::trusted));
        let of = match (called.len(), judged.count()) {
            (called, judged) if called == judged => "every value".to_owned(),
            (called, judged) => format!("{called} of {judged} values"),
        };
        let (joint, apart) = match first {
            None => ("", ", where they are furthest apart"),
            Some(_) => ("; ", ""),
        };
        sentence = sentence
            .text(format!("{joint}{} as much as ", format::ratio(most.ratio.ratio)))
            .model(other.index)
            .text(format!(
                " at {}{apart}: {} against {}",
                analysis.axis().at(level),
                format::rate_full(ours),
                format::rate_full(theirs),
            ))
            .muted(format!("({})", brief(&most.ratio, most.decision)))
            .text(format!(", with a difference at {of}"));
        first.get_or_insert(most.ratio.ratio);
    }
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(first?),
        sentence: sentence.text(".").done(),
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
