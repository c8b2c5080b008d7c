//! From which level on one model is called better than another at every level measured.
//!
//! It never interpolates: a break-even lies between two measured levels, or not in the range.

use super::{Finding, Rule, at_level, evidence, reciprocal};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Comparison, Place, Series};
use crate::sentence::Sentence;
use crate::stats::{Decision, PairedRatio};

pub(super) const RULE: Rule = Rule {
    key: "break-even",
    doc: "from which level on one model is called better at every higher common level",
    find,
};

/// Two models over the levels that both are trusted at.
struct Pair<'a> {
    best: &'a Series,
    other: &'a Series,
    /// Level and comparison, ascending.
    levels: Vec<(f64, &'a Comparison)>,
}

fn find(analysis: &Analysis) -> Vec<Finding> {
    // In open loop throughput is what was offered; categories have no order.
    if analysis.open() || analysis.axis().categories() {
        return Vec::new();
    }
    let Some(best) = analysis.baseline() else { return Vec::new() };
    analysis.rivals().into_iter().filter_map(|other| of(analysis, best, other)).collect()
}

fn of(analysis: &Analysis, best: &Series, other: &Series) -> Option<Finding> {
    let at = |level: f64| {
        Some((level, analysis.comparison(&THROUGHPUT, other.index, Place::Level(level))?))
    };
    let levels: Vec<_> = analysis.levels().into_iter().filter_map(at).collect();
    // One level has no break-even, and without an interval anywhere there is nothing to call.
    let decided = levels.iter().any(|(_, own)| own.decision != Decision::NotEnoughRepeats);
    if levels.len() < 2 || !decided {
        return None;
    }
    let pair = Pair { best, other, levels };
    Some(pair.crossing(analysis).unwrap_or_else(|| pair.none(analysis)))
}

impl Pair<'_> {
    /// Where the one that is better at the top level begins to be.
    fn crossing(&self, analysis: &Analysis) -> Option<Finding> {
        let (_, top) = self.levels.last()?;
        let better = |own: &Comparison| {
            own.decision == Decision::Different
                && (own.ratio.ratio > 1.0) == (top.ratio.ratio > 1.0)
        };
        let streak = self.levels.iter().rev().take_while(|(_, own)| better(own)).count();
        let first = self.levels.len() - streak;
        let (from, comparison) = self.levels.get(first)?;
        let (winner, loser, ratio) = if top.ratio.ratio > 1.0 {
            (self.best.index, self.other.index, comparison.ratio.clone())
        } else {
            (self.other.index, self.best.index, reciprocal(&comparison.ratio))
        };
        let on = at_level(analysis, *from);
        let sentence = match first.checked_sub(1).map(|below| self.levels[below]) {
            None => Sentence::new()
                .text("From the lowest common level on, ")
                .text(&on)
                .text(", ")
                .model(winner)
                .text(" serves more than ")
                .model(loser)
                .text(": a break-even, if there is one, lies below what was measured."),
            Some((below, own)) => Sentence::new()
                .text("From there on ")
                .model(winner)
                .text(" serves more than ")
                .model(loser)
                .text(format!(
                    " at every common level: break-even lies between {}, where {}, and {on}.",
                    at_level(analysis, below),
                    self.below(own, winner),
                )),
        };
        Some(Finding {
            key: RULE.key,
            figure: analysis.axis().word(*from),
            sentence: sentence.muted(format!("{on}: {}", with_ratio(&ratio))).done(),
            different: true,
        })
    }

    /// What holds just below the crossing.
    fn below(&self, own: &Comparison, winner: usize) -> String {
        match own.decision {
            Decision::Alike => "they are alike".to_owned(),
            Decision::NotToldApart => "no difference is to be called".to_owned(),
            Decision::NotEnoughRepeats | Decision::CutShort => {
                "too few repeats allow no call".to_owned()
            }
            Decision::Different => {
                let other = if winner == self.best.index { self.other } else { self.best };
                format!("{} is still ahead", other.model.label)
            }
        }
    }

    /// No break-even: at the top level neither is called better, or nothing can be called.
    fn none(&self, analysis: &Analysis) -> Finding {
        let (level, top) = self.levels[self.levels.len() - 1];
        let few = top.decision == Decision::NotEnoughRepeats;
        let start = if few { "whether " } else { "in the measured range: at " };
        let at = at_level(analysis, level);
        let sentence = if few {
            Sentence::new()
                .text(start)
                .model(self.best.index)
                .text(" and ")
                .model(self.other.index)
                .text(format!(
                    " break even: at {at}, their highest common level, too few repeats are to be trusted for a call."
                ))
        } else {
            Sentence::new()
                .text(start)
                .text(format!("{at}, the highest level at which both "))
                .model(self.best.index)
                .text(" and ")
                .model(self.other.index)
                .text(" are to be trusted, neither is called better.")
        };
        Finding {
            key: RULE.key,
            figure: if few { "Not known" } else { "None" }.to_owned(),
            sentence: self.ahead(analysis, sentence).done(),
            different: false,
        }
    }

    /// Where one was ahead nonetheless, at the highest such level.
    fn ahead(&self, analysis: &Analysis, sentence: Sentence) -> Sentence {
        let ever = self.levels.iter().rev().find(|(_, own)| own.decision == Decision::Different);
        let Some((level, own)) = ever else { return sentence };
        let (ahead, ratio) = if own.ratio.ratio > 1.0 {
            (self.best.index, own.ratio.clone())
        } else {
            (self.other.index, reciprocal(&own.ratio))
        };
        sentence
            .text(format!(" At {} ", at_level(analysis, *level)))
            .model(ahead)
            .text(" is ahead:")
            .muted(with_ratio(&ratio))
    }
}

/// `1.47× (95 %: 1.31 to 1.65)`.
fn with_ratio(ratio: &PairedRatio) -> String {
    format!("{} ({})", crate::format::ratio(ratio.ratio), evidence(ratio))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format;
    use crate::testing::Fixture;

    fn said(fixture: Fixture) -> Vec<String> {
        let analysis = fixture.analysis();
        let text = |finding: &Finding| {
            format::plain(&format!("{} | {}", finding.figure, finding.text(&analysis)))
        };
        find(&analysis).iter().map(text).collect()
    }

    fn two() -> Fixture {
        Fixture::high_latency().models(&["tokio", "thread-per-request"])
    }

    #[test]
    fn it_lies_between_two_measured_levels() {
        let text = &said(two())[0];
        assert!(
            text.starts_with("512 | From there on tokio serves more than thread-per-request at every common level: break-even lies between N = 256, where they are alike, and N = 512."),
            "{text}"
        );
    }

    #[test]
    fn it_is_none_where_the_top_level_calls_nothing() {
        let low = two().keep(|row| row.concurrency <= Some(256));
        let text = &said(low)[0];
        assert!(
            text.starts_with(
                "None | in the measured range: at N = 256, the highest level at which both "
            ),
            "{text}"
        );
        assert!(text.ends_with(" are to be trusted, neither is called better."), "{text}");
    }

    #[test]
    fn it_is_not_known_where_the_top_level_lost_repeats() {
        let mut fixture = two();
        for row in fixture.rows.iter_mut().filter(|row| row.concurrency == Some(512)) {
            if row.model == "tokio" && row.repeat == 0 {
                row.verdict = measurement::row::Verdict::Unsteady;
            }
        }
        let text = &said(fixture)[0];
        assert!(text.starts_with("Not known | whether tokio and thread-per-request break even: at N = 512, their highest"), "{text}");
    }

    #[test]
    fn without_intervals_or_a_second_level_it_is_silent() {
        assert!(said(two().keep(|row| row.repeat < 2)).is_empty());
        assert!(said(two().keep(|row| row.concurrency == Some(8))).is_empty());
        assert!(said(Fixture::open()).is_empty());
    }
}
