//! Latency over the levels: a panel per model, p50 to p99.9, above the upstream's own time.

use std::fmt::Write as _;

use super::drawing::curve::{Curve, MEDIAN_LINE, TAIL_LINE, THIN_LINE};
use super::drawing::layout::Layout;
use super::drawing::reference::Reference;
use super::drawing::sheet::{self, Heading, Panel, crosses};
use super::prose::{notes, over_sweep, table, takeaway, words};
use super::{Chart, DataTable, Drawing, Outcome};
use crate::analysis::metric::{LATENCY_P50, LATENCY_P90, LATENCY_P99, LATENCY_P999};
use crate::analysis::{Analysis, Metric, Place, Point, Series};
use crate::format::{self, Unit};
use crate::stats::Decision;

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "latency", section: "Latency", short: "Latency", draw };

/// What is drawn, the highest first, with the width of its line; repeats and bands only where two
/// would not hide each other.
const PERCENTILES: [(Metric, f64, bool); 4] = [
    (LATENCY_P999, THIN_LINE, false),
    (LATENCY_P99, TAIL_LINE, true),
    (LATENCY_P90, THIN_LINE, false),
    (LATENCY_P50, MEDIAN_LINE, true),
];

fn draw(analysis: &Analysis) -> Outcome {
    let panels: Vec<Panel> = analysis
        .distinct()
        .map(|series| panel(analysis, series))
        .filter(|panel| !panel.empty())
        .collect();
    if panels.is_empty() {
        return Outcome::LeftOut(
            "no trial has enough requests for a latency percentile".to_owned(),
        );
    }
    let mut remarks = missing(analysis);
    let mut names = PERCENTILES.map(|(metric, ..)| (metric.name, metric.name));
    names.reverse();
    remarks.extend(sheet::dropped(analysis, &panels, &names));
    remarks.extend(notes::twins(analysis));
    let versus = takeaway::versus(analysis, &LATENCY_P99);
    let cited = versus.map(|versus| versus.level).into_iter().collect();
    let sheet = sheet::of_models(analysis, panels, "Latency (log)", cited, 108.0);
    let (Some(wide), Some(narrow)) = (sheet.plot(Layout::WIDE), sheet.plot(Layout::NARROW)) else {
        return Outcome::LeftOut("no latency is above zero".to_owned());
    };
    let (thick, only) = match analysis.one_level() {
        Some(_) => ("", ""),
        None => (" (thick)", "; dots and bands of p50 and p99 only"),
    };
    Outcome::Drawn(Box::new(Drawing {
        title: title(analysis),
        subtitle: format!(
            "{}, p50{thick} to p99.9, {}. {}{only}",
            words::latency(analysis.load()),
            words::against(analysis),
            words::repeats(analysis)
        ),
        context: words::context(analysis),
        desc: desc(analysis),
        wide,
        narrow,
        notes: remarks,
        doubts: notes::doubts(analysis),
        source: words::source(analysis),
        table: data(analysis),
    }))
}

fn panel(analysis: &Analysis, series: &Series) -> Panel {
    let mut curves: Vec<Curve> = PERCENTILES
        .iter()
        .map(|(metric, width, whole)| percentile(analysis, series, metric, *width, *whole))
        .collect();
    say_level_once(&mut curves);
    let mut panel = Panel::new(Unit::Milliseconds, curves);
    panel.heading = Some(Heading::Model(series.look, series.model.label.clone()));
    panel.crosses = crosses(analysis, &panel.curves[3..]);
    panel.references = floors(analysis, series);
    panel.references.extend(Reference::onset(series));
    panel
}

/// The label names the percentile with its figure, as the panel names the model.
fn percentile(
    analysis: &Analysis,
    series: &Series,
    metric: &Metric,
    width: f64,
    whole: bool,
) -> Curve {
    let mut curve = Curve::of(series, metric, analysis.axis(), width);
    match curve.last_trusted() {
        Some(dot) => {
            let at = format!("at {}", analysis.axis().label(dot.x));
            curve.name = format!("{} {}", metric.name, metric.show(dot.y));
            curve.figures = vec![at];
        }
        None => metric.name.clone_into(&mut curve.name),
    }
    if !whole {
        for dot in &mut curve.dots {
            dot.repeats.clear();
            dot.interval = None;
        }
    }
    curve
}

/// The level stands below a label only where the next label down stands at another.
fn say_level_once(curves: &mut [Curve]) {
    let mut said: Option<Vec<String>> = None;
    for curve in curves.iter_mut().rev().filter(|curve| !curve.dots.is_empty()) {
        if said.as_ref() == Some(&curve.figures) {
            curve.figures.clear();
        } else {
            said = Some(curve.figures.clone());
        }
    }
}

/// What the upstream's own time allows: for p50 with all below out of reach, and for p99 where that is
/// another line.
fn floors(analysis: &Analysis, series: &Series) -> Vec<Reference> {
    let line = |of: &dyn Fn(f64) -> Option<f64>| -> Vec<(f64, f64)> {
        analysis
            .levels()
            .into_iter()
            .filter_map(|level| Some((level, of(level)?)))
            .filter(|(_, y)| *y > 0.0)
            .collect()
    };
    let p50 = line(&|level| analysis.floor_p50_ms_of(series, level));
    let p99 = line(&|level| analysis.floor_p99_ms_of(series, level));
    let apart = p50.iter().zip(&p99).any(|(a, b)| b.1 > a.1 * 1.02);
    // Over swept latencies each value has a floor of its own.
    let value = |line: &[(f64, f64)]| {
        let values: Vec<f64> = line.iter().map(|(_, y)| *y).collect();
        match crate::stats::range(&values) {
            Some((least, most)) if most > least * 1.1 && !analysis.axis().is_load() => {
                format!("{} to {}", format::millis(least), format::millis(most))
            }
            _ => crate::stats::median(&values).map(format::millis).unwrap_or_default(),
        }
    };
    let mut floors = Vec::new();
    if !p50.is_empty() {
        let of = if apart { "floor of p50" } else { "floor" };
        let labels = vec![
            format!("{of}: the upstream alone, {}", value(&p50)),
            format!("{of}: {}", value(&p50)),
            "floor".to_owned(),
        ];
        floors.push(Reference::Floor { line: p50, labels, void: true });
    }
    if apart {
        let labels = vec![format!("floor of p99: {}", value(&p99)), "floor of p99".to_owned()];
        floors.push(Reference::Floor { line: p99, labels, void: false });
    }
    floors
}

fn title(analysis: &Analysis) -> String {
    let percentiles = [(LATENCY_P99, "p99 latency"), (LATENCY_P50, "median latency")];
    // That latency follows the upstreams' is no news.
    let scenario = &analysis.run.scenario;
    let follows = scenario.sweep.as_ref().is_some_and(|sweep| {
        scenario.upstreams.iter().any(|upstream| sweep.varies_latency(&upstream.name))
    });
    if let Some(title) = over_sweep::title_of_one(analysis, &percentiles).filter(|_| !follows) {
        return title;
    }
    for metric in [LATENCY_P99, LATENCY_P50] {
        if let Some(versus) = takeaway::versus(analysis, &metric) {
            let opening = analysis.axis().opening(versus.level);
            let (best, rival) = (metric.show(versus.best.1), metric.show(versus.rival.1));
            if best == rival {
                let labels = (&versus.best.0.model.label, &versus.rival.0.model.label);
                return format!(
                    "{opening} {} and {} both have a {} of {best}",
                    labels.0, labels.1, metric.name
                );
            }
            let place = Place::Level(versus.level);
            let own = analysis.comparison(&metric, versus.rival.0.index, place);
            let doubt = match own.map(|own| own.decision) {
                Some(Decision::Alike) => ": alike",
                Some(Decision::NotToldApart) => ": no difference to call",
                _ => "",
            };
            return format!(
                "{opening} {} {} is {}, {} {}{doubt}",
                takeaway::possessive(&versus.best.0.model.label),
                metric.name,
                best,
                takeaway::possessive(&versus.rival.0.model.label),
                rival
            );
        }
    }
    let last = |metric: &Metric| {
        let series = takeaway::measured(analysis).into_iter().next()?;
        let point = series.trusted_points().rev().find(|p| p.median(metric).is_some())?;
        let value = metric.show(point.median(metric)?);
        let label = takeaway::possessive(&series.model.label);
        Some(format!("{} {label} {} is {value}", analysis.axis().opening(point.level), metric.name))
    };
    last(&LATENCY_P99)
        .or_else(|| last(&LATENCY_P50))
        .unwrap_or_else(|| "No latency to be trusted was measured".to_owned())
}

fn desc(analysis: &Analysis) -> String {
    let mut text = "A panel per model with shared logarithmic axes.".to_owned();
    for series in &analysis.series {
        for metric in [LATENCY_P50, LATENCY_P99] {
            let mut trusted = series.trusted_points().filter(|p| p.median(&metric).is_some());
            let (first, last) = (trusted.next(), trusted.next_back());
            let figure = |point: &Point| {
                let at = analysis.axis().label(point.level);
                format!("{} at {at}", metric.show(point.median(&metric).unwrap_or_default()))
            };
            if let Some(first) = first {
                let to = last.map(|last| format!(" to {}", figure(last))).unwrap_or_default();
                let _ = write!(
                    text,
                    " {}, {}: {}{to}.",
                    series.model.label,
                    metric.name,
                    figure(first)
                );
            }
        }
    }
    text
}

/// What has no percentile: points with too few requests, models without any, said once.
fn missing(analysis: &Analysis) -> Vec<String> {
    let lacks = |p: &&Point| p.median(&LATENCY_P99).is_none();
    let pools = |p: &&Point| p.estimate(&LATENCY_P99).is_some_and(|estimate| estimate.pooled());
    let points = || {
        analysis
            .series
            .iter()
            .flat_map(|s| &s.points)
            .filter(|p| p.rows.iter().any(|r| r.requests > 0))
    };
    let lacking = points().filter(lacks).count();
    let mut notes = Vec::new();
    if lacking > 0 {
        notes.push(format!(
            "A percentile is drawn where at least 10 requests lie beyond it: p99 is absent at {lacking} of {} points",
            points().count()
        ));
    }
    // Of requests whose end nobody saw, no percentile that reaches into them is known.
    let cut =
        points().filter(lacks).filter(|p| p.rows_used().any(|r| r.censored > r.requests / 100));
    let cut = cut.count();
    if cut > 0 {
        notes.push(format!(
            "At {cut} of {} points requests were still waiting when the trial ended: percentiles that reach into those are not known",
            points().count()
        ));
    }
    let pooled = points().filter(pools).count();
    if pooled > 0 {
        notes.push(format!(
            "At {pooled} of {} points p99 is pooled: that of the requests of all repeats together",
            points().count()
        ));
    }
    let none = |s: &&Series| s.points.iter().all(|p| p.median(&LATENCY_P50).is_none() && lacks(&p));
    let without: Vec<String> =
        analysis.series.iter().filter(none).map(|s| s.model.label.clone()).collect();
    if !without.is_empty() {
        notes.push(format!("No panel: {} without any percentile", format::list(&without)));
    }
    notes
}

fn data(analysis: &Analysis) -> DataTable {
    let metrics = PERCENTILES.map(|(metric, ..)| metric);
    let mut ascending = metrics.to_vec();
    ascending.reverse();
    table::of_metrics(analysis, &ascending)
}
