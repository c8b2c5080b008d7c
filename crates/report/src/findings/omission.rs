//! Coordinated omission: the response p99 against what a client without a schedule reports; in a
//! closed loop, what little of a stall its requests meet.

use measurement::row::TrialRow;

use super::{Finding, Rule, at_level, brief};
use crate::analysis::metric::{LAG_P99, LATENCY_MAX, LATENCY_P99, SERVICE_P99, UNCORRECTED_P99};
use crate::analysis::{Analysis, Omission, Point, Series, omission};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::{Decision, LEAST_EFFECT, decide, median};

pub(super) const RULE: Rule = Rule {
    key: "omission",
    doc: "open loop: response p99 against what a client reports that counts from when it gets to a request; closed loop: a stall that the p99 hides",
    find,
    answer: Some(answer),
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    let found = if analysis.open() { in_open(analysis) } else { in_closed(analysis) };
    found.into_iter().collect()
}

/// Asked where an upstream stalls on purpose.
fn answer(analysis: &Analysis) -> Option<Sentence> {
    if !stalls(analysis) {
        return None;
    }
    if !analysis.open() {
        return closed_words(analysis).map(|own| own.sentence.text("."));
    }
    let all = omitted(analysis);
    let most = all.first()?;
    let sentence = Sentence::new()
        .text("Counted from when requests were due the p99 is ")
        .text(format::millis(most.figures.response_ms))
        .text(" under ")
        .model(most.series.index);
    let sentence = all[1..].iter().fold(sentence, |sentence, own| {
        let joint = format!(", {} under ", format::millis(own.figures.response_ms));
        sentence.text(joint).model(own.series.index)
    });
    if most.figures.ratio.ratio < LEAST_EFFECT {
        return Some(sentence.text("; counted from when the models began them it is the same."));
    }
    let reported = format::millis(most.figures.reported_ms);
    Some(
        sentence
            .text(format!("; a client without a schedule would report {reported} for "))
            .model(most.series.index)
            .text(format!(", {} too little.", format::ratio(most.figures.ratio.ratio))),
    )
}

fn stalls(analysis: &Analysis) -> bool {
    analysis.run.scenario.upstreams.iter().any(|upstream| upstream.latency.contains("stalls"))
}

/// A model at the point to be trusted where the two are furthest apart.
struct Omitted<'a> {
    series: &'a Series,
    point: &'a Point,
    figures: Omission,
}

/// The models, the most left out first.
fn omitted(analysis: &Analysis) -> Vec<Omitted<'_>> {
    let mut all: Vec<Omitted<'_>> = analysis
        .distinct()
        .filter_map(|series| {
            let points = series.trusted_points();
            let own = points.filter_map(|point| Some((point, omission(point)?)));
            let (point, figures) =
                own.max_by(|a, b| a.1.ratio.ratio.total_cmp(&b.1.ratio.ratio))?;
            Some(Omitted { series, point, figures })
        })
        .collect();
    all.sort_by(|a, b| b.figures.ratio.ratio.total_cmp(&a.figures.ratio.ratio));
    all
}

fn in_open(analysis: &Analysis) -> Option<Finding> {
    let all = omitted(analysis);
    let most = all.first()?;
    let from = most.figures.from;
    let mut sentence = Sentence::new().text(format!(
        "The p99 counted from when requests were due, over that counted from {from}, as a client \
         without a schedule does: "
    ));
    for (at, own) in all.iter().enumerate() {
        let Omission { response_ms, reported_ms, ratio, .. } = &own.figures;
        sentence = if at == 0 { sentence } else { sentence.text("; ") };
        sentence = sentence
            .text(format!(
                "{}, {} over {}, under ",
                format::ratio(ratio.ratio),
                format::millis(*response_ms),
                format::millis(*reported_ms),
            ))
            .model(own.series.index)
            .text(format!(
                " at {}{}",
                at_level(analysis, own.point.level),
                if at == 0 { clocks_between(own.point) } else { String::new() },
            ))
            .muted(format!("({})", brief(ratio, decide(ratio, None))));
    }
    let differs = most.figures.ratio.ratio >= LEAST_EFFECT;
    let end =
        if differs { ". What such a client leaves out is coordinated omission." } else { "." };
    let widest = all.iter().any(|own| own.series.trusted_points().count() > 1);
    let widest = if widest { "Each where the two are furthest apart." } else { "" };
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(most.figures.ratio.ratio),
        sentence: sentence.text(end).muted(widest).done(),
        different: differs && decide(&most.figures.ratio, None) != Decision::NotToldApart,
    })
}

/// The clocks that lie between the two.
fn clocks_between(point: &Point) -> String {
    // Where the run has no uncorrected time, the service time is what is compared.
    let service = point.median(&UNCORRECTED_P99).and(point.median(&SERVICE_P99));
    let parts: Vec<String> =
        [(service, "the service time is"), (point.median(&LAG_P99), "the lag")]
            .into_iter()
            .filter_map(|(value, words)| Some(format!("{words} {}", format::millis(value?))))
            .collect();
    if parts.is_empty() { String::new() } else { format!(", where {}", format::list(&parts)) }
}

fn in_closed(analysis: &Analysis) -> Option<Finding> {
    if !stalls(analysis) {
        return None;
    }
    let Closed { sentence, figure, requests, n } = closed_words(analysis)?;
    let sentence = sentence.text(format!(
        ". Of some {} requests in a window no more than N = {} can meet it; no other is sent until they end.",
        format::count(requests),
        format::count(n)
    ));
    Some(Finding { key: RULE.key, figure, sentence: sentence.done(), different: true })
}

/// What a closed loop shows of a stall.
struct Closed {
    /// The longest request against the p99 under each model, not ended yet.
    sentence: Sentence,
    /// The longest request.
    figure: String,
    /// In a window.
    requests: f64,
    /// In flight.
    n: f64,
}

/// What a closed loop shows of a stall, at its lowest level: the longest request against the p99.
fn closed_words(analysis: &Analysis) -> Option<Closed> {
    let level = analysis.levels().first().copied()?;
    let points: Vec<(&Series, &Point)> = analysis
        .distinct()
        .filter_map(|series| Some((series, series.point(level)?)))
        .filter(|(_, point)| point.trusted() && point.median(&LATENCY_P99).is_some())
        .collect();
    let (_, first) = points.first()?;
    let longest = points.iter().filter_map(|(_, point)| point.median(&LATENCY_MAX));
    let longest = longest.reduce(f64::max)?;
    let requests = |row: &TrialRow| (row.ok as f64 + row.degraded as f64) + row.failed as f64;
    let requests = median(&first.rows_used().map(requests).collect::<Vec<_>>())?;
    let mut sentence = Sentence::new().text(format!(
        "A closed loop hides the stall: the longest request took {}, yet the p99 is ",
        format::millis(longest)
    ));
    for (at, (series, point)) in points.iter().enumerate() {
        let joint = if at == 0 { "" } else { ", " };
        let shown = format::millis(point.median(&LATENCY_P99)?);
        sentence = sentence.text(format!("{joint}{shown} under ")).model(series.index);
    }
    Some(Closed { sentence, figure: format::millis(longest), requests, n: level })
}
