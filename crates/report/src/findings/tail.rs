//! The p99 of the other models against the best one's, over the floor.

use super::cells::trusted;
use super::{Finding, Rule, at_level, brief, reciprocal};
use crate::analysis::metric::LATENCY_P99;
use crate::analysis::{Analysis, Place, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::Decision;

pub(super) const RULE: Rule = Rule {
    key: "tail",
    doc: "p99 at the highest load where the best model and its closest rival are trusted, with the floor",
    find,
    answer: None,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    of(analysis).into_iter().collect()
}

fn of(analysis: &Analysis) -> Option<Finding> {
    let best = analysis.baseline()?;
    let rivals = analysis.rivals();
    let level = rivals.iter().find_map(|rival| highest_common(analysis, best, rival))?;
    let value = |series: &Series| trusted(series, level)?.median(&LATENCY_P99);
    let floor = analysis.floor_p99_ms_of(best, level).map_or_else(String::new, |ms| {
        format!(" The upstreams alone make it {}.", format::millis(ms))
    });
    let mut sentence = Sentence::new()
        .text(format!("p99 latency at {}: ", at_level(analysis, level)))
        .model(best.index)
        .text(format!(" {}", LATENCY_P99.show(value(best)?)));
    let mut closest: Option<(String, Decision)> = None;
    for rival in rivals {
        let Some(shown) = value(rival).map(|ms| LATENCY_P99.show(ms)) else { continue };
        sentence = sentence.text("; ").model(rival.index);
        // A percentile pooled over repeats has no pairs.
        sentence = match analysis.comparison(&LATENCY_P99, rival.index, Place::Level(level)) {
            Some(own) => {
                let ratio = reciprocal(&own.ratio);
                let times = format::ratio(ratio.ratio);
                let words = brief(&ratio, own.decision);
                closest.get_or_insert_with(|| (times.clone(), own.decision));
                sentence.text(format!(" {shown}, {times}")).muted(format!("({words})"))
            }
            None => sentence.text(format!(" {shown}")),
        };
    }
    let (figure, decision) = closest?;
    Some(Finding {
        key: RULE.key,
        figure,
        sentence: sentence.text(format!(".{floor}")).done(),
        different: decision == Decision::Different,
    })
}

/// The highest level at which both are trusted and have a p99.
fn highest_common(analysis: &Analysis, best: &Series, rival: &Series) -> Option<f64> {
    analysis.single_levels().into_iter().find(|&level| {
        let both = trusted(best, level).is_some() && trusted(rival, level).is_some();
        both && analysis.comparison(&LATENCY_P99, rival.index, Place::Level(level)).is_some()
    })
}
