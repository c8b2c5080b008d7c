//! Charts of two runs compared: throughput and p99 of both over the levels, and a forest of ratios
//! for each of the two.

use std::fmt::Write as _;

use measurement::row::Verdict;

use super::drawing::curve::{Curve, Dot, MEDIAN_LINE, THIN_LINE, Which};
use super::drawing::forest::{self, Forest};
use super::drawing::layout::Layout;
use super::drawing::sheet::{Heading, Panel, Sheet};
use super::{DataTable, Drawing, Outcome, TableGroup, TableRow, date};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Axis, Estimate};
use crate::comparison::{Change, MatchedPoint, PRIMARY, Pairing, Quantity, RunComparison, Side};
use crate::format;
use crate::look::Look;
use crate::stats::Decision;

/// More models than this are left to the table.
const MOST: usize = 9;

/// A chart of a comparison.
pub(crate) struct ComparedChart {
    /// Name of its file and of its anchor in the page.
    pub(crate) key: &'static str,
    /// What its section is called.
    pub(crate) section: &'static str,
    /// What became of it.
    pub(crate) outcome: Outcome,
}

/// One model, in a grid of loads and swept values one at one value, with its points and a figure.
struct Lane<'a> {
    model: Look,
    label: String,
    points: Vec<(&'a MatchedPoint, &'a Change)>,
}

/// Every chart, in the order of the page.
pub(crate) fn all(compared: &RunComparison) -> Vec<ComparedChart> {
    let [throughput, p99] = PRIMARY;
    vec![
        ComparedChart {
            key: "throughput",
            section: "Throughput, before and after",
            outcome: overlay(compared, &throughput),
        },
        ComparedChart {
            key: "throughput-ratio",
            section: "Throughput, after ÷ before",
            outcome: ratios(compared, &throughput),
        },
        ComparedChart {
            key: "p99",
            section: "p99, before and after",
            outcome: overlay(compared, &p99),
        },
        ComparedChart {
            key: "p99-ratio",
            section: "p99, after ÷ before",
            outcome: ratios(compared, &p99),
        },
    ]
}

fn lanes<'a>(compared: &'a RunComparison, quantity: &Quantity) -> Vec<Lane<'a>> {
    let grid = Axis::of(&compared.before.info).is_load();
    let mut lanes: Vec<Lane<'a>> = Vec::new();
    for point in &compared.points {
        let Some(change) = point.change(&quantity.metric) else { continue };
        let label = match point.spot.swept.as_ref().filter(|_| grid) {
            Some(value) => format!("{}, {value}", point.label),
            None => point.label.clone(),
        };
        match lanes.iter_mut().find(|lane| lane.label == label) {
            Some(lane) => lane.points.push((point, change)),
            None => lanes.push(Lane { model: point.model, label, points: vec![(point, change)] }),
        }
    }
    for lane in &mut lanes {
        lane.points.sort_by(|a, b| a.0.across.total_cmp(&b.0.across));
    }
    lanes
}

/// Both runs over the levels, a panel per model.
fn overlay(compared: &RunComparison, quantity: &Quantity) -> Outcome {
    let lanes = lanes(compared, quantity);
    if lanes.is_empty() {
        return Outcome::LeftOut(nothing(quantity));
    }
    let axis = Axis::of(&compared.before.info);
    let mut levels: Vec<f64> =
        lanes.iter().flat_map(|lane| lane.points.iter().map(|(point, _)| point.across)).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let panel = |lane: &Lane<'_>| {
        let curves =
            vec![curve(lane, quantity, Which::Before), curve(lane, quantity, Which::After)];
        let mut panel = Panel::new(quantity.metric.unit, curves);
        panel.heading = Some(Heading::Model(lane.model, lane.label.clone()));
        panel
    };
    let words = if quantity.metric.key == THROUGHPUT.key {
        "Requests per second (log)"
    } else {
        "p99 of request latency (log)"
    };
    let sheet = Sheet {
        panels: lanes.iter().take(MOST).map(panel).collect(),
        shared: Some(words.to_owned()),
        axis,
        levels,
        cited: Vec::new(),
        heights: (300.0, 220.0),
        label_width: 92.0,
        remark: None,
    };
    let (Some(wide), Some(narrow)) = (sheet.plot(Layout::WIDE), sheet.plot(Layout::NARROW)) else {
        return Outcome::LeftOut(nothing(quantity));
    };
    let subtitle = format!(
        "{} {}. Dashed, rings: before; solid: after, faint dots its repeats, line: median, band: 95\u{a0}% interval (t, on logs)",
        if quantity.metric.key == THROUGHPUT.key {
            "Requests per second"
        } else {
            "p99 of request latency"
        },
        sheet.axis.against(),
    );
    let title = compared.title(quantity).unwrap_or_default();
    drawn(compared, quantity, (title, subtitle), (wide, narrow), &lanes)
}

/// One run of a model, labelled at its end.
fn curve(lane: &Lane<'_>, quantity: &Quantity, run: Which) -> Curve {
    let earlier = run == Which::Before;
    let name = if earlier { "before" } else { "after" };
    let dot = |(point, change): &(&MatchedPoint, &Change)| {
        let estimate = if earlier { &change.before } else { &change.after };
        dot((lane, name), point, quantity, estimate)
    };
    let dots: Vec<Dot> = lane.points.iter().map(dot).collect();
    let last = dots.last().map(|dot| quantity.metric.show(dot.y));
    Curve {
        model: lane.model,
        width: if earlier { THIN_LINE } else { MEDIAN_LINE },
        dots,
        joined: true,
        dropped: Vec::new(),
        name: name.to_owned(),
        figures: last.into_iter().collect(),
        run,
    }
}

fn dot(
    (lane, name): (&Lane<'_>, &str),
    point: &MatchedPoint,
    quantity: &Quantity,
    estimate: &Estimate,
) -> Dot {
    let metric = &quantity.metric;
    let head = format!("{} {name}, {}", lane.label, point.spot.text);
    let interval = estimate.interval.map_or(String::new(), |(low, high)| {
        let words = estimate.interval_words();
        format!(", {words} {} to {}", metric.show(low), metric.show(high))
    });
    let repeats = estimate.repeats.iter().map(|&(repeat, value)| {
        let title = format!("{head}, repeat {}: {}", repeat + 1, metric.show(value));
        (title, point.across, value)
    });
    Dot {
        x: point.across,
        y: estimate.median,
        interval: estimate.interval.filter(|(low, _)| *low > 0.0),
        repeats: repeats.collect(),
        // Only points to be trusted on both sides are compared at all.
        verdict: Verdict::Valid,
        title: format!("{head}: {} {}{interval}", metric.name, metric.show(estimate.median)),
    }
}

/// After ÷ before, a row per point.
fn ratios(compared: &RunComparison, quantity: &Quantity) -> Outcome {
    let lanes = lanes(compared, quantity);
    if lanes.is_empty() {
        return Outcome::LeftOut(nothing(quantity));
    }
    let axis = Axis::of(&compared.before.info);
    let groups = lanes.iter().take(MOST).map(|lane| forest::Group {
        model: lane.model,
        heading: lane.label.clone(),
        rows: lane.points.iter().map(|(point, change)| row(&axis, point, change)).collect(),
    });
    let forest = Forest {
        groups: groups.collect(),
        column: axis.heading().to_owned(),
        title: format!("{}, after ÷ before (log)", words_of(quantity)),
    };
    let (Some(wide), Some(narrow)) = (forest.plot(Layout::WIDE), forest.plot(Layout::NARROW))
    else {
        return Outcome::LeftOut(nothing(quantity));
    };
    let kind = match compared.pairing {
        Pairing::Paired => "paired by repeat; dots: repeats; bar: 95\u{a0}% interval (t, on logs)",
        Pairing::Unpaired(_) => "not paired; bar: 95\u{a0}% interval (Welch, on logs)",
    };
    let better = if quantity.more_is_better { "above 1" } else { "below 1" };
    let subtitle = format!(
        "{} of the run after ÷ that of the run before, {kind}, or the range of the repeats where they are too few; {better} is better",
        words_of(quantity)
    );
    let title = compared.counted(quantity).unwrap_or_default();
    drawn(compared, quantity, (title, subtitle), (wide, narrow), &lanes)
}

fn row(axis: &Axis, point: &MatchedPoint, change: &Change) -> forest::Row {
    let ratio = &change.ratio;
    let alone = (ratio.ratio, ratio.ratio);
    forest::Row {
        name: axis.word(point.across),
        ratio: ratio.ratio,
        interval: ratio.interval,
        reach: ratio.interval.or(ratio.range).unwrap_or(alone),
        repeats: ratio.pairs.clone(),
        called: change.decision == Decision::Different,
        trusted: true,
    }
}

fn drawn(
    compared: &RunComparison,
    quantity: &Quantity,
    (title, subtitle): (String, String),
    (wide, narrow): (super::Plot, super::Plot),
    lanes: &[Lane<'_>],
) -> Outcome {
    let mut notes =
        vec!["Only points to be trusted in both runs are drawn; the rest is listed".to_owned()];
    if lanes.len() > MOST {
        notes.push(format!("Drawn: {MOST} models of {}; all are in the table", lanes.len()));
    }
    Outcome::Drawn(Box::new(Drawing {
        desc: desc(quantity, lanes),
        title,
        subtitle,
        context: format!("Before: {}. After: {}", side(&compared.before), side(&compared.after)),
        wide,
        narrow,
        notes,
        doubts: Vec::new(),
        source: source(compared),
        table: table(compared, quantity, lanes),
    }))
}

/// Scenario, revision and date of a run.
fn side(side: &Side) -> String {
    let environment = &side.info.environment;
    let revision = environment.revision.as_deref().unwrap_or("unknown revision");
    format!("{}, {revision}, {}", side.info.scenario.name, date(&side.info.started))
}

fn source(compared: &RunComparison) -> String {
    let (before, after) = (&compared.before, &compared.after);
    format!(
        "Source: loadgen compare {} {}, seeds {} and {}",
        before.name, after.name, before.info.scenario.seed, after.info.scenario.seed
    )
}

fn words_of(quantity: &Quantity) -> &'static str {
    if quantity.metric.key == THROUGHPUT.key { "Throughput" } else { "p99 latency" }
}

fn nothing(quantity: &Quantity) -> String {
    format!("no point has a {} in both runs", quantity.metric.name)
}

fn desc(quantity: &Quantity, lanes: &[Lane<'_>]) -> String {
    let mut text = format!("{} of two runs.", words_of(quantity));
    for lane in lanes {
        let figures: Vec<String> = lane
            .points
            .iter()
            .map(|(point, change)| {
                format!("{} {}, {}", point.spot.text, change.shown(), change.verdict())
            })
            .collect();
        let _ = write!(text, " {}: {}.", lane.label, figures.join("; "));
    }
    text
}

fn table(compared: &RunComparison, quantity: &Quantity, lanes: &[Lane<'_>]) -> DataTable {
    let axis = Axis::of(&compared.before.info);
    let metric = &quantity.metric;
    let cells = |(point, change): &(&MatchedPoint, &Change)| {
        let repeats: Vec<String> =
            change.ratio.pairs.iter().map(|(_, ratio)| format::digits(*ratio)).collect();
        let cells = vec![
            axis.word(point.across),
            change.before.show(metric),
            change.after.show(metric),
            format::ratio(change.ratio.ratio),
            change.evidence(),
            if repeats.is_empty() { format::MISSING.to_owned() } else { repeats.join(" · ") },
            change.words().to_owned(),
        ];
        TableRow { cells, trusted: true }
    };
    let groups = lanes.iter().map(|lane| TableGroup {
        model: lane.model,
        label: lane.label.clone(),
        rows: lane.points.iter().map(cells).collect(),
    });
    let columns =
        [axis.heading(), "before", "after", "after ÷ before", "interval", "repeats", "verdict"];
    DataTable { columns: columns.map(str::to_owned).to_vec(), groups: groups.collect() }
}
