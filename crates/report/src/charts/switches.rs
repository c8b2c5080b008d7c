//! Context switches per request over the levels.

use super::lines::{self, Lines};
use super::prose::{over_sweep, takeaway};
use super::{Chart, Outcome};
use crate::analysis::Analysis;
use crate::analysis::metric::SWITCHES_PER_REQUEST;

/// The chart.
pub(super) const CHART: Chart = Chart {
    key: "switches",
    section: "Context switches of a request",
    short: "Context switches",
    draw,
};

fn draw(analysis: &Analysis) -> Outcome {
    let extremes = takeaway::extremes(analysis, &SWITCHES_PER_REQUEST);
    let show = |value: f64| SWITCHES_PER_REQUEST.show(value);
    let swept = over_sweep::title(analysis, &SWITCHES_PER_REQUEST, "context switches per request");
    let title = match &extremes {
        _ if swept.is_some() => swept.unwrap_or_default(),
        Some(same) if show(same.most.1) == show(same.least.1) => format!(
            "{} context switches a request {}, whichever the model",
            show(same.most.1),
            analysis.axis().amid(same.level)
        ),
        Some(extremes) => format!(
            "{} switches {} times a request {}, {} {}",
            extremes.most.0.model.label,
            show(extremes.most.1),
            analysis.axis().amid(extremes.level),
            extremes.least.0.model.label,
            show(extremes.least.1)
        ),
        None => "Context switches per request".to_owned(),
    };
    let interval = extremes.as_ref().map(takeaway::Extremes::interval).unwrap_or_default();
    let lines = Lines {
        panels: vec![(SWITCHES_PER_REQUEST, "Context switches per request")],
        shared: Some("Context switches per request (log)"),
        what: "Voluntary and involuntary context switches per request",
        desc: format!("{title}{interval}: {}.", analysis.axis().scales()),
        title,
        notes: Vec::new(),
        cited: extremes.map(|extremes| extremes.level).into_iter().collect(),
        heights: (260.0, 240.0),
    };
    lines::draw(analysis, lines)
}
