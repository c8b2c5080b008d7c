//! Open loop: response, service and lag, a panel per model. What a generator reports that counts
//! from the dispatch is the service time; what a user waits is the response.

use std::fmt::Write as _;

use super::curve::{Curve, MEDIAN_LINE, TAIL_LINE, THIN_LINE};
use super::layout::Layout;
use super::reference::Reference;
use super::sheet::{Heading, Panel, Sheet};
use super::{Chart, Drawing, Outcome, notes, table, takeaway, words};
use crate::analysis::metric::{LAG_P99, LATENCY_P99, SERVICE_P99};
use crate::analysis::{Analysis, Metric, Series, clocks_p99_ms};
use crate::format::{self, Unit};
use crate::stats::LEAST_EFFECT;

/// The chart.
pub(super) const CHART: Chart = Chart {
    key: "clocks",
    section: "Response, service and lag",
    short: "Response, service, lag",
    draw,
};

/// The three with what they are called and the width of their line.
const CLOCKS: [(Metric, &str, f64); 3] = [
    (LATENCY_P99, "response", MEDIAN_LINE),
    (SERVICE_P99, "service", TAIL_LINE),
    (LAG_P99, "lag", THIN_LINE),
];

fn draw(analysis: &Analysis) -> Outcome {
    if !analysis.open() {
        return Outcome::LeftOut(
            "a closed loop has no schedule that a request could lag behind".to_owned(),
        );
    }
    let panels: Vec<Panel> = analysis
        .series
        .iter()
        .map(|series| panel(analysis, series))
        .filter(|panel| !panel.empty())
        .collect();
    if panels.is_empty() {
        return Outcome::LeftOut("no trial has enough requests for a p99".to_owned());
    }
    let mut remarks = vec![
        "Response: from when a request was due; service: from its dispatch; lag: from due to dispatch. Response is the headline: without the lag a generator reports the service time, and leaves out what its own waiting hid".to_owned(),
    ];
    for (metric, name, _) in &CLOCKS {
        let own = |curve: &&Curve| curve.name.starts_with(name);
        let curves: Vec<Curve> =
            panels.iter().flat_map(|p| &p.curves).filter(own).cloned().collect();
        remarks.extend(notes::dropped(analysis, metric.name, &curves));
    }
    let sheet = Sheet {
        heights: if panels.len() <= 2 { (300.0, 250.0) } else { (210.0, 220.0) },
        panels,
        shared: Some("p99 (log)".to_owned()),
        axis: analysis.axis().clone(),
        levels: analysis.levels(),
        cited: Vec::new(),
        label_width: 110.0,
        remark: None,
    };
    let (Some(wide), Some(narrow)) = (sheet.plot(Layout::WIDE), sheet.plot(Layout::NARROW)) else {
        return Outcome::LeftOut("no p99 is above zero".to_owned());
    };
    Outcome::Drawn(Box::new(Drawing {
        title: title(analysis),
        subtitle: format!(
            "p99 of response (thick), service and lag (thin) {}. {}",
            analysis.axis().against(),
            words::repeats(analysis)
        ),
        context: words::context(analysis),
        desc: desc(analysis),
        wide,
        narrow,
        notes: remarks,
        doubts: notes::doubts(analysis),
        source: words::source(analysis),
        table: table::of_metrics(analysis, &CLOCKS.map(|(metric, ..)| metric)),
    }))
}

fn panel(analysis: &Analysis, series: &Series) -> Panel {
    let curves = CLOCKS.map(|(metric, name, width)| {
        let mut curve = Curve::of(series, &metric, analysis.axis(), width);
        if let Some(dot) = curve.last_trusted() {
            curve.figures = vec![metric.show(dot.y)];
        }
        name.clone_into(&mut curve.name);
        curve
    });
    let mut panel = Panel::new(Unit::Milliseconds, curves.to_vec());
    panel.heading = Some(Heading::Model(series.index, series.model.label.clone()));
    panel.references = Reference::onset(series).into_iter().collect();
    panel
}

/// Response and service where they are furthest apart, of points to be trusted.
fn title(analysis: &Analysis) -> String {
    let apart = analysis.series.iter().flat_map(|series| {
        series.trusted_points().filter_map(move |point| {
            let (response, service) = clocks_p99_ms(point)?;
            Some((series, point.level, response, service))
        })
    });
    match apart.max_by(|a, b| (a.2 / a.3).total_cmp(&(b.2 / b.3))) {
        Some((.., response, service)) if response / service < LEAST_EFFECT => {
            "Every model’s response p99 is its service p99: hardly a request was sent late"
                .to_owned()
        }
        Some((series, level, response, service)) => format!(
            "At {} {} p99 is {}; counted from the dispatch it would be {}",
            analysis.axis().title(level),
            takeaway::possessive(&series.model.label),
            format::millis(response),
            format::millis(service)
        ),
        None => "Response, service and lag".to_owned(),
    }
}

fn desc(analysis: &Analysis) -> String {
    let mut text = "A panel per model with shared logarithmic axes.".to_owned();
    for series in &analysis.series {
        for (metric, name, _) in &CLOCKS {
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
