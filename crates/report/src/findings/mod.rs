//! Sentences computed from the data, with their figures and intervals, welcome or not.
//!
//! A finding is one file here and one entry in [`RULES`]: it takes the [`Analysis`] and says
//! something the data bears out, or nothing. A rule whose finding is the question that some
//! scenarios ask answers it for the verdict as well. None calls a winner without an interval; with fewer
//! than three repeats a finding gives the range and says so. Points not to be trusted never
//! enter one, except where the finding is about them.

pub(crate) mod alike;
mod binding;
mod blocking;
mod break_even;
mod c10k;
mod capacity;
mod cells;
mod connections;
mod costs;
mod cpu_work;
mod fanout;
mod generator;
mod nesting;
mod noise;
mod omission;
mod outcomes;
mod peak;
mod pool_size;
mod precision;
mod repeats;
mod shared_state;
mod slo;
pub(crate) mod swept;
mod tail;
pub(crate) mod trust;
mod waiting;

use crate::analysis::{Analysis, Series};
use crate::format;
use crate::sentence::{Sentence, Span, to_text};
use crate::stats::{Decision, PairedRatio};

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule found it.
    pub key: &'static str,
    /// The figure that leads it: `8.2×`.
    pub figure: String,
    /// What it says.
    pub sentence: Vec<Span>,
    /// Whether it tells of a difference or a limit; `false` is drawn grey: no difference to call.
    pub different: bool,
}

impl Finding {
    /// The sentence as plain text.
    pub fn text(&self, analysis: &Analysis) -> String {
        to_text(&self.sentence, analysis, str::to_owned)
    }
}

/// Something a run may show.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Unique name.
    pub key: &'static str,
    /// What it looks for, in a line.
    pub doc: &'static str,
    /// Looks for it: nothing, or few sentences.
    pub find: fn(&Analysis) -> Vec<Finding>,
    /// Of a rule that is the question some scenarios ask: the answer, for the verdict, where this
    /// run asks it.
    pub answer: Option<fn(&Analysis) -> Option<Sentence>>,
}

/// Every rule, in the order of the report: throughput; latency; hurdles; what binds; costs; where
/// the time goes; how far to trust it. Those whose question the scenario asks come first of all.
pub const RULES: &[Rule] = &[
    capacity::RULE,
    peak::RULE,
    swept::RULE,
    alike::RULE,
    break_even::RULE,
    slo::RULE,
    tail::RULE,
    shared_state::RULE,
    blocking::RULE,
    connections::RULE,
    c10k::RULE,
    cpu_work::RULE,
    pool_size::RULE,
    omission::RULE,
    outcomes::RULE,
    fanout::RULE,
    binding::RULE,
    costs::RULE,
    waiting::RULE,
    nesting::RULE,
    trust::RULE,
    repeats::RULE,
    precision::RULE,
    generator::RULE,
    noise::RULE,
];

/// Everything the rules find: first what answers the scenario's own question, then in their order.
pub fn all(analysis: &Analysis) -> Vec<Finding> {
    let asked = |rule: &&Rule| rule.answer.is_some_and(|answer| answer(analysis).is_some());
    let (first, then): (Vec<&Rule>, Vec<&Rule>) = RULES.iter().partition(asked);
    first.into_iter().chain(then).flat_map(|rule| (rule.find)(analysis)).collect()
}

/// The answer to the question that the scenario asks, where it asks one of its own.
pub(crate) fn answer(analysis: &Analysis) -> Option<Sentence> {
    RULES.iter().find_map(|rule| rule.answer?(analysis))
}

/// What stands behind one of several ratios, shorter: `95 %: 3.5 to 4.2; alike`.
pub(crate) fn brief(ratio: &PairedRatio, decision: Decision) -> String {
    let remark = match decision {
        Decision::NotToldApart => "; no difference to call",
        Decision::Alike => "; alike",
        Decision::Different | Decision::NotEnoughRepeats => "",
        Decision::CutShort => "; at most this: the mock, not the model, ended the lower one",
    };
    let behind = match (ratio.interval, ratio.pairs.len()) {
        (Some(interval), _) => format!("95{}%: {}", format::NBSP, format::interval(interval)),
        (None, 1) => "one repeat".to_owned(),
        (None, n) => format!("{n}{}repeats: {}", format::NBSP, format::interval(ratio.range)),
    };
    format!("{behind}{remark}")
}

/// The series that may be set beside each other, in scenario order: all, or in a grid of loads and
/// swept values those of each value.
pub(crate) fn peers(analysis: &Analysis) -> Vec<Vec<&Series>> {
    let mut groups: Vec<Vec<&Series>> = Vec::new();
    for series in analysis.distinct() {
        match groups.iter_mut().find(|group| analysis.comparable(group[0], series)) {
            Some(group) => group.push(series),
            None => groups.push(vec![series]),
        }
    }
    groups
}

/// What stands behind a ratio: its interval, or why there is none.
pub(crate) fn evidence(ratio: &PairedRatio) -> String {
    let n = ratio.pairs.len();
    match ratio.interval {
        Some(interval) => format!("95{}%: {}", format::NBSP, format::interval(interval)),
        None if n == 1 => "one repeat: no interval".to_owned(),
        None => format!(
            "range over {n} repeats: {}; too few for an interval",
            format::interval(ratio.range)
        ),
    }
}

/// b ÷ a from a ÷ b.
pub(crate) fn reciprocal(ratio: &PairedRatio) -> PairedRatio {
    PairedRatio {
        pairs: ratio.pairs.iter().map(|&(repeat, value)| (repeat, value.recip())).collect(),
        ratio: ratio.ratio.recip(),
        interval: ratio.interval.map(|(low, high)| (high.recip(), low.recip())),
        p: ratio.p,
        range: (ratio.range.1.recip(), ratio.range.0.recip()),
    }
}

/// The level in a sentence, after `at`.
pub(crate) fn at_level(analysis: &Analysis, level: f64) -> String {
    analysis.axis().at(level)
}

#[cfg(test)]
mod hurdles;
#[cfg(test)]
mod tests;
