//! Coordinated omission: the response p99 against what a client without a schedule reports.

use super::{Finding, Rule, at_level, evidence};
use crate::analysis::metric::{LAG_P99, SERVICE_P99, UNCORRECTED_P99};
use crate::analysis::{Analysis, Omission, Point, Series, omission};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::LEAST_EFFECT;

pub(super) const RULE: Rule = Rule {
    key: "omission",
    doc: "open loop: response p99 against what a client reports that counts from when it gets to a request",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    analysis.series.iter().filter_map(|series| of(analysis, series)).collect()
}

/// At the point to be trusted where the two are furthest apart.
fn of(analysis: &Analysis, series: &Series) -> Option<Finding> {
    let apart = series.trusted_points().filter_map(|point| Some((point, omission(point)?)));
    let (point, omitted) = apart.max_by(|a, b| a.1.ratio.ratio.total_cmp(&b.1.ratio.ratio))?;
    let Omission { response_ms, reported_ms, from, ratio } = &omitted;
    let response = format::millis(*response_ms);
    let sentence = Sentence::new()
        .text("The response p99 over what a client without a schedule reports of ")
        .model(series.index)
        .text(format!(
            " at {}: {response} from when requests were due, {} from {from}.{}{}",
            at_level(analysis, point.level),
            format::millis(*reported_ms),
            clocks_between(point),
            if ratio.ratio < LEAST_EFFECT {
                ""
            } else {
                " The difference is coordinated omission; a closed loop leaves out those requests as well that it never sends while it waits."
            }
        ));
    let widest =
        if series.trusted_points().count() > 1 { "where they are furthest apart; " } else { "" };
    let sentence = sentence.muted(format!("{widest}{}", evidence(ratio)));
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(ratio.ratio),
        sentence: sentence.done(),
        different: ratio.ratio >= LEAST_EFFECT,
    })
}

/// The clocks that lie between the two.
fn clocks_between(point: &Point) -> String {
    // Where the run has no uncorrected time, the service time is what is compared.
    let service = point.median(&UNCORRECTED_P99).and(point.median(&SERVICE_P99));
    let parts: Vec<String> = [
        (service, "the service time from dispatch has"),
        (point.median(&LAG_P99), "the lag of the dispatch has"),
    ]
    .into_iter()
    .filter_map(|(value, words)| Some(format!("{words} {}", format::millis(value?))))
    .collect();
    if parts.is_empty() { String::new() } else { format!(" Of p99, {}.", parts.join(", ")) }
}
