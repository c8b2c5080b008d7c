//! Coordinated omission: the response p99 against what a generator without intended times reports.

use super::{Finding, Rule, at_level};
use crate::analysis::clocks_p99_ms;
use crate::analysis::metric::LAG_P99;
use crate::analysis::{Analysis, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::LEAST_EFFECT;

pub(super) const RULE: Rule = Rule {
    key: "omission",
    doc: "open loop: response p99 against service p99, which leaves out the wait before dispatch",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    analysis.series.iter().filter_map(|series| of(analysis, series)).collect()
}

/// At the point to be trusted where the two are furthest apart.
fn of(analysis: &Analysis, series: &Series) -> Option<Finding> {
    let apart = series.trusted_points().filter_map(|point| {
        let (response, service) = clocks_p99_ms(point)?;
        Some((point, response, service))
    });
    let (point, response, service) = apart.max_by(|a, b| (a.1 / a.2).total_cmp(&(b.1 / b.2)))?;
    let ratio = response / service;
    let lag = point
        .median(&LAG_P99)
        .map(|lag| format!(" The lag between the two clocks has a p99 of {}.", format::millis(lag)))
        .unwrap_or_default();
    let at = at_level(analysis, point.level);
    let sentence = Sentence::new()
        .text("The response p99 over the service p99 of ")
        .model(series.index)
        .text(format!(
            " at {at}: {} from when requests were due, {} from when they were dispatched, which is what a generator that counts from there would have reported (coordinated omission).{lag}",
            format::millis(response),
            format::millis(service)
        ));
    let repeats = point.rows_used().count();
    let widest =
        if series.trusted_points().count() > 1 { "where they are furthest apart; " } else { "" };
    let plural = if repeats == 1 { "one repeat" } else { "medians of the repeats" };
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(ratio),
        sentence: sentence.muted(format!("{widest}{plural}")).done(),
        different: ratio >= LEAST_EFFECT,
    })
}
