//! Over time, inside the window: throughput by tenths in a closed loop; in an open loop offered and
//! achieved rate, requests in flight and response p99, slice by slice. The main chart of a run whose
//! rate changes in stages.

use std::fmt::Write as _;

use measurement::open::TimeSlice;
use measurement::row::{LoadKind, TrialRow};

use super::drawing::layout::Layout;
use super::drawing::multiples::{Across, Cell, Kind, Multiples, Quantity, Trace};
use super::prose::{notes, takeaway, words};
use super::{Chart, DataTable, Drawing, Outcome, TableGroup, TableRow};
use crate::analysis::{Analysis, Point, Series};
use crate::format::{self, Unit};
use crate::stats::median;

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "timeline", section: "Over time", short: "Over time", draw };

/// A model's point at the chart's level.
type Shown<'a> = (&'a Series, &'a Point);

fn draw(analysis: &Analysis) -> Outcome {
    let has: fn(&Point) -> bool = match analysis.load() {
        LoadKind::Closed => |point| point.rows_used().any(|row| tenths(row).is_some()),
        LoadKind::Open => |point| point.rows_used().any(|row| slices(row).len() > 1),
    };
    // A run in stages has one level, and is shown even where no trial of it is to be trusted.
    let level = takeaway::shared_level(analysis, has).or_else(|| {
        let levels = analysis.levels().into_iter().rev();
        levels
            .filter(|_| analysis.staged())
            .find(|level| analysis.series.iter().filter_map(|series| series.point(*level)).any(has))
    });
    let Some(level) = level else {
        return Outcome::LeftOut("no trial to be trusted has figures over time".to_owned());
    };
    let shown: Vec<Shown<'_>> = analysis
        .series
        .iter()
        .filter_map(|series| Some((series, series.point(level)?)))
        .filter(|(_, point)| has(point) && (point.trusted() || analysis.staged()))
        .collect();
    let drawn: Vec<Shown<'_>> =
        shown.iter().copied().filter(|(series, _)| series.again.is_none()).collect();
    let multiples = match analysis.load() {
        LoadKind::Closed => closed(&drawn),
        LoadKind::Open => open(&drawn),
    };
    let (Some(wide), Some(narrow)) = (multiples.plot(Layout::WIDE), multiples.plot(Layout::NARROW))
    else {
        return Outcome::LeftOut("nothing over time is above zero".to_owned());
    };
    Outcome::Drawn(Box::new(Drawing {
        title: title(analysis, level, &drawn),
        subtitle: subtitle(analysis, level, shown.len()),
        context: words::context(analysis),
        desc: desc(analysis, level, &drawn),
        wide,
        narrow,
        notes: remarks(analysis, &drawn),
        doubts: notes::doubts_at(analysis, level),
        source: words::source(analysis),
        table: data(analysis, &shown),
    }))
}

fn slices(row: &TrialRow) -> &[TimeSlice] {
    row.open.as_ref().map_or(&[], |open| &open.timeline)
}

/// (middle of the tenth in s, completions per second in it).
fn tenths(row: &TrialRow) -> Option<Vec<(f64, f64)>> {
    let counts = &row.completions_by_tenth;
    let length = row.duration_s.filter(|s| *s > 0.0)? / counts.len().max(1) as f64;
    let rate = |(at, count): (usize, &u64)| (length * (at as f64 + 0.5), *count as f64 / length);
    (counts.len() > 1).then(|| counts.iter().enumerate().map(rate).collect())
}

/// (share of the window that is over, completions ÷ those of the mean tenth); below 0 the warm-up,
/// as far as it was recorded.
fn of_mean(row: &TrialRow) -> Option<Vec<(f64, f64)>> {
    let counts = &row.completions_by_tenth;
    let mean = counts.iter().map(|n| *n as f64).sum::<f64>() / counts.len().max(1) as f64;
    let before = row.warmup_completions.len();
    let at = |slice: usize| (slice as f64 - before as f64 + 0.5) / counts.len() as f64;
    let all = row.warmup_completions.iter().chain(counts).enumerate();
    (counts.len() > 1 && mean > 0.0).then(|| all.map(|(i, n)| (at(i), *n as f64 / mean)).collect())
}

/// Where the time axis begins: 0, or where the longest warm-up that was recorded does.
fn beginning(shown: &[Shown<'_>]) -> f64 {
    let rows = shown.iter().flat_map(|(_, point)| point.rows_used());
    let slices = rows.map(|row| row.warmup_completions.len()).max().unwrap_or(0);
    -(slices as f64) / 10.0
}

fn closed(shown: &[Shown<'_>]) -> Multiples {
    let cell = |(series, point): &Shown<'_>| {
        let repeats: Vec<_> = point.rows_used().filter_map(of_mean).collect();
        Cell {
            model: (series.look, series.model.label.clone()),
            headed: true,
            quantity: 0,
            traces: traces(repeats),
        }
    };
    let cells: Vec<Cell> = shown.iter().map(cell).collect();
    Multiples {
        quantities: vec![Quantity {
            titles: vec!["Completions, of the window’s mean".to_owned()],
            unit: Unit::Share,
            log: false,
        }],
        columns: if cells.len() == 4 { 2 } else { cells.len().clamp(1, 3) },
        cells,
        span: (beginning(shown), 1.0),
        across: Across::Share,
    }
}

/// Every repeat, and their median where they have the same times.
fn traces(repeats: Vec<Vec<(f64, f64)>>) -> Vec<Trace> {
    let kind = if repeats.len() > 1 { Kind::Repeat } else { Kind::Median };
    let middle = (repeats.len() > 1).then(|| over(&repeats)).flatten();
    let mut traces: Vec<Trace> = repeats.into_iter().map(|points| Trace { points, kind }).collect();
    traces.extend(middle.map(|points| Trace { points, kind: Kind::Median }));
    traces
}

/// The median of repeats at the times that all of them have; windows differ by a little.
fn over(repeats: &[Vec<(f64, f64)>]) -> Option<Vec<(f64, f64)>> {
    let first = repeats.first()?;
    let apart = first.windows(2).map(|pair| pair[1].0 - pair[0].0).fold(f64::INFINITY, f64::min);
    let near = |a: f64, b: f64| (a - b).abs() < 0.25 * apart;
    let at = |&(x, _): &(f64, f64)| {
        let values: Option<Vec<f64>> = repeats
            .iter()
            .map(|points| points.iter().find(|point| near(point.0, x)).map(|point| point.1))
            .collect();
        Some((x, median(&values?)?))
    };
    Some(first.iter().filter_map(at).collect())
}

fn open(shown: &[Shown<'_>]) -> Multiples {
    /// A quantity over time and how to read it off a slice.
    type Of = fn(&TimeSlice) -> Option<f64>;
    let per_second = |count: u64, slice: &TimeSlice| {
        (slice.length_s > 0.0).then(|| count as f64 / slice.length_s)
    };
    let of: [Of; 3] = [
        |slice| (slice.length_s > 0.0).then(|| slice.completed as f64 / slice.length_s),
        |slice| Some(slice.in_flight),
        |slice| slice.p99_ms,
    ];
    let series_of = |row: &TrialRow, of: &dyn Fn(&TimeSlice) -> Option<f64>| {
        let middle = |slice: &TimeSlice| slice.at_s + slice.length_s / 2.0;
        let points = slices(row).iter().filter_map(|slice| Some((middle(slice), of(slice)?)));
        points.collect::<Vec<_>>()
    };
    let mut cells = Vec::new();
    for (series, point) in shown {
        for (quantity, of) in of.iter().enumerate() {
            let rows: Vec<_> =
                point.rows_used().map(|row| series_of(row, of)).filter(|p| !p.is_empty()).collect();
            let mut lines = traces(rows);
            if quantity == 0 {
                let due: Vec<_> = point
                    .rows_used()
                    .map(|row| series_of(row, &|slice| per_second(slice.due, slice)))
                    .collect();
                // Arrivals are the same in every model, not in every repeat: their median.
                let asked = over(&due).map(|points| Trace { points, kind: Kind::Asked });
                lines.extend(asked);
            }
            cells.push(Cell {
                model: (series.look, series.model.label.clone()),
                headed: quantity == 0,
                quantity,
                traces: lines,
            });
        }
    }
    let quantity = |titles: &[&str], unit, log| Quantity {
        titles: titles.iter().map(|title| (*title).to_owned()).collect(),
        unit,
        log,
    };
    let all = || shown.iter().flat_map(|(_, point)| point.rows_used()).flat_map(slices);
    Multiples {
        quantities: vec![
            quantity(
                &["Achieved per second; dashed: offered", "Achieved; dashed: offered, per second"],
                Unit::Rate,
                false,
            ),
            quantity(&["Requests in flight (log)"], Unit::Count, true),
            quantity(&["Response p99 of the slice (log)"], Unit::Milliseconds, true),
        ],
        cells,
        columns: 3,
        span: (
            all().map(|slice| slice.at_s).fold(0.0, f64::min),
            all().map(|slice| slice.at_s + slice.length_s).fold(0.0, f64::max),
        ),
        across: Across::Seconds,
    }
}

/// The highest p99 of any slice of any repeat.
fn worst_ms(point: &Point) -> Option<f64> {
    let values = point.rows_used().flat_map(slices).filter_map(|slice| slice.p99_ms);
    values.reduce(f64::max)
}

/// Second half of the window over its first, in completions, all repeats together.
fn drift(point: &Point) -> Option<f64> {
    let (mut first, mut second) = (0.0, 0.0);
    for row in point.rows_used() {
        let counts = &row.completions_by_tenth;
        let (a, b) = counts.split_at(counts.len() / 2);
        first += a.iter().map(|count| *count as f64).sum::<f64>();
        second += b[b.len() - a.len()..].iter().map(|count| *count as f64).sum::<f64>();
    }
    (first > 0.0 && second > 0.0).then(|| second / first)
}

fn title(analysis: &Analysis, level: f64, shown: &[Shown<'_>]) -> String {
    let opening = analysis.axis().opening(level);
    let head = if analysis.staged() { "Over the stages".to_owned() } else { opening };
    if analysis.load() == LoadKind::Closed {
        let most = shown
            .iter()
            .filter_map(|(series, point)| Some((series, drift(point)?)))
            .max_by(|a, b| a.1.ln().abs().total_cmp(&b.1.ln().abs()));
        return match most {
            Some((series, drift)) => format!(
                "{head} throughput moves by at most {} from the window’s first half to its second ({})",
                format::percent((drift - 1.0).abs()),
                series.model.label
            ),
            None => format!("{head}: throughput over the window"),
        };
    }
    let mut worst: Vec<(&Series, f64)> =
        shown.iter().filter_map(|(series, point)| Some((*series, worst_ms(point)?))).collect();
    worst.sort_by(|a, b| a.1.total_cmp(&b.1));
    let say = |(series, ms): &(&Series, f64)| {
        format!("{} under {}", format::millis(*ms), series.model.label)
    };
    match worst.as_slice() {
        [] => format!("{head}: the window over time"),
        [one] => format!("{head} a slice’s p99 reaches {}", say(one)),
        [least, .., most] if format::millis(least.1) == format::millis(most.1) => {
            let all = if worst.len() == 2 { "both" } else { "all" };
            let ms = format::millis(most.1);
            format!("{head} a slice’s p99 reaches {ms} under {all} models")
        }
        [least, .., most] => {
            format!("{head} a slice’s p99 reaches {}, {}", say(most), say(least))
        }
    }
}

fn subtitle(analysis: &Analysis, level: f64, shown: usize) -> String {
    let why = takeaway::why_level(analysis, shown);
    let stages = &analysis.run.scenario.stages;
    let place = if analysis.staged() {
        format!("Stages: {}", stages.join(", "))
    } else {
        format!("{}, {why}", analysis.axis().opening(level))
    };
    let what = match analysis.load() {
        LoadKind::Closed => "Completions in each tenth of the window",
        LoadKind::Open => "The window slice by slice",
    };
    format!("{what}. {place}. Thick: median of the repeats; thin: repeats")
}

fn remarks(analysis: &Analysis, shown: &[Shown<'_>]) -> Vec<String> {
    let windows = shown.iter().flat_map(|(_, point)| point.rows_used());
    let tenth_ms = windows.filter_map(|row| row.duration_s).fold(0.0, f64::max) * 1e3 / 10.0;
    let remark = match analysis.load() {
        LoadKind::Closed if beginning(shown) < 0.0 => {
            "Shaded: the warm-up, which no other figure counts"
        }
        LoadKind::Closed if analysis.run.scenario.warmup_ms < tenth_ms => {
            "The warm-up is shorter than a tenth of the window: too short to be drawn"
        }
        LoadKind::Closed => "The warm-up is not in this run’s files",
        LoadKind::Open => {
            "p99 of a slice: of the requests due in it; the maximum where fewer than 1,000 were"
        }
    };
    std::iter::once(remark.to_owned()).chain(notes::twins(analysis)).collect()
}

fn desc(analysis: &Analysis, level: f64, shown: &[Shown<'_>]) -> String {
    let mut text = match analysis.load() {
        LoadKind::Closed => "Throughput over the window, a panel per model.".to_owned(),
        LoadKind::Open => "A row per model: offered and achieved rate, requests in flight, response p99 over time.".to_owned(),
    };
    let _ = write!(text, " {}.", analysis.axis().opening(level));
    for (series, point) in shown {
        if let Some(ms) = worst_ms(point) {
            let _ = write!(
                text,
                " {}: p99 of a slice at most {}.",
                series.model.label,
                format::millis(ms)
            );
        }
    }
    text
}

fn data(analysis: &Analysis, shown: &[Shown<'_>]) -> DataTable {
    if analysis.load() == LoadKind::Open {
        return slice_table(shown);
    }
    let heading = (1..=10).map(|tenth| format!("tenth {tenth}"));
    let groups = shown.iter().map(|(series, point)| {
        let row = |row: &TrialRow| {
            let mut cells = vec![(row.repeat + 1).to_string()];
            let rates = tenths(row).unwrap_or_default();
            let cell = |at| {
                rates.get(at).map_or(format::MISSING.to_owned(), |(_, rps)| format::rate(*rps))
            };
            cells.extend((0..10).map(cell));
            TableRow { cells, trusted: row.verdict.trusted() }
        };
        group(series, point.rows_used().map(row).collect())
    });
    DataTable {
        columns: std::iter::once("repeat".to_owned()).chain(heading).collect(),
        groups: groups.collect(),
    }
}

fn slice_table(shown: &[Shown<'_>]) -> DataTable {
    let columns = ["from", "repeat", "offered", "achieved", "shed", "in flight", "p99"];
    let cells = |row: &TrialRow, slice: &TimeSlice| {
        let rate = |count: u64| match slice.length_s {
            length if length > 0.0 => format::rate(count as f64 / length),
            _ => format::MISSING.to_owned(),
        };
        vec![
            format::millis_fine(slice.at_s * 1e3),
            (row.repeat + 1).to_string(),
            rate(slice.due),
            rate(slice.completed),
            format::count(slice.shed as f64),
            format::number(slice.in_flight),
            slice.p99_ms.map_or(format::MISSING.to_owned(), format::millis),
        ]
    };
    let groups = shown.iter().map(|(series, point)| {
        let rows = point.rows_used().flat_map(|row| {
            let trusted = row.verdict.trusted();
            slices(row).iter().map(move |slice| TableRow { cells: cells(row, slice), trusted })
        });
        group(series, rows.collect())
    });
    DataTable { columns: columns.map(str::to_owned).to_vec(), groups: groups.collect() }
}

fn group(series: &Series, rows: Vec<TableRow>) -> TableGroup {
    TableGroup { model: series.look, label: series.model.label.clone(), rows }
}
