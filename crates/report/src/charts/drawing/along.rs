//! Labels along lines, and lines across labels.

use super::frame::Frame;
use super::svg::{Anchor, Area, Canvas, Font, Xy, text_area};

/// A label in the middle of the widest gap between points that has room, and where none of `lines`
/// runs through it; nowhere if there is no such place.
pub(crate) fn label_along(
    canvas: &mut Canvas,
    frame: &Frame,
    points: &[Xy],
    (labels, font): (&[String], Font),
    taken: &mut Vec<Area>,
    lines: &[(Xy, Xy)],
) {
    let level = |a: Xy, b: Xy| (a.1 - b.1).abs() < 2.0;
    let mut gaps: Vec<(Xy, Xy)> = points.windows(2).map(|pair| (pair[0], pair[1])).collect();
    if let (Some(first), Some(last)) = (points.first(), points.last())
        && points.iter().all(|point| level(*point, *first))
    {
        gaps.push((*first, *last));
    }
    let length = |(a, b): &(Xy, Xy)| (b.0 - a.0).hypot(b.1 - a.1);
    gaps.sort_by(|a, b| length(b).total_cmp(&length(a)));
    for label in labels {
        for gap in &gaps {
            let ((ax, ay), (bx, by)) = *gap;
            if font.width(label) + 16.0 > length(gap) {
                continue;
            }
            let degrees = (by - ay).atan2(bx - ax).to_degrees();
            let (sin, cos) = degrees.to_radians().sin_cos();
            let centre = (f64::midpoint(ax, bx) + 9.0 * sin, f64::midpoint(ay, by) - 9.0 * cos);
            let half = font.width(label) / 2.0 * cos + 8.0;
            let rise = (font.width(label) / 2.0 * sin).abs() + 10.0;
            let around = Area {
                left: centre.0 - half,
                right: centre.0 + half,
                top: centre.1 - rise,
                bottom: centre.1 + rise,
            };
            let inside = around.left >= frame.plot.left && around.top >= frame.plot.top - 4.0;
            // In the label's own directions, since lines beside a slanted one slant with it.
            let turned = |(x, y): Xy| {
                let (x, y) = (x - centre.0, y - centre.1);
                (x * cos + y * sin, y * cos - x * sin)
            };
            let own = text_area((0.0, 0.0), label, font.at(Anchor::Middle)).grown(2.0);
            let clear = lines.iter().all(|(a, b)| !crosses((turned(*a), turned(*b)), own));
            if inside && clear && taken.iter().all(|other| !other.overlaps(&around)) {
                canvas.slanted(centre, degrees, label, font);
                taken.push(around);
                return;
            }
        }
    }
}

/// Whether a line runs through an area.
pub(crate) fn crosses(((ax, ay), (bx, by)): (Xy, Xy), area: Area) -> bool {
    let (from, to) = (ax.min(bx).max(area.left), ax.max(bx).min(area.right));
    if from > to {
        return false;
    }
    let slope = if (bx - ax).abs() < 1e-9 { 0.0 } else { (by - ay) / (bx - ax) };
    let y = |x: f64| ay + slope * (x - ax);
    let (high, low) = (y(from).min(y(to)), y(from).max(y(to)));
    high <= area.bottom && low >= area.top
}
