//! Forest plots: ratios with their intervals on a log axis, a row each, in groups under a heading.

use super::axes;
use super::layout::{Layout, TICK_LABEL, X_TITLE};
use super::marks::{Fill, mark};
use super::palette::Ink;
use super::scale::Scale;
use super::svg::{Anchor, Area, Canvas, Font, Stroke, escape, num, path_data};
use super::text::{self, Weight};
use crate::charts::Plot;
use crate::format;
use crate::look::Look;
use crate::stats::LEAST_EFFECT;

/// Height of a row.
const ROW: f64 = 32.0;
/// Height of a group's heading.
const HEAD: f64 = 30.0;

/// A forest plot.
#[derive(Debug, Clone)]
pub(crate) struct Forest {
    /// The groups, one below the other.
    pub(crate) groups: Vec<Group>,
    /// Heading of the column of rows' names.
    pub(crate) column: String,
    /// Title of the axis.
    pub(crate) title: String,
}

/// Rows of one model.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// The model, as it is drawn.
    pub(crate) model: Look,
    /// Above the rows.
    pub(crate) heading: String,
    /// The rows.
    pub(crate) rows: Vec<Row>,
}

/// One ratio.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its name: a level.
    pub(crate) name: String,
    /// The ratio.
    pub(crate) ratio: f64,
    /// Its 95 % interval.
    pub(crate) interval: Option<(f64, f64)>,
    /// The ends of the bar: the interval, or the range of the repeats where there is none.
    pub(crate) reach: (f64, f64),
    /// The ratio of each repeat.
    pub(crate) repeats: Vec<(u32, f64)>,
    /// Whether it is called a difference; grey where not.
    pub(crate) called: bool,
    /// Whether it is to be trusted; hollow where not.
    pub(crate) trusted: bool,
}

/// Where things go across: plot, and the right ends of the two columns of figures.
struct Across {
    plot: (f64, f64),
    ratio: f64,
    interval: Option<f64>,
}

impl Forest {
    /// The drawing in a layout.
    pub(crate) fn plot(&self, layout: Layout) -> Option<Plot> {
        let across = if layout.narrow {
            Across { plot: (62.0, 312.0), ratio: 368.0, interval: None }
        } else {
            Across { plot: (112.0, 780.0), ratio: 838.0, interval: Some(936.0) }
        };
        let rows = self.groups.iter().flat_map(|group| &group.rows);
        let ends = rows.flat_map(|row| {
            let repeats = row.repeats.iter().map(|(_, ratio)| *ratio);
            repeats.chain([row.reach.0, row.reach.1, row.ratio]).collect::<Vec<_>>()
        });
        let length = across.plot.1 - across.plot.0;
        // Wide enough for a likeness of 5 % to look like one.
        let x = Scale::log_over(ends.chain([1.0 / 1.2, 1.2]), 0.0, (0.0, 0.0), length, 44.0)?;
        let top = 36.0;
        let height: f64 =
            self.groups.iter().map(|group| HEAD + ROW * group.rows.len() as f64).sum();
        let area =
            Area { left: across.plot.0, top, right: across.plot.1, bottom: top + height + 4.0 };
        let mut canvas = Canvas::default();
        axis(&mut canvas, &x, area, &self.title);
        header(&mut canvas, &self.column, &x, area, &across, layout);
        let mut y = top;
        for group in &self.groups {
            let room = area.right - layout.edge;
            let label = text::cut(&group.heading, 13.0, Weight::Bold, room - 20.0);
            mark(&mut canvas, (layout.edge + 5.0, y + 17.6), group.model, Fill::Solid, "");
            canvas.text(
                (layout.edge + 16.0, y + 22.0),
                &label,
                Font::label(Ink::Text(group.model)),
            );
            y += HEAD;
            ground(
                &mut canvas,
                &x,
                Area { top: y, bottom: y + ROW * group.rows.len() as f64, ..area },
            );
            for row in &group.rows {
                forest_row(&mut canvas, (&x, area, &across), row, y, layout.edge);
                y += ROW;
                let line = Stroke { ink: Ink::Grid, width: 1.0, dash: &[] };
                canvas
                    .path(&[(layout.edge, y), (across.interval.unwrap_or(across.ratio), y)], line);
            }
        }
        let (markup, texts) = canvas.finish();
        Some(Plot {
            markup,
            width: layout.width,
            edge: layout.edge,
            height: area.bottom + X_TITLE + 14.0,
            texts,
        })
    }
}

fn at(x: &Scale, area: Area, value: f64) -> f64 {
    area.left + (area.right - area.left) * x.share(value)
}

/// The band of likeness, the line at 1 and the grid, behind the rows of one model.
fn ground(canvas: &mut Canvas, x: &Scale, area: Area) {
    let (low, high) = (at(x, area, LEAST_EFFECT.recip()), at(x, area, LEAST_EFFECT));
    canvas.fill(
        &[(low, area.top), (high, area.top), (high, area.bottom), (low, area.bottom)],
        Ink::Void,
    );
    for tick in &x.ticks {
        let place = at(x, area, tick.value);
        let one = (tick.value - 1.0).abs() < 1e-9;
        let grid = Stroke { ink: Ink::Decade, width: 1.0, dash: &[] };
        canvas.path(
            &[(place, area.top), (place, area.bottom)],
            if one { Stroke::IDEAL } else { grid },
        );
    }
}

fn axis(canvas: &mut Canvas, x: &Scale, area: Area, title: &str) {
    let font = Font::plain(Ink::Normal).at(Anchor::Middle);
    for tick in &x.ticks {
        let place = at(x, area, tick.value);
        canvas.path(&[(place, area.bottom), (place, area.bottom + 5.0)], Stroke::AXIS);
        canvas.text(
            (place, area.bottom + TICK_LABEL),
            &format!("{}×", axes::kilo(tick.value)),
            font,
        );
    }
    canvas.path(&[(area.left, area.bottom), (area.right, area.bottom)], Stroke::AXIS);
    canvas.text((area.left, area.bottom + X_TITLE), title, Font::plain(Ink::Normal));
}

fn header(
    canvas: &mut Canvas,
    column: &str,
    x: &Scale,
    area: Area,
    across: &Across,
    layout: Layout,
) {
    let weak = Font::plain(Ink::Weak);
    let y = area.top - 12.0;
    let first = canvas.text((layout.edge, y), column, weak);
    let last = match across.interval {
        Some(right) => canvas.text((right, y), "ratio  [95 % interval]", weak.at(Anchor::End)),
        None => canvas.text((across.ratio, y), "ratio", weak.at(Anchor::End)),
    };
    let words = "alike: within 5 %";
    let half = weak.width(words) / 2.0;
    let centre = at(x, area, 1.0)
        .clamp(first.right + half + 24.0, (last.left - half - 8.0).max(first.right + half + 24.0));
    canvas.text((centre, y), words, weak.at(Anchor::Middle));
}

fn forest_row(
    canvas: &mut Canvas,
    (x, area, across): (&Scale, Area, &Across),
    row: &Row,
    top: f64,
    edge: f64,
) {
    let middle = top + 14.0;
    let called = row.called && row.trusted;
    let ink = if called { Ink::Strong } else { Ink::Ideal };
    let (low, high) = row.reach;
    let dash: &[f64] = if row.trusted { &[] } else { &[3.0, 3.0] };
    canvas.path(
        &[(at(x, area, low), middle), (at(x, area, high), middle)],
        Stroke { ink, width: 2.0, dash },
    );
    let level = &row.name;
    for (repeat, value) in &row.repeats {
        let look = if row.trusted {
            format!("fill=\"{}\" opacity=\"0.5\"", ink.hex())
        } else {
            format!("fill=\"none\" stroke=\"{}\" opacity=\"0.6\"", ink.hex())
        };
        canvas.raw(&format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"2.4\" {look}><title>{}</title></circle>",
            num(at(x, area, *value)),
            num(middle + 9.5),
            escape(&format!("{level}, repeat {}: {}", repeat + 1, format::ratio(*value)))
        ));
    }
    diamond(
        canvas,
        (at(x, area, row.ratio), middle),
        ink,
        row.trusted,
        &format!("{level}: {}", format::ratio(row.ratio)),
    );
    let name =
        Font { size: 13.0, ..Font::plain(if row.trusted { Ink::Strong } else { Ink::Weak }) };
    canvas.text((edge, middle + 4.2), level, name);
    let figure = Font {
        size: 13.0,
        weight: if called { Weight::Bold } else { Weight::Regular },
        ink: if called { Ink::Strong } else { Ink::Weak },
        anchor: Anchor::End,
    };
    canvas.text((across.ratio, middle + 4.2), &format::ratio(row.ratio).replace('×', ""), figure);
    if let Some(right) = across.interval {
        let words = match row.interval {
            Some((low, high)) => format!("[{}, {}]", format::digits(low), format::digits(high)),
            None => format::MISSING.to_owned(),
        };
        canvas.text((right, middle + 4.2), &words, Font::plain(Ink::Normal).at(Anchor::End));
    }
}

fn diamond(canvas: &mut Canvas, (x, y): (f64, f64), ink: Ink, trusted: bool, title: &str) {
    let points = [(x, y - 5.6), (x + 5.6, y), (x, y + 5.6), (x - 5.6, y)];
    let ground = Ink::Background.hex();
    let look = if trusted {
        format!("fill=\"{}\" stroke=\"{ground}\" stroke-width=\"1\"", ink.hex())
    } else {
        format!("fill=\"{ground}\" stroke=\"{}\" stroke-width=\"2\"", ink.hex())
    };
    canvas.raw(&format!(
        "<path d=\"{}Z\" {look}><title>{}</title></path>",
        path_data(&points),
        escape(title)
    ));
}
