//! What data is read against: ideals, ceilings and floors, with the area nothing can reach.
//!
//! Labels of references stand in that area (the void), where no data can be.

use super::along::{crosses, label_along};
use super::frame::Frame;
use super::palette::Ink;
use super::svg::{Anchor, Area, Canvas, Font, Stroke, Xy, text_area};
use crate::analysis::Series;
use crate::format;
use crate::look::Look;

/// A reference in a plot; lines are in values, ascending in x.
#[derive(Debug, Clone)]
pub(crate) enum Reference {
    /// Nothing lies above this line.
    Ideal {
        /// The line at the levels.
        line: Vec<(f64, f64)>,
        /// Wordings, longest first.
        labels: Vec<String>,
        /// Whether it goes on beyond the levels as it does between the last of them; else it is
        /// known at the levels alone, and lengthened level.
        rising: bool,
    },
    /// A model's throughput ends here, level by level.
    Cap {
        /// The model, as it is drawn.
        model: Look,
        /// The line at the levels.
        line: Vec<(f64, f64)>,
        /// Wordings, longest first.
        labels: Vec<String>,
    },
    /// A model's throughput ends here.
    Ceiling {
        /// The model, as it is drawn.
        model: Look,
        /// The value.
        at: f64,
        /// Wordings, longest first.
        labels: Vec<String>,
    },
    /// Nothing lies below this line.
    Floor {
        /// The line at the levels.
        line: Vec<(f64, f64)>,
        /// Wordings, longest first.
        labels: Vec<String>,
        /// Whether the area below is out of reach of everything drawn.
        void: bool,
    },
    /// Past here a model does not keep up with the offered rate.
    Onset {
        /// Between the last rate kept up with and the next.
        at: f64,
        /// Wordings, longest first.
        labels: Vec<String>,
    },
    /// A limit that the scenario set.
    Limit {
        /// The value.
        at: f64,
        /// Its wording.
        label: String,
    },
}

impl Reference {
    /// Where a model's steady states end, in an open loop.
    pub(crate) fn onset(series: &Series) -> Option<Self> {
        let capacity = series.capacity()?;
        let kept = format::rate_full(capacity.offered_rps);
        Some(Self::Onset {
            at: (capacity.offered_rps * capacity.fails_at_rps?).sqrt(),
            labels: vec![
                format!("past {kept} no steady state: grows with the run"),
                format!("past {kept} no steady state"),
                "no steady state →".to_owned(),
            ],
        })
    }

    /// The line of a floor that nothing drawn lies below.
    pub(crate) fn void_floor(&self) -> Option<&Vec<(f64, f64)>> {
        match self {
            Self::Floor { line, void: true, .. } => Some(line),
            _ => None,
        }
    }

    /// Values that the upward axis has to hold.
    pub(crate) fn values(&self) -> Vec<f64> {
        match self {
            Self::Ideal { line, .. } | Self::Floor { line, .. } => {
                line.iter().map(|(_, y)| *y).collect()
            }
            Self::Ceiling { .. } | Self::Cap { .. } | Self::Onset { .. } => Vec::new(),
            Self::Limit { at, .. } => vec![*at],
        }
    }
}

/// Tints what nothing can reach; before the grid.
pub(crate) fn void(canvas: &mut Canvas, frame: &Frame, references: &[Reference]) {
    let Area { left, top, right, bottom } = frame.plot;
    for reference in references {
        let (edge, line) = match reference {
            Reference::Ideal { line, rising, .. } => (top, stretched(frame, line, *rising)),
            Reference::Floor { line, void: true, .. } => (bottom, stretched(frame, line, false)),
            _ => continue,
        };
        if line.is_empty() {
            continue;
        }
        let mut shape = vec![(left, edge)];
        shape.extend(&line);
        shape.push((right, edge));
        canvas.fill(&shape, Ink::Void);
    }
}

/// Draws the references with their labels; after the grid, before the data.
/// Labels of floors and of ceilings that slope keep clear of `lines`.
pub(crate) fn draw(
    canvas: &mut Canvas,
    frame: &Frame,
    references: &[Reference],
    lines: &[(Xy, Xy)],
) {
    let mut taken: Vec<Area> = Vec::new();
    let ideal = references.iter().find_map(|r| match r {
        Reference::Ideal { line, rising: true, .. } => Some(line.as_slice()),
        _ => None,
    });
    canvas.group("reference", |canvas| {
        let mut ceilings: Vec<_> = references
            .iter()
            .filter_map(|r| match r {
                Reference::Ceiling { model, at, labels } => Some((*model, *at, labels)),
                _ => None,
            })
            .collect();
        ceilings.sort_by(|a, b| a.1.total_cmp(&b.1));
        for (model, at, labels) in ceilings {
            ceiling(canvas, frame, ideal, (model, at, labels), &mut taken);
        }
        for reference in references {
            match reference {
                Reference::Ideal { line, labels, rising } => {
                    let look = (Stroke::IDEAL, Font::plain(Ink::Weak));
                    along(canvas, frame, (line, labels, *rising), look, &mut taken);
                }
                Reference::Cap { model, line, labels } => {
                    let look = (Stroke::ceiling(*model), Font::plain(Ink::Text(*model)));
                    for inside in line.split(|(_, y)| !frame.y.holds(*y)) {
                        let ends: Vec<Xy> = inside.iter().map(|(x, y)| frame.at(*x, *y)).collect();
                        canvas.path(&ends, look.0);
                        label_along(canvas, frame, &ends, (labels, look.1), &mut taken, lines);
                    }
                }
                Reference::Floor { line, labels, void } => {
                    let lower = references.iter().find_map(Reference::void_floor).filter(|_| !void);
                    floor(canvas, frame, (line, labels), lower, lines);
                }
                Reference::Limit { at, label } => limit(canvas, frame, *at, label, lines),
                Reference::Onset { at, labels } => {
                    let floor = references.iter().find_map(Reference::void_floor);
                    onset(canvas, frame, *at, labels, floor);
                }
                Reference::Ceiling { .. } => {}
            }
        }
    });
}

/// The line in user units, lengthened to both ends of the plot: along its direction, or level.
fn stretched(frame: &Frame, line: &[(f64, f64)], rising: bool) -> Vec<Xy> {
    let inside = |(x, y): Xy| (x.clamp(frame.plot.left, frame.plot.right), y);
    let mut points: Vec<Xy> = line.iter().map(|(x, y)| inside(frame.at(*x, *y))).collect();
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
        return points;
    };
    let slope = match line {
        _ if !rising => 0.0,
        // An ideal through one level only: N over a constant, by definition.
        [(x, y)] => slope_between(first, frame.at(x * 2.0, y * 2.0)),
        [.., a, b] => slope_between(frame.at(a.0, a.1), frame.at(b.0, b.1)),
        [] => 0.0,
    };
    let Area { left, top, right, bottom } = frame.plot;
    // Clipped, not clamped, at the upper and lower edge: a clamped end would bend the line.
    let end = |from: Xy, x: f64| {
        let y = from.1 + slope * (x - from.0);
        let inside = y.clamp(top, bottom);
        if inside.to_bits() == y.to_bits() {
            (x, y)
        } else {
            (from.0 + (inside - from.1) / slope, inside)
        }
    };
    points.insert(0, end(first, left));
    points.push(end(last, right));
    points
}

fn slope_between(a: Xy, b: Xy) -> f64 {
    if (b.0 - a.0).abs() < 1e-9 { 0.0 } else { (b.1 - a.1) / (b.0 - a.0) }
}

/// Where the ideal reaches a height, across; the left edge of the plot without an ideal.
fn roof(frame: &Frame, ideal: Option<&[(f64, f64)]>, y: f64) -> f64 {
    let Some(line) = ideal else { return frame.plot.left };
    let points = stretched(frame, line, true);
    points.windows(2).find(|pair| (pair[1].1..=pair[0].1).contains(&y)).map_or(
        if points.first().is_some_and(|p| y > p.1) { frame.plot.left } else { frame.plot.right },
        |pair| {
            let share = if (pair[0].1 - pair[1].1).abs() < 1e-9 {
                0.0
            } else {
                (pair[0].1 - y) / (pair[0].1 - pair[1].1)
            };
            pair[0].0 + share * (pair[1].0 - pair[0].0)
        },
    )
}

fn ceiling(
    canvas: &mut Canvas,
    frame: &Frame,
    ideal: Option<&[(f64, f64)]>,
    (model, at, labels): (Look, f64, &[String]),
    taken: &mut Vec<Area>,
) {
    if !frame.y.holds(at) {
        return;
    }
    let y = frame.y_at(at);
    let x = roof(frame, ideal, y);
    if x > frame.plot.right - 12.0 {
        return;
    }
    canvas.path(&[(x, y), (frame.plot.right, y)], Stroke::ceiling(model));
    let font = Font::plain(Ink::Text(model)).at(Anchor::End);
    for label in labels {
        // Up from its line as far as other labels need, but not so far that it loses it.
        for lift in [0.0, -7.0, -14.0, -21.0] {
            let place = (x - 20.0, y + 4.2 + lift);
            let area = text_area(place, label, font);
            let inside = area.left >= frame.plot.left + 4.0 && area.top >= frame.plot.top;
            if inside && taken.iter().all(|other| !other.overlaps(&area)) {
                taken.push(area);
                canvas.text(place, label, font);
                return;
            }
        }
    }
}

/// A line with its label along it.
fn along(
    canvas: &mut Canvas,
    frame: &Frame,
    (line, labels, rising): (&[(f64, f64)], &[String], bool),
    (stroke, font): (Stroke<'_>, Font),
    taken: &mut Vec<Area>,
) {
    canvas.path(&stretched(frame, line, rising), stroke);
    let points = if line.len() < 2 {
        stretched(frame, line, rising)
    } else {
        line.iter().map(|(x, y)| frame.at(*x, *y)).collect()
    };
    label_along(canvas, frame, &points, (labels, font), taken, &[]);
}

/// A floor with its label below it, where no line crosses it if there is such a place; another floor
/// further down, and the data on it, need their room.
fn floor(
    canvas: &mut Canvas,
    frame: &Frame,
    (line, labels): (&[(f64, f64)], &[String]),
    lower: Option<&Vec<(f64, f64)>>,
    lines: &[(Xy, Xy)],
) {
    let points = stretched(frame, line, false);
    canvas.path(&points, Stroke::IDEAL);
    let Some(first) = points.first() else { return };
    let font = Font::plain(Ink::Weak);
    let (left, right) = (frame.plot.left + 10.0, frame.plot.right - 10.0);
    let next = lower.and_then(|line| line.iter().map(|p| frame.y_at(p.1)).reduce(f64::min));
    let end = next.map_or(frame.plot.bottom, |y| y - 10.0);
    let mut places = Vec::new();
    for label in labels.iter().filter(|label| font.width(label) <= right - left) {
        let width = font.width(label);
        for x in [left, f64::midpoint(left, right) - width / 2.0, right - width] {
            // The line may sink under the label: below the lowest place over the label's width.
            let over = |p: &&Xy| p.0 >= x - 8.0 && p.0 <= x + width + 8.0;
            let lowest = points.iter().filter(over).map(|p| p.1).fold(first.1, f64::max);
            if lowest + 20.0 <= end {
                places.push(((x, lowest + 17.0), label));
            }
        }
    }
    let clear = |(at, label): &&(Xy, &String)| {
        let area = text_area(*at, label, font).grown(2.0);
        lines.iter().all(|line| !crosses(*line, area))
    };
    if let Some((at, label)) = places.iter().find(clear).or(places.first()) {
        canvas.text(*at, label, font);
    }
}

/// Upright, with its label at the top of the side of the steady states, where lines are low.
fn onset(
    canvas: &mut Canvas,
    frame: &Frame,
    at: f64,
    labels: &[String],
    floor: Option<&Vec<(f64, f64)>>,
) {
    if !frame.x.holds(at) {
        return;
    }
    let x = frame.x_at(at);
    let look = Stroke { ink: Ink::Ideal, width: 1.25, dash: &[2.0, 3.0] };
    // The floor's label stands below it.
    let lowest = floor.and_then(|line| line.iter().map(|p| frame.y_at(p.1)).reduce(f64::min));
    canvas.path(&[(x, frame.plot.top), (x, lowest.unwrap_or(frame.plot.bottom))], look);
    let font = Font::plain(Ink::Weak).at(Anchor::End);
    let room = x - 6.0 - frame.plot.left;
    if let Some(label) = labels.iter().find(|label| font.width(label) <= room) {
        canvas.text((x - 6.0, frame.plot.top + 11.0), label, font);
    }
}

/// A line over the whole plot, with its label where no other line is.
fn limit(canvas: &mut Canvas, frame: &Frame, at: f64, label: &str, lines: &[(Xy, Xy)]) {
    if !frame.y.holds(at) {
        return;
    }
    let y = frame.y_at(at);
    let dash = [2.0, 3.0];
    canvas.path(
        &[(frame.plot.left, y), (frame.plot.right, y)],
        Stroke { ink: Ink::Normal, width: 1.25, dash: &dash },
    );
    let font = Font::plain(Ink::Normal);
    let (left, right) = (frame.plot.left + 10.0, frame.plot.right - 10.0);
    let width = font.width(label);
    let across = [0.0, 0.5, 1.0, 0.25, 0.75].map(|share| left + (right - left - width) * share);
    let places = [y - 5.0, y + 14.0].into_iter().flat_map(|y| across.map(|x| (x, y)));
    let inside = |at: &Xy| (frame.plot.top + 10.0..frame.plot.bottom - 4.0).contains(&at.1);
    let clear = |at: &Xy| {
        let area = text_area(*at, label, font).grown(3.0);
        let free = canvas.covered().all(|other| !other.overlaps(&area));
        free && inside(at) && lines.iter().all(|line| !crosses(*line, area))
    };
    let place = places.clone().find(clear).or_else(|| places.clone().find(inside));
    canvas.text(place.unwrap_or((left, y - 5.0)), label, font);
}
