//! The highest throughput of the best model, and how many times that of each other one it is.

use super::{Finding, Rule, at_level, brief, peers};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Place, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::{Decision, PairedRatio, decide, paired_ratio};

pub(super) const RULE: Rule = Rule {
    key: "peak",
    doc: "highest throughput of the best model as a multiple of each other one's",
    find,
    answer: None,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    // In open loop throughput is what was offered: capacity tells models apart. Over a sweep the
    // highest throughput is that of the easiest value.
    if analysis.open() || !analysis.axis().is_load() {
        return Vec::new();
    }
    let groups = peers(analysis);
    let mut sentence = Sentence::new();
    let (mut figure, mut different) = (None, false);
    for group in &groups {
        let Some(said) = Said::of(analysis, group) else { continue };
        let start = if figure.is_none() { "" } else { ". " };
        sentence = said.say(analysis, sentence.text(start));
        different |= said.others.iter().any(|(_, _, decision)| *decision == Decision::Different);
        figure.get_or_insert_with(|| format::rate(rps(said.best)));
    }
    let found = figure.map(|figure| {
        let sentence = sentence.text(".").done();
        Finding { key: RULE.key, figure, sentence, different }
    });
    found.into_iter().collect()
}

fn rps(series: &Series) -> f64 {
    series.peak().map_or(0.0, |peak| peak.throughput.median)
}

/// Models that may be set beside each other.
struct Said<'a> {
    best: &'a Series,
    /// The others, the highest first, with the best one's peak over theirs.
    others: Vec<(&'a Series, PairedRatio, Decision)>,
}

impl<'a> Said<'a> {
    fn of(analysis: &Analysis, group: &[&'a Series]) -> Option<Self> {
        let measured = group.iter().copied().filter(|series| series.peak().is_some());
        let mut ranked: Vec<&Series> = measured.collect();
        ranked.sort_by(|a, b| rps(b).total_cmp(&rps(a)));
        // The model compared with may have been chosen by whoever rendered.
        let chosen = analysis.baseline().map(|best| best.index);
        let best = ranked.iter().find(|own| Some(own.index) == chosen).or(ranked.first())?;
        let others: Vec<_> = ranked
            .iter()
            .filter(|other| other.index != best.index)
            .filter_map(|other| {
                let (ratio, decision) = over(analysis, best, other)?;
                Some((*other, ratio, decision))
            })
            .collect();
        (!others.is_empty()).then_some(Self { best, others })
    }

    fn say(&self, analysis: &Analysis, sentence: Sentence) -> Sentence {
        let place = |series: &Series| {
            let level = series.peak().map_or(0.0, |peak| peak.point.level);
            format!("{} at {}", format::rate_full(rps(series)), at_level(analysis, level))
        };
        let called = |(_, _, own): &&(&Series, PairedRatio, Decision)| *own == Decision::Different;
        let (joint, verb, end) = match self.others.iter().filter(called).count() {
            0 => ("No difference may be called: ", "serves", ", "),
            all if all == self.others.len() => ("", "serves the most,", ": "),
            _ => ("", "serves", ": "),
        };
        let mut sentence = sentence.text(joint).model(self.best.index);
        sentence = sentence.text(format!(" {verb} {}", place(self.best)));
        for (at, (other, ratio, decision)) in self.others.iter().enumerate() {
            let joint = if at == 0 { end } else { "; " };
            sentence = sentence
                .text(format!("{joint}{} as much as ", format::ratio(ratio.ratio)))
                .model(other.index)
                .text(format!(" ({};", place(other)))
                .muted(brief(ratio, *decision))
                .text(")");
        }
        sentence
    }
}

/// Peak over peak: the primary comparison, or, in a grid, one between models at another value.
fn over(analysis: &Analysis, best: &Series, other: &Series) -> Option<(PairedRatio, Decision)> {
    if analysis.baseline().is_some_and(|own| own.index == best.index) {
        let own = analysis.comparison(&THROUGHPUT, other.index, Place::Peaks)?;
        return Some((own.ratio.clone(), own.decision));
    }
    let (a, b) = (best.peak()?, other.peak()?);
    let ratio = paired_ratio(&a.throughput.repeats, &b.throughput.repeats)?;
    let decision = decide(&ratio, None);
    Some((ratio, decision))
}
