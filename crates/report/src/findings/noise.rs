//! This machine's noise today: how far repeats of one point lie apart, how far a model lies from
//! itself where it runs twice, and CPU time stolen by the host.

use super::{Finding, Rule, at_level, brief};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Comparison, Place};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::{Decision, median};

pub(super) const RULE: Rule = Rule {
    key: "noise",
    doc: "how far repeats lie apart, and a model from itself; stolen CPU time",
    find,
    answer: None,
};

/// Stolen CPU time from which a trial is worth a remark.
const STEAL: f64 = 0.05;

fn find(analysis: &Analysis) -> Vec<Finding> {
    spread(analysis).into_iter().chain(steal(analysis)).collect()
}

/// Highest over lowest throughput of the repeats of a point, over all trusted points.
fn spread(analysis: &Analysis) -> Option<Finding> {
    let mut apart = Vec::new();
    let mut widest: Option<(usize, f64, f64)> = None;
    for series in &analysis.series {
        for point in series.trusted_points() {
            let Some(estimate) = point.estimate(&THROUGHPUT).filter(|e| e.n() >= 2) else {
                continue;
            };
            let (low, high) = estimate.range();
            if low <= 0.0 {
                continue;
            }
            let by = high / low - 1.0;
            apart.push(by);
            if widest.is_none_or(|(_, _, most)| by > most) {
                widest = Some((series.index, point.level, by));
            }
        }
    }
    let (model, level, most) = widest?;
    let middle = format::percent(median(&apart)?);
    let sentence = Sentence::new()
        .text(format!(
            "Repeats of one point differ by {middle} in throughput at the median point, by {} at \
             most, under ",
            format::percent(most)
        ))
        .model(model)
        .text(format!(
            " at {}. Ratios are paired by repeat, which takes out what all models share of it.",
            at_level(analysis, level)
        ));
    let (sentence, false_calls) = twins(sentence, analysis);
    Some(Finding {
        key: RULE.key,
        figure: middle,
        sentence: sentence.done(),
        different: false_calls,
    })
}

/// The largest distance of each model from itself, where one runs twice; and whether a difference
/// is called, which is false.
fn twins(mut sentence: Sentence, analysis: &Analysis) -> (Sentence, bool) {
    let mut any_called = false;
    for twin in analysis.series.iter().filter(|series| series.again.is_some()) {
        let pairs = || analysis.a_a().iter().filter(|pair| pair.over == twin.index);
        let largest = pairs().max_by(|a, b| distance(a).total_cmp(&distance(b)));
        let Some(largest) = largest else { continue };
        let Place::Level(level) = largest.place else { continue };
        sentence = sentence
            .text(" The same model twice, ")
            .model(largest.of)
            .text(" and ")
            .model(largest.over)
            .text(format!(
                ", differs by {} at most, in {} at {}",
                format::percent(distance(largest)),
                largest.metric.name,
                at_level(analysis, level),
            ))
            .muted(format!("({})", brief(&largest.ratio, largest.decision)));
        let called = pairs().any(|pair| pair.decision == Decision::Different);
        any_called |= called;
        sentence = sentence.text(if called {
            ": a difference is called between them, which is false; take no smaller one for real."
        } else {
            "."
        });
    }
    (sentence, any_called)
}

/// How far a ratio lies from 1, whichever way, as a share.
fn distance(pair: &Comparison) -> f64 {
    pair.ratio.ratio.max(pair.ratio.ratio.recip()) - 1.0
}

fn steal(analysis: &Analysis) -> Option<Finding> {
    let rows: Vec<f64> = analysis.rows.iter().filter_map(|row| row.steal).collect();
    let over = rows.iter().filter(|share| **share > STEAL).count();
    let most = rows.iter().copied().fold(0.0, f64::max);
    (over > 0).then(|| Finding {
        key: RULE.key,
        figure: format::percent(most),
        sentence: Sentence::new()
            .text(format!(
                "The machine’s host took away {} of the CPU time in the worst trial, over {} in {} \
                 of {} trials. Their figures carry that noise.",
                format::percent(most),
                format::percent(STEAL),
                format::count(over as f64),
                format::count(rows.len() as f64)
            ))
            .done(),
        different: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn a_model_is_told_from_itself_and_a_false_call_is_called_false() {
        let mut fixture = Fixture::high_latency().twin("tokio", "tokio-again", &[256]);
        let quiet = fixture.clone().analysis();
        let found = find(&quiet);
        let text = format::plain(&found[0].text(&quiet));
        assert!(
            text.contains(" The same model twice, tokio and tokio-again, differs by"),
            "{text}"
        );
        assert!(text.contains(" at N = 256 (95 %: ") && text.ends_with("alike)."), "{text}");
        assert!(!found[0].different);
        for row in fixture.rows.iter_mut().filter(|row| row.model == "tokio-again") {
            row.throughput_rps = row.throughput_rps.map(|rps| rps * 1.5);
        }
        let loud = fixture.analysis();
        assert!(find(&loud)[0].different);
        assert!(find(&loud)[0].text(&loud).contains("which is false"));
    }
}
