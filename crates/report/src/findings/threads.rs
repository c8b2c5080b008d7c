//! Threads started per request, by the models that start any.

use super::{Finding, Rule, at_level};
use crate::analysis::metric::{THREADS_PEAK, THREADS_PER_REQUEST};
use crate::analysis::{Analysis, Point, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule =
    Rule { key: "threads", doc: "threads started per request, by the models that start any", find };

/// Below this a model does not start threads as part of a request.
const SOME: f64 = 0.05;

fn find(analysis: &Analysis) -> Vec<Finding> {
    let none: Vec<usize> = analysis
        .series
        .iter()
        .filter(|series| highest(series).is_some_and(|(_, each)| each < SOME))
        .map(|series| series.index)
        .collect();
    let starting = analysis.series.iter().filter_map(|series| {
        let (point, each) = highest(series).filter(|(_, each)| *each >= SOME)?;
        Some((series, point, each))
    });
    starting.map(|(series, point, each)| say(analysis, series, point, each, &none)).collect()
}

/// The highest trusted level that has the figure, and the figure.
fn highest(series: &Series) -> Option<(&Point, f64)> {
    series
        .trusted_points()
        .rev()
        .find_map(|point| Some((point, point.median(&THREADS_PER_REQUEST)?)))
}

fn say(analysis: &Analysis, series: &Series, point: &Point, each: f64, none: &[usize]) -> Finding {
    let alive = point
        .median(&THREADS_PEAK)
        .map(|threads| format!(", {} alive at once", format::count(threads)))
        .unwrap_or_default();
    let mut sentence = Sentence::new()
        .text("Threads started per request by ")
        .model(series.index)
        .text(format!(" at {}{alive}", at_level(analysis, point.level)));
    if !none.is_empty() {
        let verb = if none.len() == 1 { " starts none" } else { " start none" };
        sentence = sentence.text("; ").models(none).text(verb);
    }
    sentence = sentence.text(".").muted(kernel_count(point).unwrap_or_default());
    Finding {
        key: RULE.key,
        figure: format::number(each),
        sentence: sentence.done(),
        different: true,
    }
}

/// The kernel's own count of threads started on the whole machine in the same windows.
fn kernel_count(point: &Point) -> Option<String> {
    let (mut own, mut kernel) = (0.0, 0.0);
    for row in point.rows_used() {
        own += row.threads_spawned? as f64;
        kernel += row.kernel_forks? as f64;
    }
    Some(format!(
        "counted {}; the kernel, for the whole machine, {}",
        format::count(own),
        format::count(kernel)
    ))
}
