//! A blocking call on one event loop holds up the others: as many as arithmetic says, and nobody
//! once it is sent away.

use measurement::hurdles::BlockingFigures;
use measurement::row::TrialRow;

use super::{Finding, Rule, evidence};
use crate::analysis::{Analysis, Series};
use crate::format::{self, millis, percent};
use crate::sentence::Sentence;
use crate::stats::{EQUIVALENCE_BOUND, PairedRatio, median, paired_ratio, range};

pub(super) const RULE: Rule = Rule {
    key: "blocking",
    doc: "whom blocking calls on one event loop hold up, against what arithmetic says, and whether sending them away helps",
    find,
    answer: Some(answer),
};

/// Held up by calls that are sent away may be this share of those held up otherwise.
const AWAY: f64 = 0.1;

fn find(analysis: &Analysis) -> Vec<Finding> {
    analysis.distinct().filter_map(|series| of(analysis, series)).collect()
}

/// Who is held up, and whether sending the calls away helps.
fn answer(analysis: &Analysis) -> Option<Sentence> {
    let (series, inline, model) = analysis.distinct().find_map(|series| {
        let model = own_model(analysis, series)?;
        let inline = trials(analysis, model, "inline");
        Shares::of(&inline).is_some().then_some((series, inline, model))
    })?;
    let (shares, (_, call)) = (Shares::of(&inline)?, inline.first()?);
    let mut sentence = Sentence::new()
        .text(format!(
            "One request in {} that blocks its event loop for {} holds up {} of all others, by more than {}, under ",
            format::count(call.every as f64),
            millis(call.duration_ms),
            percent(shares.seen),
            millis(call.duration_ms * 0.1),
        ))
        .model(series.index)
        .text(format!(" (arithmetic says {})", percent(shares.expected)));
    for (index, share) in beside(analysis, model) {
        sentence = sentence.text(format!(", {} under ", percent(share))).model(index);
    }
    let away = trials(analysis, model, "spawn-blocking");
    let held: Vec<f64> = away.iter().filter_map(|(_, figures)| figures.held_up_share).collect();
    let Some(left) = median(&held) else { return Some(sentence.text(".")) };
    let left = percent(left);
    Some(sentence.text(format!("; sent to the blocking pool it holds up {left}.")))
}

/// A trusted trial with blocking calls.
type Trial<'a> = (&'a TrialRow, &'a BlockingFigures);

/// The trials of a model whose calls are made in this way, at the highest load.
fn trials<'a>(analysis: &'a Analysis, model: &str, via: &str) -> Vec<Trial<'a>> {
    let figures = |row: &'a TrialRow| Some((row, row.hurdles.as_ref()?.blocking.as_ref()?));
    let all = analysis.rows.iter().filter(|row| row.model == model && row.verdict.trusted());
    let mut all: Vec<Trial> = all.filter_map(figures).filter(|(_, b)| b.via == via).collect();
    let highest = all.iter().map(|(row, _)| row.level_index).max();
    all.retain(|(row, _)| Some(row.level_index) == highest);
    all
}

/// The label of its model, for the first series of one: in a grid a series is named after its
/// value too; its rows know the model.
fn own_model<'a>(analysis: &Analysis, series: &'a Series) -> Option<&'a str> {
    let model = &series.points.first()?.rows.first()?.model;
    let first = analysis.series.iter().find(|other| {
        other.points.iter().flat_map(|point| &point.rows).any(|row| &row.model == model)
    });
    (first?.index == series.index).then_some(model)
}

fn of(analysis: &Analysis, series: &Series) -> Option<Finding> {
    let model = own_model(analysis, series)?;
    let inline = trials(analysis, model, "inline");
    let shares = Shares::of(&inline)?;
    let (_, call) = inline.first()?;
    let sentence = Sentence::new()
        .text(format!(
            "Where one request in {} blocks its event loop for {}, ",
            format::count(call.every as f64),
            millis(call.duration_ms),
        ))
        .model(series.index)
        .text(format!(
            " holds up {} of the others by more than {}. Arithmetic, from when requests were due and answers came, says {} and a mean wait of {}; ",
            percent(shares.seen),
            millis(call.duration_ms * 0.1),
            percent(shares.expected),
            millis(shares.expected_ms),
        ));
    let sentence = match shares.more_ms {
        Some(more_ms) => sentence.text(format!(
            "measured, the mean is {} above that of requests that nothing holds up.",
            millis(more_ms)
        )),
        None => sentence.text("too few went free to compare with."),
    };
    let claim = if shares.as_expected() {
        ""
    } else {
        " The two lie further apart than 10\u{a0}%: something else is at work as well."
    };
    let away = trials(analysis, model, "spawn-blocking");
    let (sentence, helped) = sent_away(sentence.text(claim), &away, &shares);
    let sentence = others(analysis, sentence, model);
    let seen = format!(
        "measured ÷ expected {}; {}",
        format::ratio(shares.ratio.ratio),
        evidence(&shares.ratio)
    );
    Some(Finding {
        key: RULE.key,
        figure: percent(shares.seen),
        sentence: sentence.muted(seen).done(),
        different: shares.as_expected() && helped,
    })
}

/// Medians over the repeats of calls made on the event loop.
struct Shares {
    seen: f64,
    expected: f64,
    expected_ms: f64,
    /// Mean added latency beyond that of requests that must not wait.
    more_ms: Option<f64>,
    /// Seen ÷ expected share.
    ratio: PairedRatio,
}

impl Shares {
    /// `None` where nothing is expected, or nothing could be seen.
    fn of(trials: &[Trial]) -> Option<Self> {
        let each = |of: fn(&BlockingFigures) -> Option<f64>| -> Vec<(u32, f64)> {
            trials.iter().filter_map(|(row, figures)| Some((row.repeat, of(figures)?))).collect()
        };
        let seen = each(|figures| figures.held_up_share);
        let expected = each(|figures| figures.expected_share);
        Some(Self {
            seen: middle(&seen)?,
            expected: middle(&expected)?,
            expected_ms: middle(&each(|figures| figures.expected_mean_ms))?,
            more_ms: middle(&each(|f| Some(f.held_up_mean_ms? - f.unheld_mean_ms?))),
            ratio: paired_ratio(&seen, &expected)?,
        })
    }

    /// Whether the repeats leave room for a ratio within 10 % of 1.
    fn as_expected(&self) -> bool {
        let (low, high) = self.ratio.interval.unwrap_or(self.ratio.range);
        low <= EQUIVALENCE_BOUND && high >= EQUIVALENCE_BOUND.recip()
    }
}

fn middle(values: &[(u32, f64)]) -> Option<f64> {
    median(&values.iter().map(|&(_, value)| value).collect::<Vec<_>>())
}

/// What is left of it with calls that are sent to the blocking pool, and whether that helped;
/// where none were, nothing speaks against it.
fn sent_away(sentence: Sentence, away: &[Trial], inline: &Shares) -> (Sentence, bool) {
    let held: Vec<f64> = away.iter().filter_map(|(_, figures)| figures.held_up_share).collect();
    let Some((share, (least, most))) = median(&held).zip(range(&held)) else {
        return (sentence, true);
    };
    let helped = share <= AWAY * inline.seen;
    let but = if helped { "" } else { " That does not take it away." };
    let span = if held.len() > 1 {
        format!(" ({} to {} over {} repeats)", percent(least), percent(most), held.len())
    } else {
        String::new()
    };
    let words = format!(" Sent to the blocking pool it holds up {}{span}.{but}", percent(share));
    (sentence.text(words), helped)
}

/// The models beside it whose calls, made in place, are not expected to hold up a share of the
/// others: several event loops, or threads of their own.
fn others(analysis: &Analysis, sentence: Sentence, model: &str) -> Sentence {
    let mut sentence = sentence;
    let all = beside(analysis, model);
    for (at, (index, share)) in all.iter().enumerate() {
        let joint = if at == 0 { " Made in place it holds up " } else { ", " };
        let words = format!("{joint}{} under ", percent(*share));
        sentence = sentence.text(words).model(*index);
    }
    if all.is_empty() { sentence } else { sentence.text(".") }
}

/// Each with its share.
fn beside(analysis: &Analysis, model: &str) -> Vec<(usize, f64)> {
    let of = |series: &Series| {
        let row = series.points.first()?.rows.first()?;
        let trials = trials(analysis, &row.model, "inline");
        let expects = trials.iter().any(|(_, figures)| figures.expected_share.is_some());
        let held: Vec<f64> = trials.iter().filter_map(|(_, f)| f.held_up_share).collect();
        (row.model != model && !expects).then_some((series.index, median(&held)?))
    };
    analysis.distinct().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::super::all;
    use super::*;
    use crate::testing::Fixture;
    use measurement::hurdles::Hurdles;
    use measurement::row::Swept;
    use measurement::run::SweepInfo;

    /// tokio and threads with blocking calls; `share` is what each way of making them holds up.
    fn fixture(share: fn(&str) -> f64) -> Fixture {
        let mut fixture = Fixture::high_latency().models(&["tokio", "thread-per-request"]);
        fixture.rows.retain(|row| row.concurrency == Some(64));
        let ways = ["inline", "spawn-blocking"];
        fixture.run.scenario.levels = vec![64.0];
        fixture.run.scenario.sweep = Some(SweepInfo {
            key: "combine.blocking.via".to_owned(),
            values: ways.map(str::to_owned).to_vec(),
            positions: vec![1.0, 2.0],
            models: vec!["tokio".to_owned(), "thread-per-request".to_owned()],
            levels: Vec::new(),
            label: None,
        });
        let rows = std::mem::take(&mut fixture.rows);
        for (index, via) in (0..).zip(ways) {
            for row in &rows {
                let mut row = row.clone();
                let tokio = row.model == "tokio";
                let held = if tokio { share(via) } else { 0.001 };
                let expected = |value| Some(value).filter(|_| tokio && via == "inline");
                row.swept = Some(Swept {
                    key: "combine.blocking.via".to_owned(),
                    value: via.to_owned(),
                    index,
                    position: f64::from(index + 1),
                });
                row.hurdles = Some(Hurdles {
                    blocking: Some(BlockingFigures {
                        via: via.to_owned(),
                        every: 100,
                        duration_ms: 20.0,
                        blocked: 20,
                        expected_share: expected(0.2),
                        held_up_share: Some(held + f64::from(row.repeat) * 0.002),
                        expected_mean_ms: expected(2.0),
                        held_up_mean_ms: Some(held * 10.0 + 0.3),
                        unheld_mean_ms: Some(0.3),
                        unheld_p50_ms: Some(0.2),
                    }),
                    ..Hurdles::default()
                });
                fixture.rows.push(row);
            }
        }
        fixture
    }

    fn said(fixture: Fixture) -> Vec<(bool, String)> {
        let analysis = fixture.analysis();
        let found = all(&analysis).into_iter().filter(|finding| finding.key == RULE.key);
        found
            .map(|finding| {
                let text = format!("{} | {}", finding.figure, finding.text(&analysis));
                (finding.different, format::plain(&text))
            })
            .collect()
    }

    #[test]
    fn the_share_is_told_with_what_arithmetic_says_and_what_sending_away_leaves() {
        let said = said(fixture(|via| if via == "inline" { 0.199 } else { 0.002 }));
        let [(true, text)] = said.as_slice() else { panic!("{said:?}") };
        assert!(text.starts_with("20"), "{text}");
        assert!(text.contains(" tokio holds up 20 % of the others by more than 2.0 ms."), "{text}");
        assert!(text.contains("answers came, says 20 %"), "{text}");
        assert!(text.contains(" Sent to the blocking pool it holds up 0.4 % (0.2 % to"), "{text}");
        assert!(!text.contains("take it away"), "{text}");
        assert!(
            text.contains("Made in place it holds up 0.3 % under thread-per-request"),
            "{text}"
        );
        assert!(text.contains("95 %"), "{text}");
    }

    #[test]
    fn a_claim_that_does_not_hold_is_said_to() {
        let off = said(fixture(|_| 0.4));
        let [(false, text)] = off.as_slice() else { panic!("{off:?}") };
        assert!(text.contains("The two lie further apart than 10 %"), "{text}");
        assert!(text.contains("That does not take it away"), "{text}");
        assert!(said(Fixture::high_latency()).is_empty());
    }
}
