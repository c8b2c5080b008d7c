//! Charts: from the analysis to drawings, each one file and one entry in [`CHARTS`].
//!
//! ```text
//! Analysis ─chart▶ Drawing (words, two layouts, table) ─▶ file (light, dark)
//!                                                       └▶ figure in the page
//! ```
//!
//! A chart decides what to say and what to draw: `prose` words what charts have in common, `drawing`
//! draws it, `lines` is what all charts of lines against load share, `theme` makes files of a drawing.
//! Everything is pure: the same analysis draws the same bytes. Deliberately not here: reading or
//! writing files, HTML.

pub(crate) mod drawing;
mod prose;
mod theme;

mod added;
mod budget;
mod clocks;
pub(crate) mod compared;
mod cpu;
mod health;
mod hockey;
mod latency;
mod lines;
mod outcomes;
mod ratio;
mod resources;
mod shared;
mod spectrum;
mod switches;
mod thread_time;
mod throughput;
mod timeline;

pub(crate) use drawing::marks::outline;
pub(crate) use drawing::palette::{Ink, shape};
pub use drawing::svg::PlacedText;
pub(crate) use prose::words::{date, source, split};
pub(crate) use theme::page_css;
pub use theme::{Theme, file, inline};

use crate::analysis::Analysis;
use crate::look::Look;

/// One chart of the report.
pub struct Chart {
    /// Name of the file and of the anchor in the page.
    pub key: &'static str,
    /// What the section is called.
    pub section: &'static str,
    /// The same, short, for the page's contents.
    pub short: &'static str,
    /// Draws it, or says why there is nothing to draw.
    pub draw: fn(&Analysis) -> Outcome,
}

impl Chart {
    /// Draws it, or says why there is nothing to draw. In a grid its title is of one value: models
    /// stand beside each other there, and their labels need not say which it is.
    pub fn drawn(&self, analysis: &Analysis) -> Outcome {
        let mut outcome = (self.draw)(analysis);
        if let (Outcome::Drawn(drawing), Some(value)) = (&mut outcome, analysis.title_value())
            && let Outcome::Drawn(alone) = (self.draw)(&analysis.at_value(value))
            && let Some(opening) = analysis.value_opening(value)
        {
            let of_series = analysis
                .series
                .iter()
                .any(|s| s.value.is_some() && drawing.title.contains(&s.model.label));
            drawing.title = match alone.title.strip_prefix("At ") {
                _ if !of_series => return outcome,
                Some(rest) => format!("{opening}, at {rest}"),
                None => format!("{opening} {}", alone.title),
            };
        }
        outcome
    }
}

/// What became of a chart.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It was drawn.
    Drawn(Box<Drawing>),
    /// The run cannot support it; the reason is a sentence for the reader.
    LeftOut(String),
}

/// A chart, drawn and put in words. All text is plain, not yet escaped; the markup of plots is SVG.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// The takeaway, with its figure.
    pub title: String,
    /// What is plotted, n, the kind of interval.
    pub subtitle: String,
    /// Load, upstreams, machine, CPU split.
    pub context: String,
    /// The finding, for those who cannot see the chart.
    pub desc: String,
    /// 960 wide.
    pub wide: Plot,
    /// 380 wide.
    pub narrow: Plot,
    /// Remarks on this chart alone.
    pub notes: Vec<String>,
    /// What is hollow or crossed and why: below a file; a page has its Run health for that.
    pub doubts: Vec<String>,
    /// Where the figures come from: below a file.
    pub source: String,
    /// The figures.
    pub table: DataTable,
}

/// A plot with its axes and labels, without heading and notes.
#[derive(Debug, Clone)]
pub struct Plot {
    /// Elements to put into an `<svg>`, in the light colours.
    pub markup: String,
    /// Width of the drawing.
    pub width: f64,
    /// Left edge of its text: a page crops to there.
    pub edge: f64,
    /// Height of the drawing.
    pub height: f64,
    /// Every text in it.
    pub texts: Vec<PlacedText>,
}

/// The figures behind a chart.
#[derive(Debug, Clone, Default)]
pub struct DataTable {
    /// Column headings; the first is the level.
    pub columns: Vec<String>,
    /// A group per model.
    pub groups: Vec<TableGroup>,
}

/// One model's rows.
#[derive(Debug, Clone)]
pub struct TableGroup {
    /// The model, as it is drawn.
    pub model: Look,
    /// Its label.
    pub label: String,
    /// Its rows.
    pub rows: Vec<TableRow>,
}

/// One row of figures.
#[derive(Debug, Clone)]
pub struct TableRow {
    /// A cell per column.
    pub cells: Vec<String>,
    /// Whether the figures are to be trusted.
    pub trusted: bool,
}

/// Every chart, in the order of the report.
pub const CHARTS: &[Chart] = &[
    throughput::CHART,
    outcomes::CHART,
    latency::CHART,
    clocks::CHART,
    hockey::CHART,
    spectrum::CHART,
    added::CHART,
    cpu::CHART,
    switches::CHART,
    resources::CHART,
    shared::CHART,
    thread_time::CHART,
    budget::CHART,
    ratio::CHART,
    timeline::CHART,
    health::CHART,
];

#[cfg(test)]
mod tests;
