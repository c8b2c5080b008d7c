//! One model over the levels.

use measurement::run::ModelInfo;

use super::metric::THROUGHPUT;
use super::{Peak, Point};
use crate::look::Look;

/// One model over the levels: loads, or values of a sweep.
#[derive(Debug, Clone)]
pub struct Series {
    /// Position in the scenario.
    pub index: usize,
    /// Its colour, marker and dash.
    pub look: Look,
    /// The model.
    pub model: ModelInfo,
    /// One point per level that has at least one row, ascending.
    pub points: Vec<Point>,
    /// Position of the series that is the same model under another label: this one is there to
    /// show what no difference looks like, and is ranked nowhere.
    pub again: Option<usize>,
    /// In a grid of loads and swept values: which value it is at.
    pub value: Option<usize>,
    /// Whether its points are values of a sweep at one load, rather than loads.
    pub swept: bool,
}

impl Series {
    /// The point at a level.
    pub fn point(&self, level: f64) -> Option<&Point> {
        self.points.iter().find(|point| point.level.to_bits() == level.to_bits())
    }

    /// The points to be trusted, ascending.
    pub fn trusted_points(&self) -> impl DoubleEndedIterator<Item = &Point> {
        self.points.iter().filter(|point| point.trusted())
    }

    /// The highest trusted median throughput and where; the lowest level of equals.
    pub fn peak(&self) -> Option<Peak<'_>> {
        let mut best: Option<Peak<'_>> = None;
        for point in self.trusted_points() {
            let Some(throughput) = point.estimate(&THROUGHPUT) else { continue };
            if best.as_ref().is_none_or(|peak| throughput.median > peak.throughput.median) {
                best = Some(Peak { point, throughput });
            }
        }
        best
    }
}
