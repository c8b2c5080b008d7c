//! The latency spectrum: every percentile of every model at one level, as far as the requests of all
//! repeats together support it.

mod floor;
mod names;

use std::fmt::Write as _;

use self::floor::Floor;
use super::drawing::axes;
use super::drawing::frame::Frame;
use super::drawing::labels::{self, Label};
use super::drawing::layout::{AXIS_TITLE, FOOT, LABEL_GAP, Layout, PLOT_TOP, TICK_LABEL, X_TITLE};
use super::drawing::marks::{Fill, mark};
use super::drawing::palette::{Ink, dash};
use super::drawing::scale::{Scale, Tick};
use super::drawing::svg::{Anchor, Area, Canvas, Font, Stroke};
use super::prose::{notes, table, takeaway, words};
use super::{Chart, DataTable, Drawing, Outcome, Plot, TableGroup, TableRow};
use crate::analysis::metric::{LATENCY_P50, LATENCY_P90, LATENCY_P99, LATENCY_P999};
use crate::analysis::{Analysis, Metric, Point, Series};
use crate::format::{self, Unit};
use crate::stats::Distribution;

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "spectrum", section: "Latency spectrum", short: "Latency spectrum", draw };

/// The percentiles that bear a mark, and 1 ÷ (1 − q).
const MARKED: [(Metric, f64, f64); 4] = [
    (LATENCY_P50, 0.5, 2.0),
    (LATENCY_P90, 0.9, 10.0),
    (LATENCY_P99, 0.99, 100.0),
    (LATENCY_P999, 0.999, 1_000.0),
];

/// Steps of a line in a decade of 1 ÷ (1 − q).
const STEPS: f64 = 40.0;

/// One model's line at the level.
struct Line<'a> {
    series: &'a Series,
    point: &'a Point,
    /// (1 ÷ (1 − q), ms), ascending.
    points: Vec<(f64, f64)>,
}

fn draw(analysis: &Analysis) -> Outcome {
    let has = |point: &Point| takeaway::steady(point) && point.pooled.latency.supports(0.5);
    let Some(level) = takeaway::shared_level(analysis, has) else {
        return Outcome::LeftOut(
            "no trial to be trusted has a histogram of at least 20 requests".to_owned(),
        );
    };
    let lines: Vec<Line<'_>> = analysis
        .series
        .iter()
        .filter_map(|series| {
            let point = series.point(level).filter(|point| point.trusted() && has(point))?;
            Some(Line { series, point, points: points(&point.pooled.latency, f64::INFINITY) })
        })
        .filter(|line| line.points.len() > 1)
        .collect();
    let floors = floor::floors(analysis, level, &lines);
    let (Some(wide), Some(narrow)) =
        (plot(&lines, &floors, Layout::WIDE), plot(&lines, &floors, Layout::NARROW))
    else {
        return Outcome::LeftOut("no latency is above zero".to_owned());
    };
    Outcome::Drawn(Box::new(Drawing {
        title: title(analysis, level, &lines),
        subtitle: format!(
            "{} by percentile {}, {}; the requests of all repeats together. Bars: 95\u{a0}% intervals",
            words::latency(analysis.load()),
            analysis.axis().amid(level),
            takeaway::why_level(analysis, lines.len()),
        ),
        context: words::context(analysis),
        desc: desc(analysis, level, &lines),
        wide,
        narrow,
        notes: remarks(&floors),
        doubts: notes::doubts_at(analysis, level),
        source: words::source(analysis),
        table: data(&lines, &floors),
    }))
}

/// The quantiles that the samples support, ascending, up to 1 ÷ (1 − q) of `end`.
fn points(pool: &Distribution, end: f64) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for step in 0.. {
        let x = 10_f64.powf(f64::from(step) / STEPS);
        if x > end * 1.001 {
            break;
        }
        let q = 1.0 - x.recip();
        let value = pool.quantile_ms(q).filter(|ms| *ms > 0.0);
        let Some(ms) = value.filter(|_| pool.supports(q)) else { break };
        // On a level stretch its two ends are enough.
        let level = |at: usize| points.get(at).is_some_and(|p| p.1.to_bits() == ms.to_bits());
        if let [.., _, _] = points.as_slice()
            && level(points.len() - 1)
            && level(points.len() - 2)
        {
            points.pop();
        }
        points.push((x, ms));
    }
    points
}

/// Quantiles that are ticks, from 1 ÷ (1 − q).
fn percent(x: f64) -> String {
    let nines = x.log10().round() as usize;
    match nines {
        _ if x < 3.0 => "50\u{a0}%".to_owned(),
        0..3 => format!("{:.0}\u{a0}%", 100.0 - 100.0 / x),
        more => format!("{:.*}\u{a0}%", more - 2, 100.0 - 100.0 / x),
    }
}

fn across(lines: &[Line<'_>], width: f64) -> Option<Scale> {
    let most = lines.iter().filter_map(|line| line.points.last()).map(|p| p.0).fold(10.0, f64::max);
    let mut scale = Scale::levels(&[1.0, most], width, 6.0)?;
    let mut ticks = vec![2.0];
    ticks.extend((1..).map(|decade| 10_f64.powi(decade)).take_while(|x| *x <= most * 1.001));
    scale.ticks = ticks.into_iter().map(|value| Tick { value, major: true }).collect();
    Some(scale)
}

fn plot(lines: &[Line<'_>], floors: &[Floor], layout: Layout) -> Option<Plot> {
    let intervals = lines.iter().flat_map(|line| {
        let metrics =
            MARKED.iter().filter_map(|(metric, ..)| line.point.estimate(metric)?.interval);
        metrics.flat_map(|(low, high)| [low, high]).collect::<Vec<_>>()
    });
    let values: Vec<f64> = lines
        .iter()
        .flat_map(|line| &line.points)
        .chain(floors.iter().flat_map(|floor| &floor.points))
        .map(|(_, y)| *y)
        .chain(intervals)
        .collect();
    let column_width = layout.right - LABEL_GAP - 6.0;
    let unplaced: Vec<Label> =
        lines.iter().map(|line| names::label(line, (0.0, 0.0), 0.0)).collect();
    let height = f64::max(layout.pick(340.0, 290.0), labels::height(&unplaced, column_width));
    // The name of a floor stands below it.
    let room = if floors.len() == 1 { 24.0 } else { 0.0 };
    let y = Scale::log_above(values, room, height, layout.tick_gap)?;
    let left = layout.left.max(layout.edge + axes::tick_width(&y, Unit::Milliseconds) + 9.0);
    let plot =
        Area { left, top: PLOT_TOP, right: layout.width - layout.right, bottom: PLOT_TOP + height };
    let frame = Frame { plot, x: across(lines, plot.right - plot.left)?, y };
    let mut canvas = Canvas::default();
    canvas.text((layout.edge, AXIS_TITLE), "Latency (log)", Font::plain(Ink::Normal));
    floor::void(&mut canvas, &frame, floors);
    frame.grid(&mut canvas, true);
    axes::upward(&mut canvas, &frame, Unit::Milliseconds);
    ticks(&mut canvas, &frame, layout);
    floor::draw(&mut canvas, &frame, floors);
    let mut order: Vec<&Line<'_>> = lines.iter().collect();
    order.sort_by_key(|line| !dash(line.series.look).is_empty());
    for line in &order {
        let model = line.series.look;
        let look = Stroke { ink: Ink::Line(model), width: 2.0, dash: dash(model) };
        canvas.group(&format!("model m{}", model.index), |canvas| {
            frame.line(canvas, "line", &line.points, look);
        });
    }
    for line in &order {
        marks(&mut canvas, &frame, line);
    }
    names::draw(&mut canvas, &frame, (lines, floors), column_width);
    let (markup, texts) = canvas.finish();
    Some(Plot { markup, width: layout.width, edge: layout.edge, height: plot.bottom + FOOT, texts })
}

fn ticks(canvas: &mut Canvas, frame: &Frame, layout: Layout) {
    let Area { left, right, bottom, .. } = frame.plot;
    canvas.path(&[(left, bottom), (right, bottom)], Stroke::AXIS);
    let font = Font::plain(Ink::Normal).at(Anchor::Middle);
    let mut end = f64::NEG_INFINITY;
    for tick in &frame.x.ticks {
        let x = frame.x_at(tick.value);
        canvas.path(&[(x, bottom), (x, bottom + 5.0)], Stroke::AXIS);
        let words = percent(tick.value);
        let half = font.width(&words) / 2.0;
        if x - half >= end + 4.0 {
            canvas.text((x, bottom + TICK_LABEL), &words, font);
            end = x + half;
        }
    }
    let title = layout.pick(
        "Percentile of requests (scale: 1 ÷ (1 − q), log)",
        "Percentile (log of 1 ÷ (1 − q))",
    );
    canvas.text((left, bottom + X_TITLE), title, Font::plain(Ink::Normal));
}

/// Marks with their intervals where a line passes a percentile that has a name.
fn marks(canvas: &mut Canvas, frame: &Frame, line: &Line<'_>) {
    let model = line.series.look;
    canvas.group(&format!("model m{}", model.index), |canvas| {
        for (metric, q, x) in MARKED {
            let pool = &line.point.pooled.latency;
            let Some(ms) = pool.quantile_ms(q).filter(|ms| *ms > 0.0 && pool.supports(q)) else {
                continue;
            };
            let estimate = line.point.estimate(&metric);
            let interval = estimate.as_ref().and_then(|e| Some((e.interval?, e.interval_words())));
            let mut title =
                format!("{}: {} {}", line.series.model.label, metric.name, metric.show(ms));
            if let Some(((low, high), kind)) = interval {
                let _ = write!(title, ", {kind} {} to {}", metric.show(low), metric.show(high));
                let at = |y: f64| (frame.x_at(x), frame.y_at(frame.y.clamp(y)));
                let bar = Stroke { ink: Ink::Line(model), width: 1.25, dash: &[] };
                canvas.path(&[at(low), at(high)], bar);
            }
            mark(canvas, frame.at(x, ms), model, Fill::Solid, &title);
        }
    });
}

/// The highest percentile with a name that the line reaches.
fn highest(point: &Point) -> Option<(&'static str, f64)> {
    let pool = &point.pooled.latency;
    MARKED
        .iter()
        .rev()
        .filter(|(_, q, _)| pool.supports(*q))
        .find_map(|(metric, q, _)| Some((metric.name, pool.quantile_ms(*q)?)))
}

/// Baseline and rival at the highest percentile that both support.
fn title(analysis: &Analysis, level: f64, lines: &[Line<'_>]) -> String {
    let of = |series: Option<&Series>| {
        lines.iter().find(|line| series.is_some_and(|s| s.index == line.series.index))
    };
    let pair = of(analysis.baseline()).zip(of(takeaway::rival(analysis)));
    let one_in = |x: f64| format!("1 request in {}", format::count(x));
    if let Some((best, rival)) = pair {
        for (_, q, x) in MARKED.iter().rev() {
            let value = |line: &Line<'_>| {
                let pool = &line.point.pooled.latency;
                pool.quantile_ms(*q).filter(|_| pool.supports(*q)).map(format::millis)
            };
            if let (Some(a), Some(b)) = (value(best), value(rival)) {
                let (best, rival) = (&best.series.model.label, &rival.series.model.label);
                let head =
                    format!("{} {} takes longer than", analysis.axis().opening(level), one_in(*x));
                return if a == b {
                    format!("{head} {a} under both {best} and {rival}")
                } else {
                    format!("{head} {a} under {best}, {b} under {rival}")
                };
            }
        }
    }
    let Some(line) = lines.first() else { return "Latency by percentile".to_owned() };
    let figure = highest(line.point).map(|(name, ms)| format!("{name} {}", format::millis(ms)));
    let at = analysis.axis().amid(level);
    format!("{} {at}: {}", line.series.model.label, figure.unwrap_or_default())
}

fn remarks(floors: &[Floor]) -> Vec<String> {
    let mut remarks =
        vec!["A line ends where fewer than 10 requests lie beyond the percentile".to_owned()];
    if floors.iter().any(Floor::whole) {
        remarks.push(
            "Floor: the longer of the two delays of each request as the mock held them, those of all models together".to_owned(),
        );
    }
    remarks
}

fn desc(analysis: &Analysis, level: f64, lines: &[Line<'_>]) -> String {
    let mut text =
        format!("Latency by percentile {}, both axes logarithmic.", analysis.axis().amid(level));
    for line in lines {
        let _ = write!(text, " {}:", line.series.model.label);
        for (metric, q, _) in MARKED {
            let pool = &line.point.pooled.latency;
            if let Some(ms) = pool.quantile_ms(q).filter(|_| pool.supports(q)) {
                let _ = write!(text, " {} {},", metric.name, format::millis(ms));
            }
        }
        let _ = write!(
            text,
            " over {} requests.",
            format::count(line.point.pooled.latency.samples() as f64)
        );
    }
    text
}

fn data(lines: &[Line<'_>], floors: &[Floor]) -> DataTable {
    let columns =
        ["percentile", "of all repeats together", "estimate", "95 % interval", "floor", "requests"];
    let groups = lines.iter().map(|line| {
        let pool = &line.point.pooled.latency;
        let floor = floors.iter().find(|floor| floor.models.contains(&line.series.index));
        let row = |(metric, q, x): &(Metric, f64, f64)| {
            let estimate = line.point.estimate(metric);
            let missing = || format::MISSING.to_owned();
            let pooled = pool.quantile_ms(*q).filter(|_| pool.supports(*q));
            let cells = vec![
                metric.name.to_owned(),
                pooled.map_or_else(missing, format::millis_fine),
                estimate.as_ref().map_or_else(missing, |e| e.show(metric)),
                table::interval(estimate.as_ref(), |ms| metric.show(ms)),
                floor.and_then(|floor| floor.at(*x)).map_or_else(missing, format::millis_fine),
                format::count(pool.samples() as f64),
            ];
            TableRow { cells, trusted: true }
        };
        TableGroup {
            model: line.series.look,
            label: line.series.model.label.clone(),
            rows: MARKED.iter().map(row).collect(),
        }
    });
    DataTable { columns: columns.map(str::to_owned).to_vec(), groups: groups.collect() }
}
