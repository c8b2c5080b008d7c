//! A sheet of one level: a line over a single level says nothing, so figures lie across, a row per
//! curve, with their repeats and intervals.

use super::axes;
use super::curve::{Curve, Dot};
use super::layout::{AXIS_TITLE, FOOT, HEADING, Layout, TICK_LABEL, X_TITLE};
use super::marks::{Fill, mark};
use super::palette::Ink;
use super::reference::Reference;
use super::scale::Scale;
use super::sheet::{Heading, Panel, Sheet};
use super::svg::{Anchor, Area, Canvas, Font, Stroke};
use super::text::{self, Weight};
use crate::charts::Plot;
use crate::format::Unit;

/// Where a row's name stands, and how high rows are.
#[derive(Debug, Clone, Copy)]
struct Rows {
    /// Above its line, where there is no room beside it.
    named_above: bool,
    /// Height of a row.
    pitch: f64,
    /// From the top of a row to its line.
    line: f64,
}

impl Rows {
    fn of(sheet: &Sheet, names: f64, layout: Layout) -> Self {
        let font = Font::label(Ink::Strong);
        let curves = || sheet.panels.iter().flat_map(|panel| &panel.curves);
        let wide = curves().any(|curve| font.width(&curve.name) > names - 12.0);
        if layout.narrow || wide {
            let lines = curves().map(|curve| above(&curve.name, layout).len()).max().unwrap_or(1);
            let more = LINE * lines.saturating_sub(1) as f64;
            Self { named_above: true, pitch: 46.0 + more, line: 32.0 + more }
        } else {
            Self { named_above: false, pitch: 30.0, line: 15.0 }
        }
    }
}
/// Above the rows of a panel, where references have their labels.
const HEAD: f64 = 22.0;

/// A line of a name.
const LINE: f64 = 16.0;

/// A name above its row, left of the figure.
fn above(name: &str, layout: Layout) -> Vec<String> {
    text::wrap(name, Font::label(Ink::Strong).size, Weight::Bold, layout.width - layout.edge - 90.0)
}

/// The sheet as rows; `None` where nothing is above zero.
pub(crate) fn plot(sheet: &Sheet, layout: Layout) -> Option<Plot> {
    let names = 190.0;
    let rows = Rows::of(sheet, names, layout);
    // Room for half of the first tick's label.
    let left = layout.edge + if rows.named_above { 22.0 } else { names };
    let right = layout.width - layout.pick(110.0, if rows.named_above { 24.0 } else { 66.0 });
    let pooled: Vec<f64> = sheet.panels.iter().flat_map(values).collect();
    let mut canvas = Canvas::default();
    let mut top = AXIS_TITLE - 12.0;
    for (at, panel) in sheet.panels.iter().enumerate() {
        let own = match sheet.shared {
            Some(_) => pooled.clone(),
            None => values(panel).collect(),
        };
        let x = Scale::log(own, right - left, 52.0)?;
        top += if panel.heading.is_some() { HEADING } else { 0.0 };
        let curves: Vec<&Curve> =
            panel.curves.iter().filter(|c| row_of(panel, c).is_some()).collect();
        let head = if panel.references.iter().any(|r| upright(r).is_some()) { HEAD } else { 6.0 };
        let plot = Area {
            left,
            top: top + head,
            right,
            bottom: top + head + rows.pitch * curves.len() as f64,
        };
        heading(&mut canvas, panel, (layout.edge, top - 4.0), layout.width - layout.edge);
        ground(&mut canvas, &x, (plot, rows), panel, layout);
        for (row, curve) in curves.iter().enumerate() {
            let upper = plot.top + rows.pitch * row as f64;
            line(&mut canvas, &x, (plot, upper, rows), panel, curve, layout);
        }
        top = plot.bottom;
        // Panels that share an axis have its words once, below the last.
        if sheet.shared.is_none() || at + 1 == sheet.panels.len() {
            let title = sheet.shared.as_deref();
            axis(&mut canvas, &x, plot, (panel.unit, title));
            top += if title.is_some() { FOOT } else { FOOT - 20.0 };
        } else {
            top += 14.0;
        }
    }
    let (markup, texts) = canvas.finish();
    Some(Plot { markup, width: layout.width, edge: layout.edge, height: top, texts })
}

fn values(panel: &Panel) -> impl Iterator<Item = f64> {
    let references = panel.references.iter().filter_map(upright).map(|(at, ..)| at);
    let ceilings = panel.references.iter().filter_map(|reference| match reference {
        Reference::Ceiling { at, .. } => Some(*at),
        _ => None,
    });
    panel.curves.iter().flat_map(Curve::values).chain(references).chain(ceilings)
}

/// What stands in a curve's row: its dot, or the words of a level that the OS refused.
fn row_of<'a>(panel: &'a Panel, curve: &'a Curve) -> Option<Result<&'a Dot, &'a str>> {
    let cross = || panel.crosses.iter().find(|(model, ..)| *model == curve.model);
    match curve.dots.first() {
        Some(dot) => Some(Ok(dot)),
        None => cross().map(|(.., title)| Err(title.as_str())),
    }
}

fn heading(canvas: &mut Canvas, panel: &Panel, (x, y): (f64, f64), room: f64) {
    match &panel.heading {
        Some(Heading::Model(model, label)) => {
            let font = Font::label(Ink::Text(*model));
            mark(canvas, (x + 5.0, y - 4.4), *model, Fill::Solid, "");
            let label = text::cut(label, font.size, Weight::Bold, room - 24.0);
            canvas.text((x + 16.0, y), &label, font);
        }
        Some(Heading::Words(words)) => {
            canvas.text((x, y), words, Font::plain(Ink::Normal));
        }
        None => {}
    }
}

/// A reference that stands upright here: where, and its wordings.
fn upright(reference: &Reference) -> Option<(f64, &[String])> {
    match reference {
        Reference::Ideal { line, labels, .. } | Reference::Floor { line, labels, .. } => {
            line.first().map(|(_, y)| (*y, labels.as_slice()))
        }
        Reference::Limit { at, label } => Some((*at, std::slice::from_ref(label))),
        _ => None,
    }
}

/// Grid and references behind the rows.
fn ground(
    canvas: &mut Canvas,
    x: &Scale,
    (plot, rows): (Area, Rows),
    panel: &Panel,
    layout: Layout,
) {
    let place = |value: f64| plot.left + (plot.right - plot.left) * x.share(value);
    for tick in &x.ticks {
        let ink = if tick.major { Ink::Decade } else { Ink::Grid };
        upright_line(canvas, place(tick.value), plot, rows, Stroke { ink, width: 1.0, dash: &[] });
    }
    let mut taken: Vec<Area> = Vec::new();
    for (nth, (value, labels)) in panel.references.iter().filter_map(upright).enumerate() {
        if !x.holds(value) {
            continue;
        }
        let at = place(value);
        upright_line(canvas, at, plot, rows, Stroke::IDEAL);
        let font = Font::plain(Ink::Weak);
        // The first to its left, others to their right: on whichever side there is room.
        let sides = match nth {
            0 => [Anchor::End, Anchor::Middle, Anchor::Start],
            _ => [Anchor::Start, Anchor::Middle, Anchor::End],
        };
        let found = labels.iter().find_map(|words| {
            sides.into_iter().find_map(|anchor| {
                let font = font.at(anchor);
                let area = super::svg::text_area((at, plot.top - 8.0), words, font);
                let inside = area.left >= layout.edge && area.right <= plot.right + 60.0;
                let free = taken.iter().all(|other| !other.overlaps(&area.grown(4.0)));
                (inside && free).then_some((words, font))
            })
        });
        if let Some((words, font)) = found {
            taken.push(canvas.text((at, plot.top - 8.0), words, font));
        }
    }
}

/// From the top to the bottom of the rows, but not through names that stand above their line.
fn upright_line(canvas: &mut Canvas, x: f64, plot: Area, rows: Rows, look: Stroke<'_>) {
    if !rows.named_above {
        canvas.path(&[(x, plot.top), (x, plot.bottom)], look);
        return;
    }
    let count = ((plot.bottom - plot.top) / rows.pitch).round() as u32;
    for row in 0..count {
        let upper = plot.top + rows.pitch * f64::from(row);
        canvas.path(&[(x, upper + rows.line - 11.0), (x, upper + rows.pitch - 2.0)], look);
    }
}

fn line(
    canvas: &mut Canvas,
    x: &Scale,
    (plot, upper, rows): (Area, f64, Rows),
    panel: &Panel,
    curve: &Curve,
    layout: Layout,
) {
    let place = |value: f64| plot.left + (plot.right - plot.left) * x.share(x.clamp(value));
    let rule = Stroke { ink: Ink::Grid, width: 1.0, dash: &[] };
    let (middle, below) = (upper + rows.line, upper + rows.pitch);
    canvas.path(&[(layout.edge, below), (layout.width - 10.0, below)], rule);
    let font = Font::label(Ink::Text(curve.model));
    let (name, first) = if rows.named_above {
        (above(&curve.name, layout), upper + LINE)
    } else {
        (vec![curve.name.clone()], middle + 4.4)
    };
    for (at, words) in name.iter().enumerate() {
        canvas.text((layout.edge, first + LINE * at as f64), words, font);
    }
    // Beside the line, or, where names stand above, at the end of theirs.
    let (end, anchor) = if rows.named_above {
        ((layout.width - 12.0, upper + LINE), Anchor::End)
    } else {
        ((plot.right + 10.0, middle + 4.2), Anchor::Start)
    };
    let dot = match row_of(panel, curve) {
        Some(Ok(dot)) => dot,
        Some(Err(title)) => {
            mark(canvas, (plot.left + 8.0, middle), curve.model, Fill::Cross, title);
            return;
        }
        None => return,
    };
    canvas.group(&format!("model m{}", curve.model.index), |canvas| {
        for reference in &panel.references {
            if let Reference::Ceiling { model, at, .. } = reference
                && *model == curve.model
                && x.holds(*at)
            {
                let ends = [(place(*at), middle - 11.0), (place(*at), middle + 11.0)];
                canvas.path(&ends, Stroke::ceiling(*model));
            }
        }
        if let Some((low, high)) = dot.interval.filter(|_| dot.trusted()) {
            let bar = Stroke { ink: Ink::Line(curve.model), width: 2.0, dash: &[] };
            canvas.path(&[(place(low), middle), (place(high), middle)], bar);
        }
        if dot.repeats.len() > 1 && dot.fill() != Fill::Cross {
            let fill = if dot.trusted() { Fill::Faint } else { Fill::FaintHollow };
            for (title, _, value) in dot.repeats.iter().filter(|(_, _, v)| x.holds(*v)) {
                mark(canvas, (place(*value), middle), curve.model, fill, title);
            }
        }
        mark(canvas, (place(dot.y), middle), curve.model, dot.fill(), &dot.title);
    });
    // A curve that is named by its figure needs it no second time.
    let figure = panel.unit.show(dot.y);
    if !curve.name.contains(&figure) {
        canvas.text(end, &figure, Font::plain(Ink::Normal).at(anchor));
    }
}

/// Base line, ticks and title below the rows.
fn axis(canvas: &mut Canvas, x: &Scale, plot: Area, (unit, title): (Unit, Option<&str>)) {
    canvas.path(&[(plot.left, plot.bottom), (plot.right, plot.bottom)], Stroke::AXIS);
    let font = Font::plain(Ink::Normal).at(Anchor::Middle);
    for tick in &x.ticks {
        let at = plot.left + (plot.right - plot.left) * x.share(tick.value);
        canvas.path(&[(at, plot.bottom), (at, plot.bottom + 5.0)], Stroke::AXIS);
        canvas.text((at, plot.bottom + TICK_LABEL), &axes::tick(unit, tick.value), font);
    }
    if let Some(title) = title {
        canvas.text((plot.left, plot.bottom + X_TITLE), title, Font::plain(Ink::Normal));
    }
}
