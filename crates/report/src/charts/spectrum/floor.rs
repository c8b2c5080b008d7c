//! The floor of a spectrum: what the upstreams alone take, percentile by percentile.
//!
//! The mock's own figures of every request make it a curve; a run of an older version knows but its
//! median and p99, which are drawn as two marks and nothing between. Models whose upstreams differ
//! (in a grid) have floors of their own.

use super::{Line, points};
use crate::analysis::{Analysis, Point, Series};
use crate::charts::drawing::frame::Frame;
use crate::charts::drawing::palette::Ink;
use crate::charts::drawing::placement::{Obstacles, place_clear};
use crate::charts::drawing::svg::{Canvas, Font, Stroke, Xy};
use crate::stats::{Distribution, median};

/// Half the width of the mark of a percentile that is known without its neighbours.
const MARK: f64 = 24.0;

/// Floors nearer to each other than this are one.
const SAME: f64 = 1.02;

/// What the upstreams alone take, under some of the models.
#[derive(Debug, Clone)]
pub(super) struct Floor {
    /// Positions of those models.
    pub(super) models: Vec<usize>,
    /// (1 ÷ (1 − q), ms), ascending.
    pub(super) points: Vec<(f64, f64)>,
    /// The held times, empty where they were not logged.
    held: Distribution,
}

/// The floors at a level, as far as the longest line goes.
pub(super) fn floors(analysis: &Analysis, level: f64, lines: &[Line<'_>]) -> Vec<Floor> {
    let end = lines.iter().filter_map(|line| line.points.last()).map(|p| p.0).fold(1.0, f64::max);
    // What is swept may be the upstream itself: each value by itself, then what is the same.
    let mut groups: Vec<(Option<usize>, Vec<&Series>)> = Vec::new();
    for series in &analysis.series {
        match groups.iter_mut().find(|(value, _)| *value == series.value) {
            Some((_, all)) => all.push(series),
            None => groups.push((series.value, vec![series])),
        }
    }
    let mut floors: Vec<Floor> = Vec::new();
    for (_, series) in &groups {
        let Some(floor) = floor(series, level, end) else { continue };
        match floors.iter_mut().find(|other| other.is_like(&floor)) {
            Some(other) => other.models.extend(floor.models),
            None => floors.push(floor),
        }
    }
    floors
}

/// Of all trusted trials of these models together.
fn floor(series: &[&Series], level: f64, end: f64) -> Option<Floor> {
    let here = || series.iter().filter_map(|series| series.point(level)).filter(|p| p.trusted());
    let models: Vec<usize> = series.iter().map(|series| series.index).collect();
    let held = Distribution::merged(here().map(|point| &point.pooled.held));
    let curve = points(&held, end);
    if curve.len() > 1 {
        return Some(Floor { models, points: curve, held });
    }
    let of = |figure: fn(&measurement::row::TrialRow) -> Option<f64>| {
        let rows = here().flat_map(Point::rows_used);
        median(&rows.filter_map(figure).filter(|ms| ms.is_finite()).collect::<Vec<_>>())
    };
    let known = [(2.0, of(|row| row.floor_p50_ms)), (100.0, of(|row| row.floor_p99_ms))];
    let points: Vec<(f64, f64)> =
        known.into_iter().filter_map(|(x, ms)| Some((x, ms.filter(|ms| *ms > 0.0)?))).collect();
    (!points.is_empty()).then(|| Floor { models, points, held: Distribution::default() })
}

impl Floor {
    /// Whether it is known everywhere.
    pub(super) fn whole(&self) -> bool {
        self.held.samples() > 0
    }

    /// Its value in ms at 1 ÷ (1 − q), as far as it is known and drawn.
    pub(super) fn at(&self, x: f64) -> Option<f64> {
        if self.whole() {
            let q = 1.0 - x.recip();
            return self.held.quantile_ms(q).filter(|_| self.held.supports(q));
        }
        self.points.iter().find(|point| point.0.to_bits() == x.to_bits()).map(|point| point.1)
    }

    /// Whether median, 90 % and p99 are the same, as far as both have them.
    fn is_like(&self, other: &Self) -> bool {
        self.whole() == other.whole()
            && [2.0, 10.0, 100.0].into_iter().all(|x| {
                let both = self.at(x).zip(other.at(x));
                both.is_none_or(|(a, b)| a.max(b) <= a.min(b) * SAME)
            })
    }

    /// What is drawn of it.
    fn strokes(&self, frame: &Frame) -> Vec<Vec<Xy>> {
        let places = self.points.iter().map(|(x, y)| frame.at(*x, *y));
        if self.whole() {
            return vec![places.collect()];
        }
        places.map(|(x, y)| vec![(x - MARK, y), (x + MARK, y)]).collect()
    }

    /// The same in straight pieces.
    pub(super) fn segments(&self, frame: &Frame) -> Vec<(Xy, Xy)> {
        let pieces = |line: &Vec<Xy>| -> Vec<(Xy, Xy)> {
            line.windows(2).map(|pair| (pair[0], pair[1])).collect()
        };
        self.strokes(frame).iter().flat_map(pieces).collect()
    }
}

/// Tints what no line can reach, where there is but one floor and it is known everywhere.
pub(super) fn void(canvas: &mut Canvas, frame: &Frame, floors: &[Floor]) {
    if let [floor] = floors
        && floor.whole()
        && let [line] = floor.strokes(frame).as_slice()
        && let [first, .., last] = line.as_slice()
    {
        let bottom = frame.plot.bottom;
        let mut shape = vec![(first.0, bottom)];
        shape.extend(line);
        shape.push((last.0, bottom));
        canvas.fill(&shape, Ink::Void);
    }
}

/// Their lines or marks.
pub(super) fn draw(canvas: &mut Canvas, frame: &Frame, floors: &[Floor]) {
    for floor in floors {
        for line in floor.strokes(frame) {
            canvas.path(&line, Stroke::IDEAL);
        }
    }
}

/// Names each where nothing else is, below its line rather than above.
pub(super) fn name(
    canvas: &mut Canvas,
    frame: &Frame,
    floors: &[Floor],
    obstacles: &mut Obstacles,
) {
    let font = Font::plain(Ink::Weak);
    for floor in floors {
        let places = floor.places(frame);
        let found = ["floor: the upstream alone", "floor"].into_iter().find_map(|words| {
            let clear = |at: &Xy| place_clear(*at, &[(words, font)], frame.plot, obstacles);
            Some((words, places.iter().find_map(clear)?))
        });
        if let Some((words, (at, anchor))) = found {
            canvas.text(at, words, font.at(anchor));
        }
    }
}

impl Floor {
    /// Where its name may stand by: below the curve at some percentiles, else at its marks.
    fn places(&self, frame: &Frame) -> Vec<Xy> {
        let on = |point: &(f64, f64)| frame.at(point.0, point.1);
        if !self.whole() {
            return self.points.iter().rev().map(on).collect();
        }
        let last = self.points.len() - 1;
        let below = |lift: f64| {
            [5, 3, 7, 1, 9].into_iter().filter_map(move |tenth| {
                let (x, y) = on(self.points.get(last * tenth / 10)?);
                Some((x, y + lift))
            })
        };
        below(24.0).chain(below(12.0)).chain(below(0.0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    fn floor_of(analysis: &Analysis) -> Floor {
        let series: Vec<&Series> = analysis.series.iter().collect();
        let level = analysis.levels()[0];
        floor(&series, level, 50.0).expect("a floor")
    }

    #[test]
    fn held_times_make_a_curve_and_without_them_there_are_two_marks() {
        let mut analysis = Fixture::high_latency().analysis();
        let whole = floor_of(&analysis);
        assert!(whole.whole() && whole.points.iter().all(|(x, ms)| *x <= 50.1 && *ms > 0.0));
        assert!(whole.points.windows(2).all(|pair| pair[0].1 <= pair[1].1), "it only rises");
        assert!(whole.at(2.0).is_some() && whole.is_like(&whole));
        for point in analysis.series.iter_mut().flat_map(|series| &mut series.points) {
            point.pooled.held = Distribution::default();
        }
        let marks = floor_of(&analysis);
        assert!(!marks.whole() && !marks.is_like(&whole));
        assert!(marks.points.iter().all(|(x, _)| [2.0, 100.0].contains(x)));
        assert_eq!(marks.at(10.0), None, "between the marks nothing is known");
    }
}
