//! Sheets: one panel or several of curves over the levels, laid out wide or narrow.

use measurement::row::Verdict;

use super::axes;
use super::curve::{self, Curve};
use super::frame::Frame;
use super::labels::{self, Column, Label};
use super::layout::{AXIS_TITLE, FOOT, HEADING, LABEL_GAP, Layout, PLOT_TOP};
use super::marks::{Fill, mark};
use super::palette::Ink;
use super::placement::{self, Obstacles};
use super::reference::{self, Reference};
use super::scale::Scale;
use super::svg::{Area, Canvas, Font, Stroke};
use super::text::{self, Weight};
use crate::analysis::{Analysis, Axis};
use crate::charts::Plot;
use crate::format::Unit;
use crate::look::Look;

/// Curves over the levels in one frame.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    /// Above the panel: a model, or words.
    pub(crate) heading: Option<Heading>,
    /// Unit of the upward axis.
    pub(crate) unit: Unit,
    /// What is drawn.
    pub(crate) curves: Vec<Curve>,
    /// What it is read against.
    pub(crate) references: Vec<Reference>,
    /// Levels that the OS refused without a figure: model, level, hover text.
    pub(crate) crosses: Vec<(Look, f64, String)>,
}

/// What stands above a panel.
#[derive(Debug, Clone)]
pub(crate) enum Heading {
    /// A model, with its marker.
    Model(Look, String),
    /// Words: the axis title of this panel.
    Words(String),
}

/// Panels that make one chart.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    /// The panels.
    pub(crate) panels: Vec<Panel>,
    /// Title of the upward axis, if all panels share it; else each has its own.
    pub(crate) shared: Option<String>,
    /// What lies across.
    pub(crate) axis: Axis,
    /// The levels.
    pub(crate) levels: Vec<f64>,
    /// Levels that title or labels cite.
    pub(crate) cited: Vec<f64>,
    /// Height of a lone plot or of a row of panels, wide and narrow.
    pub(crate) heights: (f64, f64),
    /// Room for labels beside each of several panels.
    pub(crate) label_width: f64,
    /// A remark on a point of a lone wide panel, where there is room: level, value, words.
    pub(crate) remark: Option<(f64, f64, String)>,
}

impl Panel {
    /// A panel of curves alone.
    pub(crate) fn new(unit: Unit, curves: Vec<Curve>) -> Self {
        Self { heading: None, unit, curves, references: Vec::new(), crosses: Vec::new() }
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        let references = self.references.iter().flat_map(Reference::values);
        self.curves.iter().flat_map(Curve::values).chain(references)
    }

    /// The upward axis over `values`: the panel's own, or those of all that share it.
    fn upward(&self, values: Vec<f64>, height: f64, layout: Layout) -> Option<Scale> {
        // A floor's label stands below it, where no tick is of use.
        let floors = self.references.iter().filter_map(Reference::void_floor);
        let floor = floors.flatten().map(|(_, y)| *y).reduce(f64::min);
        let room = if floor.is_some() { 27.0 } else { 0.0 };
        let mut y = Scale::log_above(values, room, height, layout.tick_gap)?;
        if let Some(floor) = floor {
            y.ticks.retain(|tick| tick.value >= floor * 0.999);
        }
        Some(y)
    }

    /// Whether there is anything to draw.
    pub(crate) fn empty(&self) -> bool {
        self.curves.iter().all(|curve| curve.dots.is_empty())
    }
}

/// A sheet of a panel per model, of times: what it has in common wherever it is drawn.
pub(crate) fn of_models(
    analysis: &Analysis,
    panels: Vec<Panel>,
    title: &str,
    cited: Vec<f64>,
    label_width: f64,
) -> Sheet {
    Sheet {
        heights: if panels.len() <= 2 { (300.0, 250.0) } else { (210.0, 220.0) },
        panels,
        shared: Some(title.to_owned()),
        axis: analysis.axis().clone(),
        levels: analysis.levels(),
        cited,
        label_width,
        remark: None,
    }
}

/// What has no place on the log axis, of the curves of each name.
pub(crate) fn dropped(
    analysis: &Analysis,
    panels: &[Panel],
    names: &[(&str, &str)],
) -> Vec<String> {
    let of = |(begins, what): &(&str, &str)| {
        let own = |curve: &&Curve| curve.name.split(' ').next() == Some(*begins);
        let curves: Vec<Curve> =
            panels.iter().flat_map(|panel| &panel.curves).filter(own).cloned().collect();
        crate::charts::prose::notes::dropped(analysis, what, &curves)
    };
    names.iter().flat_map(of).collect()
}

/// Levels at which the OS refused more and no figure was measured, of the given models.
pub(crate) fn crosses(analysis: &Analysis, curves: &[Curve]) -> Vec<(Look, f64, String)> {
    let mut out = Vec::new();
    for curve in curves {
        let series = &analysis.series[curve.model.index];
        for point in series.points.iter().filter(|p| p.verdict == Verdict::Exhausted) {
            if curve.dots.iter().all(|dot| dot.x.to_bits() != point.level.to_bits()) {
                let why = crate::charts::prose::notes::exhausted(point)
                    .unwrap_or_else(|| point.reason.clone());
                let at = analysis.axis().at(point.level);
                out.push((
                    curve.model,
                    point.level,
                    format!("{}, {at}: {why}", series.model.label),
                ));
            }
        }
    }
    out
}

/// Where a panel's plot goes.
struct Cell {
    plot: Area,
    label_width: f64,
    ticks: bool,
    titled: bool,
    /// How far slanted tick labels reach below upright ones.
    slant: f64,
}

impl Sheet {
    /// The sheet in a layout.
    pub(crate) fn plot(&self, layout: Layout) -> Option<Plot> {
        if self.levels.len() == 1 {
            return super::rows::plot(self, layout);
        }
        let cells = self.cells(layout);
        let mut canvas = Canvas::default();
        if let Some(title) = &self.shared {
            canvas.text((layout.edge, AXIS_TITLE), title, Font::plain(Ink::Normal));
        }
        let pooled: Vec<f64> = self.panels.iter().flat_map(Panel::values).collect();
        for (panel, cell) in self.panels.iter().zip(&cells) {
            let own: Vec<f64> =
                if self.shared.is_some() { pooled.clone() } else { panel.values().collect() };
            let frame = self.frame(panel, cell.plot, own, layout)?;
            self.panel(&mut canvas, panel, cell, &frame, layout);
        }
        let bottom = cells.iter().map(|cell| cell.plot.bottom + cell.slant).fold(0.0, f64::max);
        let (markup, texts) = canvas.finish();
        Some(Plot { markup, width: layout.width, edge: layout.edge, height: bottom + FOOT, texts })
    }

    fn frame(&self, panel: &Panel, plot: Area, values: Vec<f64>, layout: Layout) -> Option<Frame> {
        let (width, height) = (plot.right - plot.left, plot.bottom - plot.top);
        let inset = if self.panels.len() > 1 { 12.0 } else { layout.inset };
        let x = Scale::levels(&self.levels, width, inset)?;
        let mut frame = Frame { plot, x, y: panel.upward(values, height, layout)? };
        if axes::corner_taken(&frame, &self.cited, &self.axis) {
            let y = frame.y.clone();
            frame.y.ticks.retain(|tick| height * y.share(tick.value) > 12.0);
        }
        Some(frame)
    }

    fn panel(
        &self,
        canvas: &mut Canvas,
        panel: &Panel,
        cell: &Cell,
        frame: &Frame,
        layout: Layout,
    ) {
        reference::void(canvas, frame, &panel.references);
        frame.grid(canvas, false);
        if cell.ticks {
            axes::upward(canvas, frame, panel.unit);
        }
        axes::across(canvas, frame, &self.cited, Some(&self.axis), cell.slant);
        if cell.titled {
            let limit = if self.panels.len() > 1 {
                frame.plot.right - frame.plot.left + cell.label_width
            } else {
                layout.width - frame.plot.left
            };
            axes::across_title(canvas, frame, cell.slant, &self.axis.titles(), limit);
        }
        let lines = segments(&panel.curves, frame);
        reference::draw(canvas, frame, &panel.references, &lines);
        heading(canvas, panel, cell);
        let floor = panel.references.iter().find_map(Reference::void_floor);
        let least = floor.map(|line| {
            move |x: f64| line.iter().find(|p| p.0.to_bits() == x.to_bits()).map_or(0.0, |p| p.1)
        });
        curve::draw(canvas, frame, &panel.curves, least.as_ref().map(|f| f as &dyn Fn(f64) -> f64));
        refused(canvas, panel, frame);
        if let Some((x, y, words)) = self.remark.as_ref().filter(|_| !layout.narrow) {
            remark(canvas, &panel.curves, frame, frame.at(*x, *y), words);
        }
        let labels = panel_labels(panel, frame);
        let column = Column {
            left: frame.plot.right + LABEL_GAP,
            width: cell.label_width,
            top: frame.plot.top - 6.0,
            bottom: frame.plot.bottom + 2.0,
        };
        labels::draw(canvas, &labels, column);
    }

    /// Where each panel goes.
    fn cells(&self, layout: Layout) -> Vec<Cell> {
        let count = self.panels.len();
        let of_models =
            matches!(self.panels[..], [Panel { heading: Some(Heading::Model(..)), .. }, ..]);
        let columns = if layout.narrow { 1 } else { columns(count, of_models) };
        let headed = self.panels.iter().any(|panel| panel.heading.is_some());
        let lone = count == 1 || layout.narrow;
        let right = if lone { layout.right } else { self.label_width + LABEL_GAP + 8.0 };
        let label_width = right - LABEL_GAP - 6.0;
        let needed = self
            .panels
            .iter()
            .map(|p| labels::height(&dummy_labels(p), label_width))
            .fold(0.0, f64::max);
        let height = layout.pick(self.heights.0, self.heights.1).max(needed);
        let axis = self.axis_width(layout, height);
        // Without a shared axis every column has ticks of its own.
        let (first, others) =
            if self.shared.is_some() { (axis, 8.0) } else { (axis, axis - layout.edge + 8.0) };
        let pitch = (layout.width - first + others) / columns as f64;
        // Labels of absurd length (a latency of 1e15 ms) may leave no room: the plot keeps some.
        let width = (pitch - right - others).max(80.0);
        // Without a shared axis the first headings stand where its title would.
        let top = match (headed, self.shared.is_some()) {
            (true, true) => PLOT_TOP + HEADING,
            (true, false) => PLOT_TOP + 2.0,
            (false, _) => PLOT_TOP,
        };
        let inset = if count > 1 { 12.0 } else { layout.inset };
        let slant = axes::slant(&self.axis, &self.levels, width, inset);
        let row_pitch = height + FOOT + slant + if headed { HEADING } else { 0.0 };
        (0..count)
            .map(|i| {
                let (row, column) = (i / columns, i % columns);
                let left = first + pitch * column as f64;
                let top = top + row_pitch * row as f64;
                let plot = Area { left, top, right: left + width, bottom: top + height };
                let last_row = row == (count - 1) / columns;
                let ticks = self.shared.is_none() || column == 0;
                Cell { plot, label_width, ticks, titled: column == 0 && last_row, slant }
            })
            .collect()
    }

    /// Left margin that the widest tick label needs.
    fn axis_width(&self, layout: Layout, height: f64) -> f64 {
        let pooled: Vec<f64> = self.panels.iter().flat_map(Panel::values).collect();
        let widths = self.panels.iter().filter_map(|panel| {
            let values =
                if self.shared.is_some() { pooled.clone() } else { panel.values().collect() };
            let scale = panel.upward(values, height, layout)?;
            Some(axes::tick_width(&scale, panel.unit))
        });
        let widest = widths.fold(0.0, f64::max);
        layout.left.max((layout.edge + widest + 9.0).ceil())
    }
}

/// The lines of the curves as drawn.
pub(crate) fn segments(curves: &[Curve], frame: &Frame) -> Vec<((f64, f64), (f64, f64))> {
    let joined = |curve: &Curve| -> Vec<_> {
        let points: Vec<_> = curve.dots.iter().map(|dot| frame.at(dot.x, dot.y)).collect();
        points.windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    curves.iter().flat_map(joined).collect()
}

/// Columns that so many panels stand in. Those of models have lines close together, and need room.
fn columns(count: usize, of_models: bool) -> usize {
    match count {
        0 | 1 => 1,
        2 | 4 => 2,
        3..=6 if of_models => 2,
        _ => 3,
    }
}

fn heading(canvas: &mut Canvas, panel: &Panel, cell: &Cell) {
    let y = cell.plot.top - 14.0;
    let room = cell.plot.right - cell.plot.left + cell.label_width;
    match &panel.heading {
        Some(Heading::Model(model, label)) => {
            let font = Font::label(Ink::Text(*model));
            mark(canvas, (cell.plot.left + 5.0, y - 4.4), *model, Fill::Solid, "");
            let label = text::cut(label, font.size, Weight::Bold, room - 16.0);
            canvas.text((cell.plot.left + 16.0, y), &label, font);
        }
        Some(Heading::Words(words)) => {
            let words = text::cut(words, 12.0, Weight::Regular, room);
            canvas.text((cell.plot.left, y), &words, Font::plain(Ink::Normal));
        }
        None => {}
    }
}

/// The remark below its point, clear of lines and marks.
fn remark(canvas: &mut Canvas, curves: &[Curve], frame: &Frame, at: (f64, f64), words: &str) {
    let mut obstacles = Obstacles::default();
    for curve in curves {
        let points: Vec<_> = curve.dots.iter().map(|dot| frame.at(dot.x, dot.y)).collect();
        obstacles.segments.extend(points.windows(2).map(|pair| (pair[0], pair[1])));
        obstacles.dots.extend(points);
    }
    let font = Font::plain(Ink::Normal);
    if let Some((leader, place)) = placement::callout(at, words, font, frame.plot, &obstacles) {
        canvas.path(&leader, Stroke::AXIS);
        canvas.text(place, words, font);
    }
}

/// Crosses above the base line, one over the other where models share a level.
fn refused(canvas: &mut Canvas, panel: &Panel, frame: &Frame) {
    for (at, (model, level, title)) in panel.crosses.iter().enumerate() {
        if frame.x.holds(*level) {
            let below =
                panel.crosses[..at].iter().filter(|c| c.1.to_bits() == level.to_bits()).count();
            let y = frame.plot.bottom - 10.0 - 14.0 * below as f64;
            mark(canvas, (frame.x_at(*level), y), *model, Fill::Cross, title);
        }
    }
}

fn panel_labels(panel: &Panel, frame: &Frame) -> Vec<Label> {
    panel.curves.iter().filter_map(|curve| label(curve, |x, y| frame.at(x, y))).collect()
}

/// Labels without places, for measuring.
fn dummy_labels(panel: &Panel) -> Vec<Label> {
    panel.curves.iter().filter_map(|curve| label(curve, |_, _| (0.0, 0.0))).collect()
}

/// The label stands at the last dot to be trusted; at the very last where that is level with it, or
/// where more than one doubtful dot follows, so that the name stays with its line.
fn label(curve: &Curve, at: impl Fn(f64, f64) -> (f64, f64)) -> Option<Label> {
    const LEVEL_WITH: f64 = 20.0;
    let last = curve.dots.last()?;
    let end = curve.last_trusted().unwrap_or(last);
    let following = curve.dots.iter().rev().take_while(|dot| !dot.trusted()).count();
    let (end, last) = (at(end.x, end.y), at(last.x, last.y));
    let passed = following == 1 && (end.1 - last.1).abs() > LEVEL_WITH;
    Some(Label {
        mark: if passed { end } else { last },
        passed,
        model: curve.model,
        name: curve.name.clone(),
        figures: curve.figures.clone(),
    })
}
