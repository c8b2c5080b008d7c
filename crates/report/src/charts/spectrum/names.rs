//! Names of the lines of a spectrum: where they end, or in the column beside the plot.

use super::floor::{self, Floor};
use super::{Line, MARKED, highest};
use crate::charts::drawing::frame::Frame;
use crate::charts::drawing::labels::{self, Column, Label};
use crate::charts::drawing::layout::LABEL_GAP;
use crate::charts::drawing::palette::Ink;
use crate::charts::drawing::placement::{Obstacles, place_free};
use crate::charts::drawing::svg::{Canvas, Font};
use crate::format;

/// A line that ends this far from the labels is named where it ends, if there is room.
const EARLY: f64 = 60.0;

/// Names the floor and the lines: where they end, or in the column beside the plot.
pub(super) fn draw(
    canvas: &mut Canvas,
    frame: &Frame,
    (lines, floors): (&[Line<'_>], &[Floor]),
    column_width: f64,
) {
    let plot = frame.plot;
    let mut obstacles = Obstacles::default();
    for line in lines {
        let points: Vec<_> = line.points.iter().map(|(x, y)| frame.at(*x, *y)).collect();
        obstacles.segments.extend(points.windows(2).map(|pair| (pair[0], pair[1])));
        obstacles.dots.extend(points.last());
        let bars = MARKED.iter().filter_map(|(metric, _, x)| {
            let (low, high) = line.point.estimate(metric)?.interval?;
            Some((frame.at(*x, frame.y.clamp(low)), frame.at(*x, frame.y.clamp(high))))
        });
        obstacles.segments.extend(bars);
    }
    obstacles.segments.extend(floors.iter().flat_map(|floor| floor.segments(frame)));
    let mut beside = Vec::new();
    for line in lines {
        let Some(end) = line.points.last() else { continue };
        let label = label(line, frame.at(end.0, end.1), plot.right);
        let figure = label.figures.first().cloned().unwrap_or_default();
        let (bold, plain) = (Font::label(Ink::Text(label.model)), Font::plain(Ink::Normal));
        let words = [(label.name.as_str(), bold), (figure.as_str(), plain)];
        let early = label.mark.0 < plot.right - EARLY;
        let found = early.then(|| place_free(label.mark, &words, plot, &mut obstacles)).flatten();
        let Some(((x, y), anchor)) = found else {
            beside.push(label);
            continue;
        };
        canvas.text((x, y), &label.name, bold.at(anchor));
        canvas.text((x, y + 16.0), &figure, plain.at(anchor));
    }
    floor::name(canvas, frame, floors, &mut obstacles);
    let column = Column {
        left: plot.right + LABEL_GAP,
        width: column_width,
        top: plot.top - 6.0,
        bottom: plot.bottom + 2.0,
    };
    labels::draw(canvas, &beside, column);
}

/// A line's label beside the plot.
pub(super) fn label(line: &Line<'_>, mark: (f64, f64), right: f64) -> Label {
    let figure = highest(line.point).map(|(name, ms)| format!("{name} {}", format::millis(ms)));
    Label {
        mark,
        passed: mark.0 < right - 24.0,
        model: line.series.look,
        name: line.series.model.label.clone(),
        figures: figure.into_iter().collect(),
    }
}
