//! Rows into series: a model over the levels, or, in a grid, a model at one swept value.

use std::collections::BTreeMap;

use measurement::row::TrialRow;
use measurement::run::{ModelInfo, RunInfo};

use super::axis::KeyWords;
use super::{Axis, Histograms, Point, Series};
use crate::format;
use crate::look;

/// The series of a run in scenario order. Where something is swept and the load lies across, each
/// value of a model that the sweep concerns is a series of its own.
pub(super) fn series(
    run: &RunInfo,
    rows: &[TrialRow],
    axis: &Axis,
    histograms: &Histograms,
) -> Vec<Series> {
    let mut all: Vec<(usize, Option<usize>, ModelInfo, Vec<Point>)> = Vec::new();
    for (position, model) in run.scenario.models.iter().enumerate() {
        let own = || rows.iter().filter(|row| row.model == model.label);
        let sweep = run.scenario.sweep.as_ref().filter(|_| axis.is_load());
        match sweep.filter(|sweep| sweep.models.contains(&model.label)) {
            Some(sweep) => {
                let key = KeyWords::of(sweep, &[model.label.as_str()]);
                for (at, value) in sweep.values.iter().enumerate() {
                    let label = format!("{}, {}", model.label, format::plain(&key.value(value)));
                    let here = own()
                        .filter(|row| row.swept.as_ref().is_some_and(|s| s.index as usize == at));
                    let model = ModelInfo { label, ..model.clone() };
                    all.push((position, Some(at), model, points(here, axis, histograms)));
                }
            }
            None => all.push((position, None, model.clone(), points(own(), axis, histograms))),
        }
    }
    let places: Vec<_> = all.iter().map(|(position, value, ..)| (*position, *value)).collect();
    let looks = look::of_series(&run.scenario.models, &places);
    let swept = !axis.is_load();
    all.into_iter()
        .zip(looks)
        .enumerate()
        .map(|(index, ((_, value, model, points), look))| Series {
            index,
            look,
            model,
            points,
            again: None,
            value,
            swept,
        })
        .collect()
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
