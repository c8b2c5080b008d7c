//! `summary.md`: the report for a pull request or a terminal.
//!
//! GitHub's Markdown, with tables padded so that they read as text too. Figures and sentences come
//! from the verdict and the findings; nothing is concluded here.

mod calibration;
mod comparison;
mod escape;
mod health;
mod table;

use std::fmt::Write as _;

use measurement::row::LoadKind;

use crate::analysis::metric::{
    ADDED_P99, CPU_PER_REQUEST, LAG_P99, LATENCY_P50, LATENCY_P99, Metric, RSS_PEAK, SERVICE_P99,
    SHED_SHARE, THREADS_PEAK, THROUGHPUT,
};
use crate::analysis::{Analysis, Axis, connections, law, swept_words};
use crate::charts::Outcome;
use crate::findings::Finding;
use crate::format::{self, NBSP};
use crate::output::Report;
use crate::precision;
use crate::sentence::Span;
pub(crate) use comparison::compared;
use escape::escaped;
use table::{Align, Table};

/// The text of `summary.md`.
pub fn render(report: &Report) -> String {
    let analysis = &report.analysis;
    let run = &analysis.run;
    let mut parts = vec![
        format!("# {}", escaped(&run.scenario.title)),
        format!("**{}**", sentence(&report.headline, analysis, false)),
    ];
    parts.extend(run.scenario.reason.as_ref().map(|reason| format!("Why: {}", escaped(reason))));
    parts.push(under_what(analysis));
    parts.extend(analysis.notes.iter().map(|note| format!("> {}", escaped(note))));
    parts.push(verdict_table(report));
    parts.extend(findings(report));
    parts.extend(charts(report));
    parts.push("## Every level".to_owned());
    parts.push(levels(analysis));
    parts.extend(health::sections(analysis));
    parts.join("\n\n") + "\n"
}

/// Load, waits, repeats and seed in a line.
fn under_what(analysis: &Analysis) -> String {
    let scenario = &analysis.run.scenario;
    let load = Axis::loads(scenario.load);
    let level = |at: Option<&f64>| at.map(|level| load.word(*level));
    let ends = level(scenario.levels.first()).zip(level(scenario.levels.last()));
    let load = match (scenario.load, ends) {
        (kind, Some(_)) if analysis.staged() => {
            format!("{} loop, stages: {}", kind.name(), escaped(&scenario.stages.join(", ")))
        }
        (kind, Some((low, high))) if low == high => {
            let at = scenario.levels.first().map(|level| load.at(*level)).unwrap_or_default();
            format!("{} loop, {at}", kind.name())
        }
        (LoadKind::Closed, Some((low, high))) => format!("closed loop, N = {low} to {high}"),
        (LoadKind::Open, Some((low, high))) => format!("open loop, {low} to {high}"),
        (load, None) => format!("{} loop", load.name()),
    };
    let upstreams = scenario.upstreams.iter().map(|upstream| {
        let law = format!("{} {}", upstream.name, law(scenario, upstream));
        let words: Vec<&str> =
            [law.as_str()].into_iter().chain(upstream.faults.iter().map(String::as_str)).collect();
        escaped(&words.join(", "))
    });
    let quick = if analysis.run.quick { ", shortened by --quick" } else { "" };
    let repeats = precision::repeats(analysis);
    let parts: Vec<String> = [load]
        .into_iter()
        .chain(swept_words(&analysis.run).map(|words| escaped(&words)))
        .chain(upstreams)
        .chain([
            format!("deadline {}", format::millis(scenario.timeout_ms)),
            format!("connections {}", escaped(connections(scenario))),
            format!("{repeats}{quick}"),
            format!("seed {}", scenario.seed),
            escaped(&format::date(&analysis.run.started)),
        ])
        .collect();
    parts.join(" · ")
}

fn verdict_table(report: &Report) -> String {
    let (highest, at) = crate::html::heads(&report.analysis);
    let open = report.analysis.open();
    let mut columns = vec![
        ("model", Align::Left),
        (highest, Align::Right),
        (at.as_str(), Align::Right),
        ("p50 there", Align::Right),
        ("p99 there", Align::Right),
    ];
    if open {
        columns.extend([("shed there", Align::Right), ("lag p99 there", Align::Right)]);
    }
    columns.extend([
        ("CPU per request", Align::Right),
        ("threads", Align::Right),
        ("peak memory", Align::Right),
        ("bound by", Align::Left),
    ]);
    let mut table = Table::new(&columns);
    // Below the table: beside the figures they would make it wider than any terminal.
    let mut flagged = String::new();
    for row in report.verdict.table() {
        let flags: Vec<&str> = row.flags.iter().map(|flag| flag.text.as_str()).collect();
        if !flags.is_empty() {
            let (label, flags) = (escaped(&row.label), escaped(&flags.join("; ")));
            // Writing into a string does not fail.
            let _ = write!(flagged, "\n- **{label}**: {flags}");
        }
        let mut cells = vec![escaped(&row.label), row.throughput, row.level, row.p50, row.p99];
        if open {
            cells.extend([row.shed, row.lag]);
        }
        cells.extend([row.cpu, row.threads, row.memory, row.bound]);
        table.row(cells);
    }
    let flagged =
        if flagged.is_empty() { flagged } else { format!("\n\nWhat to know of them:\n{flagged}") };
    format!("{}\n\nMedians over the repeats.{}{flagged}", table.render(), slo_line(report))
}

fn slo_line(report: &Report) -> String {
    let Some(slo) = &report.verdict.slo else { return String::new() };
    let met = &report.verdict.slo_met_by;
    let who = if met.is_empty() {
        "no model".to_owned()
    } else {
        let labels: Vec<String> = met.iter().map(|label| escaped(label)).collect();
        format::list(&labels)
    };
    format!(" Objective: {}; met by {who}.", slo.objective.words())
}

fn findings(report: &Report) -> Vec<String> {
    if report.findings.is_empty() {
        return Vec::new();
    }
    let line = |finding: &Finding| {
        let figure = &finding.figure;
        // What is no difference is not bold: the eye finds the differences.
        let figure = if finding.different { format!("**{figure}**") } else { figure.clone() };
        format!("- {figure}: {}", sentence(&finding.sentence, &report.analysis, true))
    };
    let lines: Vec<String> = report.findings.iter().map(line).collect();
    let how = "Each line leads with its figure; bold: a difference or a limit, plain: no \
               difference to call. Ratios are paired by repeat, intervals are t intervals of the \
               mean of logs; those of throughput and p99 are called only after Holm's correction \
               over levels and pairs, the others are exploratory. Fewer than three repeats give \
               their range and no call.";
    vec!["## Findings".to_owned(), lines.join("\n"), how.to_owned()]
}

fn charts(report: &Report) -> Vec<String> {
    let (mut parts, mut left_out) = (Vec::new(), Vec::new());
    for (chart, outcome) in &report.charts {
        match outcome {
            Outcome::Drawn(drawing) => parts.push(format!(
                "## {}\n\n{}",
                chart.section,
                picture(chart.key, &drawing.title)
            )),
            Outcome::LeftOut(why) => {
                let why = why.trim_end_matches('.');
                left_out.push(format!("- {}: {}.", chart.section, escaped(why)));
            }
        }
    }
    if !left_out.is_empty() {
        parts.push(format!("Without a chart, and why:\n\n{}", left_out.join("\n")));
    }
    parts
}

/// A chart's two files, one of which a reader gets to see.
fn picture(key: &str, title: &str) -> String {
    format!(
        "<picture>\n  <source media=\"(prefers-color-scheme: dark)\" \
         srcset=\"charts/dark/{key}.svg\">\n  <img alt=\"{}\" src=\"charts/{key}.svg\" \
         width=\"960\">\n</picture>",
        escape::attribute(title)
    )
}

/// What the table of levels shows beside throughput.
const SHOWN: [Metric; 6] =
    [LATENCY_P50, LATENCY_P99, ADDED_P99, CPU_PER_REQUEST, THREADS_PEAK, RSS_PEAK];

/// The same for an open loop alone.
const SHOWN_OPEN: [Metric; 3] = [SERVICE_P99, LAG_P99, SHED_SHARE];

/// Model by level: the figures behind the charts.
fn levels(analysis: &Analysis) -> String {
    let level = analysis.axis().heading();
    let mut columns = vec![("model", Align::Left), (level, Align::Right)];
    columns.extend([("throughput", Align::Right), ("95 % interval", Align::Right)]);
    let shown: Vec<Metric> =
        if analysis.open() { [&SHOWN[..], &SHOWN_OPEN].concat() } else { SHOWN.to_vec() };
    columns.extend(shown.iter().map(|metric| (metric.name, Align::Right)));
    columns.extend([("trials", Align::Right), ("verdict", Align::Left)]);
    let mut table = Table::new(&columns);
    for series in &analysis.series {
        for point in &series.points {
            let throughput = point.estimate(&THROUGHPUT);
            let missing = || format::MISSING.to_owned();
            let interval = throughput.as_ref().and_then(|estimate| estimate.interval);
            let mut cells = vec![
                escaped(&series.model.label),
                analysis.axis().word(point.level),
                throughput.map_or_else(missing, |estimate| format::rate(estimate.median)),
                interval.map_or_else(missing, |(low, high)| {
                    format!("{} to {}", format::kilo(low), format::kilo(high))
                }),
            ];
            cells.extend(shown.iter().map(|metric| point.show(metric).unwrap_or_else(missing)));
            cells.push((point.rows.len() - point.untrusted_rows()).to_string());
            cells.push(point.verdict.name().to_owned());
            table.row(cells);
        }
    }
    if table.is_empty() {
        return "No trial ended.".to_owned();
    }
    format!(
        "{}\n\nMedians over the trusted trials (their number under “trials”; all, where none is \
         trusted). Pooled: the percentile of the requests of all repeats together, where one has \
         too few. {missing}{NBSP}: not measured, or too few requests for the percentile.",
        table.render(),
        missing = format::MISSING
    )
}

/// A sentence with models in bold (unless all of it is) and muted words in italics.
fn sentence(spans: &[Span], analysis: &Analysis, bold: bool) -> String {
    let label = |index: usize| {
        let label = analysis.series.get(index).map_or("?", |series| &series.model.label);
        if bold { format!("**{}**", escaped(label)) } else { escaped(label) }
    };
    spans
        .iter()
        .map(|span| match span {
            Span::Text(words) => escaped(words),
            Span::Model(index) => label(*index),
            Span::Muted(words) => format!("_{}_", escaped(words)),
        })
        .collect()
}

#[cfg(test)]
mod tests;
