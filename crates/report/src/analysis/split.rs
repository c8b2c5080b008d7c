//! Rows into series: a model over the levels, or, in a grid, a model at one swept value.

use std::collections::BTreeMap;

use measurement::row::TrialRow;
use measurement::run::{ModelInfo, RunInfo};

use super::{Axis, Histograms, Point, Series};

/// The series of a run in scenario order. Where something is swept and the load lies across, each
/// value of a model that the sweep concerns is a series of its own.
pub(super) fn series(
    run: &RunInfo,
    rows: &[TrialRow],
    axis: &Axis,
    histograms: &Histograms,
) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    let mut push = |model: ModelInfo, value: Option<usize>, points: Vec<Point>| {
        let (index, swept) = (all.len(), !axis.is_load());
        all.push(Series { index, model, points, again: None, value, swept });
    };
    for model in &run.scenario.models {
        let own = || rows.iter().filter(|row| row.model == model.label);
        let sweep = run.scenario.sweep.as_ref().filter(|_| axis.is_load());
        match sweep.filter(|sweep| sweep.models.contains(&model.label)) {
            Some(sweep) => {
                for (at, value) in sweep.values.iter().enumerate() {
                    let label = format!("{}, {value}", model.label);
                    let here = own()
                        .filter(|row| row.swept.as_ref().is_some_and(|s| s.index as usize == at));
                    let model = ModelInfo { label, ..model.clone() };
                    push(model, Some(at), points(here, axis, histograms));
                }
            }
            None => push(model.clone(), None, points(own(), axis, histograms)),
        }
    }
    all
}

/// One point per level, ascending. `rows` come sorted by repeat.
fn points<'a>(
    rows: impl Iterator<Item = &'a TrialRow>,
    axis: &Axis,
    histograms: &Histograms,
) -> Vec<Point> {
    let mut by_level: BTreeMap<u64, Vec<TrialRow>> = BTreeMap::new();
    for row in rows {
        if let Some(level) = axis.place(row) {
            // The bits of positive floats order as the floats do.
            by_level.entry(level.to_bits()).or_default().push(row.clone());
        }
    }
    let point = |(bits, rows)| Point::of(f64::from_bits(bits), rows, histograms);
    by_level.into_iter().map(point).collect()
}
