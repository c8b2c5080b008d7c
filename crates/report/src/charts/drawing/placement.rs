//! Labels at points inside a plot: of fourteen places around each, the one that covers least.
//!
//! Costs: 10 for each text, mark or void under it, 6 for a line crossed, 2 for each repeat, 20 outside
//! the plot. A label that finds no place cheap enough is not written, or stands further off, with a
//! leader line.

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
/// Below this nothing is covered, not even a repeat.
const CLEAR: f64 = 1.0;

/// Places a block of lines at a point inside `bounds`, over a repeat at most; `None` if every place
/// covers a line or more. The block's area is added to the obstacles.
pub(crate) fn place_clear(
    point: Xy,
    lines: &[(&str, Font)],
    bounds: Area,
    obstacles: &mut Obstacles,
) -> Option<Place> {
    place_below(LINE, point, lines, bounds, obstacles)
}

/// The same for a label that has to be written: beside its point clear of everything, else further
/// off with a leader line, else, if need be, over a line. `None` if every place covers a text or a
/// mark.
pub(crate) fn place_around(
    point: Xy,
    lines: &[(&str, Font)],
    bounds: Area,
    obstacles: &mut Obstacles,
) -> Option<(Place, Option<[Xy; 2]>)> {
    let beside = |most, obstacles: &mut Obstacles| {
        place_below(most, point, lines, bounds, obstacles).map(|place| (place, None))
    };
    let found = beside(CLEAR, obstacles).or_else(|| further(point, lines, bounds, obstacles));
    found.or_else(|| beside(TEXT, obstacles))
}

/// The same for a label that may as well be left out: beside its point, and clear of everything.
pub(crate) fn place_free(
    point: Xy,
    lines: &[(&str, Font)],
    bounds: Area,
    obstacles: &mut Obstacles,
) -> Option<Place> {
    place_below(CLEAR, point, lines, bounds, obstacles)
}

/// A place that covers nothing around the point, the nearest first, with a leader line to it.
fn further(
    point: Xy,
    lines: &[(&str, Font)],
    bounds: Area,
    obstacles: &mut Obstacles,
) -> Option<(Place, Option<[Xy; 2]>)> {
    /// Where a leader line begins: off the mark.
    const OFF: f64 = 7.0;
    let below = 16.0 * (lines.len().max(1) - 1) as f64;
    let mut best: Option<(f64, Place, [Xy; 2], Area)> = None;
    for (ring, distance) in [24.0, 34.0, 46.0, 60.0, 76.0, 94.0].into_iter().enumerate() {
        for turn in 0..16 {
            let (sin, cos) = (f64::from(turn) * std::f64::consts::TAU / 16.0).sin_cos();
            let end = (point.0 + distance * cos, point.1 + distance * sin);
            let anchor = match cos {
                c if c > 0.3 => Anchor::Start,
                c if c < -0.3 => Anchor::End,
                _ => Anchor::Middle,
            };
            // The leader ends at the middle of the block's near side.
            let at = match anchor {
                Anchor::Start => (end.0 + 4.0, end.1 + 4.2 - below / 2.0),
                Anchor::End => (end.0 - 4.0, end.1 + 4.2 - below / 2.0),
                Anchor::Middle if sin > 0.0 => (end.0, end.1 + 12.0),
                Anchor::Middle => (end.0, end.1 - 5.0 - below),
            };
            let area = block_area((at, anchor), lines);
            if cost(area.grown(2.0), bounds, obstacles) >= CLEAR {
                continue;
            }
            let leader = [(point.0 + OFF * cos, point.1 + OFF * sin), end];
            // Marks that the point's own covers are in nobody's way.
            let own = Area { left: point.0, top: point.1, right: point.0, bottom: point.1 };
            let in_way = |other: &Area| {
                !other.overlaps(&own.grown(4.0)) && crosses(*other, leader[0], leader[1])
            };
            if obstacles.boxes.iter().any(in_way) {
                continue;
            }
            let crossed = obstacles.segments.iter().filter(|s| meet(leader, **s)).count() as f64;
            let cost = ring as f64 + 3.0 * crossed + 0.01 * f64::from(turn);
            if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                best = Some((cost, (at, anchor), leader, area));
            }
        }
    }
    let (_, place, leader, area) = best?;
    obstacles.boxes.push(area.grown(2.0));
    obstacles.segments.push((leader[0], leader[1]));
    Some((place, Some(leader)))
}

/// Whether two segments cross each other.
fn meet([a, b]: [Xy; 2], (c, d): (Xy, Xy)) -> bool {
    let side = |p: Xy, q: Xy, r: Xy| (q.0 - p.0) * (r.1 - p.1) - (q.1 - p.1) * (r.0 - p.0);
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
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
        let room = if most <= CLEAR { area.grown(2.0) } else { area };
        let cost = cost(room, bounds, obstacles) + rank as f64 * 0.01;
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
    use crate::charts::drawing::palette::Ink;

    const BOUNDS: Area = Area { left: 0.0, top: 0.0, right: 200.0, bottom: 200.0 };

    #[test]
    fn a_free_point_is_labelled_to_its_right() {
        let mut obstacles = Obstacles::default();
        let lines = [("64", Font::plain(Ink::Normal))];
        let place = place_free((100.0, 100.0), &lines, BOUNDS, &mut obstacles);
        assert_eq!(place, Some(((110.0, 104.2), Anchor::Start)));
        assert_eq!(obstacles.boxes.len(), 1);
    }

    #[test]
    fn labels_keep_off_text_and_out_of_bounds() {
        let lines = [("64", Font::plain(Ink::Normal))];
        let mut obstacles =
            Obstacles { boxes: vec![Area { left: 105.0, ..BOUNDS }], ..Obstacles::default() };
        let (at, anchor) =
            place_free((100.0, 100.0), &lines, BOUNDS, &mut obstacles).expect("room to the left");
        assert!(at.0 < 100.0 && anchor == Anchor::End);
        obstacles.boxes.push(BOUNDS);
        assert_eq!(place_free((100.0, 100.0), &lines, BOUNDS, &mut obstacles), None);
    }

    #[test]
    fn a_crowded_point_has_its_label_further_off() {
        let lines = [("tokio", Font::plain(Ink::Normal))];
        let point = (100.0, 100.0);
        let crowd = Area { left: 70.0, top: 65.0, right: 130.0, bottom: 135.0 };
        let mut obstacles = Obstacles { dots: vec![(112.0, 100.0)], ..Obstacles::default() };
        obstacles.segments.push(((60.0, 100.0), (140.0, 100.0)));
        obstacles.segments.push(((100.0, 60.0), (100.0, 112.0)));
        let (_, leader) = place_around(point, &lines, BOUNDS, &mut obstacles).expect("room");
        assert!(leader.is_none(), "below there is room");
        obstacles.boxes = vec![Area { top: 106.0, ..crowd }, Area { bottom: 94.0, ..crowd }];
        let (place, leader) = place_around(point, &lines, BOUNDS, &mut obstacles).expect("room");
        assert!(leader.is_some());
        let area = block_area(place, &lines);
        assert!(obstacles.segments[..2].iter().all(|(a, b)| !crosses(area, *a, *b)));
        assert!(!area.overlaps(&obstacles.boxes[0]) && !area.overlaps(&obstacles.boxes[1]));
    }

    #[test]
    fn segments_through_a_rectangle_are_seen() {
        let area = Area { left: 10.0, top: 10.0, right: 20.0, bottom: 20.0 };
        assert!(crosses(area, (0.0, 0.0), (30.0, 30.0)));
        assert!(!crosses(area, (0.0, 0.0), (30.0, 5.0)));
        assert!(!crosses(area, (12.0, 0.0), (12.0, 9.0)));
    }
}
