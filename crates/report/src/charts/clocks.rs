//! Open loop: response, service and lag, a panel per model. What a generator reports that counts
//! from the dispatch is the service time; what a user waits is the response.

use std::fmt::Write as _;

use super::drawing::curve::{Curve, MEDIAN_LINE, TAIL_LINE, THIN_LINE};
use super::drawing::layout::Layout;
use super::drawing::reference::Reference;
use super::drawing::sheet::{self, Heading, Panel};
use super::prose::{notes, table, takeaway, words};
use super::{Chart, Drawing, Outcome};
use crate::analysis::metric::{LAG_P99, LATENCY_P99, SERVICE_P99, UNCORRECTED_P99};
use crate::analysis::{Analysis, Metric, Series, omission};
use crate::format::{self, Unit};
use crate::stats::LEAST_EFFECT;

/// The chart.
pub(super) const CHART: Chart = Chart {
    key: "clocks",
    section: "Response, service and lag",
    short: "Response, service, lag",
    draw,
};

/// Those always drawn, with what they are called and the width of their line.
const CLOCKS: [Clock; 3] = [
    (LATENCY_P99, "response", MEDIAN_LINE),
    (SERVICE_P99, "service", TAIL_LINE),
    (LAG_P99, "lag", THIN_LINE),
];

/// The fourth, drawn where it tells anything that service does not.
const UNCORRECTED: Clock = (UNCORRECTED_P99, "uncorrected", TAIL_LINE);

type Clock = (Metric, &'static str, f64);

/// The clocks to draw.
fn clocks(analysis: &Analysis) -> Vec<Clock> {
    let apart = analysis.series.iter().flat_map(Series::trusted_points).any(|point| {
        let both = point.median(&SERVICE_P99).zip(point.median(&UNCORRECTED_P99));
        both.is_some_and(|(service, uncorrected)| service > LEAST_EFFECT * uncorrected)
    });
    let mut clocks = CLOCKS.to_vec();
    if apart {
        clocks.insert(2, UNCORRECTED);
    }
    clocks
}

fn draw(analysis: &Analysis) -> Outcome {
    if !analysis.open() {
        return Outcome::LeftOut(
            "a closed loop has no schedule that a request could lag behind".to_owned(),
        );
    }
    let clocks = clocks(analysis);
    let panels: Vec<Panel> = analysis
        .distinct()
        .map(|series| panel(analysis, series, &clocks))
        .filter(|panel| !panel.empty())
        .collect();
    if panels.is_empty() {
        return Outcome::LeftOut("no trial has enough requests for a p99".to_owned());
    }
    let mut remarks = vec![
        "Response: from when a request was due; service: from its dispatch; lag: from due to dispatch. Response is the headline: without the lag a generator reports the service time, and leaves out what its own waiting hid".to_owned(),
    ];
    if clocks.len() > CLOCKS.len() {
        remarks.push("Uncorrected: from when the model’s own unit (thread, job, task) begins a request, which is when a client without a schedule starts its clock; what waits in the model’s queue is not in it".to_owned());
    }
    let names: Vec<_> = clocks.iter().map(|(metric, name, _)| (*name, metric.name)).collect();
    remarks.extend(sheet::dropped(analysis, &panels, &names));
    remarks.extend(notes::twins(analysis));
    let sheet = sheet::of_models(analysis, panels, "p99 (log)", Vec::new(), 110.0);
    let (Some(wide), Some(narrow)) = (sheet.plot(Layout::WIDE), sheet.plot(Layout::NARROW)) else {
        return Outcome::LeftOut("no p99 is above zero".to_owned());
    };
    Outcome::Drawn(Box::new(Drawing {
        title: title(analysis),
        subtitle: format!(
            "p99 of response (thick), {} and lag (thin) {}. {}",
            if clocks.len() > CLOCKS.len() { "service, uncorrected" } else { "service" },
            words::against(analysis),
            words::repeats(analysis)
        ),
        context: words::context(analysis),
        desc: desc(analysis),
        wide,
        narrow,
        notes: remarks,
        doubts: notes::doubts(analysis),
        source: words::source(analysis),
        table: table::of_metrics(
            analysis,
            &clocks.iter().map(|(metric, ..)| *metric).collect::<Vec<_>>(),
        ),
    }))
}

fn panel(analysis: &Analysis, series: &Series, clocks: &[Clock]) -> Panel {
    let curves = clocks.iter().map(|(metric, name, width)| {
        let mut curve = Curve::of(series, metric, analysis.axis(), *width);
        if let Some(dot) = curve.last_trusted() {
            curve.figures = vec![metric.show(dot.y)];
        }
        (*name).clone_into(&mut curve.name);
        curve
    });
    let mut panel = Panel::new(Unit::Milliseconds, curves.collect());
    panel.heading = Some(Heading::Model(series.look, series.model.label.clone()));
    panel.references = Reference::onset(series).into_iter().collect();
    panel
}

/// Response and what a client without a schedule reports where they are furthest apart, of points
/// to be trusted.
fn title(analysis: &Analysis) -> String {
    let apart = analysis.series.iter().flat_map(|series| {
        series
            .trusted_points()
            .filter_map(move |point| Some((series, point.level, omission(point)?)))
    });
    match apart.max_by(|a, b| a.2.ratio.ratio.total_cmp(&b.2.ratio.ratio)) {
        Some((.., omitted)) if omitted.ratio.ratio < LEAST_EFFECT => format!(
            "Every model’s response p99 is that from {}: hardly a request waited before",
            omitted.from
        ),
        Some((series, level, omitted)) => format!(
            "{} {} p99 is {}; counted from {} it would be {}",
            analysis.axis().opening(level),
            takeaway::possessive(&series.model.label),
            format::millis(omitted.response_ms),
            omitted.from,
            format::millis(omitted.reported_ms)
        ),
        None => "Response, service and lag".to_owned(),
    }
}

fn desc(analysis: &Analysis) -> String {
    let mut text = "A panel per model with shared logarithmic axes.".to_owned();
    for series in &analysis.series {
        for (metric, name, _) in &clocks(analysis) {
            let last =
                series.trusted_points().rev().find_map(|p| Some((p.level, p.median(metric)?)));
            if let Some((level, value)) = last {
                let _ = write!(
                    text,
                    " {}, {name} p99: {} at {}.",
                    series.model.label,
                    metric.show(value),
                    analysis.axis().label(level)
                );
            }
        }
    }
    text
}
