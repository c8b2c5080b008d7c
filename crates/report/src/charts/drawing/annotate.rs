//! Names and levels at the points of a chart whose lines do not end at the right.

use super::curve::{Curve, Dot};
use super::frame::Frame;
use super::labels::{self, Column, Label};
use super::layout::LABEL_GAP;
use super::palette::Ink;
use super::placement::{Obstacles, place_around, place_free};
use super::svg::{Area, Canvas, Font, Stroke, Xy};
use crate::analysis::metric::{LATENCY_P99, THROUGHPUT};
use crate::analysis::{Analysis, Point};

/// Where names go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// At the last point to be trusted; levels where lines begin, bend and end.
    AtPoints,
    /// In a column right of the plot, with leader lines; no levels.
    Beside,
}

/// Height that a column of all names needs beside the plot.
pub(crate) fn height(analysis: &Analysis, curves: &[Curve], room: f64) -> f64 {
    let names: Vec<Label> =
        curves.iter().filter_map(|c| label(analysis, c, |_| (0.0, 0.0))).collect();
    labels::height(&names, column_width(room))
}

fn column_width(room: f64) -> f64 {
    room - LABEL_GAP - 6.0
}

/// Writes names and levels; `false` if a name found no place at its point. `right` is the end of the
/// drawing, `void` what data cannot reach.
pub(crate) fn draw(
    canvas: &mut Canvas,
    analysis: &Analysis,
    curves: &[Curve],
    frame: &Frame,
    (right, void): (f64, Option<Area>),
    names: Names,
) -> bool {
    if names == Names::Beside {
        let names: Vec<Label> = curves
            .iter()
            .filter_map(|c| label(analysis, c, |dot| frame.at(dot.x, dot.y)))
            .collect();
        let column = Column {
            left: frame.plot.right + LABEL_GAP,
            width: column_width(right + 4.0 - frame.plot.right),
            top: frame.plot.top - 6.0,
            bottom: frame.plot.bottom + 2.0,
        };
        labels::draw(canvas, &names, column);
        return true;
    }
    let mut obstacles = obstacles(analysis, curves, frame, void);
    // Ceilings and limits have their labels by now.
    obstacles.boxes.extend(canvas.covered().map(|area| area.grown(2.0)));
    let bounds = Area { right, ..frame.plot };
    let all =
        curves.iter().all(|curve| name(canvas, analysis, curve, frame, bounds, &mut obstacles));
    levels(canvas, analysis, curves, frame, &mut obstacles);
    all
}

fn obstacles(
    analysis: &Analysis,
    curves: &[Curve],
    frame: &Frame,
    void: Option<Area>,
) -> Obstacles {
    let mut obstacles = Obstacles { boxes: void.into_iter().collect(), ..Obstacles::default() };
    for curve in curves {
        let points: Vec<Xy> = curve.dots.iter().map(|d| frame.at(d.x, d.y)).collect();
        obstacles.segments.extend(points.windows(2).map(|pair| (pair[0], pair[1])));
        let marks =
            points.iter().map(|&(x, y)| Area { left: x, top: y, right: x, bottom: y }.grown(4.0));
        obstacles.boxes.extend(marks);
        let repeats = curve.dots.iter().flat_map(|d| &d.repeats);
        obstacles.dots.extend(repeats.map(|(_, x, y)| frame.at(*x, *y)));
    }
    for series in analysis.distinct() {
        let ceiling = series.cpu_ceiling().filter(|ceiling| frame.x.holds(ceiling.rps));
        if let Some(x) = ceiling.map(|ceiling| frame.x_at(ceiling.rps)) {
            obstacles.segments.push(((x, frame.plot.top), (x, frame.plot.bottom)));
        }
    }
    if let Some(at) = analysis.run.scenario.slo_p99_ms.filter(|at| frame.y.holds(*at)) {
        let y = frame.y_at(at);
        obstacles.segments.push(((frame.plot.left, y), (frame.plot.right, y)));
    }
    obstacles
}

/// The dot that bears the name.
fn named(curve: &Curve) -> Option<&Dot> {
    curve.last_trusted().or(curve.dots.last())
}

fn label(analysis: &Analysis, curve: &Curve, at: impl Fn(&Dot) -> Xy) -> Option<Label> {
    let dot = named(curve)?;
    Some(Label {
        mark: at(dot),
        passed: true,
        model: curve.model,
        name: curve.name.clone(),
        figures: vec![place_words(analysis, curve, dot)],
    })
}

fn place_words(analysis: &Analysis, curve: &Curve, dot: &Dot) -> String {
    // What lies across here is the achieved rate.
    let level = level_of(analysis, curve, dot);
    level.map(|level| analysis.axis().at(level)).unwrap_or_default()
}

fn name(
    canvas: &mut Canvas,
    analysis: &Analysis,
    curve: &Curve,
    frame: &Frame,
    bounds: Area,
    obstacles: &mut Obstacles,
) -> bool {
    let Some(dot) = named(curve) else { return true };
    let level = place_words(analysis, curve, dot);
    let (bold, plain) = (Font::label(Ink::Text(curve.model)), Font::plain(Ink::Normal));
    let lines = [(curve.name.as_str(), bold), (level.as_str(), plain)];
    let found = place_around(frame.at(dot.x, dot.y), &lines, bounds, obstacles);
    let Some((((x, y), anchor), leader)) = found else {
        return false;
    };
    if let Some(leader) = leader {
        canvas.path(&leader, Stroke::AXIS);
    }
    canvas.text((x, y), &curve.name, bold.at(anchor));
    canvas.text((x, y + 16.0), &level, plain.at(anchor));
    true
}

/// The levels where a line begins, bends and ends, as far as there is room; where models coincide,
/// one label does for all.
fn levels(
    canvas: &mut Canvas,
    analysis: &Analysis,
    curves: &[Curve],
    frame: &Frame,
    obstacles: &mut Obstacles,
) {
    let mut written: Vec<(f64, Xy)> = Vec::new();
    for curve in curves {
        let named = named(curve).map(|dot| dot.x);
        let told = [curve.dots.first(), bend(curve, frame), curve.dots.last()];
        for dot in told
            .into_iter()
            .flatten()
            .filter(|dot| named.is_none_or(|x| x.to_bits() != dot.x.to_bits()))
        {
            let Some(level) = level_of(analysis, curve, dot) else { continue };
            let at = frame.at(dot.x, dot.y);
            let near = |other: &Xy| (other.0 - at.0).hypot(other.1 - at.1) < 14.0;
            if written.iter().any(|(own, other)| own.to_bits() == level.to_bits() && near(other)) {
                continue;
            }
            let words = analysis.axis().word(level);
            let font = Font::plain(Ink::Text(curve.model));
            if let Some((place, anchor)) = place_free(at, &[(&words, font)], frame.plot, obstacles)
            {
                canvas.text(place, &words, font.at(anchor));
                written.push((level, at));
            }
        }
    }
}

/// The dot furthest from the straight line between the ends: where more load begins to cost more, or
/// to bring less.
fn bend<'a>(curve: &'a Curve, frame: &Frame) -> Option<&'a Dot> {
    /// Nearer than this the line is as good as straight.
    const LEAST: f64 = 14.0;
    let at = |dot: &Dot| frame.at(dot.x, dot.y);
    let (a, b) = (at(curve.dots.first()?), at(curve.dots.last()?));
    let length = (b.0 - a.0).hypot(b.1 - a.1).max(1.0);
    let away = |dot: &Dot| {
        let p = at(dot);
        ((b.0 - a.0) * (a.1 - p.1) - (a.0 - p.0) * (b.1 - a.1)).abs() / length
    };
    let inner = curve.dots.iter().max_by(|p, q| away(p).total_cmp(&away(q)))?;
    (away(inner) >= LEAST).then_some(inner)
}

/// The level that a dot was measured at, by its throughput.
fn level_of(analysis: &Analysis, curve: &Curve, dot: &Dot) -> Option<f64> {
    let points = &analysis.series.get(curve.model.index)?.points;
    let same = |seen: Option<f64>, drawn: f64| seen.is_some_and(|v| v.to_bits() == drawn.to_bits());
    let here = |point: &&Point| {
        same(point.median(&THROUGHPUT), dot.x) && same(point.median(&LATENCY_P99), dot.y)
    };
    points.iter().find(here).map(|point| point.level)
}
