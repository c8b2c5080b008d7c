//! Up to which load the models' throughputs are alike, or are at least not told apart.

use super::{Finding, Rule, at_level, evidence};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Comparison, Place, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::{Decision, LEAST_EFFECT};

pub(super) const RULE: Rule = Rule {
    key: "alike",
    doc: "up to which load the throughputs of models are alike",
    find,
    answer: None,
};

/// Models that part from the baseline after the same level.
pub(crate) struct Alike<'a> {
    /// Positions in `Analysis::series`, the baseline first.
    pub(crate) models: Vec<usize>,
    /// The highest level up to which no difference is to be called.
    pub(crate) level: f64,
    /// The largest ratio there and below.
    largest: &'a Comparison,
    /// Its level.
    largest_at: f64,
    /// What may be said of all of them, the weakest of the decisions.
    pub(crate) sure: Sure,
}

impl Alike<'_> {
    /// Whether they are alike, for sure, at every level there is.
    pub(crate) fn everywhere(&self, analysis: &Analysis) -> bool {
        let last = analysis.levels().last().copied();
        self.sure == Sure::Alike && last.is_some_and(|last| last <= self.level)
    }
}

/// How sure the likeness is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sure {
    /// Some interval is too wide to say, or correction for many comparisons leaves no difference.
    NotToldApart,
    /// Somewhere fewer than three repeats, all of them within 5 %.
    WithinRange,
    /// Every interval within 10 % and every effect below 5 %.
    Alike,
}

/// The groups, the largest level first.
pub(crate) fn groups(analysis: &Analysis) -> Vec<Alike<'_>> {
    // In open loop throughput is what was offered: being alike in it says nothing.
    if analysis.open() {
        return Vec::new();
    }
    let Some(best) = analysis.baseline() else { return Vec::new() };
    let mut groups: Vec<Alike<'_>> = Vec::new();
    for other in analysis.series.iter().filter(|series| series.index != best.index) {
        let Some(found) = prefix(analysis, best, other) else { continue };
        let same = groups.iter_mut().find(|group| group.level.to_bits() == found.level.to_bits());
        match same {
            Some(group) => {
                group.models.push(other.index);
                group.sure = group.sure.min(found.sure);
                if effect(found.largest) > effect(group.largest) {
                    (group.largest, group.largest_at) = (found.largest, found.largest_at);
                }
            }
            None => groups.push(found),
        }
    }
    groups.sort_by(|a, b| b.level.total_cmp(&a.level));
    // Over a sweep "up to" means nothing: alike are models that are so at every value.
    let last = analysis.levels().last().copied().unwrap_or_default();
    groups.retain(|group| analysis.axis().is_load() || group.level >= last);
    groups
}

fn find(analysis: &Analysis) -> Vec<Finding> {
    let axis = analysis.axis();
    // At one level the ratio of the peaks says it; over values in order the break-even does.
    let said = analysis.one_level().is_some() || !(axis.is_load() || axis.categories());
    if said { Vec::new() } else { groups(analysis).iter().map(|own| say(analysis, own)).collect() }
}

/// From the lowest common level up, as long as no difference shows.
fn prefix<'a>(analysis: &'a Analysis, best: &Series, other: &Series) -> Option<Alike<'a>> {
    let mut found: Option<Alike<'a>> = None;
    for point in &best.points {
        let place = Place::Level(point.level);
        let Some(comparison) = analysis.comparison(&THROUGHPUT, other.index, place) else { break };
        let sure = match comparison.decision {
            Decision::Alike => Sure::Alike,
            Decision::NotToldApart => Sure::NotToldApart,
            Decision::NotEnoughRepeats if within(comparison) => Sure::WithinRange,
            Decision::NotEnoughRepeats | Decision::Different | Decision::CutShort => break,
        };
        let here = Alike {
            models: vec![best.index, other.index],
            level: point.level,
            largest: comparison,
            largest_at: point.level,
            sure,
        };
        found = Some(match found {
            None => here,
            Some(below) => {
                let sure = sure.min(below.sure);
                if effect(below.largest) >= effect(comparison) {
                    Alike { level: point.level, sure, ..below }
                } else {
                    Alike { sure, ..here }
                }
            }
        });
    }
    found
}

fn within(comparison: &Comparison) -> bool {
    let (low, high) = comparison.ratio.range;
    low > LEAST_EFFECT.recip() && high < LEAST_EFFECT
}

/// How far a ratio lies from 1, whichever way.
fn effect(comparison: &Comparison) -> f64 {
    comparison.ratio.ratio.max(comparison.ratio.ratio.recip())
}

fn say(analysis: &Analysis, group: &Alike<'_>) -> Finding {
    let largest = &group.largest.ratio;
    // The interval alone would make it a difference.
    let corrected = {
        let away = largest.interval.is_some_and(|(low, high)| low > 1.0 || high < 1.0);
        let large = effect(group.largest) >= LEAST_EFFECT;
        away && large && group.largest.decision == Decision::NotToldApart
    };
    let (how, end) = match group.sure {
        Sure::Alike => ("are alike", ", below the 5\u{a0}% that counts as a difference."),
        Sure::NotToldApart if corrected => {
            ("are not told apart", ", which does not stand after Holm’s correction.")
        }
        Sure::NotToldApart => ("are not told apart", ", no difference to call."),
        Sure::WithinRange => ("lie within 5\u{a0}% of each other", "."),
    };
    let (reach, so) = if !analysis.axis().is_load() {
        (format!("At every value of {} ", analysis.axis().heading()), "")
    } else if group.everywhere(analysis) {
        ("At every level ".to_owned(), ", so that no load breaks even")
    } else {
        (format!("Up to {} ", at_level(analysis, group.level)), "")
    };
    let sentence = Sentence::new()
        .text(reach)
        .models(&group.models)
        .text(format!(" {how} in throughput{so}: the largest ratio, "))
        .model(group.largest.of)
        .text(" over ")
        .model(group.largest.over)
        .text(format!(
            " at {}, is {}{end}",
            at_level(analysis, group.largest_at),
            format::ratio(largest.ratio)
        ))
        .muted(evidence(largest));
    Finding {
        key: RULE.key,
        figure: format::ratio(largest.ratio),
        sentence: sentence.done(),
        different: false,
    }
}
