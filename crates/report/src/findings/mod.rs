//! Sentences computed from the data, with their figures and intervals, welcome or not.
//!
//! A finding is one file here and one entry in [`RULES`]: it takes the [`Analysis`] and says
//! something the data bears out, or nothing. None calls a winner without an interval; with fewer
//! than three repeats a finding gives the range and says so. Points not to be trusted never
//! enter one, except where the finding is about them.

mod a_a;
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
mod diminishing;
mod efficiency;
mod exhausted;
mod fanout;
mod flags;
mod generator;
mod memory;
mod nesting;
mod noise;
mod omission;
mod outcomes;
mod peak;
mod pool;
mod pool_size;
mod precision;
mod repeats;
mod shared_state;
mod slo;
pub(crate) mod swept;
mod tail;
mod threads;
pub(crate) mod trust;
mod upstream_limited;
mod versus;
mod waiting;

use crate::analysis::Analysis;
use crate::format;
use crate::sentence::{Span, to_text};
use crate::stats::PairedRatio;

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
    /// Looks for it: nothing, a sentence, or one per model concerned.
    pub find: fn(&Analysis) -> Vec<Finding>,
}

/// Every rule, in the order of the report.
pub const RULES: &[Rule] = &[
    capacity::RULE,
    peak::RULE,
    swept::RULE,
    alike::RULE,
    cpu_work::RULE,
    blocking::RULE,
    break_even::RULE,
    diminishing::RULE,
    tail::RULE,
    fanout::RULE,
    shared_state::RULE,
    connections::RULE,
    c10k::RULE,
    omission::RULE,
    binding::RULE,
    memory::RULE,
    costs::RULE,
    threads::RULE,
    waiting::RULE,
    pool::RULE,
    pool_size::RULE,
    nesting::RULE,
    efficiency::RULE,
    outcomes::RULE,
    slo::RULE,
    exhausted::RULE,
    upstream_limited::RULE,
    trust::RULE,
    flags::RULE,
    repeats::RULE,
    precision::RULE,
    generator::RULE,
    noise::RULE,
    a_a::RULE,
];

/// Everything the rules find, in their order.
pub fn all(analysis: &Analysis) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| (rule.find)(analysis)).collect()
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
