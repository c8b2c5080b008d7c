//! Open loop: the highest offered rate that each model keeps up with, and what lies past it.
//!
//! Nothing of stages: a trial whose rate changes all the time ran at no rate long enough to say
//! that it was held; its p99 over all of them is the verdict.

use super::{Finding, Rule};
use crate::analysis::{Analysis, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "capacity",
    doc: "open loop: the highest offered rate that each model keeps up with",
    find,
    answer: None,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    of(analysis).into_iter().collect()
}

fn of(analysis: &Analysis) -> Option<Finding> {
    if !analysis.open() || analysis.staged() {
        return None;
    }
    let mut kept: Vec<&Series> = analysis
        .distinct()
        .filter(|series| series.capacity().is_some() || series.overload_rps().is_some())
        .collect();
    let rate = |series: &Series| series.capacity().map_or(0.0, |own| own.offered_rps);
    kept.sort_by(|a, b| rate(b).total_cmp(&rate(a)));
    let best = kept.first()?;
    let figure = match best.capacity() {
        Some(capacity) => format::rate(capacity.offered_rps),
        None => "None".to_owned(),
    };
    let mut sentence = Sentence::new();
    for (at, series) in kept.iter().enumerate() {
        sentence = if at == 0 { sentence } else { sentence.text("; ") };
        sentence = sentence.model(series.index).text(words(series));
    }
    sentence = sentence.text(".");
    if kept.iter().any(|series| series.overload_rps().is_some()) {
        sentence = sentence.text(
            " Past its capacity a model’s latency grows with the length of the run: there is no steady state.",
        );
    }
    let how = "Kept up with: at most 1\u{a0}% of what was due is missing, or what the window’s edges cut, and neither CPU nor pool is full.";
    let poisson = analysis.run.scenario.arrivals.as_deref() == Some("poisson");
    let drawn = " Poisson arrivals come to a little more or less than the rate offered.";
    let how = format!("{how}{}", if poisson { drawn } else { "" });
    Some(Finding { key: RULE.key, figure, sentence: sentence.muted(how).done(), different: true })
}

/// ` 2,000/s (achieves 1,961/s), no more at 8,000/s; 4,000/s is not to be trusted`.
fn words(series: &Series) -> String {
    let Some(capacity) = series.capacity() else {
        return " keeps up not even with the lowest rate".to_owned();
    };
    let (offered, achieved) =
        (format::rate_full(capacity.offered_rps), format::rate_full(capacity.achieved_rps));
    let over = series.overload_rps();
    let higher = series.points.iter().any(|point| point.level > capacity.offered_rps);
    let past = match over {
        Some(over) => format!(", no longer with {}", format::rate_full(over)),
        None if higher => ", and no higher rate is known to be too much".to_owned(),
        None => ", the highest rate there is".to_owned(),
    };
    let between = |level: f64| level > capacity.offered_rps && over.is_none_or(|over| level < over);
    let doubtful = series.points.iter().filter(|point| between(point.level));
    let doubtful: Vec<String> = doubtful.map(|point| format::rate_full(point.level)).collect();
    let doubt = match doubtful.len() {
        0 => String::new(),
        1 => format!(" ({} is not to be trusted)", doubtful[0]),
        _ => format!(" ({} are not to be trusted)", format::list(&doubtful)),
    };
    format!(" keeps up with {offered} offered (achieves {achieved}){past}{doubt}")
}
