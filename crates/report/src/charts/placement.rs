//! Labels at points inside a plot: of fourteen places around each, the one that covers least.
//!
//! Costs: 10 for each text, mark or void under it, 6 for a line crossed, 2 for each repeat, 20 outside
//! the plot. A label whose best place costs a text or more is not written.

use super::svg::{Anchor, Area, Font, Xy, text_area};

/// What labels must keep away from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Obstacles {
    /// Texts, marks, the void with its labels.
    pub(crate) boxes: Vec<Area>,
    /// Lines.
    pub(crate) segments: Vec<(Xy, Xy)>,
    /// Repeats.
    pub(crate) dots: Vec<Xy>,
}

/// A place: where the text goes and how it is aligned.
pub(crate) type Place = (Xy, Anchor);

/// Cost of covering a text.
const TEXT: f64 = 10.0;
/// Cost of covering a line.
const LINE: f64 = 6.0;

/// Places a block of lines at a point inside `bounds`; `None` if every place covers a text or a mark.
/// The block's area is added to the obstacles.
pub(crate) fn place(
    point: Xy,
    lines: &[(&str, Font)],
    bounds: Area,
    obstacles: &mut Obstacles,
) -> Option<Place> {
    place_below(TEXT, point, lines, bounds, obstacles)
}

/// The same for a label that is not worth a line under it.
pub(crate) fn place_clear(
    point: Xy,
    lines: &[(&str, Font)],
    bounds: Area,
    obstacles: &mut Obstacles,
) -> Option<Place> {
    place_below(LINE, point, lines, bounds, obstacles)
}

fn place_below(
    most: f64,
    point: Xy,
    lines: &[(&str, Font)],
    bounds: Area,
    obstacles: &mut Obstacles,
) -> Option<Place> {
    let mut best: Option<(f64, Place, Area)> = None;
    for (rank, candidate) in candidates(point, lines.len()).into_iter().enumerate() {
        let area = block_area(candidate, lines);
        // Earlier candidates win ties.
        let cost = cost(area, bounds, obstacles) + rank as f64 * 0.01;
        if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
            best = Some((cost, candidate, area));
        }
    }
    let (cost, place, area) = best?;
    if cost >= most {
        return None;
    }
    obstacles.boxes.push(area.grown(2.0));
    Some(place)
}

/// A remark on a point, below it to the right, or right below where the plot ends too soon, with a
/// leader line: the line's points and the text's place, or `None` where nothing is free.
pub(crate) fn callout(
    (x, y): Xy,
    text: &str,
    font: Font,
    bounds: Area,
    obstacles: &Obstacles,
) -> Option<([Xy; 3], Xy)> {
    const ACROSS: [f64; 6] = [42.0, 60.0, -40.0, -80.0, -130.0, -180.0];
    const DOWN: [f64; 6] = [48.0, 66.0, 92.0, 124.0, 150.0, 180.0];
    let places = ACROSS.into_iter().flat_map(|dx| DOWN.into_iter().map(move |dy| (x + dx, y + dy)));
    places.into_iter().find_map(|at| {
        let leader = if at.0 > x {
            [(x + 6.0, y + 11.0), (at.0 - 17.0, at.1 - 4.2), (at.0 - 7.0, at.1 - 4.2)]
        } else {
            [(x, y + 11.0), (x, at.1 - 20.0), (x, at.1 - 14.0)]
        };
        let area = text_area(at, text, font).grown(4.0);
        // Every few pixels, so that no line slips through between two steps.
        let steps = (1..=60).map(|i| {
            let share = f64::from(i) / 60.0;
            let ((ax, ay), (bx, by)) = (leader[0], leader[1]);
            let (x, y) = (ax + (bx - ax) * share, ay + (by - ay) * share);
            Area { left: x, top: y, right: x, bottom: y }.grown(2.0)
        });
        let free = |area: Area| cost(area, bounds, obstacles) < 2.0;
        (free(area) && steps.into_iter().all(free)).then_some((leader, at))
    })
}

/// The first line's base line is at the place, others 16 below each.
fn block_area((at, anchor): Place, lines: &[(&str, Font)]) -> Area {
    let areas = lines
        .iter()
        .enumerate()
        .map(|(i, (line, font))| text_area((at.0, at.1 + 16.0 * i as f64), line, font.at(anchor)));
    areas
        .reduce(|a, b| Area {
            left: a.left.min(b.left),
            top: a.top.min(b.top),
            right: a.right.max(b.right),
            bottom: a.bottom.max(b.bottom),
        })
        .unwrap_or(Area { left: at.0, top: at.1, right: at.0, bottom: at.1 })
}

fn candidates((x, y): Xy, lines: usize) -> [Place; 14] {
    use Anchor::{End, Middle, Start};
    let below = 16.0 * (lines.max(1) - 1) as f64;
    [
        ((x + 10.0, y + 4.2 - below / 2.0), Start),
        ((x - 10.0, y + 4.2 - below / 2.0), End),
        ((x, y - 10.0 - below), Middle),
        ((x, y + 18.0), Middle),
        ((x + 8.0, y - 7.0 - below), Start),
        ((x - 8.0, y - 7.0 - below), End),
        ((x + 8.0, y + 15.0), Start),
        ((x - 8.0, y + 15.0), End),
        ((x + 18.0, y + 4.2 - below / 2.0), Start),
        ((x - 18.0, y + 4.2 - below / 2.0), End),
        ((x, y - 20.0 - below), Middle),
        ((x, y + 28.0), Middle),
        ((x + 18.0, y - 14.0 - below), Start),
        ((x - 18.0, y - 14.0 - below), End),
    ]
}

fn cost(area: Area, bounds: Area, obstacles: &Obstacles) -> f64 {
    let boxes = obstacles.boxes.iter().filter(|other| other.overlaps(&area)).count() as f64;
    let segments = obstacles.segments.iter().filter(|(a, b)| crosses(area, *a, *b)).count() as f64;
    let dots = obstacles.dots.iter().filter(|dot| area.grown(3.0).holds(**dot)).count() as f64;
    let inside = area.left >= bounds.left
        && area.right <= bounds.right
        && area.top >= bounds.top
        && area.bottom <= bounds.bottom;
    TEXT * boxes + LINE * segments.min(1.6) + 2.0 * dots.min(2.0) + if inside { 0.0 } else { 20.0 }
}

/// Whether a segment passes through a rectangle (Liang and Barsky's clipping).
fn crosses(area: Area, a: Xy, b: Xy) -> bool {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (p, q) in [
        (-dx, a.0 - area.left),
        (dx, area.right - a.0),
        (-dy, a.1 - area.top),
        (dy, area.bottom - a.1),
    ] {
        if p.abs() < 1e-12 {
            if q < 0.0 {
                return false;
            }
        } else if p < 0.0 {
            from = from.max(q / p);
        } else {
            to = to.min(q / p);
        }
    }
    from <= to
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::palette::Ink;

    const BOUNDS: Area = Area { left: 0.0, top: 0.0, right: 200.0, bottom: 200.0 };

    #[test]
    fn a_free_point_is_labelled_to_its_right() {
        let mut obstacles = Obstacles::default();
        let lines = [("64", Font::plain(Ink::Normal))];
        let place = place((100.0, 100.0), &lines, BOUNDS, &mut obstacles);
        assert_eq!(place, Some(((110.0, 104.2), Anchor::Start)));
        assert_eq!(obstacles.boxes.len(), 1);
    }

    #[test]
    fn labels_keep_off_text_and_out_of_bounds() {
        let lines = [("64", Font::plain(Ink::Normal))];
        let mut obstacles =
            Obstacles { boxes: vec![Area { left: 105.0, ..BOUNDS }], ..Obstacles::default() };
        let (at, anchor) =
            place((100.0, 100.0), &lines, BOUNDS, &mut obstacles).expect("room to the left");
        assert!(at.0 < 100.0 && anchor == Anchor::End);
        obstacles.boxes.push(BOUNDS);
        assert_eq!(place((100.0, 100.0), &lines, BOUNDS, &mut obstacles), None);
    }

    #[test]
    fn segments_through_a_rectangle_are_seen() {
        let area = Area { left: 10.0, top: 10.0, right: 20.0, bottom: 20.0 };
        assert!(crosses(area, (0.0, 0.0), (30.0, 30.0)));
        assert!(!crosses(area, (0.0, 0.0), (30.0, 5.0)));
        assert!(!crosses(area, (12.0, 0.0), (12.0, 9.0)));
    }
}
