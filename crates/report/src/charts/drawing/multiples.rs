//! Small multiples over time: cells of lines on a common time axis, a scale per quantity.

use super::axes;
use super::frame::Frame;
use super::layout::{FOOT, Layout, TICK_LABEL, X_TITLE};
use super::marks::{Fill, mark};
use super::palette::Ink;
use super::scale::Scale;
use super::svg::{Anchor, Area, Canvas, Font, Stroke};
use super::text::{self, Weight};
use crate::charts::Plot;
use crate::format::{self, Unit};
use crate::look::Look;

/// What cells of one kind show.
#[derive(Debug, Clone)]
pub(crate) struct Quantity {
    /// Above each cell: wordings, longest first.
    pub(crate) titles: Vec<String>,
    /// Unit of its axis.
    pub(crate) unit: Unit,
    /// Logarithmic, or linear from zero.
    pub(crate) log: bool,
}

/// One cell.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// The model and its label; it heads the cell where `headed`.
    pub(crate) model: (Look, String),
    /// Whether the model stands above the cell.
    pub(crate) headed: bool,
    /// Position of its quantity.
    pub(crate) quantity: usize,
    /// What is drawn, the last on top.
    pub(crate) traces: Vec<Trace>,
}

/// A line over time.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    /// (s, value), ascending in time.
    pub(crate) points: Vec<(f64, f64)>,
    /// How it is drawn.
    pub(crate) kind: Kind,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What the model did.
    Median,
    /// The same in one repeat of several.
    Repeat,
    /// What was asked of it, or a threshold: dashed, grey.
    Asked,
    /// No line: a mark of the model at each point.
    Mark,
    /// The same, not to be trusted.
    HollowMark,
}

/// Cells in rows of `columns`, one below the other where narrow.
#[derive(Debug, Clone)]
pub(crate) struct Multiples {
    /// The quantities.
    pub(crate) quantities: Vec<Quantity>,
    /// The cells by row.
    pub(crate) cells: Vec<Cell>,
    /// Columns of the wide layout.
    pub(crate) columns: usize,
    /// Ends of the time axis; what lies before 0 is warm-up, and shaded.
    pub(crate) span: (f64, f64),
    /// What it counts.
    pub(crate) across: Across,
}

/// What the time axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Across {
    /// Seconds since the window's start.
    Seconds,
    /// The share of the window that is over, 0 to 1, where windows differ in length.
    Share,
    /// Trials, from 1.
    Trials,
}

impl Across {
    fn words(self, value: f64) -> String {
        match self {
            Self::Seconds => format!("{}\u{a0}s", format::number(value)),
            Self::Share => format::percent(value),
            Self::Trials => format::count(value),
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Seconds => "Time since the window’s start",
            Self::Share => "Share of the window that is over",
            Self::Trials => "Trials in the order they ran",
        }
    }
}

/// Height of a cell.
const HEIGHT: f64 = 110.0;
/// From the top of a cell's room to its plot.
const HEAD: f64 = 46.0;

impl Multiples {
    /// The drawing; `None` where a quantity has no axis.
    pub(crate) fn plot(&self, layout: Layout) -> Option<Plot> {
        let columns = layout.pick(self.columns.max(1), 1);
        let scales: Vec<Scale> =
            (0..self.quantities.len()).map(|at| self.scale(at)).collect::<Option<_>>()?;
        let margins = scales.iter().zip(&self.quantities);
        let margin =
            margins.map(|(y, quantity)| axes::tick_width(y, quantity.unit)).fold(30.0, f64::max)
                + 10.0;
        let pitch = (layout.width - layout.edge - 8.0) / columns as f64;
        let mut canvas = Canvas::default();
        let mut bottom = 0.0_f64;
        for (at, cell) in self.cells.iter().enumerate() {
            let (row, column) = (at / columns, at % columns);
            let left = layout.edge + pitch * column as f64;
            let top = HEAD + (HEIGHT + HEAD + TICK_LABEL + 20.0) * row as f64;
            let right = left + pitch - layout.pick(20.0, 12.0);
            let plot = Area { left: left + margin, top, right, bottom: top + HEIGHT };
            let (from, to) = self.span;
            let x = Scale::linear(from, [to], layout.pick(4.0, 5.0))?;
            let frame = Frame { plot, x, y: scales[cell.quantity].clone() };
            self.cell(&mut canvas, cell, &frame, left);
            bottom = bottom.max(plot.bottom);
        }
        let at = (layout.edge + margin, bottom + X_TITLE);
        canvas.text(at, self.across.title(), Font::plain(Ink::Normal));
        let (markup, texts) = canvas.finish();
        Some(Plot { markup, width: layout.width, edge: layout.edge, height: bottom + FOOT, texts })
    }

    fn scale(&self, quantity: usize) -> Option<Scale> {
        let values: Vec<f64> = self
            .cells
            .iter()
            .filter(|cell| cell.quantity == quantity)
            .flat_map(|cell| &cell.traces)
            .flat_map(|trace| trace.points.iter().map(|(_, y)| *y))
            .collect();
        if self.quantities[quantity].log {
            Scale::log(values, HEIGHT, 20.0)
        } else {
            Scale::linear(0.0, values.into_iter().map(|value| value * 1.05), 3.0)
        }
    }

    fn cell(&self, canvas: &mut Canvas, cell: &Cell, frame: &Frame, left: f64) {
        let quantity = &self.quantities[cell.quantity];
        let plot = frame.plot;
        let (model, label) = &cell.model;
        if cell.headed {
            let font = Font::label(Ink::Text(*model));
            mark(canvas, (left + 5.0, plot.top - 34.4), *model, Fill::Solid, "");
            let room = plot.right - left - 16.0;
            let label = text::cut(label, font.size, Weight::Bold, room);
            canvas.text((left + 16.0, plot.top - 30.0), &label, font);
        }
        let font = Font::plain(Ink::Normal);
        let fits = |words: &&String| font.width(words) <= plot.right - left;
        if let Some(words) = quantity.titles.iter().find(fits) {
            canvas.text((left, plot.top - 11.0), words, font);
        }
        if self.span.0 < 0.0 {
            let end = frame.x_at(0.0);
            let corners = [
                (plot.left, plot.top),
                (end, plot.top),
                (end, plot.bottom),
                (plot.left, plot.bottom),
            ];
            canvas.fill(&corners, Ink::Void);
        }
        frame.grid(canvas, false);
        axes::upward(canvas, frame, quantity.unit);
        time_axis(canvas, frame, self.across);
        for trace in &cell.traces {
            lines(canvas, frame, trace, *model);
        }
        let of_own = cell.traces.iter().filter(|trace| trace.kind != Kind::Asked);
        if of_own.flat_map(|trace| &trace.points).next().is_none() {
            let middle = f64::midpoint(plot.left, plot.right);
            let at = (middle, f64::midpoint(plot.top, plot.bottom));
            canvas.text(at, "not known", Font::plain(Ink::Weak).at(Anchor::Middle));
        }
    }
}

fn lines(canvas: &mut Canvas, frame: &Frame, trace: &Trace, model: Look) {
    let (look, class) = match trace.kind {
        Kind::Median => (Stroke { ink: Ink::Line(model), width: 2.0, dash: &[] }, "line"),
        Kind::Repeat => (Stroke { ink: Ink::Line(model), width: 0.8, dash: &[] }, "repeat"),
        Kind::Asked => (Stroke::IDEAL, "reference"),
        Kind::Mark => return marks(canvas, frame, trace, (model, Fill::Faint)),
        Kind::HollowMark => return marks(canvas, frame, trace, (model, Fill::Hollow)),
    };
    // Where a value has no place the line has a gap.
    for run in trace.points.split(|(x, y)| !frame.x.holds(*x) || !frame.y.holds(*y)) {
        if let [(x, y)] = run {
            let at = frame.at(*x, *y);
            canvas.path(&[(at.0 - 2.0, at.1), (at.0 + 2.0, at.1)], look);
        }
        canvas.group(&format!("model m{}", model.index), |canvas| {
            frame.line(canvas, class, run, look);
        });
    }
}

fn marks(canvas: &mut Canvas, frame: &Frame, trace: &Trace, (model, fill): (Look, Fill)) {
    canvas.group(&format!("model m{}", model.index), |canvas| {
        for (x, y) in trace.points.iter().filter(|(x, y)| frame.x.holds(*x) && frame.y.holds(*y)) {
            mark(canvas, frame.at(*x, *y), model, fill, "");
        }
    });
}

fn time_axis(canvas: &mut Canvas, frame: &Frame, across: Across) {
    let Area { left, right, bottom, .. } = frame.plot;
    canvas.path(&[(left, bottom), (right, bottom)], Stroke::AXIS);
    let mut end = f64::NEG_INFINITY;
    for tick in &frame.x.ticks {
        let x = frame.x_at(tick.value);
        canvas.path(&[(x, bottom), (x, bottom + 5.0)], Stroke::AXIS);
        let words = across.words(tick.value);
        let font = Font::plain(Ink::Normal).at(Anchor::Middle);
        let half = font.width(&words) / 2.0;
        if x - half > end + 4.0 {
            canvas.text((x, bottom + TICK_LABEL), &words, font);
            end = x + half;
        }
    }
}
