//! Charts of one metric or several, every model a line: a panel per metric.

use super::drawing::curve::{Curve, MEDIAN_LINE};
use super::drawing::layout::Layout;
use super::drawing::sheet::{Heading, Panel, Sheet, crosses};
use super::prose::{notes, table, words};
use super::{Drawing, Outcome};
use crate::analysis::{Analysis, Metric};

/// What such a chart says and shows.
pub(crate) struct Lines {
    /// One panel each, with the words above it.
    pub(crate) panels: Vec<(Metric, &'static str)>,
    /// Title of the upward axis, where the panels share it.
    pub(crate) shared: Option<&'static str>,
    /// What is plotted, as the subtitle begins.
    pub(crate) what: &'static str,
    /// The takeaway.
    pub(crate) title: String,
    /// The finding in words.
    pub(crate) desc: String,
    /// Remarks.
    pub(crate) notes: Vec<String>,
    /// Levels the title cites.
    pub(crate) cited: Vec<f64>,
    /// Height, wide and narrow.
    pub(crate) heights: (f64, f64),
}

/// Draws it; left out where no trial has any of the metrics.
pub(crate) fn draw(analysis: &Analysis, lines: Lines) -> Outcome {
    let several = lines.panels.len() > 1;
    let mut remarks = lines.notes;
    let mut panels = Vec::new();
    for (metric, words) in &lines.panels {
        let curves: Vec<Curve> = analysis
            .series
            .iter()
            .map(|series| Curve::of(series, metric, analysis.axis(), MEDIAN_LINE))
            .collect();
        remarks.extend(notes::dropped(analysis, metric.name, &curves));
        let mut panel = Panel::new(metric.unit, curves);
        panel.crosses = crosses(analysis, &panel.curves);
        panel.heading = several.then(|| Heading::Words((*words).to_owned()));
        if !panel.empty() {
            panels.push(panel);
        }
    }
    if panels.is_empty() {
        let names: Vec<String> =
            lines.panels.iter().map(|(metric, _)| metric.name.to_owned()).collect();
        return Outcome::LeftOut(format!(
            "no trial has {} above zero",
            crate::format::list(&names)
        ));
    }
    let sheet = Sheet {
        panels,
        shared: lines.shared.map(str::to_owned),
        axis: analysis.axis().clone(),
        levels: analysis.levels(),
        cited: lines.cited,
        heights: lines.heights,
        label_width: 142.0,
        remark: None,
    };
    let (Some(wide), Some(narrow)) = (sheet.plot(Layout::WIDE), sheet.plot(Layout::NARROW)) else {
        return Outcome::LeftOut("no level is above zero".to_owned());
    };
    let metrics: Vec<Metric> = lines.panels.iter().map(|(metric, _)| *metric).collect();
    Outcome::Drawn(Box::new(Drawing {
        title: lines.title,
        subtitle: format!(
            "{} {}. {}",
            lines.what,
            words::against(analysis),
            words::repeats(analysis)
        ),
        context: words::context(analysis),
        desc: lines.desc,
        wide,
        narrow,
        notes: remarks,
        doubts: notes::doubts(analysis),
        source: words::source(analysis),
        table: table::of_metrics(analysis, &metrics),
    }))
}
