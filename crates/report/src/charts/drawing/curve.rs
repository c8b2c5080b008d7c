//! A model's figures over the levels, as dots, lines and bands.
//!
//! Trusted medians are joined by the model's line over its band; points that are not to be trusted
//! are hollow and joined by dots; a level the OS refused is a cross. Deliberately not here: axes and
//! labels.

use measurement::row::Verdict;

use super::frame::Frame;
use super::marks::{Fill, mark};
use super::palette::{Ink, dash};
use super::svg::{Canvas, Stroke};
use crate::analysis::{Axis, Metric, Point, Series};
use crate::format;
use crate::look::Look;

/// Width of the line of a median.
pub(crate) const MEDIAN_LINE: f64 = 2.5;
/// Width of the line of a tail.
pub(crate) const TAIL_LINE: f64 = 1.75;
/// Width of a line between others of the same model.
pub(crate) const THIN_LINE: f64 = 1.1;

/// Dash of the line of an earlier run.
const BEFORE_DASH: [f64; 2] = [4.0, 3.0];

/// The title of a median lists its repeats up to this many.
const MOST_TOLD: usize = 9;

/// One figure of one model at one level.
#[derive(Debug, Clone)]
pub(crate) struct Dot {
    /// The level, or whatever lies across.
    pub(crate) x: f64,
    /// The median.
    pub(crate) y: f64,
    /// Its 95 % interval.
    pub(crate) interval: Option<(f64, f64)>,
    /// Each repeat: its hover text, its place.
    pub(crate) repeats: Vec<(String, f64, f64)>,
    /// What to make of it.
    pub(crate) verdict: Verdict,
    /// Hover text of the median.
    pub(crate) title: String,
}

impl Dot {
    /// Whether it may be joined by the solid line.
    pub(crate) fn trusted(&self) -> bool {
        self.verdict.trusted()
    }

    /// How its mark is filled.
    pub(crate) fn fill(&self) -> Fill {
        match self.verdict {
            verdict if verdict.trusted() => Fill::Solid,
            Verdict::Exhausted => Fill::Cross,
            _ => Fill::Hollow,
        }
    }
}

/// One line of a chart.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    /// The model, as it is drawn.
    pub(crate) model: Look,
    /// Width of the line.
    pub(crate) width: f64,
    /// Its dots in the order they are joined.
    pub(crate) dots: Vec<Dot>,
    /// Levels with a figure that has no place on a log axis.
    pub(crate) dropped: Vec<f64>,
    /// Whether something lies between two dots; else a thread holds together what is one model's.
    pub(crate) joined: bool,
    /// In bold beside the end.
    pub(crate) name: String,
    /// Below the name.
    pub(crate) figures: Vec<String>,
    /// Which of two runs it is of.
    pub(crate) run: Which,
}

/// Which run a curve is of, where two are drawn together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// There is but one: the dash is the model's.
    Only,
    /// The earlier one: thin and dashed, its marks rings.
    Before,
    /// The later one: solid.
    After,
}

impl Curve {
    /// A metric of a model over the levels. The label is the model's, with the last trusted figure.
    pub(crate) fn of(series: &Series, metric: &Metric, axis: &Axis, width: f64) -> Self {
        let (mut dots, mut dropped) = (Vec::new(), Vec::new());
        for point in &series.points {
            match dot(series, point, metric, axis) {
                Some(dot) if dot.y > 0.0 => dots.push(dot),
                Some(_) => dropped.push(point.level),
                None => {}
            }
        }
        let mut curve = Self {
            model: series.look,
            width,
            dots,
            dropped,
            joined: !axis.categories(),
            name: series.model.label.clone(),
            figures: Vec::new(),
            run: Which::Only,
        };
        curve.figures = vec![match curve.last_trusted() {
            Some(dot) => format!("{} at {}", metric.show(dot.y), axis.label(dot.x)),
            None => "not to be trusted".to_owned(),
        }];
        curve
    }

    /// The last dot to be trusted.
    pub(crate) fn last_trusted(&self) -> Option<&Dot> {
        self.dots.iter().rev().find(|dot| dot.trusted())
    }

    /// Every value that the axis has to hold.
    pub(crate) fn values(&self) -> impl Iterator<Item = f64> {
        self.dots.iter().flat_map(|dot| {
            let ends = dot
                .interval
                .filter(|_| dot.trusted())
                .map_or([dot.y, dot.y], |(low, high)| [low, high]);
            let repeats = dot.repeats.iter().map(|(_, _, y)| *y).filter(|y| *y > 0.0);
            repeats.chain(ends).chain([dot.y]).collect::<Vec<_>>()
        })
    }
}

fn dot(series: &Series, point: &Point, metric: &Metric, axis: &Axis) -> Option<Dot> {
    let estimate = point.estimate(metric)?;
    let head = format!("{}, {}", series.model.label, axis.at(point.level));
    let interval = match estimate.interval {
        Some((low, high)) => {
            let words = estimate.interval_words();
            format!(", {words} {} to {}", metric.show(low), metric.show(high))
        }
        None => String::new(),
    };
    let doubt = if point.trusted() {
        String::new()
    } else {
        format!(" ({}: {})", point.verdict.name(), point.reason)
    };
    let each: Vec<String> = estimate.repeats.iter().map(|(_, value)| metric.show(*value)).collect();
    // Where repeats agree, the median's mark hides theirs.
    let each = match each.len() {
        2..=MOST_TOLD => format!("; repeats: {}", format::list(&each)),
        _ => String::new(),
    };
    let repeats = estimate.repeats.iter().map(|&(repeat, value)| {
        let title =
            format!("{head}, repeat {}: {} {}", repeat + 1, metric.name, metric.show(value));
        (title, point.level, value)
    });
    Some(Dot {
        x: point.level,
        y: estimate.median,
        interval: estimate.interval.filter(|(low, _)| *low > 0.0),
        repeats: repeats.collect(),
        verdict: point.verdict,
        title: format!(
            "{head}: {} {} {}{interval}{each}{doubt}",
            if estimate.pooled() { "pooled" } else { "median" },
            metric.name,
            metric.show(estimate.median)
        ),
    })
}

/// Draws curves: all bands, then all lines, dashed over solid so that coinciding ones both show, then
/// repeats, then medians. Bands do not go below `floor`.
pub(crate) fn draw(
    canvas: &mut Canvas,
    frame: &Frame,
    curves: &[Curve],
    floor: Option<&dyn Fn(f64) -> f64>,
) {
    let mut order: Vec<&Curve> = curves.iter().filter(|curve| !curve.dots.is_empty()).collect();
    for curve in order.iter().filter(|curve| curve.run != Which::Before) {
        canvas.group(&format!("model m{}", curve.model.index), |canvas| {
            bands(canvas, frame, curve, floor);
        });
    }
    order.sort_by_key(|curve| curve.run == Which::Before || !dash(curve.model).is_empty());
    for curve in &order {
        canvas
            .group(&format!("model m{}", curve.model.index), |canvas| lines(canvas, frame, curve));
    }
    for curve in &order {
        canvas
            .group(&format!("model m{}", curve.model.index), |canvas| marks(canvas, frame, curve));
    }
}

/// Runs of neighbouring trusted dots.
fn runs(curve: &Curve) -> impl Iterator<Item = &[Dot]> {
    curve.dots.split(|dot| !dot.trusted()).filter(|run| !run.is_empty())
}

fn bands(canvas: &mut Canvas, frame: &Frame, curve: &Curve, floor: Option<&dyn Fn(f64) -> f64>) {
    let bounded = |dot: &Dot| {
        let (low, high) = dot.interval?;
        let least = floor.map_or(0.0, |floor| floor(dot.x));
        Some((dot.x, low.max(least), high.max(least)))
    };
    for run in runs(curve) {
        // Repeats may be too few for an interval at some levels: a band over each stretch with one.
        let over: Vec<Option<(f64, f64, f64)>> = run.iter().map(bounded).collect();
        for stretch in over.split(Option::is_none) {
            let stretch: Vec<_> = stretch.iter().copied().flatten().collect();
            match stretch.as_slice() {
                bars if bars.len() == 1 || !curve.joined => {
                    for (x, low, high) in bars {
                        let (x, clamp) = (frame.x_at(*x), |y: f64| frame.y_at(frame.y.clamp(y)));
                        let bar = Stroke { ink: Ink::Line(curve.model), width: 1.5, dash: &[] };
                        canvas.path(&[(x, clamp(*low)), (x, clamp(*high))], bar);
                    }
                }
                longer => frame.band(canvas, Ink::Line(curve.model), longer),
            }
        }
    }
}

fn lines(canvas: &mut Canvas, frame: &Frame, curve: &Curve) {
    let dash: &[f64] = match curve.run {
        Which::Only => dash(curve.model),
        Which::Before => &BEFORE_DASH,
        Which::After => &[],
    };
    let look = Stroke { ink: Ink::Line(curve.model), width: curve.width, dash };
    if !curve.joined {
        let points: Vec<_> = curve.dots.iter().map(|dot| frame.at(dot.x, dot.y)).collect();
        canvas.group("thread", |canvas| canvas.path(&points, Stroke { width: 0.8, ..look }));
        return;
    }
    for run in runs(curve) {
        let points: Vec<(f64, f64)> = run.iter().map(|dot| (dot.x, dot.y)).collect();
        frame.line(canvas, "line", &points, look);
    }
    for pair in curve.dots.windows(2).filter(|pair| !(pair[0].trusted() && pair[1].trusted())) {
        let ends = [frame.at(pair[0].x, pair[0].y), frame.at(pair[1].x, pair[1].y)];
        canvas.path(&ends, Stroke::doubtful(curve.model));
    }
}

fn marks(canvas: &mut Canvas, frame: &Frame, curve: &Curve) {
    for dot in &curve.dots {
        // One repeat is its own median; a cross says enough.
        if curve.run == Which::Before || dot.repeats.len() < 2 || dot.fill() == Fill::Cross {
            continue;
        }
        let fill = if dot.trusted() { Fill::Faint } else { Fill::FaintHollow };
        for (title, x, y) in
            dot.repeats.iter().filter(|(_, x, y)| frame.x.holds(*x) && frame.y.holds(*y))
        {
            mark(canvas, frame.at(*x, *y), curve.model, fill, title);
        }
    }
    for dot in &curve.dots {
        let fill = if curve.run == Which::Before { Fill::Ring } else { dot.fill() };
        mark(canvas, frame.at(dot.x, dot.y), curve.model, fill, &dot.title);
    }
}
