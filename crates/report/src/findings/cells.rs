//! Shared by rules that set points of one model beside each other, over whatever a run varies.

use crate::analysis::{Analysis, Metric, Point, Series, keeps_up};
use crate::format;
use crate::stats::{Decision, PairedRatio, decide, paired_ratio};

/// One point of a model, and the series it is drawn in.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    /// Position in `Analysis::series`.
    pub(super) series: usize,
    pub(super) point: &'a Point,
}

/// The points of each model, in the order of the scenario: over a sweep those of its values, in a
/// grid those of all its series.
pub(super) fn by_model(analysis: &Analysis) -> Vec<Vec<Cell<'_>>> {
    let of = |label: &str| -> Vec<Cell<'_>> {
        let points = analysis.distinct().flat_map(|series| {
            series.points.iter().map(|point| Cell { series: series.index, point })
        });
        points.filter(|cell| cell.point.rows.iter().all(|row| row.model == label)).collect()
    };
    let labels = analysis.run.scenario.models.iter().map(|model| of(&model.label));
    labels.filter(|cells| !cells.is_empty()).collect()
}

/// The model's point at a level, if it is to be trusted.
pub(super) fn trusted(series: &Series, level: f64) -> Option<&Point> {
    // In an open loop figures past a model's capacity grow with the length of the run.
    series.point(level).filter(|point| point.trusted() && keeps_up(point) != Some(false))
}

impl<'a> Cell<'a> {
    /// The value that its rows are swept at, where this is the swept key.
    pub(super) fn swept_at(&self, key: &str) -> Option<&'a str> {
        let swept = self.point.rows.first()?.swept.as_ref()?;
        (swept.key == key).then_some(swept.value.as_str())
    }

    /// Requests in flight that its rows ask for.
    pub(super) fn concurrency(&self) -> Option<u32> {
        self.point.rows.first()?.concurrency
    }

    /// Whether both have the same load.
    pub(super) fn same_load(&self, other: &Cell<'_>) -> bool {
        let load = |cell: &Cell<'_>| {
            let row = cell.point.rows.first()?;
            Some((row.concurrency, row.offered_rps.map(f64::to_bits)))
        };
        load(self) == load(other)
    }
}

/// One figure of a point over that of another, paired by repeat, with what may be said of it:
/// exploratory, not corrected for other tests.
pub(super) struct Said {
    pub(super) ratio: PairedRatio,
    pub(super) decision: Decision,
}

impl Said {
    /// `of ÷ over`, where both are trusted and have it.
    pub(super) fn of(metric: &Metric, of: &Point, over: &Point) -> Option<Self> {
        if !(of.trusted() && over.trusted()) {
            return None;
        }
        Self::over(&of.estimate(metric)?.repeats, &over.estimate(metric)?.repeats)
    }

    /// The same of `(repeat, value)` lists.
    pub(super) fn over(of: &[(u32, f64)], over: &[(u32, f64)]) -> Option<Self> {
        let ratio = paired_ratio(of, over)?;
        let decision = decide(&ratio, None);
        Some(Self { ratio, decision })
    }

    /// Whether it is to be called a difference.
    pub(super) fn different(&self) -> bool {
        self.decision == Decision::Different
    }

    /// `1.8×`, and what may be said of it where that is no difference.
    pub(super) fn figure(&self) -> String {
        self.times("")
    }

    /// The same of something: `1.00× the throughput (alike)`.
    pub(super) fn times(&self, what: &str) -> String {
        let doubt = match self.decision {
            Decision::Alike => " (alike)",
            Decision::NotToldApart => " (no difference to call)",
            Decision::Different | Decision::NotEnoughRepeats | Decision::CutShort => "",
        };
        format!("{}{what}{doubt}", format::ratio(self.ratio.ratio))
    }
}
