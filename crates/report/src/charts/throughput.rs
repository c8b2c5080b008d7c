//! Throughput over the levels, with what the upstream's own time would allow and each model's ceilings.

use std::fmt::Write as _;

use measurement::row::LoadKind;

use super::drawing::curve::{Curve, MEDIAN_LINE};
use super::drawing::layout::Layout;
use super::drawing::reference::Reference;
use super::drawing::sheet::{Panel, Sheet, crosses};
use super::prose::{notes, over_sweep, table, takeaway, words};
use super::{Chart, DataTable, Drawing, Outcome};
use crate::analysis::metric::{CPU_UTILISATION, EFFICIENCY, THROUGHPUT};
use crate::analysis::{
    Analysis, Axis, Place, Series, cores_words, cpu_ceiling_rps, pool_ceiling_rps,
};
use crate::format::{self, Unit};

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "throughput", section: "Throughput", short: "Throughput", draw };

/// Times the highest throughput that a ceiling over a single level is drawn up to.
const FAR: f64 = 2.5;

fn draw(analysis: &Analysis) -> Outcome {
    if analysis.staged() {
        return Outcome::LeftOut(
            "the rate changes in stages inside each trial, which is drawn over time".to_owned(),
        );
    }
    let load = analysis.load();
    let axis = analysis.axis();
    let curves: Vec<Curve> = analysis.series.iter().map(|series| curve(series, axis)).collect();
    let mut notes = notes::dropped(analysis, "throughput", &curves);
    if analysis.own_floors() && !analysis.open() {
        let words =
            "No ideal is drawn: each value of the sweep has one of its own, which the table gives";
        notes.push(words.to_owned());
    }
    let mut panel = Panel::new(Unit::Rate, curves);
    if panel.empty() {
        return Outcome::LeftOut("no trial has a throughput".to_owned());
    }
    panel.crosses = crosses(analysis, &panel.curves);
    panel.references = references(analysis);
    if analysis.one_level().is_some() {
        // In rows a ceiling far beyond the data would take their room.
        let most = panel.curves.iter().flat_map(Curve::values).fold(0.0, f64::max);
        panel.references.retain(
            |reference| !matches!(reference, Reference::Ceiling { at, .. } if *at > FAR * most),
        );
    }
    notes.extend(unlabelled(analysis, &panel.references));
    let sheet = Sheet {
        panels: vec![panel],
        shared: Some(match load {
            LoadKind::Closed => "Requests per second (log)".to_owned(),
            LoadKind::Open => "Achieved requests per second (log)".to_owned(),
        }),
        axis: axis.clone(),
        levels: analysis.levels(),
        cited: cited(analysis),
        heights: (390.0, 315.0),
        label_width: 0.0,
        remark: remark(analysis),
    };
    let (Some(wide), Some(narrow)) = (sheet.plot(Layout::WIDE), sheet.plot(Layout::NARROW)) else {
        return Outcome::LeftOut("no throughput is above zero".to_owned());
    };
    Outcome::Drawn(Box::new(Drawing {
        title: title(analysis),
        subtitle: format!(
            "Requests per second {}. {}",
            words::against(analysis),
            words::repeats(analysis)
        ),
        context: words::context(analysis),
        desc: desc(analysis),
        wide,
        narrow,
        notes,
        doubts: notes::doubts(analysis),
        source: words::source(analysis),
        table: table(analysis),
    }))
}

/// The label says the peak, not the end.
fn curve(series: &Series, axis: &Axis) -> Curve {
    let mut curve = Curve::of(series, &THROUGHPUT, axis, MEDIAN_LINE);
    if let Some(peak) = series.peak().filter(|_| axis.is_load()) {
        let (rate, at) = (format::rate(peak.throughput.median), axis.label(peak.point.level));
        curve.figures = vec![format!("max {rate} at {at}")];
    }
    curve
}

fn cited(analysis: &Analysis) -> Vec<f64> {
    let peaks = analysis.series.iter().filter_map(|s| s.peak().map(|peak| peak.point.level));
    peaks.chain(takeaway::likeness(analysis).map(|likeness| likeness.level)).collect()
}

fn references(analysis: &Analysis) -> Vec<Reference> {
    let mut references = Vec::new();
    let line: Vec<(f64, f64)> = analysis
        .levels()
        .into_iter()
        .filter_map(|level| {
            // Of what was offered, all.
            let ideal = if analysis.open() { Some(level) } else { analysis.ideal_rps(level) };
            Some((level, ideal?))
        })
        .collect();
    if !line.is_empty() {
        let rising = analysis.axis().is_load();
        references.push(Reference::Ideal { line, labels: ideal_labels(analysis), rising });
    }
    // Between words there is no line.
    let joined = !analysis.axis().categories();
    for series in &analysis.series {
        references.extend(if series.swept { cap(series, joined) } else { ceilings(series) });
    }
    references
}

/// Ceilings that may stand without words of their own: short lines in rows, and those that slope
/// among the data.
fn unlabelled(analysis: &Analysis, references: &[Reference]) -> Option<String> {
    let some = references.iter().any(|reference| match reference {
        Reference::Cap { .. } => true,
        Reference::Ceiling { .. } => analysis.one_level().is_some(),
        _ => false,
    });
    let words = "Dotted, in a model’s colour: the most that its CPU, or its pool, would allow";
    some.then(|| words.to_owned())
}

fn ideal_labels(analysis: &Analysis) -> Vec<String> {
    if analysis.load() == LoadKind::Open {
        return vec!["achieved = offered".to_owned(), "offered".to_owned()];
    }
    let floors: Vec<f64> =
        analysis.levels().into_iter().filter_map(|l| analysis.floor_mean_ms(l)).collect();
    let mut labels = Vec::new();
    if let Some(load) = analysis.axis().fixed_load() {
        labels.push(format!("ideal: {load} ÷ the upstream’s own time"));
    } else if !analysis.axis().is_load() {
        labels.push("ideal: requests in flight ÷ the upstream’s own time".to_owned());
    } else if let Some(mean) = crate::stats::median(&floors) {
        let mean = format::millis(mean);
        labels.push(format!("ideal, Little’s law: N ÷ {mean}"));
        labels.push(format!("ideal: N ÷ {mean}"));
    }
    labels.push("ideal".to_owned());
    labels
}

/// Over a sweep each value has ceilings of its own: the lower of pool and CPU, as a line; where only
/// one value has any, or values are words, nothing.
fn cap(series: &Series, joined: bool) -> Option<Reference> {
    let pooled = series.pool_ceiling_rps().is_some();
    let line: Vec<(f64, f64)> = series
        .trusted_points()
        .filter_map(|point| {
            let (pool, cpu) = (pool_ceiling_rps(point), cpu_ceiling_rps(point));
            let least = [pool, cpu].into_iter().flatten().reduce(f64::min)?;
            Some((point.level, least))
        })
        .collect();
    let what = if pooled { "pool or CPU" } else { "CPU" };
    let labels = vec![
        format!("ceiling of {}: {what}", series.model.label),
        format!("ceiling of {}", series.model.label),
        format!("{what} ceiling"),
    ];
    (line.len() > 1 && joined).then_some(Reference::Cap { model: series.look, line, labels })
}

/// The lower of a model's pool and CPU ceilings: the one that binds.
fn ceilings(series: &Series) -> Option<Reference> {
    let model = series.look;
    let cpu = series.cpu_ceiling();
    let pool = series.pool_ceiling_rps();
    match (pool, cpu) {
        (Some(pool), cpu) if cpu.is_none_or(|cpu| pool <= cpu.rps) => {
            let rate = format::rate(pool);
            let labels = vec![
                format!("pool ceiling of {}: {rate}", series.model.label),
                format!("pool {rate}"),
            ];
            Some(Reference::Ceiling { model, at: pool, labels })
        }
        (_, Some(cpu)) => {
            let cores = cores_words(cpu.cores);
            let (cost, rate) = (format::micros(cpu.cpu_us_per_request), format::rate(cpu.rps));
            let labels = vec![
                format!("CPU ceiling: {cores} ÷ {cost} = {rate}"),
                format!("{cores} ÷ {cost} = {rate}"),
                format!("CPU {rate}"),
            ];
            Some(Reference::Ceiling { model, at: cpu.rps, labels })
        }
        _ => None,
    }
}

/// Where baseline and rival part, if they do: how far apart they still are there.
fn remark(analysis: &Analysis) -> Option<(f64, f64, String)> {
    if analysis.open() {
        return overload(analysis);
    }
    takeaway::lead(analysis)?;
    let likeness = takeaway::likeness(analysis)?;
    let rival = takeaway::rival(analysis)?;
    let comparison = analysis.comparison(&THROUGHPUT, rival.index, Place::Level(likeness.level))?;
    let apart = (comparison.ratio.ratio - 1.0).abs();
    let value = rival.point(likeness.level)?.median(&THROUGHPUT)?;
    let how = likeness.how.trim_start_matches("are ");
    let at = analysis.axis().label(likeness.level);
    let words = format!("{how} up to here: {} apart at {at}", format::percent(apart));
    Some((likeness.level, value, words))
}

/// Where the first model stops keeping up.
fn overload(analysis: &Analysis) -> Option<(f64, f64, String)> {
    let with = analysis.series.iter().filter_map(|series| Some((series, series.capacity()?)));
    let (series, first) = with
        .filter(|(_, capacity)| capacity.fails_at_rps.is_some())
        .min_by(|a, b| a.1.offered_rps.total_cmp(&b.1.offered_rps))?;
    let kept = format::rate_full(first.offered_rps);
    let words = format!("{} has no steady state past {kept}", series.model.label);
    Some((first.offered_rps, first.achieved_rps, words))
}

fn title(analysis: &Analysis) -> String {
    if let Some(title) = takeaway::capacities(analysis) {
        return title;
    }
    let Some(base) = analysis.baseline() else {
        return "No throughput to be trusted was measured".to_owned();
    };
    if !analysis.axis().is_load() {
        let title = over_sweep::title(analysis, &THROUGHPUT, "throughput");
        return title.unwrap_or_else(|| at_one_value(analysis, base));
    }
    let label = &base.model.label;
    let peak = base.peak().map(|peak| format::kilo(peak.throughput.median)).unwrap_or_default();
    let likeness = takeaway::likeness(analysis);
    if let Some(lead) = takeaway::lead(analysis) {
        let ratio = format::ratio(lead.ratio.ratio);
        let over = &analysis.series[lead.over].model.label;
        let head = if takeaway::measured(analysis).len() == 2 {
            format!("{label} reaches {ratio} the throughput")
        } else {
            format!("{label} reaches {peak} requests/s, {ratio} {over}")
        };
        return match likeness {
            Some(likeness) => format!("{head}; {}", likeness.clause(analysis)),
            None => head,
        };
    }
    match likeness {
        Some(likeness) => {
            format!("{label} reaches {peak} requests/s; {}", likeness.clause(analysis))
        }
        None if takeaway::rival(analysis).is_none() => format!("{label} reaches {peak} requests/s"),
        None => format!("{label} reaches {peak} requests/s; no lead to call"),
    }
}

/// What the baseline serves, where nothing can be said of the sweep as a whole.
fn at_one_value(analysis: &Analysis, base: &Series) -> String {
    let highest = base.peak().map(|peak| (peak.throughput.median, peak.point.level));
    match highest {
        Some((rps, level)) => {
            let at = analysis.axis().amid(level);
            format!("{} serves {} {at}", base.model.label, format::rate(rps))
        }
        None => "No throughput to be trusted was measured".to_owned(),
    }
}

fn desc(analysis: &Analysis) -> String {
    let mut text =
        format!("Throughput {}, {}.", words::against(analysis), analysis.axis().scales());
    for series in &analysis.series {
        match series.peak() {
            Some(peak) => {
                let (rate, at) = (
                    format::rate_full(peak.throughput.median),
                    analysis.axis().at(peak.point.level),
                );
                let _ = write!(text, " {} reaches at most {rate}, at {at}.", series.model.label);
            }
            None => {
                let _ = write!(text, " {} has no throughput to be trusted.", series.model.label);
            }
        }
    }
    if let Some(lead) = takeaway::lead(analysis) {
        let (over, ratio) =
            (&analysis.series[lead.over].model.label, format::ratio(lead.ratio.ratio));
        let interval =
            lead.ratio.interval.map(|i| format!(", 95 % interval {}", format::interval(i)));
        let _ = write!(
            text,
            " Highest over highest, the lead over {over} is {ratio}{}.",
            interval.unwrap_or_default()
        );
    }
    text
}

fn table(analysis: &Analysis) -> DataTable {
    let columns = ["median", "95 % interval", "repeats", "ideal", "of ideal", "CPU used"];
    table::by_level(analysis, &columns, |series, point| {
        let estimate = point.estimate(&THROUGHPUT);
        let show = |value: Option<f64>| value.map_or(format::MISSING.to_owned(), format::rate_full);
        vec![
            show(estimate.as_ref().map(|e| e.median)),
            table::interval(estimate.as_ref(), format::rate_full),
            table::repeats(estimate.as_ref(), format::rate_full),
            show(analysis.ideal_rps_of(series, point.level)),
            table::median(point, &EFFICIENCY),
            table::median(point, &CPU_UTILISATION),
        ]
    })
}
