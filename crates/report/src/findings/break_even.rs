//! From which level on one model is called better than another at every level measured.
//!
//! It never interpolates: a break-even lies between two measured levels, or not in the range.

use super::{Finding, Rule, alike, at_level, brief, reciprocal};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Comparison, Place, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::{Decision, LEAST_EFFECT};

pub(super) const RULE: Rule = Rule {
    key: "break-even",
    doc: "from which level on the best model is called better than each other one, or the reverse",
    find,
    answer: None,
};

/// The best model and another over the levels that both are trusted at.
struct Pair<'a> {
    best: &'a Series,
    other: &'a Series,
    /// Level and comparison, ascending; two at least.
    levels: Vec<(f64, &'a Comparison)>,
}

/// What is said of a pair.
struct Said {
    figure: String,
    /// Where, to be read after the other model's name.
    place: String,
    /// By how much the one that is called better is ahead there.
    ahead: String,
    called: bool,
}

fn find(analysis: &Analysis) -> Vec<Finding> {
    of(analysis).into_iter().collect()
}

fn of(analysis: &Analysis) -> Option<Finding> {
    // In open loop throughput is what was offered; categories have no order.
    if analysis.open() || analysis.axis().categories() {
        return None;
    }
    let best = analysis.baseline()?;
    // Of those alike at every level another finding says that none breaks even.
    let alike: Vec<usize> = alike::groups(analysis)
        .iter()
        .filter(|group| analysis.axis().is_load() && group.everywhere(analysis))
        .flat_map(|group| group.models.clone())
        .collect();
    let rivals = analysis.rivals().into_iter().filter(|other| !alike.contains(&other.index));
    let pairs: Vec<Pair<'_>> = rivals.filter_map(|other| Pair::of(analysis, best, other)).collect();
    let mut sentence = Sentence::new().model(best.index).text(" breaks even in throughput");
    let mut leading: Option<Said> = None;
    let mut before = String::new();
    for (at, pair) in pairs.iter().enumerate() {
        let said = pair.say(analysis);
        let joint = if at == 0 { " with " } else { "; with " };
        let place = if said.place == before { "likewise" } else { &said.place };
        sentence =
            sentence.text(joint).model(pair.other.index).text(format!(" {place}{}", said.ahead));
        before.clone_from(&said.place);
        // The figure is that of the closest rival of which there is something to call.
        if leading.as_ref().is_none_or(|own| said.called && !own.called) {
            leading = Some(said);
        }
    }
    let leading = leading?;
    Some(Finding {
        key: RULE.key,
        figure: leading.figure,
        sentence: sentence.text(".").done(),
        different: leading.called,
    })
}

impl<'a> Pair<'a> {
    /// One level has no break-even, and without an interval anywhere there is nothing to call.
    fn of(analysis: &'a Analysis, best: &'a Series, other: &'a Series) -> Option<Self> {
        let at = |level: f64| {
            Some((level, analysis.comparison(&THROUGHPUT, other.index, Place::Level(level))?))
        };
        let levels: Vec<_> = analysis.levels().into_iter().filter_map(at).collect();
        let decided = levels.iter().any(|(_, own)| own.decision != Decision::NotEnoughRepeats);
        (levels.len() > 1 && decided).then_some(Self { best, other, levels })
    }

    fn say(&self, analysis: &Analysis) -> Said {
        let Some(first) = self.first() else { return self.none(analysis) };
        let (from, comparison) = self.levels[first];
        let on = analysis.axis().word(from);
        let ahead =
            format!("{}{}", self.ahead(comparison, " there"), self.open_above(analysis, first));
        let ours = comparison.ratio.ratio > 1.0;
        let below = self.levels[..first].iter().rfind(|(_, own)| !(few(own) && agrees(own, ours)));
        let (figure, place) = match below {
            _ if first == 0 => (
                format!("below {on}"),
                format!("below {}, the lowest, if anywhere", at_level(analysis, from)),
            ),
            // Of the levels below repeats were lost: it may lie anywhere there.
            None => (
                format!("up to {on}"),
                format!(
                    "at {} or below, where repeats are too few for a call",
                    at_level(analysis, from)
                ),
            ),
            Some((below, own)) => (
                format!("{} to {on}", analysis.axis().word(*below)),
                format!(
                    "between {}, where {}, and {on}",
                    at_level(analysis, *below),
                    self.below(own, comparison),
                ),
            ),
        };
        Said { figure, place, ahead: format!(": {ahead}"), called: true }
    }

    /// The lowest level from which the one that is called better is so at every higher one, those
    /// left out that lost repeats but whose repeats all say the same.
    fn first(&self) -> Option<usize> {
        let called = |(_, own): &(f64, &Comparison)| own.decision == Decision::Different;
        let top = self.levels.iter().rfind(|own| called(own))?.1.ratio.ratio > 1.0;
        let mut first = None;
        for (at, (_, own)) in self.levels.iter().enumerate().rev() {
            match own.decision {
                Decision::Different if (own.ratio.ratio > 1.0) == top => first = Some(at),
                Decision::NotEnoughRepeats if agrees(own, top) => {}
                _ => break,
            }
        }
        first
    }

    /// `1.47× there (95 %: 1.31 to 1.65)`: by how much the best model is ahead at the level given,
    /// or the other one is.
    fn ahead(&self, own: &Comparison, place: &str) -> String {
        let (ratio, who) = if own.ratio.ratio > 1.0 {
            (own.ratio.clone(), String::new())
        } else {
            (reciprocal(&own.ratio), format!("{} ahead, ", self.other.model.label))
        };
        let times = format::ratio(ratio.ratio);
        format!("{who}{times}{place} ({})", brief(&ratio, own.decision))
    }

    /// The levels above at which lost repeats leave no call.
    fn open_above(&self, analysis: &Analysis, first: usize) -> String {
        let open: Vec<f64> =
            self.levels[first..].iter().filter(|(_, own)| few(own)).map(|(at, _)| *at).collect();
        if open.is_empty() {
            return String::new();
        }
        format!(
            " (at {} repeats are too few for a call, but all agree)",
            analysis.axis().at_each(&open)
        )
    }

    /// What holds just below.
    fn below(&self, own: &Comparison, above: &Comparison) -> String {
        match own.decision {
            Decision::Alike => "they are alike".to_owned(),
            Decision::NotToldApart => "no difference is to be called".to_owned(),
            Decision::NotEnoughRepeats | Decision::CutShort => {
                "the repeats, too few for a call, show none".to_owned()
            }
            Decision::Different => {
                let ours = above.ratio.ratio > 1.0;
                let other = if ours { self.other } else { self.best };
                format!("{} is still ahead", other.model.label)
            }
        }
    }

    /// No break-even: at the top level neither is called better, or nothing can be called.
    fn none(&self, analysis: &Analysis) -> Said {
        let (level, top) = self.levels[self.levels.len() - 1];
        let at = at_level(analysis, level);
        let ever = self.levels.iter().rfind(|(_, own)| own.decision == Decision::Different);
        let ever = ever.map_or_else(String::new, |(level, own)| {
            format!(", yet {} at {}", self.ahead(own, ""), at_level(analysis, *level))
        });
        let (figure, place, ahead) = if few(top) {
            let place =
                format!("at a level not known, since at {at} repeats are too few for a call");
            ("Not known", place, ever)
        } else {
            let last =
                format!("{} ({})", format::ratio(top.ratio.ratio), brief(&top.ratio, top.decision));
            ("None", format!("nowhere up to {at}"), format!(": {last}{ever}"))
        };
        Said { figure: figure.to_owned(), place, ahead, called: false }
    }
}

/// Whether repeats were lost, so that there is no interval.
fn few(own: &Comparison) -> bool {
    own.decision == Decision::NotEnoughRepeats
}

/// Whether all repeats of a comparison, too few for an interval, lie on the side of the best model
/// (`ours`) or all on the other, by 5 % or more.
fn agrees(own: &Comparison, ours: bool) -> bool {
    let (low, high) = own.ratio.range;
    if ours { low >= LEAST_EFFECT } else { high <= LEAST_EFFECT.recip() }
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
            text.starts_with("256 to 512 | tokio breaks even in throughput with thread-per-request between N = 256, where they are alike, and 512: "),
            "{text}"
        );
        assert!(text.contains("× there (95 %: "), "{text}");
    }

    #[test]
    fn it_is_none_where_the_top_level_calls_nothing() {
        let low = two().keep(|row| row.concurrency <= Some(256));
        assert!(said(low).is_empty(), "the finding on likeness says it");
        let mut apart = two().keep(|row| row.concurrency <= Some(256));
        for row in apart.rows.iter_mut().filter(|row| row.model == "tokio") {
            if row.concurrency == Some(64) {
                row.throughput_rps = row.throughput_rps.map(|rps| rps * 1.5);
            }
        }
        let text = &said(apart)[0];
        assert!(text.starts_with("None | ") && text.contains(" nowhere up to N = 256: "), "{text}");
        assert!(
            text.contains("; alike), yet ")
                && text.contains("1.50× (95 %: 1.49 to 1.51) at N = 64"),
            "{text}"
        );
    }

    /// Two models, tokio with a repeat lost at these levels.
    fn lost(levels: &[u32]) -> Fixture {
        let mut fixture = two();
        for row in fixture.rows.iter_mut().filter(|row| row.model == "tokio" && row.repeat == 0) {
            if row.concurrency.is_some_and(|n| levels.contains(&n)) {
                row.verdict = measurement::row::Verdict::Unsteady;
            }
        }
        fixture
    }

    #[test]
    fn it_is_not_known_where_the_top_level_lost_repeats() {
        let text = &said(lost(&[512]))[0];
        assert!(
            text.starts_with("Not known | ") && text.contains("with thread-per-request at a level not known, since at N = 512 repeats are too few for a call."),
            "{text}"
        );
    }

    #[test]
    fn repeats_lost_above_a_called_level_are_named() {
        let mut fixture = lost(&[512]);
        for row in fixture.rows.iter_mut().filter(|row| row.model == "tokio") {
            if row.concurrency == Some(256) {
                row.throughput_rps = row.throughput_rps.map(|rps| rps * 1.5);
            }
        }
        let text = &said(fixture)[0];
        assert!(text.starts_with("64 to 256 | "), "{text}");
        assert!(
            text.contains("(at N = 512 repeats are too few for a call, but all agree)"),
            "{text}"
        );
    }

    #[test]
    fn who_is_ahead_from_the_lowest_level_on_is_told_once() {
        let apart = Fixture::high_latency().keep(|row| row.concurrency >= Some(256));
        let text = &said(apart.models(&["tokio", "rayon", "rayon-256"]))[0];
        assert!(
            text.contains(" with rayon-256 below N = 256, the lowest, if anywhere: "),
            "{text}"
        );
        assert!(text.contains("; with rayon likewise: "), "{text}");
    }

    #[test]
    fn without_intervals_or_a_second_level_it_is_silent() {
        assert!(said(two().keep(|row| row.repeat < 2)).is_empty());
        assert!(said(two().keep(|row| row.concurrency == Some(8))).is_empty());
        assert!(said(Fixture::open()).is_empty());
    }
}
