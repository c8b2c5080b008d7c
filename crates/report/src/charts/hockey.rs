//! p99 against achieved throughput: where more load buys only latency.

use std::fmt::Write as _;

use super::drawing::annotate::{self, Names};
use super::drawing::axes;
use super::drawing::curve::{self, Curve, Dot, MEDIAN_LINE, Which};
use super::drawing::frame::Frame;
use super::drawing::layout::{AXIS_TITLE, FOOT, Layout, PLOT_TOP};
use super::drawing::palette::Ink;
use super::drawing::reference::{self, Reference};
use super::drawing::scale::Scale;
use super::drawing::sheet;
use super::drawing::svg::{Anchor, Area, Canvas, Font, Stroke};
use super::prose::{notes, table, takeaway, words};
use super::{Chart, DataTable, Drawing, Outcome, Plot};
use crate::analysis::metric::{LATENCY_P99, THROUGHPUT};
use crate::analysis::{Analysis, Point, Series};
use crate::format::{self, Unit};
use crate::look::Look;

/// The chart.
pub(super) const CHART: Chart = Chart {
    key: "hockey",
    section: "p99 against achieved throughput",
    short: "p99 against throughput",
    draw,
};

/// Decades that the upward axis spans at least: closer together, points are as good as level.
const LEAST_SPAN: f64 = 0.12;

fn draw(analysis: &Analysis) -> Outcome {
    if !analysis.axis().is_load() {
        return Outcome::LeftOut(format!(
            "{} is swept at one load, and this chart is of what more load buys",
            analysis.axis().heading()
        ));
    }
    let curves: Vec<Curve> = analysis
        .series
        .iter()
        .map(|series| curve(analysis, series))
        .filter(|curve| !curve.dots.is_empty())
        .collect();
    if curves.iter().all(|curve| curve.dots.len() < 2) {
        return Outcome::LeftOut("no model has a p99 and a throughput at two levels".to_owned());
    }
    let references = references(analysis);
    let (Some(wide), Some(narrow)) = (
        plot(analysis, &curves, &references, Layout::WIDE),
        plot(analysis, &curves, &references, Layout::NARROW),
    ) else {
        return Outcome::LeftOut("no p99 is above zero".to_owned());
    };
    let n = analysis
        .series
        .iter()
        .flat_map(|s| &s.points)
        .map(|p| p.rows_used().count())
        .max()
        .unwrap_or(0);
    let dots = if n > 1 {
        format!("medians of {n} repeats joined in the order of load; faint dots: repeats")
    } else {
        "joined in the order of load".to_owned()
    };
    Outcome::Drawn(Box::new(Drawing {
        title: title(analysis),
        subtitle: format!("{} against achieved throughput, {dots}", axis_words(analysis)),
        context: words::context(analysis),
        desc: desc(analysis),
        wide,
        narrow,
        notes: without(analysis).into_iter().collect(),
        doubts: notes::doubts(analysis),
        source: words::source(analysis),
        table: data(analysis),
    }))
}

/// Points that have no place, for want of a p99.
fn without(analysis: &Analysis) -> Option<String> {
    let all = || analysis.series.iter().flat_map(|series| &series.points);
    let placed = |p: &&Point| p.median(&LATENCY_P99).is_some() && p.median(&THROUGHPUT).is_some();
    let (count, lacking) = (all().count(), all().filter(|p| !placed(p)).count());
    (lacking > 0).then(|| format!("Not drawn: {lacking} of {count} points, which have no p99"))
}

/// In an open loop latency counts from when a request was due.
fn axis_words(analysis: &Analysis) -> &'static str {
    if analysis.open() { "p99 response time" } else { "p99 latency" }
}

/// Throughput across, p99 upwards, levels in order.
fn curve(analysis: &Analysis, series: &Series) -> Curve {
    let dots: Vec<Dot> =
        series.points.iter().filter_map(|point| dot(analysis, series, point)).collect();
    Curve {
        model: series.look,
        width: MEDIAN_LINE,
        dots,
        dropped: Vec::new(),
        joined: true,
        name: series.model.label.clone(),
        figures: Vec::new(),
        run: Which::Only,
    }
}

fn dot(analysis: &Analysis, series: &Series, point: &Point) -> Option<Dot> {
    let (x, y) = (point.estimate(&THROUGHPUT)?, point.estimate(&LATENCY_P99)?);
    if x.median <= 0.0 || y.median <= 0.0 {
        return None;
    }
    let head = format!("{}, {}", series.model.label, analysis.axis().label(point.level));
    let words =
        |rate: f64, ms: f64| format!("{}, p99 {}", format::rate_full(rate), format::millis(ms));
    let repeats = y.repeats.iter().filter_map(|(repeat, ms)| {
        let (_, rate) = x.repeats.iter().find(|(other, _)| other == repeat)?;
        let fit = *rate > 0.0 && *ms > 0.0;
        fit.then(|| (format!("{head}, repeat {}: {}", repeat + 1, words(*rate, *ms)), *rate, *ms))
    });
    Some(Dot {
        x: x.median,
        y: y.median,
        interval: None,
        repeats: repeats.collect(),
        verdict: point.verdict,
        title: format!("{head}: median {}", words(x.median, y.median)),
    })
}

fn references(analysis: &Analysis) -> Vec<Reference> {
    let floors: Vec<f64> = analysis
        .levels()
        .into_iter()
        .filter_map(|l| analysis.floor_p99_ms(l))
        .filter(|y| *y > 0.0)
        .collect();
    let mut references = Vec::new();
    // Draws differ a little between levels: the least of them is the floor of all.
    if let Some((least, _)) = crate::stats::range(&floors) {
        let labels = vec![format!("floor of p99: {}", format::millis(least)), "floor".to_owned()];
        references.push(Reference::Floor { line: vec![(1.0, least)], labels, void: true });
    }
    if let Some(at) = analysis.run.scenario.slo_p99_ms {
        references.push(Reference::Limit { at, label: format!("SLO: p99 {}", format::millis(at)) });
    }
    references
}

/// With names at the points, or beside the plot where one finds no room.
fn plot(
    analysis: &Analysis,
    curves: &[Curve],
    references: &[Reference],
    layout: Layout,
) -> Option<Plot> {
    let attempt = |names| attempt(analysis, curves, references, layout, names);
    attempt(Names::AtPoints).or_else(|| attempt(Names::Beside))
}

fn attempt(
    analysis: &Analysis,
    curves: &[Curve],
    references: &[Reference],
    layout: Layout,
    names: Names,
) -> Option<Plot> {
    let right = layout.width
        - match names {
            Names::AtPoints => layout.pick(150.0, 76.0),
            Names::Beside => layout.right,
        };
    let needed = match names {
        Names::AtPoints => 0.0,
        Names::Beside => annotate::height(analysis, curves, layout.width - right),
    };
    let height = layout.pick(350.0_f64, 300.0).max(needed);
    let ys =
        curves.iter().flat_map(Curve::values).chain(references.iter().flat_map(Reference::values));
    let floor = references
        .iter()
        .find_map(Reference::void_floor)
        .and_then(|line| line.first())
        .map(|p| p.1);
    // The floor's label stands below it, those of ceilings above all points.
    let room = (if floor.is_some() { 27.0 } else { 0.0 }, 26.0);
    let mut y = Scale::log_over(ys, LEAST_SPAN, room, height, layout.tick_gap)?;
    if let Some(floor) = floor {
        y.ticks.retain(|tick| tick.value >= floor * 0.999);
    }
    let left =
        (layout.edge + axes::tick_width(&y, Unit::Milliseconds) + 9.0).ceil().max(layout.left);
    let plot = Area { left, top: PLOT_TOP, right, bottom: PLOT_TOP + height };
    let dots = curves.iter().flat_map(|c| &c.dots);
    let xs = dots.flat_map(|d| d.repeats.iter().map(|r| r.1).chain([d.x]).collect::<Vec<_>>());
    let ends = analysis.distinct().filter_map(|s| Some(s.cpu_ceiling()?.rps));
    let xs = xs.chain(ends);
    let x = Scale::log(xs, right - left, 44.0)?;
    let frame = Frame { plot, x, y };
    let mut canvas = Canvas::default();
    let title = format!("{} (log)", axis_words(analysis));
    canvas.text((layout.edge, AXIS_TITLE), &title, Font::plain(Ink::Normal));
    reference::void(&mut canvas, &frame, references);
    frame.grid(&mut canvas, true);
    axes::upward(&mut canvas, &frame, Unit::Milliseconds);
    axes::across(&mut canvas, &frame, &[], None, 0.0);
    let titles = ["Achieved throughput: requests per second (log)", "Requests per second (log)"];
    axes::across_title(&mut canvas, &frame, 0.0, &titles, layout.width - left);
    ceilings(&mut canvas, analysis, &frame);
    reference::draw(&mut canvas, &frame, references, &sheet::segments(curves, &frame));
    curve::draw(&mut canvas, &frame, curves, None);
    let void = floor.map(|floor| Area { top: frame.y_at(floor), ..plot });
    if !annotate::draw(&mut canvas, analysis, curves, &frame, (layout.width - 4.0, void), names) {
        return None;
    }
    let (markup, texts) = canvas.finish();
    Some(Plot { markup, width: layout.width, edge: layout.edge, height: plot.bottom + FOOT, texts })
}

/// The CPU ceilings, upright; what the curve of a model turns up at.
fn ceilings(canvas: &mut Canvas, analysis: &Analysis, frame: &Frame) {
    let mut ceilings: Vec<(Look, f64)> = analysis
        .distinct()
        .filter_map(|series| Some((series.look, series.cpu_ceiling()?.rps)))
        .filter(|(_, rps)| frame.x.holds(*rps))
        .collect();
    ceilings.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut free_from = frame.plot.left;
    for (model, rps) in ceilings {
        let x = frame.x_at(rps);
        canvas.path(&[(x, frame.plot.top), (x, frame.plot.bottom)], Stroke::ceiling(model));
        let font = Font::plain(Ink::Text(model)).at(Anchor::End);
        let words =
            [format!("CPU ceiling {}", format::rate(rps)), format!("CPU {}", format::rate(rps))];
        let fits = |words: &&String| x - 6.0 - font.width(words) >= free_from;
        if let Some(words) = words.iter().find(fits) {
            canvas.text((x - 6.0, frame.plot.top + 11.0), words, font);
            free_from = x + 4.0;
        }
    }
}

/// The highest throughput of each of the two best, with the p99 there.
fn title(analysis: &Analysis) -> String {
    let end = |series: &Series| {
        series.trusted_points().find(|p| p.median(&LATENCY_P99).is_some())?;
        let peak = series.peak()?;
        // Past what a model keeps up with too few requests end for a p99.
        let p99 = peak.point.median(&LATENCY_P99);
        Some(format!(
            "{} ends at {} (p99 {})",
            series.model.label,
            format::rate(peak.throughput.median),
            p99.map_or_else(|| "unknown".to_owned(), format::millis)
        ))
    };
    let ends: Vec<String> = [takeaway::rival(analysis), analysis.baseline()]
        .into_iter()
        .flatten()
        .filter_map(end)
        .collect();
    match ends.as_slice() {
        [] => "No p99 to be trusted was measured".to_owned(),
        [one] => one.clone(),
        [a, b, ..] => format!("{a}, {}", b.replacen(" ends at", " at", 1)),
    }
}

fn desc(analysis: &Analysis) -> String {
    let mut text = "The hockey stick: p99 against achieved throughput, both logarithmic, points joined in the order of load.".to_owned();
    for series in &analysis.series {
        let last = series.trusted_points().rev().find(|p| p.median(&LATENCY_P99).is_some());
        if let (Some(point), Some(peak)) = (last, series.peak()) {
            let _ = write!(
                text,
                " {}: at most {}, p99 {} at {}.",
                series.model.label,
                format::rate_full(peak.throughput.median),
                point.median(&LATENCY_P99).map(format::millis).unwrap_or_default(),
                analysis.axis().label(point.level)
            );
        }
    }
    text
}

fn data(analysis: &Analysis) -> DataTable {
    table::by_level(analysis, &["throughput", "p99", "p99 95 % interval"], |_, point| {
        let p99 = point.estimate(&LATENCY_P99);
        vec![
            point.median(&THROUGHPUT).map_or(format::MISSING.to_owned(), format::rate_full),
            table::median(point, &LATENCY_P99),
            table::interval(p99.as_ref(), |v| LATENCY_P99.show(v)),
        ]
    })
}
