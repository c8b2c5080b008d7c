//! A rate over time, its integral, and the integral's inverse.

/// A rate made of constant and linearly changing pieces, beginning at time 0.
///
/// Times are in seconds. Λ(t), the integral of the rate, is the mean number of arrivals until t;
/// a unit-rate process mapped through its inverse has this rate (Çinlar 1975; Lewis & Shedler
/// 1979).
#[derive(Debug)]
pub(super) struct Course(Vec<Piece>);

/// The rate changes linearly from one value to the other.
#[derive(Debug)]
struct Piece {
    starts_s: f64,
    length_s: f64,
    from_rps: f64,
    to_rps: f64,
    /// Λ at its start.
    before: f64,
    /// Arrivals that it brings on average.
    expected: f64,
}

impl Course {
    /// Pieces of (rate at start, rate at end, length in seconds), one after the other. Only the
    /// last may be infinitely long, at a constant rate.
    pub(super) fn new(pieces: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        let (mut starts_s, mut before) = (0.0, 0.0);
        let piece = |(from_rps, to_rps, length_s): (f64, f64, f64)| {
            let mean_rps = f64::midpoint(from_rps, to_rps);
            // No rate for an infinite time is no arrival.
            let expected = if mean_rps > 0.0 { mean_rps * length_s } else { 0.0 };
            let piece = Piece { starts_s, length_s, from_rps, to_rps, before, expected };
            starts_s += length_s;
            before += expected;
            piece
        };
        Self(pieces.into_iter().map(piece).collect())
    }

    /// When Λ reaches `arrivals`; `None`: not within the course. `cursor` remembers the piece, so
    /// that questions in ascending order cost nothing to look up.
    pub(super) fn time_of(&self, arrivals: f64, cursor: &mut usize) -> Option<f64> {
        while let Some(piece) = self.0.get(*cursor) {
            let inside = arrivals - piece.before;
            if inside < piece.expected {
                return Some(piece.starts_s + piece.time_of(inside));
            }
            *cursor += 1;
        }
        None
    }

    /// Λ(t): arrivals on average until `t_s`.
    pub(super) fn expected_until(&self, t_s: f64) -> f64 {
        let inside = self.0.iter().map(|piece| {
            let inside_s = (t_s - piece.starts_s).clamp(0.0, piece.length_s);
            f64::midpoint(piece.from_rps, piece.rate_at(inside_s)) * inside_s
        });
        inside.sum()
    }

    /// The rate at `t_s`; zero after the end.
    pub(super) fn rate_at(&self, t_s: f64) -> f64 {
        let holds = |piece: &&Piece| t_s < piece.starts_s + piece.length_s;
        self.0.iter().find(holds).map_or(0.0, |piece| piece.rate_at(t_s - piece.starts_s))
    }

    /// The highest rate.
    pub(super) fn peak(&self) -> f64 {
        self.0.iter().flat_map(|piece| [piece.from_rps, piece.to_rps]).fold(0.0, f64::max)
    }
}

impl Piece {
    /// Change of the rate per second; none over an infinite length.
    fn slope(&self) -> f64 {
        if self.length_s > 0.0 { (self.to_rps - self.from_rps) / self.length_s } else { 0.0 }
    }

    fn rate_at(&self, inside_s: f64) -> f64 {
        // Without this, 0 × ∞ is not a number.
        let slope = self.slope();
        if slope == 0.0 { self.from_rps } else { self.from_rps + slope * inside_s }
    }

    /// The root of `from t + slope t² / 2 = arrivals`, in the form that cancels nothing.
    fn time_of(&self, arrivals: f64) -> f64 {
        if arrivals <= 0.0 {
            return 0.0;
        }
        let root = (self.from_rps * self.from_rps + 2.0 * self.slope() * arrivals).max(0.0).sqrt();
        (2.0 * arrivals / (self.from_rps + root)).min(self.length_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step, a rise from nothing, a fall to nothing, a pause, a step.
    fn course() -> Course {
        Course::new([
            (100.0, 100.0, 2.0),
            (0.0, 400.0, 1.5),
            (400.0, 0.0, 0.5),
            (0.0, 0.0, 3.0),
            (50.0, 50.0, 1.0),
        ])
    }

    #[test]
    fn the_integral_is_the_sum_of_areas() {
        let course = course();
        for (t_s, arrivals) in
            [(0.0, 0.0), (1.0, 100.0), (2.0, 200.0), (3.5, 500.0), (4.0, 600.0), (7.0, 600.0)]
        {
            assert!((course.expected_until(t_s) - arrivals).abs() < 1e-9, "{t_s}");
        }
        assert!((course.expected_until(99.0) - 650.0).abs() < 1e-9);
        assert!((course.rate_at(2.75) - 200.0).abs() < 1e-9);
        assert_eq!((course.rate_at(5.0), course.rate_at(8.0), course.peak()), (0.0, 0.0, 400.0));
    }

    #[test]
    fn the_inverse_undoes_the_integral() {
        let course = course();
        let mut cursor = 0;
        let mut last_s = 0.0;
        for step in 0..65_000 {
            let arrivals = f64::from(step) * 0.01;
            let t_s = course.time_of(arrivals, &mut cursor).expect("inside the course");
            assert!(t_s >= last_s, "{arrivals}");
            assert!((course.expected_until(t_s) - arrivals).abs() < 1e-9, "{arrivals}");
            last_s = t_s;
        }
        assert_eq!(course.time_of(650.0, &mut cursor), None);
    }

    #[test]
    fn the_last_piece_may_go_on_for_ever() {
        let steady = Course::new([(10.0, 10.0, f64::INFINITY)]);
        assert_eq!(steady.time_of(1e9, &mut 0), Some(1e8));
        assert!((steady.expected_until(3.0) - 30.0).abs() < 1e-12);
        let nothing = Course::new([(0.0, 0.0, f64::INFINITY)]);
        assert_eq!(nothing.time_of(0.1, &mut 0), None);
        assert_eq!((nothing.expected_until(3.0), nothing.rate_at(3.0)), (0.0, 0.0));
    }
}
